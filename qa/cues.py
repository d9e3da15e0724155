"""A sentence in, its `Cues` out: what in it could be an answer of which type.

Cheap signs, no parser and no model: numbers, years, capitals after a preposition, words that
give a reason. Used of sentences and of questions alike; the words are the language's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from index.analysis import words_and_terms, written_words
from qa.language import Language


@dataclass(frozen=True, slots=True)
class Cues:
    """What stands in a sentence.

    Attributes:
        terms: its content words as index terms, in order.
        distinct: the same as a set.
        near: pairs of terms at most three apart, in order.
        words: all its words, lower case.
        numbers, digits: words that are numbers; those written in digits.
        years, times: years and centuries; words for times, lower case.
        capitals: capitalised words, lower case, without months and opening function words.
        places: capitalised words after a preposition, lower case.
        percent, unit, reason, part, negation: whether such words are there.
    """

    terms: tuple[str, ...]
    distinct: frozenset[str]
    near: frozenset[tuple[str, str]]
    words: frozenset[str]
    numbers: frozenset[str]
    digits: frozenset[str]
    years: frozenset[str]
    times: frozenset[str]
    capitals: frozenset[str]
    places: frozenset[str]
    percent: bool
    unit: bool
    reason: bool
    part: bool
    negation: bool


NEAR = 3
"""Terms this far apart still count as a pair: "killed … in hostilities"."""


def find_cues(text: str, language: Language) -> Cues:
    """The cues in one sentence or question."""
    patterns = language.cues
    written = written_words(text)
    words = frozenset(word.lower() for word in written)
    content, terms = words_and_terms(text, language.code)
    digits = frozenset(word for word in words if word[0].isdigit())
    return Cues(
        terms=tuple(terms),
        distinct=frozenset(terms),
        near=frozenset(
            (terms[i], terms[j]) for i in range(len(terms)) for j in range(i + 1, min(i + 1 + NEAR, len(terms)))
        ),
        words=words,
        numbers=digits | (words & patterns.numbers),
        digits=digits,
        years=frozenset(year.lower() for year in patterns.year.findall(text)),
        times=words & patterns.times,
        capitals=_capitals(written, frozenset(content)) - patterns.months,
        places=frozenset(place.lower() for place in patterns.place.findall(text)),
        percent=bool(patterns.percent.search(text)),
        unit=bool(patterns.unit.search(text)),
        reason=bool(patterns.reason.search(text)),
        part=bool(patterns.part.search(text)),
        negation=bool(patterns.negation.search(text)),
    )


def _capitals(written: Sequence[str], content: frozenset[str]) -> frozenset[str]:
    """Capitalised content words; one letter is an initial or a list mark."""
    found = (word.lower() for word in written if word[0].isupper() and len(word) > 1)
    return frozenset(word for word in found if word in content)
