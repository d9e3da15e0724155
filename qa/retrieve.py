"""A question in, ranked candidates out: the nearest chunks by vector and by BM25 together, ranked by their evidence.

What was tried and what it gave is in qa/README.md.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.analysis import terms
from index.encoders.protocol import Vectors
from index.stores.protocol import Selection, Snapshot
from index.stores.types import ChunkId, StoredChunk
from qa.calibration import SentenceBM25
from qa.cues import Cues, find_cues
from qa.evidence import Evidence, Weights, gather
from qa.language import language_of_code
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
        chunk: with its text.
        evidence: see `gather`.
        score: see `Ranker.passage_score`.
        duplicates: chunks that say the same, see `qa.duplicates`.
    """

    chunk: StoredChunk
    evidence: Evidence
    score: float
    duplicates: tuple["Candidate", ...] = ()


class Retriever:
    """Ranks the chunks of one snapshot for questions. Safe to use from several threads."""

    def __init__(self, snapshot: Snapshot, ranker: Ranker, bm25: SentenceBM25) -> None:
        """See `rank`.

        Args:
            snapshot: the chunks.
            ranker: what they are ranked by.
            bm25: see `gather`.
        """
        self._snapshot = snapshot
        self._ranker = ranker
        self._bm25 = bm25
        self._apart: dict[ChunkId, _Apart] = {}

    def rank(
        self, question: Question, vector: Vectors, count: int = NEAREST, within: Selection | None = None
    ) -> list[Candidate]:
        """The best chunks, best first.

        Args:
            question: taken apart.
            vector: of it, ``(dimension,)``, unit length.
            count: how many, if there are so many; not below `NEAREST`.
            within: the articles to look in; None for all.
        """
        weights = self._weights(question)
        ids, cosines = self._nearest(vector, question.terms, weights.total, max(NEAREST, count), within)
        apart = self._taken_apart(ids)
        evidence = [
            gather(question, weights, found.context_terms, found.cues, cosine, self._bm25)
            for found, cosine in zip(apart, cosines.tolist(), strict=True)
        ]
        candidates = [
            Candidate(found.chunk, gathered, self._ranker.passage_score(gathered))
            for found, gathered in zip(apart, evidence, strict=True)
        ]
        return sorted(candidates, key=order)

    def _weights(self, question: Question) -> Weights:
        """How much each term of the question weighs: its idf, less where the question took it over."""
        weights = idfs(self._snapshot, question.terms)
        return Weights.of(
            {term: weight * (CARRIED if term in question.carried else 1) for term, weight in weights.items()}
        )

    def _nearest(
        self, vector: Vectors, terms: Sequence[str], weight: float, count: int, within: Selection | None
    ) -> tuple[list[ChunkId], Vectors]:
        """The chunks with the highest sum of cosine and BM25, of the best by either; and their cosines."""
        found = self._snapshot.candidates(vector, terms, count, within)
        best = np.argsort(-(found.cosines + found.bm25 / weight), kind="stable")[:count]
        return [found.ids[place] for place in best.tolist()], found.cosines[best]

    def _taken_apart(self, ids: Sequence[ChunkId]) -> list["_Apart"]:
        """Chunks with their cues; those of the last questions are remembered."""
        known = self._apart
        missing = [number for number in ids if number not in known]
        new = {chunk.id: _take_apart(chunk) for chunk in self._snapshot.chunks(missing)}
        found = [known.get(number) or new[number] for number in ids]
        self._apart = {**known, **new} if len(known) < CACHED_CHUNKS else new
        return found


def order(candidate: Candidate) -> tuple[float, ChunkId]:
    """What candidates are sorted by."""
    return -candidate.score - candidate.evidence.bonus, candidate.chunk.id


def idf(frequency: int, size: int) -> float:
    """How rare a term is, largest for one that is nowhere: the idf of Lucene's BM25.

    Args:
        frequency: in how many chunks it stands.
        size: how many there are.
    """
    return math.log(1 + (size - frequency + 0.5) / (frequency + 0.5))


def idfs(snapshot: Snapshot, terms: Sequence[str]) -> dict[str, float]:
    """How rare each of some terms is in an index, see `idf`; in their order."""
    frequencies, size = snapshot.document_frequencies(terms), snapshot.about.chunks
    return {term: idf(frequencies[term], size) for term in terms}


def passage_of(candidate: Candidate) -> Passage:
    """A candidate as it is shown."""
    chunk = candidate.chunk
    return Passage(
        source=chunk.article.source(chunk.start),
        text=chunk.text,
        start=chunk.start,
        end=chunk.end,
        start_line=chunk.start_line,
        end_line=chunk.end_line,
        score=candidate.score,
        also_in=tuple(
            f"{other.article.path}:{other.start_line}-{other.end_line}"
            for other in (duplicate.chunk for duplicate in candidate.duplicates)
        ),
    )


@dataclass(frozen=True, slots=True)
class _Apart:
    """A chunk, the cues of its sentences, and the terms of the title and the heading that it stands under."""

    chunk: StoredChunk
    cues: tuple[Cues, ...]
    context_terms: frozenset[str]


def _take_apart(chunk: StoredChunk) -> _Apart:
    language = language_of_code(chunk.article.language)
    context = f"{chunk.article.value('title')} {chunk.heading}"
    return _Apart(
        chunk,
        tuple(find_cues(sentence, language) for sentence in chunk.sentence_texts),
        frozenset(terms(context, language.code)),
    )
