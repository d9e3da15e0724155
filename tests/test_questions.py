"""Taking questions apart."""

import pytest

from index.errors import QuestionRejected
from qa.clues import find_clues
from qa.kinds import AnswerKind, answer_kind, kind_match
from qa.questions import MAX_CHARS, HeaderField, asked_field, parse_question


def test_a_question_becomes_terms_pairs_and_names() -> None:
    question = parse_question("  How many people were killed in Nagorno-Karabakh in 2023? ")
    assert question.text == "How many people were killed in Nagorno-Karabakh in 2023?"
    assert question.terms == ("mani", "peopl", "kill", "nagorno", "karabakh", "2023")
    assert question.pairs[:2] == (("mani", "peopl"), ("peopl", "kill"))
    assert question.names == {"nagorno", "karabakh", "2023"}
    assert question.kind is AnswerKind.COUNT
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
    ("text", "kind"),
    [
        ("What percentage of voters agreed?", AnswerKind.PERCENT),
        ("When did the war end?", AnswerKind.TIME),
        ("In what year was it founded?", AnswerKind.TIME),
        ("How long is the Rhine?", AnswerKind.MEASURE),
        ("How many were injured?", AnswerKind.COUNT),
        ("How much did it cost?", AnswerKind.AMOUNT),
        ("Who called for talks?", AnswerKind.PERSON),
        ("Where did protests break out?", AnswerKind.PLACE),
        ("Which city is the largest?", AnswerKind.PLACE),
        ("Why did they leave?", AnswerKind.REASON),
        ("Which company built it?", AnswerKind.NAME),
        ("What did he say?", AnswerKind.ANY),
        ("When the war ended, who was president?", AnswerKind.PERSON),
        ("Wie viele Menschen starben?", AnswerKind.ANY),
    ],
)
def test_the_kind_of_answer_follows_the_question_words(text: str, kind: AnswerKind) -> None:
    assert answer_kind(text) is kind


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
    assert asked_field(text) is field


@pytest.mark.parametrize(
    ("question", "sentence", "match"),
    [
        ("When did it end?", "It ended in 1918.", 1.0),
        ("When did it end?", "It ended on a Monday evening.", 0.6),
        ("When did it end?", "It ended well.", 0.0),
        ("What happened in 1918, and when did it end?", "It ended in 1918.", 0.0),
        ("How many people died?", "Twenty people died.", 1.0),
        ("How many of the 20 people died?", "Of 20 people, few died.", 0.0),
        ("How long is it?", "It is 1,230 km long.", 1.0),
        ("How long is it?", "It has 12 arms.", 0.5),
        ("Who won?", "The prize went to Ada Lovelace.", 1.0),
        ("Who won?", "The prize went to nobody.", 0.0),
        ("Where is it?", "It lies in Bavaria.", 1.0),
        ("Why did it fall?", "It fell because of rot.", 1.0),
        ("What percentage agreed?", "Some 40 per cent agreed.", 1.0),
        ("How much is it?", "It costs 3 euros.", 1.0),
        ("What is it?", "It is a river.", 0.5),
    ],
)
def test_a_sentence_matches_the_kind_of_answer(question: str, sentence: str, match: float) -> None:
    asked = parse_question(question)
    assert kind_match(asked.kind, find_clues(sentence), asked.clues.words) == match


def test_clues_name_what_stands_in_a_sentence() -> None:
    clues = find_clues("In May 1911, Ann Lee didn't walk 20 km from Jena to the Harz.")
    assert clues.years == {"1911"}
    assert clues.digits == {"1911", "20"}
    assert clues.times == {"may"}
    assert clues.capitals == {"ann", "lee", "jena", "harz"}
    assert clues.places >= {"jena", "harz"}
    assert clues.unit
    assert clues.negation
    assert not clues.percent
    assert ("ann", "lee") in clues.near
    assert clues.terms[:4] == ("may", "1911", "ann", "lee")
