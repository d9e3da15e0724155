"""What an answer can consist of, on the page and in the panel: words that answer, more quotes, lists, times, notes."""

import dataclasses
import html
import json
import re
from typing import Any, cast

import gradio as gr
import pytest
from browsing import findings, served, visiting
from playwright.sync_api import Browser, expect
from test_app import HOSTILE, OneArticle, as_passage, assistant_over, cite_text, make_article, plain, session_over, tags

from chat import render
from chat.export import as_json, as_markdown
from chat.session import Session
from chat.talk import Talk
from chat.turns import Turn
from index.types import Article, Source
from qa import Answer, Assistant, Quote
from qa.types import AnswerKind, Certainty, Listed, Period

BIDI = "<b>bold</b> \"q\" 'a' \u202e &amp; </blockquote>"

LINES = make_article("\n".join(f"Line {number} says <b>{number * 11}</b> & more." for number in range(1, 13)))


def answering(quote: Quote, words: str) -> Quote:
    start = quote.start + quote.text.index(words)
    return dataclasses.replace(quote, answer=(start, start + len(words)))


def quotes_of(article: Article, count: int) -> tuple[Quote, ...]:
    return tuple(cite_text(article, line) for line in article.text.split("\n")[:count])


def shown(answer: Answer, question: str = "Why?", **turn: Any) -> str:
    return render.render_conversation((Turn(question, answer=answer, **turn),))


def listed_of(article: Article, *lines: int, **source: Any) -> Listed:
    best = cite_text(article, article.text.split("\n")[lines[0] - 1]) if lines else None
    return Listed(Source(article.path, article.sha256, **source), tuple(sorted(lines)), best)


@pytest.mark.parametrize("certainty", Certainty)
def test_how_sure_an_answer_is_stands_beside_it(certainty: Certainty) -> None:
    rendered = shown(Answer("Why?", True, 0.9, quotes_of(LINES, 1), (), certainty=certainty))
    assert f'<details class="certainty {certainty}">' in rendered
    assert f"Certainty: {certainty.capitalize()}" in plain(rendered)
    assert ("nine of ten were right" in rendered) == (certainty is Certainty.SURE)
    assert "Certainty:" not in plain(shown(Answer("Why?", False, 0.1, (), ())))


def test_the_words_that_answer_are_marked_and_the_text_stays() -> None:
    quote = answering(cite_text(LINES, "Line 2 says <b>22</b> & more."), "<b>22</b>")
    rendered = shown(Answer("Why?", True, 0.9, (quote,), ()))
    assert '<span class="quote">Line 2 says <mark>&lt;b&gt;22&lt;/b&gt;</mark> &amp; more.</span>' in rendered
    assert "b" not in tags(rendered)
    assert "<mark>" not in shown(Answer("Why?", True, 0.9, quotes_of(LINES, 1), ()))


def test_the_first_three_quotes_are_shown_and_the_others_behind_a_word() -> None:
    rendered = shown(Answer("Why?", True, 0.9, quotes_of(LINES, 12), ()))
    first, more = rendered.split('<details class="more">')
    assert (first.count("<blockquote"), more.count("<blockquote")) == (3, 9)
    assert "More quotes (9)" in plain(more)
    assert '<ol class="quotes" role="list" start="4" style="--before: 3">' in more
    assert re.findall(r'data-source="(\d+)"', rendered) == [str(number) for number in range(12)]
    assert "Copy quote 12 with its citation" in more
    assert "More quotes" not in shown(Answer("Why?", True, 0.9, quotes_of(LINES, 3), ()))


def test_articles_are_listed_with_what_is_known_of_them() -> None:
    many = [
        listed_of(LINES, 3, 1, title=f"Title {number}", author="Ann", published="2021-05-03") for number in range(1)
    ]
    bare = listed_of(make_article("x", "in/b.txt"))
    answer = Answer("q", True, 1.0, (), (), kind=AnswerKind.ARTICLES, articles=(*many, bare))
    rendered = shown(answer)
    text = " ".join(plain(rendered).split())
    assert "2 articles" in text
    assert "Title 0 Ann2021-05-032 linesa.txt:3" in text
    assert "Line 3 says <b>33</b> & more." in text
    assert '<cite dir="auto">in/b.txt</cite>' in rendered
    assert re.findall(r'data-listed="(\d+)" data-shown="([^"]+)"', rendered) == [
        ("0", f"0-article-0-{'0' * 16}"),
        ("1", f"0-article-1-{'0' * 16}"),
    ]
    assert rendered.count("<blockquote") == 1


