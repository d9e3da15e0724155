"""Passages through a model in batches, unit rows out; which model it is is left to the caller."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from index.encoders.protocol import Progress, Vectors

Forward = Callable[[Sequence[str]], Vectors]
"""Texts to unit vectors ``(n, dimension)``."""


def encode_in_batches(
    forward: Forward,
    texts: Sequence[str],
    dimension: int,
    *,
    batch_size: int,
    workers: int = 1,
    progress: Progress | None = None,
) -> Vectors:
    """See `SentenceEncoder.encode_passages`. Passages of like length share a batch.

    Args:
        forward: the model; called from `workers` threads at once.
        texts: as there.
        dimension: length of a vector.
        batch_size: texts in one call of `forward`.
        workers: threads.
        progress: as there.
    """
    rows = np.zeros((len(texts), dimension), dtype=np.float32)
    order = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
    batches = [order[begin : begin + batch_size] for begin in range(0, len(order), batch_size)]

    def encode(batch: Sequence[int]) -> None:
        rows[batch] = forward([texts[row] for row in batch])

    done = 0
    with ThreadPoolExecutor(workers, "encode") as pool:
        try:
            for batch, _ in zip(batches, pool.map(encode, batches), strict=True):
                done += len(batch)
                if progress:
                    progress(done, len(texts))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return rows


def unit(rows: Vectors) -> Vectors:
    """Rows scaled to length 1; rows of zeros stay."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(length > 0, length, 1), dtype=np.float32)
