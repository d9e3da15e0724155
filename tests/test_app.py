"""The rendering of the chat: everything is text, and the marks are where the quotes are."""

import dataclasses
import html
import re
from pathlib import Path
from typing import cast

import pytest
from conftest import HASH_MODEL, HashEncoder
from memory_store import MemoryStore
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from chat import render, serve, shelf
from chat.lines import mark_lines
from chat.options import Options
from chat.session import Session
from chat.turns import Turn
from chat.walls import LocalOnly
from index.drafts import make_segment
from index.errors import IndexCorrupt, QuestionRejected
from index.segment import Segment, info_of
from index.stores.protocol import Snapshot
from index.stores.types import Publication, Settings
from index.types import Article, Field, Source, Unread
from qa import Answer, Assistant, Passage, Quote
from qa.live import LiveIndex

HOSTILE = "<script>hacked = 1</script> <img src=x onerror=hacked=1> ![](http://x.test/i) ${1+1} {{7*7}} $$x^2$$ </li>"


def make_article(text: str, path: str = "a.txt", title: str = "") -> Article:
    return Article(path=path, text=text, sha256="0" * 64, title=Field(title, 0, len(title)) if title else None)


def cite(article: Article, start: int, end: int) -> Quote:
    first, last = article.lines.lines(start, end)
    title = article.title.value if article.title else ""
    source = Source(article.path, article.sha256, title)
    return Quote(source, article.text[start:end], start, end, first, last, score=0.9)


def cite_text(article: Article, text: str) -> Quote:
    start = article.text.index(text)
    return cite(article, start, start + len(text))


def as_passage(quote: Quote) -> Passage:
    values = {field.name: getattr(quote, field.name) for field in dataclasses.fields(Passage)}
    return Passage(**values)


def found(*quotes: Quote) -> Turn:
    return Turn("Why?", answer=Answer("Why?", True, 0.9, quotes, ()))


SETTINGS = Settings("hash", HASH_MODEL.fingerprint, HashEncoder.dimension, 200, HashEncoder.max_tokens)
UNREAD = (Unread("x<y>.bin", "not a text file", ""),)


def segment_of(article: Article) -> Segment:
    """An article without chunks: nothing is looked for in it."""
    empty = make_segment([], HashEncoder(), SETTINGS.max_tokens)
    return dataclasses.replace(empty, articles=(info_of(article),), texts=(article.text.encode("utf-8", "replace"),))


class OneArticle:
    """An assistant over one article that answers with what it was given."""

    def __init__(self, article: Article, answer: Answer | Exception | None = None) -> None:
        self._article = article
        self._answer = answer
        store = MemoryStore("nowhere")
        store.publish([segment_of(article)], lambda: Publication(Path("nowhere"), SETTINGS, {}, UNREAD))
        self.live = LiveIndex(store)

    def ask(self, question: str, history: object = (), filters: object = None, *, literally: bool = False) -> Answer:
        if isinstance(self._answer, Exception):
            raise self._answer
        assert self._answer
        return self._answer

    @property
    def snapshot(self) -> Snapshot:
        return self.live.current()

    def article(self, path: str, sha256: str = "") -> Article:
        return {self._article.path: self._article}[path]


def assistant_over(article: Article, answer: Answer | Exception | None = None) -> Assistant:
    return cast(Assistant, OneArticle(article, answer))


def session_over(assistant: Assistant) -> Session:
    return Session(assistant, Options(ratings=Path("ratings.jsonl")))


def plain(rendered: str) -> str:
    """The text that a reader sees."""
    return html.unescape(re.sub(r"<[^>]*>", "", rendered))


def tags(rendered: str) -> set[str]:
    return set(re.findall(r"<\s*/?\s*([a-zA-Z][\w-]*)", rendered))


def test_hostile_text_is_text_everywhere() -> None:
    article = make_article(f"{HOSTILE}\nsecond", path=f"{HOSTILE}.txt".replace("/", "_"), title=HOSTILE)
    assistant = assistant_over(article)
    quote = cite(article, 0, len(HOSTILE))
    nothing = Turn(HOSTILE, answer=Answer(HOSTILE, False, 0.0, (), (as_passage(quote),)))
    turns = (Turn(HOSTILE, answer=Answer(HOSTILE, True, 1.0, (quote,), ())), nothing, Turn(HOSTILE, error=HOSTILE))

    conversation = render.render_conversation(turns)
    source = render.render_source(turns, 0, 0, assistant)

    for rendered in (conversation, source):
        assert not tags(rendered) & {"script", "img"}
        assert HOSTILE in plain(rendered)
    # Thrice a question; a quote, a passage and an error; two titles.
    assert plain(conversation).count(HOSTILE) == 8


def test_half_a_character_in_a_file_name_is_shown_not_fatal() -> None:
    article = make_article("text", path="caf\udce9.txt")
    assert "caf\\udce9.txt" in render.render_conversation((found(cite(article, 0, 4)),))


