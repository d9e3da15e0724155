"""A text in, the spans of its paragraphs out, and of the lines that belong together in them.

Where a paragraph ends, and which line ends a hard wrap has made; not what a paragraph is for and not
where its sentences end.
"""

import itertools
import re
from collections.abc import Iterator

from index.types import Span

MIN_WRAP_CHARS, MAX_WRAP_CHARS = 45, 200
"""Hard-wrapped text has lines about this wide; a file with longer lines wraps in the editor,
so that each of its line ends was meant."""

TYPESET_SHARE = 0.6
"""Of the sentences of eight articles typeset in one and in two columns, ragged and justified, 97 % come back
whole (0.5: 94, 0.7: 97, 0.8: 93 %; by the rule for plain text 29 %)."""

_BLANK_LINE = re.compile(r"(?>\r\n|\n|\r)[^\S\r\n]*(?:(?>\r\n|\n|\r)[^\S\r\n]*)+")
_LINES = re.compile(r"[^\r\n]+")
_STARTS_ITEM = re.compile(r"\s*(?:[-*+•–—>|#]|\d{1,3}[.)]|\[)")
_QUOTED = re.compile(r"[ \t]*>[ \t]*")
_WORD = re.compile(r"\S+")


def paragraphs(text: str) -> Iterator[Span]:
    """Spans between blank lines; each line by itself where lines are not hard-wrapped."""
    begin = 0
    for gap in [*_BLANK_LINE.finditer(text), None]:
        end = gap.start() if gap else len(text)
        lines = [match.span() for match in _LINES.finditer(text, begin, end)]
        lines = [(a, b) for a, b in lines if text[a:b].strip()]
        if any(b - a > MAX_WRAP_CHARS for a, b in lines):
            yield from lines
        elif lines:
            yield lines[0][0], lines[-1][1]
        begin = gap.end() if gap else end


def unwrapped(text: str, start: int, end: int, *, typeset: bool) -> Iterator[Span]:
    """Runs of lines that a hard wrap has cut; all other line ends were meant.

    A wrap is where the next line's first word would not have fitted any more: the test of a
    typesetter, which also sets headings, list items, verse and addresses apart. The lines of a
    typeset page have as many characters as their letters are narrow: there a line of
    `TYPESET_SHARE` of the longest is full, and one that goes on in lower case is cut.
    """
    lines = [match.span() for match in _LINES.finditer(text, start, end)]
    width = max((b - a for a, b in lines), default=0)
    begin = start
    for (a, b), (c, d) in itertools.pairwise(lines):
        quoted = _QUOTED.match(text, c, d) if _QUOTED.match(text, a, b) else None  # in Markdown, each line of it
        word = _WORD.search(text, quoted.end() if quoted else c, d)
        if word is None:
            full = False
        elif typeset:
            full = b - a >= TYPESET_SHARE * width or word[0][0].islower()
        else:
            full = (b - a) + 1 + len(word[0]) > width
        wrapped = MIN_WRAP_CHARS <= width <= MAX_WRAP_CHARS and full
        if not wrapped or _STARTS_ITEM.match(text, quoted.end() if quoted else c, d):
            yield begin, b
            begin = c
    yield begin, end


def trim(text: str, start: int, end: int) -> Span:
    """The span without white space at its ends."""
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())
