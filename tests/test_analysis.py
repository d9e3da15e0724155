"""Words, folding, stop words and stems, by language."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.analysis import Token, content_words, fold, terms, tokens, words_and_terms, written_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ferries sailed, sailing!", ["ferri", "sail", "sail"]),
        ("Café CAFE cafe\N{COMBINING ACUTE ACCENT}", ["cafe", "cafe", "cafe"]),
        ("Straße STRASSE", ["strass", "strass"]),
        ("ﬁne ｗｉｄｅ", ["fine", "wide"]),
        ("1,230 people paid 2.4 million in 2023.", ["1,230", "peopl", "paid", "2.4", "million", "2023"]),
        ("Azerbaijan's Azerbaijan’s Azerbaijan", ["azerbaijan"] * 3),
        ("Москва, МОСКВА", ["москва", "москва"]),
        ("Երևան", ["երեւան"]),
        ("日本語 한국어", ["日本語", "한국어"]),
        ("عَرَبِيّ", ["عربي"]),
        ("_ferry_ **ferry** [ferry](ferry)", ["ferri"] * 4),
        ("the of and in", []),
        ("… — !? 😀", []),
        ("", []),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    decomposed = [unicodedata.normalize("NFKD", term) for term in expected]
    assert [unicodedata.normalize("NFKD", term) for term in terms(text)] == decomposed


def test_a_word_of_a_script_with_vowel_signs_stays_one_term() -> None:
    # BUG: a class of letters does not match combining marks, so "भाषा" (language) falls apart into "भ" and "ष".
    assert len(terms("भाषा")) == 1


def test_content_words_stand_where_they_are_written() -> None:
    for text, written in [
        ("The ferries' crew", ["ferries", "crew"]),
        ("Azerbaijan's and Baku’s 1,230 men", ["Azerbaijan", "Baku", "1,230", "men"]),
        ("185 km² on the 19th", ["185", "km²", "19", "th"]),
        ("2½ years", ["2", "½", "years"]),
        ("Pin\N{COMBINING TILDE}ango", ["Pin", "ango"]),
        ("", []),
    ]:
        content = (token for token in tokens(text) if not token.is_stop)
        assert list(dict.fromkeys(text[token.start : token.end] for token in content)) == written


def test_a_token_says_all_of_a_word() -> None:
    assert tokens("The 2 Mills's") == [
        Token(0, 3, "The", "the", "the", True),
        Token(4, 5, "2", "2", "2", False),
        Token(6, 11, "Mills", "mills", "mill", False),
        Token(12, 13, "s", "s", "s", True),
    ]
    assert [(token.is_number, token.is_name) for token in tokens("2 Mills mill")] == [
        (True, False),
        (False, True),
        (False, False),
    ]


def test_a_word_that_folds_to_several_is_several_tokens_of_one_span() -> None:
    assert tokens("km²") == [Token(0, 3, "km²", "km", "km", False), Token(0, 3, "km²", "2", "2", False)]


PLAIN = st.text(
    st.one_of(st.sampled_from("aAsS'’ 1.,2éÉß-_üthe\n"), st.characters(max_codepoint=0x17F, categories=["L", "N"]))
)


@settings(deadline=None)
@given(PLAIN.filter(lambda text: unicodedata.is_normalized("NFKC", text)), st.sampled_from(["en", "de", "fr", "xx"]))
def test_the_functions_agree_with_the_tokens(text: str, language: str) -> None:
    content = [token for token in tokens(text, language) if not token.is_stop]
    assert [token.stem for token in content] == terms(text, language)
    assert [token.form for token in content] == content_words(text, language)
    assert words_and_terms(text, language) == (content_words(text, language), terms(text, language))
    assert all(token.written == text[token.start : token.end] for token in tokens(text, language))
    assert [token.written for token in tokens(text)] == written_words(text)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "Die Häuser des Königs waren größer", ["haus", "konig", "gross"]),
        ("fr", "L’édition française n'était pas abîmée", ["edit", "franc", "abim"]),
        ("ru", "Новый год, ёлка", ["нов", "год", "елк"]),
        ("hi", "भाषा की किताबें", [fold("भाषा"), fold("क"), fold("किताब")]),
        ("fi", "Talossa on 3 koiraa", ["talo", "on", "3", "koira"]),
        ("nb", "Bilene", ["bil"]),
        ("no", "Bilene", ["bil"]),
        ("xx", "The mills' cafés", ["the", "mills", "cafes"]),
        ("", "The mills", ["the", "mills"]),
    ],
)
def test_terms_by_language(language: str, text: str, expected: list[str]) -> None:
    assert terms(text, language) == expected


def test_a_stem_is_found_with_its_accents_and_matched_without() -> None:
    assert terms("Mädchen", "de") == terms("MADCHEN", "de")
    assert terms("années", "fr") == ["anne"]
    assert terms("annees", "fr") == ["anne"]


def test_words_of_other_languages_keep_their_combining_marks() -> None:
    text = "भाषा की"
    assert [token.written for token in tokens(text, "hi")] == ["भाषा", "की"]
