"""The vocabulary of a conversation: what was asked, what came of it, and what its citations point at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from qa import Answer, Passage, Quote
from qa.types import Listed

Cited = Quote | Passage
"""What a citation of the page points at."""


class Place(Protocol):
    """A span of an article, wherever it comes from: ``article.text[start:end]``."""

    @property
    def path(self) -> str: ...  # noqa: D102
    @property
    def start(self) -> int: ...  # noqa: D102
    @property
    def end(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation and what came of it; neither yet while it is looked up.

    Attributes:
        question: as it was typed.
        filters: as they were typed, by the names that the page has for them.
        literally: whether it was asked as it was written, see `Assistant.ask`.
        answer: what the articles say, found or not.
        error: what went wrong instead, for the user.
        generation: of the index that was asked.
        narrowed: which articles were asked, in words; empty for all.
        rating: "up", "down" or nothing yet.
    """

    question: str
    filters: Mapping[str, str] = field(default_factory=dict)
    literally: bool = False
    answer: Answer | None = None
    error: str = ""
    generation: str = ""
    narrowed: str = ""
    rating: str = ""

    @property
    def sources(self) -> Sequence[Cited]:
        """What its citations point at, in the order of the page."""
        if self.answer is None:
            return ()
        return self.answer.quotes if self.answer.found else self.answer.passages

    @property
    def listed(self) -> Sequence[Listed]:
        """Articles that are its answer, or a part of it."""
        return self.answer.articles if self.answer and self.answer.found else ()


Conversation = tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A question that was not taken. It is no part of the conversation, and goes back to be mended.

    Attributes:
        why: for whoever asked.
        question: as it was typed.
        again: the turn that it was to take the place of, if any.
        wait_seconds: after these it would be taken; 0 where it has to be mended.
    """

    why: str
    question: str
    again: int | None = None
    wait_seconds: int = 0
