"""Texts to BM25 rows and back (bm25s, Snowball stems). Knows words, nothing of vectors."""

import functools
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import bm25s
    import Stemmer

_WORD = re.compile(r"\w+")
_STEM_LANGUAGE = "english"


def terms(text: str) -> list[str]:
    """The words of a text as they are indexed: compatible forms, no accents, lower case, stems.

    Snowball's English stemmer leaves words of other scripts as they are.
    """
    stems: list[str] = _stemmer().stemWords(_WORD.findall(_fold(text)))
    return stems


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


@functools.cache
def _stemmer() -> "Stemmer.Stemmer":
    import Stemmer

    return Stemmer.Stemmer(_STEM_LANGUAGE)


class LexicalIndex:
    """BM25 over rows of terms.

    Attributes:
        size: number of rows.
    """

    K1 = 1.5
    B = 0.75

    def __init__(self, bm25: "bm25s.BM25") -> None:
        self._bm25 = bm25
        self.size = int(bm25.scores["num_docs"])

    @classmethod
    def of(cls, rows: Sequence[list[str]]) -> "LexicalIndex":
        """Index rows of terms (see `terms`), in order."""
        import bm25s

        bm25 = bm25s.BM25(k1=cls.K1, b=cls.B, method="lucene")
        bm25.index(list(rows), show_progress=False)
        return cls(bm25)

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """Open what `save` wrote, mapped into memory."""
        import bm25s

        return cls(bm25s.BM25.load(folder, mmap=True, show_progress=False))

    def save(self, folder: Path) -> None:
        """Write the rows as .npy and .json files into `folder`."""
        self._bm25.save(folder, show_progress=False)

    def scores(self, question_terms: Sequence[str]) -> npt.NDArray[np.float32]:
        """BM25 of every row, ``(size,)`` float32, 0 where no term is shared."""
        known = [term for term in question_terms if term in self._bm25.vocab_dict]
        if not known:
            return np.zeros(self.size, dtype=np.float32)
        return np.asarray(self._bm25.get_scores(known), dtype=np.float32)

    def document_frequency(self, term: str) -> int:
        """In how many rows a term stands."""
        column = self._bm25.vocab_dict.get(term)
        if column is None:
            return 0
        starts = self._bm25.scores["indptr"]
        return int(starts[column + 1] - starts[column])
