"""A question and a chunk in, `Evidence` out: all that speaks for the chunk and its sentences.

The one place where features are computed; `retrieve`, `quotes` and `answer` only weigh them.
Every feature lies between 0 and 1 (cosines between -1 and 1) and none is standardised over
the corpus, so that a figure means the same in a folder of one article and of ten thousand.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from qa.clues import Clues
from qa.kinds import kind_match
from qa.opposites import says_the_opposite
from qa.questions import Question

SENTENCE_K1, SENTENCE_B, SENTENCE_TERMS = 0.6, 0.5, 18
"""BM25 of a sentence by itself; a sentence of prose has about 18 content words."""


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
        cosine: of the question and the sentence.
        covers: share of the question's weight that stands in it.
        covers_with_last: the same, with the sentence before it.
        bm25: BM25 as a share of the question's weight.
        meets: cosine of each of the question's terms with the word most like it, in their contexts,
            averaged by weight; negative ones count 0.
        pairs: share of the question's pairs of terms that are near each other in it.
        kind: whether it holds what the question wants to be told, see `kind_match`.
        lacks_names: share of the weight of the question's names that is not in it.
        lacks_negation: 1 where the question is negated and the sentence is not.
        opposite: 1 where it says the opposite of a word of the question.
        position: its place in the passage, in tenths.
    """

    cosine: float
    covers: float
    covers_with_last: float
    bm25: float
    meets: float
    pairs: float
    kind: float
    lacks_names: float
    lacks_negation: float
    opposite: float
    position: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for one chunk; `sentences` are in the order of the chunk.

    Attributes:
        cosine: of the question and the chunk.
        covers: share of the question's weight that stands in the chunk or its article's title.
        lacks_names: share of the weight of the question's names that stands in neither.
        sentences: of each sentence.
        best_cosine, best_covers_with_last, best_bm25, best_meets, best_pairs: the highest of its sentences.
    """

    cosine: float
    covers: float
    lacks_names: float
    sentences: tuple[SentenceEvidence, ...]
    best_cosine: float
    best_covers_with_last: float
    best_bm25: float
    best_meets: float
    best_pairs: float


def gather(
    question: Question,
    weights: Weights,
    title_terms: Set[str],
    clues: Sequence[Clues],
    cosine: float,
    sentence_cosines: Sequence[float],
    meets: Sequence[float],
) -> Evidence:
    """All evidence of one chunk.

    Args:
        question: taken apart.
        weights: of its terms in this index.
        title_terms: terms of the title of the chunk's article.
        clues: of each sentence of the chunk.
        cosine: of the question and the chunk.
        sentence_cosines: of the question and each sentence.
        meets: of each sentence, see `SentenceEvidence`.
    """
    asked = weights.idf.keys()
    found = [asked & sentence.distinct for sentence in clues]  # of most sentences nothing, which is soon weighed
    passage = (asked & title_terms).union(*found)
    names = weights.among(question.names)
    before = [set[str](), *found]
    sentences = tuple(
        SentenceEvidence(
            cosine=sentence_cosines[number],
            covers=weights.share(found[number]),
            covers_with_last=weights.share(found[number] | before[number]),
            bm25=sentence_bm25(sentence.terms, weights) if found[number] else 0.0,
            meets=meets[number],
            pairs=_share_of_pairs(question, weights, sentence) if found[number] else 0.0,
            kind=kind_match(question.kind, sentence, question.clues.words),
            lacks_names=_lacking(names, found[number]),
            lacks_negation=float(question.clues.negation and not sentence.negation),
            opposite=float(says_the_opposite(question.clues.words, sentence.words)),
            position=number / 10,
        )
        for number, sentence in enumerate(clues)
    )
    return Evidence(
        cosine=cosine,
        covers=weights.share(passage),
        lacks_names=_lacking(names, passage),
        sentences=sentences,
        best_cosine=max(sentence.cosine for sentence in sentences),
        best_covers_with_last=max(sentence.covers_with_last for sentence in sentences),
        best_bm25=max(sentence.bm25 for sentence in sentences),
        best_meets=max(meets),
        best_pairs=max(sentence.pairs for sentence in sentences),
    )


def sentence_bm25(found: Sequence[str], weights: Weights) -> float:
    """BM25 of one sentence's terms as a share of the question's weight, 0 to 1."""
    length = 1 - SENTENCE_B + SENTENCE_B * len(found) / SENTENCE_TERMS
    counts = ((idf, found.count(term)) for term, idf in weights.idf.items())
    return sum(idf * count / (count + SENTENCE_K1 * length) for idf, count in counts) / weights.total


def _lacking(names: Weights, found: Set[str]) -> float:
    """Share of the weight of the question's names that is not among the found terms; 0 without names."""
    return 1 - names.share(found) if names.idf else 0.0


def _share_of_pairs(question: Question, weights: Weights, sentence: Clues) -> float:
    """Share of the weight of the question's pairs that are near each other in the sentence."""
    value = {pair: weights.idf[pair[0]] + weights.idf[pair[1]] for pair in question.pairs}
    total = sum(value.values())
    return sum(weight for pair, weight in value.items() if pair in sentence.near) / total if total else 0.0
