"""The fitted numbers, as data: weights of evidence and thresholds, a JSON file for each embedding model.

``python -m evaluation.fit`` makes such a file from a set of questions. What the numbers weigh is computed in
`qa.evidence`, and what they are used for is in `qa.ranking`.
"""

import functools
import importlib.resources
import json
import logging
import operator
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from index.errors import ArticleQAError

_PACKAGED = "all-MiniLM-L6-v2"

_log = logging.getLogger(__name__)


class CalibrationUnreadable(ArticleQAError):
    """A file of fitted numbers is not there or not in the format. Seen by whoever passes one in."""


@dataclass(frozen=True, slots=True)
class WeightedSum:
    """A sum of features, each times its weight, and a constant; added in the order of the weights.

    Attributes:
        weights: of attributes of what is weighed, dots reach into it: ``passage.best_bm25``. Two at least.
        constant: added last.
    """

    weights: Mapping[str, float]
    constant: float = 0.0
    _features: "operator.attrgetter[tuple[float, ...]]" = field(init=False, repr=False, compare=False)
    _values: tuple[float, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.weights) < 2:
            raise ValueError(f"a weighted sum has two features at least, not {list(self.weights)}")
        object.__setattr__(self, "_features", operator.attrgetter(*self.weights))
        object.__setattr__(self, "_values", tuple(map(float, self.weights.values())))

    def __call__(self, weighed: object) -> float:
        """The sum for what has these features."""
        total = 0.0
        for weight, feature in zip(self._values, self._features(weighed), strict=True):
            total += weight * feature  # not sum(), which rounds in another way from Python 3.12 on
        return total + self.constant

    def features(self, weighed: object) -> tuple[float, ...]:
        """What is weighed, in the order of the weights."""
        return self._features(weighed)

    def as_json(self) -> dict[str, Any]:
        """What `of` reads."""
        return {"weights": dict(self.weights), "constant": self.constant}


@dataclass(frozen=True, slots=True)
class SentenceBM25:
    """BM25 of a sentence by itself.

    Attributes:
        k1, b: as usual.
        terms: content words of a usual sentence.
    """

    k1: float
    b: float
    terms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """All numbers that were fitted for one embedding model.

    Attributes:
        model: its name.
        fitted_for: its fingerprint.
        reader: sha256 of the reader whose marks are weighed, too; empty where none reads.
        fitted_with: the set and the command.
        figures: what it reached there.
        passage: ranks passages, of `Evidence`.
        sentence: ranks sentences, of ``passage`` (`Evidence`) and ``sentence`` (`SentenceEvidence`).
        about_it, nothing_missing: log-odds of an answer, of the same two and ``smallness``.
        threshold: score from which the articles count as answering.
        quote_margin: by how much less useful a further quote may be than the first.
        join_margin: by how much less a neighbour may be worth to be quoted with a sentence as one.
        sure, likely: scores from which an answer is called so, see `Certainty`.
        usual_chunks: size of the folder that it was fitted on; ``smallness`` of a smaller one is
            ``ln(usual_chunks / chunks)``.
        sentence_bm25: see `SentenceBM25`.
    """

    model: str
    fitted_for: str
    reader: str
    fitted_with: str
    figures: Mapping[str, float]
    passage: WeightedSum
    sentence: WeightedSum
    about_it: WeightedSum
    nothing_missing: WeightedSum
    threshold: float
    quote_margin: float
    join_margin: float
    sure: float
    likely: float
    usual_chunks: int
    sentence_bm25: SentenceBM25

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "Calibration":
        """What `as_json` gave.

        Raises:
            KeyError, TypeError, ValueError: something is missing, too much or of another kind.
        """
        sums = {name: WeightedSum(**entry[name]) for name in _SUMS}
        return cls(**{**entry, **sums, "sentence_bm25": SentenceBM25(**entry["sentence_bm25"])})

    @classmethod
    def read(cls, file: Path) -> "Calibration":
        """The fitted numbers in a JSON file.

        Raises:
            CalibrationUnreadable: it is not there, or holds something else.
        """
        try:
            return cls.of(json.loads(file.read_text("utf-8")))
        except OSError as error:
            raise CalibrationUnreadable(f"The fitted numbers in {file} can't be read: {error.strerror}.") from error
        except (KeyError, TypeError, ValueError) as error:
            raise CalibrationUnreadable(f"{file} holds no fitted numbers ({type(error).__name__}: {error}).") from error

    def as_json(self) -> dict[str, Any]:
        """As a JSON object."""
        sums = {name: getattr(self, name).as_json() for name in _SUMS}
        entry = {name: getattr(self, name) for name in self.__slots__}
        return {**entry, "figures": dict(self.figures), **sums, "sentence_bm25": asdict(self.sentence_bm25)}


_SUMS = ("passage", "sentence", "about_it", "nothing_missing")


@functools.cache
def _packaged() -> dict[tuple[str, str], Calibration]:
    """Those that come with the package, by fingerprint and reader; those that stand in for others first."""
    files = [file for file in importlib.resources.files(__name__).iterdir() if file.name.endswith(".json")]
    files.sort(key=lambda file: (not file.name.startswith(_PACKAGED), file.name))
    found = [Calibration.of(json.loads(file.read_text("utf-8"))) for file in files]
    return {(calibration.fitted_for, calibration.reader): calibration for calibration in found}


@functools.cache
def calibration_for(fingerprint: str) -> Calibration:
    """The numbers that were fitted for a model, or MiniLM's with a notice: `Calibration.fitted_for` tells which.

    Args:
        fingerprint: of the embedding model.
    """
    packaged = _packaged()
    if (fingerprint, "") in packaged:
        return packaged[fingerprint, ""]
    other = next(found for (_, reader), found in packaged.items() if not reader)
    _log.warning(
        "No weights were fitted for the model with the fingerprint %s…. Those of %s are used: answers may be ranked "
        "worse, and questions that the articles don't answer may be answered.",
        fingerprint[:12],
        other.model,
    )
    return other


def calibration_with_reader(fingerprint: str, reader: str) -> Calibration | None:
    """The numbers that were fitted for a model with a reader; None where nobody has: then nothing is read.

    Args:
        fingerprint: of the embedding model.
        reader: sha256 of the reader.
    """
    return _packaged().get((fingerprint, reader))
