// The name of the chat and what can be done with the conversation as a whole.
import { chat, onClicks } from "./page.js";

export function start({ element, trigger }) {
  const menu = () => element.querySelector(".menu");
  onClicks(element, {
    browse: () => chat.browse(),
    upload: () => chat.openUpload(),
    export: (button) => {
      menu().open = false;
      trigger("export", { format: button.dataset.format });
    },
    clear: () => chat.forget(() => trigger("clear_all", {})),
  });
  document.addEventListener("click", (event) => menu()?.contains(event.target) || (menu().open = false));
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu().open) return;
    menu().open = false;
    menu().querySelector("summary").focus();
  });
}
