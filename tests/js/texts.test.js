// What the page says of its state.
import assert from "node:assert/strict";
import test from "node:test";

import { editingText, filterText, stepText, waitingText } from "../../chat/page/js/texts.js";

test("which articles are asked", () => {
  const none = { since: "", until: "", author: "", article: "" };
  assert.equal(filterText(none), "");
  assert.equal(filterText({ ...none, article: "deep/harbour.md" }), "Only in deep/harbour.md");
  assert.equal(
    filterText({ since: "2023-01-01", until: "2023-12-31", author: "Lee", article: "2023/*" }),
    "Only from 2023-01-01, to 2023-12-31, by Lee, in 2023/*",
  );
});

test("how many questions wait", () => {
  assert.deepEqual([0, 1, 2, 12].map(waitingText), [
    "",
    "A question waits for its turn.",
    "2 questions wait for their turns.",
    "12 questions wait for their turns.",
  ]);
});

test("which question is asked again, counted from 1", () => {
  assert.equal(editingText(0), "Asking question 1 again; what came after it goes.");
});

test("which marked place is shown", () => {
  assert.equal(stepText(0, 1, "10"), "line 10");
  assert.equal(stepText(0, 1, "25-27"), "lines 25-27");
  assert.equal(stepText(1, 3, "10"), "2 of 3 · line 10");
});
