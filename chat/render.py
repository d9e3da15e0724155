"""What the chat shows as HTML, from the templates of `page/templates`, which escape everything.

HTML, Markdown and formulas in articles and questions are shown as the characters they are. Reads no index.
"""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import jinja2

from chat import quoted
from chat.lines import count_lines, find_lines, in_blocks, mark_lines, shown_lines
from chat.messages import page_message
from chat.shelf import Stock
from chat.timeline import bars
from chat.turns import Cited, Conversation, Place, Refusal
from chat.uploads import Outcome, UploadStep
from index.counting import counted
from index.errors import ArticleQAError
from index.stores.types import Shelf
from index.types import Article
from qa import Assistant, Quote, notes
from qa.types import Listed

TEMPLATES = Path(__file__).parent / "page" / "templates"

LOST = "This conversation is not known here any more: the chat was started anew. Ask the question again."
"""Shown for a citation on a page that is older than the server."""

CHANGED = "This article has changed or gone since the answer was given, so the quote can't be shown in it. Ask again."

NO_SUCH_LINES = "The link names lines that this article doesn't have."


def source_key(turn: int, number: int, source: Cited) -> str:
    """What a citation opens, to tell whether it is open already; a turn may be asked again."""
    return f"{turn}-{number}-{source.sha256[:16]}-{source.start}-{source.end}"


def listed_key(turn: int, number: int, listed: Listed) -> str:
    """The same of an article in a list."""
    return f"{turn}-article-{number}-{listed.source.sha256[:16]}"


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["counted"] = counted
    environment.globals.update(source_key=source_key, listed_key=listed_key, bars=bars, notes=notes, quoted=quoted)
    return environment


def _render(template: str, macro: str, *values: object) -> str:
    html = cast(Callable[..., str], getattr(_environment().get_template(template).module, macro))(*values)
    return str(html).encode("utf-8", "backslashreplace").decode()  # a file name may hold half a character


def render_masthead(*, uploads: bool) -> str:
    """The name of the chat and what can be done with the conversation as a whole."""
    return _render("masthead.html", "masthead", uploads)


def render_composer(authors: Sequence[str]) -> str:
    """Where a question is typed, with the filters beside it."""
    return _render("composer.html", "composer", authors)


def render_welcome(stock: Stock, starters: Sequence[str] = ()) -> str:
    """The page before the first question: what there is, and questions to begin with."""
    return _render("welcome.html", "welcome", stock, starters)


def render_conversation(turns: Conversation, refusal: Refusal | None = None) -> str:
    """The conversation, and the refusal of the last question, if it was not taken."""
    return _render("conversation.html", "conversation", turns, refusal)


def render_source(turns: Conversation, turn: int, number: int, assistant: Assistant) -> str:
    """The article behind a citation, with every source of that turn marked in it."""
    try:
        sources = turns[turn].sources
        cited = sources[number]
    except IndexError:
        return render_trouble(LOST)
    article = _as_asked(assistant, cited.path, cited.sha256)
    if isinstance(article, str):
        return article
    shown = source_key(turn, number, cited)
    return _source(article, [source for source in sources if source.path == cited.path], cited, shown)


def render_listed(turns: Conversation, turn: int, number: int, assistant: Assistant) -> str:
    """An article of a list at its best line, with all lines marked that say what was asked for."""
    try:
        listed = turns[turn].listed[number]
    except IndexError:
        return render_trouble(LOST)
    article = _as_asked(assistant, listed.path, listed.source.sha256)
    if isinstance(article, str):
        return article
    best: list[Place] = [listed.best] if listed.best else []
    lines = [found for line in listed.lines if (found := find_lines(article, str(line)))]
    apart = [line for line in lines if not any(line.start < place.end and place.start < line.end for place in best)]
    places = [*best, *apart]
    return _source(article, places, places[0] if places else None, listed_key(turn, number, listed))


def _as_asked(assistant: Assistant, path: str, sha256: str) -> Article | str:
    """An article as it was when it was asked, else the panel that says why it can't be shown."""
    try:
        return assistant.article(path, sha256)
    except KeyError:
        return render_trouble(CHANGED)
    except ArticleQAError as error:
        return render_trouble(page_message(error))


def render_link(path: str, lines: str, assistant: Assistant) -> str:
    """The article that a link names, with its lines marked; all of it without lines."""
    try:
        article = assistant.article(path)
    except LookupError:
        return render_trouble(f"There is no article {path} in this index.")
    except ArticleQAError as error:
        return render_trouble(page_message(error))
    marked = find_lines(article, lines) if lines else None
    if lines and not marked:
        return render_trouble(NO_SUCH_LINES)
    return _source(article, [marked] if marked else [], marked, "")


def _source(article: Article, places: Sequence[Place], cited: Place | None, shown: str) -> str:
    numbers = shown_lines(article, cited)
    places = sorted(
        (place for place in places if article.lines.line(place.start) in numbers),
        key=lambda place: (place.start, place.end),
    )
    number = places.index(cited) if cited else -1
    answering = [place.answer for place in places if isinstance(place, Quote) and quoted.answer_apart(place)[1]]
    blocks = in_blocks(mark_lines(article, places, number, numbers, answering))
    spots = [article.lines.lines(place.start, place.end) if place.start < place.end else None for place in places]
    return _render("source.html", "source", article, blocks, numbers, count_lines(article), spots, number, shown)


def render_trouble(message: str) -> str:
    """The panel where there is no article to show."""
    return _render("source.html", "trouble", message)


def render_shelf(shelf: Shelf) -> str:
    """The panel with the table of all articles."""
    return _render("shelf.html", "browse", shelf)


def render_rows(shelf: Shelf) -> str:
    """The rows of that table for a search and an order."""
    return _render("shelf.html", "shelf_rows", shelf)


def render_upload() -> str:
    """The panel where articles are chosen that are to be added."""
    return _render("upload.html", "upload")


def render_intake(state: UploadStep | Outcome | None = None) -> str:
    """How far adding them has come, and what came of it; at first nothing."""
    step = state if isinstance(state, UploadStep) else None
    outcome = state if isinstance(state, Outcome) else None
    return _render("upload.html", "intake", step, outcome)


def render_download(name: str, text: str) -> str:
    """A text for the browser to save."""
    return _render("masthead.html", "download", name, text)
