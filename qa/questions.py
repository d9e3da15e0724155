"""The words of a question in, a `Question` out: taken apart once, for everything that follows.

What is known of its language is in `qa.language`; a question in a language that nobody has written down is one that
may be answered by anything (`AnswerType.ANY`). Looks at no index.
"""

import itertools
import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from index.analysis import ENGLISH, Token, tokens
from index.errors import QuestionRejected
from index.sentences import language_among
from qa.cues import Cues, find_cues
from qa.language import Language, language_of_code
from qa.types import AnswerType, HeaderField

MAX_CHARS = 2_000
"""A longer question is a pasted article: the model would read the first 256 word pieces only."""

_RUN = re.compile(r"\w[\w.,]*")


@dataclass(frozen=True, slots=True)
class Question:
    """A question, taken apart.

    Attributes:
        text: as it was asked, without space around it.
        plain: the same in lower case and with single spaces, as patterns have it.
        language: that it was taken to be in.
        tokens: its words, stop words and all.
        terms: its content words as index terms, each once, in order.
        pairs: neighbouring terms.
        names: the terms that are written with a capital or a digit.
        answer_type: what it wants to be told.
        asks_for: the field of an article's header that it asks for, if it does.
        cues: its words, numbers, capitals and so on, as in a sentence.
        wants_list: whether it wants several things, see `qa.lists`.
        carried: those of the terms that weigh less, from the turn before (`qa.conversation`) or of a time (`qa.times`).
    """

    text: str
    plain: str
    language: Language
    tokens: tuple[Token, ...]
    terms: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    names: frozenset[str]
    answer_type: AnswerType
    asks_for: HeaderField | None
    cues: Cues
    wants_list: bool = False
    carried: frozenset[str] = frozenset()

    def without(self, terms: Set[str]) -> "Question":
        """The same as if some of its terms were no content words."""
        return replace(
            self,
            terms=tuple(term for term in self.terms if term not in terms),
            pairs=tuple(pair for pair in self.pairs if terms.isdisjoint(pair)),
            names=self.names - terms,
        )


def parse_question(text: str, languages: Sequence[str] = (ENGLISH,)) -> Question:
    """Take a question apart.

    Args:
        text: as it was asked.
        languages: ISO 639-1 codes of those that the articles are in, the most usual first; at least one.

    Raises:
        QuestionRejected: it is empty, longer than `MAX_CHARS`, or holds half a character.
    """
    text = text.strip()
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise QuestionRejected("The question has half a character in it. Ask it in UTF-8.")
    if not any(character.isalnum() for character in text):
        raise QuestionRejected("The question is empty. Ask something.")
    if len(text) > MAX_CHARS:
        raise QuestionRejected(
            f"The question has {len(text):,} characters, at most {MAX_CHARS:,} are read. Ask a shorter one."
        )
    plain = " ".join(text.lower().split())
    language = language_of_code(language_among(text, languages))
    found = tuple(tokens(text, language.code))
    cues = find_cues(text, language)
    terms = tuple(dict.fromkeys(cues.terms))
    return Question(
        text=text,
        plain=plain,
        language=language,
        tokens=found,
        terms=terms,
        pairs=tuple(dict.fromkeys(itertools.pairwise(cues.terms))),
        names=_names(text, found, language.question_words),
        answer_type=answer_type_of(plain, language),
        asks_for=asked_field(plain, language),
        cues=cues,
        wants_list=bool(language.listing.search(plain)),
    )


def answer_type_of(plain: str, language: Language) -> AnswerType:
    """What a question wants to be told, by its question words; the first pattern that fits."""
    return next((wanted for wanted, pattern in language.answer_types if pattern.search(plain)), AnswerType.ANY)


def asked_field(plain: str, language: Language) -> HeaderField | None:
    """The header field that a question about the article itself asks for ("Who wrote this?")."""
    return next((asked for asked, pattern in language.header_fields if pattern.search(plain)), None)


def _names(text: str, words: Sequence[Token], question_words: frozenset[str]) -> frozenset[str]:
    """Terms written with a capital (not the question word in front) or with a digit: both of "19th"."""
    marked = [
        match.span()
        for match in _RUN.finditer(text)
        if (match[0][0].isupper() or match[0][0].isdigit()) and match[0].lower() not in question_words
    ]
    return frozenset(
        token.stem for token in words if not token.is_stop and any(start <= token.start < end for start, end in marked)
    )
