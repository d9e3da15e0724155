"""An index in, a few questions out that its articles really answer: each was asked before it is shown.

A sentence of an article becomes a question by a simple template ("25 people had been killed" →
"How many people had been killed?"), and stays one only if the assistant answers it with that very
sentence. Knows English only; other articles get fewer questions, or none.
"""

import re
import time
from collections.abc import Callable, Iterator

from index.stores.protocol import Snapshot
from qa import Answer

SHOWN = 3
MAX_SENTENCES = 4_000
"""Looked through for templates, spread over the index: reading them takes about 0.1 s."""

MAX_SECONDS = 5.0
"""Of looking and asking. It happens beside the chat, which does not wait for it."""

MIN_CHARS, MAX_CHARS = 18, 90

_NUMBER = (
    r"(?:(?<![\d,.])\d[\d,.]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|dozens of|hundreds of|thousands of)"
    r"(?: (?:hundred|thousand|million|billion))?"
)
_NAME = (
    r"(?<![\w’'-])(?:[Tt]he )?(?:(?:President|Prime Minister|Minister|Dr\.|Mayor) )?"
    r"[A-Z][\w’'-]+(?: (?:of |the |de |von )?[A-Z][\w’'-]+){1,3}"
)
_DONE = r"(?:\w+ed|built|held|found|made|born|won|shot|sold|lost|given|taken|written|begun|known|seen|hurt|cut|sent)"

_TEMPLATES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            rf"\b(?i:{_NUMBER}) (?P<what>[a-z]+s|people|children|men|women)"
            rf"(?P<where>(?: (?:near|in|on|of|from) (?:the )?[\w’-]+)?)"
            rf" (?P<verb>(?:were|had been|have been|have already been|are) {_DONE})"
        ),
        "How many {what}{where} {verb}?",
    ),
    (
        re.compile(rf"^(?P<what>(?:The|Its|A|An) [a-z]+(?: [a-z]+)?) was (?P<verb>{_DONE}) (?:in|on) \D{{0,12}}\d"),
        "When was {what} {verb}?",
    ),
    (re.compile(r"^(?P<what>(?:The|Its) [a-z]+) (?:cost|costs) (?:\w+ )?\D?\d"), "How much did {what} cost?"),
    (re.compile(rf"(?P<who>{_NAME}) (?:said|says)\b(?! that it\b)"), "What did {who} say?"),
    (re.compile(rf"(?P<who>{_NAME}) announced\b"), "What did {who} announce?"),
    (re.compile(rf"^(?=The )(?P<who>{_NAME}) (?:is|was) (?:an?|the) "), "What is {who}?"),
    (re.compile(rf"(?P<who>{_NAME}) (?:called for|demanded) "), "What did {who} call for?"),
    (re.compile(r"^(?P<what>The [a-z]+) (?P<verb>carries|carried|holds|held) \d"), "How many does {what} carry?"),
)


def find_questions(snapshot: Snapshot, ask: Callable[[str], Answer]) -> tuple[str, ...]:
    """At most `SHOWN` questions, from different templates and different articles where that can be had.

    Args:
        snapshot: the articles.
        ask: answers a question over them.
    """
    until = time.monotonic() + MAX_SECONDS
    first: dict[int, str] = {}  # by template
    later: list[str] = []
    for template, question, path, start, end in _candidates(snapshot, until):
        if len(first) == SHOWN or time.monotonic() > until:
            break
        if question in (*first.values(), *later) or not _answered(ask(question), path, start, end):
            continue
        if template in first:
            later.append(question)
        else:
            first[template] = question
    return (*first.values(), *later)[:SHOWN]


def _answered(answer: Answer, path: str, start: int, end: int) -> bool:
    """Whether the first quote is the sentence that the question was made of."""
    if not answer.quotes:
        return False
    first = answer.quotes[0]
    return first.path == path and first.start < end and start < first.end


def _candidates(snapshot: Snapshot, until: float) -> Iterator[tuple[int, str, str, int, int]]:
    """Questions with the number of their template and the sentence they are made of, from all over the index."""
    for path, sentence, start, end in _sentences(snapshot):
        if time.monotonic() > until:  # also where no sentence makes a question
            return
        for template, question in _ask_about(sentence):
            yield template, question, path, start, end


def _sentences(snapshot: Snapshot) -> Iterator[tuple[str, str, int, int]]:
    """Sentences from all over the index, each with the path of its article and its span there."""
    step = max(1, snapshot.about.sentences // MAX_SENTENCES)
    for chunk in snapshot.sample(MAX_SENTENCES):
        for start, end in chunk.sentences[::step]:
            yield chunk.article.path, chunk.text[start - chunk.start : end - chunk.start], start, end


def _ask_about(sentence: str) -> Iterator[tuple[int, str]]:
    for number, (pattern, template) in enumerate(_TEMPLATES):
        match = pattern.search(sentence)
        if not match:
            continue
        parts = {name: " ".join(value.split()) for name, value in match.groupdict().items()}
        parts = {name: f" {value}" if name == "where" and value else _lower_the(value) for name, value in parts.items()}
        question = template.format(**parts)
        if MIN_CHARS <= len(question) <= MAX_CHARS and not re.search(r"\b(?:It|He|She|They|His|Her|Its)\b", question):
            yield number, question


def _lower_the(text: str) -> str:
    first, space, rest = text.partition(" ")
    return f"{first.lower()}{space}{rest}" if first in ("The", "A", "An", "Its") else text
