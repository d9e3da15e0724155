"""What a store of articles does, in domain words: proposes candidates, gives texts and features, publishes.

A `Store` is a place with one current index in it, or none. All reads of one question go to one `Snapshot`, which
stays the same while newer ones are published. The store proposes, `qa` decides: what a store returns is not ranked,
weighed or worded any further. What every store has to hold to is in tests/store_conformance.py.
"""

import contextlib
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from index.filters import Filters
from index.readers.rendered import MAX_BYTES
from index.segment import Segment
from index.types import Article, ArticleInfo, Span, Unread

Vectors = npt.NDArray[np.float32]

ChunkId = int
"""Names a chunk within one snapshot. Opaque, but ordered as articles and the chunks in them are."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides, beside the articles themselves, what an index holds.

    Attributes:
        model, fingerprint, dimension: see `Model` and `SentenceEncoder`.
        max_tokens, max_model_tokens: see `Budget`.
        follow_links: whether linked folders and files elsewhere are read.
        max_bytes: the largest file that is read.
    """

    model: str
    fingerprint: str
    dimension: int
    max_tokens: int
    max_model_tokens: int
    follow_links: bool = False
    max_bytes: int = MAX_BYTES


@dataclass(frozen=True, slots=True)
class About:
    """What a snapshot is of.

    Attributes:
        place: the store, as a user names it.
        generation: what changes with every publication.
        created: ISO time of the build, UTC.
        articles_folder: where the articles were when they were read.
        settings: see `Settings`.
        articles, chunks, sentences, unread, undated: how many; `undated` are articles without a date.
        first_date, last_date: of the articles that have one, ISO; empty if none has.
        languages: of the articles, the most frequent first.
    """

    place: str
    generation: str
    created: str
    articles_folder: Path
    settings: Settings
    articles: int
    chunks: int
    sentences: int
    unread: int
    undated: int
    first_date: str
    last_date: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk with its text.

    Attributes:
        id: see `ChunkId`.
        article: the article that it is of.
        start, end: span of the article's text.
        start_line, end_line: 1-based, inclusive.
        text: the article's text from `start` to `end`.
        sentences: spans of the article's text.
    """

    id: ChunkId
    article: ArticleInfo
    start: int
    end: int
    start_line: int
    end_line: int
    text: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Chunks that may answer, in the order of their ids, with what the store knows of each.

    Attributes:
        ids: see `ChunkId`.
        cosines: ``(n,)`` float32, of the question's vector and the chunk's.
        bm25: ``(n,)`` float32, of the question's terms, 0 where none is in the chunk.
    """

    ids: tuple[ChunkId, ...]
    cosines: Vectors
    bm25: Vectors


@dataclass(frozen=True, slots=True)
class Features:
    """Vectors of the sentences of some chunks, and of the words in them, in order.

    Attributes:
        sentence_vectors: ``(n_sentences, dimension)`` float16 unit rows.
        word_starts: ``(n_sentences + 1,)`` int64, where each sentence begins in `word_vectors`.
        word_vectors: ``(n_words, index.words.DIMENSION)`` int8, see `index.words`.
    """

    sentence_vectors: npt.NDArray[np.float16]
    word_starts: npt.NDArray[np.int64]
    word_vectors: npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Shelf:
    """A page of the list of articles.

    Attributes:
        articles: those of the page, each with the length of its text in bytes of UTF-8.
        matching: how many there are of that search.
    """

    articles: tuple[tuple[ArticleInfo, int], ...]
    matching: int


class Selection(Protocol):
    """Articles that a question is put to. Made by a snapshot and understood by that one only."""

    @property
    def articles(self) -> int:
        """How many articles."""
        ...

    @property
    def chunks(self) -> int:
        """How many chunks they have."""
        ...


