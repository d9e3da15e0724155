// A text in, on the clipboard out, and told.
import { chat } from "./page.js";

export async function copy(text, button) {
  const told = button.getAttribute("aria-label") ?? button.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without https a browser may refuse the clipboard: the old way works everywhere.
    const box = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
    button.focus();
  }
  button.classList.add("done");
  chat.tell(`Copied: ${told}`);
  setTimeout(() => button.classList.remove("done"), 1500);
}
