"""Questions with gold lines and an index in, what the numbers of a `Calibration` are fitted to out.

`Gatherer` is all that asks here.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from evaluation.evaluate import store_of
from evaluation.listwise import Flags, Floats, Lists
from evaluation.questions import GoldQuestion
from index.encoders.protocol import SentenceEncoder
from index.stores.protocol import Snapshot
from index.types import LineTable
from qa.answer import find_sentences
from qa.asking import PASSAGES
from qa.calibration import Calibration, WeightedSum
from qa.duplicates import merge
from qa.questions import parse_question
from qa.quotes import Finding
from qa.ranking import Weighed, WeighingAbstainer, WeighingRanker
from qa.retrieve import Candidate, Retriever


@dataclass(frozen=True, slots=True)
class Known:
    """What an index has for a question.

    Attributes:
        gold: the question.
        candidates: passages, best first, each with the path of its article.
        findings: the sentences of the best of them, likewise.
        best: what the confidence of the first sentence weighs.
    """

    gold: GoldQuestion
    candidates: Sequence[tuple[Candidate, str]]
    findings: Sequence[tuple[Finding, str]]
    best: Weighed


class Gatherer:
    """Asks a snapshot without deciding anything."""

    def __init__(self, snapshot: Snapshot, encoder: SentenceEncoder, calibration: Calibration) -> None:
        self._snapshot = snapshot
        self._paths = [info.path for info in snapshot.articles()]
        self._encoder = encoder
        self._calibration = calibration
        self._ranker = WeighingRanker(calibration)
        self._abstainer = WeighingAbstainer(calibration)
        self._retriever = Retriever(snapshot, self._ranker, calibration.sentence_bm25)

    def known(self, gold: GoldQuestion) -> Known:
        """See `Known`."""
        question = parse_question(gold.question)
        candidates = self._retriever.rank(question, self._encoder.encode_question(question.text))
        findings = find_sentences(merge(candidates, PASSAGES), self._ranker)
        best = findings[0]
        return Known(
            gold,
            [(found, found.chunk.article.path) for found in candidates],
            [(found, found.candidate.chunk.article.path) for found in findings],
            self._abstainer.weighed(best.candidate.evidence, best.sentence, self._snapshot.about.chunks),
        )

    def halves(self, folder: Path) -> tuple["Gatherer", "Gatherer"]:
        """Over every other article, and over the rest, as indexes in a folder."""
        even, odd = (store_of(self._snapshot, self._paths[at::2], folder / str(at)).snapshot() for at in (0, 1))
        return (
            Gatherer(even, self._encoder, self._calibration),
            Gatherer(odd, self._encoder, self._calibration),
        )

    def half_of(self, gold: GoldQuestion) -> int:
        """Which of the halves has the article of a question."""
        return self._paths.index(gold.article) % 2


def passage_lists(known: Sequence[Known], total: WeightedSum) -> Lists:
    """The passages of each question with what a sum weighs; right are those that cover the gold line."""
    return Lists.of(
        [
            [(total.features(found.evidence), _covers(entry.gold, found, path)) for found, path in entry.candidates]
            for entry in known
        ]
    )


def _covers(gold: GoldQuestion, candidate: Candidate, path: str) -> bool:
    chunk = candidate.chunk
    return path == gold.article and gold.line is not None and chunk.start_line <= gold.line <= chunk.end_line


def sentence_lists(known: Sequence[Known], total: WeightedSum) -> Lists:
    """The same of the sentences of the best passages; right are those on the gold line that hold an accepted answer."""
    return Lists.of(
        [
            [
                (total.features(Weighed(found.candidate.evidence, found.sentence)), _answers(entry.gold, found, path))
                for found, path in entry.findings
            ]
            for entry in known
        ]
    )


def _answers(gold: GoldQuestion, finding: Finding, path: str) -> bool:
    if path != gold.article or gold.line is None:
        return False
    chunk = finding.candidate.chunk
    start, end = (edge - chunk.start for edge in chunk.sentences[finding.number])
    first, last = (line + chunk.start_line - 1 for line in LineTable(chunk.text).lines(start, end))
    return first <= gold.line <= last and gold.accepts(chunk.text[start:end])


@dataclass(frozen=True, slots=True)
class Cases:
    """Best sentences, and whether it is right to answer with them.

    Attributes:
        weighed: what the confidence weighs.
        right: ``(n,)``.
        folds: ``(n,)``, the group of articles that each question is about.
    """

    weighed: Sequence[Weighed]
    right: Flags
    folds: npt.NDArray[np.int64]

    def features(self, total: WeightedSum) -> Floats:
        """``(n, n_features)``, what a sum weighs."""
        return np.array([total.features(weighed) for weighed in self.weighed], dtype=np.float64)

    def of_rows(self, wanted: Flags) -> "Cases":
        """Some of them."""
        weighed = [self.weighed[row] for row in np.flatnonzero(wanted).tolist()]
        return Cases(weighed, self.right[wanted], self.folds[wanted])


def looks_answerable(known: Sequence[Known], folds: Mapping[str, int]) -> Cases:
    """All questions over all articles; right are the answerable ones."""
    return Cases(
        [entry.best for entry in known],
        np.array([entry.gold.line is not None for entry in known]),
        np.array([folds[entry.gold.article] for entry in known]),
    )


def other_world(questions: Sequence[GoldQuestion], gatherer: Gatherer, folds: Mapping[str, int]) -> Cases:
    """Each question over the half of the articles that has its own, which is right, and over the other half."""
    weighed: list[Weighed] = []
    with tempfile.TemporaryDirectory(prefix="articleqa-fit-") as folder:
        halves = gatherer.halves(Path(folder))
        for gold in questions:
            own = gatherer.half_of(gold)
            weighed += [halves[own].known(gold).best, halves[1 - own].known(gold).best]
    return Cases(
        weighed,
        np.tile([True, False], len(questions)),
        np.repeat([folds[gold.article] for gold in questions], 2),
    )
