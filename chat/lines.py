"""An article and places in it in, its lines with those places marked out, as the panel shows them."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chat.turns import Place
from index.types import Article, Span, page_of

LINES_IN_BLOCK = 100
"""Lines that the browser lays out together, and only when they come into view."""

MAX_LINES = 30_000
"""Lines of one article that a page is given at once; 20,000 are there within a second."""

MAX_CHARS = 3_000_000
"""Characters of one article that a page is given at once, as 30,000 lines of prose have."""

MAX_RUN = 20_000
"""Characters of a line that are shown in one piece, of a longer one its two ends: one line of a million
took a browser 3 s to break, one of five millions more than a minute."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of a line that are marked alike.

    Attributes:
        text: the characters.
        mark: ``"cited"`` in the place that was opened, ``"also"`` in another of the same answer, else empty.
        places: numbers of the places that hold it.
        left_out: how many characters are not shown before it.
        answers: whether they are among the words that answer.
    """

    text: str
    mark: str = ""
    places: tuple[int, ...] = ()
    left_out: int = 0
    answers: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an article as the panel shows it.

    Attributes:
        number: 1-based, as an editor counts.
        mark: the strongest mark of the line, as in `Piece`; a blank line within a quote has one too.
        pieces: the line's text without its line end, but for what is left out.
        places: numbers of the places that share a character with the line.
        page: number of the page that begins in this line, in a format that has pages; 0 elsewhere.
    """

    number: int
    mark: str
    pieces: tuple[Piece, ...]
    places: tuple[int, ...] = ()
    page: int = 0


@dataclass(frozen=True, slots=True)
class LineRange:
    """Whole lines of an article, as a link names them.

    Attributes:
        path, start, end: as in `Place`.
    """

    path: str
    start: int
    end: int


def find_lines(article: Article, lines: str) -> LineRange | None:
    """The lines that a link names, ``"10"`` or ``"10-12"``; None where the article has none of them."""
    match = re.fullmatch(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", lines)
    if not match:
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    last = min(last, count_lines(article))
    if not 1 <= first <= last:
        return None
    start, end = article.lines.span(first)[0], article.lines.span(last)[1]
    end = start + len(article.text[start:end].rstrip("\r\n"))
    return LineRange(article.path, start, end)


def count_lines(article: Article) -> int:
    """How many lines an article has. Like for ``sed -n``, after a line end at its end there is none."""
    return len(article.lines.starts) - (article.lines.starts[-1] == article.lines.length)


def shown_lines(article: Article, cited: Place | None) -> range:
    """Numbers of the lines to show: all, or of a longer article those around the place that is cited."""
    start = cited.start if cited else 0
    first, end = _window(article.lines.line(start), MAX_LINES, 1, count_lines(article) + 1)
    char, end_char = _window(start, MAX_CHARS, 0, article.lines.length)
    first = max(first, article.lines.line(char))
    return range(first, min(end, article.lines.line(max(char, end_char - 1)) + 1))


def _window(middle: int, size: int, begin: int, end: int) -> tuple[int, int]:
    """The `size` numbers around `middle` in ``[begin, end)``, or all of them."""
    first = max(begin, min(middle - size // 2, end - size))
    return first, min(first + size, end)


def mark_lines(
    article: Article,
    places: Sequence[Place],
    cited: int,
    shown: range | None = None,
    answering: Sequence[Span] = (),
) -> list[Line]:
    """The lines of an article with `places` marked where they are of it, number `cited` more strongly.

    Args:
        article: the article.
        places: spans of it, or of others.
        cited: number of a place.
        shown: numbers of lines, see `shown_lines`; None for those from the beginning.
        answering: spans with the words that answer, inside the places.
    """
    spans = [(place.start, place.end, number) for number, place in enumerate(places) if place.path == article.path]
    lines = []
    before = None
    for number in shown or shown_lines(article, None):
        start, end = article.lines.span(number)
        text = article.text[start:end].rstrip("\r\n")
        holding = _overlapping(spans, start, end)
        mark = _mark(holding, cited)
        pieces = _pieces(text, start, spans, cited, answering) if holding else (Piece(text),) if text else ()
        pieces = tuple(part for piece in pieces for part in _shortened(piece))
        page = page_of(article.pages, start)
        lines.append(Line(number, mark, pieces, holding, page if page and page != before else 0))
        before = page
    return lines


def in_blocks(lines: Sequence[Line]) -> list[Sequence[Line]]:
    """Lines in groups that are laid out together."""
    return [lines[at : at + LINES_IN_BLOCK] for at in range(0, len(lines), LINES_IN_BLOCK)]


def _pieces(
    text: str, start: int, spans: Sequence[tuple[int, int, int]], cited: int, answering: Sequence[Span]
) -> tuple[Piece, ...]:
    """A line cut wherever a place, or the words that answer, begin or end in it."""
    end = start + len(text)
    edges = {edge for span in (*(span[:2] for span in spans), *answering) for edge in span if start < edge < end}
    found = []
    for begin, stop in itertools.pairwise(sorted({start, end, *edges})):
        holding = _overlapping(spans, begin, stop)
        answers = bool(holding) and any(first < stop and begin < last for first, last in answering)
        found.append(Piece(text[begin - start : stop - start], _mark(holding, cited), holding, answers=answers))
    return tuple(found)


def _shortened(piece: Piece) -> tuple[Piece, ...]:
    """A piece, or the two ends of a long one."""
    if len(piece.text) <= MAX_RUN:
        return (piece,)
    half = MAX_RUN // 2
    left_out = len(piece.text) - MAX_RUN
    return replace(piece, text=piece.text[:half]), replace(piece, text=piece.text[-half:], left_out=left_out)


def _overlapping(spans: Sequence[tuple[int, int, int]], start: int, end: int) -> tuple[int, ...]:
    """Numbers of the spans that share a character with ``[start, end)``."""
    return tuple(number for begin, stop, number in spans if begin < end and start < stop)


def _mark(holding: Sequence[int], cited: int) -> str:
    if cited in holding:
        return "cited"
    return "also" if holding else ""
