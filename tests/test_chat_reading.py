"""Reading in the chat, in a real Chromium: the panel, the list of articles, filters, follow-ups, export."""

import asyncio
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from browsing import QUESTION, Visit, assistant_of, findings, served, visiting
from conftest import SEED_NAME, SEEDS, TINY_ARTICLES
from playwright.sync_api import Browser, expect

from chat.options import Options
from chat.starters import find_questions
from index.encoders.protocol import SentenceEncoder
from qa import Assistant
from qa.citations import check_citations, read_citations


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, real_encoder: SentenceEncoder) -> Assistant:
    """Four articles in a folder of their own, with the real model."""
    home = tmp_path_factory.mktemp("library")
    seed = (SEEDS / SEED_NAME).read_text("utf-8")
    return assistant_of(home, {**TINY_ARTICLES, SEED_NAME: seed}, real_encoder)


@pytest.fixture(scope="module")
def address(library: Assistant) -> Iterator[str]:
    with served(library, Options(allow_upload=True, questions_a_minute=10_000, mcp=True)) as url:
        yield url


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    with visiting(browser, address) as page:
        yield page


def states(text: str, folder: Path) -> list[str]:
    """What `articleqa check` says of citations to the seed articles."""
    file = folder / "citations.json"
    file.write_text(text, "utf-8")
    return [found.state for found in check_citations(read_citations(file), SEEDS)]


