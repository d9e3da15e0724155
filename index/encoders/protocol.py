"""Texts in, unit vectors out: what the rest of articleqa knows of a model that runs.

Imports no model library; which model it is and how it runs is left to the modules beside it.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

Progress = Callable[[int, int], None]
"""Called with (done, total) while passages are encoded."""


class SentenceEncoder(Protocol):
    """Turns texts into unit vectors.

    Attributes:
        name: the model as the user named it.
        fingerprint: what changes when the vectors would.
        dimension: length of a vector.
        max_tokens: tokens that the model reads of a text, special tokens not counted.
    """

    name: str
    fingerprint: str
    dimension: int
    max_tokens: int

    def count_tokens(self, text: str) -> int:
        """Number of tokens the model makes of `text`, nothing cut, special tokens not counted."""
        ...

    def encode_question(self, question: str) -> Vectors:
        """The vector of a question, ``(dimension,)`` float32 of unit length; a long question is cut."""
        ...

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Vectors of passages.

        Args:
            texts: the passages, none longer than `max_tokens`.
            progress: called now and then.

        Returns:
            ``(len(texts), dimension)`` float32 rows of unit length, in the order given.
        """
        ...
