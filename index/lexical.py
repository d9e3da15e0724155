"""Rows of terms to BM25 and back (bm25s). Knows terms as `index.analysis` makes them, nothing of vectors."""

import bisect
import functools
import itertools
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]
RowNumbers = npt.NDArray[np.int64]

_ARRAYS = ("terms", "term_starts", "words", "word_starts", "starts", "rows", "scores", "highest")

_SIZE = "size.json"

_ROUNDING = 1.0001
"""Sums of float32 are off by less; a row that might be among the best is never left out for it."""

_CHEAPER_TO_ADD = 16
"""Adding a posting costs about this much less than looking up one row among many postings."""


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
    def of_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> "TermTable":
        """What `arrays` gave."""
        words, starts = arrays["words"].tobytes(), arrays["word_starts"].tolist()
        vocabulary = tuple(words[start:end].decode() for start, end in itertools.pairwise(starts))
        return cls(vocabulary, arrays["terms"], arrays["term_starts"])

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The table as arrays: the terms of all rows and where each row starts, the UTF-8 bytes of
        the vocabulary and where each word starts. Bytes are sorted as characters are.
        """
        words = [word.encode() for word in self.vocabulary]
        return {
            "terms": self.ids,
            "term_starts": self.starts,
            "words": np.frombuffer(b"".join(words), np.uint8),
            "word_starts": np.cumsum([0, *map(len, words)], dtype=np.int64),
        }

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
    """BM25 over rows of terms: for each term the rows that it stands in and what it scores there.

    bm25s computes the scores when an index is made. Asking adds them up, with nothing but
    mapped arrays, so that it costs what the postings of the rarer terms cost and not a look at
    every row.

    Attributes:
        size: number of rows.
    """

    K1 = 0.8
    B = 0.75
    """A word that comes back says little more: passages are short. R@1 on encyclopedia_dev of
    the whole first stage is .8495 with 0.8 (see qa/README.md)."""

    def __init__(self, size: int, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """See `of` and `load`.

        Args:
            size: number of rows.
            arrays: those of `TermTable.arrays`; ``starts`` of each word in ``rows`` (rising) and
                ``scores``; its ``highest`` score.
        """
        self.size = size
        self._arrays = {name: np.asarray(arrays[name]) for name in _ARRAYS}  # plain arrays: a memmap's slices are slow
        self._words, self._word_starts = self._arrays["words"], self._arrays["word_starts"]
        self._starts, self._rows, self._scores = (self._arrays[name] for name in ("starts", "rows", "scores"))

    @classmethod
    def of(cls, rows: Sequence[list[str]]) -> "LexicalIndex":
        """Index rows of terms (see `index.analysis.terms`), in order."""
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
        count = len(table.vocabulary)
        starts = np.asarray(bm25.scores["indptr"], dtype=np.int64)[: count + 1]
        scores = np.asarray(bm25.scores["data"], dtype=np.float32)[: starts[-1]]
        postings: dict[str, npt.NDArray[Any]] = {
            "starts": starts,
            "rows": np.asarray(bm25.scores["indices"], dtype=np.int32)[: starts[-1]],
            "scores": scores,
            "highest": np.maximum.reduceat(scores, starts[:-1]) if count else np.zeros(0, np.float32),
        }
        return cls(len(rows), {**table.arrays(), **postings})

    @functools.cached_property
    def terms(self) -> TermTable:
        """The rows as they were indexed; only a rebuild needs them."""
        return TermTable.of_arrays(self._arrays)

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """Open what `save` wrote, mapped into memory."""
        size = json.loads((folder / _SIZE).read_bytes())["rows"]
        return cls(size, {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in _ARRAYS})

    def save(self, folder: Path) -> None:
        """Write the rows as .npy and .json files into `folder`."""
        for name, array in self._arrays.items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)
        (folder / _SIZE).write_text(json.dumps({"rows": self.size}))

    def idf(self, term: str) -> float:
        """How rare a term is: ``ln(1 + (N - df + 0.5) / (df + 0.5))``, largest for one that is nowhere."""
        df = self.document_frequency(term)
        return math.log(1 + (self.size - df + 0.5) / (df + 0.5))

    def document_frequency(self, term: str) -> int:
        """In how many rows a term stands."""
        column = self._column(term)
        return 0 if column is None else int(self._starts[column + 1] - self._starts[column])

    def scores(self, question_terms: Sequence[str]) -> Scores:
        """BM25 of every row, ``(size,)`` float32, 0 where no term is shared."""
        return self.scores_of(question_terms, np.arange(self.size))

    def scores_of(self, question_terms: Sequence[str], rows: RowNumbers) -> Scores:
        """BM25 of some rows, ``(len(rows),)`` float32, 0 where no term is shared."""
        sums = np.zeros(len(rows), dtype=np.float32)
        for column, times in self._columns(question_terms):
            sums += times * self._look_up(column, rows)
        return sums

    def best(
        self, question_terms: Sequence[str], k: int, within: RowNumbers | None = None
    ) -> tuple[RowNumbers, Scores]:
        """The `k` rows with the highest BM25, best first, and their scores; fewer if fewer score.

        Args:
            question_terms: what to look for.
            k: how many.
            within: the rows to look among; None for all.
        """
        if within is None:
            return self._best_of_all(question_terms, k)
        scores = self.scores_of(question_terms, within)
        return _highest(within[scores > 0], scores[scores > 0], k)

    def _best_of_all(self, question_terms: Sequence[str], k: int) -> tuple[RowNumbers, Scores]:
        """See `best`.

        Exact: terms are added by the most they can score, and once the rest together can't lift
        a new row among the best, they are added to rows already found only (MaxScore, Turtle
        and Flood 1995).
        """
        columns = sorted(self._columns(question_terms), key=lambda entry: -self._most(*entry))
        rest = np.cumsum([0.0, *(self._most(*entry) for entry in reversed(columns))])[::-1]
        sums = np.zeros(self.size, dtype=np.float32)  # memory that is not touched costs nothing
        found = np.zeros(0, dtype=np.int64)
        for (column, times), possible in zip(columns, rest[:-1], strict=True):
            rows, scores = self._postings(column)
            closed = len(found) >= k and _kth(sums[found], k) > possible * _ROUNDING
            if closed and len(found) * _CHEAPER_TO_ADD < len(rows):
                sums[found] += times * self._look_up(column, found)
                continue
            if not closed:
                found = np.concatenate([found, rows[sums[rows] == 0]])
            sums[rows] += times * scores
        return _highest(found, sums[found], k)

    def _columns(self, question_terms: Sequence[str]) -> list[tuple[int, int]]:
        """Columns of the known terms, each once, and how often it is asked for."""
        counted = Counter(question_terms)
        return [(column, times) for term, times in counted.items() if (column := self._column(term)) is not None]

    def _column(self, term: str) -> int | None:
        """Where a term is among the sorted words."""
        word = term.encode()
        column = bisect.bisect_left(range(len(self._word_starts) - 1), word, key=self._word)
        return column if column < len(self._word_starts) - 1 and self._word(column) == word else None

    def _word(self, column: int) -> bytes:
        return self._words[self._word_starts[column] : self._word_starts[column + 1]].tobytes()

    def _most(self, column: int, times: int) -> float:
        """The most that a term adds to any row."""
        return times * float(self._arrays["highest"][column])

    def _postings(self, column: int) -> tuple[npt.NDArray[np.int32], Scores]:
        """The rows that a term stands in, rising, and its score in each."""
        span = slice(self._starts[column], self._starts[column + 1])
        return self._rows[span], self._scores[span]

    def _look_up(self, column: int, wanted: RowNumbers) -> Scores:
        """A term's score in some rows, 0 where it is not."""
        rows, scores = self._postings(column)
        at = np.minimum(np.searchsorted(rows, wanted.astype(rows.dtype)), len(rows) - 1)
        return np.where(rows[at] == wanted, scores[at], np.float32(0))


def _highest(rows: RowNumbers, scores: Scores, k: int) -> tuple[RowNumbers, Scores]:
    """The `k` rows with the highest scores, best first, and the scores."""
    best = np.argpartition(-scores, k - 1)[:k] if len(rows) > k else np.arange(len(rows))
    best = best[np.lexsort((rows[best], -scores[best]))]
    return rows[best], scores[best]


def _kth(values: Scores, k: int) -> float:
    """The `k`-th largest value."""
    return float(np.partition(values, len(values) - k)[len(values) - k])
