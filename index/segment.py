"""A `Segment`: everything that an index keeps of some articles, in arrays with rows of their own.

A segment knows nothing of other articles, so it can be made anywhere (`index.drafts`) and sent.
"""

import bisect
import enum
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from index.encoders.protocol import Vectors
from index.types import Article, ArticleInfo, Block, Role, Span

Table = npt.NDArray[np.int64]


class Column(enum.IntEnum):
    """Columns of the chunk table: number of the article; span of its text in code points, and in bytes of UTF-8;
    lines, 1-based and inclusive; rows of the sentence table; span in bytes of the heading that it stands under.
    """

    ARTICLE = 0
    START = 1
    END = 2
    BYTE_START = 3
    BYTE_END = 4
    START_LINE = 5
    END_LINE = 6
    HEADING_START = 7
    HEADING_END = 8
    SENTENCE_START = 9
    SENTENCE_END = 10


class BlockColumn(enum.IntEnum):
    """Columns of the block table: number of the article; place of the role in `ROLES`; the rest as in `Block`."""

    ARTICLE = 0
    ROLE = 1
    START = 2
    END = 3
    KEY = 4


ROLES = tuple(Role)
"""A role is stored as its place here."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Rows of terms as numbers.

    Attributes:
        vocabulary: the terms that occur, sorted: equal rows give equal numbers.
        ids: ``(n_terms,)`` int32, places in `vocabulary`, row after row.
        starts: ``(n_rows + 1,)`` int64, where each row begins in `ids`.
    """

    vocabulary: tuple[str, ...]
    ids: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, rows: Sequence[Sequence[str]]) -> "Terms":
        """Rows of terms (see `index.analysis`), in order."""
        vocabulary = sorted({term for row in rows for term in row})
        numbers = {term: number for number, term in enumerate(vocabulary)}
        ids = np.array([numbers[term] for row in rows for term in row], dtype=np.int32)
        return cls(tuple(vocabulary), ids, starts_of([len(row) for row in rows]))

    @classmethod
    def using(cls, vocabulary: Sequence[str], ids: npt.NDArray[np.int32], starts: npt.NDArray[np.int64]) -> "Terms":
        """Rows of numbers into any vocabulary, which is sorted and rid of what does not occur."""
        used = np.unique(ids)
        terms_of_used = [vocabulary[number] for number in used.tolist()]
        order = sorted(range(len(used)), key=terms_of_used.__getitem__)
        places = np.empty(len(used), dtype=np.int32)
        places[order] = np.arange(len(used), dtype=np.int32)
        return cls(tuple(terms_of_used[place] for place in order), places[np.searchsorted(used, ids)], starts)

    def rows(self) -> list[list[str]]:
        """The terms of each row."""
        return [
            [self.vocabulary[number] for number in self.ids[first:last]]
            for first, last in itertools.pairwise(self.starts.tolist())
        ]

    def take(self, first: int, last: int) -> "Terms":
        """The rows of ``[first, last)``."""
        begin, end = self.starts[first], self.starts[last]
        return Terms.using(self.vocabulary, self.ids[begin:end], self.starts[first : last + 1] - begin)


@dataclass(frozen=True, slots=True)
class Segment:
    """Some articles with their chunks, in order, and all that a question needs of them.

    Attributes:
        articles: what is known of each.
        texts: of each, in UTF-8.
        chunks: ``(n_chunks, len(Column))`` int64, see `Column`; articles and sentences counted from 0 here.
        sentences: ``(n_sentences, 2)`` int64, spans of the article's text.
        blocks: ``(n_blocks, len(BlockColumn))`` int64, see `BlockColumn`; articles counted from 0 here.
        vectors: ``(n_chunks, dimension)`` float32 unit rows.
        terms: of each chunk with its title.

    Raises:
        ValueError: the parts don't belong together.
    """

    articles: tuple[ArticleInfo, ...]
    texts: tuple[bytes, ...]
    chunks: Table
    sentences: Table
    blocks: Table
    vectors: Vectors
    terms: Terms

    def __post_init__(self) -> None:
        check_together({"articles": len(self.articles), "texts": len(self.texts)})
        check_together(
            {"chunks": len(self.chunks), "vectors": len(self.vectors), "rows of terms": len(self.terms.starts) - 1}
        )
        check_together({"sentences": len(self.sentences), "sentences of the chunks": sentences_of(self.chunks[-1:])})

    def take(self, first: int, last: int) -> "Segment":
        """The articles ``[first, last)`` of this one, counted from 0 again."""
        if (first, last) == (0, len(self.articles)):
            return self
        begin, end = np.searchsorted(self.chunks[:, Column.ARTICLE], [first, last]).tolist()
        chunks = self.chunks[begin:end].copy()
        s_first = int(chunks[0, Column.SENTENCE_START]) if len(chunks) else 0
        s_last = int(chunks[-1, Column.SENTENCE_END]) if len(chunks) else 0
        chunks[:, Column.ARTICLE] -= first
        chunks[:, Column.SENTENCE_START :] -= s_first
        b_first, b_last = np.searchsorted(self.blocks[:, BlockColumn.ARTICLE], [first, last]).tolist()
        return Segment(
            articles=self.articles[first:last],
            texts=self.texts[first:last],
            chunks=chunks,
            sentences=self.sentences[s_first:s_last],
            blocks=of_later_articles(self.blocks[b_first:b_last], -first),
            vectors=self.vectors[begin:end],
            terms=self.terms.take(begin, end),
        )

    def renamed(self, articles: Sequence[ArticleInfo]) -> "Segment":
        """The same, known as `articles`."""
        return replace(self, articles=tuple(articles))


