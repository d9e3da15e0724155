// What every part of the page needs. The server renders everything; the parts pass on what was clicked and typed, scroll,
// and move the focus. Each part's `start` is called once by its gr.HTML, with what Gradio gives to js_on_load.

/** What one part offers the others. */
export const chat = (globalThis.articleqa ??= {});

export const find = (selector) => document.querySelector(selector);

/** Call `actions[name]` when something with data-do="name" is clicked in this part. */
export function onClicks(element, actions) {
  element.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) actions[button.dataset.do]?.(button);
  });
}
