"""The chat as it is served: what programs, strangers and language models get from it, over real connections."""

import asyncio
import json
import os
import socket
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from browsing import free_port, served
from conftest import HashEncoder, hash_build, waited_for

from chat import connections
from chat.blocks import make_chat
from chat.endpoints import _told
from chat.logins import hash_password, make_token
from chat.options import Options
from chat.serve import check_servable, launch
from chat.session import Session
from index.errors import AddressUnusable
from qa import Assistant

QUESTION = {"data": ["How many passengers does the ferry carry?", "", "", "", ""]}
FORM = "multipart/form-data; boundary=x"


def form(field: str, name: str, data: bytes) -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
    return head.encode() + data + b"\r\n--x--\r\n"


@pytest.fixture
def assistant(tiny_articles: Path, tmp_path: Path) -> Assistant:
    hash_build(tiny_articles, tmp_path / "index")
    return Assistant.open(tmp_path / "index", HashEncoder(), reader=False)


@pytest.fixture
def logins(tmp_path: Path) -> tuple[Path, str]:
    """A file of logins, ann's with a password and bot's with a token, which is given too."""
    token, kept = make_token()
    file = tmp_path / "logins"
    file.write_text(f"ann:{hash_password('secret')}\nbot:{kept}\n", "utf-8")
    file.chmod(0o600)
    return file, token


def asked(url: str, **headers: str) -> Any:
    """What `/ask` answers."""
    call = httpx.post(f"{url}gradio_api/call/ask", json=QUESTION, headers=headers)
    call.raise_for_status()
    events = httpx.get(f"{url}gradio_api/call/ask/{call.json()['event_id']}", headers=headers, timeout=30).text
    return json.loads(events.split("data: ")[-1])


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "0.0.0.0"])
def test_another_page_is_refused_wherever_it_listens(assistant: Assistant, host: str) -> None:
    port = free_port()
    options = Options(origins=(f"http://articles.example:{port}",))
    with served(assistant, options, host, port) as url:
        assert url == f"http://{'localhost' if host == '0.0.0.0' else host}:{port}/"
        for name in (f"{'127.0.0.1' if host == '0.0.0.0' else host}:{port}", f"articles.example:{port}"):
            for origin in ("http://elsewhere.test", "null", "http://localhost:1"):
                response = httpx.get(f"{url}config", headers={"host": name, "origin": origin})
                assert response.status_code == 403
                assert [header for header in response.headers if header.startswith("access-control")] == []
            own = httpx.get(f"{url}config", headers={"host": name, "origin": f"http://{name}"})
            assert own.status_code == 200


@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_it_listens_on_ipv6(assistant: Assistant, host: str) -> None:
    try:
        port = free_port()
        check_servable(host, port, Options())
    except AddressUnusable:
        with pytest.raises(OSError), socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        pytest.skip("this machine has no IPv6")
    with served(assistant, None, host, port) as url:
        assert url == f"http://[::1]:{port}/"
        assert httpx.get(f"{url}config").status_code == 200


def test_an_empty_host_is_no_address() -> None:
    for host in ("", " ", "[]"):
        with pytest.raises(AddressUnusable, match=r"it names no address; all of this machine are 0\.0\.0\.0"):
            check_servable(host, free_port(), Options())


def test_a_recording_leaves_nothing_behind(assistant: Assistant) -> None:
    before = {*Path(tempfile.gettempdir()).glob("gradio/*.mp4")}
    with served(assistant) as url:
        body = form("video", "a.mp4", b"v" * 1000)
        response = httpx.post(f"{url}gradio_api/process_recording", content=body, headers={"content-type": FORM})
    assert response.status_code == 404
    assert {*Path(tempfile.gettempdir()).glob("gradio/*.mp4")} == before


