// The turns of the conversation: their citations, thumbs, and what they offer.
import { copy } from "./clipboard.js";
import { chat, find, onClicks } from "./page.js";
import { asAsked, literally } from "./turns.js";

export function start({ element, trigger, server, watch }) {
  server.first_page({}).then((page) => {
    const welcome = element.querySelector(".welcome");
    if (welcome) welcome.outerHTML = page; // with the questions to begin with, unless one was asked already
  });
  onClicks(element, {
    copy: (button) => copy(button.dataset.text, button),
    edit: (button) => chat.edit(Number(button.dataset.turn), questionOf(button.closest(".asked"))),
    widen: (button) => {
      chat.widen();
      chat.ask(questionOf(button.closest(".turn")));
    },
    literally: (button) => {
      const number = Number(button.dataset.turn);
      const last = number === element.querySelectorAll(".turn:not(.refused)").length - 1;
      chat.askAgain(literally(told(button.closest(".turn")), last ? number : null));
    },
    rate: (button) => rate(button, trigger),
  });
  element.addEventListener("click", (event) => {
    const starter = event.target.closest(".starter");
    if (starter) chat.ask(starter.textContent);
    const citation = event.target.closest(".citation");
    if (citation) open(citation, trigger);
  });
  let workedOn = false;
  watch("value", () => {
    tellShown(element);
    const pending = Boolean(element.querySelector(".pending"));
    if (pending || workedOn) [...element.querySelectorAll(".turn")].at(-1)?.scrollIntoView({ block: "start" });
    workedOn = pending;
    // The next question can be typed at once, unless an article is being read meanwhile.
    if (!find("#source").contains(document.activeElement)) chat.focusQuestion();
  });
}

const questionOf = (part) => part.querySelector(".question").textContent;

const told = (turn) => asAsked(questionOf(turn), turn.dataset);

function tellShown(element) {
  const asked = [...element.querySelectorAll(".turn:not(.refused)")];
  chat.nowShown(
    asked.map(told),
    element.querySelector(".refused")?.dataset,
  );
}

function rate(button, trigger) {
  if (chat.isBusy()) {
    chat.tell("This can be rated as soon as the answer below is there."); // its arrival would undo it
    return;
  }
  const { turn, rating } = button.dataset;
  const pressed = button.getAttribute("aria-pressed") === "true";
  button.parentElement.querySelectorAll("button").forEach((other) => other.setAttribute("aria-pressed", "false"));
  button.setAttribute("aria-pressed", String(!pressed));
  chat.send(() => trigger("rate", { turn: Number(turn), rating: pressed ? "" : rating }));
  if (!pressed) chat.tell("Thank you. Written down on this machine only.");
}

function open(citation, trigger) {
  chat.openedBy(citation);
  const { turn, source, listed } = citation.dataset;
  // The panel is not sent again when it shows this source already, so only go back to it.
  if (find(`#source [data-shown="${citation.dataset.shown}"]`)) chat.backToCited();
  else trigger("open_source", { turn: Number(turn), source: Number(source ?? -1), listed: Number(listed ?? -1) });
}
