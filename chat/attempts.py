"""How often one may be wrong about a password: names and addresses in, how long to wait out. Knows no password."""

import collections
import math
import threading
import time
from collections.abc import Callable

from chat.rate_limit import address_of
from index.errors import ArticleQAError

FREE_OF_A_NAME = 5
FREE_OF_AN_ADDRESS = 20
"""Wrong passwords before one has to wait; many readers may share an address."""

MAX_WAIT_SECONDS = 60.0
"""For a name: whoever wants to lock a reader out locks them out no longer than that."""

FORGET_SECONDS = 3600.0

_MAX_KEPT = 10_000
"""Names, addresses and pairs; before those are forgotten that have waited longest."""


class TooManyAttempts(ArticleQAError):
    """Too many wrong passwords for a name, or from an address. Seen by whoever logs in.

    Attributes:
        wait_seconds: when the next is looked at.
    """

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(f"Too many wrong passwords. The next one is looked at in {wait_seconds} s.")
        self.wait_seconds = wait_seconds


class Attempts:
    """Lets passwords be tried ever more slowly. Safe to use from several threads.

    Each try counts as a wrong one until it is known to be right, so that many at once gain nothing. Where a name has
    come in before, it is not slowed down by what others try from elsewhere.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: collections.OrderedDict[tuple[str, str], tuple[int, float]] = collections.OrderedDict()
        self._known: collections.OrderedDict[tuple[str, str], None] = collections.OrderedDict()
        self._lock = threading.Lock()

    def begin(self, name: str, address: str) -> None:
        """Count a try.

        Raises:
            TooManyAttempts: it comes too early; it isn't counted.
        """
        now = self._clock()
        with self._lock:
            keys = self._keys(name, address)
            wait = max(self._open_at(key, free) for key, free in keys) - now
            if wait > 0:
                raise TooManyAttempts(math.ceil(wait))
            for key, _ in keys:
                wrong, last = self._wrong.pop(key, (0, now))
                self._wrong[key] = (1 if now - last > FORGET_SECONDS else wrong + 1, now)
            while len(self._wrong) > _MAX_KEPT:
                self._wrong.popitem(last=False)

    def succeeded(self, name: str, address: str) -> None:
        """The password was right: the name is as it was before any try, the address one try better."""
        with self._lock:
            (by_name, _), (by_address, _) = self._keys(name, address)
            self._wrong.pop(by_name, None)
            wrong, last = self._wrong.get(by_address, (1, 0.0))
            self._wrong[by_address] = (wrong - 1, last)
            self._known[(name, address_of(address))] = None
            while len(self._known) > _MAX_KEPT:
                self._known.popitem(last=False)

    def _keys(self, name: str, address: str) -> tuple[tuple[tuple[str, str], int], tuple[tuple[str, str], int]]:
        """What is counted, and how many wrong ones of it are free."""
        place = address_of(address)
        by_name = (name, place) if (name, place) in self._known else (name, "")
        return (by_name, FREE_OF_A_NAME), (("", place), FREE_OF_AN_ADDRESS)

    def _open_at(self, key: tuple[str, str], free: int) -> float:
        """When the next try is looked at: at once, then after 1, 2, 4, … seconds."""
        wrong, last = self._wrong.get(key, (0, 0.0))
        return last + min(MAX_WAIT_SECONDS, 2.0 ** min(wrong - free, 16)) if wrong >= free else -math.inf
