"""An index in memory, done the plainest way: every article and every chunk is looked at for every question.

It is what other stores are compared with (tests/store_conformance.py), and enough for tests of what lies above.
"""

import contextlib
import datetime
import functools
import itertools
import math
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from index.digests import sha256_of
from index.encoders.protocol import Vectors
from index.errors import ArticleUnknown, IndexBusy, IndexMissing
from index.filters import Filters
from index.repeated import repeated, without_repeated
from index.segment import BlockColumn, Column, Segment, blocks_of, merge, roles_of
from index.stores.protocol import Selection
from index.stores.sampling import spread
from index.stores.types import (
    About,
    Candidates,
    ChunkId,
    Holding,
    Publication,
    Recorded,
    Shelf,
    StoredChunk,
)
from index.types import Article, ArticleInfo, Block, Unread
from index.wording import Wording

K1, B = 0.8, 0.75
"""Of BM25, see index/stores/local/lexical.py."""


@dataclass(frozen=True, slots=True)
class MemorySelection:
    """Numbers of articles, and how many chunks they have."""

    numbers: tuple[int, ...]
    chunks: int

    @property
    def articles(self) -> int:
        """How many articles."""
        return len(self.numbers)


def _own(selection: Selection) -> MemorySelection:
    if not isinstance(selection, MemorySelection):
        raise TypeError("a selection is understood by the snapshot that made it only")
    return selection


class MemorySnapshot:
    """See `index.stores.protocol.Snapshot`."""

    def __init__(self, place: str, segment: Segment, publication: Publication) -> None:
        self._segment = segment
        self._publication = publication
        self._digests = [sha256_of(text) for text in segment.texts]
        self._terms = [Counter(row) for row in segment.terms.rows()]
        articles, keys = segment.blocks[:, BlockColumn.ARTICLE], segment.blocks[:, BlockColumn.KEY]
        found = repeated(articles, keys, lambda number: segment.articles[number].value("title"))
        self._repeated = frozenset(found.tolist())
        self._by_path = {info.path: number for number, info in enumerate(segment.articles)}
        dates = sorted(filter(None, (info.value("published") for info in segment.articles)))
        languages = Counter(info.language for info in segment.articles)
        self.about = About(
            place=place,
            generation=uuid.uuid4().hex,
            created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            articles_folder=publication.articles_folder,
            settings=publication.settings,
            articles=len(segment.articles),
            chunks=len(segment.chunks),
            sentences=len(segment.sentences),
            unread=len(publication.unread),
            undated=len(segment.articles) - len(dates),
            first_date=dates[0] if dates else "",
            last_date=dates[-1] if dates else "",
            languages=tuple(sorted(languages, key=lambda language: (-languages[language], language))),
        )

    def select(self, filters: Filters, paths: Sequence[str] | None = None) -> MemorySelection:
        """See the protocol."""
        named = [filters.path] if filters.path in self._by_path else self._by_path
        wanted = [path for path in named if paths is None or path in paths]
        numbers = sorted(self._by_path[path] for path in wanted)
        allowed = tuple(number for number in numbers if filters.allows(self._segment.articles[number]))
        return MemorySelection(allowed, int(np.isin(self._segment.chunks[:, Column.ARTICLE], allowed).sum()))

    def candidates(self, vector: Vectors, terms: Sequence[str], k: int, within: Selection | None = None) -> Candidates:
        """See the protocol."""
        rows = self._rows(within)
        cosines = self._segment.vectors[rows] @ vector
        bm25 = np.array([self._bm25(terms, row) for row in rows.tolist()], dtype=np.float32)
        near = np.argsort(-cosines, kind="stable")[:k]
        best = [place for place in np.argsort(-bm25, kind="stable")[:k] if bm25[place] > 0]
        places = np.unique([*near, *best]).astype(np.int64)
        return Candidates(tuple(rows[places].tolist()), cosines[places], bm25[places])

    def _rows(self, within: Selection | None) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        articles = self._segment.chunks[:, Column.ARTICLE]
        return np.flatnonzero(
            np.ones(len(articles), bool) if within is None else np.isin(articles, _own(within).numbers)
        )

    def _bm25(self, terms: Sequence[str], row: int) -> float:
        lengths = [counted.total() for counted in self._terms]
        norm = K1 * (1 - B + B * lengths[row] / (sum(lengths) / len(lengths)))
        found = self._terms[row]
        frequencies = self.document_frequencies(terms)
        return sum(self._idf(frequencies[term]) * found[term] / (found[term] + norm) for term in terms if found[term])

    def _idf(self, frequency: int) -> float:
        return math.log(1 + (len(self._terms) - frequency + 0.5) / (frequency + 0.5))

    def document_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """See the protocol."""
        return {term: sum(term in counted for counted in self._terms) for term in terms}

    def similar_terms(self, term: str, edits: int) -> dict[str, int]:
        """See the protocol."""
        known = {word for counted in self._terms for word in counted}
        near = [word for word in known if word[0] == term[0] and 0 < _edits(word, term) <= edits]
        return self.document_frequencies(near)

    def chunks(self, ids: Sequence[ChunkId]) -> list[StoredChunk]:
        """See the protocol."""
        return [self._chunk(number) for number in ids]

    def _chunk(self, number: ChunkId) -> StoredChunk:
        row = self._segment.chunks[number].tolist()
        article = self._article(row[Column.ARTICLE])
        sentences = self._segment.sentences[row[Column.SENTENCE_START] : row[Column.SENTENCE_END]].tolist()
        spans = tuple((start, end) for start, end in sentences)
        encoded = self._segment.texts[row[Column.ARTICLE]]
        return StoredChunk(
            id=number,
            article=self._segment.articles[row[Column.ARTICLE]],
            start=row[Column.START],
            end=row[Column.END],
            start_line=row[Column.START_LINE],
            end_line=row[Column.END_LINE],
            text=article.text[row[Column.START] : row[Column.END]],
            sentences=spans,
            roles=roles_of(spans, self._blocks(row[Column.ARTICLE])),
            heading=encoded[row[Column.HEADING_START] : row[Column.HEADING_END]].decode(),
        )

    def sample(self, count: int) -> Iterator[StoredChunk]:
        """See the protocol."""
        return map(self._chunk, itertools.islice(spread(len(self._segment.chunks)), count))

    def find(self, path: str) -> ArticleInfo | None:
        """See the protocol."""
        number = self._by_path.get(path)
        return None if number is None else self._segment.articles[number]

    def article(self, path: str) -> Article:
        """See the protocol."""
        if path not in self._by_path:
            raise ArticleUnknown(path)
        return self._article(self._by_path[path])

    def _article(self, number: int) -> Article:
        known = self._segment.articles[number]
        values = {name: getattr(known, name) for name in ArticleInfo.__slots__}
        return Article(text=self._segment.texts[number].decode(), **values)

    def blocks(self, path: str) -> tuple[Block, ...]:
        """See the protocol."""
        if path not in self._by_path:
            raise ArticleUnknown(path)
        return self._blocks(self._by_path[path])

    def _blocks(self, number: int) -> tuple[Block, ...]:
        rows = self._segment.blocks
        return without_repeated(blocks_of(rows[rows[:, BlockColumn.ARTICLE] == number]), self._repeated)

    def articles(self, within: Selection | None = None) -> Sequence[ArticleInfo]:
        """See the protocol."""
        numbers = range(len(self._segment.articles)) if within is None else _own(within).numbers
        return [self._segment.articles[number] for number in numbers]

    def holding(self, wording: Wording, within: Selection | None = None) -> Sequence[Holding]:
        """See the protocol."""
        texts = ((info, self.article(info.path).text) for info in self.articles(within))
        return [Holding.of(info, text, spans) for info, text in texts if (spans := wording.spans(text))]

    def browse(self, words: Sequence[str], order: str, *, down: bool, count: int) -> Shelf:
        """See the protocol."""

        def said(info: ArticleInfo) -> str:
            return "\n".join([*map(info.value, ("title", "author", "published")), info.path]).casefold()

        def key(entry: tuple[ArticleInfo, int]) -> tuple[object, ...]:
            info, size = entry
            author = info.value("author")
            title = ((info.value("title") or info.path).casefold(),)
            orders = {"author": (not author, author.casefold()), "published": (info.value("published"),)}
            return {**orders, "length": (size,)}.get(order, title)

        sizes = map(len, self._segment.texts)
        found = [entry for entry in zip(self._segment.articles, sizes, strict=True) if _holds(said(entry[0]), words)]
        found.sort(key=lambda entry: entry[0].path)
        found.sort(key=key, reverse=down)
        return Shelf(tuple(found[:count]), len(found))

    def authors(self, count: int) -> list[str]:
        """See the protocol."""
        names = {info.value("author") for info in self._segment.articles} - {""}
        return sorted(names, key=lambda name: (name.casefold(), name))[:count]

    def unread(self) -> Sequence[Unread]:
        """See the protocol."""
        return tuple(self._publication.unread)

    def sources(self) -> dict[str, str]:
        """See the protocol."""
        return dict(self._publication.sources)

    def segment(self, paths: Sequence[str]) -> Segment:
        """See the protocol."""
        numbers = [self._by_path[path] for path in paths]
        return merge([self._segment.take(number, number + 1) for number in numbers])

    def verify(self) -> None:
        """See the protocol; what is in memory is as it was."""