def check_together(sizes: dict[str, int]) -> None:
    """Make sure that parts have as many rows each.

    Raises:
        ValueError: they have not; it tells all numbers.
    """
    if len(set(sizes.values())) > 1:
        found = ", ".join(f"{count} {name}" for name, count in sizes.items())
        raise ValueError(f"the parts of the index don't belong together: {found}")


def merge(segments: Sequence[Segment]) -> Segment:
    """One segment of the articles of several, in order.

    Raises:
        ValueError: there is none.
    """
    articles = starts_of([len(segment.articles) for segment in segments])
    sentences = starts_of([len(segment.sentences) for segment in segments])
    chunks = [shifted(one.chunks, int(a), int(s)) for one, a, s in zip(segments, articles, sentences, strict=False)]
    blocks = [of_later_articles(one.blocks, int(a)) for one, a in zip(segments, articles, strict=False)]
    return Segment(
        articles=tuple(itertools.chain.from_iterable(segment.articles for segment in segments)),
        texts=tuple(itertools.chain.from_iterable(segment.texts for segment in segments)),
        chunks=np.concatenate(chunks),
        blocks=np.concatenate(blocks),
        sentences=np.concatenate([segment.sentences for segment in segments]),
        vectors=np.concatenate([segment.vectors for segment in segments]),
        terms=Terms.of([row for segment in segments for row in segment.terms.rows()]),
    )


def sentences_of(last: Table) -> int:
    """How many sentences a chunk table has, by its last row; 0 where there is none."""
    return int(last[:, Column.SENTENCE_END].max(initial=0))


def shifted(chunks: Table, articles: int, sentences: int) -> Table:
    """A chunk table behind so many other articles and sentences."""
    moved = chunks.copy()
    moved[:, Column.ARTICLE] += articles
    moved[:, Column.SENTENCE_START :] += sentences
    return moved


def of_later_articles(blocks: Table, articles: int) -> Table:
    """A block table behind so many other articles."""
    moved = blocks.copy()
    moved[:, BlockColumn.ARTICLE] += articles
    return moved


def blocks_of(rows: Table) -> tuple[Block, ...]:
    """The blocks of some rows of a block table."""
    return tuple(Block(ROLES[role], start, end, key) for _, role, start, end, key in rows.tolist())


def roles_of(spans: Sequence[Span], blocks: Sequence[Block]) -> tuple[Role, ...]:
    """The role of the block that each span begins in; body where it begins in none."""
    starts = [block.start for block in blocks]
    places = [bisect.bisect_right(starts, start) - 1 for start, _ in spans]
    return tuple(
        blocks[place].role if place >= 0 and start < blocks[place].end else Role.BODY
        for place, (start, _) in zip(places, spans, strict=True)
    )


def starts_of(counts: Sequence[int]) -> Table:
    """Where each of several blocks begins, and the end: ``(len(counts) + 1,)`` int64."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(np.asarray(counts, dtype=np.int64))])


def rows_of(firsts: npt.ArrayLike, counts: npt.ArrayLike) -> Table:
    """The rows of several blocks of a table, one block after the other.

    Args:
        firsts: ``(n,)``, the first row of each block.
        counts: ``(n,)``, how many rows it has.
    """
    firsts, counts = np.asarray(firsts, dtype=np.int64), np.asarray(counts, dtype=np.int64)
    begins = np.cumsum(counts) - counts
    return np.asarray(np.arange(int(counts.sum())) + np.repeat(firsts - begins, counts), dtype=np.int64)


def info_of(article: Article) -> ArticleInfo:
    """What is known of an article beside its text."""
    return ArticleInfo(**{field.name: getattr(article, field.name) for field in fields(ArticleInfo)})
