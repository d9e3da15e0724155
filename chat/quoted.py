"""Quotes of an answer in, how the page shows them out: in their paragraphs, with the words that answer told apart.

Nothing is added to a quote: its parts put together are its text again.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa import Passage, Quote

PARAGRAPH_END = re.compile(r"[\r\n]\s*")
"""A quote is shown inside its paragraph: what stands beyond a line end says nothing about the sentence."""

AROUND_CHARS = 280
"""Characters of its paragraph shown on each side of a quote: two lines of the page or three."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A quote as the page shows it.

    Attributes:
        quote: the quote.
        number: of it in its answer, from 0.
        before, after: what stands around it in its paragraph, shortened, see `in_paragraphs`.
    """

    quote: Quote
    number: int
    before: str = ""
    after: str = ""


def in_paragraphs(quotes: Sequence[Quote], passages: Sequence[Passage]) -> Iterator[Shown]:
    """Quotes with what stands around them, as far as that is no other quote, and nothing twice.

    Args:
        quotes: of an answer, in the order of the page.
        passages: that they are from.
    """
    seen: set[tuple[str, int, int]] = set()
    for number, quote in enumerate(quotes):
        before, after = around(quote, passages)
        others = [other for other in quotes if (other.path, other.sha256) == (quote.path, quote.sha256)]
        first = max([quote.start - len(before), *(other.end for other in others if other.end <= quote.start)])
        last = min([quote.end + len(after), *(other.start for other in others if quote.end <= other.start)])
        gaps = (quote.path, first, quote.start), (quote.path, quote.end, last)
        before = "" if gaps[0] in seen else before[len(before) - (quote.start - first) :]
        after = "" if gaps[1] in seen else after[: last - quote.end]
        yield Shown(quote, number, _last_words(before), _first_words(after))
        seen.update(gaps)


def around(quote: Quote, passages: Sequence[Passage]) -> tuple[str, str]:
    """What stands before and after a quote in its paragraph, as far as it belongs to the passage it is from."""
    for passage in passages:
        if (passage.path, passage.sha256) == (quote.path, quote.sha256) and (
            passage.start <= quote.start and quote.end <= passage.end
        ):
            before = PARAGRAPH_END.split(passage.text[: quote.start - passage.start])[-1]
            after = PARAGRAPH_END.split(passage.text[quote.end - passage.start :], maxsplit=1)[0]
            return before, after
    return "", ""


def answer_apart(quote: Quote) -> tuple[str, str, str]:
    """The text of a quote before the words that answer, these, and what is behind; all of it first where none are."""
    first, last = quote.answer_in_text
    if not 0 <= first < last <= len(quote.text):
        return quote.text, "", ""
    return quote.text[:first], quote.text[first:last], quote.text[last:]


def _first_words(text: str) -> str:
    """The beginning of a text, cut at a space, with an ellipsis, where it is long."""
    if len(text) <= AROUND_CHARS:
        return text
    return text[:AROUND_CHARS].rpartition(" ")[0] + " …"


def _last_words(text: str) -> str:
    if len(text) <= AROUND_CHARS:
        return text
    return "… " + text[-AROUND_CHARS:].partition(" ")[2]


def by_article(shown: Sequence[Shown]) -> Iterator[tuple[str, list[Shown]]]:
    """Quotes with the path of their article, those that follow each other in one together."""
    for path, ones in itertools.groupby(shown, key=lambda one: one.quote.path):
        yield path, list(ones)
