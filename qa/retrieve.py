"""A question in, ranked passages out: dense and lexical evidence in one absolute score.

`Retriever` takes the nearest chunks by vector and by BM25 and ranks them by

    cos(question, chunk) + cos(question, best sentence)
        + 1.3 · BM25(chunk) / I + 0.6 · BM25(best sentence) / I

where ``I`` is the idf of the question's distinct terms added up: the share of the question's
weight that a text covers, between 0 and 1. Nothing is standardised over the corpus, so that a
score means the same in a folder of one article and in one of ten thousand. What was tried
and what it gave is in qa/README.md.
"""

import functools
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from index.embedding import Vectors
from index.lexical import terms
from index.store import ArticleIndex, ChunkRecord
from qa.clues import Clues, find_clues
from qa.questions import Question

NEAREST = 50
"""Chunks taken from each of FAISS and BM25. The gold passage is among both together for
99.9 % of the answerable questions of encyclopedia_dev."""

CHUNK_BM25, SENTENCE_BM25 = 1.3, 0.6
"""Weights against the two cosines: R@1 .8495, R@5 .9685, R@20 .9941 on encyclopedia_dev."""

SENTENCE_K1, SENTENCE_B, SENTENCE_TERMS = 0.6, 0.5, 18
"""BM25 of sentences; the mean number of terms is that of encyclopedia prose."""

CACHED_CHUNKS = 8192
"""Chunks whose sentences stay taken apart, about 10 kB each at most."""


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
        score: higher is better, 0 to about 3.9.
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

    @property
    def location(self) -> str:
        """``path:start-end``, the lines as an editor counts them."""
        return f"{self.path}:{self.start_line}-{self.end_line}"

    def as_json(self) -> dict[str, Any]:
        """The attributes as a JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk on its way to being quoted, with what was measured of it.

    Attributes:
        chunk: its row and text.
        title_terms: terms of its article's title.
        sentences: the clues in each of its sentences.
        cosine: of the question and the chunk.
        sentence_cosines: of the question and each sentence.
        score: see the module.
    """

    chunk: ChunkRecord
    title_terms: frozenset[str]
    sentences: tuple[Clues, ...]
    cosine: float
    sentence_cosines: tuple[float, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each term of a question weighs in this index.

    Attributes:
        idf: of each distinct term.
        total: all of them added up; never 0.
    """

    idf: dict[str, float]
    total: float

    def share(self, found: frozenset[str]) -> float:
        """The share of the question's weight that a set of terms covers, 0 to 1."""
        return sum(weight for term, weight in self.idf.items() if term in found) / self.total


class Retriever:
    """Ranks the chunks of one opened index for questions."""

    def __init__(self, index: ArticleIndex) -> None:
        self.index = index
        self._clues = functools.lru_cache(CACHED_CHUNKS)(self._find_clues)

    def weights(self, question: Question) -> Weights:
        """The idf of the question's terms in this index."""
        idf = {term: self.index.rows.lexical.idf(term) for term in question.terms}
        return Weights(idf, sum(idf.values()) or 1.0)

    def rank(self, question: Question, vector: Vectors, count: int) -> list[Candidate]:
        """The `count` best chunks, best first.

        Args:
            question: taken apart.
            vector: the question embedded, ``(dimension,)``.
            count: at most so many.
        """
        weights = self.weights(question)
        lexical = self.index.rows.lexical.scores(question.terms)
        rows = self._nearest(vector, lexical, max(NEAREST, count))
        cosines = self.index.rows.vectors.take(rows) @ vector
        shares = lexical[rows] / weights.total
        candidates = [
            self._candidate(int(row), float(cosine), float(share), weights, vector)
            for row, cosine, share in zip(rows, cosines, shares, strict=True)
        ]
        return sorted(candidates, key=lambda candidate: (-candidate.score, candidate.chunk.row))[:count]

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
        )

    def _nearest(self, vector: Vectors, lexical: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.int64]:
        """Rows of the nearest chunks by vector and by BM25, each once."""
        by_vector, _ = self.index.rows.vectors.search(vector, count)
        count = min(count, len(lexical))
        by_terms = np.argpartition(-lexical, count - 1)[:count]
        return np.unique(np.concatenate([by_vector, by_terms[lexical[by_terms] > 0]]))

    def _candidate(self, row: int, cosine: float, share: float, weights: Weights, vector: Vectors) -> Candidate:
        chunk = self.index.chunk(row)
        sentences, title_terms = self._clues(row)
        last = chunk.sentence_start + len(chunk.sentences)
        cosines = self.index.rows.sentence_vectors[chunk.sentence_start : last].astype(np.float32) @ vector
        best_share = max(sentence_share(sentence.terms, weights) for sentence in sentences)
        score = cosine + float(cosines.max()) + CHUNK_BM25 * share + SENTENCE_BM25 * best_share
        return Candidate(chunk, title_terms, sentences, cosine, tuple(map(float, cosines)), score)

    def _find_clues(self, row: int) -> tuple[tuple[Clues, ...], frozenset[str]]:
        chunk = self.index.chunk(row)
        title = self.index.rows.articles[chunk.article].title
        sentences = (chunk.text[start - chunk.start : end - chunk.start] for start, end in chunk.sentences)
        return tuple(map(find_clues, sentences)), frozenset(terms(title.value)) if title else frozenset()


def sentence_share(found: Sequence[str], weights: Weights) -> float:
    """BM25 of one sentence as a share of the question's weight, 0 to 1."""
    length = 1 - SENTENCE_B + SENTENCE_B * len(found) / SENTENCE_TERMS
    score = 0.0
    for term, idf in weights.idf.items():
        count = found.count(term)
        if count:
            score += idf * count / (count + SENTENCE_K1 * length)
    return score / weights.total
