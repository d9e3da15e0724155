"""The folder where uploaded files wait to become articles: how much room there is, and what has waited too long."""

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

MAX_WAITING_BYTES = 500_000_000
MAX_WAITING_FILES = 5_000
"""Of all readers together: two whole uploads, so that a second reader needn't wait for the first."""

MAX_WAITING_SECONDS = 3600
"""After which a file is removed that nobody added: its upload was broken off, or its page was closed."""


class NoRoom(Exception):
    """More files wait to become articles than there is room for. Seen by whoever sent one more."""


class WaitingRoom:
    """Room for uploads, shared by all readers. Safe to use from several threads.

    Args:
        folder: of its own, for this user only.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._expected = 0
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def place_for(self, n_bytes: int) -> Iterator[None]:
        """Keep room for an upload while it comes in; what has waited too long is removed first.

        Raises:
            NoRoom: there is too little.
        """
        with self._lock:
            sizes = self._sweep()
            if len(sizes) >= MAX_WAITING_FILES or sum(sizes) + self._expected + n_bytes > MAX_WAITING_BYTES:
                raise NoRoom("Too many files wait to be added. Try again in some minutes.")
            self._expected += n_bytes
        try:
            yield
        finally:
            with self._lock:
                self._expected -= n_bytes

    def _sweep(self) -> list[int]:
        """Remove what has waited too long; returns the sizes of what still waits, in bytes."""
        sizes = []
        old = time.time() - MAX_WAITING_SECONDS
        for folder, _, names in os.walk(self.folder, topdown=False):
            for name in names:
                file = Path(folder, name)
                with contextlib.suppress(FileNotFoundError):  # it has become an article meanwhile
                    found = file.lstat()
                    if found.st_mtime < old:
                        file.unlink()
                    else:
                        sizes.append(found.st_size)
        return sizes