def test_the_sentence_stands_out_in_its_paragraph_and_can_be_copied(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.hear(QUESTION)
    first = page.locator(".quotes li").first
    assert first.locator("blockquote").text_content() == (
        "At least 25 people had been killed and more than 138 injured in the hostilities, according to the latest "
        "updates from Nagorno-Karabakh’s Human Rights Defender’s Office. Those figures include both military and "
        "civilian casualties."
    )
    quote = first.locator(".quote").text_content()
    first.get_by_role("button", name="Copy quote 1 with").click()
    expect(first.locator(".done")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()") == f"“{quote}” ({SEED_NAME}:10)"
    assert states(page.evaluate("navigator.clipboard.readText()"), tmp_path) == ["valid"]


def test_all_quotes_are_marked_and_walked_through(visit: Visit) -> None:
    page = visit.page
    visit.hear("What did Azerbaijan do in Nagorno-Karabakh?")
    count = page.locator(".citation").filter(has_text=SEED_NAME).count()
    assert count >= 2
    page.locator(".citation").filter(has_text=SEED_NAME).first.click()
    step = page.locator(".step")
    expect(step).to_contain_text(f"of {count}")
    before = step.text_content()
    page.get_by_role("button", name="Next marked place").click()
    expect(step).not_to_have_text(before or "")
    expect(page.locator("#source mark.cited").first).to_be_in_viewport()
    page.keyboard.press("p")
    expect(step).to_have_text(before or "")
    expect(page).to_have_url(re.compile(f"article={SEED_NAME}"))


def test_a_link_opens_the_lines_it_names(visit: Visit, browser: Browser, address: str) -> None:
    page = visit.page
    visit.goto(f"{address}?article={SEED_NAME}&lines=25-27")
    marked = page.locator("#source li.cited")
    expect(marked).to_have_count(3)
    expect(marked.first).to_be_in_viewport()
    assert [li.get_attribute("value") for li in marked.all()] == ["25", "26", "27"]
    expect(page.locator(".step")).to_have_text("lines 25-27")
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("article"))
    for query, told in (("article=../x.txt", "There is no article"), (f"article={SEED_NAME}&lines=999", "names lines")):
        visit.goto(f"{address}?{query}")
        expect(page.get_by_role("alert")).to_contain_text(told)


def test_articles_are_listed_sorted_searched_and_asked_about(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("button", name="Articles").click()
    titles = page.locator("#source tbody [data-do=open-article]")
    expect(titles).to_have_count(4)
    assert titles.all_text_contents() == sorted(titles.all_text_contents(), key=str.casefold)
    page.get_by_role("button", name="Date").click()
    expect(page.locator("th.published").first).to_have_attribute("aria-sort", "ascending")
    expect(titles.first).to_have_text("Observatory opens its dome")  # no date comes first
    page.get_by_role("button", name="Date").click()
    expect(titles.first).to_contain_text("Baku launches")
    page.get_by_label("Search the articles").fill("BOB harbour")
    expect(titles).to_have_count(1)
    expect(page.locator(".matching")).to_have_text("1 article")
    page.get_by_role("button", name="Ask about Ferry returns").click()
    expect(page.locator(".filters .state")).to_have_text("Only in deep/harbour.md")
    visit.hear("How many passengers does the ferry carry?")
    expect(page.locator(".narrowed")).to_have_text("Only in “deep/harbour.md”")
    places = page.locator(".citation .place").all_text_contents()
    assert {place.partition(":")[0] for place in places} == {"deep/harbour.md"}


def test_the_table_begins_at_its_top_whatever_was_read_before(visit: Visit) -> None:
    page = visit.page
    page.set_viewport_size({"width": 1100, "height": 360})
    visit.hear("Who called for talks?")
    page.locator(".citation:visible").last.click()
    expect(page.locator("#source li.cited").first).to_be_in_viewport()
    page.locator("[data-do=browse]").click()
    expect(page.locator("#shelf-search")).to_be_focused()
    assert page.locator(".table").evaluate("table => table.scrollHeight > table.clientHeight + 100")
    page.wait_for_timeout(200)
    assert page.locator(".table").evaluate("table => table.scrollTop") == 0
    page.locator(".table").evaluate("table => (table.scrollTop = 200)")
    page.locator("#source [data-do=open-article]", has_text="Baku launches").click()
    expect(page.locator("#source .lines li").first).to_be_in_viewport()


def test_on_a_phone_the_table_says_who_when_and_how_long(browser: Browser, address: str) -> None:
    with visiting(browser, address, width=390, height=844) as visit:
        page = visit.page
        page.locator("[data-do=browse]").click()
        row = page.locator("#source tbody tr", has_text="Old bridge closes")
        for told in ("Ann Lee", "bridge.txt", "2021-05-03", "0.3 kB"):
            expect(row.get_by_text(told, exact=True).locator("visible=true")).to_have_count(1)
        assert page.locator(".table").evaluate("table => table.scrollWidth <= table.clientWidth")
        page.get_by_role("button", name="Date").click()
        expect(page.locator("th.published").first).to_have_attribute("aria-sort", "ascending")


def test_filters_narrow_the_question_and_are_shown(visit: Visit) -> None:
    page = visit.page
    page.locator(".filters summary").click()
    page.get_by_label("From").fill("2023-01-01")
    page.get_by_label("Author").fill("Nobody")
    visit.ask(QUESTION)
    expect(page.get_by_role("alert")).to_contain_text("Of 4 articles none is")
    page.locator(".filters summary").click()
    page.get_by_label("Author").fill("Dovich")
    visit.ask(QUESTION)
    expect(page.locator(".narrowed")).to_have_text("Only since 2023-01-01, by “Dovich”")
    visit.hear("When was the telescope built?")
    expect(page.locator(".verdict")).to_be_visible()
    page.get_by_role("button", name="Ask all articles").click()
    expect(page.locator(".turn").last.locator(".quote").first).to_contain_text("1911")
    expect(page.locator(".filters .state")).to_have_text("All articles")
    page.locator(".filters summary").click()
    page.get_by_label("Author").fill("Dovich")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".filters .state")).to_have_text("All articles")


def test_the_first_page_asks_what_the_articles_answer(visit: Visit, library: Assistant) -> None:
    page = visit.page
    expect(page.locator(".stock")).to_contain_text("4 articles")
    expect(page.locator(".stock")).to_contain_text("from 3 May 2021 to 19 September 2023")
    expect(page.locator(".starter")).to_have_count(3)
    questions = page.locator(".starter").all_text_contents()
    assert tuple(questions) == find_questions(library.snapshot, library.ask)
    assert all(library.ask(question).found for question in questions)
    page.locator(".starter").first.click()
    expect(page.locator(".question")).to_have_text(questions[0])
    expect(page.locator(".quote").first).to_be_visible()


