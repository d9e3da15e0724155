"""An opened `Assistant` in, a chat in the browser out: quotes, and the articles beside them.

Words of articles and questions reach the page through the templates of `app.html`, which
escape everything: HTML, Markdown and formulas in them are shown as the characters they are.
Nothing is loaded from elsewhere. This module does not search and does not judge answers.
"""

import contextlib
import functools
import itertools
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # Gradio reads it wherever it would report or look for updates

import gradio as gr
import jinja2
from gradio.events import api
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.articles import Article
from index.errors import AddressTaken, ArticleQAError, QuestionRejected
from qa import Answer, Assistant, Passage, Quote

HERE = Path(__file__).parent

CHATS_AT_ONCE = 8
"""Questions of the chat worked on together. Each first shows that it was heard, so none should wait for a turn."""

PROGRAMS_AT_ONCE = 2
"""Calls of `/ask` and `/search` worked on together: a program in a loop leaves room for people."""

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self'"
)
"""What the browser may load: only what this server sends, a second wall behind the escaping. Gradio needs
the two ``unsafe`` words: its page starts from inline scripts, and gr.HTML makes functions of its templates."""

LOST = "This conversation is not known here any more: the chat was started anew. Ask the question again."
"""Shown for a citation on a page that is older than the server."""

THEME = gr.themes.Base(
    font=["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif"],  # plain strings: no
    font_mono=["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"],  # font is fetched for them
).set(
    body_background_fill="#fbfaf6",
    body_background_fill_dark="#171614",
    body_text_color="#1d1b18",
    body_text_color_dark="#ebe7dd",
)

Source = Quote | Passage

