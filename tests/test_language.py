"""Languages by code."""

import pytest

from qa.language import ENGLISH, Language, language_of_code
from qa.types import AnswerType


def test_english_is_written_down() -> None:
    assert language_of_code("en") is ENGLISH
    assert {answer_type for answer_type, _ in ENGLISH.answer_types} == set(AnswerType) - {AnswerType.ANY}
    assert len(ENGLISH.header_fields) == 3
    assert ENGLISH.cues.months < ENGLISH.cues.times


@pytest.mark.parametrize("code", ["de", "xx", ""])
def test_any_other_language_matches_nothing(code: str) -> None:
    language = language_of_code(code)
    assert language == Language(code)
    assert language is language_of_code(code)
    patterns = language.follow_ups
    for pattern in (patterns.opening, patterns.incomplete, patterns.pronoun, patterns.pointing, language.cues.place):
        assert not pattern.search("and what about him in the end?")
    assert (language.answer_types, language.header_fields) == ((), ())
