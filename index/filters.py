"""Which articles are asked: conditions on date, author, path and title, and what they mean.

`Filters.allows` is the meaning; a store finds the same articles its own way (tests/store_conformance.py compares).
"""

import calendar
import datetime
import fnmatch
import re
from dataclasses import dataclass

from index.errors import FilterRejected
from index.types import ArticleInfo

MAX_CHARS = 1_000
"""Of each condition, like those of a question: longer than any path of an article that people type."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions that an article has to meet, all of them; an empty one lets everything through.

    Attributes:
        since, until: first and last day of publication. An article without a date meets neither.
        author: part of the author's name, in any case.
        path: shell pattern of the path, ``2023/*``, or part of it, also of the file that an article is a record of;
            the whole path of an article means that one only.
        title: the same of the title, in any case.
    """

    since: datetime.date | None = None
    until: datetime.date | None = None
    author: str = ""
    path: str = ""
    title: str = ""

    @classmethod
    def parse(cls, since: str = "", until: str = "", author: str = "", path: str = "", title: str = "") -> "Filters":
        """Filters from what a person typed; dates as ``2023-09-19``, ``2023-09`` or ``2023``.

        Raises:
            FilterRejected: a date is none, `since` is after `until`, or one of them is far too long.
        """
        longest = max(map(len, (since, until, author, path, title)))
        if longest > MAX_CHARS:
            raise FilterRejected(f"A filter has {longest:,} characters; at most {MAX_CHARS:,} are read.")
        first, last = _day(since, first=True), _day(until, first=False)
        if first and last and first > last:
            raise FilterRejected(f"Nothing is published since {first} and until {last}: the first is after the second.")
        return cls(first, last, author.strip(), path.strip().removeprefix("./"), title.strip())

    @property
    def active(self) -> bool:
        """Whether anything is filtered at all."""
        return self != Filters()

    def allows(self, article: ArticleInfo) -> bool:
        """Whether an article meets all conditions, if no other has the whole `path` as its own."""
        published = article.value("published")
        return (
            (self.since is None or self.since.isoformat() <= published)
            and (self.until is None or "" < published <= self.until.isoformat())
            and self.author.casefold() in article.value("author").casefold()
            and (matches(self.path, article.path) or matches(self.path, article.file))
            and matches(self.title, article.value("title"))
        )

    def describe(self) -> str:
        """The conditions in words: ``since 2023-09-01, by "Dovich"``."""
        parts = (
            f"since {self.since}" if self.since else "",
            f"until {self.until}" if self.until else "",
            f"by “{self.author}”" if self.author else "",
            f"in “{self.path}”" if self.path else "",
            f"titled “{self.title}”" if self.title else "",
        )
        return ", ".join(filter(None, parts))


NO_FILTERS = Filters()

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


def _day(text: str, *, first: bool) -> datetime.date | None:
    """A day, or the first or last one of a month or year."""
    text = text.strip()
    if not text:
        return None
    match = _DATE.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        year, month = int(match[1]), int(match[2] or (1 if first else 12))
        last_of_month = calendar.monthrange(year, month)[1]
        return datetime.date(year, month, int(match[3] or (1 if first else last_of_month)))
    except ValueError as error:  # a month 13 is a calendar.IllegalMonthError, which is one too
        raise FilterRejected(f"“{text}” is no date. Write it as 2023-09-19, 2023-09 or 2023.") from error


def matches(pattern: str, text: str) -> bool:
    """Whether a text contains a pattern or, if that has wildcards, is matched by it; in any case."""
    pattern, text = pattern.casefold(), text.casefold()
    return pattern in text or fnmatch.fnmatchcase(text, pattern)  # first: a name may have brackets of its own
