"""A question in, whether it is in a language that the articles are not in out, and the sentence that says so."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.analysis import ENGLISH, content_words, function_words, terms
from index.sentences import language_beyond
from qa.answer import NEAREST_SHOWN
from qa.questions import Question
from qa.types import Answer

_NAMES = {
    **{"ar": "Arabic", "bg": "Bulgarian", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German"},
    **{"el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian"},
    **{"fi": "Finnish", "fr": "French", "ga": "Irish", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian"},
    **{"hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean"},
    **{"lt": "Lithuanian", "lv": "Latvian", "nb": "Norwegian", "nl": "Dutch", "nn": "Norwegian", "no": "Norwegian"},
    **{"pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian"},
    **{"sr": "Serbian", "sv": "Swedish", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu"},
    **{"vi": "Vietnamese", "zh": "Chinese"},
}
"""Names of languages by ISO 639-1 code."""

SURE_NAMES = 2
"""Names and numbers that have to stand in a passage of another language to quote it."""

FUNCTION_WORDS = 2
"""Words like "el" or "wurde" in a question that is taken for one of another language: names have one at times
("Rio de Janeiro"), and py3langid takes one of 25 short English questions for another language."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """That a question is in a language that the articles are not in.

    Attributes:
        language: ISO 639-1 code.
        names: terms that it writes with a capital or a digit, whether the articles have them or not.
    """

    language: str
    names: frozenset[str]


def foreign_language(text: str, languages: Sequence[str]) -> str:
    """The language of a question, where it is surely none of those of the articles; else empty.

    Args:
        text: the question.
        languages: of the articles, at least one.
    """
    language = language_beyond(text, languages)
    if not language:
        return ""
    needed = 1 if "¿" in text else FUNCTION_WORDS
    sure = _script(text) != "LATIN" or function_words(text, language) >= max(needed, _own(text, languages) + 1)
    return language if sure else ""


def _own(text: str, languages: Sequence[str]) -> int:
    """How many function words of the articles' languages a question has; English ones where nothing is known."""
    words = content_words(text, languages[0])
    return len(text.split()) - len(words) if languages[0] == ENGLISH else 0


def _script(text: str) -> str:
    """What most letters of a text are: "LATIN", "CYRILLIC"."""
    scripts = [unicodedata.name(letter, " ").split()[0] for letter in text if letter.isalpha()]
    return max(set(scripts), key=scripts.count) if scripts else "LATIN"


def remark(language: str, languages: Sequence[str], *, found: bool) -> str:
    """What is said of a question in a language that no article is in.

    Args:
        language: of the question.
        languages: of the articles.
        found: whether an article is quoted nevertheless.
    """
    has = _NAMES.get(languages[0], "another language")
    looks = f"looks {_NAMES[language]}" if language in _NAMES else "looks like one in another language"
    so = "only its names and numbers were looked for" if found else "these are only the nearest passages"
    return f"The question {looks}; the articles are in {has}, so {so}."


def with_remark(answer: Answer, question: Question, foreign: Foreign, languages: Sequence[str]) -> Answer:
    """An answer to such a question: quotes only where a passage has most of its names and numbers."""
    known = question.names
    needed = max(SURE_NAMES, len(known) * 2 / 3, len(foreign.names) / 3)
    found = answer.found and len(known & _terms_around(answer, question)) >= needed
    if not found:
        answer = replace(answer, found=False, quotes=(), passages=answer.passages[:NEAREST_SHOWN])
    return replace(answer, remark=remark(foreign.language, languages, found=found))


def _terms_around(answer: Answer, question: Question) -> frozenset[str]:
    """The terms of the passage that the first quote is from, and of its title."""
    quote = answer.quotes[0]
    texts = [p.text for p in answer.passages if p.path == quote.path and p.start <= quote.start < p.end]
    return frozenset(terms("\n".join([quote.title, *texts]), question.language.code))


def without_function_words(question: Question, language: str) -> Question:
    """A question of another language with only its content words as terms: names and numbers are the same in most."""
    content = {term for word in content_words(question.text, language) for term in terms(word, question.language.code)}
    return question.without(frozenset(question.terms) - content)
