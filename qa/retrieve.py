"""A question in, ranked candidates out: the nearest chunks by vector and by BM25 together, ranked by their evidence.

What was tried and what it gave is in qa/README.md.
"""

import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.analysis import terms
from index.articles import Article
from index.embedding import SentenceEncoder, Vectors
from index.headers import Field
from index.store import ArticleIndex, ArticleRecord, ChunkRecord, rows_of
from index.types import Source, Span, page_of
from index.words import project, similarities
from qa.calibration import SentenceBM25
from qa.cues import Cues, find_cues
from qa.evidence import Evidence, Weights, gather
from qa.language import ENGLISH
from qa.questions import Question
from qa.ranking import Ranker
from qa.types import Passage

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
class Candidate:
    """A chunk that was ranked, with the evidence for it.

    Attributes:
        chunk: its row and text.
        evidence: see `gather`.
        score: see `Ranker.passage_score`.
        duplicates: chunks that say the same, see `qa.duplicates`.
    """

    chunk: ChunkRecord
    evidence: Evidence
    score: float
    duplicates: tuple["Candidate", ...] = ()


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
    def by(cls, encoder: SentenceEncoder, text: str, spans: Sequence[tuple[str, Span]]) -> "Embedded":
        """Embed a text.

        Args:
            encoder: the model of the index.
            text: what is asked.
            spans: terms, each with where the word stands in it that stands for it, see `Question`.
        """
        vector, words = encoder.encode_question(text, [span for _, span in spans])
        return cls(vector, tuple(term for term, _ in spans), project(words))


class Retriever:
    """Ranks the chunks of one opened index for questions. Safe to use from several threads."""

    def __init__(self, index: ArticleIndex, ranker: Ranker, bm25: SentenceBM25) -> None:
        """See `rank`.

        Args:
            index: the chunks.
            ranker: what they are ranked by.
            bm25: see `gather`.
        """
        self.index = index
        self._ranker = ranker
        self._bm25 = bm25
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
        evidence = [
            gather(question, weights, found.title_terms, found.cues, cosine, *sentences, self._bm25)
            for found, cosine, sentences in zip(apart, cosines.tolist(), compared, strict=True)
        ]
        candidates = [
            Candidate(found.chunk, gathered, self._ranker.passage_score(gathered))
            for found, gathered in zip(apart, evidence, strict=True)
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
        return Passage(
            source=self._source(chunk),
            text=chunk.text,
            start=chunk.start,
            end=chunk.end,
            start_line=chunk.start_line,
            end_line=chunk.end_line,
            score=candidate.score,
            also_in=tuple(self._location(duplicate.chunk) for duplicate in candidate.duplicates),
        )

    def _source(self, chunk: ChunkRecord) -> Source:
        return source_of(self.index.rows.articles[chunk.article], chunk.start)

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
        """For each chunk, of its sentences the cosine and MaxSim; of all at once."""
        tables = self.index.rows
        counts = [len(chunk.sentences) for chunk in chunks]
        rows = rows_of([chunk.sentence_start for chunk in chunks], counts)
        starts, ends = tables.word_starts[rows], tables.word_starts[rows + 1]
        cosines = tables.sentence_vectors[rows].astype(np.float32) @ asked.vector
        similar = similarities(tables.word_vectors[rows_of(starts, ends - starts)], asked.words)
        shares = np.array([weights.idf[term] / weights.total for term in asked.terms], dtype=np.float32)
        maxsim = _best_of_each(similar, np.concatenate([[0], np.cumsum(ends - starts)])) @ shares
        edges = np.concatenate([[0], np.cumsum(counts)]).tolist()
        for first, last in itertools.pairwise(edges):
            yield cosines[first:last].tolist(), maxsim[first:last].tolist()

    def _take_apart(self, row: int) -> "_Apart":
        chunk = self.index.chunk(row)
        title = self.index.rows.articles[chunk.article].title
        language = ENGLISH  # of the article, once an index knows it
        sentences = (chunk.text[start - chunk.start : end - chunk.start] for start, end in chunk.sentences)
        return _Apart(
            chunk,
            tuple(find_cues(sentence, language) for sentence in sentences),
            frozenset(terms(title.value, language.code)) if title else frozenset(),
        )


@dataclass(frozen=True, slots=True)
class _Apart:
    """A chunk, the cues of its sentences, and the terms of its article's title."""

    chunk: ChunkRecord
    cues: tuple[Cues, ...]
    title_terms: frozenset[str]


def source_of(article: Article | ArticleRecord, start: int) -> Source:
    """Where a piece of an article that starts at an offset is from."""
    title, author, published = (found.value if found else "" for found in _header(article))
    page = page_of(article.pages, start)
    return Source(article.path, article.sha256, title, author, published, article.url, page, article.record)


def _header(article: Article | ArticleRecord) -> tuple[Field | None, ...]:
    return article.title, article.author, article.published


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
