"""Unit rows to files and back: the rows of a store that are nearest to a vector; the only importer of faiss.

Up to `EXACT_ROWS` rows every one is compared. Beyond that they are sorted into cells (IVF) as well, a byte a number,
and what looks best in the cells nearest to the vector is compared by the exact rows. It knows rows and numbers,
nothing of chunks or articles.

FAISS makes the cells and scans them; the files are NumPy's, so that a cell's blocks are checked when a question first
comes to it. FAISS's own files for this (`OnDiskInvertedLists`) are written through a map, where a full disk ends the
process with a bus error, and opened once more by name, beside the file that was checked. Its `IndexRefine` keeps all
rows in memory, and its `ParameterSpace` too: there it doesn't see that the best are compared exactly, and finds 1,024
of 1,265 cells for a recall that 512 have (100,000 rows spread as sentences of encyclopedia_dev are).
"""

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from index.stores.local.files import ArrayWriter, CheckedArray, CheckedFile, write_array
from index.stores.local.shapes import check_all_unit, check_begins, check_shape

if TYPE_CHECKING:
    import faiss

Rows = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]

EXACT_ROWS = 50_000
"""So many rows are compared one by one, which reads 77 MB for a question. Measured by make bench-large."""

RECALL = 0.99
"""Share of the truly best `RECALL_AT` rows that are in the cells that a search looks into. It is found on rows that
no question has, so that a little is left up to the .98 that is promised."""

RECALL_AT = 50
_TRIALS = 200
_FEWEST_CELLS = 8
_COMPARED = 4
"""For each row wanted, so many that look best by their bytes are compared exactly."""

_MORE_OF_SOME = 2
"""Among selected rows so many times as many are looked at: what they have may be far from the question, and the far is
spread over more cells. Where the question's own topic is not selected, .92 of the best 50 are found without it, .987
with it."""

_TRAINED_ON = 64
_TRAINED_MOST = 100_000
"""Rows for each cell that the cells are made from, and of all together: 154 MB. FAISS copies none of so many."""

_BLOCK_ROWS = 1 << 14
"""Rows that are sorted into cells at a time: 25 MB."""

_VECTORS = "vectors.npy"
_CELLS = "cells.faiss"
_CELL_STARTS = "cell_starts.npy"
_CELL_ROWS = "cell_rows.npy"
_CELL_CODES = "cell_codes.npy"


class VectorWriter:
    """Writes what `VectorTable` reads, part by part.

    Args:
        folder: the files are made in it.
        dimension: length of a vector.
    """

    def __init__(self, folder: Path, dimension: int) -> None:
        self._folder = folder
        self._rows = ArrayWriter(folder / _VECTORS, np.float32, dimension)

    def add(self, rows: Vectors) -> None:
        """Write some rows behind those that are there.

        Args:
            rows: ``(n, dimension)`` float32, unit rows.

        Raises:
            OSError: the disk is full or refuses.
        """
        self._rows.append(rows)

    def finish(self) -> None:
        """Write what goes with the rows; the files are whole then.

        Raises:
            OSError: the disk is full or refuses.
        """
        self._rows.close()
        vectors = np.load(self._rows.path, mmap_mode="r")
        starts = _write_cells(self._folder, vectors) if len(vectors) > EXACT_ROWS else np.zeros(1, np.int64)
        write_array(self._folder / _CELL_STARTS, starts)

    def discard(self) -> None:
        """Let go of the files."""
        self._rows.discard()


