"""An opened `Assistant` in, a chat in the browser out: quotes, and the articles beside them.

The one module that knows Gradio: which part of the page calls which function, and how it is
served. What the parts show is in `chat/`. This module does not search and does not judge answers.
"""

import contextlib
import errno
import functools
import importlib.util
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, cast

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # Gradio reads it wherever it would report or look for updates

import gradio as gr
from gradio.events import api

from chat import guard, records, render, shelf
from chat.room import Room
from chat.turns import Conversation, Refusal, Turn
from chat.uploads import MAX_FILE_BYTES, Dropped, Progress, take_in
from index.errors import AddressUnusable, ArticleQAError, FilterRejected, QuestionRejected
from index.filters import Filters
from qa import Assistant

HERE = Path(__file__).parent / "chat"

CHATS_AT_ONCE = 8
"""Questions of the chat worked on together. Each first shows that it was heard, so none should wait for a turn."""

PROGRAMS_AT_ONCE = 2
"""Calls of `/ask` and `/search` worked on together: a program in a loop leaves room for people."""

MAX_TURNS = 200

FILTERS = {"since": "since", "until": "until", "author": "author", "path": "article"}
"""Filters by the names that the page has for them; Gradio takes whatever is called "path" for a file of its own."""

THEME = gr.themes.Base(
    font=["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif"],  # plain strings: no
    font_mono=["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"],  # font is fetched for them
).set(
    body_background_fill="#fbfaf6",
    body_background_fill_dark="#171614",
    body_text_color="#1d1b18",
    body_text_color_dark="#ebe7dd",
)

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class Options:
    """What a chat may do.

    Attributes:
        allow_upload: whether readers may add articles.
        ratings: the file that thumbs up and down are written to; None for one beside the index.
        questions_a_minute: from one address.
        logins: names and passwords; empty to let everyone in.
        mcp: whether the tools `ask` and `search` are served to language models.
    """

    allow_upload: bool = False
    ratings: Path | None = None
    questions_a_minute: int = guard.QUESTIONS_A_MINUTE
    logins: Path | None = None
    mcp: bool = False


class McpMissing(ArticleQAError):
    """The package that `--mcp` needs is not installed. Seen by whoever starts the chat."""


def _given(event: gr.EventData, name: str, kind: type[Kind], default: Kind) -> Kind:
    """A value that the page sent along; the default where it isn't there or is something else."""
    value = (event._data or {}).get(name) if isinstance(event._data, dict) else None
    return value if isinstance(value, kind) else default


def make_chat(assistant: Assistant, options: Options | None = None) -> gr.Blocks:
    """The chat over an opened index, ready for `launch`; `/ask` and `/search` are for programs."""
    options = options or Options()
    room = Room(assistant, options.ratings, options.questions_a_minute)
    script = (HERE / "script.js").read_text("utf-8")
    talk = _Talk(room)
    html = functools.partial(gr.HTML, apply_default_css=False, js_on_load=script)
    # The files of an upload are moved away when they become articles; what was broken off goes after a day.
    with gr.Blocks(
        title="articleqa", analytics_enabled=False, fill_width=True, fill_height=True, delete_cache=(3600, 86400)
    ) as chat:
        turns = gr.State(())
        masthead = html(render.render_masthead(uploads=options.allow_upload), elem_id="masthead")
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="talk"):
                conversation = html(
                    render.render_conversation((), room.index),
                    elem_id="conversation",
                    server_functions=[_first_page(room)],
                )
                intake = html(render.render_intake(), elem_id="intake") if options.allow_upload else None
                composer = html(
                    render.render_composer(room.index), elem_id="composer", server_functions=[_list_authors(room)]
                )
            panel = html("", elem_id="source", server_functions=[_list_articles(room)])
        download = html("", elem_id="download")

        own: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "trigger_mode": "multiple"}
        asking = composer.ask(
            talk.take_question, [turns], [turns, conversation], concurrency_limit=CHATS_AT_ONCE, **own
        )
        conversation.open_source(talk.open_source, [turns], [panel], concurrency_limit=CHATS_AT_ONCE, **own)
        rating = conversation.rate(talk.rate, [turns], [turns], **own)
        clearing = masthead.clear_all(talk.clear, None, [turns, conversation, panel], **own)
        # What changes the conversation is sent one after the other: each reads what the one before has written, and
        # Gradio sends the last value of a generator once more when it ends.
        for event in (asking, rating, clearing):
            event.success(None, js="() => window.articleqa.done()", **own)
            event.failure(None, js="() => window.articleqa.failed()", **own)
        masthead.export(talk.export, [turns], [download], **own)
        panel.open_link(talk.open_link, None, [panel], concurrency_limit=CHATS_AT_ONCE, **own)
        panel.browse(lambda: render.render_shelf(room.index), None, [panel], **own)
        if intake:
            panel.show_upload(render.render_upload, None, [panel], **own)
            intake.add_files(_adding(room, chat), None, [intake], concurrency_limit=1, **own)
        _add_endpoints(room)
    return cast(gr.Blocks, chat)  # what `with` yields is untyped


