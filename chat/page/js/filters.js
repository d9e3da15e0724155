// The filters beside the question: which articles are asked.
import { filterText } from "./texts.js";

export class FilterFields {
  constructor(element, server) {
    this.element = element;
    this.details.addEventListener("toggle", async () => {
      if (!this.details.open) return;
      const names = await server.list_authors({});
      const options = names.map((value) => Object.assign(document.createElement("option"), { value }));
      element.querySelector("#authors").replaceChildren(...options);
    });
  }

  get details() {
    return this.element.querySelector(".filters");
  }

  get fields() {
    return [...this.details.querySelectorAll("input")];
  }

  get values() {
    return Object.fromEntries(this.fields.map((field) => [field.name, field.value.trim()]));
  }

  show() {
    const told = filterText(this.values);
    this.details.querySelector(".state").textContent = told || "All articles";
    this.details.classList.toggle("active", told !== "");
  }

  narrow(path) {
    this.details.querySelector('[name="article"]').value = path;
    this.show();
  }

  widen() {
    this.fields.forEach((field) => (field.value = ""));
    this.show();
  }

  close() {
    this.details.open = false;
  }

  /** Close them by a key. */
  leave() {
    if (!this.details.open) return;
    this.close();
    this.details.querySelector("summary").focus();
  }
}
