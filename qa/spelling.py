"""A question in, the same without its slips of the pen out, and what was read for what.

A word is corrected only if no article has it and it is no word of its language (pyspellchecker's lists), and only to
words that the articles have. A name is corrected with more care than other words, since one that isn't there is mostly
another one's: it has to sound the same or nearly so, and to stand beside something else that the question is about.
"""

import functools
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index.analysis import Token, fold, terms, tokens
from index.stores.protocol import Snapshot
from qa.questions import Question

if TYPE_CHECKING:
    from spellchecker import SpellChecker

SHORTEST = 4
"""Letters of a word that is compared with others: of three letters everything is one edit from something."""

LONG = 6
"""Letters from which a word may have two slips in it."""

LONG_NAME = 8
"""The same of a name: "Katalin" is not "Kaitlin"."""

MOST_WORDS = 4
"""Words of a question that are compared; one with more is in another language, or pasted."""

TRIED = 3
"""Words nearest to a misspelt one that are looked at in the articles."""

LOOKED_AT = 3
"""Passages in which a word is looked at."""

BESIDE = 0.15
"""Share of the rest of the question's weight that stands beside a name which is read for a misspelt one."""

_TO_THE_FRONT = 8
"""How often a term is asked for so that passages with it come before those with the rest of the question."""

_LISTS = frozenset("ar de en es eu fa fr it lv nl pt ru".split())
_VOWELS = re.compile(r"(?<=.)[aeiouy]+")
_TWICE = re.compile(r"(.)\1+")

Change = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Proposal:
    """A word of the articles that may be meant.

    Attributes:
        written: as they write it.
        edits: letters between it and what was typed.
        alike: whether both have the same consonants in a row, or two letters have changed places.
        is_name: whether they always write it with a capital.
        frequency: in how many passages it stands.
        beside: share of the rest of the question's weight in the passage where it is best surrounded.
    """

    written: str
    edits: int
    alike: bool
    is_name: bool
    frequency: int
    beside: float

    @property
    def score(self) -> float:
        """Which of several is meant."""
        return _likeness(self.alike, self.edits, self.frequency) + 2 * self.beside


class Speller:
    """Reads misspelt words as those of one snapshot. Safe to use from several threads."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        settings = snapshot.about.settings
        self._nowhere = np.full(settings.dimension, settings.dimension**-0.5, dtype=np.float32)

    def correct(self, question: Question) -> tuple[str, tuple[Change, ...]]:
        """The question as it was probably meant, and the words that are other ones in it, as written and as read."""
        found = _phrase_slips(question)
        known = self._snapshot.document_frequencies([token.stem for token in question.tokens])
        rest = {term: known[term] for term in question.terms if known.get(term)}
        compared = 0
        for token in question.tokens:
            if known[token.stem] or token.is_stop or token.is_number or token.start in found:
                continue
            read = question.language.slips.get(token.form)
            if not read and compared < MOST_WORDS and _may_be_misspelt(token, question):
                compared += 1
                read = self._nearest(token, rest, question)
            if read:
                found[token.start] = (token.written, _as_written(read, token))
        return _replaced(question.text, found), tuple(found[start] for start in sorted(found))

    def _nearest(self, token: Token, rest: dict[str, int], question: Question) -> str | None:
        """The word of the articles that is meant by one that they have not; None if it is none of theirs."""
        near = self._snapshot.similar_terms(token.stem, 1 if len(token.form) < LONG else 2)
        listed = self._snapshot.document_frequencies(_listed_near(token.form, question.language.code))
        near |= {term: count for term, count in listed.items() if count}
        likely = sorted(near, key=lambda term: _likeness(*_compared(token.stem, term), near[term]))[-TRIED:]
        proposals = [self._look_up(token, term, near[term], rest) for term in likely]
        inside = token.start > question.tokens[0].start
        allowed = [one for one in proposals if one and _is_meant(one, token, inside, bool(rest))]
        return max(allowed, key=lambda one: one.score).written if allowed else None

    def _look_up(self, token: Token, term: str, frequency: int, rest: dict[str, int]) -> _Proposal | None:
        """How the articles write a term, and what of the question stands beside it."""
        asked = [term] * _TO_THE_FRONT + list(rest)
        found = self._snapshot.candidates(self._nowhere, asked, LOOKED_AT)
        best = np.argsort(-found.bm25, kind="stable")[:LOOKED_AT]
        forms: Counter[str] = Counter()
        beside = 0.0
        weights = {other: 1 / math.log(2 + count) for other, count in rest.items() if other != term}
        total = sum(weights.values()) or 1.0
        for chunk in self._snapshot.chunks([found.ids[place] for place in best.tolist()]):
            words = tokens(f"{chunk.article.value('title')}\n{chunk.text}", chunk.article.language)
            stems = {word.stem for word in words}
            forms.update(word.written for word in words if word.stem == term)
            if term in stems:
                beside = max(beside, sum(weights[other] for other in stems & weights.keys()) / total)
        if not forms:
            return None
        written = min(forms, key=lambda form: (_edits(token.form, fold(form)), form.isupper(), -forms[form]))
        return _Proposal(
            written=written if all(form[0].isupper() for form in forms) else written.lower(),
            edits=_edits(token.form, fold(written)),
            alike=_alike(token.form, fold(written)),
            is_name=all(form[0].isupper() for form in forms),
            frequency=frequency,
            beside=beside,
        )


def _phrase_slips(question: Question) -> dict[int, Change]:
    """Slips that are told by the words around them, by where they stand."""
    return {
        match.start(): (match[0], read.capitalize() if match[0][0].isupper() else read)
        for pattern, read in question.language.phrase_slips
        for match in pattern.finditer(question.text)
    }


def _may_be_misspelt(token: Token, question: Question) -> bool:
    """Whether a word that no article has could be a slip: it is no abbreviation and no word of the language."""
    long = len(token.form) >= SHORTEST and token.written.isalpha()
    return long and not token.written.isupper() and not _is_word(token.written.lower(), question.language.code)


def _is_word(word: str, language: str) -> bool:
    """Whether a language has a word; where that is not known, it has every word."""
    return language not in _LISTS or any(form in _list_of(language) for form in (word, fold(word), _american(word)))


def _listed_near(word: str, language: str) -> list[str]:
    """Terms of the language's words that are one edit away: "presidnet" has another stem than "president"."""
    known = _list_of(language)
    return terms(" ".join(known.known(known.edit_distance_1(word))), language)


