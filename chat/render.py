"""What the chat shows as HTML, from the templates of `page.html`, which escape everything.

HTML, Markdown and formulas in articles and questions are shown as the characters they are.
"""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import jinja2

from chat import shelf
from chat.lines import count_lines, find_lines, in_blocks, mark_lines, shown_lines
from chat.turns import Conversation, Place, Refusal, Source, around
from chat.uploads import Outcome, Progress
from index.errors import ArticleQAError
from index.store import ArticleIndex
from index.types import Article
from qa import Assistant

HERE = Path(__file__).parent

LOST = "This conversation is not known here any more: the chat was started anew. Ask the question again."
"""Shown for a citation on a page that is older than the server."""

CHANGED = "This article has changed or gone since the answer was given, so the quote can't be shown in it. Ask again."

NO_SUCH_LINES = "The link names lines that this article doesn't have."


@functools.cache
def _templates() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html")


def _render(macro: str, *values: object) -> str:
    html = cast(Callable[..., str], getattr(_templates().module, macro))(*values)
    return str(html).encode("utf-8", "backslashreplace").decode()  # a file name may hold half a character


def render_masthead(*, uploads: bool) -> str:
    """The name of the chat and what can be done with the conversation as a whole."""
    return _render("masthead", uploads)


def render_composer(index: ArticleIndex) -> str:
    """Where a question is typed, with the filters beside it."""
    return _render("composer", shelf.authors(index))


def render_conversation(
    turns: Conversation,
    index: ArticleIndex,
    starters: Sequence[str] = (),
    refusal: Refusal | None = None,
) -> str:
    """The conversation as HTML; before the first question, what can be asked.

    Args:
        turns: the conversation.
        index: what is asked.
        starters: questions to begin with.
        refusal: of the last question, if it was not taken.
    """
    if turns or refusal:
        return _render("conversation", turns, around, source_key, refusal)
    return _render("welcome", index, shelf.first_and_last_date(index), starters)


def render_source(turns: Conversation, turn: int, number: int, assistant: Assistant) -> str:
    """The article behind a citation, with every source of that turn marked in it."""
    try:
        sources = turns[turn].sources
        cited = sources[number]
    except IndexError:
        return render_trouble(LOST)
    try:
        article = assistant.article(cited.path, cited.sha256)
    except KeyError:
        return render_trouble(CHANGED)
    except ArticleQAError as error:
        return render_trouble(str(error))
    shown = source_key(turn, number, cited)
    return _source(article, [source for source in sources if source.path == cited.path], cited, shown)


def source_key(turn: int, number: int, source: Source) -> str:
    """What a citation opens, to tell whether it is open already; a turn may be asked again."""
    return f"{turn}-{number}-{source.sha256[:16]}-{source.start}-{source.end}"


def render_link(path: str, lines: str, assistant: Assistant) -> str:
    """The article that a link names, with its lines marked; all of it without lines."""
    try:
        article = assistant.article(path)
    except LookupError:
        return render_trouble(f"There is no article {path} in this index.")
    except ArticleQAError as error:
        return render_trouble(str(error))
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
    lines = mark_lines(article, places, number, numbers)
    spots = [article.lines.lines(place.start, place.end) if place.start < place.end else None for place in places]
    return _render("source", article, in_blocks(lines), numbers, count_lines(article), spots, number, shown)


def render_trouble(message: str) -> str:
    """The panel where there is no article to show."""
    return _render("trouble", message)


def render_shelf(index: ArticleIndex) -> str:
    """The panel with the table of all articles."""
    return _render("browse", index, shelf.browse(index))


def render_rows(index: ArticleIndex, search: str, order: str, down: bool, count: int) -> str:
    """The rows of that table for a search and an order."""
    return _render("shelf_rows", shelf.browse(index, search, order, down=down, count=count))


def render_upload() -> str:
    """The panel where articles are chosen that are to be added."""
    return _render("upload")


def render_intake(state: Progress | Outcome | None = None) -> str:
    """How far adding them has come, and what came of it; at first nothing."""
    return _render("intake", isinstance(state, Progress), isinstance(state, Outcome), state)


def render_download(name: str, text: str) -> str:
    """A text for the browser to save."""
    return _render("download", name, text)
