"""The reader's logits in, the words of each sentence that answer best out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.types import Span
from qa.reader.network import Floats, Logits

LONGEST_ANSWER = 30
"""Word pieces; what it was trained and measured with."""

UNREAD = -20.0
"""Score of a sentence behind what is read, and of one without a word."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The words of one sentence that answer best.

    Attributes:
        score: their start and end logit together; comparable among all sentences of a question.
        start, end: offsets in the sentence; equal where it was not read.
    """

    score: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Marks:
    """A passage, read.

    Attributes:
        sentences: a mark for each.
        null, has_answer: see `Logits`.
    """

    sentences: tuple[Mark, ...]
    null: float
    has_answer: float


def marks_of(logits: Logits, sentences: Sequence[Span]) -> Marks:
    """The best words of each sentence.

    Args:
        logits: of the passage.
        sentences: spans of the passage's text.
    """
    starts = np.array([start for start, _ in logits.offsets], dtype=np.int64)
    edges = np.searchsorted(starts, np.array(sentences, dtype=np.int64).reshape(-1, 2)).tolist()
    found = []
    for (begin, _), (first, last) in zip(sentences, edges, strict=True):
        if first == last:
            found.append(Mark(UNREAD, 0, 0))
            continue
        a, b, score = best_span(logits.start[first:last], logits.end[first:last])
        found.append(Mark(score, logits.offsets[first + a][0] - begin, logits.offsets[first + b][1] - begin))
    return Marks(tuple(found), logits.null, logits.has_answer)


def best_span(start: Floats, end: Floats, longest: int = LONGEST_ANSWER) -> tuple[int, int, float]:
    """The span of at most `longest` pieces with the highest start and end together, and that sum."""
    sums = start[:, None] + end[None, :]
    reach = np.arange(len(start))
    sums[(reach[None, :] < reach[:, None]) | (reach[None, :] >= reach[:, None] + longest)] = -np.inf
    first, last = np.unravel_index(int(sums.argmax()), sums.shape)
    return int(first), int(last), float(sums[first, last])
