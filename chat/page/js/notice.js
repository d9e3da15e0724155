// The line below the box: what was told a moment ago, else how many questions wait.
import { waitingText } from "./texts.js";

const TOLD_MS = 2500;

export class Notice {
  #telling = null; // the timer of what is told
  #count = 0;

  constructor(element) {
    this.element = element;
  }

  tell(text) {
    clearTimeout(this.#telling);
    this.#show(text);
    this.#telling = setTimeout(() => {
      this.#telling = null;
      this.waiting(this.#count);
    }, TOLD_MS);
  }

  /** So many questions wait. What was told stays for its time. */
  waiting(count) {
    this.#count = count;
    if (this.#telling === null) this.#show(waitingText(count));
  }

  #show(text) {
    this.element.querySelector(".waiting").textContent = text;
  }
}
