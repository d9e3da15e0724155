// Runs once for each gr.HTML of the chat (js_on_load), with Gradio's element, trigger, props, server, upload and watch.
// The server renders everything; this passes on what was clicked and typed, scrolls, and moves the focus.

const find = (selector) => document.querySelector(selector);
const chat = (window.articleqa ??= {}); // what one part offers the others

/** The questions of its conversation that a tab keeps, to ask them again when the page is loaded again. */
const kept = {
  read() {
    try {
      return JSON.parse(sessionStorage.getItem("articleqa.questions")) ?? [];
    } catch {
      return []; // a browser may refuse to keep anything; then a reload begins anew
    }
  },
  write(questions) {
    try {
      sessionStorage.setItem("articleqa.questions", JSON.stringify(questions));
    } catch {}
  },
};

/** Call `actions[name]` when something with data-do="name" is clicked in this part. */
function onClicks(actions) {
  element.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) actions[button.dataset.do]?.(button);
  });
}

async function copy(text, button) {
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

function startMasthead() {
  const menu = () => element.querySelector(".menu");
  onClicks({
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

function startComposer() {
  const form = () => element.querySelector("form");
  const box = () => element.querySelector("textarea");
  const filters = () => element.querySelector(".filters");
  const fields = () => [...filters().querySelectorAll("input")];
  const queued = []; // what waits: a question that was asked, or a function that sends something else
  let shown = []; // the questions of the conversation on the page
  let asked = null; // the question that is looked up
  let onPage = false; // whether it is among those already
  let editing = null; // the turn that is asked again
  let busy = false;
  let pause = 0; // seconds to wait before the next is sent
  let resting = null; // the timer of that
  let telling = null; // the timer of what is told meanwhile

  const fit = () => {
    box().style.height = "auto";
    box().style.height = `${Math.min(box().scrollHeight + 2, 180)}px`;
  };
  const showState = () => {
    const values = Object.fromEntries(fields().map((field) => [field.name, field.value.trim()]));
    const parts = [
      values.since && `from ${values.since}`,
      values.until && `to ${values.until}`,
      values.author && `by ${values.author}`,
      values.article && `in ${values.article}`,
    ].filter(Boolean);
    filters().querySelector(".state").textContent = parts.length ? `Only ${parts.join(", ")}` : "All articles";
    filters().classList.toggle("active", parts.length > 0);
    return values;
  };
  const setEditing = (turn) => {
    editing = turn;
    element.querySelector(".editing").hidden = turn === null;
    if (turn !== null) element.querySelector(".editing span").textContent = `Asking question ${turn + 1} again; what came after it goes.`;
  };
  const waiting = () => queued.filter((entry) => entry.question !== undefined);
  const showWaiting = () => {
    if (telling !== null) return; // what was told stays for its time
    const count = waiting().length;
    element.querySelector(".waiting").textContent = ["", "A question waits for its turn."][count] ?? `${count} questions wait for their turns.`;
  };
  const keep = () => kept.write([...shown, ...(asked && !onPage ? [asked] : []), ...waiting()]);
  const setBusy = (value) => {
    busy = value;
    form().setAttribute("aria-busy", String(value)); // shown at once, before the server has heard of it
  };
  const next = () => {
    clearTimeout(resting);
    resting = null;
    const entry = queued.shift();
    const send = typeof entry === "function" ? entry : () => trigger("ask", entry);
    asked = entry?.question === undefined ? null : entry;
    onPage = false;
    setBusy(entry !== undefined);
    if (entry) send();
    showWaiting();
  };
  const enqueue = (entry) => {
    queued.push(entry);
    if (!busy) next();
    keep();
    showWaiting();
  };

  chat.ask = (question) => {
    const entry = { question, turn: editing, ...showState() };
    setEditing(null);
    enqueue(entry);
  };
  chat.isBusy = () => busy;
  chat.send = enqueue;
  chat.nowShown = (questions, refused) => {
    shown = questions;
    if (refused?.wait && asked?.kept) {
      queued.unshift(asked); // more questions were kept than may be asked in a minute
      pause = Number(refused.wait);
    } else if (refused && !box().value) {
      if (refused.again) chat.edit(Number(refused.again), refused.typed);
      else chat.type(refused.typed);
    }
    onPage = true;
    keep();
    showWaiting();
  };
  chat.done = () => {
    asked = null;
    resting = setTimeout(next, pause * 1000);
    pause = 0;
  };
  chat.failed = () => {
    const pending = find("#conversation .pending");
    if (pending) {
      pending.className = "error";
      pending.setAttribute("role", "alert");
      pending.textContent = "The server failed on this question or refused it, so there is no answer. Ask it again.";
    } else if (asked && !onPage && !box().value) {
      chat.type(asked.question);
    }
    chat.done();
  };
  chat.forget = (clear) => {
    queued.length = 0;
    enqueue(clear); // after the question that is looked up
    if (resting !== null) next();
    shown = [];
    asked = null;
    keep();
    chat.widen();
    find("#intake .outcome")?.remove();
    setEditing(null);
    showWaiting();
    chat.focusQuestion();
  };
  chat.edit = (turn, question) => {
    setEditing(turn);
    chat.type(question);
  };
  chat.type = (text) => {
    box().value = text;
    fit();
    chat.focusQuestion();
  };
  chat.narrow = (path) => {
    filters().querySelector('[name="article"]').value = path;
    showState();
    chat.focusQuestion();
  };
  chat.widen = () => {
    fields().forEach((field) => (field.value = ""));
    showState();
  };
  chat.focusQuestion = () => box().focus({ preventScroll: true });
  chat.tell = (text) => {
    clearTimeout(telling);
    element.querySelector(".waiting").textContent = text;
    telling = setTimeout(() => {
      telling = null;
      showWaiting();
    }, 2500);
  };

  const submit = () => {
    const question = box().value;
    box().value = "";
    fit();
    filters().open = false;
    chat.ask(question);
  };
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  element.addEventListener("keydown", (event) => {
    if (event.target === box()) {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        submit();
      } else if (event.key === "Escape" && editing !== null) {
        setEditing(null);
      }
    } else if (event.key === "Escape" && filters().open) {
      filters().open = false;
      filters().querySelector("summary").focus();
    }
  });
  element.addEventListener("input", (event) => (event.target === box() ? fit() : showState()));
  onClicks({
    "stop-editing": () => {
      setEditing(null);
      chat.focusQuestion();
    },
    "all-articles": () => chat.widen(),
  });
  filters().addEventListener("toggle", async () => {
    if (!filters().open) return;
    const names = await server.list_authors({});
    element.querySelector("#authors").replaceChildren(...names.map((value) => Object.assign(document.createElement("option"), { value })));
  });
  form().noValidate = true;
  chat.focusQuestion();
  kept.read().forEach((asked) => enqueue({ ...asked, kept: true }));
}

function startConversation() {
  let workedOn = false;
  server.first_page({}).then((page) => {
    const welcome = element.querySelector(".welcome");
    if (welcome) welcome.outerHTML = page; // with the questions to begin with, unless one was asked already
  });
  onClicks({
    copy: (button) => copy(button.dataset.text, button),
    edit: (button) => chat.edit(Number(button.dataset.turn), button.closest(".asked").querySelector(".question").textContent),
    widen: (button) => {
      chat.widen();
      chat.ask(button.closest(".turn").querySelector(".question").textContent);
    },
    rate: (button) => {
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
    },
  });
  element.addEventListener("click", (event) => {
    const starter = event.target.closest(".starter");
    if (starter) chat.ask(starter.textContent);
    const citation = event.target.closest(".citation");
    if (!citation) return;
    chat.openedBy(citation);
    const { turn, source } = citation.dataset;
    // The panel is not sent again when it shows this source already, so only go back to it.
    if (find(`#source [data-shown="${citation.dataset.shown}"]`)) chat.backToCited();
    else trigger("open_source", { turn: Number(turn), source: Number(source) });
  });
  watch("value", () => {
    const turns = [...element.querySelectorAll(".turn")];
    const asked = turns.filter((turn) => turn.matches(":not(.refused)"));
    chat.nowShown(
      asked.map((turn) => ({ question: turn.querySelector(".question").textContent, ...turn.dataset })),
      element.querySelector(".refused")?.dataset,
    );
    const pending = Boolean(element.querySelector(".pending"));
    if (pending || workedOn) turns.at(-1)?.scrollIntoView({ block: "start" });
    workedOn = pending;
    // The next question can be typed at once, unless an article is being read meanwhile.
    if (!find("#source").contains(document.activeElement)) chat.focusQuestion();
  });
}

function startPanel() {
  let opener = null;
  const narrow = matchMedia("(max-width: 900px)");
  const source = () => element.querySelector(".source");
  const steps = () => element.querySelector(".steps");
  const spot = (at) => element.querySelectorAll(".spot")[at]?.value;

  const address = (lines) => {
    const url = new URL(location.href);
    url.search = "";
    if (source()?.dataset.path) url.searchParams.set("article", source().dataset.path);
    if (lines) url.searchParams.set("lines", lines);
    return url.href;
  };
  const cover = () => {
    // On a phone the panel lies over the chat: what is under it can't be reached meanwhile.
    const covered = narrow.matches && Boolean(source());
    for (const part of ["#talk", "#masthead"]) find(part)?.toggleAttribute("inert", covered);
  };
  const showStep = () => {
    if (!steps()) return;
    const at = Number(steps().dataset.at);
    const count = Number(steps().dataset.count);
    const lines = spot(at);
    steps().querySelector(".step").textContent =
      (count > 1 ? `${at + 1} of ${count} · ` : "") + (lines?.includes("-") ? `lines ${lines}` : `line ${lines}`);
    steps().querySelectorAll("button").forEach((button) => (button.hidden = count < 2));
  };
  const move = (by) => {
    const count = Number(steps().dataset.count);
    goTo((Number(steps().dataset.at) + by + count) % count);
  };
  const goTo = (at) => {
    steps().dataset.at = at;
    for (const marked of element.querySelectorAll("[data-places]")) {
      const here = marked.dataset.places.split(" ").includes(String(at));
      if (marked.dataset.places === "") continue;
      marked.classList.toggle("cited", here);
      marked.classList.toggle("also", !here);
    }
    chat.revealCited();
    history.replaceState(null, "", address(spot(at)));
  };

  chat.revealCited = () => {
    const reveal = () => element.querySelector("li.cited")?.scrollIntoView({ block: "center" });
    reveal();
    requestAnimationFrame(() => requestAnimationFrame(reveal)); // what came into view now has its real height
    showStep();
  };
  chat.backToCited = () => goTo(Number(steps().dataset.first));
  chat.openedBy = (button) => {
    find(".citation[aria-current]")?.removeAttribute("aria-current");
    if (button.matches(".citation")) button.setAttribute("aria-current", "true");
    opener = button;
  };
  chat.browse = () => {
    opener = document.activeElement;
    trigger("browse", {});
  };
  chat.openUpload = () => {
    opener = document.activeElement;
    trigger("show_upload", {});
  };
  const close = () => {
    props.value = "";
    const back = opener?.isConnected ? opener : find(".citation[aria-current]");
    find(".citation[aria-current]")?.removeAttribute("aria-current");
    history.replaceState(null, "", location.pathname);
    setTimeout(() => {
      cover();
      if (back) back.focus();
      else chat.focusQuestion();
    });
  };

  // The table of articles.
  const shelf = { search: "", order: "title", down: false };
  let newest = 0;
  const list = async (count = 0) => {
    const asked = ++newest;
    const rows = await server.list_articles({ ...shelf, count });
    if (asked !== newest || !element.querySelector("table")) return;
    element.querySelector("tbody").outerHTML = rows;
    showMatching();
  };
  const showMatching = () => {
    element.querySelector(".matching").textContent = element.querySelector("tbody").dataset.matching;
  };

  // Adding articles.
  const dropped = async (items) => {
    const files = [];
    const walk = async (entry, folder) => {
      if (entry.isFile) {
        const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
        files.push({ name: folder + entry.name, file });
        return;
      }
      const reader = entry.createReader();
      for (;;) {
        const entries = await new Promise((resolve) => reader.readEntries(resolve, () => resolve(null)));
        if (!entries) files.push({ name: folder + entry.name, file: null }); // told with those that could not be sent
        if (!entries?.length) return;
        for (const inner of entries) await walk(inner, `${folder}${entry.name}/`);
      }
    };
    for (const entry of items.map((item) => item.webkitGetAsEntry()).filter(Boolean)) await walk(entry, "");
    return files;
  };

  const add = (files) => {
    if (!files.length) return;
    chat.add(files);
    close();
  };

  onClicks({
    close,
    previous: () => move(-1),
    next: () => move(1),
    link: (button) => copy(address(spot(Number(steps()?.dataset.at))), button),
    narrow: (button) => {
      const { path } = button.closest("[data-path]").dataset;
      opener = find("#composer textarea");
      if (narrow.matches || source().matches(".shelf")) close();
      chat.narrow(path);
    },
    "open-article": (button) => trigger("open_link", { article: button.closest("[data-path]").dataset.path, lines: "" }),
    order: (button) => {
      const { order } = button.dataset;
      Object.assign(shelf, { order, down: shelf.order === order ? !shelf.down : false });
      for (const head of element.querySelectorAll("thead th[aria-sort]")) {
        const sorted = head.contains(button) ? (shelf.down ? "descending" : "ascending") : "none";
        head.setAttribute("aria-sort", sorted);
      }
      list();
    },
    more: (button) => list(Number(button.dataset.count) + 200),
  });
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (!steps() || steps().dataset.count < 2 || event.target.matches("input")) return;
    if (event.key === "n") move(1);
    if (event.key === "p") move(-1);
  });
  element.addEventListener("input", (event) => {
    if (event.target.id !== "shelf-search") return;
    shelf.search = event.target.value;
    list();
  });
  element.addEventListener("change", (event) => {
    if (event.target.type !== "file") return;
    add([...event.target.files].map((file) => ({ name: file.webkitRelativePath || file.name, file })));
  });
  element.addEventListener("dragover", (event) => source()?.matches(".upload") && event.preventDefault());
  element.addEventListener("drop", async (event) => {
    if (!source()?.matches(".upload")) return;
    event.preventDefault();
    add(await dropped([...event.dataTransfer.items]));
  });
  narrow.addEventListener("change", cover);
  watch("value", () => {
    cover();
    if (!source()) return;
    if (source().matches(".shelf")) {
      Object.assign(shelf, { search: "", order: "title", down: false });
      showMatching();
      element.querySelector(".table").scrollTop = 0; // the element may be the one that an article was scrolled in
      element.querySelector("#shelf-search").focus();
      return;
    }
    if (!source().contains(document.activeElement)) source().focus({ preventScroll: true });
    if (!source().dataset.path) return;
    element.querySelector(".lines").scrollTop = 0;
    chat.revealCited();
    find(".citation[aria-current]")?.scrollIntoView({ block: "nearest" }); // the talk is narrower now
    history.replaceState(null, "", address(spot(Number(steps()?.dataset.at))));
  });
  const wanted = new URLSearchParams(location.search);
  if (wanted.get("article")) trigger("open_link", { article: wanted.get("article"), lines: wanted.get("lines") ?? "" });
}

function startIntake() {
  let sent = Promise.resolve();
  const send = async (files) => {
    element.querySelector(".outcome")?.remove();
    const sending = element.querySelector(".sending");
    const [bar, fileName] = ["progress", ".file-name"].map((part) => sending.querySelector(part));
    sending.hidden = false;
    bar.max = files.length;
    const arrived = [];
    for (const [number, { name, file }] of files.entries()) {
      bar.value = number;
      fileName.textContent = name;
      try {
        arrived.push({ name, file: (await upload(file)).path });
      } catch {
        arrived.push({ name, file: "" }); // too large, unreadable, or the connection broke
      }
    }
    trigger("add_files", { files: arrived });
  };

  chat.add = (files) => {
    sent = sent.then(() => send(files)); // one after the other
  };
  onClicks({ dismiss: () => element.querySelector(".outcome").remove() });
}

function startDownload() {
  watch("value", () => {
    const text = element.querySelector(".download");
    if (!text) return;
    const url = URL.createObjectURL(new Blob([text.dataset.text]));
    Object.assign(document.createElement("a"), { href: url, download: text.dataset.name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    props.value = ""; // so that the same text can be saved again
  });
}

const starts = {
  masthead: startMasthead,
  conversation: startConversation,
  composer: startComposer,
  intake: startIntake,
  source: startPanel,
  download: startDownload,
};
for (const [id, start] of Object.entries(starts)) if (element.closest(`#${id}`)) start();
