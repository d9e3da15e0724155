"""Which snapshot of a store is current: `LiveIndex` goes over to a newer one as soon as a build has published it."""

import threading
from collections import deque
from collections.abc import Hashable

from index.errors import IndexCorrupt, IndexMissing, IndexStale
from index.stores.protocol import Snapshot, Store

TAKING_OVER_SECONDS = 0.5
"""How long a question waits for a snapshot that another one is opening; then it is answered from the one before."""

KEPT = 2
"""Snapshots kept behind the current one, so that a quote from before a build is still shown in its article."""


class LiveIndex:
    """The current snapshot of a store. Safe to use from several threads.

    A snapshot that can't be opened never takes the place of one that answers: `verify` tells what is wrong with it.

    Args:
        store: where newer snapshots come from.

    Raises:
        IndexMissing, IndexStale, IndexCorrupt: see `Store.snapshot`.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._stamp: Hashable = store.stamp()  # before it is opened: a build meanwhile is noticed later
        self._current = store.snapshot()
        self._before: deque[Snapshot] = deque(maxlen=KEPT)
        self._taking_over = threading.Lock()

    def current(self) -> Snapshot:
        """The snapshot to ask now. Looking for a newer one is cheap."""
        stamp = self.store.stamp()
        if stamp in (None, self._stamp):
            return self._current
        if self._taking_over.acquire(timeout=TAKING_OVER_SECONDS):
            try:
                if stamp != self._stamp:
                    self._take_over()
                    self._stamp = stamp
            finally:
                self._taking_over.release()
        return self._current

    def kept(self) -> list[Snapshot]:
        """The current snapshot and those before it that are kept, the newest first."""
        return [self.current(), *reversed(self._before)]

    def _take_over(self) -> None:
        try:
            newer = self.store.snapshot()
        except (IndexMissing, IndexStale, IndexCorrupt):
            return
        if newer.about.generation != self._current.about.generation:
            self._before.append(self._current)
            self._current = newer