class VectorTable:
    """Rows of unit vectors that can be searched by cosine.

    Args:
        open_file: gives a file of those that `VectorWriter` made, by its name.

    Attributes:
        size: number of rows.
        dimension: length of a vector.
        exact: whether a search compares every row.

    Raises:
        IndexCorrupt: here and in every method: what is needed is missing or altered.
    """

    def __init__(self, open_file: Callable[[str], CheckedFile]) -> None:
        self._vectors = CheckedArray(open_file(_VECTORS))
        self.size, self.dimension = (int(number) for number in self._vectors.shape)
        check_shape("vectors", self._vectors, np.float32, self.dimension)
        starts = CheckedArray(open_file(_CELL_STARTS))
        check_shape("beginnings of cells", starts, np.int64)
        self.exact = len(starts) == 1
        self._cells = None if self.exact else _Cells(open_file, starts)

    def take(self, rows: Rows) -> Vectors:
        """The vectors of some rows, ``(len(rows), dimension)`` float32."""
        return self._vectors.take(rows)

    def search(self, vector: Vectors, k: int, within: Rows | None = None) -> tuple[Rows, Vectors]:
        """The `k` rows most like one ``(dimension,)`` unit vector: rows and cosines, best first.

        Args:
            vector: what to look for.
            k: how many, if there are so many.
            within: the rows to look among, rising; None for all.
        """
        if self._cells and (within is None or len(within) > EXACT_ROWS):
            within = self._cells.near(vector, k * _COMPARED, within)
        if within is not None:
            return self._best_of(within, vector, k)
        return self._best_of_all(vector, min(k, self.size))

    def verify(self) -> None:
        """Look at every row.

        Raises:
            ValueError: a vector is not of length 1, or the cells don't hold each row once.
        """
        check_all_unit("vectors", self._vectors)
        if self._cells:
            self._cells.verify()

    def _best_of(self, rows: Rows, vector: Vectors, k: int) -> tuple[Rows, Vectors]:
        cosines = self.take(rows) @ vector
        best = np.argpartition(-cosines, k - 1)[:k] if len(rows) > k else np.arange(len(rows))
        best = best[np.argsort(-cosines[best], kind="stable")]
        return rows[best], cosines[best]

    def _best_of_all(self, vector: Vectors, k: int) -> tuple[Rows, Vectors]:
        import faiss

        if not k:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        cosines, rows = faiss.knn(vector[None, :], self._vectors.all(), k, faiss.METRIC_INNER_PRODUCT)
        return rows[0], cosines[0]


class _Cells:
    """The rows by cells: which of them may be the nearest."""

    def __init__(self, open_file: Callable[[str], CheckedFile], starts: CheckedArray) -> None:
        self._file = open_file(_CELLS)
        self._starts = starts
        self._rows = CheckedArray(open_file(_CELL_ROWS))
        self._codes = CheckedArray(open_file(_CELL_CODES))
        check_shape("rows by cells", self._rows, np.int64)

    def verify(self) -> None:
        """See `VectorTable.verify`."""
        check_begins("cells", self._starts.all(), len(self._rows))
        if not (np.sort(self._rows.all()) == np.arange(len(self._codes))).all():
            raise ValueError("the cells don't hold each row once")

    @functools.cached_property
    def _index(self) -> "faiss.IndexIVF":
        """The middles of the cells and how numbers become bytes, without the rows."""
        import faiss

        data = np.frombuffer(self._file.read(0, self._file.size), np.uint8)
        return cast("faiss.IndexIVF", faiss.deserialize_index(data))

    def near(self, vector: Vectors, k: int, within: Rows | None) -> Rows:
        """The `k` rows of the nearest cells that look best by their bytes, rising."""
        import faiss

        vector = np.ascontiguousarray(vector, dtype=np.float32)
        cells, selector = self._all_near(vector) if within is None else self._some_near(vector, within)
        found = np.full(k, -1, dtype=np.int64)
        scores = np.full(k, -np.inf, dtype=np.float32)
        best = faiss.swig_ptr(scores), faiss.swig_ptr(found), k
        scanner = self._index.get_InvertedListScanner(False, selector, None)
        try:
            scanner.set_query(faiss.swig_ptr(vector))
            scanner.set_list(0, 0)  # any: bytes are of the rows themselves, not of what is left of a cell's middle
            for codes, rows in self._contents(cells):
                scanner.scan_codes(len(rows), faiss.swig_ptr(codes), faiss.swig_ptr(rows), *best)
        finally:
            type(scanner).__swig_destroy__(scanner)  # FAISS leaves that to its caller
        return np.sort(found[found >= 0])

    def _contents(self, cells: Rows) -> Iterator[tuple[npt.NDArray[np.uint8], Rows]]:
        """The bytes and the numbers of the rows of each cell."""
        starts = self._starts.all()
        firsts, lasts = starts[cells], starts[cells + 1]
        return zip(self._codes.spans(firsts, lasts), self._rows.spans(firsts, lasts), strict=True)

    def _all_near(self, vector: Vectors) -> tuple[Rows, None]:
        """The cells to look into."""
        return self._index.quantizer.search(vector[None, :], self._index.nprobe)[1][0], None

    def _some_near(self, vector: Vectors, within: Rows) -> tuple[Rows, "faiss.IDSelector"]:
        """The cells to look into for some rows, the nearest first, until enough of the rows are in them."""
        import faiss

        wanted = np.zeros(len(self._rows), dtype=bool)
        wanted[within] = True
        before = np.concatenate([np.zeros(1, np.int64), np.cumsum(wanted[self._rows.all()])])
        in_cell = np.diff(before[self._starts.all()])
        _, cells = self._index.quantizer.search(vector[None, :], self._index.nlist)
        cells = cells[0][in_cell[cells[0]] > 0]
        enough = _MORE_OF_SOME * self._index.nprobe * len(wanted) // self._index.nlist
        probes = np.searchsorted(np.cumsum(in_cell[cells]), enough) + 1
        bitmap = np.packbits(wanted, bitorder="little")
        return cells[:probes], faiss.IDSelectorBitmap(bitmap)  # type: ignore[arg-type, call-arg]


