"""Whether a sentence could tell what a question wants."""

import pytest

from qa.answer_types import type_match
from qa.cues import find_cues
from qa.language import ENGLISH
from qa.questions import parse_question


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
def test_a_sentence_matches_the_answer_type(question: str, sentence: str, match: float) -> None:
    asked = parse_question(question)
    assert type_match(asked.answer_type, find_cues(sentence, ENGLISH), asked.cues.words) == match
