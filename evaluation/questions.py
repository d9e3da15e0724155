"""A file of questions with gold lines in, `GoldQuestion`s out.

A question file has one JSON object a line: ``id, question, answers, article, line,
answerable``; `line` is the 1-based line of the paragraph that answers (null if none does).
"""

import json
import random
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import ArticleQAError
from qa import Passage, Quote

KEPT_APART = frozenset(
    {
        "Civil_disobedience",
        "European_Union_law",
        "Imperialism",
        "Jacksonville_Florida",
        "Scottish_Parliament",
        "Steam_engine",
    }
)
"""Articles of SQuAD 2.0 dev that the reader's figures are reported on, so that training refuses them. SQuAD writes
`Jacksonville,_Florida`."""


class QuestionsUnreadable(ArticleQAError):
    """The question file is missing or not in the format. Seen by whoever evaluates."""


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """One line of a question file; `line` is None where no article answers."""

    id: str
    question: str
    answers: tuple[str, ...]
    article: str
    line: int | None

    def on_gold_line(self, piece: Passage | Quote) -> bool:
        """Whether a passage or quote covers the gold line."""
        return self.line is not None and piece.path == self.article and piece.start_line <= self.line <= piece.end_line

    def answered_by(self, quote: Quote) -> bool:
        """Whether a quote lies on the gold line and contains an accepted answer."""
        return self.on_gold_line(quote) and self.accepts(quote.text)

    def accepts(self, text: str) -> bool:
        """Whether a text contains an accepted answer."""
        return any(_plain(answer) in _plain(text) for answer in self.answers)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def read_questions(path: Path, sample: int | None = None, about: Collection[str] = ()) -> list[GoldQuestion]:
    """The questions of a file, or a fixed random sample of them.

    Args:
        path: a JSON Lines file.
        sample: how many; None for all.
        about: only questions about articles whose path holds one of these; all without any.

    Raises:
        QuestionsUnreadable: the file is missing, empty or not in the format.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        questions = [_gold_question(json.loads(line)) for line in lines if line.strip()]
    except OSError as error:
        raise QuestionsUnreadable(f"The questions in {path} can't be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise QuestionsUnreadable(
            f"{path} is no question file ({type(error).__name__}: {error}). It has one JSON object a line: "
            "id, question, answers, article, line, answerable."
        ) from error
    if about:
        questions = [question for question in questions if any(name in question.article for name in about)]
    if not questions:
        raise QuestionsUnreadable(f"There are no questions {'about these articles ' * bool(about)}in {path}.")
    if sample is None or sample >= len(questions):
        return questions
    return random.Random(0).sample(questions, sample)


def _gold_question(entry: dict[str, Any]) -> GoldQuestion:
    line = int(entry["line"]) if entry["answerable"] else None
    return GoldQuestion(str(entry["id"]), entry["question"], tuple(entry["answers"]), entry["article"], line)
