"""Formats: HTML, PDF and JSON Lines rendered with their own lines, encodings, and every refusal by name."""

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import SHARED, hash_build, write_articles
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from evaluation.html_pages import evaluate, shingles
from index.articles import parse_article, parse_file
from index.errors import ArticleUnreadable
from index.places import open_store
from index.readers import DIRECT
from index.readers.encodings import decode, decode_page
from index.readers.rendered import Rendered, format_of, render
from index.types import Article, page_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser


PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>Old bridge closes for repairs | The Tarn Post</title>
<meta property="og:title" content="Old bridge closes for repairs"><meta name="author" content="Ann Lee">
<meta property="article:published_time" content="2021-05-03T08:00:00Z">
<link rel="canonical" href="https://tarn.example/bridge"></head><body>
<nav><a href="/">Home</a> <a href="/sport">Sport</a></nav>
<article><h1>Old bridge closes for repairs</h1>
<p>The stone bridge over the river Tarn will close on Monday for eleven weeks. Engineers found cracks in two of its
nine arches, the council said.</p>
<p>Buses will use the northern bridge instead. The repairs cost 2.4 million euros, the mayor told the café owners.</p>
<table><tr><td>Length</td><td>140 metres</td></tr></table></article>
<section id="comments"><p>First! What a waste of money, says somebody in the comments below.</p></section>
<footer>Cookies and imprint</footer></body></html>"""


def make_pdf(pages: list[list[str]], title: str = "", author: str = "", password: str = "") -> bytes:
    """A PDF with these lines on its pages, written by ReportLab."""
    data = io.BytesIO()
    canvas = Canvas(data, encrypt=StandardEncryption(password) if password else None, invariant=True)
    canvas.setTitle(title) if title else None
    canvas.setAuthor(author) if author else None
    for lines in pages:
        for number, line in enumerate(lines):
            canvas.drawString(72, 760 - 16 * number, line)
        canvas.showPage()
    canvas.save()
    return data.getvalue()


PDF_PAGES = [
    [
        "Harbour report",
        "The ferry Sirius sails again from the old harbour.",
        "It carries 140 passengers and thirty cars.",
    ],
    [],
    ["Tickets are sold on board of the ferry.", "Children travel free until the end of October."],
]


def test_a_web_page_is_read_without_what_stands_around_its_article() -> None:
    article = parse_article("bridge.html", PAGE.encode())
    assert article.text.startswith("Old bridge closes for repairs\n\nBy Ann Lee\n2021-05-03\n\nThe stone bridge over")
    assert article.text.count("Old bridge closes for repairs") == 1
    for absent in ("Home", "Cookies", "First!", "<p>"):
        assert absent not in article.text
    assert "140 metres" in article.text
    assert article.title and article.author and article.published
    assert (article.title.value, article.author.value) == ("Old bridge closes for repairs", "Ann Lee")
    assert article.published.value == "2021-05-03"
    assert article.url == "https://tarn.example/bridge"
    for field in (article.title, article.author, article.published):
        assert article.text[field.start : field.end] == field.value


@pytest.mark.parametrize("name", ["a.html", "a.htm", "A.HTML", "a.html.gz", "a.HTM.GZ"])
def test_pages_are_known_by_their_suffix_also_packed(name: str) -> None:
    data = gzip.compress(PAGE.encode()) if name.lower().endswith("gz") else PAGE.encode()
    assert "eleven weeks" in parse_article(name, data).text


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("utf-8", "utf-8"), ("windows-1252", "cp1252"), ("iso-8859-1", "cp1252"), ("utf-8", "cp1252"), ("", "utf-8")],
)
def test_a_page_is_read_in_the_encoding_that_it_has(charset: str, encoding: str) -> None:
    """The fourth lies about it, the fifth says nothing."""
    page = PAGE.replace('<meta charset="utf-8">', f'<meta charset="{charset}">' if charset else "")
    assert "café owners" in parse_article("a.html", page.encode(encoding)).text


def test_a_page_without_an_article_is_read_whole_and_says_so() -> None:
    article = parse_article("a.html", b"<html><body><span>Opening hours: nine to five</span></body></html>")
    assert "Opening hours: nine to five" in article.text


def test_a_page_of_bare_paragraphs_keeps_its_lists() -> None:
    page = (
        "<html><body><h1>Elm</h1><p>The forest of Elm is open all year to those who walk in it with care.</p>"
        "<p>It has three gates and one small house, where the keeper lives with his family since 1998.</p>"
        "<ul><li>No fires may be lit before six in the evening.</li><li>Dogs are kept on a lead.</li></ul>"
        "<p>Whoever breaks a rule has to leave the forest at once and pays forty crowns to the keeper.</p></body>"
    )
    text = parse_article("a.html", page.encode()).text
    for kept in ("No fires may be lit before six in the evening.", "Dogs are kept on a lead.", "pays forty crowns"):
        assert kept in text


def test_a_date_in_the_story_of_a_page_is_not_when_it_was_published() -> None:
    page = (
        "<html><head><title>Bakery Holm turns 100</title>{head}</head><body><article><h1>Bakery Holm turns 100</h1>"
        "<p>The bakery Holm was founded on 4 May 1923 by Otto Holm. It was sold in 1999.</p><p>Today it has 14 "
        "employees. The next open day is on 12 June 2024, the owner says.</p></article><p>Copyright 2016</p></body>"
    )
    assert parse_article("a.html", page.format(head="").encode()).published is None
    marked = page.format(head='<meta property="article:published_time" content="2023-05-04T10:00:00Z">')
    published = parse_article("a.html", marked.encode()).published
    assert published
    assert published.value == "2023-05-04"


@pytest.mark.parametrize("data", [b"<html></html>", b"<html><body><img src=x></body></html>", b"", b" "])
def test_a_page_without_words_is_refused(data: bytes) -> None:
    with pytest.raises(ArticleUnreadable, match="the page holds no"):
        parse_article("a.html", data)


def test_html_bodies_are_those_that_people_marked() -> None:
    folder = SHARED / "eval" / "html_pages"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    figures = evaluate(folder)
    assert len(figures.pages) == 90
    assert figures.lost == []
    assert figures.f1 >= 0.95
    assert figures.recall >= 0.97


def test_shingles_are_runs_of_four_words_counted() -> None:
    assert shingles("a b c d e") == {("a", "b", "c", "d"): 1, ("b", "c", "d", "e"): 1}
    assert shingles("Go, go!") == {("Go", "go"): 1}
    assert shingles("") == {}


def test_a_pdf_has_its_title_its_lines_and_its_pages() -> None:
    article = parse_article("report.pdf", make_pdf(PDF_PAGES, title="Harbour report", author="Bob Ray"))
    assert article.title and article.title.value == "Harbour report"
    assert article.author and article.author.value == "Bob Ray"
    assert article.text.count("Harbour report") == 1
    for number, lines in enumerate(PDF_PAGES, 1):
        for line in lines:
            assert page_of(article.pages, article.text.index(line)) == number
    assert article.lines.line(article.text.index("It carries")) == article.lines.line(article.text.index("ferry")) + 1
    assert len(article.pages) == 3


def test_a_pdf_by_another_producer_is_read(browser: "Browser") -> None:
    """Chromium's own: what people get from "Print to PDF"."""
    page = browser.new_page()
    page.set_content(PAGE.replace("<table>", '<table style="break-before: page">'))
    data = page.pdf()
    page.close()
    article = parse_article("printed.pdf", data)
    assert "Engineers found cracks" in article.text
    assert page_of(article.pages, article.text.index("eleven weeks")) == 1
    assert page_of(article.pages, article.text.index("140 metres")) == 2


