"""What stands in a sentence."""

from qa.cues import find_cues
from qa.language import ENGLISH, language_of_code


def test_cues_name_what_stands_in_a_sentence() -> None:
    cues = find_cues("In May 1911, Ann Lee didn't walk 20 km from Jena to the Harz.", ENGLISH)
    assert cues.years == {"1911"}
    assert cues.digits == {"1911", "20"}
    assert cues.times == {"may"}
    assert cues.capitals == {"ann", "lee", "jena", "harz"}
    assert cues.places >= {"jena", "harz"}
    assert cues.unit
    assert cues.negation
    assert not cues.percent
    assert ("ann", "lee") in cues.near
    assert cues.terms[:4] == ("may", "1911", "ann", "lee")


def test_a_language_that_nobody_has_written_down_has_numbers_and_capitals_only() -> None:
    cues = find_cues("Im Mai 1911 ging Anna nicht 20 km bis Jena, drei Tage lang.", language_of_code("de"))
    assert cues.numbers == cues.digits == {"1911", "20"}
    assert cues.capitals == {"mai", "anna", "jena", "tage"}
    assert cues.terms[:3] == ("mai", "1911", "ging")
    assert (cues.years, cues.times, cues.places) == (frozenset(), frozenset(), frozenset())
    assert not (cues.unit or cues.negation or cues.percent or cues.reason or cues.part)
