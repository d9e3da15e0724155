"""Adding articles in the chat, in a real Chromium: files and folders, while questions are answered."""

import threading
from pathlib import Path
from typing import Any, cast

from browsing import assistant_of, served, visiting
from conftest import TINY_ARTICLES, write_articles
from playwright.sync_api import Browser, expect

from chat.options import Options
from index.encoders.protocol import SentenceEncoder
from qa import Assistant

CARACAS = (
    "Lanterns of Caracas\n\nBy Eva Sol\n2 May 2020\n\nThe festival in Caracas drew 4,000 visitors with lanterns.\n"
)


def test_articles_are_added_while_the_chat_goes_on(
    browser: Browser, tmp_path: Path, real_encoder: SentenceEncoder
) -> None:
    assistant = assistant_of(tmp_path, TINY_ARTICLES, real_encoder)
    write_articles(tmp_path / "new", {"caracas.txt": CARACAS, "bridge.txt": "Another bridge.", "picture.png": "x"})
    with served(assistant, Options(allow_upload=True)) as url, visiting(browser, url) as visit:
        page = visit.page
        visit.hear("How many visitors did the festival in Caracas draw?")
        expect(page.locator(".verdict")).to_be_visible()
        page.get_by_role("button", name="Add").click()
        names = ("caracas.txt", "bridge.txt", "picture.png")
        page.get_by_label("Choose files").set_input_files([tmp_path / "new" / name for name in names])
        expect(page.locator(".added")).to_have_text("caracas.txt", timeout=60_000)
        refused = page.locator(".refused-files li")
        expect(refused).to_have_count(2)
        expect(refused.first).to_contain_text("bridge.txt: another article has this name")
        expect(refused.nth(1)).to_contain_text("picture.png: format .png is not read")
        assert (tmp_path / "articles/caracas.txt").read_text("utf-8") == CARACAS
        assert (tmp_path / "articles/bridge.txt").read_text("utf-8") == TINY_ARTICLES["bridge.txt"]
        visit.hear("How many visitors did the festival in Caracas draw?")
        expect(page.locator(".quote").first).to_contain_text("4,000 visitors")


class Held:
    """An encoder that embeds passages when it is let, and tells all the while how far it is."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        self._encoder = encoder
        self.asked = threading.Event()
        self.let = threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)

    def encode_passages(self, texts: Any, progress: Any) -> Any:
        self.asked.set()
        for tick in range(1200):
            if self.let.wait(0.05):
                break
            progress(tick % len(texts), len(texts))
        return self._encoder.encode_passages(texts, progress)


def test_a_question_is_answered_while_the_index_is_rebuilt(
    browser: Browser, tmp_path: Path, real_encoder: SentenceEncoder
) -> None:
    encoder = Held(real_encoder)
    live = assistant_of(tmp_path, TINY_ARTICLES, real_encoder).live
    assistant = Assistant(live, cast(SentenceEncoder, encoder))
    write_articles(tmp_path / "new", {"caracas.txt": CARACAS})
    with served(assistant, Options(allow_upload=True)) as url, visiting(browser, url) as visit:
        page = visit.page
        page.get_by_role("button", name="Add").click()
        page.get_by_label("Choose files").set_input_files([tmp_path / "new" / "caracas.txt"])
        expect(page.locator(".intake")).to_contain_text("Embedding")
        assert encoder.asked.wait(20)
        box = page.locator("#question-text")
        box.focus()
        page.keyboard.type("What does the repair of the bridge cost?", delay=20)  # over many steps of the build
        expect(box).to_have_value("What does the repair of the bridge cost?")
        page.keyboard.press("Enter")
        expect(page.locator(".quote").first).to_contain_text("2.4 million euros")
        page.locator(".citation").first.click()
        expect(page.locator("#source li.cited")).to_be_in_viewport()
        page.wait_for_timeout(300)
        expect(page.locator("#source li.cited")).to_be_in_viewport()
        expect(page.locator("#source .source")).to_be_focused()
        page.keyboard.press("Escape")
        visit.hear("How many visitors did the festival in Caracas draw?")
        expect(page.locator(".verdict")).to_be_visible()
        expect(page.locator("progress").last).to_be_visible()
        encoder.let.set()
        expect(page.locator(".added")).to_have_text("caracas.txt")
        page.get_by_role("button", name="Dismiss").click()
        expect(page.locator(".added")).to_have_count(0)
        visit.hear("How many visitors did the festival in Caracas draw?")
        expect(page.locator(".turn").last.locator(".quote").first).to_contain_text("4,000 visitors")


def test_a_folder_is_dropped_with_the_mouse(browser: Browser, tmp_path: Path, real_encoder: SentenceEncoder) -> None:
    assistant = assistant_of(tmp_path, TINY_ARTICLES, real_encoder)
    write_articles(tmp_path / "2020", {"may/caracas.txt": CARACAS, "note.md": "# A note\n\nThe mill is closed.\n"})
    with served(assistant, Options(allow_upload=True)) as url, visiting(browser, url) as visit:
        page = visit.page
        page.get_by_role("button", name="Add").click()
        box = page.locator(".drop").bounding_box()
        assert box
        mouse = page.context.new_cdp_session(page)
        dragged = {"items": [], "files": [str(tmp_path / "2020")], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            at = {"x": box["x"] + 40, "y": box["y"] + 20}
            mouse.send("Input.dispatchDragEvent", {"type": kind, **at, "data": dragged})
        expect(page.locator(".added li")).to_have_text(["2020/may/caracas.txt", "2020/note.md"], timeout=60_000)
        assert (tmp_path / "articles/2020/may/caracas.txt").read_text("utf-8") == CARACAS
        visit.hear("How many visitors did the festival in Caracas draw?")
        expect(page.locator(".citation .place").first).to_have_text("2020/may/caracas.txt:6")