class _Talk:
    """What the page calls while a conversation goes on."""

    def __init__(self, room: Room) -> None:
        self.room = room

    def take_question(self, turns: Conversation, event: gr.EventData, request: gr.Request) -> Iterator[tuple[Any, Any]]:
        question = _given(event, "question", str, "")
        again = _given(event, "turn", int, -1)
        before, turns = turns, turns[:again] if again >= 0 else turns
        turn = Turn(question, {sent: _given(event, sent, str, "") for sent in FILTERS.values()})
        yield gr.skip(), self._shown((*turns, turn))
        try:
            self.room.pace.check(_asker(request))
            if len(turns) >= MAX_TURNS:
                raise QuestionRejected(f"This conversation has {MAX_TURNS} questions. Clear it to go on.")
            filters = Filters.parse(**{name: turn.filters[sent] for name, sent in FILTERS.items()})
            turns = (*turns, self.room.look_up(replace(turn, narrowed=filters.describe()), turns, filters))
        except (QuestionRejected, FilterRejected) as error:
            wait_seconds = error.wait_seconds if isinstance(error, guard.TooManyQuestions) else 0
            refusal = Refusal(str(error), question, again if again >= 0 else None, wait_seconds)
            yield before, self._shown(before, refusal)
            return
        yield turns, self._shown(turns)

    def open_source(self, turns: Conversation, event: gr.EventData) -> str:
        turn, number = _given(event, "turn", int, -1), _given(event, "source", int, -1)
        if min(turn, number) < 0:
            return render.render_trouble(render.LOST)
        return render.render_source(turns, turn, number, self.room.assistant)

    def open_link(self, event: gr.EventData) -> str:
        return render.render_link(
            _given(event, "article", str, ""), _given(event, "lines", str, ""), self.room.assistant
        )

    def rate(self, turns: Conversation, event: gr.EventData) -> Conversation:
        number, rating = _given(event, "turn", int, -1), _given(event, "rating", str, "")
        if not 0 <= number < len(turns) or rating not in ("", "up", "down"):
            return turns
        rated = replace(turns[number], rating=rating)
        records.rate(self.room.ratings, rated)
        return (*turns[:number], rated, *turns[number + 1 :])

    def export(self, turns: Conversation, event: gr.EventData) -> str:
        if _given(event, "format", str, "") == "json":
            return render.render_download("conversation.json", records.as_json(turns))
        return render.render_download("conversation.md", records.as_markdown(turns))

    def clear(self) -> tuple[Conversation, str, str]:
        return (), self._shown(()), ""

    def _shown(self, turns: Conversation, refusal: Refusal | None = None) -> str:
        starters = () if turns or refusal else self.room.starters()
        return render.render_conversation(turns, self.room.index, starters, refusal)


def _asker(request: gr.Request | None) -> str:
    """Whose questions are counted together: those of a login, else those of an address."""
    if request is None:
        return ""
    return request.username or (request.client.host if request.client else "")


def _first_page(room: Room) -> Callable[[dict[str, Any]], str]:
    def first_page(_sent: dict[str, Any]) -> str:
        """The page before the first question; fetched, so that it never comes over an answer."""
        return render.render_conversation((), room.index, room.starters())

    return first_page


def _list_articles(room: Room) -> Callable[[dict[str, Any]], str]:
    def list_articles(asked: dict[str, Any]) -> str:
        """Rows of the table of articles, for the page."""
        count = asked.get("count")
        return render.render_rows(
            room.index,
            str(asked.get("search", ""))[:200],
            str(asked.get("order", "")),
            asked.get("down") is True,
            count if isinstance(count, int) and 0 <= count <= 10_000 else 0,
        )

    return list_articles


def _list_authors(room: Room) -> Callable[[dict[str, Any]], list[str]]:
    def list_authors(_sent: dict[str, Any]) -> list[str]:
        """Names to choose from among the filters, of the articles as they are now."""
        return shelf.authors(room.index)

    return list_authors


def _adding(room: Room, chat: gr.Blocks) -> Callable[[gr.EventData], Iterator[str]]:
    def add(event: gr.EventData) -> Iterator[str]:
        files, refused = _uploaded(_given(event, "files", list, []), chat.upload_file_set)
        for state in take_in(files, room.index.articles_folder, room.rebuild, room.index.folder):
            if isinstance(state, Progress):
                yield render.render_intake(state)
            else:
                yield render.render_intake(replace(state, refused=(*refused, *state.refused)))
        for dropped in files:
            dropped.file.unlink(missing_ok=True)

    return add


def _uploaded(files: list[Any], known: set[str]) -> tuple[list[Dropped], list[tuple[str, str]]]:
    """What a page says it has sent: files that this server took in, and names of those that never came."""
    dropped, refused = [], []
    for entry in files:
        name, path = (str(entry.get(key, "")) if isinstance(entry, dict) else "" for key in ("name", "file"))
        if path in known:
            dropped.append(Dropped(name, Path(path)))
        else:
            refused.append((name, f"it is larger than {MAX_FILE_BYTES // 1_000_000} MB, or it could not be sent"))
    return dropped, refused


