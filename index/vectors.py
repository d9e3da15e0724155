"""Unit vectors to a FAISS index and back; the only importer of faiss.

Exact inner-product search, which is the cosine for unit vectors. It knows rows and numbers,
nothing of chunks or articles.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from index.embedding import Vectors

if TYPE_CHECKING:
    import faiss


class VectorIndex:
    """Rows of unit vectors that can be searched by cosine.

    Attributes:
        size: number of rows.
        dimension: length of a vector.
    """

    def __init__(self, index: "faiss.Index") -> None:
        self._index = index
        self.size = int(index.ntotal)
        self.dimension = int(index.d)

    @classmethod
    def of(cls, vectors: Vectors) -> "VectorIndex":
        """Index ``(n, dim)`` float32 unit rows."""
        import faiss

        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> "VectorIndex":
        """Open what `save` wrote, mapped into memory instead of read."""
        import faiss

        return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC))

    def save(self, path: Path) -> None:
        """Write the rows to one file."""
        import faiss

        faiss.write_index(self._index, str(path))

    def rows(self) -> Vectors:
        """All vectors as they were indexed, ``(size, dimension)`` float32."""
        return np.asarray(self._index.reconstruct_n(0, self.size), dtype=np.float32)

    def take(self, rows: npt.NDArray[np.int64]) -> Vectors:
        """The vectors of some rows, ``(len(rows), dimension)`` float32."""
        return np.asarray(self._index.reconstruct_batch(rows), dtype=np.float32)

    def search(
        self, vector: Vectors, k: int, within: npt.NDArray[np.int64] | None = None
    ) -> tuple[npt.NDArray[np.int64], Vectors]:
        """The `k` rows most like one ``(dim,)`` unit vector: rows and cosines, best first.

        Args:
            vector: what to look for.
            k: how many, if there are so many.
            within: the rows to look among; None for all.
        """
        if within is None:
            scores, rows = self._index.search(vector[None, :], min(k, self.size))
        else:
            import faiss

            among = faiss.SearchParameters(sel=faiss.IDSelectorBatch(within))
            scores, rows = self._index.search(vector[None, :], min(k, len(within)), params=among)
        return rows[0].astype(np.int64), scores[0]
