"""A question in, ranked `Passage`s out: dense and lexical scores, standardised and added."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk of an article that was ranked for a question.

    Attributes:
        text: verbatim, ``article.text[start:end]``.
        path: the article, relative to the articles folder.
        start_line, end_line: 1-based, inclusive.
        start, end: offsets of the article's text, in code points.
        title, author, published: of the article; empty where it doesn't say. The date is ISO.
        sha256: digest of the article's file.
        score: higher is better; comparable within one question.
    """

    text: str
    path: str
    start_line: int
    end_line: int
    start: int
    end: int
    title: str
    author: str
    published: str
    sha256: str
    score: float

    @property
    def location(self) -> str:
        """``path:start-end``, the lines as an editor counts them."""
        return f"{self.path}:{self.start_line}-{self.end_line}"
