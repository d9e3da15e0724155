"""A sentence in, its `Clues` out: what in it could be an answer of which kind.

Cheap signs, no parser and no model: numbers, years, capitals after a preposition, words that
give a reason. Used of sentences and of questions alike.
"""

import re
from dataclasses import dataclass

from index.lexical import content_words, stems

_MONTHS = frozenset(
    """
    january february march april may june july august september october november december
    """.split()
)
_TIME_WORDS = _MONTHS | frozenset(
    """
    monday tuesday wednesday thursday friday saturday sunday today yesterday tomorrow century centuries
    decade decades year years month months week weeks day days summer winter spring autumn fall era period
    early late night morning evening
    """.split()
)
_NUMBER_WORDS = frozenset(
    """
    one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds
    thousand thousands million millions billion billions dozen dozens half twice once zero none both third
    quarter single
    """.split()
)
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_YEAR = re.compile(r"\b(?:1[0-9]{3}|20[0-9]{2})s?\b|\b\d{1,2}(?:st|nd|rd|th)[ -]centur|\b\d+ ?(?:BC|AD|BCE|CE)\b")
_PLACE = re.compile(
    r"\b(?:in|at|near|from|to|into|of|on|around|throughout|across|between|along|towards?|outside|inside|through"
    r"|over|under|within|by|the|and|via)\s+(?:the\s+)?(?:[a-z]+\s+){0,2}([A-Z][\w'-]+)"
)
_PERCENT = re.compile(r"%|per ?cent|\b(?:half|thirds?|quarters?|majority)\b", re.IGNORECASE)
_UNIT = re.compile(
    r"\b(?:years?|months?|weeks?|days?|hours?|minutes?|seconds?|centur(?:y|ies)|decades?|miles?|mi|km"
    r"|kilomet(?:er|re)s?|met(?:er|re)s?|m|ft|feet|foot|inch(?:es)?|cm|mm|acres?|hectares?|tons?|tonnes?|kg"
    r"|pounds?|degrees?|percent|°[cf]?|long|wide|tall|high|old)\b|%|\$|£|€",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:because|due|since|so that|in order to|as a result|therefore|thus|owing|caus\w+|reason\w*|led to"
    r"|to (?:avoid|prevent|protect|make|allow|help|reduce|get|keep|provide|ensure|gain|increase|escape)"
    r"|for fear|hence|result\w*|fear\w*)\b",
    re.IGNORECASE,
)
_PART = re.compile(r"\b(?:times|twice|half|most|all|majority|few|little)\b", re.IGNORECASE)
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|cannot|un(?:able|like)|fail(?:s|ed)?|lack(?:s|ed)?|\w+n['’]t)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Clues:
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


def find_clues(text: str) -> Clues:
    """The clues in one sentence or question."""
    written = _WORD.findall(text)
    words = frozenset(word.lower() for word in written)
    content = content_words(text)
    terms = stems(content)
    digits = frozenset(word for word in words if word[0].isdigit())
    return Clues(
        terms=tuple(terms),
        distinct=frozenset(terms),
        near=frozenset(
            (terms[i], terms[j]) for i in range(len(terms)) for j in range(i + 1, min(i + 1 + NEAR, len(terms)))
        ),
        words=words,
        numbers=digits | (words & _NUMBER_WORDS),
        digits=digits,
        years=frozenset(year.lower() for year in _YEAR.findall(text)),
        times=words & _TIME_WORDS,
        capitals=_capitals(written, frozenset(content)),
        places=frozenset(place.lower() for place in _PLACE.findall(text)),
        percent=bool(_PERCENT.search(text)),
        unit=bool(_UNIT.search(text)),
        reason=bool(_REASON.search(text)),
        part=bool(_PART.search(text)),
        negation=bool(_NEGATION.search(text)),
    )


def _capitals(written: list[str], content: frozenset[str]) -> frozenset[str]:
    """Capitalised content words; one letter is an initial or a list mark."""
    found = (word.lower() for word in written if word[0].isupper() and len(word) > 1)
    return frozenset(word for word in found if word in content) - _MONTHS