@pytest.mark.parametrize("title", ["untitled", "(anonymous)", "report.docx", " "])
def test_what_programs_write_as_a_title_is_none(title: str) -> None:
    article = parse_article("report.pdf", make_pdf(PDF_PAGES, title=title))
    assert article.title and article.title.value == "Harbour report"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the PDF is broken"),
        (b"%PDF-1.7\n%broken", "the PDF is broken"),
        (make_pdf(PDF_PAGES)[:700], "the PDF is broken"),
        (make_pdf(PDF_PAGES, password="secret"), "the PDF is encrypted and asks for a password"),
        (make_pdf([[], []]), "the PDF holds no text (scanned pages are not read)"),
    ],
)
def test_a_pdf_that_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(ArticleUnreadable) as caught:
        parse_article("report.pdf", data)
    assert caught.value.reason.startswith(reason)


RECORDS = [
    {"title": "Old bridge", "text": "The bridge closes.\nFor weeks.", "author": "Ann Lee", "date": "2021-05-03"},
    {"headline": "Ferry", "articleBody": "The ferry sails.", "byline": "By Bob Ray", "pubDate": "3 May 2021"},
    {"Title": "Dome", "content": ["One.", "Two."], "authors": [{"name": "A"}, "B"], "published_at": 1620000000},
    {"body": "Only a text.", "link": "https://tarn.example/a", "date": "03/04/2021"},
]


