"""Who may ask, how often, and what the browser may load. Knows ASGI and no questions."""

import collections
import hmac
import ipaddress
import math
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.errors import ArticleQAError, QuestionRejected

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self'"
)
"""What the browser may load: only what this server sends, a second wall behind the escaping. Gradio needs
the two ``unsafe`` words: its page starts from inline scripts, and gr.HTML makes functions of its templates."""

QUESTIONS_A_MINUTE = 60
"""From one address: more than a reader types, less than a runaway loop asks."""

_UPLOADS = "/gradio_api/upload"
_MAX_ASKERS = 10_000


class LoginsUnreadable(ArticleQAError):
    """The file of logins is not there or not one. Seen by whoever starts the chat."""


class TooManyQuestions(QuestionRejected):
    """More questions from one address than are answered in a minute. Seen by whoever asks.

    Attributes:
        wait_seconds: when the next one is answered.
    """

    def __init__(self, a_minute: int, wait_seconds: int) -> None:
        super().__init__(f"At most {a_minute} questions a minute are answered here. Ask again in {wait_seconds} s.")
        self.wait_seconds = wait_seconds


class Pace:
    """Lets at most `a_minute` questions of one asker through in any 60 s. Safe to use from several threads."""

    def __init__(self, a_minute: int = QUESTIONS_A_MINUTE, clock: Callable[[], float] = time.monotonic) -> None:
        self.a_minute = a_minute
        self._clock = clock
        self._asked: dict[str, collections.deque[float]] = {}
        self._lock = threading.Lock()

    def check(self, asker: str) -> None:
        """Count a question.

        Raises:
            TooManyQuestions: it is one too many; it isn't counted.
        """
        now = self._clock()
        with self._lock:
            times = self._asked.setdefault(asker, collections.deque())
            while times and times[0] <= now - 60:
                times.popleft()
            if len(times) >= self.a_minute:
                raise TooManyQuestions(self.a_minute, max(1, math.ceil(times[0] + 60 - now)))
            times.append(now)
            if len(self._asked) > _MAX_ASKERS:
                self._asked = {name: kept for name, kept in self._asked.items() if kept and kept[-1] > now - 60}


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
            refusal = PlainTextResponse("Uploads are off. Start the chat with --allow-upload.", status_code=403)
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


def read_logins(path: Path) -> dict[str, str]:
    """Names and passwords of a file with one ``name:password`` a line; blank lines and ``#`` lines are skipped.

    Raises:
        LoginsUnreadable: it can't be read, others can read it too, or it holds no login.
    """
    try:
        shared = path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LoginsUnreadable(f"The logins in {path} can't be read: {error}.") from error
    if shared:
        raise LoginsUnreadable(f"Other users of this machine may read the passwords in {path}: chmod 600 {path}")
    logins = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, password = line.partition(":")
        if not (colon and name.strip() and password):
            raise LoginsUnreadable(f"{path}:{number} is no login. Write one name:password a line.")
        logins[name.strip()] = password
    if not logins:
        raise LoginsUnreadable(f"{path} holds no login. Write one name:password a line.")
    return logins


def login_check(logins: dict[str, str]) -> Callable[[str, str], bool]:
    """A check of a name and a password that takes as long for a wrong one as for a right one."""

    def check(name: str, password: str) -> bool:
        known = logins.get(name)
        same = hmac.compare_digest((known or "").encode(), password.encode())
        return known is not None and same

    return check
