"""The tables of a generation in, nothing out: an error where their rows don't fit together.

Digests tell that bytes are as they were written. What was written may still be nonsense, by a program with a mistake in
it or by somebody who signs it: numbers of rows that are not there, spans outside a text, vectors of no length. Types
and shapes are looked at when a generation is opened, every row by `verify`, which a build begins with.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, TypeVar

import numpy as np

from index.errors import ArticleQAError, IndexCorrupt
from index.segment import ROLES, BlockColumn, Column, Table, starts_of
from index.stores.local.articles import Row, TableError
from index.stores.local.shapes import check_begins, check_numbers
from index.types import LineTable, Unread

_Given = ParamSpec("_Given")
_Read = TypeVar("_Read")


class _OfFolder(Protocol):
    @property
    def _folder(self) -> Path: ...


_Self = TypeVar("_Self", bound=_OfFolder)


def named_where_rows_misfit(
    read: Callable[Concatenate[_Self, _Given], _Read],
) -> Callable[Concatenate[_Self, _Given], _Read]:
    """A read of a snapshot that raises `IndexCorrupt` where a row leads to one that is not there, or to nonsense."""

    @functools.wraps(read)
    def named(snapshot: _Self, /, *given: _Given.args, **named: _Given.kwargs) -> _Read:
        try:
            return read(snapshot, *given, **named)
        except ArticleQAError:
            raise
        except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError, TableError) as error:
            raise IndexCorrupt(snapshot._folder, f"its rows don't fit together ({error})", hidden=True) from error

    return named


def check_table(
    rows: Sequence[Row], texts: Sequence[tuple[int, int, int]], sources: Mapping[str, str], unread: Sequence[Unread]
) -> None:
    """Make sure that the articles are numbered and named.

    Raises:
        TypeError, ValueError: they aren't.
    """
    if [number for number, _, _ in texts] != list(range(len(rows))):
        raise ValueError("the articles have other numbers than their places")
    named = [value for row in rows for value in (row.info.path, row.info.sha256, row.text_sha256)]
    told = [value for entry in unread for value in (entry.path, entry.reason, entry.sha256, entry.file)]
    if not all(isinstance(value, str) for value in (*named, *told, *sources, *sources.values())):
        raise TypeError("a path, a reason or a digest is no text")


def check_articles(rows: Sequence[Row], text_bytes: int, chunks: Table, blocks: Table) -> None:
    """Make sure that texts, chunks and blocks belong to the articles, one after the other.

    Raises:
        ValueError: they don't.
    """
    for name, of_rows, end in (
        ("texts", [(row.text_start, row.text_end) for row in rows], text_bytes),
        ("passages", [(row.chunk_start, row.chunk_end) for row in rows], len(chunks)),
        ("blocks", [(row.block_start, row.block_end) for row in rows], len(blocks)),
    ):
        spans = np.array(of_rows, dtype=np.int64).reshape(-1, 2)
        begins = starts_of((spans[:, 1] - spans[:, 0]).tolist())
        check_begins(name, begins, end)
        if (spans[:, 0] != begins[:-1]).any():
            raise ValueError(f"the {name} of the articles don't stand one after the other")
    for name, table, counts in (
        ("passages", chunks[:, Column.ARTICLE], [row.chunk_end - row.chunk_start for row in rows]),
        ("blocks", blocks[:, BlockColumn.ARTICLE], [row.block_end - row.block_start for row in rows]),
    ):
        if (table != np.repeat(np.arange(len(rows)), counts)).any():
            raise ValueError(f"the {name} are of other articles")


def check_sentences(chunks: Table, sentences: Table) -> None:
    """Make sure that the sentences stand in their passages.

    Raises:
        ValueError: they don't.
    """
    firsts, lasts = chunks[:, Column.SENTENCE_START], chunks[:, Column.SENTENCE_END]
    counts = lasts - firsts
    begins = starts_of(counts.tolist())
    check_begins("sentences", begins, len(sentences))
    if (firsts != begins[:-1]).any():
        raise ValueError("the sentences of the passages don't stand one after the other")
    starts, ends = (np.repeat(chunks[:, column], counts) for column in (Column.START, Column.END))
    inside = (starts <= sentences[:, 0]) & (sentences[:, 0] <= sentences[:, 1]) & (sentences[:, 1] <= ends)
    if not inside.all():
        raise ValueError(f"sentence {np.flatnonzero(~inside)[0]} is not in its passage")


def check_text(path: str, data: bytes, chunks: Table, blocks: Table) -> None:
    """Make sure that what is said of places in an article's text is so: spans, bytes and lines.

    Raises:
        ValueError: it isn't.
    """
    text = data.decode()
    lines = LineTable(text)
    for row in chunks.tolist():
        start, end = row[Column.START], row[Column.END]
        if not 0 <= start < end <= len(text):
            raise ValueError(f"a passage of {path} is no part of its text")
        if data[row[Column.BYTE_START] : row[Column.BYTE_END]] != text[start:end].encode():
            raise ValueError(f"a passage of {path} is another one in bytes")
        if [row[Column.START_LINE], row[Column.END_LINE]] != [*lines.lines(start, end)]:
            raise ValueError(f"a passage of {path} is on other lines")
        if not 0 <= row[Column.HEADING_START] <= row[Column.HEADING_END] <= len(data):
            raise ValueError(f"a heading of {path} is no part of its text")
    starts, ends = blocks[:, BlockColumn.START], blocks[:, BlockColumn.END]
    if not ((starts >= 0) & (starts <= ends) & (ends <= len(text))).all():
        raise ValueError(f"a block of {path} is no part of its text")
    check_numbers("roles", blocks[:, BlockColumn.ROLE], len(ROLES))