def _write_cells(folder: Path, vectors: Vectors) -> Rows:
    """Sort rows into about ``4 √n`` cells; where each cell starts among the rows by cells."""
    import faiss

    count, dimension = vectors.shape
    index = _trained(vectors)
    cell_of = np.concatenate(
        [index.quantizer.search(vectors[at : at + _BLOCK_ROWS], 1)[1][:, 0] for at in _blocks(count)]
    )
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(cell_of, minlength=index.nlist))])
    write_array(folder / _CELL_ROWS, np.argsort(cell_of, kind="stable"))
    with ArrayWriter(folder / _CELL_CODES, np.uint8, dimension) as codes:
        rows = np.load(folder / _CELL_ROWS, mmap_mode="r")
        for at in _blocks(count):
            codes.append(index.sq.compute_codes(vectors[rows[at : at + _BLOCK_ROWS]]))
    index.nprobe = _cells_needed(index, vectors, cell_of)
    with (folder / _CELLS).open("wb") as file:
        file.write(faiss.serialize_index(index).data)
    return starts


def _blocks(count: int) -> range:
    return range(0, count, _BLOCK_ROWS)


def _trained(vectors: Vectors) -> "faiss.IndexIVFScalarQuantizer":
    """An index of about ``4 √n`` cells with nothing in them, made from some of the rows."""
    import faiss

    count, dimension = vectors.shape
    cells = round(4 * count**0.5)
    nearest_cell = faiss.IndexFlatIP(dimension)
    index = faiss.IndexIVFScalarQuantizer(
        nearest_cell, dimension, cells, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, False
    )
    index.cp.niter = 10
    index.cp.min_points_per_centroid = 1  # no warning on stderr of fewer than 39
    index.cp.spherical = True
    some = np.random.default_rng(0).choice(count, min(count, _TRAINED_ON * cells, _TRAINED_MOST), replace=False)
    index.train(vectors[np.sort(some)])
    return index


def _cells_needed(index: "faiss.IndexIVF", vectors: Vectors, cell_of: Rows) -> int:
    """The fewest cells, doubling, in which are a share of `RECALL` of what comparing all finds.

    Tried with vectors between two rows, nearer to the one: about as near as a question is to the
    passage that answers it, and off in the directions in which passages differ.
    """
    import faiss

    random = np.random.default_rng(0)
    one, other = vectors[random.integers(len(vectors), size=(2, _TRIALS))]
    questions = 0.8 * one + 0.6 * other
    questions /= np.linalg.norm(questions, axis=1, keepdims=True)
    _, expected = faiss.knn(questions, vectors, min(RECALL_AT, len(vectors)), faiss.METRIC_INNER_PRODUCT)
    _, nearest = index.quantizer.search(questions, index.nlist)
    places = np.argsort(nearest, axis=1)
    needed = np.sort(np.take_along_axis(places, cell_of[expected], axis=1), axis=None)
    enough = int(needed[int(np.ceil(RECALL * len(needed))) - 1]) + 1
    cells = _FEWEST_CELLS
    while cells < enough:
        cells *= 2
    return min(cells, index.nlist)
