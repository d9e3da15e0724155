"""The vocabulary of everything before a question: articles, where they come from, spans, lines and chunks.

Plain frozen values. Nothing here reads a file, splits a text or knows a model or a store.
"""

import bisect
import enum
import re
from dataclasses import dataclass, field

Span = tuple[int, int]
"""``[start, end)`` offsets of a text, in code points."""

LINE_END = re.compile(r"\r\n|\n|\r")
"""What ends a line in an editor. `str.splitlines` also breaks at U+2028, \\x0b, \\x0c and \\x85, which would
shift every line number after one of them."""


class LineTable:
    """Offsets to 1-based line numbers of one text, by bisection.

    A line ends at ``\\n``, ``\\r\\n`` or ``\\r`` and at nothing else. Offsets count code
    points, as Python slices do.
    """

    __slots__ = ("length", "starts")

    def __init__(self, text: str) -> None:
        self.length = len(text)
        self.starts = [0, *(match.end() for match in LINE_END.finditer(text))]

    def line(self, offset: int) -> int:
        """The 1-based line that holds the character at `offset`."""
        return bisect.bisect_right(self.starts, offset)

    def span(self, line: int) -> Span:
        """The span of a 1-based line, its line end included."""
        return self.starts[line - 1], self.starts[line] if line < len(self.starts) else self.length

    def lines(self, start: int, end: int) -> tuple[int, int]:
        """First and last line (1-based, inclusive) of the non-empty span ``[start, end)``.

        Raises:
            ValueError: the span is empty or lies outside the text.
        """
        if not 0 <= start < end <= self.length:
            raise ValueError(f"span {start}:{end} is not inside a text of {self.length} characters")
        return self.line(start), self.line(end - 1)


@dataclass(frozen=True, slots=True)
class Field:
    """A value and the span ``[start, end)`` of the article's text that it was read from."""

    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Source:
    """Where a passage or a quote is from, as it is shown and cited.

    Attributes:
        path: the article, relative to the articles folder, with ``/`` on every system.
        sha256: hex digest of the article's bytes, see `ArticleInfo`.
        title, author, published: of the article; empty where it doesn't say. The date is ISO.
        url: where it was published, if the file says; else empty.
        page: of a PDF, the page from 1; None for formats without pages.
        record: line of the JSON Lines file that the article stands on, from 1; else 0.
    """

    path: str
    sha256: str
    title: str = ""
    author: str = ""
    published: str = ""
    url: str = ""
    page: int | None = None
    record: int = 0

    def citation(self, first: int, last: int) -> str:
        """``path:line`` or ``path:first-last``, lines from 1; of a PDF ``path:line, page 3``."""
        return citation_of(self.path, first, last, self.page)


class Role(enum.StrEnum):
    """What a run of lines is in its article; the values are what is stored and shown."""

    TITLE = "title"
    BYLINE = "byline"
    DATELINE = "dateline"
    HEADING = "heading"
    BODY = "body"
    LIST_ITEM = "list item"
    TABLE_ROW = "table row"
    CAPTION = "caption"
    QUOTATION = "quotation"
    BOILERPLATE = "boilerplate"


ANSWERING = frozenset((Role.BODY, Role.LIST_ITEM, Role.TABLE_ROW, Role.QUOTATION))
"""Roles of lines that may answer a question; the others say of what, who and when, or nothing."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a heading, a list item or the like: whole lines of one role.

    Attributes:
        role: what it is.
        start, end: span of the article's text from the first to the last character that isn't space.
        key: hash of its text, see `index.repeated`; 0 where that is too short to count, or was not looked at.
    """

    role: Role
    start: int
    end: int
    key: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleInfo:
    """What is known of an article beside its text.

    Attributes:
        path: relative to the articles folder, with ``/`` on every system; ``news.jsonl#3`` for
            the article on line 3 of a JSON Lines file.
        sha256: hex digest of the file's bytes; of an article in a JSON Lines file, of its line.
        title, author, published: values with the span of the text they were read from;
            `published` is an ISO date (``2023-09-19``).
        pages: where each page of a PDF starts in the text; empty for other formats.
        record: line of the JSON Lines file that the article stands on, from 1; else 0.
        url: where it was published, if the file says.
        notice: what its reader had to decide or to replace; empty mostly.
        language: ISO 639-1 code of the language that it is mostly in; empty where nobody has looked.
    """

    path: str
    sha256: str
    title: Field | None = None
    author: Field | None = None
    published: Field | None = None
    pages: tuple[int, ...] = ()
    record: int = 0
    url: str = ""
    notice: str = ""
    language: str = ""

    @property
    def file(self) -> str:
        """The path of the file that holds the article: ``news.jsonl`` of ``news.jsonl#3``."""
        return self.path.removesuffix(f"#{self.record}") if self.record else self.path

    def value(self, name: str) -> str:
        """The title, author or date as text; empty where the article doesn't say."""
        found: Field | None = getattr(self, name)
        return found.value if found else ""

    def source(self, offset: int) -> Source:
        """Where a piece that starts at `offset` of the text is from."""
        return Source(
            path=self.path,
            sha256=self.sha256,
            title=self.value("title"),
            author=self.value("author"),
            published=self.value("published"),
            url=self.url,
            page=page_of(self.pages, offset),
            record=self.record,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Article(ArticleInfo):
    """One article as it was read: nothing is derived from the index, nothing from the screen.

    Attributes:
        text: exactly what the file says, line ends included (a byte order mark left out); of
            HTML, PDF and JSON Lines the text that was rendered from it.
        hints: what the file's own markup says of runs of lines, in order; empty where it says nothing.
        lines: the line table of `text`.
    """

    text: str
    hints: tuple[Block, ...] = field(default=(), compare=False)
    lines: LineTable = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", LineTable(self.text))


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of whole sentences of one article: what is embedded and found.

    Attributes:
        start, end: span of the article's text, from its first to its last sentence.
        sentences: spans of the article's text in order, without the space around them.
    """

    start: int
    end: int
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """A file of the folder, or a record of one, that is not in the index, and why.

    Attributes:
        sha256: digest of the file's bytes; empty where they could not be read.
        file: path of the file, if that isn't `path`.
    """

    path: str
    reason: str
    sha256: str
    file: str = ""


def page_of(pages: tuple[int, ...], offset: int) -> int | None:
    """The page, from 1, that holds the character at `offset`; None where there are no pages."""
    return max(1, bisect.bisect_right(pages, offset)) if pages else None


def citation_of(path: str, first: int, last: int, page: int | None = None) -> str:
    """``path:line`` or ``path:first-last``, lines from 1; of a PDF ``path:line, page 3``."""
    lines = f"{first}" if first == last else f"{first}-{last}"
    return f"{path}:{lines}" + (f", page {page}" if page else "")
