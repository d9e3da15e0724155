"""Texts to BM25 rows and back (bm25s, Snowball stems). Knows words, nothing of vectors."""

import functools
import itertools
import json
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
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

_TERM_IDS = "terms.npy"
_TERM_STARTS = "term_starts.npy"
_VOCABULARY = "terms.json"


def terms(text: str) -> list[str]:
    """The content words of a text as they are indexed.

    An index keeps them: whoever changes what comes out here raises `index.store.FORMAT`.
    """
    return stems(content_words(text))


def content_words(text: str) -> list[str]:
    """The words of a text without stop words: compatible forms, no accents, lower case."""
    folded = _fold(_POSSESSIVE.sub("", text))
    return [word for word in _WORD.findall(folded) if word not in STOP_WORDS]


def content_spans(text: str) -> list[tuple[int, int]]:
    """Where the content words of a text stand, in code points."""
    bare = _POSSESSIVE.sub(lambda match: " " * len(match[0]), text)
    return [match.span() for match in _WORD.finditer(bare) if _fold(match[0]) not in STOP_WORDS]


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


@dataclass(frozen=True, slots=True)
class TermTable:
    """Rows of terms as numbers, so that a rebuild doesn't stem again what it knows.

    Attributes:
        vocabulary: the terms that occur, sorted; equal rows have equal tables.
        ids: ``(n_terms,)`` int32, places in `vocabulary`, row after row.
        starts: ``(n_rows + 1,)`` int64, where each row begins in `ids`.
    """

    vocabulary: tuple[str, ...]
    ids: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]

    @classmethod
    def joined(
        cls, base: "TermTable | None", base_rows: npt.NDArray[np.int64], new: Sequence[Sequence[str]]
    ) -> "TermTable":
        """A table of old and new rows.

        Args:
            base: the table that old rows are taken from.
            base_rows: for each row its row in `base`, or -1 for the next of `new`.
            new: rows of terms.
        """
        vocabulary = list(base.vocabulary) if base else []
        known = {term: number for number, term in enumerate(vocabulary)}
        fresh = [known.setdefault(term, len(known)) for row in new for term in row]
        vocabulary += list(known)[len(vocabulary) :]
        kept = base_rows >= 0
        lengths = np.empty(len(base_rows), dtype=np.int64)
        lengths[~kept] = [len(row) for row in new]
        if base:
            lengths[kept] = np.diff(base.starts)[base_rows[kept]]
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        ids = np.empty(int(starts[-1]), dtype=np.int32)
        of_base = np.repeat(kept, lengths)
        ids[~of_base] = fresh
        if base:
            shift = np.repeat(base.starts[base_rows[kept]] - starts[:-1][kept], lengths[kept])
            ids[of_base] = base.ids[np.flatnonzero(of_base) + shift]
        return cls(*_compact(vocabulary, ids), starts)

    @classmethod
    def load(cls, folder: Path) -> "TermTable":
        """Open what `save` wrote, the numbers mapped into memory."""
        ids, starts = (np.load(folder / name, mmap_mode="r", allow_pickle=False) for name in (_TERM_IDS, _TERM_STARTS))
        return cls(tuple(json.loads((folder / _VOCABULARY).read_bytes())), ids, starts)

    def save(self, folder: Path) -> None:
        """Write the table into `folder`."""
        np.save(folder / _TERM_IDS, self.ids, allow_pickle=False)
        np.save(folder / _TERM_STARTS, self.starts, allow_pickle=False)
        (folder / _VOCABULARY).write_text(json.dumps(self.vocabulary), encoding="utf-8")

    def rows(self) -> list[list[int]]:
        """The numbers of each row."""
        ids = self.ids.tolist()
        return [ids[start:end] for start, end in itertools.pairwise(self.starts.tolist())]


def _compact(vocabulary: list[str], ids: npt.NDArray[np.int32]) -> tuple[tuple[str, ...], npt.NDArray[np.int32]]:
    """A vocabulary without terms that don't occur, sorted, and the ids that go with it."""
    used = np.flatnonzero(np.bincount(ids, minlength=len(vocabulary))).tolist()
    order = sorted(used, key=vocabulary.__getitem__)
    places = np.zeros(len(vocabulary), dtype=np.int32)
    places[order] = np.arange(len(order), dtype=np.int32)
    return tuple(vocabulary[number] for number in order), places[ids]


class LexicalIndex:
    """BM25 over rows of terms.

    Attributes:
        size: number of rows.
        terms: the rows.
    """

    K1 = 0.8
    B = 0.75
    """A word that comes back says little more: passages are short. R@1 on encyclopedia_dev of
    the whole first stage is .8495 with 0.8 (see qa/README.md)."""

    def __init__(self, bm25: "bm25s.BM25", table: TermTable) -> None:
        self._bm25 = bm25
        self.terms = table
        self.size = int(bm25.scores["num_docs"])

    @classmethod
    def of(cls, rows: Sequence[list[str]]) -> "LexicalIndex":
        """Index rows of terms (see `terms`), in order."""
        return cls.of_table(TermTable.joined(None, np.full(len(rows), -1, dtype=np.int64), rows))

    @classmethod
    def of_table(cls, table: TermTable) -> "LexicalIndex":
        """Index the rows of a table; 0.2 s for 10,000 rows of 60 terms."""
        import bm25s

        bm25 = bm25s.BM25(k1=cls.K1, b=cls.B, method="lucene")
        rows, vocabulary = table.rows(), {term: number for number, term in enumerate(table.vocabulary)}
        if not vocabulary:
            rows, vocabulary = [[0]] * len(rows), {"": 0}
        bm25.index(bm25s.tokenization.Tokenized(ids=rows, vocab=vocabulary), show_progress=False)
        return cls(bm25, table)

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """Open what `save` wrote, mapped into memory."""
        import bm25s

        return cls(bm25s.BM25.load(folder, mmap=True, show_progress=False), TermTable.load(folder))

    def save(self, folder: Path) -> None:
        """Write the rows as .npy and .json files into `folder`."""
        self._bm25.save(folder, show_progress=False)
        self.terms.save(folder)

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
