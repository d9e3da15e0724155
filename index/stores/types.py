"""What goes in and out of a store: settings, what a snapshot is of, chunks, candidates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.chunks import MAX_TOKENS
from index.encoders.models import DEFAULT_MODEL
from index.readers.rendered import MAX_BYTES
from index.types import ArticleInfo, LineTable, Role, Span, Unread

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
        roles: of each sentence, what it is in its article.
        heading: the heading that it stands under, as it is written; empty if there is none.
    """

    id: ChunkId
    article: ArticleInfo
    start: int
    end: int
    start_line: int
    end_line: int
    text: str
    sentences: tuple[Span, ...]
    roles: tuple[Role, ...]
    heading: str = ""

    @property
    def sentence_texts(self) -> list[str]:
        """The text of each sentence."""
        return [self.text[start - self.start : end - self.start] for start, end in self.sentences]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Chunks that may answer, in the order of their ids, with what the store knows of each.

    Attributes:
        ids: see `ChunkId`.
        cosines: ``(n,)`` float32, of the question's vector and the chunk's.
        bm25: ``(n,)`` float32, of the question's terms, 0 where none is in the chunk.
    """

    ids: tuple[ChunkId, ...]
    cosines: npt.NDArray[np.float32]
    bm25: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Shelf:
    """A page of the list of articles.

    Attributes:
        articles: those of the page, each with the length of its text in bytes of UTF-8.
        matching: how many there are of that search.
    """

    articles: tuple[tuple[ArticleInfo, int], ...]
    matching: int


@dataclass(frozen=True, slots=True)
class Holding:
    """An article whose text holds some words.

    Attributes:
        article: what is known of it.
        spans: where they stand in its text, in order; at least one.
        lines: numbers of the lines on which they begin, from 1, each once, in order.
    """

    article: ArticleInfo
    spans: tuple[Span, ...]
    lines: tuple[int, ...]

    @classmethod
    def of(cls, article: ArticleInfo, text: str, spans: Sequence[Span]) -> "Holding":
        """The same of places in a text."""
        table = LineTable(text)
        return cls(article, tuple(spans), tuple(dict.fromkeys(table.line(start) for start, _end in spans)))


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


@dataclass(frozen=True, slots=True)
class Recorded:
    """What an index was built from and how, also one that must be built again; by default as a first build does it.

    Attributes:
        articles_folder: None where there is no index yet.
        model: its name.
        max_tokens, follow_links, max_bytes: see `Settings`.
        lost: there is an index, too damaged to tell.
    """

    articles_folder: Path | None = None
    model: str = DEFAULT_MODEL
    max_tokens: int = MAX_TOKENS
    follow_links: bool = False
    max_bytes: int = MAX_BYTES
    lost: bool = False

    @classmethod
    def of(cls, about: About) -> "Recorded":
        """The same of an index that was opened."""
        settings = about.settings
        return cls(
            about.articles_folder, settings.model, settings.max_tokens, settings.follow_links, settings.max_bytes
        )

    @classmethod
    def read(cls, articles_folder: object, settings: object) -> "Recorded":
        """The same of values that may be anything."""
        try:
            known: Mapping[str, Any] = settings if isinstance(settings, Mapping) else {}
            if not isinstance(articles_folder, str) or not isinstance(known.get("model"), str):
                raise TypeError("not what was written")
            max_tokens, max_bytes = int(known.get("max_tokens", MAX_TOKENS)), int(known.get("max_bytes", MAX_BYTES))
            if max_tokens <= 0 or max_bytes < 0 or "\0" in articles_folder:
                raise ValueError("nothing that a build was told")
            follow_links = bool(known.get("follow_links", False))
            return cls(Path(articles_folder), known["model"], max_tokens, follow_links, max_bytes)
        except (OverflowError, TypeError, ValueError):
            return cls(lost=True)  # `build` finds the same and says so in its report

    def but(
        self, model: str | None, max_tokens: int | None, follow_links: bool | None, max_bytes: int | None
    ) -> "Recorded":
        """The same with what is given, where it is."""
        return replace(
            self,
            model=self.model if model is None else model,
            max_tokens=self.max_tokens if max_tokens is None else max_tokens,
            follow_links=self.follow_links if follow_links is None else follow_links,
            max_bytes=self.max_bytes if max_bytes is None else max_bytes,
        )
