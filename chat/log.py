"""What a server tells its operator, kept from growing without end: a stream in, so many bytes a minute of it out."""

import threading
import time
from collections.abc import Callable
from typing import TextIO

MAX_CHARACTERS_A_MINUTE = 100_000
"""Some dozen errors with all that led to them. Who asks can make the server write; more is left out, and said so."""


class BoundedStream:
    """Writes to a stream what fits in a minute, and at the start of the next how much did not. For several threads.

    Everything else of the stream is passed on.
    """

    def __init__(
        self, stream: TextIO, a_minute: int = MAX_CHARACTERS_A_MINUTE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream
        self._a_minute = a_minute
        self._clock = clock
        self._since = clock()
        self._written = 0
        self._left_out = 0
        self._lock = threading.Lock()

    def write(self, text: str) -> int:
        """Write a text, or count it as left out."""
        with self._lock:
            if self._clock() - self._since >= 60:
                if self._left_out:
                    self._stream.write(f"[{self._left_out:,} characters of messages were left out]\n")
                self._since, self._written, self._left_out = self._clock(), 0, 0
            if self._written + len(text) > self._a_minute:
                self._left_out += len(text)
            else:
                self._written += len(text)
                self._stream.write(text)
        return len(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)
