"""An opened generation: the tables of a folder behind `index.stores.protocol.Snapshot`."""

import functools
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.digests import sha256_of
from index.encoders.protocol import Vectors
from index.errors import ArticleUnknown, IndexCorrupt
from index.filters import Filters
from index.repeated import without_repeated
from index.segment import (
    BlockColumn,
    Column,
    Segment,
    blocks_of,
    check_together,
    roles_of,
    rows_of,
    sentences_of,
    starts_of,
)
from index.stores.local.articles import ArticleTable, Row
from index.stores.local.files import CheckedArray, CheckedFile
from index.stores.local.fitting import check_articles, check_sentences, check_table, check_text, named_where_rows_misfit
from index.stores.local.generations import home_of, read_current
from index.stores.local.lexical import LexicalTable
from index.stores.local.manifest import about_of, files_of
from index.stores.local.selection import LocalSelection, own
from index.stores.local.shapes import check_shape, check_unit
from index.stores.local.vectors import VectorTable
from index.stores.protocol import Selection
from index.stores.sampling import spread
from index.stores.types import Candidates, ChunkId, Holding, Shelf, StoredChunk
from index.types import Article, ArticleInfo, Block, Span, Unread
from index.wording import Wording

ARTICLES = "articles.sqlite"
TEXTS = "texts.bin"
CHUNKS = "chunks.npy"
SENTENCES = "sentences.npy"
BLOCKS = "blocks.npy"
REPEATED = "repeated.npy"

CACHED_ARTICLES = 64
"""Articles kept decoded; a question touches about ten."""


def _has(data: bytes, needles: Sequence[bytes]) -> bool:
    lowered = data.lower()
    return all(needle in lowered for needle in needles)


