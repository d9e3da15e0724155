// What a tab keeps of a turn, and a turn that is asked again as it is written.
import assert from "node:assert/strict";
import test from "node:test";

import { asAsked, literally } from "../../chat/page/js/turns.js";

test("a turn is kept with its filters, and as written where it was asked so", () => {
  assert.deepEqual(asAsked("Why?", { since: "2023" }), { question: "Why?", since: "2023" });
  assert.deepEqual(asAsked("Why?", { literally: "true" }), { question: "Why?", literally: true });
  assert.deepEqual(asAsked("Why?", { literally: "yes" }), { question: "Why?" });
});

test("it is asked again as written in its place, or as a new one", () => {
  const asked = asAsked("Why?", { author: "Lee" });
  assert.deepEqual(literally(asked, 2), { question: "Why?", author: "Lee", literally: true, turn: 2 });
  assert.equal(literally(asked, null).turn, null);
});
