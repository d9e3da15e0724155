// The table of articles: searched and sorted by the server.

const UNSORTED = { search: "", order: "title", down: false };
const MORE_ROWS = 200;

/** The table sorted by another column, or by the same one the other way round. */
export const orderedBy = (shelf, order) => ({ ...shelf, order, down: shelf.order === order ? !shelf.down : false });

export class Shelf {
  #asked = { ...UNSORTED };
  #newest = 0;

  constructor(element, server) {
    Object.assign(this, { element, server });
  }

  /** The table has come new. */
  begin() {
    this.#asked = { ...UNSORTED };
    this.#showMatching();
    this.element.querySelector(".table").scrollTop = 0; // the element may be the one that an article was scrolled in
    this.element.querySelector("#shelf-search").focus();
  }

  search(text) {
    this.#asked.search = text;
    this.#list();
  }

  order(button) {
    this.#asked = orderedBy(this.#asked, button.dataset.order);
    for (const head of this.element.querySelectorAll("thead th[aria-sort]")) {
      const sorted = head.contains(button) ? (this.#asked.down ? "descending" : "ascending") : "none";
      head.setAttribute("aria-sort", sorted);
    }
    this.#list();
  }

  more(shown) {
    this.#list(shown + MORE_ROWS);
  }

  async #list(count = 0) {
    const asked = ++this.#newest;
    const rows = await this.server.list_articles({ ...this.#asked, count });
    if (asked !== this.#newest || !this.element.querySelector("table")) return;
    this.element.querySelector("tbody").outerHTML = rows;
    this.#showMatching();
  }

  #showMatching() {
    this.element.querySelector(".matching").textContent = this.element.querySelector("tbody").dataset.matching;
  }
}
