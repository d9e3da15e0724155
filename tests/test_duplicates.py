"""The same passage in several articles is one passage with "also in …"."""

from pathlib import Path

import pytest
from conftest import HashEncoder, hash_build, write_articles

from qa import Assistant
from qa.duplicates import normal

REPORT = (
    "The council said on Monday that the “stone bridge” over the Tarn will stay closed until the end of May, "
    "because engineers found cracks in two of its nine arches. Buses will use the northern bridge."
)
EDITED = REPORT.replace("said on Monday that", "said Monday that").replace("“", '"').replace("”", '"')
OTHER_NUMBER = REPORT.replace("nine arches", "nine arches and 3 piers")

ARTICLES = {
    "a/first.txt": f"Bridge stays closed\n\n{REPORT}\n",
    "b/copy.txt": f"Tarn bridge\n\nFrom the agencies and our own reporters in the valley.\n\nCRACKS\n\n{REPORT}\n",
    "c/spaced.txt": "Closed\n\n" + REPORT.replace("over the Tarn", "over  the\u00a0Tarn").replace("“", "„") + "\n",
    "d/edited.txt": f"News in brief\n\n{EDITED}\n",
    "e/other.txt": f"More cracks\n\n{OTHER_NUMBER}\n",
}

QUESTION = "Why will the stone bridge over the Tarn stay closed?"


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    hash_build(write_articles(tmp_path / "articles", ARTICLES), tmp_path / "index", max_tokens=200)
    return Assistant.open(tmp_path / "index", HashEncoder())


def test_copies_and_light_edits_are_one_passage_that_names_the_others(assistant: Assistant) -> None:
    passages = [p for p in assistant.search(QUESTION, k=10) if "arches" in p.text]
    assert len(passages) == 2  # the one with other numbers is a report of its own
    (same,) = [passage for passage in passages if "piers" not in passage.text]
    places = {same.location, *same.also_in}
    assert places == {"a/first.txt:3-3", "b/copy.txt:7-7", "c/spaced.txt:3-3", "d/edited.txt:3-3"}
    assert [p.also_in for p in passages if "piers" in p.text] == [()]


def test_a_quote_names_where_else_it_stands_word_for_word(assistant: Assistant) -> None:
    answer = assistant.ask(QUESTION)
    first = answer.quotes[0]
    assert "engineers found cracks" in first.text
    assert len({normal(quote.text) for quote in answer.quotes}) == len(answer.quotes)
    for citation in first.also_in:
        path, line = citation.split(":")
        shown = assistant.article(path).text.split("\n")[int(line) - 1]
        assert normal(first.text) in normal(shown)
    assert len(first.also_in) >= 1


def test_search_gives_as_many_different_passages_as_asked(assistant: Assistant) -> None:
    assert len(assistant.search(QUESTION, k=3)) == 3
    texts = [normal(passage.text) for passage in assistant.search(QUESTION, k=3)]
    assert len(set(texts)) == 3


def test_normal_text_has_one_kind_of_space_and_quotation_mark() -> None:
    assert normal(" “It’s”\u00a0 a\n„test“… ") == '"It\'s" a "test"…'
