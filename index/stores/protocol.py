"""What a store of articles does, in domain words: proposes candidates, gives texts, publishes.

A `Store` is a place with one current index in it, or none. All reads of one question go to one `Snapshot`, which
stays the same while newer ones are published. The store proposes, `qa` decides: what a store returns is not ranked,
weighed or worded any further. What every store has to hold to is in tests/store_conformance.py.
"""

import contextlib
from collections.abc import Callable, Hashable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from index.encoders.protocol import Vectors
from index.filters import Filters
from index.segment import Segment
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

    def candidates(self, vector: Vectors, terms: Sequence[str], k: int, within: Selection | None = None) -> Candidates:
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

    def similar_terms(self, term: str, edits: int) -> dict[str, int]:
        """Terms that begin with the same letter and are at most so many edits away, and in how many chunks each stands.

        An edit is a letter that is another one, missing or too much, or two neighbours that have changed places
        (optimal string alignment). The term itself is not among them.
        """
        ...

    def chunks(self, ids: Sequence[ChunkId]) -> list[StoredChunk]:
        """Chunks by their ids, in the same order."""
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

    def blocks(self, path: str) -> tuple[Block, ...]:
        """What each line of the article at `path` is for; what stands alike in several articles as boilerplate.

        Raises:
            ArticleUnknown: there is none.
        """
        ...

    def articles(self, within: Selection | None = None) -> Sequence[ArticleInfo]:
        """What is known of the articles, in the order in which they were read."""
        ...

    def holding(self, wording: Wording, within: Selection | None = None) -> Sequence[Holding]:
        """Every article whose text holds some words, as `Wording.spans` finds them, in the order of `articles`.

        All of the text counts, titles, captions and boilerplate too.

        Args:
            wording: the words.
            within: the articles to look in; None for all.
        """
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

    @property
    def folder(self) -> Path | None:
        """A folder whose files are the store's own and no articles; None where it has none."""
        ...

    def recorded(self) -> Recorded:
        """What the index that is there was built from, unchecked; for building it again, never for answering."""
        ...

    def clean(self) -> None:
        """Remove what builds that were killed have left; called behind the lock."""
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
