"""A folder of articles in, the index in a store up to date out: the steps in their order.

Articles whose bytes are unchanged keep their chunks and vectors; only the others are read, split and embedded, as
segments that an executor makes. Nothing here prints; progress goes to a callback.
"""

import functools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.articles import check_folder
from index.drafts import make_segment
from index.encoders.load import load_encoder
from index.encoders.models import Model, find_model
from index.encoders.protocol import SentenceEncoder
from index.errors import ArticlesEmpty, IndexCorrupt, IndexMissing, IndexStale
from index.parts import Parts
from index.places import open_store
from index.readers import READERS
from index.scope import Kept, Known, Reading, Scope
from index.segment import Segment
from index.stores.protocol import Snapshot, Store
from index.stores.types import Publication, Recorded, Settings
from index.types import Article, Unread

LOCK_WAIT_SECONDS = 10.0
"""How long a second build waits for the first before it says so."""

BuildProgress = Callable[[str, int, int], None]
"""Called with (step, done, total); steps are "reading" (files) and "embedding" (passages, of those split so far)."""

EncoderLoader = Callable[[Model], SentenceEncoder]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build found and did.

    Attributes:
        place, articles_folder: the index, as a user names it, and what it was built from.
        articles, chunks: how many the index holds now.
        added, changed, removed: paths, against the index as it was.
        unread: files of the folder, and records of them, that could not be indexed, and why.
        notices: paths of articles that were read with a remark, and the remark.
        embedded: chunks that went through the model.
        written: whether a new generation was written (False: all was up to date).
        repaired: why the old index could not be used as a base, if so.
        seconds: wall time.
    """

    place: str
    articles_folder: Path
    articles: int
    chunks: int
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unread: tuple[Unread, ...]
    notices: tuple[tuple[str, str], ...]
    embedded: int
    written: bool
    repaired: str | None
    seconds: float


def build(
    articles_folder: Path,
    index: Store | Path | str,
    model_name: str | None = None,
    *,
    max_tokens: int | None = None,
    full: bool = False,
    follow_links: bool | None = None,
    max_bytes: int | None = None,
    if_lost: Recorded | None = None,
    progress: BuildProgress | None = None,
    loader: EncoderLoader = load_encoder,
    model: Model | None = None,
    executor: Executor | None = None,
    in_flight: int = 2,
) -> BuildReport:
    """Bring an index up to date with the articles in `articles_folder`.

    Model, budget, links and size are those of the index that is there, unless others are given; at first
    those of `Recorded`.

    Args:
        articles_folder: searched with everything below it.
        index: the store, or its place; made when missing.
        model_name: a folder, or a name on the model hub.
        max_tokens: budget of a chunk.
        full: read, split and embed everything again.
        follow_links: search linked folders, and read linked files outside the folder.
        max_bytes: the largest file that is read.
        if_lost: how the index was built, from whoever has read it before; for one that is gone or too
            damaged to tell.
        progress: see `BuildProgress`.
        loader: makes the encoder, and is called only if something has to be embedded.
        model: the model, if the caller has found it already.
        executor: makes the segments; one thread of this process if none is given.
        in_flight: how many segments may wait or be made there: one more than it has workers keeps all of them busy.

    Raises:
        ArticlesMissing, ArticlesEmpty: nothing to index; the index stays as it was.
        IndexMissing: where the index should be is a file.
        ModelUnavailable, ModelMismatch: see `find_model`.
        IndexBusy: another process is building this index.
        IndexUnwritable: the disk is full or refuses; the index stays as it was.
    """
    started = time.perf_counter()
    articles_folder = articles_folder.absolute()
    check_folder(articles_folder)  # a wrong one is told before anything is made
    store = open_store(index) if isinstance(index, Path | str) else index
    find = functools.cache(lambda name: model or find_model(name))

    def as_asked() -> Recorded:
        was = store.recorded()
        known = if_lost if if_lost and (was.lost or was.articles_folder is None) else was
        return known.but(model_name, max_tokens, follow_links, max_bytes)

    find(as_asked().model)  # so is a model that is not there
    with store.locked(LOCK_WAIT_SECONDS):
        wanted = as_asked()  # behind the lock, like the scan: what an earlier build has seen, this one sees
        scope = Scope(articles_folder, store.folder, wanted.follow_links, wanted.max_bytes)
        before, repaired = _opened(store)
        store.clean()
        base = None if full else _usable(before, find(wanted.model), wanted.max_tokens)
        found = scope.scan()
        work = _Build(scope, base, find(wanted.model), wanted.max_tokens, loader, progress)
        written = base is None or found != base.sources() or scope != Scope.of(base, store.folder)
        if written:
            work.publish(store, found, executor, in_flight)
    now = store.snapshot() if written or before is None else before
    return _report(before, now, work.embedded, written, repaired, time.perf_counter() - started)


def _opened(store: Store) -> tuple[Snapshot | None, str | None]:
    """The index to start from, or None; and why there is none, if it was there but unusable."""
    try:
        snapshot = store.snapshot()
        snapshot.verify()  # what is taken over is never read again from its source
        return snapshot, None
    except IndexMissing:
        return None, None
    except (IndexStale, IndexCorrupt) as error:
        return None, str(error)


def _usable(before: Snapshot | None, model: Model, max_tokens: int) -> Snapshot | None:
    """The index that was there, if it was made with the same model and budget."""
    if before is None:
        return None
    settings = before.about.settings
    return before if (settings.fingerprint, settings.max_tokens) == (model.fingerprint, max_tokens) else None


def changes(snapshot: Snapshot, leave_out: Path | None) -> list[str]:
    """Paths of files that were added, changed or removed since the index was built.

    Args:
        snapshot: the index.
        leave_out: the folder of its store, if it has one.

    Raises:
        ArticlesMissing: the folder is gone.
    """
    before, now = snapshot.sources(), Scope.of(snapshot, leave_out).scan()
    return sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))


class _Build:
    """One build: what is kept and what is new becomes segments, and these a new index."""

    def __init__(
        self,
        scope: Scope,
        base: Snapshot | None,
        model: Model,
        max_tokens: int,
        loader: EncoderLoader,
        progress: BuildProgress | None,
    ) -> None:
        self._scope = scope
        self._base = base
        self._model = model
        self._max_tokens = max_tokens
        self._loader = loader
        self._encoder = functools.cache(lambda: loader(model))
        self._tell = progress or silent
        self._parts: Parts | None = None
        self._chunks = 0
        self._made = 0  # chunks that went through the model in this process
        self._stopped = threading.Event()

    @functools.cached_property
    def _reading(self) -> Reading:
        return Reading(self._scope, Known(self._base))

    @property
    def embedded(self) -> int:
        """How many chunks went through the model."""
        return self._parts.new_chunks if self._parts else 0

    def publish(self, store: Store, found: dict[str, str], executor: Executor | None, in_flight: int) -> None:
        """Publish an index of the files that were found."""
        elsewhere = functools.partial(make_elsewhere, self._loader, self._model, self._max_tokens)
        with _given(executor) as executing:
            self._parts = Parts(self._base, elsewhere if executor else self._make, executing, in_flight)
            with closing(self._parts.of(self._entries(found))) as parts:
                try:
                    store.publish(self._counted(parts, told=executor is None), self._publication)
                except BaseException:
                    self._stopped.set()
                    raise

    def _entries(self, found: dict[str, str]) -> Iterator[Kept | Article]:
        told = -1
        for done, entry in self._reading.entries(found):
            if done > told:  # once a file, however many records it has
                self._tell("reading", told := done, len(found))
            if isinstance(entry, Article):
                self._encoder()  # here, so that a model that can't be loaded is told by this thread
            yield entry
        self._tell("reading", len(found), len(found))

    def _make(self, articles: Sequence[Article]) -> Segment:
        """Make a segment in this process, and tell how far it has come; one at a time."""

        def tell(done: int, total: int) -> None:
            if self._stopped.is_set():
                raise CancelledError("nobody waits for this segment any more")
            self._tell("embedding", self._made + done, self._made + total)

        segment = make_segment(articles, self._encoder(), self._max_tokens, tell)
        self._made += len(segment.chunks)
        return segment

    def _counted(self, parts: Iterator[Segment], *, told: bool) -> Iterator[Segment]:
        """Count the chunks of parts; the new ones are told here, unless they were when they were made."""
        for part in parts:
            self._chunks += len(part.chunks)
            if not told and self.embedded > self._made:
                self._made = self.embedded
                self._tell("embedding", self._made, self._made)
            yield part

    def _publication(self) -> Publication:
        """See `Store.publish`.

        Raises:
            ArticlesEmpty: no article has a chunk.
        """
        if not self._chunks:
            unread = [(entry.path, entry.reason) for entry in self._reading.unread]
            raise ArticlesEmpty(self._scope.articles_folder, sorted(READERS), unread)
        return Publication(
            self._scope.articles_folder, self._settings(), self._reading.sources, tuple(self._reading.unread)
        )

    def _settings(self) -> Settings:
        made = self._encoder() if self.embedded or self._base is None else None
        was = self._base.about.settings if self._base else None
        return Settings(
            self._model.name,
            self._model.fingerprint,
            made.dimension if made else was.dimension if was else 0,
            self._max_tokens,
            made.max_tokens if made else was.max_model_tokens if was else 0,
            self._scope.follow_links,
            self._scope.max_bytes,
        )


@functools.cache
def _loaded(loader: EncoderLoader, model: Model) -> SentenceEncoder:
    return loader(model)


def make_elsewhere(loader: EncoderLoader, model: Model, max_tokens: int, articles: Sequence[Article]) -> Segment:
    """`make_segment` for another process or machine, which loads the model once."""
    return make_segment(articles, _loaded(loader, model), max_tokens)


@contextmanager
def _given(executor: Executor | None) -> Iterator[Executor]:
    """The executor that was given, or one thread for as long as it is needed."""
    if executor is not None:
        yield executor
        return
    with ThreadPoolExecutor(1, "segments") as own:
        try:
            yield own
        except BaseException:
            own.shutdown(cancel_futures=True)
            raise


def silent(step: str, done: int, total: int) -> None:
    """The progress of whoever doesn't want to be told."""


def _report(
    base: Snapshot | None, index: Snapshot, embedded: int, written: bool, repaired: str | None, seconds: float
) -> BuildReport:
    articles = index.articles()
    before = {info.path: info.sha256 for info in base.articles()} if base else {}
    now = {info.path: info.sha256 for info in articles}
    return BuildReport(
        place=index.about.place,
        articles_folder=index.about.articles_folder,
        articles=index.about.articles,
        chunks=index.about.chunks,
        added=tuple(path for path in now if path not in before),
        changed=tuple(path for path in now if path in before and before[path] != now[path]),
        removed=tuple(path for path in before if path not in now),
        unread=tuple(index.unread()),
        notices=tuple((info.path, info.notice) for info in articles if info.notice),
        embedded=embedded,
        written=written,
        repaired=repaired,
        seconds=seconds,
    )