def test_uploads_wait_in_a_folder_of_their_own_that_goes_with_the_chat(
    assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with served(assistant, Options(allow_upload=True)) as url:
        response = httpx.post(
            f"{url}gradio_api/upload", content=form("files", "a.txt", b"A mill."), headers={"content-type": FORM}
        )
        (file,) = map(Path, response.json())
        assert file.read_bytes() == b"A mill."
        (folder,) = tmp_path.glob("articleqa-uploads-*")
        assert file.is_relative_to(folder)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()


def test_a_broken_off_upload_and_one_too_many_are_told(
    assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.waiting.MAX_WAITING_BYTES", 3_000)
    with served(assistant, Options(allow_upload=True)) as url:
        headers = {"content-type": FORM}
        small = httpx.post(f"{url}gradio_api/upload", content=form("files", "a.txt", b"x" * 2_000), headers=headers)
        assert small.status_code == 200
        more = httpx.post(f"{url}gradio_api/upload", content=form("files", "b.txt", b"x" * 2_000), headers=headers)
        assert (more.status_code, more.headers["retry-after"]) == (503, "60")
        assert "Too many files wait to be added." in more.text
        Path(small.json()[0]).unlink()
        again = httpx.post(f"{url}gradio_api/upload", content=form("files", "b.txt", b"x" * 2_000), headers=headers)
        assert again.status_code == 200


def test_who_asks_is_not_who_they_say(assistant: Assistant) -> None:
    options = Options(questions_a_minute=1)
    with served(assistant, options) as url:
        answers = [asked(url, **{"X-Forwarded-For": f"203.0.113.{number}"}) for number in range(2)]
    assert answers[0][0]["found"] is not None
    assert "At most 1 questions a minute" in json.dumps(answers[1])


def test_behind_a_proxy_who_asks_is_who_it_says(assistant: Assistant) -> None:
    options = Options(questions_a_minute=1, behind_proxy=True, origins=("https://articles.example",))
    with served(assistant, options) as url:
        said = {"Host": "articles.example", "X-Forwarded-Proto": "https", "Origin": "https://articles.example"}
        answers = [asked(url, **said, **{"X-Forwarded-For": f"203.0.113.{number}"}) for number in (1, 2, 1)]
    assert [isinstance(answer, list) for answer in answers[:2]] == [True, True]
    assert "At most 1 questions a minute" in json.dumps(answers[2])


def login(url: str, name: str, password: str, client: Any = httpx) -> httpx.Response:
    response = client.post(f"{url}login", data={"username": name, "password": password})
    assert isinstance(response, httpx.Response)
    return response


def test_a_login_comes_in_and_its_cookie_stays_at_home(assistant: Assistant, logins: tuple[Path, str]) -> None:
    with served(assistant, Options(logins=logins[0])) as url:
        assert httpx.get(f"{url}openapi.json").status_code == 404
        assert httpx.get(f"{url}gradio_api/info").status_code == 401
        response = login(url, "ann", "secret")
        assert response.status_code == 200
        cookies = response.headers.get_list("set-cookie")
        assert len(cookies) == 2
        assert all("SameSite=Lax" in cookie and "HttpOnly" in cookie for cookie in cookies)
        assert "none" not in " ".join(cookies).lower()
        pairs = "; ".join(cookie.split(";")[0] for cookie in cookies)
        assert httpx.get(f"{url}gradio_api/info", headers={"cookie": pairs}).status_code == 200


def test_sixty_wrong_passwords_are_not_looked_at_at_once(
    assistant: Assistant, logins: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = []

    def check(name: str, password: str) -> bool:
        looked_at.append(name)
        return False

    monkeypatch.setattr("chat.serve.login_check", lambda _logins: check)
    with served(assistant, Options(logins=logins[0])) as url, httpx.Client() as client:
        answers = [login(url, "ann", f"wrong{number}", client) for number in range(60)]
    codes = [answer.status_code for answer in answers]
    assert codes[:5] == [400] * 5
    assert set(codes) == {400, 429}
    assert len(looked_at) == codes.count(400) < 10
    assert 1 <= int(answers[5].headers["retry-after"]) <= 2


def test_a_tool_of_a_language_model_needs_its_token(assistant: Assistant, logins: tuple[Path, str]) -> None:
    pytest.importorskip("mcp")
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def talk(url: str) -> tuple[list[str], str]:
        headers = {"Authorization": f"Bearer {logins[1]}"}
        async with (
            streamablehttp_client(f"{url}gradio_api/mcp/", headers=headers) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = await session.list_tools()
            called = await session.call_tool("ask", {"question": QUESTION["data"][0]})
            return [tool.name for tool in tools.tools], called.content[0].text  # type: ignore[union-attr]

    listing = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accept = {"accept": "application/json, text/event-stream"}
    with served(assistant, Options(mcp=True, logins=logins[0])) as url:
        assert httpx.post(f"{url}gradio_api/mcp/", json=listing, headers=accept).status_code == 401
        assert httpx.get(f"{url}gradio_api/mcp/schema").status_code == 404
        wrong = accept | {"authorization": "Bearer wrong"}
        assert httpx.post(f"{url}gradio_api/mcp/", json=listing, headers=wrong).status_code == 401
        names, text = waited_for(talk(url))
        assert names == ["ask", "search"]
        assert "140 passengers" in text
        assert asked(url, Authorization=f"Bearer {logins[1]}")[0]["question"] == QUESTION["data"][0]


def test_calls_of_programs_leave_the_reader_of_the_page_theirs(assistant: Assistant) -> None:
    session = Session(assistant, Options(questions_a_minute=1))
    with _told(session, None):
        pass
    with pytest.raises(gr.Error, match="At most 1 questions a minute"), _told(session, None):
        pass
    session.limiter.check("")


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server that takes few connections, and waits for none of them long."""
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.5)
    monkeypatch.setattr(connections, "most_connections", lambda: 20)
    yield


def closed(connection: socket.socket) -> bool:
    """Whether the other side has hung up."""
    connection.settimeout(5)
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def test_many_idle_connections_keep_nobody_out(assistant: Assistant, hurried: None) -> None:
    with served(assistant) as url:
        port = int(url.rsplit(":", 1)[1].strip("/"))
        idle = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(100)]
        assert all(map(closed, idle)), "those that are too many at once, the others after a while"
        assert httpx.get(f"{url}config").status_code == 200
        for connection in idle:
            connection.close()


def test_a_request_that_comes_byte_by_byte_is_not_waited_for(assistant: Assistant, hurried: None) -> None:
    with (
        served(assistant) as url,
        socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1].strip("/")))) as slow,
    ):
        start = time.monotonic()
        with pytest.raises(OSError):
            for byte in b"GET / HTTP/1.1\r\n" * 100:
                slow.sendall(bytes([byte]))
                time.sleep(0.05)
        assert time.monotonic() - start < 10


def test_a_second_request_has_to_come_in_time_too(assistant: Assistant, hurried: None) -> None:
    with (
        served(assistant) as url,
        socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1].strip("/")))) as slow,
    ):
        slow.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: localhost\r\n\r\n")
        slow.settimeout(5)
        assert slow.recv(65536).startswith(b"HTTP/1.1 200")
        slow.sendall(b"GET")
        while (rest := slow.recv(65536)) != b"":
            assert b"404" not in rest


@pytest.mark.skipif(sys.platform == "win32", reason="its sockets are no files")
def test_fewer_connections_are_taken_than_files_may_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    for soft, most in ((1024, 500), (256, 128), (10, 8), (resource.RLIM_INFINITY, 500)):
        monkeypatch.setattr(resource, "getrlimit", lambda _which, soft=soft: (soft, soft))
        assert connections.most_connections() == most


def test_one_address_elsewhere_gets_a_fourth() -> None:
    """Over no network: connections to a server that takes four, and so one of each address or household."""

    class Pipe(asyncio.Transport):
        def __init__(self, address: str) -> None:
            super().__init__({"peername": (address, 1), "sockname": ("192.0.2.9", 80)})
            self.gone = False

        def abort(self) -> None:
            self.gone = True

        close = abort

    async def connect() -> list[bool]:
        server = connections.Server(lambda *_: None, "127.0.0.1", 0, behind_proxy=False)  # type: ignore[arg-type]
        server.config.load()
        kind: Any = server.config.http_protocol_class
        kind.at_most = 4
        found = []
        for address in ("203.0.113.1", "203.0.113.1", "203.0.113.2", "2001:db8::1", "2001:db8::2"):
            pipe = Pipe(address)
            protocol = kind(config=server.config, server_state=server.server_state, app_state={})
            protocol.connection_made(pipe)
            protocol._expect_nothing()
            found.append(pipe.gone)
            if pipe.gone:
                protocol.connection_lost(None)
        return found

    assert waited_for(connect()) == [False, True, False, False, True]


def test_a_chat_that_is_closed_is_gone(assistant: Assistant) -> None:
    chat = make_chat(assistant)
    url = launch(chat, port=free_port())
    threads = {thread.name for thread in threading.enumerate()}
    assert "articleqa-server" in threads
    chat.close()
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)
    assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"
