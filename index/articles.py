"""A file in, an `Article` out: its text, its line table, its title, author and date.

One small reader per format, chosen by the file's suffix in `READERS`. This module does not
split text into sentences and knows nothing of models or indexes.
"""

import bisect
import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from index.errors import ArticlesMissing, ArticleUnreadable
from index.headers import Field, Header, read_header

Span = tuple[int, int]
"""``[start, end)`` offsets of a text, in code points."""

LINE_END = re.compile(r"\r\n|\n|\r")
"""What ends a line in an editor. `str.splitlines` also breaks at U+2028, \\x0b, \\x0c and
\\x85, which would shift every line number after one of them."""


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
class Article:
    """One article as it was read: nothing is derived from the index, nothing from the screen.

    Attributes:
        path: relative to the articles folder, with ``/`` on every system.
        text: exactly what the file says, line ends included (a byte order mark left out).
        sha256: hex digest of the file's bytes.
        title, author, published: values with the span of `text` they were read from;
            `published` is an ISO date (``2023-09-19``).
        lines: the line table of `text`.
    """

    path: str
    text: str
    sha256: str
    title: Field | None = None
    author: Field | None = None
    published: Field | None = None
    lines: LineTable = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", LineTable(self.text))


def list_articles(folder: Path, leave_out: Path | None = None) -> list[str]:
    """Every file below `folder` that isn't hidden, as sorted relative paths.

    Symbolic links to folders are not followed. Files of unknown formats are listed too, so
    that a build can name them instead of dropping them in silence.

    Raises:
        ArticlesMissing: `folder` does not exist or is not a folder.
    """
    if not folder.is_dir():
        found = "is not a folder" if folder.exists() else "does not exist"
        raise ArticlesMissing(
            f"The articles folder {folder} {found}. Name the folder that holds your articles: articleqa build ARTICLES"
        )
    return sorted(_walk(folder, leave_out.resolve() if leave_out else None))


def _walk(folder: Path, leave_out: Path | None) -> Iterator[str]:
    locked: list[str] = []

    def note(error: OSError) -> None:
        locked.append(Path(error.filename).relative_to(folder).as_posix())

    for parent, folders, files in os.walk(folder, onerror=note):
        folders[:] = [
            name for name in folders if not name.startswith(".") and Path(parent, name).resolve() != leave_out
        ]
        for name in files:
            if not name.startswith("."):
                yield Path(parent, name).relative_to(folder).as_posix()
    yield from locked


def read_bytes(folder: Path, path: str) -> bytes:
    """The bytes of one listed file.

    Raises:
        ArticleUnreadable: the system won't give them (permissions, vanished, not a file).
    """
    try:
        if not stat.S_ISREG((folder / path).stat().st_mode):
            raise ArticleUnreadable(path, "not a regular file")
        return (folder / path).read_bytes()
    except OSError as error:
        raise ArticleUnreadable(path, error.strerror or type(error).__name__) from error


def parse_article(path: str, data: bytes) -> Article:
    """Make an `Article` of a file's bytes with the reader for its suffix.

    Raises:
        ArticleUnreadable: unknown format, not text, or empty.
    """
    suffix = PurePosixPath(path).suffix.lower()
    reader = READERS.get(suffix)
    if reader is None:
        known = ", ".join(sorted(READERS))
        raise ArticleUnreadable(path, f"format {suffix or 'without a suffix'} is not read ({known} are)")
    text, header = reader(path, data)
    if not text.strip():
        raise ArticleUnreadable(path, "the file is empty")
    return Article(
        path=path,
        text=text,
        sha256=sha256_of(data),
        title=header.title,
        author=header.author,
        published=header.published,
    )


def sha256_of(data: bytes) -> str:
    """Hex digest by which articles and index files are known."""
    return hashlib.sha256(data).hexdigest()


def read_text(path: str, data: bytes) -> tuple[str, Header]:
    """Reader for plain text and Markdown: decoded, otherwise as it is."""
    text = decode(path, data)
    return text, read_header(text)


def decode(path: str, data: bytes) -> str:
    """Bytes to text: UTF-8, else what charset-normalizer finds; never with errors ignored.

    Raises:
        ArticleUnreadable: the bytes are no text in any encoding that can be told.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = _decode_legacy(path, data)
    if "\x00" in text:
        raise ArticleUnreadable(path, "not a text file (it holds NUL bytes)")
    return text


_DOS_AND_MAC = [
    *(f"cp{page}" for page in (437, 720, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 869)),
    *("mac_latin2", "mac_iceland", "mac_roman", "mac_turkish", "mac_greek"),
]


def _decode_legacy(path: str, data: bytes) -> str:
    import charset_normalizer  # 50 ms to import, and most articles are UTF-8

    best = charset_normalizer.from_bytes(data, cp_exclusion=_DOS_AND_MAC).best()
    if best is None:
        raise ArticleUnreadable(path, "not a text file (no encoding fits its bytes)")
    text = data.decode(best.encoding)
    return text.removeprefix("\ufeff")


Reader = Callable[[str, bytes], tuple[str, Header]]

READERS: dict[str, Reader] = {
    ".txt": read_text,
    ".text": read_text,
    ".md": read_text,
    ".markdown": read_text,
}
