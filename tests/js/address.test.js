// What is open, in the address of the page.
import assert from "node:assert/strict";
import test from "node:test";

import { addressOf, wantedIn } from "../../chat/page/js/address.js";

const PAGE = "http://127.0.0.1:7860/?article=old.txt&__theme=dark";

test("an address names the article and its lines, and nothing else", () => {
  assert.equal(addressOf(PAGE, "2023/été & more.txt", "10-12"), "http://127.0.0.1:7860/?article=2023%2F%C3%A9t%C3%A9+%26+more.txt&lines=10-12");
  assert.equal(addressOf(PAGE, "a.txt", undefined), "http://127.0.0.1:7860/?article=a.txt");
  assert.equal(addressOf(PAGE, undefined, undefined), "http://127.0.0.1:7860/");
});

test("what an address names is what it was made of", () => {
  for (const article of ["a.txt", "2023/été & more#1.txt", "100%.txt"]) {
    const { search } = new URL(addressOf(PAGE, article, "3"));
    assert.deepEqual(wantedIn(search), { article, lines: "3" });
  }
  assert.deepEqual(wantedIn("?article=a.txt"), { article: "a.txt", lines: "" });
  assert.equal(wantedIn("?lines=3"), null);
  assert.equal(wantedIn(""), null);
});
