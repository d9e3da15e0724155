"""A chat in, its address out: how Gradio serves it, behind which walls, and whether it can be served there at all."""

import asyncio
import errno
import importlib.util
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

import gradio as gr

from chat.assets import CHAT_STYLES, LOGIN_STYLES, style
from chat.logins import login_check, read_logins
from chat.options import Options
from chat.uploads import MAX_FILE_BYTES
from chat.walls import middleware
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


class McpMissing(ArticleQAError):
    """The package that `--mcp` needs is not installed. Seen by whoever starts the chat."""


def launch(chat: gr.Blocks, host: str = "127.0.0.1", port: int = 7860, options: Options | None = None) -> str:
    """Serve a chat from a thread of its own and return its address.

    Raises:
        LoginsUnreadable: see `read_logins`.
        OSError: the port is taken.
    """
    options = options or Options()
    logins = read_logins(options.logins) if options.logins else None
    _, address, _ = chat.launch(
        server_name=host,
        server_port=port,
        theme=THEME,
        head=style(CHAT_STYLES),  # Gradio rewrites css_paths, and loses fonts
        app_kwargs={"middleware": middleware(host, uploads=options.allow_upload)},
        auth=cast(Any, _login(logins)) if logins else None,  # its types don't say that it may be awaited
        auth_message="<title>articleqa</title>" + style(LOGIN_STYLES),  # all that Gradio's page for logins takes
        max_file_size=MAX_FILE_BYTES,
        footer_links=[],
        share=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=options.mcp,
        run_history=False,  # it would keep questions and answers in the browser when the tab is closed
        enable_monitoring=False,
        inline=False,
        quiet=True,
        prevent_thread_lock=True,
    )
    return address


def _login(logins: Mapping[str, str]) -> Callable[[str, str], Awaitable[bool]]:
    """The check of a login beside the loop that serves the pages: it takes tenths of a second."""
    check = login_check(logins)

    async def checked(name: str, password: str) -> bool:
        return await asyncio.to_thread(check, name, password)

    return checked


def check_servable(host: str, port: int, options: Options) -> None:
    """Tell at once, and why, if nothing can be served like that: Gradio only says that it found no port.

    Raises:
        AddressUnusable, McpMissing, LoginsUnreadable: see there.
    """
    if options.mcp and importlib.util.find_spec("mcp") is None:
        raise McpMissing("The tools for language models need one more package: pip install 'articleqa[mcp]'")
    if options.logins:
        read_logins(options.logins)
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: just left is free
            probe.bind((host, port))
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        raise AddressUnusable(host, port, error.strerror or type(error).__name__, taken=taken) from error
