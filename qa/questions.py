"""The words of a question in, a `Question` out: its terms, and what kind of answer it wants.

Knows English question words only; a question in another language is one that may be answered
by anything (`AnswerKind.ANY`). Looks at no index.
"""

import enum
import itertools
import re
from dataclasses import dataclass

from index.errors import QuestionRejected
from index.lexical import content_words, stems
from qa.clues import Clues, find_clues
from qa.kinds import AnswerKind, answer_kind

MAX_CHARS = 2_000
"""A longer question is a pasted article: the model would read the first 256 word pieces only."""


class HeaderField(enum.Enum):
    """A field of an article's header that a question may ask for."""

    TITLE = "title"
    AUTHOR = "author"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Question:
    """A question, taken apart.

    Attributes:
        text: as it was asked, without space around it.
        terms: its content words as index terms, each once, in order.
        carried: those of them that come from the turn before and weigh less.
        pairs: neighbouring terms.
        names: the terms that are written with a capital or a digit.
        kind: what it wants to be told.
        asks_for: the field of an article's header that it asks for, if it does.
        clues: its words, numbers, capitals and so on, as in a sentence.
    """

    text: str
    terms: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    names: frozenset[str]
    kind: AnswerKind
    asks_for: HeaderField | None
    clues: Clues
    carried: frozenset[str] = frozenset()


def parse_question(text: str) -> Question:
    """Take a question apart.

    Raises:
        QuestionRejected: it is empty, or longer than `MAX_CHARS`.
    """
    text = text.strip()
    if not any(character.isalnum() for character in text):
        raise QuestionRejected("The question is empty. Ask something.")
    if len(text) > MAX_CHARS:
        raise QuestionRejected(
            f"The question has {len(text):,} characters, at most {MAX_CHARS:,} are read. Ask a shorter one."
        )
    words = content_words(text)
    terms = stems(words)
    return Question(
        text=text,
        terms=tuple(dict.fromkeys(terms)),
        pairs=tuple(dict.fromkeys(itertools.pairwise(terms))),
        names=frozenset(_names(text)),
        kind=answer_kind(text),
        asks_for=asked_field(text),
        clues=find_clues(text),
    )


def _names(text: str) -> list[str]:
    """Terms written with a capital (not the question word in front) or with a digit."""
    words = re.findall(r"\w[\w.,]*", text)
    marked = [word for word in words if word[0].isupper() or word[0].isdigit()]
    return [stem for word in marked if word.lower() not in _QUESTION_WORDS for stem in stems(content_words(word))]


_QUESTION_WORDS = frozenset(["what", "which", "who", "whom", "whose", "when", "where", "why", "how", "name"])

_ARTICLE = (
    r"(?:th(?:is|e|at)(?: \w+)? (?:article|story|piece|report|text|page|post|essay|news(?: article| story)?)|this|it)"
)
_OF_ARTICLE = rf"(?: (?:of|for|to|on) {_ARTICLE})?"
_WRITTEN = r"(?:written|authored|reported|published|posted|released|printed|dated|put out)"

_FIELDS: tuple[tuple[HeaderField, re.Pattern[str]], ...] = (
    (
        HeaderField.AUTHOR,
        re.compile(
            rf"^(?:and )?(?:who (?:wrote|authored|reported|penned) {_ARTICLE}"
            rf"|who(?: is|'s|’s| was|)? (?:the )?(?:author|writer|reporter|journalist){_OF_ARTICLE}"
            rf"|who(?: is|'s|’s) (?:this|it) by|(?:by whom|who) (?:is|was) {_ARTICLE} {_WRITTEN}(?: by)?"
            rf"|what(?: is|'s|’s| was) the (?:name of the )?(?:author|writer|reporter|byline)(?:['’]s name)?"
            rf"{_OF_ARTICLE})\W*$"
        ),
    ),
    (
        HeaderField.PUBLISHED,
        re.compile(
            rf"^(?:and )?(?:(?:when|on (?:what|which) (?:date|day)|what (?:date|day|year)|in (?:what|which) year)"
            rf" (?:was|is|did) {_ARTICLE} (?:{_WRITTEN}|come out|appear)"
            rf"|what(?: is|'s|’s| was) the (?:publication )?date(?: of publication)?{_OF_ARTICLE}"
            rf"|how old is {_ARTICLE}|when is {_ARTICLE} from)\W*$"
        ),
    ),
    (
        HeaderField.TITLE,
        re.compile(
            rf"^(?:and )?what(?: is|'s|’s| was) (?:the )?(?:title|headline|name){_OF_ARTICLE}\W*$"
            rf"|^what is {_ARTICLE} (?:called|titled)\W*$"
        ),
    ),
)


def asked_field(text: str) -> HeaderField | None:
    """The header field that a question about the article itself asks for ("Who wrote this?")."""
    plain = " ".join(text.lower().split())
    return next((asked for asked, pattern in _FIELDS if pattern.search(plain)), None)
