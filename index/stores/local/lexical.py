"""Rows of terms to BM25 files and back: what a term scores in each row. Knows terms, nothing of texts or articles.

Lucene's variant as bm25s computes it, to the last bit (tests/stores/test_lexical.py). bm25s itself takes all rows at
once, opens its vocabulary as JSON, can't check a block before it reads it, and masks rows after it has scored all.
1,000,000 rows of 60 terms out of 500,000, on 2 cores that other work had as well:

| | building | its memory | opening | best 50 of all | best 50 of 10,000 rows |
|---|---|---|---|---|---|
| bm25s 0.3.16, mapped, NumPy | 432 s | 4.5 GB | 520 ms | 15 ms | 91 ms |
| this | 147 s | 0.3 GB | 22 ms | 13 ms | 7 ms |
"""

import bisect
import itertools
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from index.segment import Terms, check_together
from index.stores.local.files import CheckedArray, CheckedFile
from index.stores.local.lexical_writer import (
    FILE_OF_HIGHEST,
    FILE_OF_ROWS,
    FILE_OF_SCORES,
    FILE_OF_STARTS,
    FILE_OF_TERM_STARTS,
    FILE_OF_TERMS,
    FILE_OF_WORD_STARTS,
    FILE_OF_WORDS,
    Rows,
    Scores,
    TermIds,
)
from index.stores.local.shapes import check_begins, check_numbers, check_shape

_ROUNDING = 1.0001
"""Sums of float32 are off by less; a row that might be among the best is never left out for it."""

_CHEAPER_TO_ADD = 16
"""Adding a posting costs about this much less than looking up one row among many postings."""


class _Dictionary:
    """The sorted words, each after the other, and where each starts; mapped."""

    def __init__(self, letters: npt.NDArray[np.uint8], starts: Rows) -> None:
        self.letters, self.starts = letters, starts

    def word(self, column: int) -> bytes:
        """A word by its place."""
        return self.letters[self.starts[column] : self.starts[column + 1]].tobytes()

    def column(self, term: str) -> int | None:
        """Where a term is among the sorted words."""
        word, count = term.encode(), len(self.starts) - 1
        column = bisect.bisect_left(range(count), word, key=self.word)
        return column if column < count and self.word(column) == word else None

    def beginning_with(self, letters: bytes) -> tuple[int, int]:
        """The first of the sorted words that begins so, and the one behind the last."""
        columns = range(len(self.starts) - 1)
        first = bisect.bisect_left(columns, letters, key=self.word)
        return first, bisect.bisect_left(columns, letters + b"\xff", lo=first, key=self.word)


