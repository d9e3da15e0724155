// Files on their way to the server, one after the other; what comes of them is told above the question box.
import { chat, onClicks } from "./page.js";

export function start({ element, trigger, upload }) {
  const send = async (files) => {
    element.querySelector(".outcome")?.remove();
    const sending = element.querySelector(".sending");
    const [bar, fileName] = ["progress", ".file-name"].map((part) => sending.querySelector(part));
    sending.hidden = false;
    bar.max = files.length;
    const arrived = await sent(files, upload, (number, name) => {
      bar.value = number;
      fileName.textContent = name;
    });
    trigger("add_files", { files: arrived });
  };
  let before = Promise.resolve();
  chat.add = (files) => {
    before = before.then(() => send(files));
  };
  onClicks(element, { dismiss: () => element.querySelector(".outcome").remove() });
}

/** Send files; gives where each has arrived, nowhere if it was too large or unreadable or the connection broke. */
export async function sent(files, upload, tell) {
  const arrived = [];
  for (const [number, { name, file }] of files.entries()) {
    tell(number, name);
    try {
      arrived.push({ name, file: (await upload(file)).path });
    } catch {
      arrived.push({ name, file: "" });
    }
  }
  return arrived;
}
