// The box that a question is typed in, and whether it changes an earlier one.
import { editingText } from "./texts.js";

const MAX_HEIGHT = 180; // pixels; what is longer is scrolled

export class QuestionBox {
  editing = null; // the turn that is asked again

  constructor(element) {
    this.element = element;
  }

  get box() {
    return this.element.querySelector("textarea");
  }

  get text() {
    return this.box.value;
  }

  fit() {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight + 2, MAX_HEIGHT)}px`;
  }

  focus() {
    this.box.focus({ preventScroll: true });
  }

  type(text) {
    this.box.value = text;
    this.fit();
    this.focus();
  }

  /** What was typed; the box is empty then. */
  take() {
    const question = this.box.value;
    this.box.value = "";
    this.fit();
    return question;
  }

  edit(turn) {
    this.editing = turn;
    this.element.querySelector(".editing").hidden = turn === null;
    if (turn !== null) this.element.querySelector(".editing span").textContent = editingText(turn);
  }
}
