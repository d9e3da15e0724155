"""Long articles, long lines and pages in the chat, in a real Chromium."""

import time
from pathlib import Path

from browsing import assistant_of, served, visiting
from conftest import TINY_ARTICLES
from playwright.sync_api import Browser, expect
from test_app import assistant_over, cite_text, make_article
from test_readers import PDF_PAGES, make_pdf

from index.encoders.protocol import SentenceEncoder
from qa import Answer, Assistant


def long_article() -> tuple[Assistant, str]:
    wide = "word " * 4_000
    lines = [f"Line {number} of a long article that goes on." for number in range(1, 20_001)]
    lines[14_999] = "Here is the needle."
    lines[15_000] = "هذا سطر مكتوب من اليمين إلى اليسار."
    lines[15_001] = wide
    article = make_article("\n".join(lines), title="Long")
    return assistant_over(article, Answer("Where?", True, 0.9, (cite_text(article, "the needle"),), ())), lines[15_000]


def test_twenty_thousand_lines_wide_ones_and_right_to_left(browser: Browser) -> None:
    assistant, arabic = long_article()
    with served(assistant) as url, visiting(browser, url) as visit:
        page = visit.page
        visit.hear("Where?")
        started = time.monotonic()
        page.locator(".citation").click()
        line = page.locator("#source li.cited")
        expect(line).to_be_in_viewport()
        assert time.monotonic() - started < 5  # 1 s on an idle machine
        expect(line).to_have_attribute("value", "15000")
        assert page.locator("#source li").count() == 20_000
        numbers = "lis => lis.map(li => [li.value, getComputedStyle(li, '::before').content])"
        shown = page.locator("#source li").evaluate_all(numbers)
        assert shown == [[number, f'"{number}"'] for number in range(1, 20_001)]
        box = page.locator("#source .lines").bounding_box()
        assert box
        assert page.locator("#source .lines").evaluate("lines => lines.scrollWidth <= lines.clientWidth")
        right = page.locator("#source li", has_text=arabic)
        start = right.evaluate(
            "li => { const all = document.createRange(); all.selectNodeContents(li);"
            "return all.getBoundingClientRect().right }"
        )
        assert start > box["x"] + box["width"] - 60  # it begins at the right edge


def test_one_line_of_fifty_megabytes_is_shown_around_the_quote(browser: Browser) -> None:
    half = "words and more words " * 1_190_000
    article = make_article(f"{half}Here is the needle. {half}", title="One line")
    answer = Answer("Where?", True, 0.9, (cite_text(article, "Here is the needle."),), ())
    with served(assistant_over(article, answer)) as url, visiting(browser, url) as visit:
        page = visit.page
        visit.hear("Where?")
        started = time.monotonic()
        page.locator(".citation").click()
        expect(page.locator("#source mark.cited")).to_be_in_viewport()
        assert time.monotonic() - started < 5  # 0.2 s on an idle machine
        assert page.locator("#source .gap").evaluate_all("gaps => gaps.map(gap => gap.dataset.count)") == [
            "24,970,000",
            "24,970,001",
        ]
        text = page.locator("#source li").text_content() or ""
        assert text == f"{half[:10_000]}{half[-10_000:]}Here is the needle. {half[:9_999]}{half[-10_000:]}"


def test_the_pages_of_a_pdf_are_marked(browser: Browser, tmp_path: Path, real_encoder: SentenceEncoder) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles/report.pdf").write_bytes(make_pdf(PDF_PAGES))
    assistant = assistant_of(tmp_path, {"bridge.txt": TINY_ARTICLES["bridge.txt"]}, real_encoder)
    with served(assistant) as url, visiting(browser, url) as visit:
        visit.goto(f"{url}?article=report.pdf")
        article = assistant.article("report.pdf")
        third = article.lines.line(article.text.index("Tickets are sold"))
        marked = visit.page.locator("#source li.new-page")
        expect(marked).to_have_count(3)
        shown = [(li.get_attribute("value"), li.get_attribute("data-page")) for li in marked.all()]
        assert shown == [("1", "1"), (str(third - 1), "2"), (str(third), "3")], "the second page is blank"
        visit.hear("Who travels free?")
        expect(visit.page.locator(".citation .place").first).to_have_text(f"report.pdf:{third + 1}, page 3")
