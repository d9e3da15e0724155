"""Articles that are new and articles that are kept in, segments in the same order out; new ones made by an executor.

At most a few segments are in memory at a time, however many articles there are.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field

from index.scope import Kept
from index.segment import Segment
from index.stores.protocol import Snapshot
from index.types import Article

SEGMENT_CHARS = 400_000
"""Characters of new articles that become one segment: about 1,000 passages of news, half a minute of embedding on
one core. More would cost memory, and patience where a worker is lost; each has some milliseconds of its own."""

KEPT_AT_ONCE = 1_000
"""Kept articles that are taken over together; with 30 passages each about 100 MB."""

MakeSegment = Callable[[Sequence[Article]], Segment]


@dataclass(eq=False, slots=True)
class _Batch:
    """New articles that become one segment together; `left` of them are still to be given."""

    articles: list[Article] = field(default_factory=list)
    chars: int = 0
    left: int = 0
    made: "Future[Segment] | None" = None

    def add(self, article: Article) -> int:
        """Append an article; its number."""
        self.articles.append(article)
        self.chars += len(article.text)
        self.left += 1
        return len(self.articles) - 1


class Parts:
    """See the module.

    Args:
        base: the index that kept articles are taken from.
        make: makes a segment; called by the executor.
        executor: where.
        in_flight: how many segments may wait or be made there, at least 1.

    Attributes:
        new_chunks: of new articles, given so far.
    """

    def __init__(self, base: Snapshot | None, make: MakeSegment, executor: Executor, in_flight: int = 2) -> None:
        self._base = base
        self._make = make
        self._executor = executor
        self._in_flight = in_flight
        self.new_chunks = 0
        self._submitted: deque[_Batch] = deque()
        self._waiting: deque[Kept | tuple[_Batch, int]] = deque()  # what is to be given, in order

    def of(self, entries: Iterable[Kept | Article]) -> Generator[Segment, None, None]:
        """Segments of all entries, in their order."""
        batch = _Batch()
        try:
            for entry in entries:
                self._waiting.append(entry if isinstance(entry, Kept) else (batch, batch.add(entry)))
                if batch.chars >= SEGMENT_CHARS:
                    self._submit(batch)
                    batch = _Batch()
                if len(self._submitted) > self._in_flight:
                    yield from self._given(self._submitted.popleft())
            if batch.articles:
                self._submit(batch)
            yield from self._given(None)
        finally:
            for unmade in self._submitted:
                assert unmade.made is not None
                unmade.made.cancel()

    def _submit(self, batch: _Batch) -> None:
        batch.made = self._executor.submit(self._make, batch.articles)
        self._submitted.append(batch)

    def _given(self, last: _Batch | None) -> Iterator[Segment]:
        """What waits, up to the last article of a batch; all of it without one."""
        while self._waiting and (last is None or last.left):
            first = self._waiting[0]
            yield self._kept() if isinstance(first, Kept) else self._new(*first)

    def _kept(self) -> Segment:
        """The next kept articles, as many as stand together."""
        assert self._base is not None
        run: list[Kept] = []
        while self._waiting and isinstance(entry := self._waiting[0], Kept) and len(run) < KEPT_AT_ONCE:
            run.append(entry)
            self._waiting.popleft()
        return self._base.segment([kept.path for kept in run]).renamed([kept.info for kept in run])

    def _new(self, batch: _Batch, first: int) -> Segment:
        """The next articles of a batch, as many as stand together."""
        last = first
        while self._waiting and self._waiting[0] == (batch, last):
            self._waiting.popleft()
            last += 1
        batch.left -= last - first
        assert batch.made is not None
        segment = batch.made.result().take(first, last)
        self.new_chunks += len(segment.chunks)
        return segment
