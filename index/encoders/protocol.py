"""Texts in, unit vectors out: what the rest of articleqa knows of a model that runs.

Imports no model library; which model it is and how it runs is left to the modules beside it.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from index.types import Span

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

    def encode_question(self, question: str, words: Sequence[Span] = ()) -> tuple[Vectors, Vectors]:
        """The vector of a question and those of words in it, from one pass; a long question is cut.

        Args:
            question: the question.
            words: spans of it, in code points.

        Returns:
            ``(dimension,)`` and ``(len(words), dimension)`` float32 of unit length; zeros for a
            word that the model doesn't read.
        """
        ...

    def encode_passages(
        self, texts: Sequence[str], sentences: Sequence[Sequence[Span]], progress: Progress | None = None
    ) -> tuple[Vectors, Vectors]:
        """Vectors of passages and of the sentences in them, from one pass through the model.

        Args:
            texts: the passages, none longer than `max_tokens`.
            sentences: for each passage spans in it, of sentences or words, in code points.
            progress: called now and then.

        Returns:
            ``(len(texts), dimension)`` and ``(total number of sentences, dimension)``, float32
            rows of unit length, in the order given.
        """
        ...
