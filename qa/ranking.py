"""Evidence in, scores out: the two places where a decision is made, so that another way can be passed in.

A `Ranker` orders passages and sentences, an `Abstainer` says how sure it is that a sentence answers. Those here weigh
evidence with the numbers of a `Calibration`.
"""

import math
from typing import NamedTuple, Protocol

from qa.calibration import Calibration
from qa.evidence import Evidence, SentenceEvidence
from qa.types import Certainty


class Ranker(Protocol):
    """Says which passages, and which sentences of them, are best."""

    @property
    def quote_margin(self) -> float:
        """By how much less than the first sentence a further one may score to be quoted beside it."""
        ...

    @property
    def join_margin(self) -> float:
        """By how much less a neighbour in its paragraph may score to be quoted with it as one."""
        ...

    def passage_score(self, evidence: Evidence) -> float:
        """What a passage is ranked by: mostly 0 to 1, comparable between questions."""
        ...

    def sentence_score(self, passage: Evidence, sentence: SentenceEvidence) -> float:
        """What a sentence is ranked by; comparable within one question."""
        ...


class Abstainer(Protocol):
    """Says whether the articles answer at all."""

    @property
    def threshold(self) -> float:
        """The confidence from which they do."""
        ...

    def certainty(self, score: float) -> Certainty:
        """A confidence in a word."""
        ...

    def confidence(self, passage: Evidence, sentence: SentenceEvidence, chunks: int) -> float:
        """How sure it is that a sentence answers, 0 to 1.

        Args:
            passage: the evidence for its passage.
            sentence: the evidence for itself.
            chunks: of how many chunks its passage is one of the best.
        """
        ...


class Weighed(NamedTuple):
    """What weights of sentences and answers refer to, see `Calibration`."""

    passage: Evidence
    sentence: SentenceEvidence
    smallness: float = 0.0


class WeighingRanker:
    """A `Ranker` by weighted sums, fitted to rank the right one first (listwise logistic regression)."""

    def __init__(self, calibration: Calibration) -> None:
        self.quote_margin = calibration.quote_margin
        self.join_margin = calibration.join_margin
        self._passage = calibration.passage
        self._sentence = calibration.sentence

    def passage_score(self, evidence: Evidence) -> float:
        """See `Ranker`."""
        return self._passage(evidence)

    def sentence_score(self, passage: Evidence, sentence: SentenceEvidence) -> float:
        """See `Ranker`."""
        return self._sentence(Weighed(passage, sentence)) + sentence.bonus


class WeighingAbstainer:
    """An `Abstainer` by the product of two logistic functions.

    The first says whether passage and sentence are about what was asked, the second whether nothing of it is missing
    or turned round.
    """

    def __init__(self, calibration: Calibration) -> None:
        self.threshold = calibration.threshold
        self._about_it = calibration.about_it
        self._nothing_missing = calibration.nothing_missing
        self._usual_chunks = calibration.usual_chunks
        self._sure, self._likely = calibration.sure, calibration.likely

    def certainty(self, score: float) -> Certainty:
        """See `Abstainer`."""
        if score >= self._sure:
            return Certainty.SURE
        return Certainty.LIKELY if score >= self._likely else Certainty.UNSURE

    def confidence(self, passage: Evidence, sentence: SentenceEvidence, chunks: int) -> float:
        """See `Abstainer`.

        The best of few chunks is less likely to look good by chance, which is what smallness counts for; larger
        folders than the one it was fitted on were not measured, and count like that one.
        """
        return self.confidence_of(self.weighed(passage, sentence, chunks))

    def weighed(self, passage: Evidence, sentence: SentenceEvidence, chunks: int) -> Weighed:
        """What is weighed for a confidence."""
        return Weighed(passage, sentence, max(0.0, math.log(self._usual_chunks / chunks)))

    def confidence_of(self, weighed: Weighed) -> float:
        """The confidence, from what is weighed for it."""
        return logistic(self._about_it(weighed)) * logistic(self._nothing_missing(weighed))


def logistic(log_odds: float) -> float:
    """The probability of log-odds."""
    return 1 / (1 + math.exp(-log_odds))
