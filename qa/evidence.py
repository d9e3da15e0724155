"""A question and a chunk in, `Evidence` out: all that speaks for the chunk and its sentences.

The one place where features are computed; `qa.ranking` weighs them.
Every feature lies between 0 and 1 (cosines between -1 and 1) and none is standardised over
the corpus, so that a figure means the same in a folder of one article and of ten thousand.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from index.types import Span
from qa.answer_types import type_match
from qa.calibration import SentenceBM25
from qa.cues import Cues
from qa.questions import Question
from qa.reader.marks import Marks


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each term of a question weighs in an index.

    Attributes:
        idf: of each distinct term.
        total: what to divide by, so that all of them together are 1; never 0.
    """

    idf: dict[str, float]
    total: float

    @classmethod
    def of(cls, idf: dict[str, float]) -> "Weights":
        """Weights of terms with these idfs."""
        return cls(idf, sum(idf.values()) or 1.0)

    def share(self, found: Set[str]) -> float:
        """The share of the question's weight that a set of terms covers."""
        return sum(weight for term, weight in self.idf.items() if term in found) / self.total if found else 0.0

    def among(self, terms: Set[str]) -> "Weights":
        """The weights of some of the terms, which together are 1 again."""
        return Weights.of({term: weight for term, weight in self.idf.items() if term in terms})


@dataclass(frozen=True, slots=True)
class SentenceEvidence:
    """What speaks for one sentence.

    Attributes:
        coverage: share of the question's weight that stands in it.
        coverage_with_previous: the same, with the sentence before it.
        bm25: BM25 as a share of the question's weight.
        pairs: share of the question's pairs of terms that are near each other in it.
        type_match: whether it holds what the question wants to be told, see `qa.answer_types`.
        lacks_names: share of the weight of the question's names that is not in it.
        lacks_negation: 1 where the question is negated and the sentence is not.
        position: its place in the passage, in tenths.
        bonus: what it is worth beside its weights, for a wish of the question (`qa.timely`).
        span: what the reader gives the words of it that answer best, see `qa.reader.marks`; 0 where it did not read.
        answer: offsets of these words in the sentence; empty where it did not read.
    """

    coverage: float
    coverage_with_previous: float
    bm25: float
    pairs: float
    type_match: float
    lacks_names: float
    lacks_negation: float
    position: float
    bonus: float = 0.0
    span: float = 0.0
    answer: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for one chunk; `sentences` are in the order of the chunk.

    Attributes:
        cosine: of the question and the chunk.
        coverage: share of the question's weight that stands in the chunk, its heading or its title.
        lacks_names: share of the weight of the question's names that stands in neither.
        sentences: of each sentence.
        best_coverage_with_previous, best_bm25, best_pairs: the highest of its sentences.
        bonus: by how much it is put forward beside its score, for a wish of the question (`qa.timely`).
        best_span: likewise of what the reader says.
        null, has_answer: what the reader says of the whole chunk, see `qa.reader.network`.
    """

    cosine: float
    coverage: float
    lacks_names: float
    sentences: tuple[SentenceEvidence, ...]
    best_coverage_with_previous: float
    best_bm25: float
    best_pairs: float
    bonus: float = 0.0
    best_span: float = 0.0
    null: float = 0.0
    has_answer: float = 0.0

    def read(self, marks: Marks) -> "Evidence":
        """The same with what the reader says."""
        sentences = tuple(
            replace(sentence, span=mark.score, answer=(mark.start, mark.end))
            for sentence, mark in zip(self.sentences, marks.sentences, strict=True)
        )
        best = max(mark.score for mark in marks.sentences)
        return replace(self, sentences=sentences, best_span=best, null=marks.null, has_answer=marks.has_answer)


def gather(
    question: Question,
    weights: Weights,
    context_terms: Set[str],
    cues: Sequence[Cues],
    cosine: float,
    bm25: SentenceBM25,
) -> Evidence:
    """All evidence of one chunk.

    Args:
        question: taken apart.
        weights: of its terms in this index.
        context_terms: terms of the title and the heading that it stands under.
        cues: of each sentence of the chunk.
        cosine: of the question and the chunk.
        bm25: how a sentence by itself is scored.
    """
    asked = weights.idf.keys()
    found = [asked & sentence.distinct for sentence in cues]  # of most sentences nothing, which is soon weighed
    passage = (asked & context_terms).union(*found)
    names = weights.among(question.names)
    before = [set[str](), *found]
    sentences = tuple(
        SentenceEvidence(
            coverage=weights.share(found[number]),
            coverage_with_previous=weights.share(found[number] | before[number]),
            bm25=sentence_bm25(sentence.terms, weights, bm25) if found[number] else 0.0,
            pairs=_share_of_pairs(question, weights, sentence) if found[number] else 0.0,
            type_match=type_match(question.answer_type, sentence, question.cues.words),
            lacks_names=_lacking(names, found[number]),
            lacks_negation=float(question.cues.negation and not sentence.negation),
            position=number / 10,
        )
        for number, sentence in enumerate(cues)
    )
    return Evidence(
        cosine=cosine,
        coverage=weights.share(passage),
        lacks_names=_lacking(names, passage),
        sentences=sentences,
        best_coverage_with_previous=max(sentence.coverage_with_previous for sentence in sentences),
        best_bm25=max(sentence.bm25 for sentence in sentences),
        best_pairs=max(sentence.pairs for sentence in sentences),
    )


def sentence_bm25(found: Sequence[str], weights: Weights, bm25: SentenceBM25) -> float:
    """BM25 of one sentence's terms as a share of the question's weight, 0 to 1."""
    length = 1 - bm25.b + bm25.b * len(found) / bm25.terms
    counts = ((idf, found.count(term)) for term, idf in weights.idf.items())
    return sum(idf * count / (count + bm25.k1 * length) for idf, count in counts) / weights.total


def _lacking(names: Weights, found: Set[str]) -> float:
    """Share of the weight of the question's names that is not among the found terms; 0 without names."""
    return 1 - names.share(found) if names.idf else 0.0


def _share_of_pairs(question: Question, weights: Weights, sentence: Cues) -> float:
    """Share of the weight of the question's pairs that are near each other in the sentence."""
    value = {pair: weights.idf[pair[0]] + weights.idf[pair[1]] for pair in question.pairs}
    total = sum(value.values())
    return sum(weight for pair, weight in value.items() if pair in sentence.near) / total if total else 0.0
