"""Some words in, where a text says them out: whole words one after the other, in any case, by their letters or stems.

`Wording.spans` is the meaning; a store finds the same places its own way (tests/store_conformance.py compares).
"""

import functools
import itertools
import re
from dataclasses import dataclass

from index.analysis import stems_of
from index.types import Span

_WORD = re.compile(r"[^\W_]+")
_ASCII_RUN = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]+")
_APOSTROPHES = "'’"
_HYPHENS = "-‐‑–"
_SPACE = r"(?:[^\S\r\n]+|[^\S\r\n]*(?:\r\n|\n|\r)[^\S\r\n]*)"
"""Also one line end, since lines of a file may be wrapped; never an empty line."""
_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wording:
    """Words that stand one after the other in a text, whole and in any case.

    "Punxsutawney" is in "Punxsutawney's" and in "Punxsutawney-born", not in "Punxsutawneyan"; accents are letters of
    their own. Between two words may be one line end; apostrophes are alike, and so are hyphens.

    Attributes:
        text: the words, as they were asked for; at least one.
        language: ISO 639-1 code: any form with the same stem counts ("flood", "floods"). Empty: the words as they are.
    """

    text: str
    language: str = ""

    def spans(self, text: str) -> list[Span]:
        """Where a text holds the words, in order."""
        pattern, stems = _compiled(self)
        found = pattern.finditer(text.encode(errors="surrogatepass").lower().decode(errors="surrogatepass"))
        if not stems:
            return [match.span() for match in found]
        return [match.span() for match in found if _stems(match.groups(), self.language) == stems]

    @property
    def needles(self) -> tuple[bytes, ...]:
        """What every text with the words has in it once ASCII letters are lower case, in UTF-8."""
        return _needles(self)


@functools.lru_cache(256)
def _compiled(wording: Wording) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """What finds the words, or words that may have the same stems; and these stems."""
    asked = _POSSESSIVE.sub("", wording.text.strip())
    words = list(_WORD.finditer(asked))
    if not words:
        raise ValueError(f"no word in {wording.text!r}")
    stems = _stems(tuple(word[0] for word in words), wording.language) if wording.language else ()
    first, *others = map(_letters, _beginnings(wording))
    # What stands before the first word is looked at behind it: so its letters are searched for, which is faster.
    parts = [rf"{first}(?<!\w{first})", *others]
    if stems:
        parts = [rf"({part}\w*)" for part in parts]
    between = [_between(asked[one.end() : other.start()]) for one, other in itertools.pairwise(words)]
    joined = "".join(itertools.chain.from_iterable(itertools.zip_longest(parts, between, fillvalue="")))
    return re.compile(rf"{joined}(?!\w)"), stems


def _beginnings(wording: Wording) -> list[str]:
    """What each word has in common with its stem; the forms of a word differ behind it."""
    words = _WORD.findall(_POSSESSIVE.sub("", wording.text.strip()))
    if not wording.language:
        return words
    stems = _stems(tuple(words), wording.language)
    return [_common(word.lower(), stem) or word for word, stem in zip(words, stems, strict=True)]


def _common(word: str, stem: str) -> str:
    """What all forms of a word begin with: ferries, ferry; hope, hoping."""
    pairs = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(word, stem, strict=False))
    return "".join(letter for letter, _ in pairs).rstrip("aeiouy")


@functools.lru_cache(4096)
def _stems(words: tuple[str, ...], language: str) -> tuple[str, ...]:
    return tuple(stems_of(words, language))


@functools.lru_cache(256)
def _needles(wording: Wording) -> tuple[bytes, ...]:
    runs = (max(re.findall(r"[\x00-\x7f]+", start), key=len, default="") for start in _beginnings(wording))
    return tuple(run.lower().encode() for run in runs if run)


def _letters(word: str) -> str:
    """The pattern of a word in any case, in a text whose ASCII letters are lower case."""
    runs = _ASCII_RUN.findall(word)
    return "".join(re.escape(run.lower()) if run.isascii() else f"(?i:{re.escape(run)})" for run in runs)


def _between(gap: str) -> str:
    """The pattern of what stands between two words."""
    kinds = {sign: f"[{alike}]" for alike in (_APOSTROPHES, _HYPHENS) for sign in alike}
    return "".join(
        _SPACE if part.isspace() else "".join(kinds.get(sign, re.escape(sign)) for sign in part)
        for part in re.findall(r"\s+|\S+", gap)
    )