class LexicalTable:
    """BM25 over rows of terms: for each term the rows that it stands in and what it scores there.

    Asking adds scores up, so that it costs what the postings of the rarer terms cost and not a look at every row.

    Args:
        open_file: gives a file of those that `LexicalWriter` made, by its name.

    Attributes:
        size: number of rows.

    Raises:
        IndexCorrupt: here and in every method: what is needed is missing or altered.
    """

    def __init__(self, open_file: Callable[[str], CheckedFile]) -> None:
        self._words, self._word_starts = (
            CheckedArray(open_file(name)) for name in (FILE_OF_WORDS, FILE_OF_WORD_STARTS)
        )
        self._terms, self._term_starts = (
            CheckedArray(open_file(name)) for name in (FILE_OF_TERMS, FILE_OF_TERM_STARTS)
        )
        self._starts, self._highest = (CheckedArray(open_file(name)) for name in (FILE_OF_STARTS, FILE_OF_HIGHEST))
        self._rows, self._scores = (CheckedArray(open_file(name)) for name in (FILE_OF_ROWS, FILE_OF_SCORES))
        self.size = len(self._term_starts) - 1
        check_shape("words", self._words, np.uint8)
        for starts in (self._word_starts, self._term_starts, self._starts):
            check_shape("beginnings of words and terms", starts, np.int64)
        for numbers in (self._terms, self._rows):
            check_shape("terms and their rows", numbers, np.int32)
        for scores in (self._highest, self._scores):
            check_shape("scores", scores, np.float32)
        count = len(self._word_starts) - 1
        check_together({"words": count, "terms": len(self._starts) - 1, "highest scores": len(self._highest)})
        check_together({"rows of terms": len(self._rows), "scores": len(self._scores)})

    def verify(self) -> None:
        """Look at every row.

        Raises:
            ValueError: one leads to what is not there, or a score is no number.
        """
        check_begins("words", self._word_starts.all(), len(self._words))
        check_begins("terms of rows", self._term_starts.all(), len(self._terms))
        check_begins("rows of terms", self._starts.all(), len(self._rows))
        check_numbers("terms", self._terms.all(), len(self._word_starts) - 1)
        check_numbers("rows of terms", self._rows.all(), self.size)
        if not all((np.isfinite(array.all()) & (array.all() >= 0)).all() for array in (self._scores, self._highest)):
            raise ValueError("a score is no number, or less than 0")

    def document_frequency(self, term: str) -> int:
        """In how many rows a term stands."""
        column = self._dictionary().column(term)
        return 0 if column is None else len(self._postings(column)[0])

    def similar(self, term: str, edits: int) -> dict[str, int]:
        """Terms that begin with the same letter at most so many edits away, and in how many rows each stands."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        words = self._dictionary()
        first, last = words.beginning_with(term[:1].encode())
        longest = len(term) + edits
        near = [
            (column, words.word(column).decode())
            for column in (first + np.flatnonzero(np.diff(words.starts[first : last + 1]) <= 4 * longest)).tolist()
        ]
        found = process.extract(term, [word for _, word in near], scorer=OSA.distance, score_cutoff=edits, limit=None)
        columns = {word: near[place][0] for word, _, place in found if word != term}
        return {word: int(np.diff(self._starts.between(column, column + 2))[0]) for word, column in columns.items()}

    def scores_of(self, terms: Sequence[str], rows: Rows) -> Scores:
        """BM25 of some rows, ``(len(rows),)`` float32, 0 where no term is shared."""
        sums = np.zeros(len(rows), dtype=np.float32)
        for column, times in self._columns(terms):
            sums += times * self._look_up(column, rows)
        return sums

    def best(self, terms: Sequence[str], k: int, within: Rows | None = None) -> tuple[Rows, Scores]:
        """The `k` rows with the highest BM25, best first, and their scores; fewer if fewer score.

        Args:
            terms: what to look for.
            k: how many.
            within: the rows to look among; None for all.
        """
        if within is None:
            return self._best_of_all(terms, k)
        scores = self.scores_of(terms, within)
        return _highest(within[scores > 0], scores[scores > 0], k)

    def terms_of(self, first: int, last: int) -> tuple[list[str], TermIds, Rows]:
        """The terms of the rows of ``[first, last)``, as `LexicalWriter.add` takes them."""
        starts = self._term_starts.between(first, last + 1)
        numbers, ids = np.unique(self._terms.between(int(starts[0]), int(starts[-1])), return_inverse=True)
        dictionary = self._dictionary()
        words = [dictionary.word(number).decode() for number in numbers.tolist()]
        return words, ids.astype(np.int32), starts - starts[0]

    def terms_of_rows(self, rows: Rows) -> Terms:
        """The terms of some rows, which mostly stand together."""
        cuts = [0, *(np.flatnonzero(np.diff(rows) != 1) + 1).tolist(), len(rows)]
        runs = [
            Terms(tuple(words), ids, starts)
            for first, last in itertools.pairwise(cuts)
            if first < last
            for words, ids, starts in [self.terms_of(int(rows[first]), int(rows[last - 1]) + 1)]
        ]
        return runs[0] if len(runs) == 1 else Terms.of([row for run in runs for row in run.rows()])

    def _best_of_all(self, terms: Sequence[str], k: int) -> tuple[Rows, Scores]:
        """See `best`.

        Exact: terms are added by the most they can score, and once the rest together can't lift
        a new row among the best, they are added to rows already found only (MaxScore, Turtle
        and Flood 1995).
        """
        columns = sorted(self._columns(terms), key=lambda entry: -self._most(*entry))
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

    def _columns(self, terms: Sequence[str]) -> list[tuple[int, int]]:
        """Columns of the known terms, each once, and how often it is asked for."""
        words = self._dictionary()
        counted = Counter(terms).items()
        return [(column, times) for term, times in counted if (column := words.column(term)) is not None]

    def _dictionary(self) -> "_Dictionary":
        """All words: looking for one comes to most of their blocks anyway. For one search; see `CheckedFile`."""
        return _Dictionary(self._words.all(), self._word_starts.all())

    def _most(self, column: int, times: int) -> float:
        """The most that a term adds to any row."""
        return times * float(self._highest.between(column, column + 1)[0])

    def _postings(self, column: int) -> tuple[npt.NDArray[np.int32], Scores]:
        """The rows that a term stands in, rising, and its score in each."""
        first, last = self._starts.between(column, column + 2).tolist()
        return self._rows.between(first, last), self._scores.between(first, last)

    def _look_up(self, column: int, wanted: Rows) -> Scores:
        """A term's score in some rows, 0 where it is not."""
        rows, scores = self._postings(column)
        at = np.minimum(np.searchsorted(rows, wanted.astype(rows.dtype)), len(rows) - 1)
        return np.where(rows[at] == wanted, scores[at], np.float32(0))


def _highest(rows: Rows, scores: Scores, k: int) -> tuple[Rows, Scores]:
    """The `k` rows with the highest scores, best first, and the scores."""
    best = np.argpartition(-scores, k - 1)[:k] if len(rows) > k else np.arange(len(rows))
    best = best[np.lexsort((rows[best], -scores[best]))]
    return rows[best], scores[best]


def _kth(values: Scores, k: int) -> float:
    """The `k`-th largest value."""
    return float(np.partition(values, len(values) - k)[len(values) - k])