def test_lines_are_those_of_an_editor() -> None:
    text = "one\r\ntwo\rthree\n\nfive \u2028still\x0bfive\x0c\x85\r\n"
    article = make_article(text)
    lines = mark_lines(article, [cite(article, 0, 3)], 0)
    shown = [(line.number, "".join(piece.text for piece in line.pieces)) for line in lines]
    assert shown == [(1, "one"), (2, "two"), (3, "three"), (4, ""), (5, "five \u2028still\x0bfive\x0c\x85")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_exactly_the_quoted_characters_are_marked(end: str) -> None:
    article = make_article(end.join(["zero", "a QUOTED", "", "PART of it", "last"]))
    start, stop = article.text.index("QUOTED"), article.text.index(" of it")
    lines = mark_lines(article, [cite(article, start, stop)], 0)
    assert [line.mark for line in lines] == ["", "cited", "cited", "cited", ""]
    pieces = [[(piece.text, piece.mark) for piece in line.pieces] for line in lines]
    assert pieces == [
        [("zero", "")],
        [("a ", ""), ("QUOTED", "cited")],
        [],
        [("PART", "cited"), (" of it", "")],
        [("last", "")],
    ]


def test_all_quotes_of_the_answer_in_that_article_are_marked() -> None:
    article = make_article("one two three four five")
    cited = cite_text(article, "two three")
    sources = (cited, cite_text(article, "three four"), cite(make_article("five", "b.txt"), 0, 4))
    (line,) = mark_lines(article, sources, 0)
    assert [(piece.text, piece.mark) for piece in line.pieces] == [
        ("one ", ""),
        ("two ", "cited"),
        ("three", "cited"),
        (" four", "also"),
        (" five", ""),
    ]


def test_marks_count_code_points() -> None:
    article = make_article("😀e\u0301 naïve 😀")
    quote = cite_text(article, "naïve")
    (line,) = mark_lines(article, [quote], 0)
    assert [piece.text for piece in line.pieces if piece.mark] == ["naïve"]


def test_citation_shows_where_the_quote_is() -> None:
    article = make_article("Title\n\nThe text.", path="in/folder.txt", title="Title")
    rendered = render.render_conversation((found(cite_text(article, "The text.")),))
    assert '<blockquote cite="in/folder.txt" dir="auto"><span class="quote">The text.</span></blockquote>' in rendered
    assert "in/folder.txt:3" in plain(rendered)


def test_nothing_found_offers_no_quotes() -> None:
    article = make_article("Near, but no answer.")
    passage = as_passage(cite(article, 0, len(article.text)))
    turn = Turn("Why?", answer=Answer("Why?", False, 0.1, (), (passage,)))
    rendered = render.render_conversation((turn,))
    assert "blockquote" not in tags(rendered)
    assert "The articles don't answer that." in plain(rendered)
    assert "Nearest passages" in plain(rendered)
    assert 'class="cited"' in render.render_source((turn,), 0, 0, assistant_over(article))


@pytest.mark.parametrize("error", [IndexCorrupt("x", "texts.bin is damaged"), KeyError("texts.bin is damaged")])
def test_a_failure_is_an_alert_and_never_not_found(error: Exception) -> None:
    assistant = assistant_over(make_article("x"), error)
    rendered = render.render_conversation((session_over(assistant).look_up(Turn("Why?")),))
    assert 'role="alert"' in rendered
    assert "texts.bin is damaged" in plain(rendered)
    assert "don't answer" not in plain(rendered)


def test_a_rejected_question_is_no_turn() -> None:
    assistant = assistant_over(make_article("x"), QuestionRejected("The question is empty."))
    with pytest.raises(QuestionRejected):
        session_over(assistant).look_up(Turn(" "))


@pytest.mark.parametrize(("turn", "number"), [(1, 0), (0, 1)])
def test_a_citation_of_a_lost_conversation_says_so(turn: int, number: int) -> None:
    article = make_article("text")
    rendered = render.render_source((found(cite(article, 0, 4)),), turn, number, assistant_over(article))
    assert render.LOST in plain(rendered)


def test_empty_chat_says_what_is_indexed() -> None:
    rendered = render.render_welcome(shelf.stock(assistant_over(make_article("text")).snapshot))
    assert re.search(r"1 article\s+in 0 passages · 1 not read", plain(rendered))
    assert "x<y>.bin: not a text file" in plain(rendered)


def test_theme_asks_for_no_font() -> None:
    assert serve.THEME._stylesheets == []
    assert serve.THEME._font_css == []


def test_every_response_carries_the_content_policy() -> None:
    response = TestClient(LocalOnly(PlainTextResponse("x"))).get("/")
    assert response.headers["content-security-policy"].startswith("default-src 'self';")
