"""What every reader returns: `Rendered` text with its own lines, and what is known of it.

Formats without lines of their own (HTML, PDF, JSON Lines) are rendered here to plain text:
title, byline and date, each on a line of its own, a blank line, and the body.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from index.errors import ArticleUnreadable
from index.headers import Header
from index.types import Block, Field

MAX_BYTES = 100_000_000
"""Largest file that is read, and the most that a packed one may unpack to. A million words in
plain text are 6 MB; larger files are archives, and one that unpacks to more is a bomb."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """An article as a reader gives it.

    Attributes:
        text: plain text with the lines that are cited.
        header: title, author and date with their spans of `text`.
        pages: where in `text` each page of a PDF starts, in code points; else empty.
        record: the 1-based line of a JSON Lines file that holds the article; else 0.
        sha256: digest of that line; empty where the article is the whole file.
        url: where the article was published, if it says.
        notice: what the reader had to decide or to replace; empty mostly.
        hints: what the file's own markup says of lines of `text`, in order; see `index.structure`.
    """

    text: str
    header: Header
    pages: tuple[int, ...] = ()
    record: int = 0
    sha256: str = ""
    url: str = ""
    notice: str = ""
    hints: tuple[Block, ...] = ()


Reader = Callable[[str, bytes], Iterator[Rendered | ArticleUnreadable]]
"""Called with (path, bytes). A record that can't be read is given as the error that names it; a
whole file that can't be read is raised."""

_UNSHOWABLE = re.compile("[\x00\ud800-\udfff\ufffe\uffff]")
_HALVES = re.compile("[\ud800-\udfff]")
_TOO_MANY_BLANK = re.compile(r"\n{3,}")


def format_of(path: str) -> str:
    """What decides which reader a file gets: its suffix in lower case, ``.html.gz`` being one."""
    name = path.rpartition("/")[2].lower()
    stem, dot, suffix = name.rpartition(".")
    if suffix == "gz" and "." in stem.lstrip("."):
        return f".{stem.rpartition('.')[2]}.gz"
    return f".{suffix}" if dot and stem else ""


def render(body: str, title: str = "", author: str = "", date: str = "", published: str = "") -> tuple[str, Header]:
    """An article's text and header from what its format keeps apart.

    Args:
        body: its text; a first line that repeats the title is left out.
        title: as the source says it.
        author: as the source says it.
        date: as the source says it, shown as it is.
        published: the ISO date that `date` means, if it could be told.
    """
    title, author, date = (" ".join(show(value).split()) for value in (title, author, date))
    body = show(body).strip("\r\n")
    first, _, rest = body.partition("\n")
    if title and " ".join(first.split()).casefold() == title.casefold():
        body = rest.lstrip("\r\n")
    lines, fields, at = [], [], 0
    for before, value in (("", title), ("By ", author), ("", date)):
        fields.append(Field(value, at + len(before), at + len(before) + len(value)) if value else None)
        if value:
            lines.append(before + value)
            at += len(before) + len(value) + (2 if len(lines) == 1 and title else 1)
    dated = Field(published, fields[2].start, fields[2].end) if published and fields[2] else None
    head = f"{title}\n\n" if title else ""
    below = "\n".join(lines[1:] if title else lines)
    text = head + (f"{below}\n\n" if below else "") + body
    return text, Header(fields[0], fields[1], dated)


def show(text: str) -> str:
    """Text that can be written as UTF-8: NUL bytes and halves of characters become U+FFFD."""
    return _UNSHOWABLE.sub("\ufffd", text)


def whole(text: str) -> str:
    """Text of the same length without halves of characters, which nothing can write or send: U+FFFD in their place."""
    return text if text.isascii() else _HALVES.sub("\ufffd", text)


def failed(error: Exception) -> str:
    """Why a file is not read whose reader met what nobody has thought of."""
    return whole(f"reading it failed ({type(error).__name__}: {str(error)[:200]})")


def paragraphs(lines: list[str]) -> str:
    """Lines to text, a blank line between two of them unless both are items of a list or a table."""
    parts: list[str] = []
    for line in lines:
        if parts:
            parts.append("\n" if _is_item(line) and _is_item(parts[-1]) else "\n\n")
        parts.append(line)
    return _TOO_MANY_BLANK.sub("\n\n", "".join(parts))


def _is_item(line: str) -> bool:
    return line.startswith(("- ", "| ")) or " | " in line