def _american(word: str) -> str:
    """The list of English has "summarize" only."""
    return re.sub(r"is(?=e|ing|ation)", "iz", word)


@functools.cache
def _list_of(language: str) -> "SpellChecker":
    """The words of a language: 0.3 s for English, once."""
    from spellchecker import SpellChecker

    return SpellChecker(language=language)


def _compared(misspelt: str, word: str) -> tuple[bool, int]:
    """Whether two words are alike, and the edits between them."""
    return _alike(misspelt, word), _edits(misspelt, word)


def _likeness(alike: bool, edits: int, frequency: int) -> float:
    """How likely a word is meant, by its letters and how often it is used."""
    return 1.5 * alike - 1.5 * edits + 0.25 * math.log(frequency)


def _is_meant(one: _Proposal, token: Token, inside: bool, more: bool) -> bool:
    """Whether a word may be read for another.

    Args:
        one: the word.
        token: what was typed.
        inside: whether that is not the first word.
        more: whether the articles have anything else of the question.
    """
    length = len(token.form)
    if one.edits > (1 if length < LONG else 2) or (one.edits > 1 and not one.alike):
        return False
    if one.is_name:
        close = one.alike or (one.edits == 1 and length > LONG and len(one.written) != length)
        return close and (one.edits < 2 or length >= LONG_NAME) and (one.beside >= BESIDE or not more)
    if token.is_name and inside:
        return False
    return one.alike or length > SHORTEST


def _alike(one: str, other: str) -> bool:
    """Whether two words sound alike ("kapor", "kapoor"), or two letters have changed places ("childern")."""
    return _skeleton(one) == _skeleton(other) or (sorted(one) == sorted(other) and _edits(one, other) == 1)


def _skeleton(word: str) -> str:
    """A word without vowels but the first letter, and without double letters."""
    return _TWICE.sub(r"\1", _VOWELS.sub("", word))


def _edits(one: str, other: str) -> int:
    from rapidfuzz.distance import OSA

    return OSA.distance(one, other)


def _as_written(read: str, token: Token) -> str:
    """A word with a capital where the one that it is read for has one."""
    return read[0].upper() + read[1:] if token.is_name else read


def _replaced(text: str, found: dict[int, Change]) -> str:
    """A text with other words in some places."""
    for start, (written, read) in sorted(found.items(), reverse=True):
        text = text[:start] + read + text[start + len(written) :]
    return text
