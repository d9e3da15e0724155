"""Rows of terms in, the files that `index.stores.local.lexical` reads out, part by part; see there."""

import itertools
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.stores.local.files import ArrayWriter, write_array

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

FILE_OF_WORDS = "bm25_words.npy"
FILE_OF_WORD_STARTS = "bm25_word_starts.npy"
FILE_OF_TERMS = "bm25_terms.npy"
FILE_OF_TERM_STARTS = "bm25_term_starts.npy"
FILE_OF_STARTS = "bm25_starts.npy"
FILE_OF_ROWS = "bm25_rows.npy"
FILE_OF_SCORES = "bm25_scores.npy"
FILE_OF_HIGHEST = "bm25_highest.npy"


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
        self._unsorted = ArrayWriter(folder / f"{FILE_OF_TERMS}.unsorted", np.int32)
        self._row_starts = ArrayWriter(folder / FILE_OF_TERM_STARTS, np.int64)
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
        write_array(self._folder / FILE_OF_WORDS, np.frombuffer(b"".join(words), np.uint8))
        write_array(self._folder / FILE_OF_WORD_STARTS, np.cumsum([0, *map(len, words)], dtype=np.int64))
        numbers = np.zeros(len(order), dtype=np.int32)
        numbers[order] = np.arange(len(order), dtype=np.int32)
        places = np.concatenate([np.zeros(1, np.int64), np.cumsum(self._counts[order])])
        grouped = self._folder / f"{FILE_OF_ROWS}.grouped"
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
        with ArrayWriter(self._folder / FILE_OF_TERMS, np.int32) as terms, path.open("wb") as file:
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
            ArrayWriter(self._folder / FILE_OF_STARTS, np.int64) as starts,
            ArrayWriter(self._folder / FILE_OF_ROWS, np.int32) as rows,
            ArrayWriter(self._folder / FILE_OF_SCORES, np.float32) as scores,
            ArrayWriter(self._folder / FILE_OF_HIGHEST, np.float32) as highest,
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
