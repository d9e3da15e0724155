"""A question and passages in, the best span of each out, by an exported graph: what figures are made with."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qa.reader.marks import best_span
from qa.reader.network import Logits, Network


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader makes of one passage.

    Attributes:
        start, end: the words that answer best, offsets into the passage.
        span: sum of their start and end logits; comparable between passages of a question.
        null: the same for [CLS], "none here".
        has_answer: logit.
    """

    start: int
    end: int
    span: float
    null: float
    has_answer: float


class OnnxReader:
    """An exported reader."""

    def __init__(self, graph: Path, threads: int = 1) -> None:
        self._network = Network(graph, threads)

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """Read passages, each given with its title; what comes out is in their order."""
        return [_reading(logits) for logits in self._network.logits(question, passages)]


def _reading(logits: Logits) -> Reading:
    if not len(logits.start):
        return Reading(0, 0, -1e4, logits.null, logits.has_answer)
    first, last, span = best_span(logits.start, logits.end)
    return Reading(logits.offsets[first][0], logits.offsets[last][1], span, logits.null, logits.has_answer)