def test_follow_up_edit_and_a_question_meanwhile(visit: Visit) -> None:
    page = visit.page
    visit.hear(QUESTION)
    visit.hear("And how many were injured?")
    expect(page.locator(".turn").nth(1).locator(".quote").first).to_contain_text("138 injured")
    expect(page.locator(".turn").nth(1).locator(".note")).to_contain_text("Understood as")
    page.get_by_role("button", name="Edit question 1").click()
    expect(page.locator("#question-text")).to_have_value(QUESTION)
    page.locator("#question-text").fill("Who called for talks?")
    page.keyboard.press("Enter")
    expect(page.locator(".question")).to_have_text(["Who called for talks?"])
    expect(page.locator(".rating")).to_have_count(1)
    for question in ("How old is the telescope?", "What does the repair of the bridge cost?"):
        visit.ask(question)  # the second while the first is looked up
    expect(page.locator(".rating")).to_have_count(3)


def test_a_conversation_is_there_again_after_a_reload_until_it_is_cleared(visit: Visit) -> None:
    page = visit.page
    visit.hear("When was the telescope built?")
    visit.hear("And how large is its lens?")
    page.locator(".filters summary").click()
    page.get_by_label("From").fill("2023-01-01")
    visit.hear(QUESTION)
    asked = ["When was the telescope built?", "And how large is its lens?", QUESTION]
    quoted = page.locator(".quote").all_text_contents()
    visit.reload()
    expect(page.locator(".rating")).to_have_count(3)
    assert page.locator(".question").all_text_contents() == asked
    assert page.locator(".quote").all_text_contents() == quoted
    expect(page.locator(".turn").nth(1).locator(".note")).to_contain_text("Understood as")
    expect(page.locator(".narrowed")).to_have_text(["Only since 2023-01-01"])
    expect(page.locator(".filters .state")).to_have_text("All articles")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".welcome")).to_be_visible()
    visit.reload()
    expect(page.locator(".starter").first).to_be_visible()
    assert page.locator(".turn").count() == 0


def test_questions_that_wait_are_asked_after_a_reload_and_refused_ones_are_not(visit: Visit) -> None:
    page = visit.page
    asked = ["When was the telescope built?", "Who called for talks?", QUESTION]
    page.evaluate("questions => questions.forEach((question) => window.articleqa.ask(question))", asked)
    visit.reload()
    expect(page.locator(".rating")).to_have_count(3)
    assert page.locator(".question").all_text_contents() == asked
    visit.ask("Why? " * 500)
    expect(page.get_by_role("alert")).to_be_visible()
    visit.reload()
    expect(page.locator(".rating")).to_have_count(3)
    assert page.locator(".question").all_text_contents() == asked
    assert page.get_by_role("alert").count() == 0


def test_a_citation_opens_its_own_place_whatever_is_open(visit: Visit) -> None:
    page = visit.page
    visit.hear("What did Azerbaijan do in Nagorno-Karabakh?")
    page.locator(".citation").first.click()
    step = page.locator(".step")
    expect(step).to_contain_text(" of ")
    before = step.text_content()
    page.get_by_role("button", name="Next marked place").click()
    expect(step).not_to_have_text(before or "")
    page.locator(".citation").first.click()
    expect(step).to_have_text(before or "")
    page.get_by_role("button", name="Edit question 1").click()
    page.locator("#question-text").fill("When was the telescope built?")
    page.keyboard.press("Enter")
    expect(page.locator(".question")).to_have_text(["When was the telescope built?"])
    expect(page.locator(".rating")).to_have_count(1)
    page.locator(".citation").first.click()
    expect(page.locator("#source .place")).to_have_text("observatory.txt")


def test_a_refused_change_leaves_the_conversation_as_it_was(visit: Visit) -> None:
    page = visit.page
    visit.hear(QUESTION)
    visit.hear("When was the telescope built?")
    page.get_by_role("button", name="Edit question 1").click()
    page.locator("#question-text").fill("Why? " * 500)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("at most 2,000 are read")
    expect(page.locator(".question")).to_have_text([QUESTION, "When was the telescope built?"])
    expect(page.locator(".editing")).to_contain_text("question 1 again")
    page.locator("#question-text").fill("Who called for talks?")
    page.keyboard.press("Enter")
    expect(page.locator(".question")).to_have_text(["Who called for talks?"])


