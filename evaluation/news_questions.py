"""A file of news questions in, `NewsQuestion`s out, and whether a quote is right.

A line of the file has ``id, kind, question, after, within, expect, gold, count``; what they mean is in
``../shared/eval/news_dev/README.md``. Questions whose id starts with d1 or d2 are for developing, with d3 for reports.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import ArticleQAError
from qa import Quote

PLAIN = ("fact", "why", "how", "definition", "said", "yesno")
"""Kinds that an answer in one sentence answers."""

ITEMISED = ("list", "comparison")
"""Kinds of which every gold line counts, over all quotes that are shown."""

_STRAIGHT = str.maketrans("’“”", '\'""')


class NewsQuestionsUnreadable(ArticleQAError):
    """The question file is missing or not in the format. Seen by whoever evaluates."""


@dataclass(frozen=True, slots=True)
class Gold:
    """A line that answers.

    Attributes:
        article: its path, or the end of it.
        line: from 1.
        contains: a quote of the line is right if it holds one of these, case and quotation marks aside.
    """

    article: str
    line: int
    contains: tuple[str, ...]

    def answered_by(self, quote: Quote) -> bool:
        """Whether a quote lies on the line and says it."""
        on_line = quote.path.endswith(self.article) and quote.start_line <= self.line <= quote.end_line
        return on_line and any(_plain(wanted) in _plain(quote.text) for wanted in self.contains)


@dataclass(frozen=True, slots=True)
class NewsQuestion:
    """A question that somebody would ask of news.

    Attributes:
        id: ``d1-001``; what stands before the dash is the part of the set.
        kind: see the set's README.
        after: earlier questions of the conversation.
        within: the one article that is asked; empty for all.
        expect: answer, silence, articles or count.
        gold: lines that answer.
        count: the number that is right, where one is asked for.
    """

    id: str
    kind: str
    question: str
    after: tuple[str, ...]
    within: str
    expect: str
    gold: tuple[Gold, ...]
    count: int | None

    @property
    def part(self) -> str:
        """What it is for: develop or report."""
        return "report" if self.id.startswith("d3") else "develop"

    def answered_by(self, quote: Quote) -> bool:
        """Whether a quote lies on a gold line and says it."""
        return any(line.answered_by(quote) for line in self.gold)


def _plain(text: str) -> str:
    return " ".join(text.lower().translate(_STRAIGHT).split())


def read_news_questions(path: Path) -> list[NewsQuestion]:
    """The questions of a file.

    Raises:
        NewsQuestionsUnreadable: the file is missing, empty or not in the format.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        questions = [_question(json.loads(line)) for line in lines if line.strip()]
    except OSError as error:
        raise NewsQuestionsUnreadable(f"The questions in {path} can't be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise NewsQuestionsUnreadable(f"{path} has no news questions ({type(error).__name__}: {error}).") from error
    if not questions:
        raise NewsQuestionsUnreadable(f"There are no questions in {path}.")
    return questions


def _question(entry: dict[str, Any]) -> NewsQuestion:
    gold = tuple(Gold(line["article"], int(line["line"]), tuple(line["contains"])) for line in entry["gold"])
    return NewsQuestion(
        id=str(entry["id"]),
        kind=entry["kind"],
        question=entry["question"],
        after=tuple(entry.get("after") or ()),
        within=entry.get("within") or "",
        expect=entry["expect"],
        gold=gold,
        count=entry.get("count"),
    )