_log = logging.getLogger("articleqa.chat")


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation and what came of it; neither yet while it is looked up.

    Attributes:
        question: as it was typed.
        answer: what the articles say, found or not.
        error: what went wrong instead, for the user.
    """

    question: str
    answer: Answer | None = None
    error: str = ""

    @property
    def sources(self) -> Sequence[Source]:
        """What its citations point at, in the order of the page."""
        if self.answer is None:
            return ()
        return self.answer.quotes if self.answer.found else self.answer.passages


Conversation = tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of a line that are marked alike.

    Attributes:
        text: the characters.
        mark: ``"cited"`` in the source that was clicked, ``"also"`` in another of the same answer, else empty.
    """

    text: str
    mark: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an article as the panel shows it.

    Attributes:
        number: 1-based, as an editor counts.
        mark: the strongest mark of the line, as in `Piece`; a blank line within a quote has one too.
        pieces: the line's text without its line end.
    """

    number: int
    mark: str
    pieces: tuple[Piece, ...]


def mark_lines(article: Article, cited: Source, sources: Sequence[Source]) -> list[Line]:
    """The lines of an article with the spans of `sources` marked, `cited` more strongly.

    A line end is nobody's last line: like ``sed -n``, a text that ends in one has no empty line after it.
    """
    spans = [(source.start, source.end, "also") for source in sources if source.path == article.path]
    spans.append((cited.start, cited.end, "cited"))
    lines = []
    for number in range(1, len(article.lines.starts) + 1):
        start, end = article.lines.span(number)
        if start == end:
            break  # after the last line end
        shown_end = start + len(article.text[start:end].rstrip("\r\n"))
        cuts = {start, shown_end, *(edge for span in spans for edge in span[:2] if start < edge < shown_end)}
        edges = sorted(cuts)
        pieces = tuple(
            Piece(article.text[begin:stop], _mark(spans, begin, stop)) for begin, stop in itertools.pairwise(edges)
        )
        lines.append(Line(number, _mark(spans, start, end), pieces))
    return lines


def _mark(spans: Sequence[tuple[int, int, str]], start: int, end: int) -> str:
    """The strongest mark among the spans that share a character with ``[start, end)``."""
    marks = {mark for begin, stop, mark in spans if begin < end and start < stop}
    return max(marks, default="")  # "cited" sorts after "also"


@functools.cache
def _templates() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(HERE)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("app.html")


def _render(macro: str, *values: object) -> str:
    html = cast(Callable[..., str], getattr(_templates().module, macro))(*values)
    return str(html).encode("utf-8", "backslashreplace").decode()  # a file name may hold half a character


def render_conversation(turns: Conversation, assistant: Assistant) -> str:
    """The conversation as HTML; before the first question, what can be asked."""
    return _render("conversation", turns) if turns else _render("welcome", assistant.index)


def render_source(turns: Conversation, turn: int, number: int, assistant: Assistant) -> str:
    """The article behind a citation as HTML, with every source of that turn marked in it."""
    try:
        sources = turns[turn].sources
        cited = sources[number]
        article = assistant.article(cited.path)
    except LookupError:
        return _render("no_source", LOST)
    except ArticleQAError as error:
        return _render("no_source", str(error))
    return _render("source", article, mark_lines(article, cited, sources), f"{turn}-{number}")


def _look_up(assistant: Assistant, turn: Turn) -> Turn:
    """Ask, and keep what comes of it. A failure is kept as one; it must never look like "not found".

    Raises:
        QuestionRejected: as the assistant does.
    """
    try:
        return replace(turn, answer=assistant.ask(turn.question))
    except QuestionRejected:
        raise
    except ArticleQAError as error:
        return replace(turn, error=str(error))
    except Exception as error:
        _log.exception("the question %r failed", turn.question)
        told = f"{type(error).__name__}: {error}".removesuffix(": ")
        return replace(turn, error=f"articleqa failed on this question, so there is no answer. {told}")


def make_chat(assistant: Assistant) -> gr.Blocks:
    """The chat over an opened index, ready for `launch`; `/ask` and `/search` are for programs."""

    def take_question(question: str, turns: Conversation) -> Iterator[tuple[Any, Any, str]]:
        turn = Turn(question)
        yield "", gr.skip(), render_conversation((*turns, turn), assistant)
        try:
            turns = (*turns, _look_up(assistant, turn))
        except QuestionRejected as error:  # not part of the conversation: the question goes back to be mended
            yield question, gr.skip(), render_conversation((*turns, Turn("", error=str(error))), assistant)
            return
        yield gr.skip(), turns, render_conversation(turns, assistant)

    def open_source(turns: Conversation, event: gr.EventData) -> str:
        return render_source(turns, event.turn, event.source, assistant)

    def clear() -> tuple[Conversation, str, str]:
        return (), render_conversation((), assistant), ""

    html = functools.partial(gr.HTML, apply_default_css=False, js_on_load=(HERE / "app.js").read_text("utf-8"))
    with gr.Blocks(title="articleqa", analytics_enabled=False, fill_width=True, fill_height=True) as chat:
        turns = gr.State(())
        with gr.Row(elem_id="masthead"):
            html("<h1>articleqa</h1>", elem_id="name")
            clear_button = gr.Button("Clear", elem_id="clear", size="sm")
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="talk"):
                conversation = html(render_conversation((), assistant), elem_id="conversation")
                with gr.Row(elem_id="composer"):
                    question = gr.Textbox(
                        label="Question",
                        show_label=False,
                        container=False,
                        autofocus=True,
                        elem_id="question",
                        placeholder="Ask the articles a question",
                        max_lines=6,
                    )
                    ask_button = gr.Button("Ask", elem_id="ask", variant="primary")
            panel = html("", elem_id="source")
        own: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        asking = gr.on(
            [question.submit, ask_button.click],
            take_question,
            [question, turns],
            [question, turns, conversation],
            concurrency_limit=CHATS_AT_ONCE,
            **own,
        )
        conversation.click(open_source, [turns], [panel], concurrency_limit=CHATS_AT_ONCE, **own)
        clear_button.click(clear, None, [turns, conversation, panel], cancels=[asking], queue=False, **own)
        _add_endpoints(assistant)
    return cast(gr.Blocks, chat)  # what `with` yields is untyped


def _add_endpoints(assistant: Assistant) -> None:
    """The two functions for programs, with the JSON that the command line prints."""

    def ask(question: str) -> dict[str, Any]:
        """What the articles say to a question, as verbatim quotes with file and lines."""
        with _told():
            return assistant.ask(question).as_json()

    def search(question: str, k: int = 5) -> list[dict[str, Any]]:
        """The k passages nearest to a question, best first."""
        with _told():
            return [passage.as_json() for passage in assistant.search(question, k)]

    for function in (ask, search):
        api(function, api_name=function.__name__, concurrency_limit=PROGRAMS_AT_ONCE, concurrency_id="programs")


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Send the message of an error that the caller can mend; Gradio keeps those of others to itself."""
    try:
        yield
    except (ArticleQAError, ValueError) as error:
        raise gr.Error(str(error), print_exception=False) from error


class LocalOnly:
    """ASGI middleware that sends `CONTENT_POLICY` with every response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; add the header as its response starts."""

        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Content-Security-Policy"] = CONTENT_POLICY
            await send(message)

        await self.app(scope, receive, send_with_policy)


def launch(chat: gr.Blocks, host: str = "127.0.0.1", port: int = 7860) -> str:
    """Serve a chat from a thread of its own and return its address.

    Raises:
        OSError: the port is taken.
    """
    _, address, _ = chat.launch(
        server_name=host,
        server_port=port,
        theme=THEME,
        head=f"<style>{(HERE / 'app.css').read_text('utf-8')}</style>",  # Gradio rewrites css_paths, and loses fonts
        app_kwargs={"middleware": [Middleware(LocalOnly)]},
        footer_links=[],
        share=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        run_history=False,  # it would keep the questions in the browser
        enable_monitoring=False,
        inline=False,
        quiet=True,
        prevent_thread_lock=True,
    )
    return address


def serve(index: Path, host: str = "127.0.0.1", port: int = 7860) -> None:
    """Open an index and serve its chat until interrupted.

    Raises:
        ArticleQAError: the index can't be opened, its model can't be loaded, or the port is taken.
    """
    assistant = Assistant.open(index)
    assistant.search("anything")  # loads the model, seconds that the first to ask would wait
    chat = make_chat(assistant)
    try:
        address = launch(chat, host, port)
    except OSError as error:
        raise AddressTaken(f"Port {port} of {host} is not free. Name another one: --port {port + 1}") from error
    print(f"The chat is at {address} (Ctrl+C ends it).")
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
