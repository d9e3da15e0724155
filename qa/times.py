"""A question in, the time that it names and whether it wants the newest out: a `Wish`. Looks at no article.

How times are written is the language's, see `TimeWords`. What a wish does to candidates is in `qa.timely`.
"""

import calendar
import datetime
import re
from dataclasses import dataclass, replace

from index.types import Span
from qa.language.tables import TimeWords
from qa.questions import Question
from qa.types import Period

_DAYS = {"day": 1, "week": 7, "month": 31, "year": 366}


@dataclass(frozen=True, slots=True)
class When:
    """A time as a question names it; None for what it doesn't say.

    Attributes:
        year, month, day: a day, a month, a year, or a day or month of any year.
        first, last: days between which it lies, where a year is said; else None.
    """

    year: int | None
    month: int | None
    day: int | None
    first: datetime.date | None = None
    last: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a question wants of the time of articles.

    Attributes:
        when: the time that it names.
        period: the same, as it is told.
        newest: whether it asks for what is newest.
    """

    when: When | None = None
    period: Period | None = None
    newest: bool = False


NO_WISH = Wish()


def read_times(question: Question, newest_article: str) -> tuple[Question, Wish]:
    """The question in which the words for its time weigh little, and what it wishes.

    Args:
        question: taken apart.
        newest_article: ISO date of it, which "last week" is seen from; empty if no article has a date.
    """
    words = question.language.times
    newest = words.newest.search(question.text)
    if newest and _says_more(question, newest.span()):
        return question.without(_only_within(question, newest.span())), Wish(newest=True)
    text = words.apart.sub(lambda match: " " * len(match[0]), question.text)
    if match := next(filter(None, (pattern.search(text) for pattern in words.dates)), None):
        when = _when(match.groupdict(), words)
        return (_lighter(question, match.span()), Wish(when, _period(when, match[0]))) if when else (question, NO_WISH)
    for back, unit, count in words.back:
        if newest_article and (match := back.search(question.text)):
            when = _before(datetime.date.fromisoformat(newest_article), unit, count)
            return _lighter(question, match.span()), Wish(when, _period(when, match[0]))
    return question, NO_WISH


def _says_more(question: Question, span: Span) -> bool:
    """Whether a question has content beside some words of it."""
    return any(not span[0] <= token.start < span[1] for token in question.tokens if not token.is_stop)


def _when(found: dict[str, str | None], words: TimeWords) -> When | None:
    """A time from the groups of a pattern; None for a 30 February."""
    year = int(found.get("year") or 0) or None
    named = (found.get("month") or "").lower().rstrip(".")
    month = int(named) if named.isdigit() else words.months.get(named)
    day = int(found.get("day") or 0) or None
    part = words.parts.get((found.get("part") or "").lower())
    if month and day and day > calendar.monthrange(year or 2024, month)[1]:
        return None
    if year is None:
        return When(None, month, day)
    return When(year, month, day, *_between(year, month, (day, day) if day else part))


def _between(year: int, month: int | None, days: tuple[int, int] | None) -> tuple[datetime.date, datetime.date]:
    if month is None:
        return datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    first, last = days or (1, 31)
    end = calendar.monthrange(year, month)[1]
    return datetime.date(year, month, min(first, end)), datetime.date(year, month, min(last, end))


def _before(today: datetime.date, unit: str, count: int) -> When:
    """A day back from the newest article, or all days of a week, month or year before it."""
    if unit == "day":
        day = today - datetime.timedelta(days=count)
        return When(day.year, day.month, day.day, day, day)
    first = today - datetime.timedelta(days=_DAYS[unit] * count)
    return When(None, None, None, first, today)


def _period(when: When, words: str) -> Period:
    first, last = (day.isoformat() if day else "" for day in (when.first, when.last))
    return Period(first, last, " ".join(words.split()))


def _lighter(question: Question, span: Span) -> Question:
    """The question with the words of its time as terms that weigh less, and as no names."""
    light = _only_within(question, span)
    return replace(question, names=question.names - light, carried=question.carried | light)


def _only_within(question: Question, span: Span) -> frozenset[str]:
    """Terms that stand nowhere else in a question."""
    start, end = span
    outside = {token.stem for token in question.tokens if not start <= token.start < end}
    return frozenset(question.terms) - outside


def names_time(when: When, words: TimeWords) -> tuple[re.Pattern[str], re.Pattern[str] | None]:
    """Patterns of sentences that name a time: its finest part, and the weekday of a day of a known year."""
    names = "|".join(sorted((name for name, number in words.months.items() if number == when.month), key=len)[::-1])
    year = rf"(?:,? {when.year}\b|(?! ?,? ?(?:19|20)\d\d\b))" if when.year else ""
    if when.day:
        day = rf"0?{when.day}(?:st|nd|rd|th)?"
        text = rf"\b(?:{names})\.? {day}\b{year}|\b{day} (?:of )?(?:{names})\b\.?{year}"
    elif when.month:
        text = rf"\b(?:{names})\b\.?(?: \d{{1,2}}\b)?{year}"
    elif when.year:
        text = rf"\b{when.year}\b"
    else:
        text = r"(?!)"
    weekday = when.day and when.first and words.weekdays and words.weekdays[when.first.weekday()]
    return re.compile(text, re.IGNORECASE), re.compile(rf"\b{weekday}\b", re.IGNORECASE) if weekday else None
