"""Batches of texts through a model, out come unit rows of passages and of their sentences.

A sentence's vector is the mean of its own tokens' vectors, taken from the pass that embeds its
passage: it knows its context and costs nothing more (late chunking, arXiv 2409.04701). Which
model makes the tokens' vectors is left to the caller.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from index.encoders.protocol import Progress, Vectors
from index.types import Span

Forward = Callable[[Sequence[str]], tuple[Vectors, Vectors, npt.NDArray[np.int64]]]
"""Texts to unit vectors ``(n, dimension)``, token vectors ``(n, length, dimension)`` and token
spans ``(n, length, 2)``, empty for special tokens."""


def encode_in_batches(
    forward: Forward,
    texts: Sequence[str],
    sentences: Sequence[Sequence[Span]],
    dimension: int,
    *,
    batch_size: int,
    workers: int = 1,
    progress: Progress | None = None,
) -> tuple[Vectors, Vectors]:
    """See `SentenceEncoder.encode_passages`. Passages of like length share a batch.

    Args:
        forward: the model; called from `workers` threads at once.
        texts: as there.
        sentences: as there.
        dimension: length of a vector.
        batch_size: texts in one call of `forward`.
        workers: threads.
        progress: as there.
    """
    passage_rows = np.zeros((len(texts), dimension), dtype=np.float32)
    sentence_rows: list[Vectors] = [np.zeros((0, dimension), dtype=np.float32)] * len(texts)
    order = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
    batches = [order[begin : begin + batch_size] for begin in range(0, len(order), batch_size)]

    def encode(rows: Sequence[int]) -> None:
        vectors, tokens, offsets = forward([texts[row] for row in rows])
        passage_rows[rows] = vectors
        for number, row in enumerate(rows):
            pooled = _encode_spans(forward, texts[row], sentences[row], tokens[number], offsets[number], dimension)
            missing = ~pooled.any(axis=1)  # a sentence without one known token stands as its passage
            pooled[missing] = vectors[number]
            sentence_rows[row] = pooled

    done = 0
    with ThreadPoolExecutor(workers, "encode") as pool:
        try:
            for rows, _ in zip(batches, pool.map(encode, batches), strict=True):
                done += len(rows)
                if progress:
                    progress(done, len(texts))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return passage_rows, np.concatenate([np.zeros((0, dimension), np.float32), *sentence_rows])


def encode_one(forward: Forward, text: str, spans: Sequence[Span], dimension: int) -> tuple[Vectors, Vectors]:
    """Vectors of one text and of pieces of it, zeros for pieces without a token."""
    vectors, tokens, offsets = forward([text])
    return vectors[0], _encode_spans(forward, text, spans, tokens[0], offsets[0], dimension)


def _encode_spans(
    forward: Forward,
    text: str,
    spans: Sequence[Span],
    tokens: Vectors,
    offsets: npt.NDArray[np.int64],
    dimension: int,
) -> Vectors:
    """Vectors of pieces of a text that has been through the model."""
    if tokens.shape[1] == dimension:
        return pool_spans(tokens, offsets, spans)
    if not spans:
        return np.zeros((0, dimension), dtype=np.float32)
    return forward([text[start:end] for start, end in spans])[0]  # layers follow the mean: only whole texts get through


def pool_spans(tokens: Vectors, offsets: npt.NDArray[np.int64], spans: Sequence[Span]) -> Vectors:
    """Mean of the token vectors inside each span, as unit rows; zero where there are none.

    Args:
        tokens: ``(length, dimension)``.
        offsets: ``(length, 2)``, the span of each token; empty for special tokens.
        spans: ``[start, end)`` each.
    """
    real = offsets[:, 1] > offsets[:, 0]
    starts, vectors = offsets[real, 0], tokens[real]
    sums = np.concatenate([np.zeros((1, tokens.shape[1]), np.float32), np.cumsum(vectors, axis=0)])
    first = np.searchsorted(starts, [span[0] for span in spans])
    last = np.searchsorted(starts, [span[1] for span in spans])
    return unit(sums[last] - sums[first])


def unit(rows: Vectors) -> Vectors:
    """Rows scaled to length 1; rows of zeros stay."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(length > 0, length, 1), dtype=np.float32)
