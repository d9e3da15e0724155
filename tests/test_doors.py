"""The doors against the routes that Gradio really has: what is not named here is closed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import gradio as gr
import pytest
from gradio.events import api
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from chat.doors import door_for, doors
from chat.options import Options

API = "/gradio_api"
PAGE = {
    "GET /", "HEAD /", "GET /config", "GET /config/", "GET /static/a/b", "GET /assets/a/b",
    "GET /theme.css", "GET /favicon.ico", "GET /robots.txt",
    f"GET {API}/info", f"GET {API}/info/", f"GET {API}/queue/data", f"GET {API}/heartbeat/x",
    f"POST {API}/queue/join", f"POST {API}/component_server", f"POST {API}/component_server/",
}  # fmt: skip
PROGRAMS = {f"POST {API}/call/ask", f"POST {API}/call/ask/", f"GET {API}/call/ask/x"}
LOGIN = {"POST /login", "POST /login/", "GET /logout"}
UPLOAD = {f"POST {API}/upload", f"GET {API}/upload_progress"}
MCP = {f"{method} {API}/mcp/" for method in ("GET", "POST", "DELETE")}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")


def filled(path: str) -> str:
    """A path of a route with something in each of its places."""
    path = path.replace("{api_name}", "ask").replace("{path:path}", "a/b").replace("{path_or_url:path}", "a/b")
    return re.sub(r"\{[^}]*\}", "x", path)


def requests_of(routes: Any, above: str = "") -> Iterator[str]:
    """Each request that some route takes, ``GET /path``."""
    for route in routes:
        inner = getattr(route, "original_router", None)  # what FastAPI puts in place of a router that is included
        if inner is not None:
            yield from requests_of(inner.routes, above)
        elif isinstance(route, Mount):
            under = above + route.path
            yield from (f"{method} {under}/" for method in METHODS)
            yield from requests_of(route.routes, under)
        else:
            assert isinstance(route, Route), f"a route of a kind that this test doesn't know: {route}"
            yield from (f"{method} {above}{filled(route.path)}" for method in route.methods or METHODS)


@pytest.fixture(scope="module")
def real() -> set[str]:
    """All requests of Gradio's app with everything on that can be."""
    with gr.Blocks(analytics_enabled=False) as blocks:
        gr.HTML("x")
        api(filled, api_name="ask")
    outer: Any = gr.mount_gradio_app(
        cast(Any, Starlette()),
        blocks,
        path="/",
        mcp_server=True,
        auth=("a", "b"),
    )
    (mount,) = outer.routes
    return {*requests_of(mount.app.routes)}


@pytest.mark.parametrize(
    ("options", "opened"),
    [
        (Options(), PAGE | PROGRAMS),
        (Options(logins=Path("logins")), PAGE | PROGRAMS | LOGIN),
        (Options(allow_upload=True), PAGE | PROGRAMS | UPLOAD),
        (Options(mcp=True), PAGE | PROGRAMS | MCP),
    ],
)
def test_of_the_routes_of_gradio_only_these_are_open(real: set[str], options: Options, opened: set[str]) -> None:
    told = {request: request.partition(" ") for request in real}
    found = {request for request, (method, _, path) in told.items() if door_for(method, path, doors(options))}
    assert found == opened


def test_the_routes_that_were_attacked_are_among_them(real: set[str]) -> None:
    """Or the test above would say nothing."""
    attacked = {f"POST {API}/process_recording", f"GET {API}/file=a/b", f"GET {API}/proxy=x", f"POST {API}/vibe-edit"}
    assert attacked | {"GET /openapi.json", f"GET {API}/mcp/schema", "GET /monitoring"} <= real
    assert len(real) > 80


@pytest.mark.parametrize(
    "path",
    [
        f"{API}/call/_private", f"{API}/call/ask/../x", f"{API}/queue/join/x", f"/x{API}/queue/join",
        f"/{API}/queue/join", f"{API}/queue/join\n", f"{API}/heartbeat/{'x' * 101}", "", "//",
    ],
)  # fmt: skip
def test_a_path_that_only_looks_like_an_open_one_is_closed(path: str) -> None:
    opened = doors(Options())
    assert door_for("GET", path, opened) is None
    assert door_for("POST", path, opened) is None