def test_of_many_articles_the_first_ten_are_shown_and_a_page_has_an_end() -> None:
    listed = tuple(Listed(Source(f"{number}.txt", "")) for number in range(521))
    told = "There are 521 articles."
    rendered = shown(Answer("q", True, 1.0, (), (), kind=AnswerKind.COUNT, articles=listed, count=521, told=told))
    first, more = rendered.split('<details class="more">')
    assert told in plain(first) and "More articles (511)" in plain(more)
    assert (first.count("data-listed"), more.count("data-listed")) == (10, 190)
    assert "321 articles more are in the export" in plain(more)
    exactly_ten = Answer("q", True, 1.0, (), (), kind=AnswerKind.ARTICLES, articles=listed[:10])
    assert "More articles" not in shown(exactly_ten)


def test_a_count_of_none_is_an_answer_without_a_list() -> None:
    rendered = shown(
        Answer("q", True, 1.0, (), (), kind=AnswerKind.COUNT, count=0, told="No article holds the word zebra.")
    )
    assert "No article holds the word zebra." in plain(rendered)
    assert not {"ol", "blockquote"} & tags(rendered)


def test_a_listed_article_opens_at_its_best_line_with_the_others_marked() -> None:
    listed = listed_of(LINES, 5, 2, 9)
    turn = Turn("q", answer=Answer("q", True, 1.0, (), (), kind=AnswerKind.ARTICLES, articles=(listed,)))
    rendered = render.render_listed((turn,), 0, 0, assistant_over(LINES))
    assert re.findall(r'<li value="(\d+)" class="(\w+)"', rendered) == [("2", "also"), ("5", "cited"), ("9", "also")]
    assert 'data-at="1" data-first="1" data-count="3"' in rendered
    header = Turn("q", answer=Answer("q", True, 1.0, (), (), articles=(listed_of(LINES),)))
    assert "<mark" not in render.render_listed((header,), 0, 0, assistant_over(LINES))
    assert render.LOST in plain(render.render_listed((header,), 0, 1, assistant_over(LINES)))
    assert render.LOST in plain(render.render_listed((header,), 1, 0, assistant_over(LINES)))
    changed = Turn("q", answer=Answer("q", True, 1.0, (), (), articles=(Listed(Source("gone.txt", "")),)))
    assert render.CHANGED in plain(render.render_listed((changed,), 0, 0, assistant_over(LINES)))


def test_a_summary_stands_under_the_title_of_its_article() -> None:
    article = make_article("T\n\nFirst.\nSecond.", title="The <i>title</i>")
    quotes = tuple(cite_text(article, text) for text in ("First.", "Second."))
    other = cite_text(make_article("Else.", "b.txt"), "Else.")
    rendered = shown(Answer("q", True, 1.0, (*quotes, other), (), kind=AnswerKind.SUMMARY))
    assert [html.unescape(title) for title in re.findall(r'<h3 dir="auto">(.*?)</h3>', rendered)] == [
        "The <i>title</i>",
        "b.txt",
    ]
    assert re.findall(r'data-source="(\d+)"', rendered) == ["0", "1", "2"]
    assert rendered.index("First.") < rendered.index("Second.") < rendered.index("Else.")
    assert "<cite" not in rendered  # the heading names it


def test_the_product_speaks_in_a_paragraph_that_nobody_rates() -> None:
    rendered = shown(Answer("Hello", True, 1.0, (), (), kind=AnswerKind.PRODUCT, told="Hello. Ask <b>me</b>."))
    assert '<p class="told" dir="auto">Hello. Ask &lt;b&gt;me&lt;/b&gt;.</p>' in rendered
    assert not {"blockquote", "details"} & tags(rendered)
    assert 'data-do="rate"' not in rendered


