"""The table of articles of a generation: SQLite, written once, loaded whole behind one digest.

Filters, look-ups and the list of articles are its queries. Values are kept as the bytes that they are in UTF-8, also
halves of characters, which file names may hold.
"""

import fnmatch
import functools
import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import IndexCorrupt
from index.filters import Filters
from index.types import ArticleInfo, Field, Unread

CACHED_ARTICLES = 4096
"""Articles kept as `Row`s; a question touches about ten."""

_ASKED_AT_ONCE = 10_000
"""Paths in one query; SQLite takes 32,766 values, as it comes."""

TableError = sqlite3.Error
"""What a table raises whose columns or rows are others."""

_SHOWN_TEXTS = (
    *("path", "sha256", "text_sha256", "title", "author", "published"),
    *("spans", "pages", "url", "notice", "language"),
)
_SEARCHED_TEXTS = ("file", "path_folded", "file_folded", "title_folded", "author_folded", "searched")
_TEXTS = (*_SHOWN_TEXTS, *_SEARCHED_TEXTS)
_PLACES = ("text_start", "text_end", "chunk_start", "chunk_end", "block_start", "block_end")
_NUMBERS = ("record", *_PLACES)

_COLUMNS = ", ".join(
    ["number INTEGER PRIMARY KEY", *(f"{n} TEXT" for n in _TEXTS), *(f"{n} INTEGER" for n in _NUMBERS)]
)
_SCHEMA = f"""
    CREATE TABLE articles ({_COLUMNS});
    CREATE TABLE unread (path TEXT, reason TEXT, sha256 TEXT, file TEXT);
    CREATE TABLE sources (path TEXT, sha256 TEXT);
"""
_INDEXES = "CREATE UNIQUE INDEX by_path ON articles (path); CREATE INDEX by_date ON articles (published);"

_SHOWN = (*_SHOWN_TEXTS, *_NUMBERS)

_ORDERS = {
    "title": ("CASE title WHEN '' THEN path_folded ELSE title_folded END",),
    "author": ("author = ''", "author_folded"),
    "published": ("published",),
    "length": ("text_end - text_start",),
}


@dataclass(frozen=True, slots=True)
class Row:
    """An article as the table has it.

    Attributes:
        info: what is known of it.
        text_sha256: digest of its text in UTF-8.
        text_start, text_end: bytes of the file of texts.
        chunk_start, chunk_end: rows of the chunk table.
        block_start, block_end: rows of the block table.
    """

    info: ArticleInfo
    text_sha256: str
    text_start: int
    text_end: int
    chunk_start: int
    chunk_end: int
    block_start: int
    block_end: int


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _marks(columns: Sequence[str]) -> str:
    return ", ".join("CAST(? AS TEXT)" if column in _TEXTS else "?" for column in columns)


