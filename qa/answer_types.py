"""An answer type and the cues of a sentence in, out how well the sentence could tell it."""

from qa.cues import Cues
from qa.types import AnswerType


def type_match(answer_type: AnswerType, sentence: Cues, asked: frozenset[str]) -> float:
    """How well a sentence could tell what is wanted: 0 not at all, 1 well, 0.5 can't say.

    Args:
        answer_type: what the question wants.
        sentence: the cues in the sentence.
        asked: the words of the question, lower case; what it says itself is no answer to it.
    """
    match answer_type:
        case AnswerType.PERCENT:
            return float(sentence.percent)
        case AnswerType.TIME:
            vague = sentence.times - asked or any(len(digits) >= 3 for digits in sentence.digits - asked)
            return 1.0 if sentence.years - asked else 0.6 * bool(vague)
        case AnswerType.MEASURE:
            if sentence.numbers - asked and sentence.unit:
                return 1.0
            return 0.5 * bool(sentence.numbers - asked or sentence.times - asked)
        case AnswerType.COUNT:
            return float(bool(sentence.numbers - asked))
        case AnswerType.AMOUNT:
            return 1.0 if sentence.digits - asked else 0.6 * bool(sentence.numbers - asked or sentence.part)
        case AnswerType.PERSON | AnswerType.NAME:
            return float(bool(sentence.capitals - asked))
        case AnswerType.PLACE:
            return 1.0 if sentence.places - asked else 0.5 * bool(sentence.capitals - asked)
        case AnswerType.REASON:
            return float(sentence.reason)
        case AnswerType.ANY:
            return 0.5
