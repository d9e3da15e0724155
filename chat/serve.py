"""A chat in, its address out: how Gradio serves it, behind which walls, and whether it can be served there at all."""

import asyncio
import contextlib
import errno
import importlib.util
import socket
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, cast

import gradio as gr
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount

from chat.assets import CHAT_STYLES, LOGIN_STYLES, style
from chat.attempts import Attempts, TooManyAttempts
from chat.connections import Server
from chat.doors import doors
from chat.gate import Gate
from chat.logins import login_check, programs, read_logins
from chat.options import REQUESTS_A_QUESTION, Options
from chat.origins import Names
from chat.rate_limit import RateLimiter
from chat.uploads import MAX_FILE_BYTES
from chat.waiting import WaitingRoom
from chat.walls import CLIENT, walled
from index.errors import AddressUnusable, ArticleQAError

THEME = gr.themes.Base(
    font=["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif"],  # plain strings: no
    font_mono=["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"],  # font is fetched for them
).set(
    body_background_fill="#fbfaf6",
    body_background_fill_dark="#171614",
    body_text_color="#1d1b18",
    body_text_color_dark="#ebe7dd",
)

LOGIN_NOTE = "<p>After some wrong passwords the next has to wait up to a minute.</p>"
"""On the page for logins: Gradio's says nothing while one has to wait."""


class McpMissing(ArticleQAError):
    """The package that `--mcp` needs is not installed. Seen by whoever starts the chat."""


def launch(chat: gr.Blocks, host: str = "127.0.0.1", port: int = 7860, options: Options | None = None) -> str:
    """Serve a chat from a thread of its own and return its address; `chat.close` ends it.

    Raises:
        LoginsUnreadable, OriginUnusable: see there.
        OSError: the port is taken.
    """
    options = options or Options()
    host = plain_host(host)
    names = Names.of(host, options.origins)
    logins = read_logins(options.logins) if options.logins else None
    outer = _mounted(chat, logins, options)
    inner = cast(Any, next(route.app for route in outer.routes if isinstance(route, Mount)))
    at_end = contextlib.ExitStack()
    room = _waiting_room(inner, at_end) if options.allow_upload else None
    limiter = RateLimiter(REQUESTS_A_QUESTION * options.questions_a_minute, what="requests")
    app = walled(outer, names, doors(options), _gate(inner, logins), limiter, room)
    server = Server(app, host, port, behind_proxy=options.behind_proxy)
    server.at_end = at_end
    served: Any = chat  # Gradio keeps them so, where it serves by itself
    served.server, served.server_port, served.app = server, port, inner
    server.start()
    return f"http://{f'[{host}]' if ':' in host else 'localhost' if host == '0.0.0.0' else host}:{port}/"


def _mounted(chat: gr.Blocks, logins: Mapping[str, str] | None, options: Options) -> Starlette:
    """An app that starts Gradio's and passes everything on to it. Gradio serving by itself would put its walls before
    ours, believe what anybody says to be forwarded, and take any number of connections.
    """
    outer = gr.mount_gradio_app(
        cast(Any, Starlette()),
        chat,
        path="/",
        theme=THEME,
        head=style(CHAT_STYLES),  # Gradio rewrites css_paths, and loses fonts
        auth=cast(Any, _login(logins)) if logins else None,  # its types don't say that it may be awaited
        auth_message="<title>articleqa</title>"
        + style(LOGIN_STYLES)
        + LOGIN_NOTE,  # all that its page for logins takes
        max_file_size=MAX_FILE_BYTES,
        footer_links=[],
        ssr_mode=False,
        pwa=False,
        mcp_server=options.mcp,
        run_history=False,  # it would keep questions and answers in the browser when the tab is closed
        enable_monitoring=False,
    )
    return cast(Starlette, outer)


def _gate(inner: Any, logins: Mapping[str, str] | None) -> Gate | None:
    """The gate before Gradio's app, whose cookies and sessions it knows; it has none where everyone may come in."""
    if not logins:
        return None
    cookies = (f"access-token-{inner.cookie_id}", f"access-token-unsecure-{inner.cookie_id}")
    return Gate(programs(logins), inner.tokens, cookies)


def _waiting_room(inner: Any, at_end: contextlib.ExitStack) -> WaitingRoom:
    """A folder for uploads that is this user's alone, and goes when the chat is closed or the program ends."""
    inner.uploaded_file_dir = at_end.enter_context(tempfile.TemporaryDirectory(prefix="articleqa-uploads-"))
    return WaitingRoom(Path(inner.uploaded_file_dir))


def _login(logins: Mapping[str, str]) -> Callable[[str, str], Awaitable[bool]]:
    """The check of a login beside the loop that serves the pages: it takes tenths of a second."""
    check = login_check(logins)
    attempts = Attempts()

    async def checked(name: str, password: str) -> bool:
        address = CLIENT.get()
        try:
            attempts.begin(name, address)
        except TooManyAttempts as error:
            raise HTTPException(429, str(error), {"Retry-After": str(error.wait_seconds)}) from error
        right = await asyncio.to_thread(check, name, password)
        if right:
            attempts.succeeded(name, address)
        return right

    return checked


def plain_host(host: str) -> str:
    """A host without the brackets that an IPv6 address has in a URL."""
    return host.strip().removeprefix("[").removesuffix("]")


def check_servable(host: str, port: int, options: Options) -> None:
    """Tell at once, and why, if nothing can be served like that.

    Raises:
        AddressUnusable, McpMissing, LoginsUnreadable, OriginUnusable: see there.
    """
    if options.mcp and importlib.util.find_spec("mcp") is None:
        raise McpMissing("The tools for language models need one more package: pip install 'articleqa[mcp]'")
    if options.logins:
        read_logins(options.logins)
    Names.of(host, options.origins)
    host = plain_host(host)
    if not host:
        raise AddressUnusable(host, port, "it names no address; all of this machine are 0.0.0.0", taken=False)
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: just left is free
            probe.bind((host, port))
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        raise AddressUnusable(host, port, error.strerror or type(error).__name__, taken=taken) from error
