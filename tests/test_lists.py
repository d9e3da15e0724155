"""Questions that want several things: which they are, and one quote an item."""

from pathlib import Path

import pytest
from conftest import write_articles

from index.build import build
from index.encoders.protocol import SentenceEncoder
from qa import Assistant
from qa.questions import parse_question

MEMBERS = ["Ann Ray, Harbour ward", "Bo Lund, Mill ward", "Cy Dole, Castle ward", "Di Fox, Station ward"]
LINES = "\n\n".join(f"- {member}" for member in MEMBERS)
VOTE = f"""Council votes down the bridge toll

The town council voted down the bridge toll on Monday after a long debate about money.

The mayor had asked for the toll to pay for repairs, which will now have to wait for another year.

These council members voted against the bridge toll:

{LINES}

The mayor said he was not surprised by how many of them had voted against it.
"""
BOATS = """Boat show opens

The boat show opened on Friday. Boats from Norway, Denmark, Iceland and Latvia can be seen there until Sunday.

Visitors may walk on the pier until ten in the evening.
"""
PAPERS = {
    "echo.txt": "Echo news\n\nThe Echo said on Monday it would stop printing the comic strip Grumble.\n",
    "mail.txt": "Mail changes its pages\n\nThe Mail has stopped printing the comic strip Grumble, its editors write.\n",
    "herald.txt": "Readers win\n\nAfter many letters the Herald, too, has stopped printing the strip Grumble.\n",
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, real_encoder: SentenceEncoder) -> Assistant:
    home: Path = tmp_path_factory.mktemp("lists")
    write_articles(home / "articles", {"vote.txt": VOTE, "vote2.txt": VOTE, "boats.txt": BOATS, **PAPERS})
    build(home / "articles", home / "index", loader=lambda _model: real_encoder)
    return Assistant.open(home / "index", real_encoder)


@pytest.mark.parametrize(
    "question",
    [
        "Which companies stopped advertising?",
        "Which members of the council voted against it?",
        "What American places made the list?",
        "In which states did the study find officials?",
        "Which new breweries and brewpubs are coming?",
        "Which people were honoured?",
        "What are the episodes of the second season called?",
        "Who are the candidates in the by-election?",
        "Where can I take my dog at night?",
        "Name three rivers of the county.",
        "List the highlights of the agreement.",
        "Give me a list of all new shops",
    ],
)
def test_a_question_for_several_things_is_told(question: str) -> None:
    assert parse_question(question).wants_list


@pytest.mark.parametrize(
    "question",
    [
        "Which company makes the engine?",
        "Which US president was born there?",
        "Which state was first to make it a holiday?",
        "Which university is Anna's daughter going to?",
        "Which Texas mayor resigned?",
        "Which articles are about the harbour?",
        "List the articles about the harbour",
        "What does the mayor say?",
        "What happens at the end?",
        "What is the name of his wife?",
        "Who wrote this?",
        "Where on the moon did it land?",
        "Which hurricane had the stronger winds?",
        "Give me the gist of this article.",
        "Name the president of France.",
    ],
)
def test_any_other_question_is_none(question: str) -> None:
    assert not parse_question(question).wants_list


def test_every_item_of_the_list_is_a_quote_and_nothing_else(assistant: Assistant) -> None:
    answer = assistant.ask("Which council members voted against the bridge toll?")
    assert [quote.text for quote in answer.quotes] == [f"- {member}" for member in MEMBERS]
    for quote in answer.quotes:
        text = assistant.article(quote.path).text
        assert text[quote.start : quote.end] == quote.text
        assert [place.split(":")[0] for place in quote.also_in] == [
            "vote2.txt" if quote.path == "vote.txt" else "vote.txt"
        ]


def test_a_sentence_that_enumerates_answers_where_there_is_no_list(assistant: Assistant) -> None:
    answer = assistant.ask("Which countries are the boats from?")
    assert any("Norway, Denmark, Iceland and Latvia" in quote.text for quote in answer.quotes[:2])


def test_what_is_scattered_over_articles_is_quoted_from_each(assistant: Assistant) -> None:
    answer = assistant.ask("Which newspapers stopped printing the comic strip Grumble?")
    assert {quote.path for quote in answer.quotes} >= set(PAPERS)
    assert len({(quote.path, quote.start) for quote in answer.quotes}) == len(answer.quotes)


def test_a_question_for_one_thing_is_answered_as_before(assistant: Assistant) -> None:
    answer = assistant.ask("Why had the mayor asked for the toll?")
    assert answer.quotes[0].text.startswith("The mayor had asked for the toll to pay for repairs")
