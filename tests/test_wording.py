"""Words that stand one after the other in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.wording import Wording


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ("Ys", "YS, Ys's and Ys’s mill; Ysgard, days, Ys-born", ["YS", "Ys", "Ys", "Ys"]),
        ("Ys’s", "the mill of Ys", ["Ys"]),
        ("stone mill", "A stone mill, Stone\nmill, stone\n\nmill, stone. Mill", ["stone mill", "Stone\nmill"]),
        ("stone mill", "stone\r\nmill", ["stone\r\nmill"]),
        ("miller's cat", "the miller’s cat", ["miller’s cat"]),
        ("Covid-19", "COVID–19 and Covid 19", ["COVID–19"]),
        ("Zürich", "ZÜRICH, Zurich", ["ZÜRICH"]),
        ("kiss", "\u212aiss Kiſs KISS", ["KISS"]),
        ("2.4", "2.4 million, 12.4, 2.45, 2,4", ["2.4"]),
        ("U.S. Army", "the u.s. army", ["u.s. army"]),
        ("a(b", "A(B)", ["A(B"]),
        ("x_y", "x_y xy", ["x_y"]),
    ],
)  # fmt: skip
def test_words_are_whole_and_in_any_case(words: str, text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in Wording(words).spans(text)] == found


@pytest.mark.parametrize(
    ("words", "language", "text", "found"),
    [
        ("floods", "en", "Flood, flooded and FLOODING; floodlight", ["Flood", "flooded", "FLOODING"]),
        ("study", "en", "studies by students study", ["studies", "study"]),
        ("public schools", "en", "public school, Public Schools; public, schools", ["public school", "Public Schools"]),
        ("Häuser", "de", "ein Haus, viele Häuser", ["Haus", "Häuser"]),
        ("of stones", "en", "Of stone", ["Of stone"]),
    ],
)  # fmt: skip
def test_forms_with_the_same_stem_count_where_a_language_is_given(
    words: str, language: str, text: str, found: list[str]
) -> None:
    assert [text[start:end] for start, end in Wording(words, language).spans(text)] == found


@pytest.mark.parametrize("nothing", ["", " ?! ", "_"])
def test_without_a_word_nothing_can_be_found(nothing: str) -> None:
    with pytest.raises(ValueError, match="no word"):
        Wording(nothing).spans("text")


@given(st.text(), st.sampled_from([Wording("ss"), Wording("Éa b"), Wording("mills", "en"), Wording("k", "en")]))
def test_what_holds_the_words_holds_the_needles(text: str, wording: Wording) -> None:
    for inside in (text, f"{text} {wording.text.upper()} {text}"):
        lowered = inside.encode(errors="surrogatepass").lower()
        assert not wording.spans(inside) or all(needle in lowered for needle in wording.needles)
