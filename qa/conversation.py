"""A question and the turns before it in, the ways to read it out. No language model.

A question that stands alone is read alone, whatever came before. One that leans on the last
turn ("And how many were injured?", "What did he say?") takes over the terms that it lacks,
and is first put to the articles that the last answer quoted.
"""

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.lexical import content_words, stems
from qa.answer import Answer
from qa.kinds import AnswerKind
from qa.questions import Question, parse_question

CARRIED_NAMES = 4
"""Names taken over from the last quote for a pronoun; a quote names few that matter."""


SELF_SUFFICIENT = 4
"""A question with more content words than this may stand alone in spite of a pronoun."""


class Leaning(enum.Enum):
    """Whether a question needs the turn before it to be understood."""

    NO = "no"
    MAYBE = "maybe"
    YES = "yes"


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a question.

    Attributes:
        question: its terms, with those that were carried over.
        text: what is embedded, and shown as what was understood.
        articles: paths that are asked first; empty for all.
    """

    question: Question
    text: str
    articles: tuple[str, ...] = ()


_OPENING = re.compile(
    r"^(?:and|but|or|so|then|also|what about|how about|what else|who else|where else|anything else)\b"
)
_ABOUT = re.compile(r"^(?:and |but |so )?(?:what|how) about (?P<rest>.*)")
_PRONOUN = re.compile(r"\b(?:he|she|it|they|him|her|them|his|hers|its|their|theirs)\b")
_EMPTY_IT = re.compile(r"\b(?:made?|makes|finds?|found) it\b|\b(?:is|was) it (?=\w+ed that\b|held that\b|said that\b)")
_POINTING = re.compile(
    r"\b(?:about|of|for|after|before|during|by|with|from|in|to|at|on|than) (?:that|this|these|those)\b"
    r"(?! \w+ (?:is|was|are|were)\b)"
    r"|\b(?:is|was|are|were|did|does|do|has|had) (?:that|this|these|those)\b"
    r"|\b(?:this|these|those|such an?|the former|the latter|the other|the others|another one|that one)\b"
    r"|(?<!is )(?<!are )(?<!was )(?<!were )\bthere\W*$|\bthen\W*$"
    r"|\b(?:of|on|in|at|for|from|about|with|by|to) (?:it|him|her|them)\W*$|\bwhile there\b"
)
_ANTECEDENT = re.compile(r"\b(?:the|an?|every|each|all|most|some|many|any|both|one|two|whose) [a-z]\w*")
_ELLIPSIS = re.compile(
    r"^(?:and |but |so )?(?:how many|how much|which(?: one| ones)?|what|how|who|where|when|why)"
    r"(?: (?:more|else|exactly|of them|others?))*"
    r"(?: (?:were|was|are|is|did|do|does|have|has|had|died|survived)(?: \w+ed| injured| hurt| lost| left| found)?)?\W*$"
)
_DANGLING_COUNT = re.compile(
    r"^(?:and |but |so )?how many(?: more| of them)? (?:were|was|are|is|have|had|has|did|died|do|does)\b"
)


def leaning(question: Question) -> Leaning:
    """Whether a question leans on the one before: a pronoun, a missing subject, "and …"."""
    plain = " ".join(question.text.lower().split())
    if _ELLIPSIS.match(plain) or _ABOUT.match(plain):
        return Leaning.YES
    pronoun = _PRONOUN.search(_EMPTY_IT.sub(" ", plain))
    points = (
        _POINTING.search(plain)
        or _DANGLING_COUNT.match(plain)
        or (pronoun and not _has_antecedent(question.text, plain, pronoun))
    )
    if points:
        return Leaning.MAYBE if question.names or len(question.terms) > SELF_SUFFICIENT else Leaning.YES
    if _OPENING.match(plain) or len(question.terms) < 2:
        return Leaning.MAYBE
    return Leaning.NO


def _has_antecedent(text: str, plain: str, pronoun: re.Match[str]) -> bool:
    """Whether something before a pronoun, in the same question, can be what it means."""
    before = plain[: pronoun.start()]
    names = re.search(r"(?<!^)\b[A-Z]\w+", " ".join(text.split())[: pronoun.start()])
    owner = pronoun[0] in ("its", "their") and len(content_words(before)) >= 2
    return bool(names or owner or _ANTECEDENT.search(before))


def readings(question: Question, history: Sequence[Answer]) -> list[Reading]:
    """The ways to read a question after the turns before it; one, but for doubtful ones.

    Args:
        question: taken apart.
        history: the answers so far, the last one last.
    """
    alone = Reading(question, question.text)
    lean = leaning(question) if history else Leaning.NO
    if lean is Leaning.NO:
        return [alone]
    carried = _carry(question, history[-1], plain=question.text.lower())
    return [carried] if lean is Leaning.YES else [alone, carried]


def _carry(question: Question, last: Answer, plain: str) -> Reading:
    """The question with what it lacks from the last turn."""
    before = parse_question(last.understood)
    words = _words_to_carry(question, before, last, plain)
    text = f"{question.text} ({' '.join(words)})" if words else question.text
    carried = frozenset(stems(content_words(" ".join(words)))) - set(question.terms)
    wider = replace(question, terms=(*question.terms, *sorted(carried)), carried=carried)
    articles = dict.fromkeys(quote.path for quote in last.quotes)
    return Reading(wider, text, tuple(articles)[:1] if question.asks_for else tuple(articles))


def _words_to_carry(question: Question, before: Question, last: Answer, plain: str) -> list[str]:
    """What a question lacks: the names that a pronoun can mean, or else all that was asked about.

    "Where does it end?" after "Where does the Rhine begin?" wants the Rhine and not the beginning.
    A person may also be named by the answer: "Who called for talks?", "What did he say?".
    """
    new = [word for word in _content(before.text) if not _stems_of(word) & set(question.terms)]
    pronoun = _PRONOUN.search(plain)
    if not pronoun:
        return new
    names = [word for word in new if word[0].isupper() or word[0].isdigit()]
    person = pronoun[0] not in ("it", "its")
    if last.quotes and (not names or (person and before.kind is AnswerKind.PERSON)):
        besides = {*question.terms, *before.terms}
        return new + _names(last.quotes[0].text, besides)[:CARRIED_NAMES]
    return names or new


def _stems_of(word: str) -> set[str]:
    return set(stems(content_words(word)))


def _content(text: str) -> list[str]:
    """The words of a text that carry content, as they are written, each once."""
    words = re.findall(r"[^\W_]+(?:[.,'’-][^\W_]+)*", text)
    return list(dict.fromkeys(word for word in words if content_words(word) and word.lower() not in _COUNTING))


_COUNTING = frozenset("many much else about and also then so but long".split())


def _names(text: str, besides: set[str]) -> list[str]:
    """Capitalised words of a quote that are not in the question yet, in order."""
    return [word for word in _content(text) if word[0].isupper() and not besides & _stems_of(word)]