def test_how_a_question_was_read_can_be_taken_back() -> None:
    quotes = quotes_of(LINES, 1)
    answer = Answer("the presdent in 2023", True, 0.9, quotes, (), understood="the president in 2023")
    corrected = dataclasses.replace(
        answer,
        corrected=(("presdent", "president"),),
        period=Period("2023-01-01", "2023-12-31", "in 2023"),
        remark="R.",
    )
    rendered = shown(corrected, "the presdent in 2023")
    text = " ".join(plain(rendered).split())
    assert "Read as: the president in 2023 Ask as written" in text
    assert "Preferring articles of 2023 Any time" in text
    assert "R." in text and "Understood as" not in text
    assert rendered.count('data-do="literally" data-turn="0"') == 2
    as_before = " ".join(plain(shown(answer, "the presdent in 2023")).split())
    assert "Understood as: the president in 2023" in as_before and "Ask as written" not in as_before
    as_written = shown(dataclasses.replace(answer, understood=""), literally=True)
    assert 'data-literally="true"' in as_written and "Asked as written" in plain(as_written)
    nothing = shown(dataclasses.replace(corrected, found=False, quotes=()))
    assert "Ask as written" in plain(nothing)


@pytest.mark.parametrize("text", [HOSTILE, BIDI])
def test_nothing_of_an_answer_becomes_markup(text: str) -> None:
    article = make_article(f"{text}\nend", f"{text.replace('/', '_')}.txt", title=text)
    best = answering(cite_text(article, text), text[:20])
    listed = Listed(dataclasses.replace(best.source, author=text, published=text), (1,), best)
    said = Answer(
        *(text, True, 0.9, (best,), (as_passage(best),)),
        corrected=((text, text),), period=Period("", "", text), remark=text, told=text, understood=f"{text}?",
        articles=(listed,),
    )  # fmt: skip
    for kind in AnswerKind:
        turns = (Turn(text, answer=dataclasses.replace(said, kind=kind), literally=True),)
        rendered = render.render_conversation(turns)
        assert not tags(rendered) & {"script", "img", "b"}
        assert rendered.count("<blockquote") == rendered.count("</blockquote>")
        assert text in plain(rendered)
        assert not tags(render.render_listed(turns, 0, 0, assistant_over(article))) & {"script", "img", "b"}


def test_an_export_says_what_the_page_says() -> None:
    quote = answering(cite_text(LINES, "Line 2 says <b>22</b> & more."), "22")
    listed = (listed_of(LINES, 3, 1, title="One", author="Ann", published="2021-05-03"), Listed(Source("b.txt", "")))
    read = Turn(
        "presdent in 2023",
        answer=Answer(
            *("presdent in 2023", True, 0.9, (quote,), ()),
            understood="president in 2023", corrected=(("presdent", "president"),), remark="One of 2023.",
            period=Period("2023-01-01", "2023-12-31", "in 2023"), certainty=Certainty.SURE,
        ),
    )  # fmt: skip
    count = Turn(
        "how many", literally=True,
        answer=Answer("how many", True, 1.0, (), (), kind=AnswerKind.COUNT, articles=listed, count=2),
    )  # fmt: skip
    nothing = Turn("which", answer=Answer("which", False, 0.0, (), (), told="No article is about it."))
    assert as_markdown((read, count, nothing)).split("\n") == [
        *("## presdent in 2023", "", "Read as: president in 2023", "", "Preferring articles of 2023.", ""),
        *("One of 2023.", "", "*Sure*", ""),
        *("1.", "   > Line 2 says \\<b\\>22\\</b\\> \\& more.", "", "   `a.txt:2`", ""),
        *("## how many", "", "Asked as written.", "", "2 articles", "", "*Likely*", ""),
        *("1. One · Ann · 2021\\-05\\-03 · `a.txt` · lines 1, 3", ""),
        *("   > Line 3 says \\<b\\>33\\</b\\> \\& more.", "", "   `a.txt:3`", ""),
        *("2. `b.txt`", ""),
        *("## which", "", "No article is about it.", ""),
    ]
    one, two, _ = json.loads(as_json((read, count, nothing)))["conversation"]
    assert (one["literally"], two["literally"]) == (False, True)
    assert one["answer"]["certainty"] == "sure"
    assert one["answer"]["corrected"] == {"presdent": "president"}
    assert (two["answer"]["count"], two["answer"]["articles"][0]["lines"]) == (2, [1, 3])


