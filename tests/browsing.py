"""What the browser tests share: Chromium, a served chat, a visit that records every request, and axe."""

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import write_articles
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from chat.blocks import make_chat
from chat.options import Options
from chat.serve import launch
from index.build import build
from index.encoders.protocol import SentenceEncoder
from qa import Assistant

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


@contextmanager
def opened_browser() -> Iterator[Browser]:
    """Chromium; without it the test is skipped, or fails where it is required."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        message = "neither chromium nor google-chrome is installed"
        if os.environ.get("ARTICLEQA_REQUIRE_BROWSER") == "1":
            pytest.fail(f"ARTICLEQA_REQUIRE_BROWSER=1, but {message}")
        pytest.skip(message)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)


def assistant_of(home: Path, articles: dict[str, str], encoder: SentenceEncoder) -> Assistant:
    """An assistant over articles that are written to a folder of their own in `home`, and whatever is there already."""
    write_articles(home / "articles", articles)
    build(home / "articles", home / "index", loader=lambda _model: encoder)
    return Assistant.open(home / "index", encoder)


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(
    assistant: Assistant, options: Options | None = None, host: str = "127.0.0.1", port: int = 0
) -> Iterator[str]:
    chat = make_chat(assistant, options)
    try:
        yield launch(chat, host, port or free_port(), options)
    finally:
        chat.close()


@dataclass
class Visit:
    """A page of the chat, and what it did: hosts asked, and errors in its console."""

    page: Page
    hosts: set[str | None] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    left: bool = False

    def note(self, error: str) -> None:
        """Keep an error, but for what Gradio's page says of its requests when it has been left for another."""
        breaking_off = ("AbortError: signal is aborted", "Unexpected error Connection errored out")
        if not (self.left and error.startswith(breaking_off)):
            self.errors.append(error)

    def goto(self, url: str) -> None:
        """Leave the page for another."""
        self.left = True
        self.page.goto(url)

    def reload(self) -> None:
        """Leave the page and open it again."""
        self.left = True
        self.page.reload()

    def ask(self, question: str) -> None:
        """Type a question and send it off."""
        self.page.locator("#question-text").fill(question)
        self.page.locator("#question-text").press("Enter")

    def hear(self, question: str) -> None:
        """Ask, and wait for the answer."""
        before = self.page.locator(".rating").count()
        self.ask(question)
        expect(self.page.locator(".rating")).to_have_count(before + 1)


@contextmanager
def visiting(
    browser: Browser, url: str, *, width: int = 1440, height: int = 900, dark: bool = False
) -> Iterator[Visit]:
    """Open the chat; when the test is done, check that all stayed on this machine and free of errors."""
    scheme: Literal["dark", "light"] = "dark" if dark else "light"
    size: ViewportSize = {"width": width, "height": height}
    with browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce") as context:
        visit = Visit(context.new_page())
        visit.page.set_default_timeout(20_000)
        context.on("request", lambda request: visit.hosts.add(urlsplit(request.url).hostname))
        context.on("weberror", lambda error: visit.note(str(error.error)))
        context.on("console", lambda line: visit.note(line.text) if line.type == "error" else None)
        visit.page.goto(url)
        expect(visit.page.locator(".welcome")).to_be_visible()
        expect(visit.page.locator("#question-text")).to_be_focused()
        yield visit
        assert visit.hosts - {None} == {"127.0.0.1"}  # None: data: and blob: addresses
        assert not visit.errors, visit.errors


def findings(page: Page) -> list[str]:
    """What axe-core has to say that matters."""
    results: dict[str, Any] = Axe().run(page).response
    return [
        f"{found['impact']} {found['id']}: {node['html'][:150]} {node.get('failureSummary', '')[:300]}"
        for found in results["violations"]
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]


@contextmanager
def serving(command: list[str], folder: Path, index: Path) -> Iterator[tuple[str, list[str]]]:
    """The address of a chat that is being served, and what its command had printed when it ended."""
    port = free_port()
    environment = os.environ | {"ARTICLEQA_PORT": str(port), "ARTICLEQA_INDEX": str(index)}
    server = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    printed: list[str] = []
    try:
        yield f"http://127.0.0.1:{port}", printed
    finally:
        os.killpg(server.pid, 15)
        printed.append(server.communicate(timeout=20)[0].decode())


def page_of(address: str) -> str:
    deadline = time.monotonic() + 90
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as page:
                return str(page.read().decode())
        except OSError:
            assert time.monotonic() < deadline, f"nothing answers at {address}"
            time.sleep(0.3)
