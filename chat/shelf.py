"""An index in, what the page tells of it out: how much there is, and its articles as a table to look through.

The only module that asks a snapshot for the page, but for `chat.starters`.
"""

import datetime
from dataclasses import dataclass

from index.stores.protocol import Snapshot
from index.stores.types import Shelf

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


def browse(snapshot: Snapshot, search: str = "", order: str = "title", *, down: bool = False, count: int = 0) -> Shelf:
    """The articles whose title, author, date or path hold every word of `search`, in an order.

    Args:
        snapshot: the articles.
        search: words; upper and lower case are the same.
        order: see `Snapshot.browse`.
        down: from the last to the first.
        count: how many rows; 0 for `SHOWN_AT_ONCE`.
    """
    return snapshot.browse(search.casefold().split(), order, down=down, count=count or SHOWN_AT_ONCE)


def authors(snapshot: Snapshot, at_most: int = 500) -> list[str]:
    """Names to choose from, each once."""
    return snapshot.authors(at_most)


def stock(snapshot: Snapshot) -> Stock:
    """What there is to ask in an index."""
    about = snapshot.about
    first, last = (_spelled(date) if date else "" for date in (about.first_date, about.last_date))
    unread = tuple((entry.path, entry.reason) for entry in snapshot.unread())
    return Stock(about.articles, about.chunks, unread, first, last)


def _spelled(date: str) -> str:
    parsed = datetime.date.fromisoformat(date)
    return f"{parsed.day} {parsed:%B} {parsed.year}"
