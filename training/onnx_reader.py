"""A question and passages in, scores and spans out, by an exported graph; no torch.

What figures are made with. The product's own reader does the same within its own rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from training.heldout import best_span
from training.prepare import MAX_QUESTION_PIECES, MAX_TITLE_PIECES, load_tokenizer

MAX_PIECES = 320
"""A passage of 900 characters with its question and title; the rest of a longer one is not read."""

BATCH = 16


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader makes of one passage.

    Attributes:
        start, end: the words that answer best, offsets into the passage.
        span: sum of their start and end logits; comparable between passages of a question.
        null: the same for [CLS], "none here".
        has_answer: logit.
        start_logits, end_logits: ``(n_pieces,)`` float32 of the passage's pieces.
        offsets: where these stand in the passage.
    """

    start: int
    end: int
    span: float
    null: float
    has_answer: float
    start_logits: npt.NDArray[np.float32]
    end_logits: npt.NDArray[np.float32]
    offsets: tuple[tuple[int, int], ...]


class OnnxReader:
    """An exported reader."""

    def __init__(self, graph: Path, threads: int = 1) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session: Any = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        self._tokenizer = load_tokenizer()

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """Read passages, each given with its title, shortest first; what comes out is in their order."""
        asked = self._encode(question).ids[:MAX_QUESTION_PIECES]
        encoded = [(self._encode(f"{t}." if t else "").ids[:MAX_TITLE_PIECES], self._encode(p)) for t, p in passages]
        order = sorted(range(len(passages)), key=lambda n: len(encoded[n][0]) + len(encoded[n][1].ids))
        readings: dict[int, Reading] = {}
        for at in range(0, len(order), BATCH):
            numbers = order[at : at + BATCH]
            batch = self._forward(asked, [encoded[number] for number in numbers])
            readings |= dict(zip(numbers, batch, strict=True))
        return [readings[number] for number in range(len(passages))]

    def _encode(self, text: str) -> Any:
        return self._tokenizer.encode(text, add_special_tokens=False)

    def _forward(self, asked: list[int], passages: Sequence[tuple[list[int], Any]]) -> list[Reading]:
        rows = [
            [101, *asked, 102, *title, *passage.ids[: MAX_PIECES - len(asked) - len(title) - 3], 102]
            for title, passage in passages
        ]
        ids, mask, types = (np.zeros((len(rows), max(map(len, rows))), dtype=np.int64) for _ in range(3))
        for number, row in enumerate(rows):
            ids[number, : len(row)] = row
            mask[number, : len(row)] = 1
            types[number, len(asked) + 2 : len(row)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        starts, ends, has = self._session.run(None, feed)
        readings = []
        for number, ((title, passage), row) in enumerate(zip(passages, rows, strict=True)):
            first, last = len(asked) + 2 + len(title), len(row) - 1
            start, end = starts[number, first:last], ends[number, first:last]
            null = float(starts[number, 0] + ends[number, 0])
            offsets = tuple(passage.offsets[: last - first])
            readings.append(_reading(start, end, null, float(has[number]), offsets))
        return readings


def _reading(
    start: npt.NDArray[np.float32],
    end: npt.NDArray[np.float32],
    null: float,
    has_answer: float,
    offsets: tuple[tuple[int, int], ...],
) -> Reading:
    if not len(start):
        return Reading(0, 0, -1e4, null, has_answer, start, end, offsets)
    first, last, span = best_span(start, end)
    return Reading(offsets[first][0], offsets[last][1], span, null, has_answer, start, end, offsets)