class LocalSnapshot:
    """See `index.stores.protocol.Snapshot`. Opening compares sizes; bytes are compared when they are first read."""

    def __init__(self, folder: Path, generation: str, manifest: dict[str, Any]) -> None:
        self._folder = folder
        home = home_of(folder, generation)
        self._files = {name: CheckedFile(home / name, digest, folder) for name, digest in files_of(manifest)}
        self._table = ArticleTable(self._whole(ARTICLES), folder)
        self._texts = self._files[TEXTS]
        self._chunks, self._sentences, self._blocks, self._repeated_keys = (
            CheckedArray(self._files[name]) for name in (CHUNKS, SENTENCES, BLOCKS, REPEATED)
        )
        self._vectors = VectorTable(self._files.__getitem__)
        self._lexical = LexicalTable(self._files.__getitem__)
        self._check_together()
        self.about = about_of(str(folder), generation, manifest, len(self._chunks), len(self._sentences))
        self._check_shapes()
        self._decoded = functools.lru_cache(CACHED_ARTICLES)(self._decode)
        self._blocks_of = functools.lru_cache(CACHED_ARTICLES)(self._read_blocks)

    @classmethod
    def open(cls, folder: Path) -> "LocalSnapshot":
        """Open the current generation.

        Raises:
            IndexMissing, IndexStale, IndexCorrupt: see `Store.snapshot`.
        """
        generation, manifest = read_current(folder)
        try:
            return cls(folder, generation, manifest)
        except (KeyError, TypeError, ValueError, AttributeError, OSError, RuntimeError) as error:
            raise IndexCorrupt(folder, f"it can't be read ({error!r})") from error

    def _check_together(self) -> None:
        """See `check_together`; a program with a mistake in it has written tables that are not."""
        check_together({"chunks": len(self._chunks), "vectors": self._vectors.size, "BM25 rows": self._lexical.size})
        last = self._chunks.between(max(0, len(self._chunks) - 1), len(self._chunks))
        check_together({"sentences": len(self._sentences), "sentences of the chunks": sentences_of(last)})
        check_together({"blocks": len(self._blocks), "blocks of the articles": self._table.block_end()})

    def _check_shapes(self) -> None:
        """See `check_shape`; the tables of vectors and of terms look at their own."""
        dimension = self.about.settings.dimension
        if self._vectors.dimension != dimension:
            raise ValueError(f"its vectors have {self._vectors.dimension} numbers, its manifest says {dimension}")
        check_shape("passages", self._chunks, np.int64, len(Column))
        check_shape("sentences", self._sentences, np.int64, 2)
        check_shape("blocks", self._blocks, np.int64, len(BlockColumn))
        check_shape("keys of what is repeated", self._repeated_keys, np.int64)

    def _whole(self, name: str) -> bytes:
        file = self._files[name]
        return file.read(0, file.size)

    @named_where_rows_misfit
    def select(self, filters: Filters, paths: Sequence[str] | None = None) -> LocalSelection:
        """See the protocol."""
        found = np.array(self._table.select(filters, paths), dtype=np.int64).reshape(-1, 3)
        rows = rows_of(found[:, 1], found[:, 2] - found[:, 1])
        return LocalSelection(tuple(found[:, 0].tolist()), rows)

    def candidates(self, vector: Vectors, terms: Sequence[str], k: int, within: Selection | None = None) -> Candidates:
        """See the protocol."""
        return self._candidates(vector, terms, k, None if within is None else own(within).rows)

    @named_where_rows_misfit
    def _candidates(
        self, vector: Vectors, terms: Sequence[str], k: int, among: npt.NDArray[np.int64] | None
    ) -> Candidates:
        near, _ = self._vectors.search(vector, k, among)
        best, _ = self._lexical.best(terms, k, among)
        rows = np.unique(np.concatenate([near, best]))
        vectors = self._vectors.take(rows)
        check_unit("vectors", vectors)
        cosines = vectors @ vector
        return Candidates(tuple(rows.tolist()), cosines, self._lexical.scores_of(terms, rows))

    @named_where_rows_misfit
    def document_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """See the protocol."""
        return {term: self._lexical.document_frequency(term) for term in terms}

    @named_where_rows_misfit
    def similar_terms(self, term: str, edits: int) -> dict[str, int]:
        """See the protocol."""
        return self._lexical.similar(term, edits)

    @named_where_rows_misfit
    def chunks(self, ids: Sequence[ChunkId]) -> list[StoredChunk]:
        """See the protocol."""
        rows = self._chunks.take(np.array(ids, dtype=np.int64)).tolist()
        return [self._chunk(number, row) for number, row in zip(ids, rows, strict=True)]

    def _chunk(self, number: ChunkId, row: list[int]) -> StoredChunk:
        article = self._table.row(row[Column.ARTICLE])
        base = article.text_start
        data = self._texts.read(base + row[Column.BYTE_START], base + row[Column.BYTE_END])
        text = data.decode()
        found = self._sentences.between(row[Column.SENTENCE_START], row[Column.SENTENCE_END]).tolist()
        sentences = tuple((start, end) for start, end in found)
        first, last = row[Column.START], row[Column.END]
        if (
            not sentences
            or len(text) != last - first
            or not all(first <= start <= end <= last for start, end in sentences)
        ):
            raise ValueError(f"a passage of {article.info.path} has other spans than its text")
        return StoredChunk(
            id=number,
            article=article.info,
            start=first,
            end=last,
            start_line=row[Column.START_LINE],
            end_line=row[Column.END_LINE],
            text=text,
            sentences=sentences,
            roles=roles_of(sentences, self._blocks_of(row[Column.ARTICLE])),
            heading=self._texts.read(base + row[Column.HEADING_START], base + row[Column.HEADING_END]).decode(),
        )

    def sample(self, count: int) -> Iterator[StoredChunk]:
        """See the protocol."""
        for number in itertools.islice(spread(len(self._chunks)), count):
            yield from self.chunks([number])

    @named_where_rows_misfit
    def find(self, path: str) -> ArticleInfo | None:
        """See the protocol."""
        number = self._table.number(path)
        return None if number is None else self._table.row(number).info

    @named_where_rows_misfit
    def article(self, path: str) -> Article:
        """See the protocol."""
        return self._decoded(self._number(path))

    def _number(self, path: str) -> int:
        number = self._table.number(path)
        if number is None:
            raise ArticleUnknown(path)
        return number

    def _decode(self, number: int) -> Article:
        row = self._table.row(number)
        values = {name: getattr(row.info, name) for name in ArticleInfo.__slots__}
        return Article(text=self._text(row).decode(), **values)

    def _text(self, row: Row) -> bytes:
        """An article's text in UTF-8, compared with its digest."""
        data = self._texts.read(row.text_start, row.text_end)
        if sha256_of(data) != row.text_sha256:
            raise IndexCorrupt(self._folder, f"the text of {row.info.path} has changed since it was written")
        return data

    @named_where_rows_misfit
    def blocks(self, path: str) -> tuple[Block, ...]:
        """See the protocol."""
        return self._blocks_of(self._number(path))

    def _read_blocks(self, number: int) -> tuple[Block, ...]:
        row = self._table.row(number)
        return without_repeated(blocks_of(self._blocks.between(row.block_start, row.block_end)), self._repeated)

    @functools.cached_property
    def _repeated(self) -> frozenset[int]:
        return frozenset(self._repeated_keys.all().tolist())

    @named_where_rows_misfit
    def articles(self, within: Selection | None = None) -> Sequence[ArticleInfo]:
        """See the protocol."""
        rows = self._every_row if within is None else self._table.rows(own(within).numbers)
        return [row.info for row in rows]

    @functools.cached_property
    def _every_row(self) -> list[Row]:
        """A build needs it several times, a question never."""
        return self._table.rows()

    @named_where_rows_misfit
    def holding(self, wording: Wording, within: Selection | None = None) -> list[Holding]:
        """See the protocol. Every text is looked at, and those with all needles in them are decoded.

        The 3.8 MB of news_dev take 15 to 45 ms on a busy machine, once their blocks were compared.
        """
        among = None if within is None else frozenset(own(within).numbers)
        found: dict[int, tuple[str, list[Span]]] = {}
        for number, start, end in self._table.texts():
            if among is None or number in among:
                data = self._texts.read(start, end)
                if _has(data, wording.needles) and (spans := wording.spans(text := data.decode())):
                    found[number] = text, spans
        rows = self._table.rows(list(found))
        return [Holding.of(row.info, *held) for row, held in zip(rows, found.values(), strict=True)]

    @named_where_rows_misfit
    def browse(self, words: Sequence[str], order: str, *, down: bool, count: int) -> Shelf:
        """See the protocol."""
        rows, matching = self._table.browse(words, order, down=down, count=count)
        return Shelf(tuple((row.info, row.text_end - row.text_start) for row in rows), matching)

    @named_where_rows_misfit
    def authors(self, count: int) -> list[str]:
        """See the protocol."""
        return self._table.authors(count)

    @named_where_rows_misfit
    def unread(self) -> Sequence[Unread]:
        """See the protocol."""
        return self._table.unread()

    @named_where_rows_misfit
    def sources(self) -> dict[str, str]:
        """See the protocol."""
        return self._table.sources()

    @named_where_rows_misfit
    def segment(self, paths: Sequence[str]) -> Segment:
        """See the protocol."""
        rows = self._table.rows(list(map(self._number, paths)))
        counts = [row.chunk_end - row.chunk_start for row in rows]
        chunk_rows = rows_of([row.chunk_start for row in rows], counts)
        chunks = self._chunks.take(chunk_rows)
        block_counts = [row.block_end - row.block_start for row in rows]
        blocks = self._blocks.take(rows_of([row.block_start for row in rows], block_counts))
        blocks[:, BlockColumn.ARTICLE] = np.repeat(np.arange(len(rows)), block_counts)
        sentence_counts = chunks[:, Column.SENTENCE_END] - chunks[:, Column.SENTENCE_START]
        sentences = rows_of(chunks[:, Column.SENTENCE_START], sentence_counts)
        starts = starts_of(sentence_counts)
        chunks[:, Column.ARTICLE] = np.repeat(np.arange(len(rows)), counts)
        chunks[:, Column.SENTENCE_START], chunks[:, Column.SENTENCE_END] = starts[:-1], starts[1:]
        return Segment(
            articles=tuple(row.info for row in rows),
            texts=tuple(map(self._text, rows)),
            chunks=chunks,
            sentences=self._sentences.take(sentences),
            blocks=blocks,
            vectors=self._vectors.take(chunk_rows),
            terms=self._lexical.terms_of_rows(chunk_rows),
        )

    def verify(self) -> None:
        """See the protocol."""
        for file in self._files.values():
            file.check_all()
        self._check_rows()

    @named_where_rows_misfit
    def _check_rows(self) -> None:
        chunks, sentences, blocks = self._chunks.all(), self._sentences.all(), self._blocks.all()
        check_table(self._every_row, self._table.texts(), self._table.sources(), self._table.unread())
        check_articles(self._every_row, self._texts.size, chunks, blocks)
        check_sentences(chunks, sentences)
        for row in self._every_row:
            of_chunks, of_blocks = slice(row.chunk_start, row.chunk_end), slice(row.block_start, row.block_end)
            check_text(row.info.path, self._text(row), chunks[of_chunks], blocks[of_blocks])
        self._vectors.verify()
        self._lexical.verify()
