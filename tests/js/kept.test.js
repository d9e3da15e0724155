// The questions that a tab keeps.
import assert from "node:assert/strict";
import test from "node:test";

import { keptIn } from "../../chat/page/js/kept.js";

/** What a browser has as sessionStorage. */
function storage() {
  const items = new Map();
  return { getItem: (name) => items.get(name) ?? null, setItem: (name, value) => items.set(name, String(value)) };
}

test("what was written is read", () => {
  const tab = storage();
  assert.deepEqual(keptIn(() => tab).read(), []);
  keptIn(() => tab).write([{ question: "Why?", since: "2023" }]);
  assert.deepEqual(keptIn(() => tab).read(), [{ question: "Why?", since: "2023" }]);
  assert.equal(tab.getItem("articleqa.questions"), '[{"question":"Why?","since":"2023"}]');
});

test("without storage, or with something else in it, a reload begins anew", () => {
  const refused = keptIn(() => {
    throw new Error("SecurityError");
  });
  refused.write([{ question: "Why?" }]);
  assert.deepEqual(refused.read(), []);
  const tab = storage();
  tab.setItem("articleqa.questions", "no JSON");
  assert.deepEqual(keptIn(() => tab).read(), []);
});
