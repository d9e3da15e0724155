"""A question and the turns before it in, the ways to read it out. No language model.

A question that stands alone is read alone, whatever came before. One that leans on the last
turn ("And how many were injured?", "What did he say?") takes over the terms that it lacks,
and is first put to the articles that the last answer quoted. How questions lean is the language's, see `FollowUps`.
"""

import enum
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from index.analysis import Token, content_words, tokens
from qa.questions import Question, parse_question
from qa.retelling import retell
from qa.types import Answer, AnswerType

CARRIED_NAMES = 4
"""Names taken over from the last quote for a pronoun; a quote names few that matter."""

SELF_SUFFICIENT = 4
"""A question with more content words than this may stand alone in spite of a pronoun."""

QUOTES_MEANT = 3
"""Of the last answer: those behind are further off than what a reader goes on about."""

AS_GOOD = 0.15
"""By how much less sure an answer of the last articles may be than one of all articles to be preferred."""


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
        text: what is embedded.
        shown: what is shown as what was understood.
        articles: paths that are asked first; empty for all.
        stays: it may as well stand alone, and goes on with the same articles only if they answer as well as others.
    """

    question: Question
    text: str
    shown: str
    articles: tuple[str, ...] = ()
    stays: bool = False


@dataclass(frozen=True, slots=True)
class _Word:
    """A word that may be carried over: "Nagorno-Karabakh" is one.

    Attributes:
        written: as it is written.
        start: where it begins.
        content: the tokens in it that carry content, at least one.
    """

    written: str
    start: int
    content: tuple[Token, ...]

    @property
    def stems(self) -> frozenset[str]:
        """Its terms."""
        return frozenset(token.stem for token in self.content)


_WRITTEN = re.compile(r"[^\W_]+(?:[.,'’-][^\W_]+)*")


def leaning(question: Question) -> Leaning:
    """Whether a question leans on the one before: a pronoun, a missing subject, "and …"."""
    plain, patterns = question.plain, question.language.follow_ups
    if patterns.incomplete.match(plain):
        return Leaning.YES
    pronoun = patterns.pronoun.search(patterns.empty_pronoun.sub(" ", plain))
    points = (
        patterns.pointing.search(plain)
        or patterns.dangling_count.match(plain)
        or (pronoun and not _has_antecedent(question, pronoun))
    )
    if points:
        return Leaning.MAYBE if question.names or len(question.terms) > SELF_SUFFICIENT else Leaning.YES
    if patterns.opening.match(plain) or len(question.terms) < 2:
        return Leaning.MAYBE
    return Leaning.NO


def _has_antecedent(question: Question, pronoun: re.Match[str]) -> bool:
    """Whether something before a pronoun, in the same question, can be what it means."""
    patterns = question.language.follow_ups
    before = question.plain[: pronoun.start()]
    name = re.search(r"(?<!^)\b[A-Z]\w+", " ".join(question.text.split())[: pronoun.start()])
    owner = pronoun[0] in patterns.owners and len(content_words(before, question.language.code)) >= 2
    return bool(name or owner or patterns.antecedent.search(before))


def readings(question: Question, history: Sequence[Answer]) -> list[Reading]:
    """The ways to read a question after the turns before it; one, but for doubtful ones.

    Args:
        question: taken apart.
        history: the answers so far, the last one last.
    """
    alone = Reading(question, question.text, question.text)
    if not history:
        return [alone]
    last, lean = history[-1], leaning(question)
    if lean is Leaning.YES:
        return [_carry(question, last)]
    staying = [_stay(question, last)] if _names_nothing(question, last) else []
    return [*staying, alone] if lean is Leaning.NO else [*staying, alone, _carry(question, last)]


def choose(answers: Sequence[tuple[Reading, Answer]]) -> Answer:
    """The answer that counts of those to all readings: the first that was found."""
    (first, answer), *others = answers
    if first.stays:
        return answer if answer.found and _stays_with(answer, others[0][1]) else choose(others)
    found = (answer for _, answer in answers if answer.found)
    return next(found, max((answer for _, answer in answers), key=lambda answer: answer.score))


def _stays_with(answer: Answer, alone: Answer) -> bool:
    """Whether an answer of the last articles is as good as that of all, and another one."""
    if not alone.found:
        return True
    same = answer.quotes[0].citation == alone.quotes[0].citation
    return not same and answer.score >= alone.score - AS_GOOD


def _names_nothing(question: Question, last: Answer) -> bool:
    """Whether a question names nothing of its own and may go on with what was quoted: "How many acres burned?"."""
    return not question.names and bool(last.quotes) and not question.asks_for


def _stay(question: Question, last: Answer) -> Reading:
    """The question to the article that the last answer quoted first."""
    shown = retell(question, parse_question(last.understood, (question.language.code,)))
    return Reading(question, question.text, shown, _quoted(last)[:1], stays=True)


def _quoted(last: Answer) -> tuple[str, ...]:
    return tuple(dict.fromkeys(quote.path for quote in last.quotes[:QUOTES_MEANT]))


def _carry(question: Question, last: Answer) -> Reading:
    """The question with what it lacks from the last turn."""
    before = parse_question(last.understood, (question.language.code,))
    words = _words_to_carry(question, before, last)
    text = f"{question.text} ({' '.join(word.written for word in words)})" if words else question.text
    carried = frozenset[str]().union(*(word.stems for word in words)) - set(question.terms)
    wider = replace(question, terms=(*question.terms, *sorted(carried)), carried=carried)
    articles = _quoted(last)
    shown = retell(question, before) if words else question.text
    return Reading(wider, text, shown, articles[:1] if question.asks_for else articles)


def _words_to_carry(question: Question, before: Question, last: Answer) -> list[_Word]:
    """What a question lacks: the names that a pronoun can mean, or else all that was asked about.

    "Where does it end?" after "Where does the Rhine begin?" wants the Rhine and not the beginning.
    A person may also be named by the answer: "Who called for talks?", "What did he say?".
    """
    patterns = question.language.follow_ups
    asked = frozenset(question.terms)
    new = [word for word in _content(before.text, before.tokens, patterns.light) if not word.stems & asked]
    pronoun = patterns.pronoun.search(question.plain)
    if not pronoun:
        return new
    names = [word for word in new if word.written[0].isupper() or word.written[0].isdigit()]
    person = pronoun[0] not in patterns.things
    if last.quotes and (not names or (person and before.answer_type is AnswerType.PERSON)):
        quoted = last.quotes[0].text
        known = asked | frozenset(before.terms)
        words = _content(quoted, tokens(quoted, question.language.code), patterns.light)
        return new + [word for word in words if word.written[0].isupper() and not word.stems & known][:CARRIED_NAMES]
    return names or new


def _content(text: str, words: Iterable[Token], light: frozenset[str]) -> list[_Word]:
    """The words of a text that carry content, as they are written, each once."""
    content = [token for token in words if not token.is_stop]
    found: dict[str, _Word] = {}
    for match in _WRITTEN.finditer(text):
        start, end = match.span()
        inside = tuple(token for token in content if start <= token.start < end)
        if inside and match[0].lower() not in light:
            found.setdefault(match[0], _Word(match[0], start, inside))
    return list(found.values())
