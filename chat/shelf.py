"""An index in, what the page tells of it out: how much there is, and its articles as a table to look through.

The only module that reads the tables of an index for the page, but for `chat.starters`.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chat.messages import without_commands
from index.articles import Article
from index.store import ArticleIndex, ArticleRecord

SHOWN_AT_ONCE = 100
"""Rows sent at first and with each "show more"."""


@dataclass(frozen=True, slots=True)
class Stock:
    """What there is to ask.

    Attributes:
        articles, passages: how many.
        unread: paths of files that are not searched, each with the reason.
        first_date, last_date: of the articles that have a date, as people write them; empty if none has.
    """

    articles: int
    passages: int
    unread: tuple[tuple[str, str], ...] = ()
    first_date: str = ""
    last_date: str = ""


@dataclass(frozen=True, slots=True)
class Shelved:
    """One article as the table lists it.

    Attributes:
        path, title, author, published: of the article; empty where it doesn't say.
        bytes: length of its text in UTF-8.
    """

    path: str
    title: str
    author: str
    published: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """A page of the table.

    Attributes:
        articles: those shown.
        matching: how many there are of that search.
    """

    articles: tuple[Shelved, ...]
    matching: int


_ORDERS: dict[str, Callable[[Shelved], Any]] = {
    "title": lambda article: (article.title or article.path).casefold(),
    "author": lambda article: (article.author == "", article.author.casefold()),
    "published": lambda article: article.published,
    "length": lambda article: article.bytes,
}


def browse(index: ArticleIndex, search: str = "", order: str = "title", *, down: bool = False, count: int = 0) -> Shelf:
    """The articles whose title, author, date or path hold every word of `search`, in an order.

    Args:
        index: the articles.
        search: words; upper and lower case are the same.
        order: "title", "author", "published" or "length"; anything else is "title".
        down: from the last to the first.
        count: how many rows; 0 for `SHOWN_AT_ONCE`.
    """
    words = search.casefold().split()
    rows = (_shelved(record) for record in index.rows.articles)
    matching = [row for row in rows if all(word in _searched(row) for word in words)]
    matching.sort(key=lambda row: row.path)
    matching.sort(key=_ORDERS.get(order, _ORDERS["title"]), reverse=down)
    return Shelf(tuple(matching[: count or SHOWN_AT_ONCE]), len(matching))


def _shelved(record: ArticleRecord) -> Shelved:
    title, author, published = (header(record, name) for name in ("title", "author", "published"))
    return Shelved(record.path, title, author, published, record.text_end - record.text_start)


def header(article: Article | ArticleRecord, name: str) -> str:
    """The title, author or date that an article says; else empty."""
    field = getattr(article, name)
    return field.value if field else ""


def _searched(row: Shelved) -> str:
    return f"{row.title}\n{row.author}\n{row.published}\n{row.path}".casefold()


def authors(index: ArticleIndex, at_most: int = 500) -> list[str]:
    """Names to choose from, each once."""
    names = {name for record in index.rows.articles if (name := header(record, "author"))}
    return sorted(names, key=str.casefold)[:at_most]


def stock(index: ArticleIndex) -> Stock:
    """What there is to ask in an index."""
    rows = index.rows
    dates = sorted(date for record in rows.articles if (date := header(record, "published")))
    first, last = (_spelled(dates[0]), _spelled(dates[-1])) if dates else ("", "")
    unread = tuple((file.path, without_commands(file.reason)) for file in rows.unread)
    return Stock(len(rows.articles), len(rows.chunks), unread, first, last)


def _spelled(date: str) -> str:
    parsed = datetime.date.fromisoformat(date)
    return f"{parsed.day} {parsed:%B} {parsed.year}"
