// What waits to be sent: one after the other, kept for a reload, and asked later where it came too fast.
import assert from "node:assert/strict";
import test from "node:test";

import { Queue } from "../../chat/page/js/queue.js";

/** A queue with what it has sent, what it has kept, and a clock that is moved by hand. */
function queued() {
  const sent = [];
  const kept = [];
  const due = new Map();
  const timers = {
    setTimeout: (run, ms) => due.set(due.size + 1, { run, ms }).size,
    clearTimeout: (timer) => due.delete(timer),
  };
  const queue = new Queue({
    ask: (entry) => sent.push(entry.question),
    keep: (all) => kept.push(all.map((entry) => entry.question)),
    show: () => {},
    timers,
  });
  const rest = () => {
    const [[timer, { run, ms }]] = due;
    due.delete(timer);
    run();
    return ms;
  };
  return { queue, sent, kept, due, rest };
}

const question = (text, more = {}) => ({ question: text, ...more });

test("a question is sent at once, the next ones when the server is done", () => {
  const { queue, sent, rest } = queued();
  queue.add(question("One?"));
  assert.equal(queue.busy, true);
  queue.add(question("Two?"));
  queue.add(question("Three?"));
  assert.deepEqual(sent, ["One?"]);
  assert.deepEqual(queue.waiting.map((entry) => entry.question), ["Two?", "Three?"]);
  queue.shows([question("One?")]);
  queue.done();
  assert.equal(rest(), 0);
  assert.deepEqual(sent, ["One?", "Two?"]);
  queue.done();
  rest();
  queue.done();
  rest();
  assert.deepEqual(sent, ["One?", "Two?", "Three?"]);
  assert.equal(queue.busy, false);
});

test("what is shown, looked up and waits is kept, each once", () => {
  const { queue, kept } = queued();
  queue.add(question("One?"));
  queue.add(question("Two?"));
  assert.deepEqual(kept.at(-1), ["One?", "Two?"]);
  queue.shows([question("One?")]);
  assert.deepEqual(kept.at(-1), ["One?", "Two?"]);
  assert.equal(queue.unseen, null);
});

test("something else than a question waits too, and is not kept", () => {
  const { queue, sent, kept, rest } = queued();
  queue.add(question("One?"));
  queue.add(() => sent.push("a thumb"));
  assert.equal(queue.waiting.length, 0);
  assert.deepEqual(kept.at(-1), ["One?"]);
  queue.done();
  rest();
  assert.deepEqual(sent, ["One?", "a thumb"]);
  assert.equal(queue.unseen, null);
});

test("a question that never came to the page is told", () => {
  const { queue } = queued();
  queue.add(question("One?"));
  assert.equal(queue.unseen.question, "One?");
  queue.done();
  assert.equal(queue.unseen, null);
});

test("a kept question that came too fast is asked again after the wait", () => {
  const { queue, sent, kept, rest } = queued();
  queue.add(question("One?", { kept: true }));
  queue.add(question("Two?", { kept: true }));
  assert.equal(queue.shows([], { wait: "50" }), true);
  assert.deepEqual(kept.at(-1), ["One?", "Two?"]);
  queue.done();
  assert.equal(rest(), 50_000);
  assert.deepEqual(sent, ["One?", "One?"]);
  queue.done();
  assert.equal(rest(), 0); // the pause was for that one only
});

test("one that was typed goes back instead", () => {
  const { queue } = queued();
  queue.add(question("One?"));
  assert.equal(queue.shows([], { wait: "50", typed: "One?" }), false);
  assert.equal(queue.shows([], { typed: "One?" }), false);
  assert.equal(queue.shows([]), false);
});

test("forgetting drops what waits, and goes out behind what is looked up", () => {
  const { queue, sent, kept, rest } = queued();
  queue.add(question("One?"));
  queue.add(question("Two?"));
  queue.forget(() => sent.push("clear"));
  assert.deepEqual(sent, ["One?"]);
  assert.deepEqual(kept.at(-1), []);
  queue.done();
  rest();
  assert.deepEqual(sent, ["One?", "clear"]);
});

test("forgetting does not wait for a pause", () => {
  const { queue, sent, due } = queued();
  queue.add(question("One?", { kept: true }));
  queue.shows([], { wait: "50" });
  queue.done();
  queue.forget(() => sent.push("clear"));
  assert.deepEqual(sent, ["One?", "clear"]);
  assert.equal(due.size, 0);
  assert.equal(queue.busy, true);
});
