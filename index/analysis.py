"""A text in, its tokens out: the one place that knows words, folding, stop words and stems, by language.

A word is a run of letters, or a number with its separators: "1,230" is one word, "19th" two. Folded, it has
compatible forms, no accents and no capitals. A language has Snowball's stems, if Snowball has the language, and stop
words, if there is a list of them; any other language has the folded words themselves. Splits no sentences and tells no
languages (see `index.sentences`).
"""

import functools
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from index.types import Span

if TYPE_CHECKING:
    import Stemmer

ENGLISH = "en"

STOP_WORDS = frozenset(
    """
    a an and are as at be been by did do does for from had has have how in is it its of on or that the their
    these this to was were what when where which who whom whose why will with
    """.split()
)
"""English words that carry no content in a question, the question words among them."""

_SNOWBALL = {
    **{"ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english"},
    **{"eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish"},
    **{"fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian"},
    **{"it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "nn": "norwegian"},
    **{"no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian"},
    **{"st": "sesotho", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish"},
}
"""Snowball's algorithms by ISO 639-1 code."""

_STOP_LISTS = frozenset(
    "danish dutch french german italian norwegian portuguese russian spanish swedish turkish".split()
)
"""Lists of bm25s (NLTK's, which are Snowball's): function words only, and here already. The larger ones of
stopwords-iso hold words that a question may be about (French "nombre", German "tag")."""

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_POSSESSIVE = re.compile(r"['’]s\b")
_PERHAPS_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u1cff\u1dc0-\u1dff\u20d0-\u20f0\u2cef-\u309a\ua66f-\uabed"
    "\ufb1e\ufe00-\ufe2f\U000101fd-\U0001e94a\U000e0100-\U000e01ef]"
)
"""Finds whatever is a combining mark, and more; most texts have none of it."""


class Token(NamedTuple):
    """A word of a text.

    A written word that folds to several ("km²": "km" and "2") is as many tokens of one span.

    Attributes:
        start, end: where it is written, in code points.
        written: as it is written.
        form: folded.
        stem: the term that it counts as.
        is_stop: whether it carries no content: a stop word, or the s of an English possessive.
    """

    start: int
    end: int
    written: str
    form: str
    stem: str
    is_stop: bool

    @property
    def is_number(self) -> bool:
        """Whether it is written in digits."""
        return self.written[0].isdigit()

    @property
    def is_name(self) -> bool:
        """Whether it is written with a capital."""
        return self.written[0].isupper()


def tokens(text: str, language: str = ENGLISH) -> list[Token]:
    """The words of a text, in order, stop words and all.

    Their stems without stop words are `terms`, but where English has combining marks or signs that fold to words or
    numbers: `terms` folds before it cuts ("2½": "21", "2"), this cuts before it folds ("2", "1", "2").
    """
    rules = _rules(language)
    words = [(start, end, part) for start, end in _spans(text, rules) for part in _parts(text[start:end], rules)]
    stems = rules.stem([part for _, _, part in words])
    found = [
        Token(start, end, text[start:end], form := fold(part), stem, form in rules.stop_words)
        for (start, end, part), stem in zip(words, stems, strict=True)
    ]
    if not rules.is_english:
        return found
    possessives = (match.end() for match in _POSSESSIVE.finditer(text))
    return sorted(found + [Token(end - 1, end, "s", "s", "s", True) for end in possessives], key=_place)


def _place(token: Token) -> int:
    return token.start


def terms(text: str, language: str = ENGLISH) -> list[str]:
    """The stems of the content words of a text, in order: what is indexed.

    An index keeps them: whoever changes what comes out here raises the format of the index.
    """
    rules = _rules(language)
    return rules.stem(_content(text, rules))


def stems_of(words: Sequence[str], language: str = ENGLISH) -> list[str]:
    """The stem of each word, a stop word's too."""
    rules = _rules(language)
    if rules.folds_first:
        return rules.stem([fold(word) for word in words])
    return rules.stem([unicodedata.normalize("NFKC", word).lower() for word in words])


def content_words(text: str, language: str = ENGLISH) -> list[str]:
    """The folded words of a text without stop words, in order."""
    return words_and_terms(text, language)[0]


def words_and_terms(text: str, language: str = ENGLISH) -> tuple[list[str], list[str]]:
    """What `content_words` and `terms` give, side by side, for little more than one of them."""
    rules = _rules(language)
    words = _content(text, rules)
    return words if rules.folds_first else [fold(word) for word in words], rules.stem(words)


def function_words(text: str, language: str) -> int:
    """How many words of a text carry no content in a language, but do in English."""
    stops = _rules(language).stop_words - STOP_WORDS
    return sum(fold(word) in stops for word in written_words(text))


def written_words(text: str) -> list[str]:
    """The words of a text as they are written, stop words and all; a possessive's s is one too."""
    return _WORD.findall(text)


def fold(text: str) -> str:
    """Compatible forms, no accents, no capitals."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if unicodedata.category(c)[0] != "M").casefold()


@dataclass(frozen=True, slots=True)
class _Rules:
    """How the words of a language become terms.

    Attributes:
        stop_words: folded.
        stem: stems of words, in order.
        folds_first: whether words are folded before they are stemmed; endings that Snowball knows have accents.
        is_english: whether "'s" is no word, and a combining mark ends one. The second is a pity ("Piñango" in two
            spans where it is written with one), and kept: every index has the vectors of its words.
    """

    stop_words: frozenset[str]
    stem: Callable[[Sequence[str]], list[str]]
    folds_first: bool = True
    is_english: bool = False


@functools.cache
def _rules(language: str) -> _Rules:
    name = _SNOWBALL.get(language, "")
    if language == ENGLISH:
        return _Rules(STOP_WORDS, _stemmer(name).stemWords, is_english=True)
    if not name:
        return _Rules(frozenset(), list)
    stemmer = _stemmer(name)

    def stem(words: Sequence[str]) -> list[str]:
        return [fold(found) for found in stemmer.stemWords(list(words))]

    return _Rules(_stop_words(name), stem, folds_first=False)


def _stemmer(name: str) -> "Stemmer.Stemmer":
    import Stemmer

    return Stemmer.Stemmer(name)


def _stop_words(name: str) -> frozenset[str]:
    if name not in _STOP_LISTS:
        return frozenset()
    from bm25s import stopwords

    found: tuple[str, ...] = getattr(stopwords, f"STOPWORDS_{name.upper()}")
    return frozenset(map(fold, found))


def _content(text: str, rules: _Rules) -> list[str]:
    """The content words of a text as they are stemmed."""
    if rules.is_english:
        text = _POSSESSIVE.sub("", text)
    if rules.folds_first:
        return [word for word in _WORD.findall(fold(text)) if word not in rules.stop_words]
    return [part for part in _parts(text, rules) if fold(part) not in rules.stop_words]


def _parts(text: str, rules: _Rules) -> list[str]:
    """The words that a text becomes, as they are stemmed."""
    if rules.folds_first:
        return _WORD.findall(fold(text))
    lowered = unicodedata.normalize("NFKC", text).lower()
    return _word_pattern(lowered).findall(lowered)


def _spans(text: str, rules: _Rules) -> Iterator[Span]:
    """Where words are written, possessives left out."""
    if rules.is_english:
        bare = _POSSESSIVE.sub("  ", text)
        return (match.span() for match in _WORD.finditer(bare))
    return (match.span() for match in _word_pattern(text).finditer(text))


def _word_pattern(text: str) -> re.Pattern[str]:
    return _WORD if text.isascii() or not _PERHAPS_MARKS.search(text) else _word_with_marks()


@functools.cache
def _word_with_marks() -> re.Pattern[str]:
    """`_WORD`, and combining marks are part of the word: written with them, "भाषा" is one word as well."""
    codes = [code for code in range(0x300, 0x1E950) if unicodedata.category(chr(code))[0] == "M"]
    marks = "".join(map(chr, codes)) + "\U000e0100-\U000e01ef"
    return re.compile(rf"\d+(?:[.,]\d+)*|[^\W\d_](?:[^\W\d_]|[{marks}])*")
