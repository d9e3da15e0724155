"""How often one asker may ask. Knows no page and no address."""

import collections
import ipaddress
import math
import threading
import time
from collections.abc import Callable

from chat.options import QUESTIONS_A_MINUTE
from index.errors import QuestionRejected

WINDOW_SECONDS = 60

_MAX_ASKERS = 10_000
"""Kept before those are forgotten that have not asked for a minute."""


def address_of(host: str) -> str:
    """Whose requests are counted together: an IPv4 address, or an IPv6 network of 64 bits, which one household has."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(address) if address.version == 4 else str(ipaddress.ip_network((int(address), 64), strict=False))


class TooManyQuestions(QuestionRejected):
    """More questions from one address than are answered in a minute. Seen by whoever asks.

    Attributes:
        wait_seconds: when the next one is answered.
    """

    def __init__(self, a_minute: int, wait_seconds: int, what: str = "questions") -> None:
        super().__init__(f"At most {a_minute} {what} a minute are answered here. Ask again in {wait_seconds} s.")
        self.wait_seconds = wait_seconds


class RateLimiter:
    """Lets at most `a_minute` questions of one asker through in any 60 s, or whatever else. Safe with several threads.

    Not `limits.MovingWindowRateLimiter` (5.8.0): its memory keeps every asker for ever (100,000 that have asked once:
    18 MB, looked through for 160 ms by a thread after each question), and a clock that is set back locks askers out.
    """

    def __init__(
        self,
        a_minute: int = QUESTIONS_A_MINUTE,
        clock: Callable[[], float] = time.monotonic,
        *,
        what: str = "questions",
    ) -> None:
        self.a_minute = a_minute
        self._what = what
        self._clock = clock
        self._asked: dict[str, collections.deque[float]] = {}
        self._forget_at = _MAX_ASKERS
        self._lock = threading.Lock()

    def check(self, asker: str) -> None:
        """Count a question.

        Raises:
            TooManyQuestions: it is one too many; it isn't counted.
        """
        now = self._clock()
        with self._lock:
            times = self._asked.setdefault(asker, collections.deque())
            while times and times[0] <= now - WINDOW_SECONDS:
                times.popleft()
            if len(times) >= self.a_minute:
                wait = max(1, math.ceil(times[0] + WINDOW_SECONDS - now))
                raise TooManyQuestions(self.a_minute, wait, self._what)
            times.append(now)
            if len(self._asked) > self._forget_at:
                self._asked = {name: kept for name, kept in self._asked.items() if kept[-1] > now - WINDOW_SECONDS}
                self._forget_at = max(_MAX_ASKERS, 2 * len(self._asked))  # not at each question of a crowd
