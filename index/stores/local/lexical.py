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
import functools
import itertools
import math
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.stores.local.files import ArrayWriter, CheckedArray, CheckedFile, write_array

Rows = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]
TermIds = npt.NDArray[np.int32]

K1 = 0.8
B = 0.75
"""A word that comes back says little more: passages are short. R@1 on encyclopedia_dev of
the whole first stage is .8495 with 0.8 (see qa/README.md)."""

_BLOCK = 1 << 21
"""Places of terms that a build has in hand at a time, unless a row or a term alone has more: 16 MB a copy."""

_ROW_BITS = 32
"""A place of a term is one number while it is sorted: the term above, the row below."""

_ROUNDING = 1.0001
"""Sums of float32 are off by less; a row that might be among the best is never left out for it."""

_CHEAPER_TO_ADD = 16
"""Adding a posting costs about this much less than looking up one row among many postings."""

_WORDS = "bm25_words.npy"
_WORD_STARTS = "bm25_word_starts.npy"
_TERMS = "bm25_terms.npy"
_TERM_STARTS = "bm25_term_starts.npy"
_STARTS = "bm25_starts.npy"
_ROWS = "bm25_rows.npy"
_SCORES = "bm25_scores.npy"
_HIGHEST = "bm25_highest.npy"


class LexicalWriter:
    """Writes what `LexicalTable` reads, part by part.

    It keeps the vocabulary in memory and a few blocks of numbers; all else is in files.

    Args:
        folder: the files are made in it, and some that are gone when it is finished.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, int] = {}
        self._counts = np.zeros(0, dtype=np.int64)
        self._unsorted = ArrayWriter(folder / f"{_TERMS}.unsorted", np.int32)
        self._row_starts = ArrayWriter(folder / _TERM_STARTS, np.int64)
        self._row_starts.append(np.zeros(1, np.int64))

    def add(self, vocabulary: Sequence[str], ids: TermIds, starts: Rows) -> None:
        """Write some rows behind those that are there.

        Args:
            vocabulary: each term once, in any order; some may be in no row.
            ids: ``(n_terms,)`` int32, places in `vocabulary`, row after row.
            starts: ``(n_rows + 1,)`` int64, where each row begins in `ids`.

        Raises:
            OSError: the disk is full or refuses.
        """
        known = self._known
        counts = np.bincount(ids, minlength=len(vocabulary))
        used = np.flatnonzero(counts)
        numbers = np.zeros(len(vocabulary), dtype=np.int32)
        numbers[used] = [known.setdefault(vocabulary[term], len(known)) for term in used.tolist()]
        if len(known) > len(self._counts):
            self._counts = np.concatenate([self._counts, np.zeros(len(known), np.int64)])
        self._counts[numbers[used]] += counts[used]
        self._row_starts.append(starts[1:] - starts[0] + self._unsorted.rows)
        self._unsorted.append(numbers[ids])

    def finish(self) -> None:
        """Write what a question needs; the files are whole then.

        Raises:
            OSError: the disk is full or refuses.
        """
        self._unsorted.close()
        self._row_starts.close()
        vocabulary = sorted(self._known)  # by code points, as their bytes are
        order = np.array([self._known[term] for term in vocabulary], dtype=np.int64)
        words = [word.encode() for word in vocabulary]
        write_array(self._folder / _WORDS, np.frombuffer(b"".join(words), np.uint8))
        write_array(self._folder / _WORD_STARTS, np.cumsum([0, *map(len, words)], dtype=np.int64))
        numbers = np.zeros(len(order), dtype=np.int32)
        numbers[order] = np.arange(len(order), dtype=np.int32)
        places = np.concatenate([np.zeros(1, np.int64), np.cumsum(self._counts[order])])
        grouped = self._folder / f"{_ROWS}.grouped"
        self._group(grouped, numbers, places)
        self._unsorted.path.unlink()
        self._write_postings(grouped, places)
        grouped.unlink()

    def discard(self) -> None:
        """Let go of the files."""
        self._unsorted.discard()
        self._row_starts.discard()

    def _group(self, path: Path, numbers: TermIds, places: Rows) -> None:
        """Write the terms of each row by their last numbers, and each with its row where its group of terms is.

        Args:
            path: of the file of groups, int64.
            numbers: for each term as it was met, its place in the vocabulary.
            places: where each term of the vocabulary begins among the terms of all rows.
        """
        row_starts = np.load(self._row_starts.path, mmap_mode="r")
        unsorted = np.load(self._unsorted.path, mmap_mode="r")
        groups = np.array(_cuts(places))
        free = places[groups].tolist()
        with ArrayWriter(self._folder / _TERMS, np.int32) as terms, path.open("wb") as file:
            for first, last in itertools.pairwise(_cuts(row_starts)):
                ids = numbers[unsorted[row_starts[first] : row_starts[last]]]
                terms.append(ids)
                rows = np.repeat(np.arange(first, last), np.diff(row_starts[first : last + 1]))
                keys = np.sort((ids.astype(np.int64) << _ROW_BITS) | rows)
                cuts = np.searchsorted(keys, groups << _ROW_BITS).tolist()
                for group, (begin, end) in enumerate(itertools.pairwise(cuts)):
                    file.seek(free[group] * keys.itemsize)
                    file.write(keys[begin:end].data)
                    free[group] += end - begin

    def _write_postings(self, path: Path, places: Rows) -> None:
        """Write in which rows each term stands and what it scores there, one group of terms after the other."""
        lengths = np.diff(np.load(self._row_starts.path, mmap_mode="r"))
        average = np.float64(places[-1]) / max(len(lengths), 1)
        with (
            ArrayWriter(self._folder / _STARTS, np.int64) as starts,
            ArrayWriter(self._folder / _ROWS, np.int32) as rows,
            ArrayWriter(self._folder / _SCORES, np.float32) as scores,
            ArrayWriter(self._folder / _HIGHEST, np.float32) as highest,
        ):
            starts.append(np.zeros(1, np.int64))
            for first, last in itertools.pairwise(_cuts(places)):
                begin, end = places[[first, last]].tolist()
                keys = np.fromfile(path, np.int64, end - begin, offset=begin * 8)
                keys, times = np.unique(keys, return_counts=True)
                terms, of_rows = (keys >> _ROW_BITS) - first, keys & ((1 << _ROW_BITS) - 1)
                ends = np.cumsum(np.bincount(terms, minlength=last - first))
                found = _scores(np.diff(ends, prepend=0), times, lengths[of_rows], len(lengths), average)
                starts.append(rows.rows + ends)
                rows.append(of_rows.astype(np.int32))
                scores.append(found)
                highest.append(np.maximum.reduceat(found, ends - np.diff(ends, prepend=0)))


def _cuts(starts: Rows) -> list[int]:
    """Where to cut what begins at `starts`, so that no part is longer than `_BLOCK` unless it is one thing alone."""
    cuts, count = [0], len(starts) - 1
    while cuts[-1] < count:
        fitting = int(np.searchsorted(starts, starts[cuts[-1]] + _BLOCK, side="right")) - 1
        cuts.append(max(fitting, cuts[-1] + 1))
    return cuts


def _scores(frequencies: Rows, times: Rows, lengths: Rows, size: int, average: np.float64) -> Scores:
    """BM25 of postings, term after term, rounded where bm25s rounds.

    Args:
        frequencies: in how many rows each term stands.
        times: of each posting, how often the term stands in the row.
        lengths: of each posting, how many terms the row has.
        size: number of rows.
        average: terms of a row.
    """
    distinct, inverse = np.unique(frequencies, return_inverse=True)
    idf = np.array([math.log(1 + (size - df + 0.5) / (df + 0.5)) for df in distinct.tolist()], dtype=np.float32)
    share = times / (K1 * ((1 - B) + B * lengths / average) + times)
    return (np.repeat(idf[inverse], frequencies) * share).astype(np.float32)


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
        self._words, self._word_starts = (CheckedArray(open_file(name)) for name in (_WORDS, _WORD_STARTS))
        self._terms, self._term_starts = (CheckedArray(open_file(name)) for name in (_TERMS, _TERM_STARTS))
        self._starts, self._highest = (CheckedArray(open_file(name)) for name in (_STARTS, _HIGHEST))
        self._rows, self._scores = (CheckedArray(open_file(name)) for name in (_ROWS, _SCORES))
        self.size = len(self._term_starts) - 1

    def document_frequency(self, term: str) -> int:
        """In how many rows a term stands."""
        column = self._column(term)
        return 0 if column is None else len(self._postings(column)[0])

    def similar(self, term: str, edits: int) -> dict[str, int]:
        """Terms that begin with the same letter at most so many edits away, and in how many rows each stands."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        first, last = self._beginning_with(term[:1].encode())
        _, starts = self._dictionary
        longest = len(term) + edits
        near = [
            (column, self._word(column).decode())
            for column in (first + np.flatnonzero(np.diff(starts[first : last + 1]) <= 4 * longest)).tolist()
        ]
        found = process.extract(term, [word for _, word in near], scorer=OSA.distance, score_cutoff=edits, limit=None)
        columns = {word: near[place][0] for word, _, place in found if word != term}
        return {word: int(np.diff(self._starts.between(column, column + 2))[0]) for word, column in columns.items()}

    def _beginning_with(self, letters: bytes) -> tuple[int, int]:
        """The first of the sorted words that begins so, and the one behind the last."""
        columns = range(len(self._word_starts) - 1)
        first = bisect.bisect_left(columns, letters, key=self._word)
        return first, bisect.bisect_left(columns, letters + b"\xff", lo=first, key=self._word)

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
        words = [self._word(number).decode() for number in numbers.tolist()]
        return words, ids.astype(np.int32), starts - starts[0]

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
        counted = Counter(terms)
        return [(column, times) for term, times in counted.items() if (column := self._column(term)) is not None]

    def _column(self, term: str) -> int | None:
        """Where a term is among the sorted words."""
        word, count = term.encode(), len(self._word_starts) - 1
        column = bisect.bisect_left(range(count), word, key=self._word)
        return column if column < count and self._word(column) == word else None

    def _word(self, column: int) -> bytes:
        words, starts = self._dictionary
        return words[starts[column] : starts[column + 1]].tobytes()

    @functools.cached_property
    def _dictionary(self) -> tuple[npt.NDArray[np.uint8], Rows]:
        """All words and where each starts: looking for one comes to most of their blocks anyway."""
        return self._words.all(), self._word_starts.all()

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
