"""Quotes in, an `Answer` out, or "not in the articles"."""

from dataclasses import dataclass

from qa.quotes import Quote
from qa.retrieve import Passage

NOT_FOUND = "The articles don't answer that."


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
        """The answer as plain text: one line a quote, or that there is none."""
        if not self.found:
            return NOT_FOUND
        return "\n".join(f"“{quote.text}” ({quote.citation})" for quote in self.quotes)
