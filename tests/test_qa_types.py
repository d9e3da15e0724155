"""Passages, quotes and answers as they are read and as JSON."""

import json

import pytest

from index.types import Source
from qa import Answer, Passage, Quote
from qa.types import NOT_FOUND, AnswerKind, Listed

SOURCE = Source("r.pdf", "5" * 64, "Title", "Ann", "2021-05-03", "https://x.test/", page=2, record=0)
QUOTE = Quote(SOURCE, "one\r\ntwo", 5, 13, 3, 4, 0.5, ("b.txt:1",))
PASSAGE = Passage(SOURCE, "one", 5, 8, 3, 3, 0.25)


@pytest.mark.parametrize("piece", [QUOTE, PASSAGE])
def test_what_is_known_of_the_article_can_be_read_from_a_piece(piece: Quote | Passage) -> None:
    told = (piece.path, piece.sha256, piece.title, piece.author, piece.published, piece.page)
    assert told == ("r.pdf", "5" * 64, "Title", "Ann", "2021-05-03", 2)


def test_a_quote_is_cited_by_its_lines() -> None:
    assert QUOTE.citation == "r.pdf:3-4, page 2"
    assert QUOTE.cited == "“one\ntwo” (r.pdf:3-4, page 2)"
    assert Quote(Source("a.txt", ""), "x", 0, 1, 7, 7, 1.0).citation == "a.txt:7"


def test_a_passage_is_located_by_both_lines() -> None:
    assert PASSAGE.location == "r.pdf:3-3, page 2"
    assert PASSAGE.citation == "r.pdf:3, page 2"


def test_json_keeps_its_keys_and_their_order() -> None:
    assert json.dumps(QUOTE.as_json()) == (
        '{"text": "one\\r\\ntwo", "path": "r.pdf", "start_line": 3, "end_line": 4, "start": 5, "end": 13, '
        f'"answer": null, "sha256": "{"5" * 64}", "title": "Title", "author": "Ann", "published": "2021-05-03", '
        '"score": 0.5, "also_in": ["b.txt:1"], "page": 2}'
    )
    assert json.dumps(PASSAGE.as_json()) == (
        '{"text": "one", "path": "r.pdf", "start_line": 3, "end_line": 3, "start": 5, "end": 8, "title": "Title", '
        f'"author": "Ann", "published": "2021-05-03", "sha256": "{"5" * 64}", "score": 0.25, "also_in": [], "page": 2}}'
    )
    answer = Answer("q", True, 0.5, (QUOTE,), (PASSAGE,))
    assert list(answer.as_json()) == [
        *("question", "found", "score", "text", "quotes", "kind", "certainty", "articles", "count", "period"),
        *("corrected", "remark", "told", "understood", "filters", "passages"),
    ]
    assert answer.as_json()["quotes"] == [QUOTE.as_json()]
    assert answer.as_json()["passages"] == [PASSAGE.as_json()]


def test_an_answer_is_its_quotes_or_says_that_there_is_none() -> None:
    assert Answer("q", True, 0.5, (QUOTE, QUOTE), ()).text == f"{QUOTE.cited}\n{QUOTE.cited}"
    assert Answer("q", False, 0.0, (), (PASSAGE,)).text == NOT_FOUND


def test_articles_are_told_above_their_best_lines() -> None:
    listed = Listed(Source("a.txt", "", "“Yes”, says he"), (1, 3), QUOTE), Listed(Source("b.txt", ""), (7,))
    answer = Answer("q", True, 1.0, (), (), kind=AnswerKind.ARTICLES, articles=listed, told="2 articles are about it.")
    assert answer.text.split("\n") == [
        "2 articles are about it.", '"Yes", says he, a.txt, lines 1, 3', "“one", "two” (r.pdf:3-4, page 2)",
        "b.txt, line 7",
    ]  # fmt: skip
    assert answer.as_json()["articles"][1] == {
        "path": "b.txt", "title": "", "author": "", "published": "", "lines": (7,), "best": None
    }  # fmt: skip
    assert Answer("q", False, 0.0, (), (), told="No article is about it.").text == "No article is about it."


def test_a_passage_is_no_quote() -> None:
    fields = (SOURCE, "one", 5, 8, 3, 3, 0.25)
    assert Passage(*fields) == PASSAGE
    assert Quote(*fields) != PASSAGE  # type: ignore[comparison-overlap]
