// Runs once for each gr.HTML of the chat (js_on_load), with Gradio's element, trigger, props and watch.
// The server renders everything; this only passes clicks on, scrolls, and moves the focus.

const find = (selector) => document.querySelector(selector);

function revealCitedLines() {
  find("#source li.cited")?.scrollIntoView({ block: "center" });
}

function startConversation() {
  element.addEventListener("click", (event) => {
    const citation = event.target.closest("button.citation");
    if (!citation) return;
    find(".citation[aria-current]")?.removeAttribute("aria-current");
    citation.setAttribute("aria-current", "true");
    const { turn, source } = citation.dataset;
    // The panel is not sent again when it shows this source already, so only scroll back to it.
    if (find(`#source [data-shown="${turn}-${source}"]`)) revealCitedLines();
    else trigger("click", { turn: Number(turn), source: Number(source) });
  });
  watch("value", () => {
    const turns = element.querySelectorAll(".turn");
    turns[turns.length - 1]?.scrollIntoView({ block: "start" });
    // The next question can be typed at once, unless an article is being read meanwhile.
    if (!find("#source").contains(document.activeElement)) find("#question textarea")?.focus({ preventScroll: true });
  });
}

function startPanel() {
  const close = () => {
    props.value = "";
    (find(".citation[aria-current]") ?? find("#question textarea"))?.focus();
    find(".citation[aria-current]")?.removeAttribute("aria-current");
  };
  element.addEventListener("click", (event) => event.target.closest("button.close") && close());
  element.addEventListener("keydown", (event) => event.key === "Escape" && close());
  watch("value", () => {
    element.querySelector(".source")?.focus({ preventScroll: true });
    revealCitedLines();
  });
}

if (element.closest("#conversation")) startConversation();
if (element.closest("#source")) startPanel();
