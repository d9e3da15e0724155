"""What a request has to pass before the chat, and what the browser may load. Knows ASGI and no questions.

Three walls, outermost first: `LocalOnly` (what the browser is told), `OwnPages` (which pages may ask, under which
names), `Doors` (which requests there are, who may send them, how fast and how large).
"""

import contextlib
import contextvars
from collections.abc import Iterator

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chat.bodies import Bounded, RequestRefused, read_whole, told_length
from chat.doors import Door, door_for
from chat.gate import Gate, TokenUnknown
from chat.origins import Names
from chat.rate_limit import RateLimiter, TooManyQuestions, address_of
from chat.waiting import NoRoom, WaitingRoom

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self'"
)
"""What the browser may load: only what this server sends, a second wall behind the escaping. Gradio needs
the two ``unsafe`` words: its page starts from inline scripts, and gr.HTML makes functions of its templates."""

READER = "articleqa.reader"
"""Where a request keeps the name of the login that sent it."""

CLIENT: contextvars.ContextVar[str] = contextvars.ContextVar("client", default="")
"""The address that the request in hand comes from, for those who don't see the request."""


class LocalOnly:
    """ASGI middleware that says with every response what the browser may load, and lets no other page read it.

    Gradio names other pages that may, and has its cookie sent from all of them; both are taken out again.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; add the headers as its response starts."""

        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = CONTENT_POLICY
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                headers["Referrer-Policy"] = "same-origin"
                headers["X-Content-Type-Options"] = "nosniff"
                kept = [(name, value) for name, value in headers.raw if not name.startswith(b"access-control-")]
                message["headers"] = [
                    (name, _own_cookie(value, scope["scheme"]) if name == b"set-cookie" else value)
                    for name, value in kept
                ]
            await send(message)

        await self.app(scope, receive, send_with_policy)


def _own_cookie(cookie: bytes, scheme: str) -> bytes:
    """A cookie that no other page has sent along, and that never goes over a line that can be read."""
    parts = [part.strip() for part in cookie.split(b";")]
    kept = [part for part in parts if not part.lower().startswith(b"samesite=") and part.lower() != b"secure"]
    return b"; ".join([*kept, b"SameSite=Lax", *([b"Secure"] if scheme == "https" else [])])


class OwnPages:
    """ASGI middleware that answers under the chat's own names, and pages of its own only.

    What a proxy says of a request has been read by now, if it is to be believed; nobody behind this wall sees it.
    """

    def __init__(self, app: ASGIApp, names: Names) -> None:
        self.app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what another page sends, pass on everything else."""
        headers = Headers(scope=scope)
        hosts, origin = headers.getlist("host"), headers.get("origin")
        if len(hosts) != 1 or not self._names.know(hosts[0]):
            text = "This chat isn't known by that name. Whoever runs it can add it: --origin https://NAME"
            await _refuse(scope, receive, send, 400, text)
        elif (origin is not None and not self._names.own(origin, scope["scheme"], hosts[0])) or _from_elsewhere(
            headers
        ):
            await _refuse(scope, receive, send, 403, "Only pages of this chat may ask it.")
        else:
            scope["headers"] = [header for header in scope["headers"] if not header[0].startswith(_FORWARDED)]
            await self.app(scope, receive, send)


_FORWARDED = (b"x-forwarded-", b"forwarded", b"x-gradio-")
"""Gradio believes these of anybody."""


def _from_elsewhere(headers: Headers) -> bool:
    """Whether the browser says that another page has this sent, other than by a link to the chat."""
    return headers.get("sec-fetch-site", "") in ("cross-site", "same-site") and (
        headers.get("sec-fetch-mode") != "navigate" or headers.get("sec-fetch-dest") not in ("document", None)
    )


class Doors:
    """ASGI middleware that closes all of Gradio that isn't used, and keeps who may ask within bounds.

    Args:
        app: the chat.
        opened: its doors.
        gate: who may pass; None lets everyone.
        limiter: how fast.
        room: for uploads; None takes none.
    """

    def __init__(
        self, app: ASGIApp, opened: tuple[Door, ...], gate: Gate | None, limiter: RateLimiter, room: WaitingRoom | None
    ) -> None:
        self.app = app
        self._opened = opened
        self._gate = gate
        self._limiter = limiter
        self._room = room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what goes through a door, in its bounds."""
        client = scope["client"][0] if scope.get("client") else ""
        door = door_for(scope["method"], scope["path"], self._opened)
        try:
            if door is None:
                raise RequestRefused(404, "There is nothing here.")
            reader = self._reader(scope)
            if door.counted:
                self._limiter.check(reader or address_of(client))
            if self._gate and not reader and not door.before_login:
                raise RequestRefused(401, "Not authenticated.")
            CLIENT.set(client)
            await self._pass(door, scope, receive, send)
        except RequestRefused as refused:
            await _refuse(scope, receive, send, refused.status, str(refused))
        except TokenUnknown as unknown:
            await _refuse(scope, receive, send, 401, str(unknown))
        except TooManyQuestions as many:
            await _refuse(scope, receive, send, 429, str(many), retry_after=many.wait_seconds)
        except NoRoom as full:
            await _refuse(scope, receive, send, 503, str(full), retry_after=60)

    def _reader(self, scope: Scope) -> str:
        """The name of the login that sent this, empty for nobody; kept where `chat.sent` finds it."""
        if self._gate is None:
            return ""
        reader, scope["headers"] = self._gate.admit(scope["headers"])
        scope[READER] = reader
        return reader

    async def _pass(self, door: Door, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with a body that is in the bounds of its door."""
        headers = Headers(scope=scope)
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if door.kinds and kind not in door.kinds:
            raise RequestRefused(415, f"Only {' or '.join(door.kinds)} is taken here.")
        length = told_length(scope["headers"], door) if door.kinds or "content-length" in headers else 0
        if door.upload and self._room:
            with self._room.place_for(length):
                await self._take_files(door, scope, receive, send)
        else:
            await self.app(scope, await read_whole(receive, door), send)

    async def _take_files(self, door: Door, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass files on as they come; where they are broken off, what the app would say of it isn't sent."""
        bounded = Bounded(receive, door)

        async def send_unless_refused(message: Message) -> None:
            if bounded.refused is None:
                await send(message)

        with _as_refusal(bounded):
            await self.app(scope, bounded, send_unless_refused)


@contextlib.contextmanager
def _as_refusal(bounded: Bounded) -> Iterator[None]:
    """Raise why a body was refused, in place of whatever that led to."""
    try:
        yield
    except Exception as error:
        if bounded.refused is None:
            raise
        raise bounded.refused from error
    if bounded.refused:
        raise bounded.refused


async def _refuse(
    scope: Scope, receive: Receive, send: Send, status: int, text: str, retry_after: int | None = None
) -> None:
    """Say why a request is refused, and hang up: a body that comes after it isn't read."""
    headers = {"Connection": "close"}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    await PlainTextResponse(text, status, headers)(scope, receive, send)


def walled(
    app: ASGIApp,
    names: Names,
    opened: tuple[Door, ...],
    gate: Gate | None = None,
    limiter: RateLimiter | None = None,
    room: WaitingRoom | None = None,
) -> ASGIApp:
    """A chat behind its walls; see `Doors` for the arguments. What isn't HTTP never reaches it, but for its start."""
    inside = LocalOnly(OwnPages(Doors(app, opened, gate, limiter or RateLimiter(), room), names))

    async def outside(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await app(scope, receive, send)
        elif scope["type"] == "http":
            await inside(scope, receive, send)

    return outside