class Snapshot(Protocol):
    """One state of an index, the same from the first read to the last. Safe to use from several threads.

    Every method raises `IndexCorrupt` rather than give what was not written.
    """

    @property
    def about(self) -> About:
        """What it is of; costs nothing."""
        ...

    def select(self, filters: Filters, paths: Sequence[str] | None = None) -> Selection:
        """The articles that meet all conditions; of them those at `paths`, if some are named."""
        ...

    def candidates(
        self, vector: Vectors, terms: Sequence[str], k: int, within: Selection | None = None
    ) -> Candidates:
        """The `k` chunks nearest to a vector and the `k` with the highest BM25, together.

        Args:
            vector: ``(dimension,)`` float32 of unit length.
            terms: as `index.analysis` makes them.
            k: how many of each, if there are so many.
            within: the articles to look in; None for all.
        """
        ...

    def document_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many chunks each term stands; 0 for one that is nowhere."""
        ...

    def chunks(self, ids: Sequence[ChunkId]) -> list[StoredChunk]:
        """Chunks by their ids, in the same order."""
        ...

    def features(self, ids: Sequence[ChunkId]) -> Features:
        """Vectors of the sentences of some chunks and of their words, in the same order."""
        ...

    def sample(self, count: int) -> Iterable[StoredChunk]:
        """At most `count` chunks from all over the index, neighbours far apart, the same every time."""
        ...

    def find(self, path: str) -> ArticleInfo | None:
        """What is known of the article at `path`; None if there is none."""
        ...

    def article(self, path: str) -> Article:
        """The article at `path`, its text compared with its digest.

        Raises:
            ArticleUnknown: there is none.
        """
        ...

    def articles(self, within: Selection | None = None) -> Sequence[ArticleInfo]:
        """What is known of the articles, in the order in which they were read."""
        ...

    def browse(self, words: Sequence[str], order: str, *, down: bool, count: int) -> Shelf:
        """The first `count` articles whose title, author, date or path hold every word, in an order.

        Args:
            words: case-folded.
            order: "title", "author", "published" or "length"; anything else is "title".
            down: from the last to the first.
            count: how many.
        """
        ...

    def authors(self, count: int) -> list[str]:
        """At most `count` names of authors, each once, by the alphabet."""
        ...

    def unread(self) -> Sequence[Unread]:
        """Files of the articles folder, and records of them, that are not in the index."""
        ...

    def sources(self) -> dict[str, str]:
        """sha256 of every file of the articles folder by its path, as it was read; empty where it could not be."""
        ...

    def segment(self, paths: Sequence[str]) -> Segment:
        """All that is kept of some articles, for the index that comes after this one."""
        ...

    def verify(self) -> None:
        """Compare every byte with its digest.

        Raises:
            IndexCorrupt: something is missing, cut or altered.
        """
        ...


@dataclass(frozen=True, slots=True)
class Publication:
    """What is to become the current index, but for its articles.

    Attributes:
        articles_folder: where they are.
        settings: see `Settings`.
        sources, unread: as in `Snapshot`; filled while the articles are read, complete when they are.
    """

    articles_folder: Path
    settings: Settings
    sources: Mapping[str, str]
    unread: Sequence[Unread]


class Store(Protocol):
    """A place for an index."""

    @property
    def place(self) -> str:
        """How a user names it."""
        ...

    def snapshot(self) -> Snapshot:
        """The current index.

        Raises:
            IndexMissing: there is none.
            IndexStale: another format version wrote it.
            IndexCorrupt: what is needed to open it is missing or altered.
        """
        ...

    def stamp(self) -> Hashable:
        """What differs once another index is current; cheap. None where that can't be told."""
        ...

    def locked(self, wait_seconds: float) -> contextlib.AbstractContextManager[None]:
        """Keep other builds away.

        Raises:
            IndexBusy: one goes on, and did not end in time.
            IndexUnwritable: nothing can be written here.
        """
        ...

    def publish(self, parts: Iterable[Segment], publication: Callable[[], Publication]) -> None:
        """Make the articles of some segments, in order, the current index: all of them, or nothing changes.

        Args:
            parts: taken one after the other; none is kept in memory longer than it takes to write it.
            publication: called when all parts were taken.

        Raises:
            IndexUnwritable: the disk is full or refuses; the index is as it was.
        """
        ...
