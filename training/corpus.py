"""The training set as numpy arrays: questions, passages and titles in word pieces, and who belongs to whom.

Tokenised once, so that a step of training does no Python work on text. `batches` draws from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

KINDS = ("answer", "adversarial", "neighbour", "swapped")

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Ragged:
    """Rows of word pieces of different lengths.

    Attributes:
        ids: ``(n_pieces,)`` uint16, row after row.
        starts: ``(n_rows + 1,)`` int32, where each row begins in `ids`.
    """

    ids: npt.NDArray[np.uint16]
    starts: Ints

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> "Ragged":
        """Rows as arrays."""
        starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int32)
        return cls(np.asarray([piece for row in rows for piece in row], dtype=np.uint16), starts)

    def row(self, number: int) -> npt.NDArray[np.uint16]:
        """One row's pieces."""
        return self.ids[self.starts[number] : self.starts[number + 1]]

    @property
    def lengths(self) -> Ints:
        """``(n_rows,)`` int32."""
        return np.diff(self.starts)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Groups of one question, its own passage, and passages that don't answer it.

    Attributes:
        questions, passages, titles: word pieces without special ones; a title for each passage.
        question, passage: ``(n_groups,)`` int32, rows of the above.
        first, last: ``(n_groups,)`` int32, the first and the last piece of the answer in its
            passage; -1 where the passage has none.
        negatives: ``(n_groups, k)`` int32, rows of passages, best first; -1 where there are no more.
        source: ``(n_groups,)`` int16, a place in `sources`.
        kind: ``(n_groups,)`` int16, a place in `KINDS`.
        held_out: ``(n_groups,)`` bool, never trained on.
        sources: names of the data sets.
    """

    questions: Ragged
    passages: Ragged
    titles: Ragged
    question: Ints
    passage: Ints
    first: Ints
    last: Ints
    negatives: Ints
    source: npt.NDArray[np.int16]
    kind: npt.NDArray[np.int16]
    held_out: npt.NDArray[np.bool_]
    sources: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.question)

    def save(self, path: Path) -> None:
        """Write it as one .npz file, whole or not at all."""
        arrays: dict[str, npt.NDArray[Any]] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Ragged):
                arrays |= {f"{field.name}.ids": value.ids, f"{field.name}.starts": value.starts}
            else:
                arrays[field.name] = np.asarray(value)
        partial = path.with_suffix(".partial.npz")
        with partial.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> "Corpus":
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as arrays:
            known: dict[str, Any] = {name: arrays[name] for name in _PLAIN}
            known |= {name: Ragged(arrays[f"{name}.ids"], arrays[f"{name}.starts"]) for name in _RAGGED}
            return cls(**known, sources=tuple(str(name) for name in arrays["sources"]))


_RAGGED = ("questions", "passages", "titles")
_PLAIN = ("question", "passage", "first", "last", "negatives", "source", "kind", "held_out")


def answer_pieces(offsets: Sequence[tuple[int, int]], answer: tuple[int, int]) -> tuple[int, int] | None:
    """The first and the last word piece that an answer touches.

    Args:
        offsets: where each piece stands in the text, in code points.
        answer: start and end in the same text.

    Returns:
        None where no piece touches it, for example if the answer is a sign the model doesn't know.
    """
    touched = [n for n, (start, end) in enumerate(offsets) if start < answer[1] and end > answer[0]]
    return (touched[0], touched[-1]) if touched else None
