"""A question in, ranked passages out: dense and lexical evidence in one absolute score.

`Retriever` takes the nearest chunks by vector and by BM25 together and ranks them by a fixed
mixture of evidence. What was tried and what it gave is in qa/README.md.
"""

import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from index.encoders.protocol import SentenceEncoder, Vectors
from index.lexical import content_spans, content_words, stems, terms
from index.store import ArticleIndex, ChunkRecord, rows_of
from index.types import Span, citation_of, page_of
from index.words import project, similarities
from qa.clues import Clues, find_clues
from qa.evidence import Evidence, Weights, gather
from qa.questions import Question

NEAREST = 50
"""Chunks taken from each of FAISS and BM25; of both, as many are looked at sentence by sentence.
20 already lose nothing on encyclopedia_dev (805 chunks); the rest is for larger folders."""

MAX_PASSAGES = 100
"""Passages that one search gives at most; comparing each with each for duplicates grows with the square."""

CARRIED = 0.5
"""Weight of a term that a question took over from the one before, against its own."""

CACHED_CHUNKS = 8192
"""Chunks whose sentences stay taken apart, about 10 kB each."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk of an article that was ranked for a question.

    Attributes:
        text: verbatim, ``article.text[start:end]``.
        path: the article, relative to the articles folder.
        start_line, end_line: 1-based, inclusive.
        start, end: offsets of the article's text, in code points.
        title, author, published: of the article; empty where it doesn't say. The date is ISO.
        sha256: digest of the article's file.
        score: higher is better, 0 to 1 but for oddities; comparable between questions.
        also_in: locations of other passages that say the same.
        page: of a PDF, the page from 1 on which the passage starts; None for other formats.
    """

    text: str
    path: str
    start_line: int
    end_line: int
    start: int
    end: int
    title: str
    author: str
    published: str
    sha256: str
    score: float
    also_in: tuple[str, ...] = ()
    page: int | None = None

    @property
    def location(self) -> str:
        """``path:start-end``, the lines as an editor counts them; of a PDF with ``, page 3``."""
        return f"{self.path}:{self.start_line}-{self.end_line}" + (f", page {self.page}" if self.page else "")

    @property
    def citation(self) -> str:
        """As that of a `Quote`: a single line is named once."""
        return citation_of(self.path, self.start_line, self.end_line, self.page)

    def as_json(self) -> dict[str, Any]:
        """The attributes as a JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that was ranked, with the evidence for it.

    Attributes:
        chunk: its row and text.
        evidence: see `gather`.
        duplicates: chunks that say the same, see `qa.duplicates`.
    """

    chunk: ChunkRecord
    evidence: Evidence
    duplicates: tuple["Candidate", ...] = ()

    @property
    def score(self) -> float:
        """Weights fitted to rank the right passage first (listwise logistic regression), scaled to
        add up to 1: R@1 .878, R@5 .974, R@20 .994 on encyclopedia_dev, cross-validated by groups of
        articles; without `best_meets` .866, .971, .994.
        """
        evidence = self.evidence
        return (
            0.113 * evidence.cosine
            + 0.287 * evidence.best_cosine
            + 0.107 * evidence.covers
            + 0.071 * evidence.best_covers_with_last
            + 0.051 * evidence.best_pairs
            + 0.039 * evidence.best_bm25
            + 0.332 * evidence.best_meets
        )


@dataclass(frozen=True, slots=True)
class Embedded:
    """A question as vectors.

    Attributes:
        vector: ``(dimension,)``, unit length.
        terms: those of its terms that stand in what was embedded.
        words: ``(len(terms), index.words.DIMENSION)``, the word of each term, projected.
    """

    vector: Vectors
    terms: tuple[str, ...]
    words: Vectors

    @classmethod
    def by(cls, encoder: SentenceEncoder, text: str, terms: Sequence[str]) -> "Embedded":
        """Embed a text; the first word of each term stands for it."""
        spans: dict[str, Span] = {}
        for start, end in content_spans(text):
            for term in stems(content_words(text[start:end])):
                spans.setdefault(term, (start, end))
        found = tuple(term for term in terms if term in spans)
        vector, words = encoder.encode_question(text, [spans[term] for term in found])
        return cls(vector, found, project(words))