def test_json_lines_are_articles_by_their_line() -> None:
    lines = [json.dumps(RECORDS[0]), "", *(json.dumps(record, ensure_ascii=False) for record in RECORDS[1:])]
    articles = [found for found in parse_file("news.jsonl", "\r\n".join(lines).encode()) if isinstance(found, Article)]
    assert [article.path for article in articles] == ["news.jsonl#1", "news.jsonl#3", "news.jsonl#4", "news.jsonl#5"]
    assert {article.file for article in articles} == {"news.jsonl"}
    assert [article.text for article in articles] == [
        "Old bridge\n\nBy Ann Lee\n2021-05-03\n\nThe bridge closes.\nFor weeks.",
        "Ferry\n\nBy Bob Ray\n3 May 2021\n\nThe ferry sails.",
        "Dome\n\nBy A, B\n2021-05-03\n\nOne.\n\nTwo.",
        "03/04/2021\n\nOnly a text.",
    ]
    days = [article.published.value if article.published else None for article in articles]
    assert days == ["2021-05-03", "2021-05-03", "2021-05-03", None], "03/04/2021 means two days"
    assert articles[3].url == "https://tarn.example/a"
    assert len({article.sha256 for article in articles}) == 4


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON ("),
        ("[1]", "a JSON list where an object was expected"),
        ('{"title": "x"}', "no text in it (looked for text, body, content"),
        ('{"text": "  "}', "no text in it"),
        ("[" * 100_000, "not JSON"),
        ('{"text": ' + "[" * 900 + "1" + "]" * 900 + "}", ""),
        ('{"text": ' + "9" * 10_000 + "}", "not JSON"),
    ],
)
def test_a_record_that_cannot_be_read_is_named_and_the_others_are_read(line: str, reason: str) -> None:
    good = '{"text": "A good record."}'
    first, second, third = parse_file("a.jsonl", f"{good}\n{line}\n{good}\n".encode())
    assert isinstance(first, Article) and isinstance(third, Article)
    if isinstance(second, ArticleUnreadable):
        assert second.path == "a.jsonl#2"
        assert second.reason.startswith(reason)
    else:
        assert not reason


def test_half_characters_and_nul_in_json_become_visible() -> None:
    article = parse_article("a.jsonl", rb'{"text": "a\ud800b\u0000c", "title": "t\udfff"}')
    assert article.text == "t\ufffd\n\na\ufffdb\ufffdc"


def test_records_and_pages_are_in_the_index_with_their_places(tmp_path: Path) -> None:
    articles = write_articles(tmp_path / "articles", {"news.jsonl": "\n".join(map(json.dumps, RECORDS)) + "\nbroken"})
    (articles / "report.pdf").write_bytes(make_pdf(PDF_PAGES))
    (articles / "page.html.gz").write_bytes(gzip.compress(PAGE.encode()))
    report = hash_build(articles, tmp_path / "index")
    assert [entry.path for entry in report.unread] == ["news.jsonl#5"]
    index = open_store(tmp_path / "index").snapshot()
    paths = [info.path for info in index.articles()]
    assert paths == [*(f"news.jsonl#{n}" for n in (1, 2, 3, 4)), "page.html.gz", "report.pdf"]
    for info in index.articles():
        article = index.article(info.path)
        (same,) = [found for found in parse_file(info.file, (articles / info.file).read_bytes())
                   if isinstance(found, Article) and found.path == info.path]  # fmt: skip
        assert article == same
    assert index.article("report.pdf").pages == parse_article("report.pdf", make_pdf(PDF_PAGES)).pages


LONG = "Мэр города объявил, что мост будет закрыт на три недели. Дети не смогут перейти реку. "


def test_utf8_with_broken_bytes_keeps_the_rest_and_says_so() -> None:
    text, notice = decode("a.txt", LONG.encode() + b"\xff" + LONG.encode())
    assert text == f"{LONG}\ufffd{LONG}"
    assert notice == "1 broken UTF-8 sequence shown as U+FFFD"


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "iso8859-5", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_are_read_and_named(encoding: str) -> None:
    text = LONG if encoding not in ("utf-16-le", "utf-16-be") else "Plain English without a mark."
    read, notice = decode("a.txt", text.encode(encoding))
    assert read == text
    assert notice.replace("_", "-").startswith(f"read as {encoding.replace('iso8859', 'iso8859')}"[:12])


