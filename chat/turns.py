"""The vocabulary of a conversation: what was asked, what came of it, and what its citations point at."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from qa import Answer, Passage, Quote

Cited = Quote | Passage
"""What a citation of the page points at."""

PARAGRAPH_END = re.compile(r"[\r\n]\s*")
"""A quote is shown inside its paragraph: what stands beyond a line end says nothing about the sentence."""

AROUND_CHARS = 280
"""Characters of its paragraph shown on each side of a quote: two lines of the page or three."""


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
        answer: what the articles say, found or not.
        error: what went wrong instead, for the user.
        generation: of the index that was asked.
        narrowed: which articles were asked, in words; empty for all.
        rating: "up", "down" or nothing yet.
    """

    question: str
    filters: Mapping[str, str] = field(default_factory=dict)
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
    def understood(self) -> str:
        """The question with what it took over from earlier ones; empty where it stands for itself."""
        understood: str = getattr(self.answer, "understood", "")
        return understood if understood != self.question.strip() else ""


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


def around(quote: Quote, passages: Sequence[Passage]) -> tuple[str, str]:
    """What stands before and after a quote in its paragraph, as far as it belongs to the passage it is from.

    Returns:
        Both as they are in the article; shortened at a space, with an ellipsis, where they are long.
    """
    for passage in passages:
        if (passage.path, passage.sha256) == (quote.path, quote.sha256) and (
            passage.start <= quote.start and quote.end <= passage.end
        ):
            before = PARAGRAPH_END.split(passage.text[: quote.start - passage.start])[-1]
            after = PARAGRAPH_END.split(passage.text[quote.end - passage.start :], maxsplit=1)[0]
            return _last_words(before), _first_words(after)
    return "", ""


def _first_words(text: str) -> str:
    if len(text) <= AROUND_CHARS:
        return text
    return text[:AROUND_CHARS].rpartition(" ")[0] + " …"


def _last_words(text: str) -> str:
    if len(text) <= AROUND_CHARS:
        return text
    return "… " + text[-AROUND_CHARS:].partition(" ")[2]
