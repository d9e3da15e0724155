"""The chat in a real Chromium, over the seed article, with every request recorded."""

import os
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from test_app import HOSTILE, OneArticle, assistant_over, cite_text, make_article

import app
from qa import Answer, Assistant

CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

QUESTION = "How many people were killed?"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        message = "neither chromium nor google-chrome is installed"
        if os.environ.get("ARTICLEQA_REQUIRE_BROWSER") == "1":
            pytest.fail(f"ARTICLEQA_REQUIRE_BROWSER=1, but {message}")
        pytest.skip(message)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)


@contextmanager
def served(assistant: Assistant) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    chat = app.make_chat(assistant)
    try:
        yield app.launch(chat, port=port)
    finally:
        chat.close()


@pytest.fixture(scope="module")
def address(seed_assistant: Assistant) -> Iterator[str]:
    with served(seed_assistant) as url:
        yield url


@dataclass
class Visit:
    """A page of the chat, and what it did: hosts asked, and errors in its console."""

    page: Page
    hosts: set[str | None] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)

    def ask(self, question: str) -> None:
        self.page.locator("#question textarea").fill(question)
        self.page.keyboard.press("Enter")


@contextmanager
def visiting(browser: Browser, url: str) -> Iterator[Visit]:
    """Open the chat; when the test is done, check that all stayed on this machine and free of errors."""
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        visit = Visit(context.new_page())
        visit.page.set_default_timeout(20_000)
        context.on("request", lambda request: visit.hosts.add(urlsplit(request.url).hostname))
        context.on("weberror", lambda error: visit.errors.append(str(error.error)))
        context.on("console", lambda line: visit.errors.append(line.text) if line.type == "error" else None)
        visit.page.goto(url)
        expect(visit.page.locator(".welcome")).to_be_visible()
        yield visit
        assert visit.hosts - {None} == {"127.0.0.1"}  # None: data: and blob: addresses
        assert visit.errors == []


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    with visiting(browser, address) as page:
        yield page


def test_from_a_question_to_the_marked_line(visit: Visit) -> None:
    page = visit.page
    expect(page.locator(".stock")).to_contain_text("1 article")
    visit.ask(QUESTION)
    quote = page.locator("blockquote").first
    expect(quote).to_contain_text("At least 25 people had been killed")
    expect(page.locator("#question textarea")).to_be_focused()
    expect(page.locator("#question textarea")).to_have_value("")

    citation = page.locator(".citation").first
    for part in ("Baku launches deadly strikes", "Mark Dovich", "2023-09-19", "000_883b0ecb052fe686.txt:10"):
        expect(citation).to_contain_text(part)
    citation.click()
    line = page.locator("#source li.cited")
    expect(line).to_have_count(1)
    expect(line).to_have_attribute("value", "10")
    expect(line).to_be_in_viewport()
    assert "".join(line.locator("mark.cited").all_text_contents()) == quote.text_content()

    page.keyboard.press("Escape")
    expect(page.locator("#source .source")).to_have_count(0)
    expect(citation).to_be_focused()
    page.keyboard.press("Enter")  # and it opens again, by keyboard
    expect(line).to_be_in_viewport()


def test_no_answer_looks_different(visit: Visit) -> None:
    page = visit.page
    visit.ask("What is the capital of Peru?")
    expect(page.locator(".nothing .verdict")).to_have_text("The articles don't answer that.")
    expect(page.locator(".nothing h3")).to_have_text("Nearest passages")
    expect(page.locator("blockquote")).to_have_count(0)
    page.locator(".nothing .citation").first.click()
    expect(page.locator("#source li.cited").first).to_be_in_viewport()


def test_an_empty_question_is_told_and_forgotten(visit: Visit) -> None:
    page = visit.page
    visit.ask("  ")
    expect(page.get_by_role("alert")).to_be_visible()
    visit.ask(QUESTION)
    expect(page.locator("blockquote").first).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator(".turn")).to_have_count(1)


def test_on_a_phone_the_article_covers_the_chat(visit: Visit) -> None:
    page = visit.page
    page.set_viewport_size({"width": 390, "height": 844})
    visit.ask(QUESTION)
    page.locator(".citation").first.click()
    expect(page.locator("#source li.cited").first).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.locator("#source").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    page.get_by_role("button", name="Close the article").click()
    expect(page.locator("#source")).to_be_hidden()


class Slow(OneArticle):
    def ask(self, question: str) -> Answer:
        time.sleep(1)
        return super().ask(question)


def test_work_is_shown_at_once_and_clear_drops_it(browser: Browser) -> None:
    article = make_article("A slow answer.")
    answer = Answer("Why?", True, 0.9, (cite_text(article, "slow"),), ())
    with served(Slow(article, answer)) as url, visiting(browser, url) as visit:  # type: ignore[arg-type]
        page = visit.page
        visit.ask("Why?")
        page.wait_for_selector(".pending", timeout=800)  # 0.1 s on an idle machine; the answer takes 1 s
        expect(page.locator(".question")).to_have_text("Why?")
        page.get_by_role("button", name="Clear").click()
        expect(page.locator(".welcome")).to_be_visible()
        page.wait_for_timeout(1300)  # past the moment when the answer would have come
        expect(page.locator(".welcome")).to_be_visible()
        visit.ask("And now?")
        expect(page.locator("blockquote")).to_have_text("slow")
        expect(page.locator(".turn")).to_have_count(1)


def test_hostile_text_stays_text(browser: Browser) -> None:
    article = make_article(f"{HOSTILE}\nsecond line", title=HOSTILE)
    answer = Answer(HOSTILE, True, 0.9, (cite_text(article, HOSTILE),), ())
    with served(assistant_over(article, answer)) as url, visiting(browser, url) as visit:
        page = visit.page
        visit.ask(HOSTILE)
        expect(page.locator("blockquote")).to_have_text(HOSTILE)
        expect(page.locator(".question")).to_have_text(HOSTILE)
        page.locator(".citation").click()
        expect(page.locator("#source li.cited .text")).to_have_text(HOSTILE)
        expect(page.locator("#source li")).to_have_count(2)
        assert page.evaluate("typeof hacked") == "undefined"


def test_programs_get_what_the_command_line_prints(address: str, seed_assistant: Assistant) -> None:
    from gradio_client import Client  # type: ignore[import-untyped]
    from gradio_client.exceptions import AppError  # type: ignore[import-untyped]

    # Else the client takes every "path" in an answer for a file to fetch (its check knows protocol sse_v2.1 only).
    client = Client(address, verbose=False, analytics_enabled=False, download_files=False)
    assert set(client.view_api(print_info=False, return_format="dict")["named_endpoints"]) == {"/ask", "/search"}
    assert client.predict(QUESTION, api_name="/ask") == seed_assistant.ask(QUESTION).as_json()
    passages = client.predict(QUESTION, 2, api_name="/search")
    assert passages == [passage.as_json() for passage in seed_assistant.search(QUESTION, 2)]
    with pytest.raises(AppError, match="question"):
        client.predict(" ", api_name="/ask")