class Retriever:
    """Ranks the chunks of one opened index for questions. Safe to use from several threads."""

    def __init__(self, index: ArticleIndex) -> None:
        self.index = index
        self._apart = functools.lru_cache(CACHED_CHUNKS)(self._take_apart)

    def rank(
        self, question: Question, asked: Embedded, count: int = NEAREST, articles: Sequence[int] | None = None
    ) -> list[Candidate]:
        """The best chunks, best first.

        Args:
            question: taken apart.
            asked: the question embedded.
            count: how many, if there are so many; not below `NEAREST`.
            articles: rows of the article table to look in; None for all.
        """
        tables = self.index.rows
        weights = Weights.of(
            {term: tables.lexical.idf(term) * (CARRIED if term in question.carried else 1) for term in question.terms}
        )
        within = None if articles is None else self._chunks_of(articles)
        rows, cosines = self._nearest(asked.vector, question.terms, weights.total, max(NEAREST, count), within)
        apart = [self._apart(row) for row in rows.tolist()]
        compared = self._compare([found.chunk for found in apart], asked, weights)
        candidates = [
            Candidate(found.chunk, gather(question, weights, found.title_terms, found.clues, cosine, *sentences))
            for found, cosine, sentences in zip(apart, cosines.tolist(), compared, strict=True)
        ]
        return sorted(candidates, key=lambda candidate: (-candidate.score, candidate.chunk.row))

    def size(self, articles: Sequence[int] | None) -> int:
        """How many chunks some articles have; None for all."""
        if articles is None:
            return len(self.index.rows.chunks)
        records = self.index.rows.articles
        return sum(records[row].chunk_end - records[row].chunk_start for row in articles)

    def passage(self, candidate: Candidate) -> Passage:
        """A candidate as it is shown."""
        chunk = candidate.chunk
        record = self.index.rows.articles[chunk.article]
        return Passage(
            text=chunk.text,
            path=record.path,
            start_line=chunk.start_line,
            end_line=chunk.end_line,
            start=chunk.start,
            end=chunk.end,
            title=record.title.value if record.title else "",
            author=record.author.value if record.author else "",
            published=record.published.value if record.published else "",
            sha256=record.sha256,
            score=candidate.score,
            also_in=tuple(self._location(duplicate.chunk) for duplicate in candidate.duplicates),
            page=page_of(record.pages, chunk.start),
        )

    def _location(self, chunk: ChunkRecord) -> str:
        return f"{self.index.rows.articles[chunk.article].path}:{chunk.start_line}-{chunk.end_line}"

    def _chunks_of(self, articles: Sequence[int]) -> npt.NDArray[np.int64]:
        """Rows of the chunks of some articles."""
        records = self.index.rows.articles
        return np.concatenate([np.arange(records[row].chunk_start, records[row].chunk_end) for row in articles])

    def _nearest(
        self, vector: Vectors, terms: Sequence[str], weight: float, count: int, within: npt.NDArray[np.int64] | None
    ) -> tuple[npt.NDArray[np.int64], Vectors]:
        """The chunks with the highest sum of cosine and BM25, of the best by either; and their cosines."""
        tables = self.index.rows
        by_vector, _ = tables.vectors.search(vector, count, within)
        by_terms, _ = tables.lexical.best(terms, count, within)
        rows = np.unique(np.concatenate([by_vector, by_terms]))
        cosines = tables.vectors.take(rows) @ vector
        bm25 = tables.lexical.scores_of(terms, rows) / weight
        best = np.argsort(-(cosines + bm25), kind="stable")[:count]
        return rows[best], cosines[best]

    def _compare(
        self, chunks: Sequence[ChunkRecord], asked: Embedded, weights: Weights
    ) -> Iterator[tuple[list[float], list[float]]]:
        """For each chunk, of its sentences the cosine and what `SentenceEvidence` calls `meets`; of all at once."""
        tables = self.index.rows
        counts = [len(chunk.sentences) for chunk in chunks]
        rows = rows_of([chunk.sentence_start for chunk in chunks], counts)
        starts, ends = tables.word_starts[rows], tables.word_starts[rows + 1]
        cosines = tables.sentence_vectors[rows].astype(np.float32) @ asked.vector
        similar = similarities(tables.word_vectors[rows_of(starts, ends - starts)], asked.words)
        shares = np.array([weights.idf[term] / weights.total for term in asked.terms], dtype=np.float32)
        meets = _best_of_each(similar, np.concatenate([[0], np.cumsum(ends - starts)])) @ shares
        edges = np.concatenate([[0], np.cumsum(counts)]).tolist()
        for first, last in itertools.pairwise(edges):
            yield cosines[first:last].tolist(), meets[first:last].tolist()

    def _take_apart(self, row: int) -> "_Apart":
        chunk = self.index.chunk(row)
        title = self.index.rows.articles[chunk.article].title
        sentences = (chunk.text[start - chunk.start : end - chunk.start] for start, end in chunk.sentences)
        return _Apart(chunk, tuple(map(find_clues, sentences)), frozenset(terms(title.value)) if title else frozenset())


@dataclass(frozen=True, slots=True)
class _Apart:
    """A chunk, the clues of its sentences, and the terms of its article's title."""

    chunk: ChunkRecord
    clues: tuple[Clues, ...]
    title_terms: frozenset[str]


def _best_of_each(similar: Vectors, starts: npt.NDArray[np.int64]) -> Vectors:
    """The highest cosine of each column among the words of each sentence, 0 where there is none.

    Args:
        similar: ``(n_words, n_terms)``.
        starts: where each sentence begins in it, and the end.
    """
    best = np.zeros((len(starts) - 1, similar.shape[1]), dtype=np.float32)
    filled = np.flatnonzero(np.diff(starts))
    if len(filled) and similar.shape[1]:
        best[filled] = np.maximum(np.maximum.reduceat(similar, starts[filled], axis=0), 0)
    return best