def _connected() -> sqlite3.Connection:
    """An empty database that never writes a file, also not for sorting what is large."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


class ArticleTableWriter:
    """Makes the table, article by article."""

    def __init__(self) -> None:
        self._connection = _connected()
        self._connection.executescript(_SCHEMA)

    def add(self, rows: Iterator[Row]) -> None:
        """Append articles."""
        columns = (*_TEXTS, *_NUMBERS)
        command = f"INSERT INTO articles ({', '.join(columns)}) VALUES ({_marks(columns)})"
        self._connection.executemany(command, map(_values, rows))

    def title(self, number: int) -> str:
        """The title of an article that was added, by its number from 0."""
        query = "SELECT CAST(title AS BLOB) FROM articles WHERE rowid = ?"
        ((title,),) = self._connection.execute(query, [number + 1])
        return bytes(title).decode("utf-8", "surrogatepass")

    def finish(self, path: Path, unread: Sequence[Unread], sources: Mapping[str, str]) -> dict[str, Any]:
        """Write the table to a file; what `About` tells of it.

        Raises:
            OSError: the disk is full or refuses.
        """
        cast = "CAST(? AS TEXT)"
        entries = [tuple(map(_bytes, (entry.path, entry.reason, entry.sha256, entry.file))) for entry in unread]
        self._connection.executemany(f"INSERT INTO unread VALUES ({', '.join([cast] * 4)})", entries)
        files = [(_bytes(name), digest) for name, digest in sources.items()]
        self._connection.executemany(f"INSERT INTO sources VALUES ({cast}, ?)", files)
        self._connection.executescript(_INDEXES)
        ((articles, undated, first, last),) = self._connection.execute(
            "SELECT count(*), sum(published = ''), min(nullif(published, '')), max(published) FROM articles"
        )
        languages = Counter(dict(self._connection.execute("SELECT language, count(*) FROM articles GROUP BY language")))
        self._connection.commit()
        path.write_bytes(self._connection.serialize())
        self._connection.close()
        return {
            "articles": articles,
            "unread": len(unread),
            "undated": undated or 0,
            "first_date": first or "",
            "last_date": last or "",
            "languages": sorted(languages, key=lambda language: (-languages[language], language)),
        }

    def discard(self) -> None:
        """Forget it."""
        self._connection.close()


def _values(row: Row) -> list[object]:
    info = row.info
    fields = {name: getattr(info, name) for name in ("title", "author", "published")}
    said = {name: info.value(name) for name in fields}
    texts = {
        **said,
        **{name: getattr(info, name) for name in ("path", "file", "sha256", "url", "notice", "language")},
        "text_sha256": row.text_sha256,
        "spans": json.dumps({name: (field.start, field.end) for name, field in fields.items() if field}),
        "pages": json.dumps(info.pages),
        **{
            f"{name}_folded": value.casefold()
            for name, value in [*said.items(), ("path", info.path), ("file", info.file)]
        },
        "searched": "\n".join([*said.values(), info.path]).casefold(),
    }
    numbers = (info.record, *(getattr(row, name) for name in _PLACES))
    return [*(_bytes(texts[name]) for name in _TEXTS), *numbers]


class ArticleTable:
    """The table of an opened generation. Safe to use from several threads.

    Args:
        data: the file's bytes, checked.
        place: the index, for errors.

    Raises:
        IndexCorrupt: it is no such table.
    """

    def __init__(self, data: bytes, place: Path) -> None:
        self._lock = threading.Lock()
        self._connection = _connected()
        self._connection.text_factory = lambda found: found.decode("utf-8", "surrogatepass")
        self._connection.create_function("matches", 2, _matches, deterministic=True)
        try:
            if not data:
                raise sqlite3.DatabaseError("it is empty")
            self._connection.deserialize(data)
            self._ask("SELECT count(*) FROM articles")
        except sqlite3.Error as error:
            raise IndexCorrupt(place, f"its table of articles can't be opened ({error})") from error
        self.row = functools.lru_cache(CACHED_ARTICLES)(self._row)

    def _ask(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        with self._lock:
            return self._connection.execute(query, [_bytes(v) if isinstance(v, str) else v for v in values]).fetchall()

    def _row(self, number: int) -> Row:
        """The article of a number, from 0."""
        (found,) = self._ask(f"SELECT {', '.join(_SHOWN)} FROM articles WHERE number = ?", [number + 1])
        return _row_of(found)

    def block_end(self) -> int:
        """How many rows of the block table the articles have together."""
        found = self._ask("SELECT block_end FROM articles ORDER BY number DESC LIMIT 1")
        return int(found[0][0]) if found else 0

    def number(self, path: str) -> int | None:
        """The number of the article at `path`, or None."""
        found = self._ask("SELECT number FROM articles WHERE path = CAST(? AS TEXT)", [path])
        return found[0][0] - 1 if found else None

    def select(self, filters: Filters, paths: Sequence[str] | None) -> list[tuple[int, int, int]]:
        """Number, first row and end of the chunks of each article that meets all conditions, see `Filters.allows`."""
        conditions, values = self._conditions(filters)
        query = "SELECT number - 1, chunk_start, chunk_end FROM articles WHERE "
        if paths is None:
            return self._ask(f"{query} {' AND '.join(conditions) or '1'} ORDER BY number", values)
        found: set[tuple[int, int, int]] = set()
        for at in range(0, len(paths), _ASKED_AT_ONCE):
            asked = paths[at : at + _ASKED_AT_ONCE]
            named = f"path IN ({', '.join(['CAST(? AS TEXT)'] * len(asked))})"
            found.update(self._ask(query + " AND ".join([*conditions, named]), [*values, *asked]))
        return sorted(found)

    def _conditions(self, filters: Filters) -> tuple[list[str], list[object]]:
        conditions: list[str] = []
        values: list[object] = []

        def demand(condition: str, *wanted: object) -> None:
            conditions.append(condition.replace("?", "CAST(? AS TEXT)"))
            values.extend(wanted)

        if filters.since:
            demand("published >= ?", filters.since.isoformat())
        if filters.until:
            demand("published != '' AND published <= ?", filters.until.isoformat())
        if filters.author:
            demand("instr(author_folded, ?)", filters.author.casefold())
        if filters.title:
            demand(*_match("title_folded", filters.title))
        if filters.path and self.number(filters.path) is not None:
            demand("path = ?", filters.path)
        elif filters.path:
            of_path, *wanted = _match("path_folded", filters.path)
            of_file, *_ = _match("file_folded", filters.path)
            demand(f"({of_path} OR {of_file})", *wanted, *wanted)
        return conditions, values

    def rows(self, numbers: Sequence[int] | None = None) -> list[Row]:
        """The articles of some numbers, or all, in order."""
        if numbers is not None and len(numbers) <= CACHED_ARTICLES:
            return [self.row(number) for number in numbers]
        found = [_row_of(row) for row in self._ask(f"SELECT {', '.join(_SHOWN)} FROM articles ORDER BY number")]
        return found if numbers is None else [found[number] for number in numbers]

    def texts(self) -> list[tuple[int, int, int]]:
        """Number, first byte and end of the text of each article, in order."""
        return self._ask("SELECT number - 1, text_start, text_end FROM articles ORDER BY number")

    def browse(self, words: Sequence[str], order: str, *, down: bool, count: int) -> tuple[list[Row], int]:
        """See `Snapshot.browse`: a page, and how many match."""
        where = " AND ".join(["instr(searched, CAST(? AS TEXT))"] * len(words)) or "1"
        ((matching,),) = self._ask(f"SELECT count(*) FROM articles WHERE {where}", words)
        keys = [f"{key} {'DESC' if down else 'ASC'}" for key in _ORDERS.get(order, _ORDERS["title"])]
        by = ", ".join([*keys, "path"])
        query = f"SELECT {', '.join(_SHOWN)} FROM articles WHERE {where} ORDER BY {by} LIMIT ?"
        return [_row_of(row) for row in self._ask(query, [*words, count])], matching

    def authors(self, count: int) -> list[str]:
        """See `Snapshot.authors`."""
        query = "SELECT DISTINCT author, author_folded FROM articles WHERE author != '' ORDER BY 2, 1 LIMIT ?"
        return [author for author, _ in self._ask(query, [count])]

    def unread(self) -> list[Unread]:
        """See `Snapshot.unread`."""
        return [Unread(*row) for row in self._ask("SELECT path, reason, sha256, file FROM unread ORDER BY rowid")]

    def sources(self) -> dict[str, str]:
        """See `Snapshot.sources`."""
        return dict(self._ask("SELECT path, sha256 FROM sources ORDER BY rowid"))


def _match(column: str, pattern: str) -> tuple[str, ...]:
    """The condition of `index.filters.matches`, and its values."""
    pattern = pattern.casefold()
    if any(sign in pattern for sign in "*?["):
        return f"(instr({column}, ?) OR matches(CAST({column} AS BLOB), CAST(? AS BLOB)))", pattern, pattern
    return f"instr({column}, ?)", pattern


def _matches(text: bytes, pattern: bytes) -> bool:
    """`fnmatch` for a query; as bytes, since SQLite hands over no halves of characters as text."""
    return fnmatch.fnmatchcase(*(part.decode("utf-8", "surrogatepass") for part in (text, pattern)))


def _row_of(found: Sequence[Any]) -> Row:
    values = dict(zip(_SHOWN, found, strict=True))
    if not isinstance(values["path"], str):
        raise TypeError("an article has no path")
    spans = json.loads(values["spans"])
    pages = values["pages"]
    fields: dict[str, Any] = {
        name: Field(values[name], *spans[name]) if name in spans else None for name in ("title", "author", "published")
    }
    same = {name: values[name] for name in ("path", "sha256", "url", "notice", "language", "record")}
    info = ArticleInfo(**same, **fields, pages=() if pages == "[]" else tuple(json.loads(pages)))
    return Row(info, values["text_sha256"], *(values[name] for name in _PLACES))
