"""Dates of articles in, how many there are of each month or year out, as bars that the page draws."""

import datetime
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

MOST_MONTHS = 24
"""Bars that have room for a number above them on a phone; of a longer time there is one for each year."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A month or a year.

    Attributes:
        when: "April 2023" or "2023".
        count: articles of that time.
        share: of the most that any bar has, 0 to 100.
    """

    when: str
    count: int
    share: int


def bars(dates: Iterable[str]) -> list[Bar]:
    """A bar for each month from the first date to the last, or for each year of a long time.

    Args:
        dates: ISO, or empty where an article has none.

    Returns:
        No bar where all are of one month, or have no date: a single bar tells nothing.
    """
    days = [day for day in map(_day, dates) if day]
    months = Counter(day.year * 12 + day.month - 1 for day in days)
    if len(months) < 2:
        return []
    if max(months) - min(months) < MOST_MONTHS:
        return _drawn(months, lambda month: f"{datetime.date(month // 12, month % 12 + 1, 1):%B} {month // 12}")
    return _drawn(Counter(day.year for day in days), str)


def _drawn(counts: Counter[int], name: Callable[[int], str]) -> list[Bar]:
    most = max(counts.values())
    times = range(min(counts), max(counts) + 1)
    return [Bar(name(time), counts[time], round(100 * counts[time] / most)) for time in times]


def _day(date: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(date)
    except ValueError:
        return None
