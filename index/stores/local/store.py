"""An index in a folder behind `index.stores.protocol.Store`."""

import contextlib
from collections.abc import Callable, Hashable, Iterable, Iterator
from pathlib import Path

from index.errors import IndexBusy, IndexCorrupt, IndexMissing, IndexStale, IndexUnwritable
from index.segment import Segment
from index.stores.local import generations
from index.stores.local.snapshot import LocalSnapshot
from index.stores.local.writer import GenerationWriter
from index.stores.types import Publication, Recorded

_LOCK = "build.lock"


class LocalStore:
    """A folder with generations in it, made when something is published."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def place(self) -> str:
        """See the protocol."""
        return str(self.folder)

    def snapshot(self) -> LocalSnapshot:
        """See the protocol."""
        while True:
            stamp = self.stamp()
            try:
                return LocalSnapshot.open(self.folder)
            except IndexCorrupt:
                if stamp == self.stamp():
                    raise  # else a build has replaced the generation meanwhile: the new one is opened

    def stamp(self) -> Hashable:
        """See the protocol."""
        return generations.current_stamp(self.folder)

    def recorded(self) -> Recorded:
        """See the protocol."""
        manifest = generations.last_manifest(self.folder)
        if manifest is None:
            return Recorded()
        return Recorded.read(manifest.get("articles_folder"), manifest.get("settings"))

    @contextlib.contextmanager
    def locked(self, wait_seconds: float) -> Iterator[None]:
        """See the protocol."""
        import filelock

        generations.check_folder(self.folder)
        with generations.writing(self.folder):
            generations.make_folder(self.folder)
            if (self.folder / _LOCK).is_symlink() or not (self.folder / _LOCK).is_file():
                generations.clear(self.folder / _LOCK)  # nothing is written through a link
        lock = filelock.FileLock(self.folder / _LOCK, timeout=wait_seconds, mode=generations.OWN_FILE)
        try:
            lock.acquire()
        except filelock.Timeout as error:
            raise IndexBusy(self.folder, wait_seconds) from error
        except OSError as error:
            raise IndexUnwritable(self.folder, error.strerror or str(error)) from error
        try:
            yield
        finally:
            lock.release()

    def clean(self) -> None:
        """See the protocol."""
        with contextlib.suppress(IndexMissing, IndexStale, IndexCorrupt), generations.writing(self.folder):
            generation, _ = generations.read_current(self.folder)
            generations.remove_others(self.folder, keep=generation)

    def publish(self, parts: Iterable[Segment], publication: Callable[[], Publication]) -> None:
        """See the protocol."""
        writer = GenerationWriter(self.folder)
        try:
            for part in parts:
                writer.add(part)
            writer.publish(publication())
        except BaseException:
            writer.discard()
            raise
        generations.remove_others(self.folder, keep=writer.name)
