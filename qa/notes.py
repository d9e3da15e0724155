"""An answer in, what has to be told beside its quotes out, in words: the page, its exports and the shell say the same.

Plain text, not made safe for a page or a terminal. Each function gives an empty text where there is nothing to tell.
"""

import calendar
import datetime

from index.counting import counted
from qa.types import Answer, AnswerKind, Certainty, Period

_LISTS = (AnswerKind.ARTICLES, AnswerKind.COUNT)

_MEANINGS = {
    Certainty.SURE: "Of answers marked sure, nine of ten were right when this was measured on news.",
    Certainty.LIKELY: "Probably the answer, but less certain than what is marked sure. Read it in its article.",
    Certainty.UNSURE: "It comes close to the question and may not be the answer. Read it in its article first.",
}

_OF_LISTS = {
    Certainty.SURE: "Looked up in all articles that were asked; nothing had to be judged.",
    Certainty.LIKELY: "Which articles are meant had to be judged: one may be missing, or not belong here.",
    Certainty.UNSURE: "No article is plainly what was asked for; these come close to it.",
}

_OF_SUMMARIES = {
    Certainty.SURE: "The question leaves no doubt which article is meant.",
    Certainty.LIKELY: "Which article is meant had to be judged; this is probably the one.",
    Certainty.UNSURE: "Another article may be meant; this one comes closest to what was named.",
}
"""Nobody measured how often lists and summaries are right, so these say what was done instead."""


def certainty_of(answer: Answer) -> str:
    """How sure an answer is, in a word: "Sure", "Likely" or "Unsure"."""
    if not answer.found or answer.kind is AnswerKind.PRODUCT:
        return ""
    return answer.certainty.value.capitalize()


def certainty_means(answer: Answer) -> str:
    """What that word means, for a reader."""
    if not certainty_of(answer):
        return ""
    meanings = _OF_SUMMARIES if answer.kind is AnswerKind.SUMMARY else _OF_LISTS if answer.kind in _LISTS else _MEANINGS
    return meanings[answer.certainty]


def read_as(answer: Answer) -> str:
    """The question without its slips of the pen, where some were corrected."""
    if not answer.corrected:
        return ""
    return _differing(answer) or ", ".join(f"{read} (for {written})" for written, read in answer.corrected)


def understood_as(answer: Answer) -> str:
    """The question with what it took over from the turn before, where that is not told by `read_as`."""
    return "" if answer.corrected else _differing(answer)


def _differing(answer: Answer) -> str:
    return answer.understood if answer.understood != answer.question.strip() else ""


def preferring(answer: Answer) -> str:
    """What the time that a question names did: ``Preferring articles of April 2023``."""
    return f"Preferring {_time(answer.period)}" if answer.period else ""


def _time(period: Period) -> str:
    """``articles of April 2023``, ``… from 3 May 2023 to 9 May 2023``; as it is asked where no year is known."""
    try:
        first, last = datetime.date.fromisoformat(period.since), datetime.date.fromisoformat(period.until)
    except ValueError:
        return f"the time that is asked for: “{period.words}”"
    if first == last:
        return f"articles of {_day(first)}"
    if first.day == 1 and last.day == calendar.monthrange(last.year, last.month)[1]:
        whole_years = (first.month, last.month) == (1, 12)
        begin, end = (str(day.year) if whole_years else f"{day:%B} {day.year}" for day in (first, last))
        return f"articles of {begin}" if begin == end else f"articles from {begin} to {end}"
    return f"articles from {_day(first)} to {_day(last)}"


def _day(date: datetime.date) -> str:
    return f"{date.day} {date:%B} {date.year}"


def leading(answer: Answer) -> str:
    """The sentence above quotes and articles: what the product says itself, else how many articles there are."""
    if answer.told or answer.kind not in _LISTS:
        return answer.told
    count = len(answer.articles) if answer.count is None else answer.count
    return counted(count, "article")


def notes(answer: Answer) -> list[str]:
    """What a reader of plain text has to know of how an answer was found, a line each, without its certainty."""
    told = (("Read as", read_as(answer)), ("Understood as", understood_as(answer)))
    period = preferring(answer)
    return [
        *(f"{name}: {text}" for name, text in told if text),
        *([f"{period}."] if period else []),
        *([answer.remark] if answer.remark else []),
    ]
