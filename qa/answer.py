"""Ranked evidence in, an `Answer` out, or "not in the articles"."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from index.errors import IndexCorrupt
from index.store import ArticleIndex
from qa.quotes import Evidence, Quote, make_quote
from qa.retrieve import Passage

NOT_FOUND = "The articles don't answer that."

MAX_QUOTES = 3

THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Answer:
    """What the articles say to a question.

    Attributes:
        question: as it was asked.
        found: whether the articles answer it.
        score: how sure, 0 to 1, comparable between questions and indexes.
        quotes: verbatim quotes, most useful first; empty when nothing was found.
        passages: the passages looked at, best first; when nothing was found, the nearest ones.
    """

    question: str
    found: bool
    score: float
    quotes: tuple[Quote, ...]
    passages: tuple[Passage, ...]

    @property
    def text(self) -> str:
        """The answer as plain text: one quote after the other with its citation, or that there is none."""
        if not self.found:
            return NOT_FOUND
        return "\n".join(f"“{quote.text}” ({quote.citation})" for quote in self.quotes)

    def as_json(self) -> dict[str, Any]:
        """The answer as a JSON object, the same from the shell, the chat and Python."""
        return {
            "question": self.question,
            "found": self.found,
            "score": self.score,
            "text": self.text,
            "quotes": [quote.as_json() for quote in self.quotes],
            "passages": [passage.as_json() for passage in self.passages],
        }


def confidence(best: Evidence) -> float:
    """How sure it is that a sentence answers the question, 0 to 1."""
    return 1 / (1 + math.exp(-(best.rank_score - 12)))


def quote_evidence(index: ArticleIndex, evidence: Sequence[Evidence]) -> tuple[Quote, ...]:
    """The first sentences of the evidence as checked quotes.

    Raises:
        IndexCorrupt: a sentence that was ranked is not what its article says at that place.
    """
    return tuple(_checked_quote(index, item) for item in evidence[:MAX_QUOTES])


def _checked_quote(index: ArticleIndex, evidence: Evidence) -> Quote:
    chunk = evidence.candidate.chunk
    span = chunk.sentences[evidence.number]
    quote = make_quote(index, chunk.article, span, confidence(evidence))
    ranked = chunk.text[span[0] - chunk.start : span[1] - chunk.start]
    if quote.text != ranked:
        raise IndexCorrupt(
            f"The index in {index.folder} does not agree with itself at {quote.citation}. "
            f"Build it again: articleqa build --full --index {index.folder}"
        )
    return quote
