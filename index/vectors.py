"""Unit vectors to a FAISS index and back; the only importer of faiss.

Inner products, which are cosines of unit vectors: all of them while there are at most
`EXACT_ROWS`, beyond that those of the cells nearest to the question. It knows rows and numbers,
nothing of chunks or articles.
"""

from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from index.encoders.protocol import Vectors

if TYPE_CHECKING:
    import faiss

RowNumbers = npt.NDArray[np.int64]

EXACT_ROWS = 50_000
"""Up to so many rows every one is compared, which reads 77 MB for a question. Beyond it the rows
are sorted into cells (IVF) and kept there at a byte a number, besides the exact vectors with
which the best of the nearest cells are compared. Measured by make bench-large."""

RECALL = 0.99
"""Share of the truly best `RECALL_AT` rows that a search of cells has to find while it is being set
up; that many cells are looked into. The setting is found on rows that no question has, so that a
little is left up to the .98 that is promised."""

RECALL_AT = 50
_TRIALS = 200
_COMPARED = 4
"""For each row wanted, so many that look best by their bytes are compared exactly."""

_TRAINED_ON = 64
"""Rows for each cell that the cells are made from."""


class VectorIndex:
    """Rows of unit vectors that can be searched by cosine.

    Attributes:
        size: number of rows.
        dimension: length of a vector.
        exact: whether a search compares every row.
    """

    def __init__(self, flat: "faiss.Index", cells: "faiss.IndexIVF | None" = None) -> None:
        self._flat = flat
        self._cells = cells
        self.size = int(flat.ntotal)
        self.dimension = int(flat.d)
        self.exact = cells is None

    @classmethod
    def of(cls, vectors: Vectors) -> "VectorIndex":
        """Index ``(n, dim)`` float32 unit rows."""
        import faiss

        vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        flat = faiss.IndexFlatIP(vectors.shape[1])
        flat.add(vectors)
        return cls(flat, _sort_into_cells(flat, vectors) if len(vectors) > EXACT_ROWS else None)

    @classmethod
    def load(cls, path: Path) -> "VectorIndex":
        """Open what `save` wrote, mapped into memory instead of read."""
        import faiss

        cells = _cells_beside(path)
        return cls(
            faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC),
            cast("faiss.IndexIVF", faiss.read_index(str(cells), faiss.IO_FLAG_MMAP_IFC)) if cells.exists() else None,
        )

    def save(self, path: Path) -> None:
        """Write the rows to one file, and the cells, if there are any, to another beside it.

        Raises:
            OSError: the disk is full.
        """
        _write(self._flat, path)
        _cells_beside(path).unlink(missing_ok=True)
        if self._cells is not None:
            _write(self._cells, _cells_beside(path))

    def rows(self) -> Vectors:
        """All vectors as they were indexed, ``(size, dimension)`` float32."""
        return np.asarray(self._flat.reconstruct_n(0, self.size), dtype=np.float32)

    def take(self, rows: RowNumbers) -> Vectors:
        """The vectors of some rows, ``(len(rows), dimension)`` float32."""
        return np.asarray(self._flat.reconstruct_batch(rows), dtype=np.float32)

    def search(self, vector: Vectors, k: int, within: RowNumbers | None = None) -> tuple[RowNumbers, Vectors]:
        """The `k` rows most like one ``(dim,)`` unit vector: rows and cosines, best first.

        Args:
            vector: what to look for.
            k: how many, if there are so many.
            within: the rows to look among, each of which is compared; None for all.
        """
        if within is not None:
            return self._best_of(within, vector, k)
        if self._cells is not None:
            _, rows = self._cells.search(vector[None, :], min(k * _COMPARED, self.size))
            return self._best_of(rows[0][rows[0] >= 0].astype(np.int64), vector, k)
        scores, rows = self._flat.search(vector[None, :], min(k, self.size))
        return rows[0].astype(np.int64), scores[0]

    def _best_of(self, rows: RowNumbers, vector: Vectors, k: int) -> tuple[RowNumbers, Vectors]:
        cosines = self.take(rows) @ vector
        best = np.argpartition(-cosines, k - 1)[:k] if len(rows) > k else np.arange(len(rows))
        best = best[np.argsort(-cosines[best], kind="stable")]
        return rows[best], cosines[best]


def _write(index: "faiss.Index", path: Path) -> None:
    """Write an index, with an error when the disk is full: faiss's own writer only prints that."""
    import faiss

    with path.open("wb") as file:
        faiss.write_index(index, faiss.PyCallbackIOWriter(file.write))  # type: ignore[attr-defined]


def _cells_beside(path: Path) -> Path:
    return path.with_name(f"{path.stem}_cells{path.suffix}")


def _sort_into_cells(flat: "faiss.Index", vectors: Vectors) -> "faiss.IndexIVF":
    """Rows in about ``4 √n`` cells, a byte a number, set to look into as many as `RECALL` needs."""
    import faiss

    cells = round(4 * len(vectors) ** 0.5)
    nearest_cell = faiss.IndexFlatIP(vectors.shape[1])
    index = faiss.IndexIVFScalarQuantizer(
        nearest_cell, vectors.shape[1], cells, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, False
    )
    index.cp.niter = 10
    index.cp.max_points_per_centroid = _TRAINED_ON
    index.cp.spherical = True
    index.train(vectors)
    index.add(vectors)
    index.nprobe = _cells_needed(VectorIndex(flat, index), vectors)
    return index


def _cells_needed(index: VectorIndex, vectors: Vectors) -> int:
    """The fewest cells, doubling, whose search finds a share of `RECALL` of what comparing all finds.

    Tried with vectors between two rows, nearer to the one: about as near as a question is to the
    passage that answers it, and off in the directions in which passages differ.
    """
    random = np.random.default_rng(0)
    one, other = vectors[random.integers(len(vectors), size=(2, _TRIALS))]
    questions = 0.8 * one + 0.6 * other
    questions /= np.linalg.norm(questions, axis=1, keepdims=True)
    _, expected = index._flat.search(questions, RECALL_AT)
    cells = index._cells
    assert cells is not None
    cells.nprobe = 8
    while cells.nprobe < cells.nlist:
        _, near = cells.search(questions, RECALL_AT * _COMPARED)
        found = [index._best_of(row[row >= 0], one, RECALL_AT)[0] for row, one in zip(near, questions, strict=True)]
        shared = [len(np.intersect1d(*pair)) for pair in zip(found, expected, strict=True)]
        if np.mean(shared) / RECALL_AT >= RECALL:
            break
        cells.nprobe = min(2 * cells.nprobe, cells.nlist)
    return int(cells.nprobe)