def test_shift_jis_is_read() -> None:
    text = "市長は橋が三週間閉鎖されると発表した。子供たちは川を渡ることができない。"
    assert decode("a.txt", text.encode("shift_jis"))[0] == text


def test_a_page_that_declares_what_it_is_not_is_read_as_what_it_is() -> None:
    assert decode_page("a.html", '<meta charset="shift_jis">Überall Öl und Äpfel'.encode())[0].endswith("Äpfel")
    assert decode_page("a.html", b'<meta charset="no-such-thing">plain')[0].endswith("plain")


def test_notices_are_told_by_the_build(tmp_path: Path) -> None:
    articles = write_articles(tmp_path / "articles", {"a.txt": "Plain words are here.\n"})
    (articles / "b.txt").write_bytes(LONG.encode("cp1251"))
    assert hash_build(articles, tmp_path / "index").notices == (("b.txt", "read as cp1251"),)


@pytest.mark.parametrize(
    ("path", "kind"),
    [("a.txt", ".txt"), ("b/A.TXT.gz", ".txt.gz"), ("README", ""), ("x.y/README", ""), ("a.gz", ".gz"), ("é.", "."),
     ("a.tar.gz", ".tar.gz"), ("a\n.html", ".html")],
)  # fmt: skip
def test_a_format_is_told_by_the_suffix(path: str, kind: str) -> None:
    assert format_of(path) == kind


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(WORDS, WORDS, WORDS, WORDS)
@settings(max_examples=200, deadline=None)
def test_rendered_fields_are_where_their_spans_say(body: str, title: str, author: str, date: str) -> None:
    text, header = render(body, title, author, date, "2020-01-01")
    for field in (header.title, header.author):
        assert field is None or text[field.start : field.end] == field.value
    if header.published:
        assert text[header.published.start : header.published.end] == " ".join(date.split()).replace("\x00", "\ufffd")
    text.encode()


def read_any(kind: str, data: bytes) -> None:
    """A reader gives articles that can be stored, or says why not; nothing else may happen."""
    reader: Callable[[str, bytes], object] = DIRECT[kind]
    try:
        for found in list(reader(f"a{kind}", data)):  # type: ignore[call-overload]
            if isinstance(found, Rendered):
                found.text.encode()
                assert list(found.pages) == sorted(found.pages)
                for field in (found.header.title, found.header.author, found.header.published):
                    assert field is None or 0 <= field.start <= field.end <= len(found.text)
    except ArticleUnreadable as error:
        assert error.reason


def mutated(whole: bytes) -> st.SearchStrategy[bytes]:
    """A file with a piece of it replaced."""
    return st.builds(
        lambda at, length, piece: whole[:at] + piece + whole[at + length :],
        st.integers(0, len(whole)), st.integers(0, 40), st.binary(max_size=40),
    )  # fmt: skip


@given(st.one_of(st.binary(max_size=300), mutated(PAGE.encode())))
@example(b"<p>A control \x0b character")  # found by this test: trafilatura's html2txt raised ValueError
@example(b"<p>Another &#11; one &#x1f;")
@settings(max_examples=60, deadline=None)
def test_any_bytes_as_html(data: bytes) -> None:
    read_any(".html", data)


@given(st.one_of(st.binary(max_size=300), mutated(make_pdf(PDF_PAGES))))
@settings(max_examples=100, deadline=None)
def test_any_bytes_as_pdf(data: bytes) -> None:
    read_any(".pdf", data)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
RECORD = st.dictionaries(st.sampled_from(["title", "text", "author", "date", "url", "Body", "x"]), JSON, max_size=5)


@given(
    st.one_of(
        st.binary(max_size=300), st.lists(RECORD, max_size=4).map(lambda r: "\n".join(map(json.dumps, r)).encode())
    )
)
@settings(max_examples=200, deadline=None)
def test_any_bytes_as_json_lines(data: bytes) -> None:
    read_any(".jsonl", data)


@given(
    st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
)
@settings(max_examples=200, deadline=None)
def test_any_bytes_as_text(data: bytes) -> None:
    read_any(".txt", data)
    read_any(".md", data)


@given(st.binary(max_size=200))
@settings(max_examples=50, deadline=None)
def test_any_bytes_as_a_packed_file(data: bytes) -> None:
    for packed in (data, gzip.compress(b"Words are here.")[: len(data)] + data):
        try:
            list(parse_file("a.txt.gz", packed))
        except ArticleUnreadable as error:
            assert error.reason
