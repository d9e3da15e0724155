// The panel beside the talk: an opened article, the table of articles, or where articles are added.
import { wantedIn } from "./address.js";
import { copy } from "./clipboard.js";
import { chosen, dropped } from "./files.js";
import { chat, find, onClicks } from "./page.js";
import { Shelf } from "./shelf.js";
import { Steps } from "./steps.js";

export function start({ element, trigger, props, server, watch }) {
  const panel = new Panel(element, props);
  const steps = new Steps(element);
  const shelf = new Shelf(element, server);
  offer(panel, steps, trigger);
  listenToClicks(panel, steps, shelf, trigger);
  listenToKeys(panel, steps, shelf);
  listenToFiles(panel);
  watch("value", () => {
    panel.cover();
    if (!panel.source) return;
    if (panel.source.matches(".shelf")) shelf.begin();
    else panel.shows(steps);
  });
  const wanted = wantedIn(location.search);
  if (wanted) trigger("open_link", wanted);
}

class Panel {
  opener = null; // has the focus again when the panel is closed
  narrow = matchMedia("(max-width: 900px)");

  constructor(element, props) {
    Object.assign(this, { element, props });
    this.narrow.addEventListener("change", () => this.cover());
  }

  get source() {
    return this.element.querySelector(".source");
  }

  /** On a phone the panel lies over the chat: what is under it can't be reached meanwhile. */
  cover() {
    const covered = this.narrow.matches && Boolean(this.source);
    for (const part of ["#talk", "#masthead"]) find(part)?.toggleAttribute("inert", covered);
  }

  /** Something else than the table has come. */
  shows(steps) {
    if (!this.source.contains(document.activeElement)) this.source.focus({ preventScroll: true });
    if (!this.source.dataset.path) return;
    this.element.querySelector(".lines").scrollTop = 0;
    steps.reveal();
    find(".citation[aria-current]")?.scrollIntoView({ block: "nearest" }); // the talk is narrower now
    history.replaceState(null, "", steps.address);
  }

  close() {
    this.props.value = "";
    const back = this.opener?.isConnected ? this.opener : find(".citation[aria-current]");
    find(".citation[aria-current]")?.removeAttribute("aria-current");
    history.replaceState(null, "", location.pathname);
    setTimeout(() => {
      this.cover();
      if (back) back.focus();
      else chat.focusQuestion();
    });
  }
}

function offer(panel, steps, trigger) {
  chat.backToCited = () => steps.back();
  chat.openedBy = (button) => {
    find(".citation[aria-current]")?.removeAttribute("aria-current");
    if (button.matches(".citation")) button.setAttribute("aria-current", "true");
    panel.opener = button;
  };
  chat.browse = () => {
    panel.opener = document.activeElement;
    trigger("browse", {});
  };
  chat.openUpload = () => {
    panel.opener = document.activeElement;
    trigger("show_upload", {});
  };
}

function listenToClicks(panel, steps, shelf, trigger) {
  const pathOf = (button) => button.closest("[data-path]").dataset.path;
  onClicks(panel.element, {
    close: () => panel.close(),
    previous: () => steps.move(-1),
    next: () => steps.move(1),
    link: (button) => copy(steps.address, button),
    narrow: (button) => {
      const path = pathOf(button);
      panel.opener = find("#composer textarea");
      if (panel.narrow.matches || panel.source.matches(".shelf")) panel.close();
      chat.narrow(path);
    },
    "open-article": (button) => trigger("open_link", { article: pathOf(button), lines: "" }),
    order: (button) => shelf.order(button),
    more: (button) => shelf.more(Number(button.dataset.count)),
  });
}

function listenToKeys(panel, steps, shelf) {
  panel.element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") panel.close();
    if (steps.count < 2 || event.target.matches("input")) return;
    if (event.key === "n") steps.move(1);
    if (event.key === "p") steps.move(-1);
  });
  panel.element.addEventListener("input", (event) => {
    if (event.target.id === "shelf-search") shelf.search(event.target.value);
  });
}

function listenToFiles(panel) {
  const add = (files) => {
    if (!files.length) return;
    chat.add(files);
    panel.close();
  };
  const isUpload = () => panel.source?.matches(".upload");
  panel.element.addEventListener("change", (event) => event.target.type === "file" && add(chosen(event.target.files)));
  panel.element.addEventListener("dragover", (event) => isUpload() && event.preventDefault());
  panel.element.addEventListener("drop", async (event) => {
    if (!isUpload()) return;
    event.preventDefault();
    add(await dropped([...event.dataTransfer.items]));
  });
}
