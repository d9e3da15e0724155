"""What a question wants to be told, and whether a sentence holds something of that kind.

English question words only; what matches no pattern may be answered by anything.
"""

import enum
import re

from qa.clues import Clues


class AnswerKind(enum.Enum):
    """What a question wants to be told."""

    PERCENT = "percent"
    TIME = "time"
    MEASURE = "measure"
    COUNT = "count"
    AMOUNT = "amount"
    PERSON = "person"
    PLACE = "place"
    REASON = "reason"
    NAME = "name"
    ANY = "any"


_WHICH = r"\b(?:what|which) (?:\w+ )?"

_KINDS: tuple[tuple[AnswerKind, re.Pattern[str]], ...] = (
    (
        AnswerKind.PERCENT,
        re.compile(
            r"\b(?:what|which) (?:percent|percentage|proportion|fraction|share)|percentage|how (?:much|many) percent"
        ),
    ),
    (
        AnswerKind.TIME,
        re.compile(
            r"^(?!(?:who|how|why|where)\b)(?!(?:when|while|after) .*\b(?:what|who|which|where|how)\b).*"
            rf"(?:\bwhen\b|{_WHICH}(?:years?|date|day|month|decade|century|time(?: period)?|era)\b)"
        ),
    ),
    (
        AnswerKind.MEASURE,
        re.compile(r"\bhow (?:long|far|tall|high|wide|deep|old|fast|large|big|heavy|hot|cold|often|late|early)\b"),
    ),
    (
        AnswerKind.COUNT,
        re.compile(
            r"\bhow many\b|\bwhat number\b"
            r"|\bwhat (?:was|is|were|are) the (?:total |average |estimated )?(?:number|population|rate|amount)\b"
        ),
    ),
    (AnswerKind.AMOUNT, re.compile(r"\bhow much\b")),
    (AnswerKind.PERSON, re.compile(r"\bwho(?:m|se)?\b")),
    (
        AnswerKind.PLACE,
        re.compile(
            rf"\bwhere\b|{_WHICH}(?:country|countries|city|cities|state|region|continent|town|river|island|county"
            r"|province|place|area|location)\b"
        ),
    ),
    (AnswerKind.REASON, re.compile(r"\bwhy\b|\bfor what reason|\bwhat (?:caused|causes|reason)")),
    (
        AnswerKind.NAME,
        re.compile(
            rf"{_WHICH}(?:person|man|woman|king|queen|president|scientist|author|artist|leader|general|emperor|company"
            r"|organi[sz]ation|university|school|college|nation|group|party|team|war|battle|treaty|law|book|film|network"
            r"|channel|act)\b|\bnamed?\b|\bcalled\b|\btitle\b"
        ),
    ),
)


def answer_kind(text: str) -> AnswerKind:
    """What a question wants to be told, by its question words; the first pattern that fits."""
    plain = " ".join(text.lower().split())
    return next((kind for kind, pattern in _KINDS if pattern.search(plain)), AnswerKind.ANY)


def kind_match(kind: AnswerKind, sentence: Clues, asked: frozenset[str]) -> float:
    """How well a sentence could tell what is wanted: 0 not at all, 1 well, 0.5 can't say.

    Args:
        kind: what the question wants.
        sentence: the clues in the sentence.
        asked: the words of the question, lower case; what it says itself is no answer to it.
    """
    match kind:
        case AnswerKind.PERCENT:
            return float(sentence.percent)
        case AnswerKind.TIME:
            vague = sentence.times - asked or any(len(digits) >= 3 for digits in sentence.digits - asked)
            return 1.0 if sentence.years - asked else 0.6 * bool(vague)
        case AnswerKind.MEASURE:
            if sentence.numbers - asked and sentence.unit:
                return 1.0
            return 0.5 * bool(sentence.numbers - asked or sentence.times - asked)
        case AnswerKind.COUNT:
            return float(bool(sentence.numbers - asked))
        case AnswerKind.AMOUNT:
            return 1.0 if sentence.digits - asked else 0.6 * bool(sentence.numbers - asked or sentence.part)
        case AnswerKind.PERSON | AnswerKind.NAME:
            return float(bool(sentence.capitals - asked))
        case AnswerKind.PLACE:
            return 1.0 if sentence.places - asked else 0.5 * bool(sentence.capitals - asked)
        case AnswerKind.REASON:
            return float(sentence.reason)
        case AnswerKind.ANY:
            return 0.5