def _edits(one: str, other: str) -> int:
    """Optimal string alignment distance by its definition."""

    @functools.cache
    def of(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        found = [of(i - 1, j) + 1, of(i, j - 1) + 1, of(i - 1, j - 1) + (one[i - 1] != other[j - 1])]
        if i > 1 and j > 1 and one[i - 2 : i] == other[j - 2 : j][::-1]:
            found.append(of(i - 2, j - 2) + 1)
        return min(found)

    return of(len(one), len(other))


def _holds(text: str, words: Sequence[str]) -> bool:
    return all(word in text for word in words)


class MemoryStore:
    """See `index.stores.protocol.Store`."""

    folder = None

    def __init__(self, place: str = "memory") -> None:
        self.place = place
        self._current: MemorySnapshot | None = None
        self._lock = threading.Lock()

    def snapshot(self) -> MemorySnapshot:
        """See the protocol."""
        if self._current is None:
            raise IndexMissing(self.place)
        return self._current

    def stamp(self) -> Hashable:
        """See the protocol."""
        return self._current and self._current.about.generation

    def recorded(self) -> Recorded:
        """See the protocol."""
        return Recorded.of(self._current.about) if self._current else Recorded()

    @contextlib.contextmanager
    def locked(self, wait_seconds: float) -> Iterator[None]:
        """See the protocol."""
        if not self._lock.acquire(timeout=wait_seconds):
            raise IndexBusy(self.place, wait_seconds)
        try:
            yield
        finally:
            self._lock.release()

    def clean(self) -> None:
        """See the protocol; nothing is ever left over."""

    def publish(self, parts: Iterable[Segment], publication: Callable[[], Publication]) -> None:
        """See the protocol."""
        segments = list(parts)
        published = publication()
        self._current = MemorySnapshot(self.place, merge(segments), published)
