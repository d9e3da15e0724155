// From one marked place of the opened article to the next.
import { addressOf } from "./address.js";
import { stepText } from "./texts.js";

/** The place after `by` steps from `at`, of `count`; behind the last one comes the first. */
export const stepFrom = (at, by, count) => (at + by + count) % count;

/** Whether something that belongs to `places`, "0 2", is marked as the place `at` or as another; null if it has none. */
export function markFor(places, at) {
  if (places === "") return null;
  return places.split(" ").includes(String(at)) ? "cited" : "also";
}

export class Steps {
  constructor(element) {
    this.element = element;
  }

  get #steps() {
    return this.element.querySelector(".steps");
  }

  get at() {
    return Number(this.#steps?.dataset.at);
  }

  get count() {
    return Number(this.#steps?.dataset.count ?? 0);
  }

  /** The lines of the place that is shown. */
  get lines() {
    return this.element.querySelectorAll(".spot")[this.at]?.value;
  }

  /** The address of what is shown. */
  get address() {
    return addressOf(location.href, this.element.querySelector(".source")?.dataset.path, this.lines);
  }

  reveal() {
    const scroll = () => this.element.querySelector("li.cited")?.scrollIntoView({ block: "center" });
    scroll();
    requestAnimationFrame(() => requestAnimationFrame(scroll)); // what came into view now has its real height
    if (!this.#steps) return;
    this.#steps.querySelector(".step").textContent = stepText(this.at, this.count, this.lines);
    this.#steps.querySelectorAll("button").forEach((button) => (button.hidden = this.count < 2));
  }

  move(by) {
    this.goTo(stepFrom(this.at, by, this.count));
  }

  /** Back to the place that was opened. */
  back() {
    this.goTo(Number(this.#steps.dataset.first));
  }

  goTo(at) {
    this.#steps.dataset.at = at;
    for (const marked of this.element.querySelectorAll("[data-places]")) {
      const mark = markFor(marked.dataset.places, at);
      if (mark === null) continue;
      marked.classList.toggle("cited", mark === "cited");
      marked.classList.toggle("also", mark === "also");
    }
    this.reveal();
    history.replaceState(null, "", this.address);
  }
}
