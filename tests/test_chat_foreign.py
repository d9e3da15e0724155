"""Pages from elsewhere, in a real Chromium: they read nothing, and have nothing done."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from browsing import free_port, served
from conftest import HashEncoder, hash_build
from playwright.sync_api import Browser, Page, expect

from chat.options import Options
from qa import Answer, Assistant

READ = """async (url) => {
  try { return (await (await fetch(url, { credentials: "include" })).text()).slice(0, 60) } catch { return "refused" }
}"""
ASK = """async (url) => {
  const body = JSON.stringify({ data: ["How many zeppelins are there?", "", "", "", ""] })
  const tried = []
  for (const [type, mode] of [["application/json", "cors"], ["text/plain", "cors"], ["text/plain", "no-cors"]]) {
    try {
      const answer = await fetch(url, { method: "POST", headers: { "Content-Type": type }, body, mode })
      tried.push(answer.type === "opaque" ? "opaque" : (await answer.json()).event_id)
    } catch { tried.push("refused") }
  }
  return tried
}"""


@pytest.fixture
def assistant(tiny_articles: Path, tmp_path: Path) -> Assistant:
    hash_build(tiny_articles, tmp_path / "index")
    return Assistant.open(tmp_path / "index", HashEncoder(), reader=False)


class _Foreign(BaseHTTPRequestHandler):
    """A page of somebody else, under any name."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>foreign</title><iframe sandbox='allow-scripts' srcdoc='<p>null'></iframe>")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def foreign_page(browser: Browser) -> Iterator[tuple[Page, str]]:
    """A page that is open in the browser, and its address but for the name."""
    server = ThreadingHTTPServer(("0.0.0.0", 0), _Foreign)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with browser.new_context() as context:
            yield context.new_page(), f":{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("host", "name"), [("127.0.0.1", "127.0.0.1"), ("127.0.0.2", "127.0.0.2"), ("0.0.0.0", "articles.localhost")]
)
def test_a_foreign_page_reads_no_answer(
    browser: Browser, assistant: Assistant, host: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    ask = Assistant.ask

    def kept(self: Assistant, question: str, *rest: Any, **more: Any) -> Answer:
        asked.append(question)
        return ask(self, question, *rest, **more)

    monkeypatch.setattr(Assistant, "ask", kept)
    port = free_port()
    address = f"http://{name}:{port}"
    with served(assistant, Options(origins=(address,)), host, port), foreign_page(browser) as (page, place):
        for foreign in ("foreign.localhost", "127.0.0.1", "127.0.0.2"):
            page.goto(f"http://{foreign}{place}")
            expect(page).to_have_title("foreign")
            null = next(frame for frame in page.frames if frame.parent_frame)
            assert null.evaluate("self.origin") == "null"
            for frame in (page.main_frame, null):
                for path in ("config", "gradio_api/info", ""):
                    assert frame.evaluate(READ, f"{address}/{path}") == "refused", (foreign, path)
                assert frame.evaluate(ASK, f"{address}/gradio_api/call/ask")[:2] == ["refused", "refused"]
        page.goto(f"{address}/")
        expect(page.locator("#question-text")).to_be_visible()
        assert page.evaluate(READ, f"{address}/config") != "refused"
        assert page.evaluate(ASK, f"{address}/gradio_api/call/ask")[0] != "refused"
    assert asked.count("How many zeppelins are there?") <= 1, "that of its own page; nothing that was sent blindly"
