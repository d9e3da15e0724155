"""Ranked candidates in, each text once out: the same passage in several articles is one.

Equal after normalising white space and quotation marks, or nearly equal by rapidfuzz.
"""

import functools
import re
from collections.abc import Sequence
from dataclasses import replace

from qa.retrieve import Candidate

NEARLY = 92.0
"""rapidfuzz's normalised indel similarity, in percent. An agency report that two papers have edited
lightly has 93 to 99, two paragraphs about the same thing 40 to 60."""

_QUOTES = str.maketrans(dict.fromkeys("“”„«»‟″", '"') | dict.fromkeys("‘’‚‹›′", "'"))
_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(r"\d+")


@functools.lru_cache(8192)
def normal(text: str) -> str:
    """A text without what editors change: kinds of white space and of quotation marks."""
    return _SPACE.sub(" ", text.translate(_QUOTES)).strip()


def merge(candidates: Sequence[Candidate], count: int) -> list[Candidate]:
    """The `count` best texts, each with the candidates that say the same as its `duplicates`.

    Args:
        candidates: best first.
        count: at most so many; candidates behind the last one are still merged into those before.
    """
    firsts: list[Candidate] = []
    others: list[list[Candidate]] = []
    texts: list[str] = []
    for candidate in candidates:
        text = normal(candidate.chunk.text)
        same = _same(text, texts)
        if same is not None:
            others[same].append(candidate)
        elif len(firsts) < count:
            firsts.append(candidate)
            others.append([])
            texts.append(text)
    return [replace(first, duplicates=tuple(same)) for first, same in zip(firsts, others, strict=True)]


def _same(text: str, texts: Sequence[str]) -> int | None:
    """Which of the texts is the same as this one, if any."""
    from rapidfuzz import fuzz

    for number, other in enumerate(texts):
        # First, since it gives up at once, mostly: comparing numbers first took a fifth of all of `ask`.
        near = text == other or fuzz.ratio(text, other, score_cutoff=NEARLY)
        if near and _numbers(text) == _numbers(other):
            return number
    return None


def _numbers(text: str) -> list[str]:
    """What a near-duplicate must not differ in: "25 killed" and "26 killed" are two reports."""
    return _NUMBER.findall(text)