class Spelling(OneArticle):
    """Reads “presdent” as “president” unless it is told not to."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(LINES, answer)
        self.asked: list[tuple[str, bool]] = []

    def ask(self, question: str, history: object = (), filters: object = None, *, literally: bool = False) -> Answer:
        self.asked.append((question, literally))
        answer = super().ask(question)
        if literally or "presdent" not in question:
            return dataclasses.replace(answer, question=question)
        read = question.replace("presdent", "president")
        return dataclasses.replace(answer, question=question, understood=read, corrected=(("presdent", "president"),))


@pytest.mark.parametrize(
    ("sent", "literally"), [(True, True), (False, False), ("true", False), (1, False), (None, False), ([], False)]
)
def test_what_a_page_sends_is_checked(sent: object, literally: bool) -> None:
    assistant = Spelling(Answer("Why?", True, 0.9, quotes_of(LINES, 1), ()))
    talk = Talk(session_over(cast(Assistant, assistant)))
    assistant.asked.clear()  # of the questions to begin with
    event = gr.EventData(None, {"question": "presdent?", "literally": sent})
    *_, (turns, rendered) = talk.take_question((), event, cast(gr.Request, None))
    assert ("presdent?", literally) in assistant.asked
    assert turns[0].literally == literally
    assert ("Ask as written" in rendered) != literally


def test_an_article_of_a_list_is_opened_by_its_number() -> None:
    listed = listed_of(LINES, 5)
    turns = (Turn("q", answer=Answer("q", True, 1.0, (), (), kind=AnswerKind.ARTICLES, articles=(listed,))),)
    talk = Talk(Session(assistant_over(LINES)))
    for sent, told in (
        ({"turn": 0, "listed": 0}, "Line 5"),
        ({"turn": 0, "source": -1, "listed": 7}, render.LOST),
        ({"turn": 0, "listed": "0"}, render.LOST),
        ({"turn": -1, "listed": 0}, render.LOST),
    ):
        assert told in plain(talk.open_source(turns, gr.EventData(None, sent)))


def test_more_quotes_as_written_and_articles_in_a_browser(browser: Browser) -> None:
    listed = tuple(
        listed_of(LINES, number, title=f"Number {number}", published=f"2021-{number:02}-01") for number in range(1, 13)
    )
    quotes = tuple(answering(quote, "says") for quote in quotes_of(LINES, 12))
    answer = Answer("q", True, 0.9, quotes, (), kind=AnswerKind.ARTICLES, articles=listed)
    assistant = Spelling(answer)
    with served(cast(Assistant, assistant)) as url, visiting(browser, url, width=390, height=844) as visit:
        page = visit.page
        page.locator(".filters summary").click()
        page.get_by_label("Author").fill("Nobody in particular")
        page.get_by_label("Author").fill("")
        visit.hear("First presdent?")
        visit.hear("Second presdent?")
        page.get_by_role("button", name="Ask as written").last.click()
        expect(page.locator(".turn").nth(1)).to_have_attribute("data-literally", "true")
        expect(page.locator(".question")).to_have_text(["First presdent?", "Second presdent?"])
        visit.reload()
        expect(page.locator(".rating")).to_have_count(2)
        expect(page.locator(".turn").nth(1).get_by_text("Asked as written")).to_be_visible()
        expect(page.get_by_role("button", name="Ask as written")).to_have_count(1)
        page.get_by_role("button", name="Ask as written").click()  # not the last turn: what came after it stays
        expect(page.locator(".question")).to_have_text(["First presdent?", "Second presdent?", "First presdent?"])

        expect(page.locator(".rating")).to_have_count(3)
        turn = page.locator(".turn").last
        more = turn.locator(".more summary", has_text="More quotes (9)")
        expect(turn.locator(".quotes .citation").nth(7)).to_be_hidden()
        more.focus()
        page.keyboard.press("Enter")
        citation = turn.locator(".quotes .citation").nth(7)
        expect(citation).to_be_visible()
        citation.click()
        expect(page.locator("#source li.cited")).to_have_attribute("value", "8")
        expect(page.locator("#source mark.cited strong")).to_have_text("says")
        page.keyboard.press("Escape")
        expect(citation).to_be_focused()

        turn.locator(".listed .citation", has_text="Number 6").click()
        expect(page.locator("#source li.cited")).to_have_attribute("value", "6")
        expect(page.locator("#source li.cited")).to_be_in_viewport()
        page.keyboard.press("Escape")
        turn.locator(".certainty summary").click()
        expect(turn.get_by_text("had to be judged")).to_be_visible()
        assert findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == 390
