"""A server for the chat: connections in, so many at once and none that is idle for long. Knows no route."""

import asyncio
import collections
import contextlib
import sys
import threading
import time
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from chat.origins import is_loopback
from chat.rate_limit import address_of

MAX_CONNECTIONS = 500
"""At once; each open page has two or three. Fewer where the system allows fewer open files."""

SHARE_OF_ONE = 4
"""One address elsewhere gets a fourth of them. Those of this machine are not divided: a proxy's are everybody's."""

HEADER_SECONDS = 20
"""Within which a request has to be told, from its first byte or from the start of the connection."""

START_SECONDS = 30


def most_connections() -> int:
    """How many connections are taken at once: half of the open files that the system allows are for other things."""
    if sys.platform == "win32":
        return MAX_CONNECTIONS  # its sockets are no files
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_CONNECTIONS if soft == resource.RLIM_INFINITY else max(8, min(MAX_CONNECTIONS, soft // 2))


class BoundedProtocol(H11Protocol):
    """HTTP over one connection that is closed at once where there are too many, and soon where it stays idle.

    uvicorn's `limit_concurrency` answers 503 to everybody then, and keeps the idle ones.
    """

    at_most = MAX_CONNECTIONS
    _by_address: collections.Counter[str]
    _deadline: asyncio.TimerHandle | None = None
    _counted = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or close it."""
        super().connection_made(transport)
        host = self.client[0] if self.client else ""
        self._counted = address_of(host)
        self._by_address[self._counted] += 1
        too_many = len(self.connections) > self.at_most
        if too_many or (
            not is_loopback(host) and self._by_address[self._counted] > max(1, self.at_most // SHARE_OF_ONE)
        ):
            transport.abort()
        else:
            self._expect_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it no longer."""
        self._expect_nothing()
        self._by_address[self._counted] -= 1
        if not self._by_address[self._counted]:
            del self._by_address[self._counted]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what comes; a request has to be told in time."""
        if self._idle and self._deadline is None:
            self._expect_request()
        super().data_received(data)
        if not self._idle:
            self._expect_nothing()

    @property
    def _idle(self) -> bool:
        """Whether no request is worked on."""
        return self.cycle is None or self.cycle.response_complete

    def _expect_request(self) -> None:
        self._deadline = self.loop.call_later(HEADER_SECONDS, self.transport.abort)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class Server(uvicorn.Server):
    """Serves from a thread of its own, until `close`.

    Attributes:
        at_end: what is put away then.
    """

    def __init__(self, app: ASGIApp, host: str, port: int, *, behind_proxy: bool) -> None:
        # of its own, so that two servers of one process count apart
        kind = type(
            "ServedProtocol", (BoundedProtocol,), {"at_most": most_connections(), "_by_address": collections.Counter()}
        )
        config = uvicorn.Config(
            cast(Any, app),
            host=host,
            port=port,
            http=kind,
            ws="none",
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=behind_proxy,  # from where FORWARDED_ALLOW_IPS says, by default from this machine
            backlog=128,
            timeout_graceful_shutdown=3,  # pages hold a connection as long as they are open
        )
        super().__init__(config)
        self.at_end = contextlib.ExitStack()
        self.thread = threading.Thread(target=self.run, name="articleqa-server", daemon=True)

    def start(self) -> None:
        """Serve, and return when the chat can be asked.

        Raises:
            OSError: it can't be served there.
        """
        self.thread.start()
        until = time.monotonic() + START_SECONDS
        while not self.started:
            if not self.thread.is_alive() or time.monotonic() > until:
                raise OSError(f"the chat could not be served at {self.config.host}, port {self.config.port}")
            time.sleep(0.01)

    def close(self) -> None:
        """End; Gradio calls this."""
        self.should_exit = True
        if self.thread.is_alive():
            self.thread.join(timeout=10)
        self.at_end.close()