def test_thumbs_and_export(visit: Visit, library: Assistant, tmp_path: Path) -> None:
    page = visit.page
    visit.hear(QUESTION)
    page.get_by_role("button", name="Helpful", exact=True).click()
    expect(page.get_by_role("button", name="Helpful", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".waiting")).to_contain_text("Thank you")
    page.wait_for_timeout(500)  # past the moment when it is written down
    expect(page.locator(".waiting")).to_contain_text("Thank you")
    assert library.live.store.folder
    ratings = library.live.store.folder / "ratings.jsonl"
    for _ in range(50):
        if ratings.exists():
            break
        page.wait_for_timeout(100)
    line = json.loads(ratings.read_text("utf-8").splitlines()[-1])
    assert (line["question"], line["rating"], line["generation"]) == (QUESTION, "up", library.snapshot.about.generation)
    assert line["answer"]["quotes"][0]["start_line"] == 10

    for label, name in (("As JSON", "conversation.json"), ("As Markdown", "conversation.md")):
        page.locator(".menu summary").click()
        with page.expect_download() as download:
            page.get_by_role("button", name=label).click()
        assert download.value.suggested_filename == name
        download.value.save_as(tmp_path / name)
    (turn,) = json.loads((tmp_path / "conversation.json").read_text("utf-8"))["conversation"]
    assert turn["answer"]["quotes"][0]["text"].startswith("At least 25 people had been killed")
    assert set(states((tmp_path / "conversation.json").read_text("utf-8"), tmp_path)) == {"valid"}
    markdown = (tmp_path / "conversation.md").read_text("utf-8")
    assert markdown.startswith("## How many people were killed?\n")
    assert f"`{SEED_NAME}:10`" in markdown


@pytest.mark.parametrize(
    ("width", "height", "dark"), [(1440, 900, False), (1024, 768, False), (1024, 768, True), (390, 844, True)]
)
def test_axe_finds_nothing_serious(browser: Browser, address: str, width: int, height: int, dark: bool) -> None:
    url = address + ("?__theme=dark" if dark else "")
    with visiting(browser, url, width=width, height=height, dark=dark) as visit:
        page = visit.page
        assert findings(page) == []
        visit.hear(QUESTION)
        visit.hear("What is the capital of Peru?")
        page.locator(".filters summary").click()
        assert findings(page) == []
        page.locator(".filters summary").click()
        page.locator(".turn").first.locator(".citation").first.click()
        expect(page.locator("#source li.cited").first).to_be_in_viewport()
        assert findings(page) == []
        page.keyboard.press("Escape")
        page.locator("[data-do=browse]").click()
        expect(page.locator("#source table")).to_be_visible()
        assert findings(page) == []
        page.keyboard.press("Escape")
        page.locator("[data-do=upload]").click()
        expect(page.locator(".drop")).to_be_visible()
        assert findings(page) == []


def test_everything_is_reached_by_keyboard(visit: Visit) -> None:
    page = visit.page
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".rating")).to_have_count(1)
    reached = set()
    for _ in range(60):
        page.keyboard.press("Shift+Tab")
        name = page.evaluate(
            "() => { const at = document.activeElement; const ring = getComputedStyle(at).outlineStyle !== 'none';"
            "return [at.className || at.id, ring] }"
        )
        reached.add(tuple(name))
    for wanted in ("citation", "tool"):
        assert (wanted, True) in reached
    assert any("small" in name and ring for name, ring in reached)
    page.locator(".citation").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#source .source")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".citation").first).to_be_focused()


def test_tools_for_language_models(address: str) -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def call() -> tuple[list[str], str]:
        async with (
            streamablehttp_client(f"{address}gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = (await session.list_tools()).tools
            asking = next(tool for tool in tools if tool.name.endswith("ask"))
            assert "verbatim quotes" in (asking.description or "")
            assert asking.inputSchema["properties"]["question"]["type"] == "string"
            assert "request" not in asking.inputSchema["properties"]
            result = await session.call_tool(asking.name, {"question": QUESTION})
            return [tool.name for tool in tools], result.content[0].text  # type: ignore[union-attr]

    with ThreadPoolExecutor(1) as threads:  # Playwright has an event loop running in this one
        names, text = threads.submit(asyncio.run, call()).result()
    assert sorted(re.sub(r".*_", "", name) for name in names) == ["ask", "search"]
    assert "At least 25 people had been killed" in text
