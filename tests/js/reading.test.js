// The opened article and the table of articles: from one place to the next, and in which order.
import assert from "node:assert/strict";
import test from "node:test";

import { orderedBy } from "../../chat/page/js/shelf.js";
import { markFor, stepFrom } from "../../chat/page/js/steps.js";

test("behind the last place comes the first, and before the first the last", () => {
  assert.deepEqual([0, 1, 2].map((at) => stepFrom(at, 1, 3)), [1, 2, 0]);
  assert.deepEqual([0, 1, 2].map((at) => stepFrom(at, -1, 3)), [2, 0, 1]);
});

test("what belongs to the place that is shown is marked more strongly", () => {
  assert.equal(markFor("0 2", 2), "cited");
  assert.equal(markFor("0 12", 2), "also");
  assert.equal(markFor("", 0), null);
});

test("a column is sorted upwards first, then the other way round", () => {
  const begun = { search: "lee", order: "title", down: false };
  const byDate = orderedBy(begun, "published");
  assert.deepEqual(byDate, { search: "lee", order: "published", down: false });
  assert.deepEqual(orderedBy(byDate, "published"), { search: "lee", order: "published", down: true });
  assert.deepEqual(orderedBy(orderedBy(byDate, "published"), "published"), byDate);
  assert.deepEqual(orderedBy(begun, "title"), { ...begun, down: true });
});
