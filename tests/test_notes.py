"""What is told beside quotes: how sure, how the question was read, which time was preferred, how many articles."""

import pytest

from index.types import Source
from qa import Answer, notes
from qa.types import AnswerKind, Certainty, Listed, Period


def answer(question: str = "Why?", *, found: bool = True, **said: object) -> Answer:
    return Answer(question, found, 0.9, (), (), **said)  # type: ignore[arg-type]


@pytest.mark.parametrize("certainty", Certainty)
def test_how_sure_an_answer_is_is_a_word_with_a_meaning(certainty: Certainty) -> None:
    given = answer(certainty=certainty)
    assert notes.certainty_of(given) == {"sure": "Sure", "likely": "Likely", "unsure": "Unsure"}[certainty]
    assert ("nine of ten were right" in notes.certainty_means(given)) == (certainty is Certainty.SURE)


def test_lists_and_summaries_say_what_was_done_and_nothing_of_measurements() -> None:
    meanings = {
        notes.certainty_means(answer(kind=kind, certainty=certainty))
        for kind in (AnswerKind.ARTICLES, AnswerKind.SUMMARY, AnswerKind.QUOTES)
        for certainty in Certainty
    }
    assert len(meanings) == 9
    assert len([meaning for meaning in meanings if "nine of ten" in meaning]) == 1
    sure = notes.certainty_means(answer(kind=AnswerKind.COUNT, certainty=Certainty.SURE))
    assert sure == "Looked up in all articles that were asked; nothing had to be judged."


def test_nothing_is_certain_where_there_is_no_answer_or_the_product_speaks() -> None:
    for given in (answer(found=False), answer(kind=AnswerKind.PRODUCT, certainty=Certainty.SURE)):
        assert (notes.certainty_of(given), notes.certainty_means(given)) == ("", "")


def test_a_corrected_question_is_told_once() -> None:
    given = answer("Who is the presdent?", understood="Who is the president?", corrected=(("presdent", "president"),))
    assert notes.read_as(given) == "Who is the president?"
    assert notes.understood_as(given) == ""
    bare = answer("Who is the presdent?", corrected=(("presdent", "president"),))
    assert notes.read_as(bare) == "president (for presdent)"


def test_a_question_that_leans_on_another_is_told_as_understood() -> None:
    given = answer("And when? ", understood="And when? (people killed)")
    assert (notes.read_as(given), notes.understood_as(given)) == ("", "And when? (people killed)")
    assert notes.understood_as(answer("When? ", understood="When?")) == ""


@pytest.mark.parametrize(
    ("since", "until", "told"),
    [
        ("2023-04-01", "2023-04-30", "Preferring articles of April 2023"),
        ("2024-02-01", "2024-02-29", "Preferring articles of February 2024"),
        ("2023-01-01", "2023-12-31", "Preferring articles of 2023"),
        ("2021-01-01", "2023-12-31", "Preferring articles from 2021 to 2023"),
        ("2023-03-01", "2023-05-31", "Preferring articles from March 2023 to May 2023"),
        ("2023-05-03", "2023-05-03", "Preferring articles of 3 May 2023"),
        ("2023-04-01", "2023-04-10", "Preferring articles from 1 April 2023 to 10 April 2023"),
        ("", "", "Preferring the time that is asked for: “in April”"),
    ],
)
def test_a_time_is_told_as_people_say_it(since: str, until: str, told: str) -> None:
    assert notes.preferring(answer(period=Period(since, until, "in April"))) == told
    assert notes.preferring(answer()) == ""


def test_what_stands_above_articles() -> None:
    two = (Listed(Source("a.txt", "")), Listed(Source("b.txt", "")))
    assert notes.leading(answer(kind=AnswerKind.ARTICLES, articles=two)) == "2 articles"
    assert notes.leading(answer(kind=AnswerKind.COUNT, count=1)) == "1 article"
    assert notes.leading(answer(kind=AnswerKind.COUNT, count=12_000)) == "12,000 articles"
    assert notes.leading(answer(kind=AnswerKind.COUNT, count=1, told="1 of 9 articles holds it.")) == (
        "1 of 9 articles holds it."
    )
    assert notes.leading(answer(articles=two)) == ""


def test_all_notes_stand_in_their_order() -> None:
    given = answer(
        "Who is the presdent in 2023?",
        understood="Who is the president in 2023?",
        corrected=(("presdent", "president"),),
        period=Period("2023-01-01", "2023-12-31", "in 2023"),
        remark="No article is of 2023.",
    )
    assert notes.notes(given) == [
        "Read as: Who is the president in 2023?",
        "Preferring articles of 2023.",
        "No article is of 2023.",
    ]
    assert notes.notes(answer()) == []
