"""What a request has to pass before the chat, and what the browser may load. Knows ASGI and no questions."""

import ipaddress

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self'"
)
"""What the browser may load: only what this server sends, a second wall behind the escaping. Gradio needs
the two ``unsafe`` words: its page starts from inline scripts, and gr.HTML makes functions of its templates."""

_UPLOADS = "/gradio_api/upload"


class LocalOnly:
    """ASGI middleware that sends `CONTENT_POLICY` with every response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; add the headers as its response starts."""

        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = CONTENT_POLICY
                headers["Referrer-Policy"] = "same-origin"
                headers["X-Content-Type-Options"] = "nosniff"
            await send(message)

        await self.app(scope, receive, send_with_policy)


class NoUploads:
    """ASGI middleware that closes the door through which Gradio takes files."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse an upload, pass on everything else."""
        if scope["type"] == "http" and scope["path"].rstrip("/").endswith(_UPLOADS):
            refusal = PlainTextResponse("Uploads are off. Whoever runs this chat can allow them.", status_code=403)
            await refusal(scope, receive, send)
            return
        await self.app(scope, receive, send)


def is_loopback(host: str) -> bool:
    """Whether only programs on this machine reach what listens on `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def middleware(host: str, *, uploads: bool) -> list[Middleware]:
    """What stands before the chat. On loopback only loopback names are answered, so that a page from
    elsewhere can't reach the articles through a name that it lets point here (DNS rebinding).
    """
    walls = [Middleware(LocalOnly)]
    if is_loopback(host):
        names = ["localhost", "127.0.0.1", "::1", "[::1]", host]
        walls.append(Middleware(TrustedHostMiddleware, allowed_hosts=names, www_redirect=False))
    if not uploads:
        walls.append(Middleware(NoUploads))
    return walls
