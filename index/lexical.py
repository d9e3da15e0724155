"""Texts to BM25 rows and back (bm25s, Snowball stems). Knows words, nothing of vectors."""

import functools
import math
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

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
"""Runs of letters, or numbers with their separators: "1,230" is one word, "19th" two."""

_POSSESSIVE = re.compile(r"['’]s\b")

STOP_WORDS = frozenset(
    """
    a an and are as at be been by did do does for from had has have how in is it its of on or that the their
    these this to was were what when where which who whom whose why will with
    """.split()
)
"""Words that carry no content in a question, the question words among them."""

_STEM_LANGUAGE = "english"


def terms(text: str) -> list[str]:
    """The content words of a text as they are indexed."""
    return stems(content_words(text))


def content_words(text: str) -> list[str]:
    """The words of a text without stop words: compatible forms, no accents, lower case."""
    folded = _fold(_POSSESSIVE.sub("", text))
    return [word for word in _WORD.findall(folded) if word not in STOP_WORDS]


def stems(words: Sequence[str]) -> list[str]:
    """Snowball's English stems; words of other scripts stay as they are."""
    found: list[str] = _stemmer().stemWords(list(words))
    return found


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if unicodedata.category(c)[0] != "M").casefold()


@functools.cache
def _stemmer() -> "Stemmer.Stemmer":
    import Stemmer

    return Stemmer.Stemmer(_STEM_LANGUAGE)


class LexicalIndex:
    """BM25 over rows of terms.

    Attributes:
        size: number of rows.
    """

    K1 = 0.8
    B = 0.75
    """A word that comes back says little more: passages are short. R@1 on encyclopedia_dev of
    the whole first stage is .8495 with 0.8 (see qa/README.md)."""

    def __init__(self, bm25: "bm25s.BM25") -> None:
        self._bm25 = bm25
        self.size = int(bm25.scores["num_docs"])

    @classmethod
    def of(cls, rows: Sequence[list[str]]) -> "LexicalIndex":
        """Index rows of terms (see `terms`), in order."""
        import bm25s

        bm25 = bm25s.BM25(k1=cls.K1, b=cls.B, method="lucene")
        bm25.index(list(rows) if any(rows) else [[""]] * len(rows), show_progress=False)
        return cls(bm25)

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """Open what `save` wrote, mapped into memory."""
        import bm25s

        return cls(bm25s.BM25.load(folder, mmap=True, show_progress=False))

    def save(self, folder: Path) -> None:
        """Write the rows as .npy and .json files into `folder`."""
        self._bm25.save(folder, show_progress=False)

    def idf(self, term: str) -> float:
        """How rare a term is: ``ln(1 + (N - df + 0.5) / (df + 0.5))``, largest for one that is nowhere."""
        df = self.document_frequency(term)
        return math.log(1 + (self.size - df + 0.5) / (df + 0.5))

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
