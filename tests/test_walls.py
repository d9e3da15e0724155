"""What a request has to pass before the chat: names, pages, doors, logins, bodies; without a server."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import waited_for
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from chat.doors import MAX_JSON_BYTES, doors
from chat.gate import Gate
from chat.logins import make_token, programs
from chat.options import Options
from chat.origins import Names
from chat.rate_limit import RateLimiter
from chat.walls import READER, walled

JOIN = "/gradio_api/queue/join"
JSON = {"content-type": "application/json"}


async def answer(request: Request) -> Response:
    """Everything that Gradio says too much of, and how much came."""
    body = await request.body()
    headers = dict(request.headers)
    said = {"bytes": len(body), "headers": headers, "reader": request.scope.get(READER, "")}
    response = JSONResponse(
        said, headers={"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Credentials": "true"}
    )
    response.set_cookie("access-token-x", "s", httponly=True, samesite="none", secure=True)
    response.set_cookie("other", "s")
    return response


def small_app(host: str = "127.0.0.1", options: Options | None = None, **walls: Any) -> TestClient:
    options = options or Options()
    methods = ["GET", "POST", "DELETE", "OPTIONS"]
    inner = Starlette(routes=[Route("/{path:path}", answer, methods=methods)])
    app = walled(inner, Names.of(host, options.origins), doors(options), **walls)
    return TestClient(app, base_url=f"http://{f'[{host}]' if ':' in host else host}:7860", client=("192.0.2.1", 9))


@pytest.mark.parametrize(
    ("host", "name", "status"),
    [
        ("127.0.0.1", "127.0.0.1:7860", 200),
        ("127.0.0.1", "localhost:7860", 200),
        ("::1", "[::1]:7860", 200),
        ("127.0.0.1", "rebound.elsewhere.test", 400),
        ("0.0.0.0", "rebound.elsewhere.test", 400),
        ("0.0.0.0", "192.0.2.7:7860", 200),
    ],
)
def test_only_its_own_names_are_answered(host: str, name: str, status: int) -> None:
    response = small_app(host).get("/", headers={"host": name})
    assert response.status_code == status
    if status == 400:
        assert "--origin https://NAME" in response.text


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "0.0.0.0"])
@pytest.mark.parametrize("origin", ["http://elsewhere.test", "null", "http://localhost:1", "http://127.0.0.2:1"])
def test_other_pages_are_refused_and_told_nothing(host: str, origin: str) -> None:
    client = small_app(host, Options(origins=("http://articles.example",)))
    for name in (f"{host}:7860", "articles.example"):
        for method in ("GET", "POST", "OPTIONS"):
            headers = {"host": name, "origin": origin, "access-control-request-method": "POST"} | JSON
            path = "/config" if method == "GET" else JOIN
            response = client.request(method, path, headers=headers, content=b"" if method == "GET" else b"{}")
            assert response.status_code == 403, (name, method)
            assert [header for header in response.headers if header.startswith("access-control")] == []


def test_its_own_page_is_answered_and_no_other_may_read_it() -> None:
    client = small_app("127.0.0.2")
    response = client.post(JOIN, headers={"origin": "http://127.0.0.2:7860"} | JSON, content=b"{}")
    assert response.status_code == 200
    assert [header for header in response.headers if header.startswith("access-control")] == []
    assert response.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("site", "mode", "dest", "status"),
    [
        ("cross-site", "no-cors", "image", 403),
        ("same-site", "cors", "empty", 403),
        ("cross-site", "navigate", "iframe", 403),
        ("cross-site", "navigate", "document", 200),
        ("same-origin", "cors", "empty", 200),
        ("none", "navigate", "document", 200),
    ],
)
def test_what_a_browser_says_of_a_request_counts(site: str, mode: str, dest: str, status: int) -> None:
    sent = {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": dest}
    assert small_app().get("/", headers=sent).status_code == status


def test_a_cookie_is_sent_along_by_its_own_page_only() -> None:
    plain = small_app().get("/").headers.get_list("set-cookie")
    assert plain == ["access-token-x=s; HttpOnly; Path=/; SameSite=Lax", "other=s; Path=/; SameSite=Lax"]
    secure = TestClient(small_app().app, base_url="https://127.0.0.1").get("/").headers.get_list("set-cookie")
    assert secure == [f"{cookie}; Secure" for cookie in plain]


def test_what_anybody_says_to_be_forwarded_is_not_passed_on() -> None:
    sent = {"x-forwarded-host": "elsewhere.test", "x-forwarded-for": "203.0.113.9", "x-gradio-server": "http://e.test"}
    seen = small_app().get("/", headers=sent | {"forwarded": "for=x", "x-other": "1"}).json()["headers"]
    assert seen["x-other"] == "1"
    assert not {*sent, "forwarded"} & {*seen}


@pytest.mark.parametrize("path", ["/gradio_api/upload", "/gradio_api/upload/"])
def test_uploads_are_closed_unless_opened(path: str) -> None:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    assert small_app().post(path, headers=headers).status_code == 404
    assert small_app(options=Options(allow_upload=True)).post(path, headers=headers).status_code == 200


@pytest.mark.parametrize("told", [True, False])
def test_a_body_is_bounded_with_and_without_its_length(told: bool) -> None:
    client = small_app()

    def body(size: int) -> Any:
        return b"x" * size if told else iter([b"x" * (size // 2), b"x" * (size - size // 2)])

    whole = client.post(JOIN, content=body(MAX_JSON_BYTES), headers=JSON)
    assert (whole.status_code, whole.json()["bytes"]) == (200, MAX_JSON_BYTES)
    refused = client.post(JOIN, content=body(MAX_JSON_BYTES + 1), headers=JSON)
    assert (refused.status_code, refused.text) == (413, "At most 2,000,000 bytes are taken here.")
    assert refused.headers["connection"] == "close"
    assert client.request("GET", "/", content=body(1 if told else 2)).status_code == 413


@pytest.mark.parametrize(
    ("path", "kind"), [(JOIN, "multipart/form-data; boundary=x"), (JOIN, "text/plain"), (JOIN, "")]
)
def test_a_body_of_another_kind_is_refused(path: str, kind: str) -> None:
    response = small_app().post(path, content=b"{}", headers={"content-type": kind})
    assert (response.status_code, response.text) == (415, "Only application/json is taken here.")


async def exchange(app: Any, path: str, kind: bytes, pieces: list[bytes]) -> tuple[int, bytes]:
    """Send pieces of a body that never ends; what came back."""
    sent: list[dict[str, Any]] = []
    left = list(pieces)

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.sleep(60)
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": left.pop(0), "more_body": True}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"host", b"127.0.0.1:7860"), (b"content-type", kind)]
    scope = {"type": "http", "method": "POST", "path": path, "scheme": "http", "headers": headers, "client": ("::1", 1)}
    await app(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent)


@pytest.mark.parametrize("path", [JOIN, "/gradio_api/upload"])
def test_a_body_that_does_not_come_is_not_waited_for(path: str) -> None:
    opened = tuple(replace(door, seconds=0.05) for door in doors(Options(allow_upload=True)))
    inner = Starlette(routes=[Route("/{path:path}", answer, methods=["POST"])])
    app = walled(inner, Names.of("127.0.0.1"), opened)
    kind = b"application/json" if path == JOIN else b"multipart/form-data"
    status, said = waited_for(exchange(app, path, kind, [b"x"]))
    assert (status, said) == (408, b"A request has to be there within 0 s.")


def test_all_requests_have_a_pace_but_for_what_the_browser_keeps() -> None:
    client = small_app(limiter=RateLimiter(2, what="requests"))
    assert [client.get("/").status_code for _ in range(3)] == [200, 200, 429]
    refused = client.post(JOIN, content=b"{}", headers=JSON)
    assert refused.status_code == 429
    assert "At most 2 requests a minute are answered here." in refused.text
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert client.get("/assets/a.js").status_code == 200


def gated() -> tuple[TestClient, str, dict[str, str]]:
    token, kept = make_token()
    sessions = {"of-ann": "ann"}
    gate = Gate(programs({"bot": kept, "ann": "secret"}), sessions, ("access-token-x", "access-token-unsecure-x"))
    options = Options(logins=Path("logins"), mcp=True)
    return small_app(options=options, gate=gate), token, sessions


def test_without_a_login_all_is_closed_but_the_way_in() -> None:
    client, _, _ = gated()
    for path in (
        "/config",
        "/gradio_api/info",
        "/gradio_api/mcp/",
        "/gradio_api/heartbeat/x",
        "/gradio_api/queue/data",
    ):
        response = client.get(path)
        assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer"), path
    assert client.post("/gradio_api/mcp/", content=b"{}", headers=JSON).status_code == 401
    assert client.get("/").status_code == client.get("/assets/a.js").status_code == 200
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/login", content=b"username=a", headers=form).status_code == 200


def test_a_cookie_or_a_token_lets_in() -> None:
    client, token, sessions = gated()
    seen = client.get("/config", headers={"cookie": "odd[]=1; access-token-unsecure-x=of-ann"}).json()
    assert seen["reader"] == "ann"
    assert client.get("/config", headers={"cookie": "access-token-x=nobodys"}).status_code == 401
    seen = client.get("/config", headers={"authorization": f"Bearer {token}", "cookie": "access-token-x=of-ann"}).json()
    assert seen["reader"] == "bot"
    session = seen["headers"]["cookie"].removeprefix("access-token-unsecure-x=")
    assert sessions[session] == "bot"
    assert "authorization" not in seen["headers"]
    assert client.get("/config", headers={"authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/config", headers={"authorization": f"Basic {token}"}).status_code == 401


def test_the_token_itself_or_what_is_kept_of_it_is_no_session() -> None:
    client, token, sessions = gated()
    client.get("/config", headers={"authorization": f"Bearer {token}"})
    (kept,) = (session for session, name in sessions.items() if name == "bot")
    assert token not in sessions and kept != token
    assert client.get("/config", headers={"authorization": f"Bearer {kept}"}).status_code == 401


def test_a_text_of_another_app_stays_one() -> None:
    app = walled(PlainTextResponse("x"), Names.of("127.0.0.1"), doors(Options()))
    response = TestClient(app, base_url="http://127.0.0.1").get("/")
    assert response.text == "x"
    assert response.headers["content-security-policy"].startswith("default-src 'self';")
