"""Quotes as the page shows them: in their paragraphs, each once, with the words that answer told apart."""

import dataclasses

import pytest
from test_app import as_passage, assistant_over, cite_text, make_article, plain

from chat import render
from chat.lines import mark_lines
from chat.quoted import AROUND_CHARS, answer_apart, by_article, in_paragraphs
from chat.turns import Turn
from qa import Answer


@pytest.mark.parametrize("answer", [(0, 0), (5, 5), (0, 4), (2, 99)])
def test_words_that_are_not_of_the_quote_are_not_marked(answer: tuple[int, int]) -> None:
    quote = dataclasses.replace(cite_text(make_article("one two three"), "two"), answer=answer)
    assert answer_apart(quote) == ("two", "", "")


def test_a_quote_is_shown_in_its_paragraph_only() -> None:
    article = make_article("Head\n\nBefore. THE QUOTE. After.\r\nNext line.")
    quote, passage = cite_text(article, "THE QUOTE."), as_passage(cite_text(article, article.text))
    (one,) = in_paragraphs([quote], [passage])
    assert (one.before, one.after) == ("Before. ", " After.")
    (one,) = in_paragraphs([quote], [])
    assert (one.before, one.after) == ("", "")
    long = make_article("word " * 200 + "QUOTE" + " word" * 200)
    (one,) = in_paragraphs([cite_text(long, "QUOTE")], [as_passage(cite_text(long, long.text))])
    assert one.before.startswith("… word") and one.after.endswith("word …")
    assert max(len(one.before), len(one.after)) <= AROUND_CHARS + 2


def test_two_quotes_of_one_paragraph_show_it_once() -> None:
    article = make_article("Head.\nFirst. ONE. Between. TWO. Last.\nFoot.")
    passage = as_passage(cite_text(article, article.text))
    two, one = (cite_text(article, text) for text in ("TWO.", "ONE."))
    pieces = [(place.before, place.quote.text, place.after) for place in in_paragraphs([two, one], [passage])]
    assert pieces == [(" Between. ", "TWO.", " Last."), ("First. ", "ONE.", "")]
    other = dataclasses.replace(one, source=dataclasses.replace(one.source, path="b.txt"))
    assert [place.before for place in in_paragraphs([two, other], [passage])] == ["First. ONE. Between. ", ""]


def test_in_the_panel_the_words_that_answer_are_strong_inside_the_mark() -> None:
    article = make_article("one\nLine 2 says <b>22</b> & more.")
    quote = dataclasses.replace(cite_text(article, "says <b>22</b>"), answer=(19, 21))
    lines = mark_lines(article, [quote], 0, None, [quote.answer])
    pieces = [(piece.text, piece.mark, piece.answers) for piece in lines[1].pieces]
    assert pieces == [
        ("Line 2 ", "", False),
        ("says <b>", "cited", False),
        ("22", "cited", True),
        ("</b>", "cited", False),
        (" & more.", "", False),
    ]
    turn = Turn("Why?", answer=Answer("Why?", True, 0.9, (quote,), ()))
    rendered = render.render_source((turn,), 0, 0, assistant_over(article))
    assert '<mark class="cited" data-places="0"><strong>22</strong></mark>' in rendered
    assert "Line 2 says <b>22</b> & more." in plain(rendered)


def test_quotes_of_one_article_stand_together() -> None:
    a, b = make_article("A one. A two."), make_article("B one.", "b.txt")
    quotes = [cite_text(a, "A one."), cite_text(a, "A two."), cite_text(b, "B one.")]
    grouped = [(path, [one.number for one in ones]) for path, ones in by_article(list(in_paragraphs(quotes, ())))]
    assert grouped == [("a.txt", [0, 1]), ("b.txt", [2])]
