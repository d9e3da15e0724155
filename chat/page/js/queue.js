// What waits to be sent to the server, one after the other: questions, and functions that send something else.

/** Knows no element and no storage: `ask` sends a question, `show` and `keep` hear of changes, `timers` wait. */
export class Queue {
  busy = false; // whether the server works on something that was sent
  #waits = [];
  #shown = []; // the questions of the conversation on the page
  #asked = null; // the question that is looked up
  #onPage = false; // whether it is among those already
  #pause = 0; // seconds to wait before the next is sent
  #resting = null; // the timer of that

  constructor({ ask, show, keep, timers = globalThis }) {
    Object.assign(this, { ask, show, keep, timers });
  }

  /** Questions that wait for their turns. */
  get waiting() {
    return this.#waits.filter((entry) => typeof entry !== "function");
  }

  /** All questions of the conversation, in their order: to be asked again when the page is loaded again. */
  get all() {
    const asked = this.#asked && !this.#onPage ? [this.#asked] : [];
    return [...this.#shown, ...asked, ...this.waiting];
  }

  /** The question that is looked up and has not come to the page yet, if any. */
  get unseen() {
    return this.#onPage ? null : this.#asked;
  }

  add(entry) {
    this.#waits.push(entry);
    if (!this.busy) this.#next();
    this.#changed();
  }

  /** The page shows these questions, or why the last one was refused. Returns whether that is asked again by itself. */
  shows(questions, refused) {
    this.#shown = questions;
    const again = Boolean(refused?.wait && this.#asked?.kept); // more were kept than may be asked in a minute
    if (again) {
      this.#waits.unshift(this.#asked);
      this.#pause = Number(refused.wait);
    }
    this.#onPage = true;
    this.#changed();
    return again;
  }

  /** The server is done with what was sent. */
  done() {
    this.#asked = null;
    this.#resting = this.timers.setTimeout(() => this.#next(), this.#pause * 1000);
    this.#pause = 0;
  }

  /** Drop everything; `send` goes out behind the question that is looked up. */
  forget(send) {
    this.#waits.length = 0;
    this.add(send);
    if (this.#resting !== null) this.#next();
    this.#shown = [];
    this.#asked = null;
    this.#changed();
  }

  #changed() {
    this.keep(this.all);
    this.show();
  }

  #next() {
    this.timers.clearTimeout(this.#resting);
    this.#resting = null;
    const entry = this.#waits.shift();
    this.#asked = typeof entry === "function" ? null : (entry ?? null);
    this.#onPage = false;
    this.busy = entry !== undefined;
    this.show(); // at once, before the server has heard of it
    if (typeof entry === "function") entry();
    else if (entry) this.ask(entry);
  }
}
