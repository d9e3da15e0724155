"""What an evaluation found: the figures, and a table of them for people."""

import dataclasses
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Abstention:
    """How well abstaining is told from answering.

    Attributes:
        auroc: area under the ROC curve of the answer score.
        precision, recall: of "not in the articles" at the default threshold.
        answered: share of the answerable questions that are answered.
        answerable, unanswerable: how many questions of each.
    """

    auroc: float
    precision: float
    recall: float
    answered: float
    answerable: int
    unanswerable: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What an evaluation found; shares are between 0 and 1.

    Attributes:
        questions, answerable: how many.
        passages: R@1, R@5, R@20 and MRR@20: the gold line is inside the k-th passage.
        first_quote, one_of_three: the quote lies on the gold line and contains an accepted answer.
            A question that is not answered counts as a miss.
        words_exact, words_f1: of the words that answer in the first quote, against the accepted answers, as SQuAD
            counts; 0 where there is no answer, or nobody marked any words.
        quotes, verbatim: how many quotes were given, and which share is verbatim at the cited lines.
        looks_answerable: abstention, against the file's own unanswerable questions.
        other_world: abstention, over indexes that hold half of the articles, against questions of
            the other half.
        ask_p50_ms, ask_p95_ms: latency of `ask`.
    """

    questions: int
    answerable: int
    passages: dict[str, float]
    first_quote: float
    one_of_three: float
    words_exact: float
    words_f1: float
    quotes: int
    verbatim: float
    looks_answerable: Abstention | None
    other_world: Abstention | None
    ask_p50_ms: float
    ask_p95_ms: float

    def as_json(self) -> dict[str, Any]:
        """The figures as a JSON object."""
        return dataclasses.asdict(self)


def table(figures: Figures) -> str:
    """The figures for people, one a line."""
    rows = [
        ("questions", f"{figures.questions:,} ({figures.answerable:,} answerable)"),
        *((f"passages {name}", f"{value:.4f}") for name, value in figures.passages.items()),
        ("first quote right", f"{figures.first_quote:.4f}"),
        ("one of three right", f"{figures.one_of_three:.4f}"),
        ("words that answer: exact / F1", f"{figures.words_exact:.4f} / {figures.words_f1:.4f}"),
        ("quotes verbatim", f"{figures.verbatim:.4%} of {figures.quotes:,}"),
        *_abstention_rows("looks answerable", figures.looks_answerable),
        *_abstention_rows("other world", figures.other_world),
        ("ask p50 / p95", f"{figures.ask_p50_ms:.1f} / {figures.ask_p95_ms:.1f} ms"),
    ]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def _abstention_rows(name: str, found: Abstention | None) -> list[tuple[str, str]]:
    if found is None:
        return [(f"{name}: AUROC", "not measured: the questions are of one kind")]
    return [
        (f"{name}: AUROC", f"{found.auroc:.4f}"),
        (f"{name}: abstention", f"precision {found.precision:.3f}, recall {found.recall:.3f}"),
        (f"{name}: answered", f"{found.answered:.3f} of {found.answerable:,} answerable"),
    ]
