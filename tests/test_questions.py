"""Taking questions apart."""

import pytest

from index.errors import QuestionRejected
from qa.language import ENGLISH
from qa.questions import MAX_CHARS, parse_question
from qa.types import AnswerType, HeaderField


def test_a_question_becomes_terms_pairs_and_names() -> None:
    question = parse_question("  How many people were killed in Nagorno-Karabakh in 2023? ")
    assert question.text == "How many people were killed in Nagorno-Karabakh in 2023?"
    assert question.terms == ("mani", "peopl", "kill", "nagorno", "karabakh", "2023")
    assert question.pairs[:2] == (("mani", "peopl"), ("peopl", "kill"))
    assert question.names == {"nagorno", "karabakh", "2023"}
    assert question.answer_type is AnswerType.COUNT
    assert question.asks_for is None


@pytest.mark.parametrize("text", ["", "   ", "\n", "?!", "…"])
def test_a_question_without_a_word_is_rejected(text: str) -> None:
    with pytest.raises(QuestionRejected, match="empty"):
        parse_question(text)


def test_a_question_as_long_as_an_article_is_rejected_with_both_numbers() -> None:
    assert parse_question("a " * (MAX_CHARS // 2)).terms == ()
    with pytest.raises(QuestionRejected, match=r"100,000 characters, at most 2,000"):
        parse_question("x" * 100_000)


@pytest.mark.parametrize(
    ("text", "answer_type"),
    [
        ("What percentage of voters agreed?", AnswerType.PERCENT),
        ("When did the war end?", AnswerType.TIME),
        ("In what year was it founded?", AnswerType.TIME),
        ("How long is the Rhine?", AnswerType.MEASURE),
        ("How many were injured?", AnswerType.COUNT),
        ("How much did it cost?", AnswerType.AMOUNT),
        ("Who called for talks?", AnswerType.PERSON),
        ("Where did protests break out?", AnswerType.PLACE),
        ("Which city is the largest?", AnswerType.PLACE),
        ("Why did they leave?", AnswerType.REASON),
        ("Which company built it?", AnswerType.NAME),
        ("What did he say?", AnswerType.ANY),
        ("When the war ended, who was president?", AnswerType.PERSON),
        ("Wie viele Menschen starben?", AnswerType.ANY),
    ],
)
def test_the_answer_type_follows_the_question_words(text: str, answer_type: AnswerType) -> None:
    assert parse_question(text).answer_type is answer_type


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("Who wrote this?", HeaderField.AUTHOR),
        ("who is the author of this article", HeaderField.AUTHOR),
        ("Who wrote the article?", HeaderField.AUTHOR),
        ("By whom was this written?", HeaderField.AUTHOR),
        ("When was it published?", HeaderField.PUBLISHED),
        ("When was this article written?", HeaderField.PUBLISHED),
        ("What is the date of the article?", HeaderField.PUBLISHED),
        ("What's the headline?", HeaderField.TITLE),
        ("What is the title of this story?", HeaderField.TITLE),
        ("Who wrote the Magna Carta?", None),
        ("When was Faust published?", None),
        ("What is the title of the king?", None),
        ("Who reported the attack?", None),
        ("When was it founded?", None),
    ],
)
def test_questions_about_the_article_itself_are_told_apart(text: str, field: HeaderField | None) -> None:
    assert parse_question(text).asks_for is field


def test_terms_are_content_words_each_once_in_order() -> None:
    question = parse_question(" Is the bridge’s stone older than bridges of 1,230 km² are? ")
    assert question.terms == ("bridg", "stone", "older", "than", "1,230", "km", "2")
    assert parse_question("Why 2½ years?").terms == ("21", "2", "year")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Who won the 19th race in St.Gallen?", {"19", "th", "st", "gallen"}),
        ("What did O'Brien say of IT'S?", {"o", "brien", "it", "s"} - {"it"}),
        ("what about the eiffel tower", set()),
    ],
)
def test_names_are_written_with_a_capital_or_a_digit(text: str, names: set[str]) -> None:
    assert parse_question(text).names == names


def test_a_question_is_taken_for_one_in_a_language_of_the_articles() -> None:
    text = "Wie viele Häuser brannten?"
    assert parse_question(text).language is ENGLISH
    german = parse_question(text, ("en", "de"))
    assert german.language.code == "de"
    assert german.terms == ("viel", "haus", "brannt")
    assert german.answer_type is AnswerType.ANY
    assert parse_question("How many houses burnt?", ("en", "de")).language is ENGLISH
    assert parse_question("How many houses burnt?", ("de",)).language.code == "de"
