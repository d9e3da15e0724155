"""Ranked candidates and a wish for a time in, the same in the order of that wish out. A preference, never a filter.

What is added goes into the evidence, so that whoever ranks passages and chooses quotes knows no times.
"""

import datetime
import re
from collections.abc import Sequence
from dataclasses import replace

from index.types import ArticleInfo
from qa.language import language_of_code
from qa.retrieve import Candidate, order
from qa.times import When, Wish, names_time
from qa.types import Answer

PUBLISHED = 0.1
"""What a passage scores more for an article of the time: less than what tells a right passage from a wrong one."""

NAMED = 0.1
"""The same for one that names the time itself."""

FINENESS = {"day": 1.0, "month": 0.7, "year": 0.3}
"""How much of both a day, a month, a year is worth: a sentence names the year for many reasons."""

SENTENCE = 25.0
"""Scores of sentences run over this much more than those of passages."""

SHORTLY = {"day": 3, "month": 7, "year": 14}
"""Days in which something of a day, a month, a year is still reported."""

ABOUT_IT = 0.12
"""By how much less than the best passage one may score to be about what is asked, where the newest is wanted."""

NEWEST = 100.0
"""What a sentence of the newest article scores more: the quotes are its alone."""

LEAD = 4.0
"""What one of its beginning scores more beside that: news say first what is new."""

LEAD_CHARS = 800
"""How far the beginning of an article goes."""


def prefer(candidates: Sequence[Candidate], wish: Wish) -> Sequence[Candidate]:
    """Candidates in the order that a wish gives them, with what it adds in their evidence (`bonus`).

    Args:
        candidates: best first.
        wish: see `qa.times`.
    """
    if wish.newest:
        return _newest_first(candidates)
    if wish.when:
        return _of_the_time(candidates, wish.when)
    return candidates


def newest_remark(answer: Answer) -> str:
    """What is said where the newest was asked for: of when it is; empty where that isn't known."""
    published = answer.quotes[0].published if answer.quotes else ""
    return f"The newest article about it is of {published}." if published else ""


def _of_the_time(candidates: Sequence[Candidate], when: When) -> Sequence[Candidate]:
    """Candidates and sentences of a time get a bonus: its articles, and whatever names it."""
    found = []
    fineness = FINENESS[_unit(when)]
    for candidate in candidates:
        chunk = candidate.chunk
        named, weekday = names_time(when, language_of_code(chunk.article.language).times)
        published = published_then(chunk.article, when)
        says = [_says(text, named, weekday if published else None) for text in chunk.sentence_texts]
        worth = [fineness * (PUBLISHED * published + NAMED * said) for said in says]
        found.append(_with_bonus(candidate, max(worth), [SENTENCE * more for more in worth]))
    return sorted(found, key=order)


def _with_bonus(candidate: Candidate, passage: float, sentences: Sequence[float]) -> Candidate:
    preferred = tuple(
        replace(sentence, bonus=bonus) for sentence, bonus in zip(candidate.evidence.sentences, sentences, strict=True)
    )
    return replace(candidate, evidence=replace(candidate.evidence, sentences=preferred, bonus=passage))


def _unit(when: When) -> str:
    """The finest part of a time; days of which only the first and the last are known are like a month."""
    return "day" if when.day else "month" if when.month or not when.year else "year"


def _says(text: str, named: re.Pattern[str], weekday: re.Pattern[str] | None) -> float:
    """How plainly a sentence names a time: 1, or half by its weekday."""
    return 1.0 if named.search(text) else 0.5 * bool(weekday and weekday.search(text))


def published_then(article: ArticleInfo, when: When) -> float:
    """Whether an article is of a time: 1 in it or shortly after it, falling to 0 at twice as long."""
    published = article.value("published")
    if not published:
        return 0.0
    day = datetime.date.fromisoformat(published)
    first, last = _nearest(day, when)
    if first is None or last is None or day < first:
        return 0.0
    shortly = SHORTLY[_unit(when)]
    late = (day - last).days
    return 1.0 if late <= shortly else max(0.0, 2 - late / shortly)


def _nearest(day: datetime.date, when: When) -> tuple[datetime.date | None, datetime.date | None]:
    """The days of a time; of one in any year, those of the year up to a day."""
    if when.first or when.month is None:
        return when.first, when.last
    for year in (day.year, day.year - 1):
        first = datetime.date(year, when.month, min(when.day or 1, 28) if when.month == 2 else when.day or 1)
        if first <= day:
            return first, first if when.day else first + datetime.timedelta(days=30)
    return None, None


def _newest_first(candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """Of the articles that are about it the newest, then the other candidates as they were."""
    about = [candidate for candidate in candidates if _is_about_it(candidate, candidates[0])]
    dated = [candidate for candidate in about if candidate.chunk.article.value("published")]
    if not dated:
        return candidates
    newest = max(dated, key=lambda candidate: candidate.chunk.article.value("published")).chunk.article.path
    found = [
        _with_bonus(candidate, NEWEST, [NEWEST + LEAD * (start < LEAD_CHARS) for start, _ in candidate.chunk.sentences])
        if candidate.chunk.article.path == newest
        else candidate
        for candidate in candidates
    ]
    return sorted(found, key=order)


def _is_about_it(candidate: Candidate, best: Candidate) -> bool:
    """Whether a candidate is nearly as good as the best one, and lacks no name that that one has."""
    near = candidate.score >= best.score - ABOUT_IT
    return near and candidate.evidence.lacks_names <= best.evidence.lacks_names + 1e-6