def _add_endpoints(room: Room) -> None:
    """The two functions for programs, with the JSON that the command line prints."""

    def ask(
        question: str,
        since: str = "",
        until: str = "",
        author: str = "",
        path: str = "",
        request: gr.Request | None = None,
    ) -> dict[str, Any]:
        """What the articles say to a question, as verbatim quotes with file and lines.

        Args:
            question: A question in plain words.
            since: Only articles published on this day or later, like 2023-09-19, 2023-09 or 2023.
            until: Only articles published on this day or earlier.
            author: Only articles by this author; a part of the name will do.
            path: Only this article; a part of its path or a pattern like 2023/* will do.
            request: Who asks; not sent by the caller.
        """
        with _told():
            room.pace.check(_asker(request))
            return room.assistant.ask(question, (), Filters.parse(since, until, author, path)).as_json()

    def search(
        question: str,
        k: int = 5,
        since: str = "",
        until: str = "",
        author: str = "",
        path: str = "",
        request: gr.Request | None = None,
    ) -> list[dict[str, Any]]:
        """The passages nearest to a question, best first, each with file and lines.

        Args:
            question: A question in plain words.
            k: How many passages, at least 1.
            since: Only articles published on this day or later, like 2023-09-19, 2023-09 or 2023.
            until: Only articles published on this day or earlier.
            author: Only articles by this author; a part of the name will do.
            path: Only this article; a part of its path or a pattern like 2023/* will do.
            request: Who asks; not sent by the caller.
        """
        with _told():
            room.pace.check(_asker(request))
            filters = Filters.parse(since, until, author, path)
            return [passage.as_json() for passage in room.assistant.search(question, k, filters)]

    for function in (ask, search):
        api(function, api_name=function.__name__, concurrency_limit=PROGRAMS_AT_ONCE, concurrency_id="programs")


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Send the message of an error that the caller can mend; Gradio keeps those of others to itself."""
    try:
        yield
    except (ArticleQAError, ValueError) as error:
        raise gr.Error(str(error), print_exception=False) from error


def _style(name: str) -> str:
    rules = "".join((HERE / file).read_text("utf-8") for file in ("colours.css", name))
    return f"<style>{rules}</style>"


def launch(chat: gr.Blocks, host: str = "127.0.0.1", port: int = 7860, options: Options | None = None) -> str:
    """Serve a chat from a thread of its own and return its address.

    Raises:
        LoginsUnreadable: see `guard.read_logins`.
        OSError: the port is taken.
    """
    options = options or Options()
    logins = guard.read_logins(options.logins) if options.logins else None
    _, address, _ = chat.launch(
        server_name=host,
        server_port=port,
        theme=THEME,
        head=_style("style.css"),  # Gradio rewrites css_paths, and loses fonts
        app_kwargs={"middleware": guard.middleware(host, uploads=options.allow_upload)},
        auth=guard.login_check(logins) if logins else None,
        auth_message="<title>articleqa</title>" + _style("login.css"),  # all that Gradio's page for logins takes
        max_file_size=MAX_FILE_BYTES,
        footer_links=[],
        share=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=options.mcp,
        run_history=False,  # it would keep questions and answers in the browser when the tab is closed
        enable_monitoring=False,
        inline=False,
        quiet=True,
        prevent_thread_lock=True,
    )
    return address


def _check_address(host: str, port: int) -> None:
    """Tell at once, and why, if nothing can be served there: Gradio only says that it found no port."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: just left is free
            probe.bind((host, port))
    except OSError as error:
        other = f" Name another port: --port {port + 1}" if error.errno == errno.EADDRINUSE else ""
        raise AddressUnusable(f"The chat can't listen at {host}, port {port}: {error.strerror}.{other}") from error


def serve(index: Path, host: str = "127.0.0.1", port: int = 7860, options: Options | None = None) -> None:
    """Open an index and serve its chat until interrupted.

    Raises:
        ArticleQAError: the index can't be opened, its model can't be loaded, or the port is taken.
    """
    options = options or Options()
    if options.mcp and importlib.util.find_spec("mcp") is None:
        raise McpMissing("The tools for language models need one more package: pip install 'articleqa[mcp]'")
    _check_address(host, port)
    assistant = Assistant.open(index)
    assistant.search("anything")  # loads the model, seconds that the first to ask would wait
    chat = make_chat(assistant, options)
    address = launch(chat, host, port, options)
    if not guard.is_loopback(host) and not options.logins:
        print(f"Everyone who reaches {host} can read these articles. To ask for a login: --auth-file FILE")
    print(f"The chat is at {address} (Ctrl+C ends it).")
    if options.mcp:
        print(f"The tools for language models (MCP) are at {address}gradio_api/mcp/")
    chat.block_thread()


def main(index: Path = Path("index/built"), host: str = "127.0.0.1", port: int = 7860) -> None:
    """Serve the chat over the index in the folder INDEX."""
    try:
        serve(index, host, port)
    except ArticleQAError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    import typer

    typer.run(main)
