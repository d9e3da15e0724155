"""Real questions on the seed article with the real model: the line of the first quote, and silence."""

import pytest

from qa import Assistant

ANSWERED = [
    ("Who wrote this?", 3, "By Mark Dovich"),
    ("When was it published?", 4, "19 Sep, 2023"),
    ("What is the headline of this article?", 1, "Baku launches deadly strikes"),
    ("How many people were killed?", 10, "At least 25 people"),
    ("How many were injured in the hostilities?", 10, "more than 138 injured"),
    ("How many villages were evacuated?", 12, "Six villages"),
    ("What was damaged?", 12, "residential buildings"),
    ("When did Azerbaijani forces begin shelling?", 14, "around 1 PM local time Tuesday"),
    ("What did the Azerbaijani forces call the shelling?", 14, "anti-terrorist activities"),
    ("Where did Armenians seek shelter?", 14, "nearby cellars and basements"),
    ("What did the Artsakh Defense Army say in a statement?", 16, "fighting continued along the entire line"),
    ("Where did protests break out?", 18, "downtown Yerevan"),
    ("Whose resignation did the demonstrators demand?", 18, "Nikol Pashinyan resign"),
    ("What did the police use against the protesters?", 20, "stun grenades"),
    ("Did Pashinyan say Armenia will intervene militarily?", 25, "Yerevan will not intervene militarily"),
    ("Who called for talks?", 27, "Emmanuel Macron"),
    ("When were the two previous emergency sessions of the council?", 29, "one last December and one in August"),
    (
        "Who called on Azerbaijan to refrain from further military action?",
        31,
        "The European Union, France, and Germany",
    ),
    ("Which country coordinates a separate track of negotiations?", 33, "Russia coordinates a separate track"),
    ("What did the blockade do to the Armenians of Nagorno-Karabakh?", 35, "brink of famine"),
]

NOT_ANSWERED = [
    "What is the capital of Peru?",
    "Who won the World Cup in 2018?",
    "How much does a ticket cost?",
    "What is the boiling point of water?",
    "Who painted the Mona Lisa?",
    "How do bees make honey?",
    "When was the university founded?",
    "What is the plot of the novel?",
]


@pytest.mark.parametrize(("question", "line", "words"), ANSWERED)
def test_the_first_quote_of_a_real_question_is_on_the_right_line(
    seed_assistant: Assistant, question: str, line: int, words: str
) -> None:
    answer = seed_assistant.ask(question)
    assert answer.found
    first = answer.quotes[0]
    assert (first.start_line, first.end_line) == (line, line)
    assert words in first.text
    assert first.citation == f"000_883b0ecb052fe686.txt:{line}"


@pytest.mark.parametrize("question", NOT_ANSWERED)
def test_what_the_article_does_not_say_is_not_answered(seed_assistant: Assistant, question: str) -> None:
    answer = seed_assistant.ask(question)
    assert not answer.found
    assert answer.quotes == ()
    assert answer.text == "The articles don't answer that."
    assert answer.passages
    assert answer.score < 0.1


def test_answers_are_surer_than_silences(seed_assistant: Assistant) -> None:
    """The score means the same from question to question."""
    lowest = min(seed_assistant.ask(question).score for question, _, _ in ANSWERED)
    highest = max(seed_assistant.ask(question).score for question in NOT_ANSWERED)
    assert lowest > highest
