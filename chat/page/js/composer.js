// Where a question is typed: it waits here until the server is done with the one before.
import { FilterFields } from "./filters.js";
import { keptIn } from "./kept.js";
import { Notice } from "./notice.js";
import { chat, find, onClicks } from "./page.js";
import { QuestionBox } from "./question.js";
import { Queue } from "./queue.js";

export function start({ element, trigger, server }) {
  const box = new QuestionBox(element);
  const filters = new FilterFields(element, server);
  const notice = new Notice(element);
  const kept = keptIn(() => sessionStorage);
  const form = element.querySelector("form");
  const queue = new Queue({
    ask: (question) => trigger("ask", question),
    keep: kept.write,
    show: () => {
      form.setAttribute("aria-busy", String(queue.busy));
      notice.waiting(queue.waiting.length);
    },
  });
  offer(box, filters, notice);
  offerSending(queue, box, filters);
  listen(element, box, filters);
  form.noValidate = true;
  box.focus();
  kept.read().forEach((asked) => queue.add({ ...asked, kept: true }));
}

/** What the other parts may do with the box, the filters and the line below. */
function offer(box, filters, notice) {
  chat.tell = (text) => notice.tell(text);
  chat.focusQuestion = () => box.focus();
  chat.type = (text) => box.type(text);
  chat.edit = (turn, question) => {
    box.edit(turn);
    box.type(question);
  };
  chat.narrow = (path) => {
    filters.narrow(path);
    box.focus();
  };
  chat.widen = () => filters.widen();
}

/** What the other parts may send, and what they have to tell of it. */
function offerSending(queue, box, filters) {
  chat.ask = (question) => {
    filters.show();
    const entry = { question, turn: box.editing, ...filters.values };
    box.edit(null);
    queue.add(entry);
  };
  chat.askAgain = (entry) => queue.add(entry); // with the filters that it had
  chat.send = (send) => queue.add(send);
  chat.isBusy = () => queue.busy;
  chat.nowShown = (questions, refused) => {
    if (queue.shows(questions, refused) || !refused || box.text) return;
    if (refused.again) chat.edit(Number(refused.again), refused.typed);
    else box.type(refused.typed);
  };
  chat.done = () => queue.done();
  chat.failed = () => {
    const pending = find("#conversation .pending");
    if (pending) {
      pending.className = "error";
      pending.setAttribute("role", "alert");
      pending.textContent = "The server failed on this question or refused it, so there is no answer. Ask it again.";
    } else if (queue.unseen && !box.text) {
      box.type(queue.unseen.question);
    }
    queue.done();
  };
  chat.forget = (clear) => {
    queue.forget(clear);
    filters.widen();
    find("#intake .outcome")?.remove();
    box.edit(null);
    box.focus();
  };
}

function listen(element, box, filters) {
  const submit = () => {
    const question = box.take();
    filters.close();
    chat.ask(question);
  };
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  element.addEventListener("keydown", (event) => {
    if (event.target !== box.box) {
      if (event.key === "Escape") filters.leave();
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape" && box.editing !== null) {
      box.edit(null);
    }
  });
  element.addEventListener("input", (event) => (event.target === box.box ? box.fit() : filters.show()));
  onClicks(element, {
    "stop-editing": () => {
      box.edit(null);
      box.focus();
    },
    "all-articles": () => filters.widen(),
  });
}
