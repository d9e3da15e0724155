"""The parts of the benchmarks that run in a process of their own; each prints one JSON object.

``python -m benchmarks.parts NAME ARGUMENT…``
"""

import functools
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import ENCYCLOPEDIA

WORDS = 8
"""Content words of each synthetic sentence."""


def questions(count: int) -> list[str]:
    """Questions spread over those of encyclopedia_dev."""
    lines = (ENCYCLOPEDIA / "questions.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines[:: len(lines) // count]][:count]


def warm(index: str, count: str = "200") -> dict[str, Any]:
    """Embedding a question alone and a whole `ask`, in turns, each question asked once."""
    from qa import Assistant

    assistant = Assistant.open(index)
    first, *rest = questions(int(count) + 1)
    assistant.ask(first)
    encoder = assistant.encoder
    times: dict[str, list[float]] = {"embed": [], "ask": [], "search": []}
    calls: dict[str, Callable[[str], object]] = {
        "embed": encoder.encode_question,
        "ask": assistant.ask,
        "search": lambda question: assistant.search(f"{question}?"),
    }
    for question in rest:
        for name, call in calls.items():
            started = time.perf_counter()
            call(question)
            times[name].append(time.perf_counter() - started)
    return {
        **{f"{name}_ms": statistics.median(values) * 1e3 for name, values in times.items()},
        "p95_ms": sorted(times["ask"])[int(0.95 * len(times["ask"]))] * 1e3,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "chunks": len(assistant.index.rows.chunks),
        "encoder": type(encoder).__name__,
    }


def steps(articles: str, index: str) -> dict[str, Any]:
    """Seconds of each step of a full build, up to the first report of the next one."""
    from index.build import build

    begun: dict[str, float] = {}

    def note(step: str, _done: int, _total: int) -> None:
        begun.setdefault(step, time.perf_counter())

    started = time.perf_counter()
    build(Path(articles), Path(index), full=True, progress=note)
    ended = time.perf_counter()
    return {
        "reading": begun["embedding"] - begun["reading"],
        "embedding": ended - begun["embedding"],
        "all": ended - started,
    }


def batching(index: str) -> dict[str, Any]:
    """Embedding a question in a batch of eight and by itself, in one thread: what batching could save a question."""
    from index.embedding import load_exported
    from index.store import ArticleIndex

    opened = ArticleIndex.open(Path(index))
    encoder = load_exported(opened.settings.model, opened.settings.fingerprint)
    assert encoder
    asked = questions(400)
    encoder.encode_question(asked[0])
    times: dict[str, list[float]] = {"one": [], "batch": []}
    for at in range(0, len(asked), 8):
        eight = asked[at : at + 8]
        started = time.perf_counter()
        for question in eight:
            encoder.encode_question(question)
        between = time.perf_counter()
        encoder.encode_passages(eight, [[]] * len(eight))
        times["one"].append((between - started) / len(eight))
        times["batch"].append((time.perf_counter() - between) / len(eight))
    return {f"{name}_ms": statistics.median(values) * 1e3 for name, values in times.items()}


def encode(index: str) -> dict[str, Any]:
    """`SentenceTransformer.encode` on the texts that a build embeds, and the model's floor for them."""
    import torch
    from sentence_transformers import SentenceTransformer

    from index.chunks import embedding_prefix
    from index.embedding import find_model
    from index.store import ArticleIndex

    opened = ArticleIndex.open(Path(index))
    chunks = [opened.chunk(row) for row in range(len(opened.rows.chunks))]
    texts = [embedding_prefix(opened.rows.articles[chunk.article].title) + chunk.text for chunk in chunks]
    model = SentenceTransformer(str(find_model().folder), device="cpu", local_files_only=True)
    model.encode(texts[:32])
    rate = _matrix_rate(torch)
    started = time.perf_counter()
    model.encode(texts, show_progress_bar=False)
    seconds = time.perf_counter() - started
    lengths = [len(ids) for ids in model.tokenizer(texts, truncation=True, max_length=256)["input_ids"]]
    operations = sum(_operations(length) for length in lengths)
    return {
        "seconds": seconds,
        "chunks": len(texts),
        "threads": torch.get_num_threads(),
        "operations": operations,
        "matrix_rate": max(rate, _matrix_rate(torch)),
    }


def _operations(tokens: int) -> int:
    """Multiplications and additions in the matrices of all-MiniLM-L6-v2 for a text: 6 layers of 384 and 1536."""
    weights = 4 * 384 * 384 + 2 * 384 * 1536
    return 6 * (2 * tokens * weights + 2 * 2 * tokens * tokens * 384)


def _matrix_rate(torch: Any) -> float:
    """Operations a second of a product as the model has them, by torch's own threads."""
    left, right = torch.randn(6400, 384), torch.randn(384, 1536)
    best = 0.0
    for _ in range(20):
        started = time.perf_counter()
        left @ right
        best = max(best, 2 * 6400 * 384 * 1536 / (time.perf_counter() - started))
    return best


def synthetic(folder: str, count: str) -> dict[str, Any]:
    """An index of `count` chunks without articles behind it, written with the store's own writer.

    Words come as often as in encyclopedia_dev and vectors are spread as its sentences' are (a
    normal distribution of the same mean and covariance), so that real questions meet likely
    postings and likely neighbours.
    """
    from index.analysis import terms
    from index.embedding import find_model
    from index.lexical import LexicalIndex
    from index.store import ArticleIndex, ArticleRecord, GenerationWriter, Rows, Settings, remove_other_generations
    from index.vectors import VectorIndex
    from index.words import pack

    n, words_each, chunks_each = int(count), 40, 10
    random = np.random.default_rng(3)
    source = ArticleIndex.open(Path(folder).parent / "encyclopedia")
    vocabulary = np.array(" ".join(source.chunk(row).text for row in range(len(source.rows.chunks))).split())
    stemmed = {word: terms(word) for word in set(vocabulary.tolist())}
    Path(folder).mkdir()
    writer = GenerationWriter(Path(folder))
    records, chunks, rows_terms = [], [], []
    for article in range(n // chunks_each):
        start, byte, parts = 0, 0, []
        for number in range(chunks_each):
            words = random.choice(vocabulary, words_each).tolist()
            text = " ".join(words)
            row = article * chunks_each + number
            size = len(text.encode())
            line = number + 1
            chunks.append((article, start, start + len(text), byte, byte + size, line, line, 2 * row, 2 * row + 2))
            start, byte = start + len(text) + 1, byte + size + 1
            parts.append(text)
            rows_terms.append([term for word in words for term in stemmed[word]])
        data = ("\n".join(parts) + "\n").encode()
        spans = writer.add_text(data)
        first = article * chunks_each
        digest = _digest(data)
        records.append(
            ArticleRecord(f"{article}.txt", digest, digest, None, None, None, *spans, first, first + chunks_each)
        )
    table = np.array(chunks, dtype=np.int64)
    middle = (table[:, 1] + table[:, 2]) // 2
    sentences = np.stack([table[:, 1], middle, middle, table[:, 2]], axis=1).reshape(-1, 2)
    draw = _Spread(np.asarray(source.rows.sentence_vectors, dtype=np.float32), random)
    sentence_vectors = np.concatenate([draw(50_000).astype(np.float16) for _ in range(0, 2 * n, 50_000)])[: 2 * n]
    vectors = np.concatenate([draw(50_000) for _ in range(0, n, 50_000)])[:n]
    started = time.perf_counter()
    vector_index = VectorIndex.of(vectors)
    sorted_seconds = time.perf_counter() - started
    started = time.perf_counter()
    lexical = LexicalIndex.of(rows_terms)
    lexical_seconds = time.perf_counter() - started
    model = find_model()
    settings = Settings(model.name, model.fingerprint, 384, 200, 254)
    word_starts = np.arange(2 * n + 1) * WORDS
    word_vectors = pack(draw(len(word_starts)))[np.arange(word_starts[-1]) // WORDS]
    tables = Rows(records, (), table, sentences, sentence_vectors, word_starts, word_vectors, vector_index, lexical)
    writer.publish(tables, settings, Path(folder), {record.path: record.sha256 for record in records})
    remove_other_generations(Path(folder), writer.name)
    return {"vectors_seconds": sorted_seconds, "lexical_seconds": lexical_seconds}


class _Spread:
    """Unit rows of the mean and covariance of others."""

    def __init__(self, rows: Any, random: np.random.Generator) -> None:
        self.mean = rows.mean(axis=0)
        _, scale, self.axes = np.linalg.svd(rows - self.mean, full_matrices=False)
        self.scale = (scale / len(rows) ** 0.5).astype(np.float32)
        self.random = random

    def __call__(self, count: int) -> Any:
        rows = self.random.standard_normal((count, len(self.scale)), dtype=np.float32) * self.scale
        rows = rows @ self.axes + self.mean
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _digest(data: bytes) -> str:
    from index.articles import sha256_of

    return sha256_of(data)


def recall(index: str) -> dict[str, Any]:
    """Share of the truly nearest 50 chunks that a search finds, and the times of search, BM25 and comparing all."""
    from index.analysis import terms
    from index.embedding import load_exported
    from index.store import ArticleIndex
    from index.vectors import VectorIndex

    started = time.perf_counter()
    opened = ArticleIndex.open(Path(index))
    open_seconds = time.perf_counter() - started
    encoder = load_exported(opened.settings.model, opened.settings.fingerprint)
    assert encoder
    index_of_vectors = opened.rows.vectors
    exact = VectorIndex(index_of_vectors._flat)
    times: dict[str, list[float]] = {"search": [], "exact": [], "bm25": []}
    shared = []
    for question in questions(100):
        vector, words = encoder.encode_question(question)[0], terms(question)
        found = []
        for name, call in (
            ("search", functools.partial(index_of_vectors.search, vector, 50)),
            ("exact", functools.partial(exact.search, vector, 50)),
            ("bm25", functools.partial(opened.rows.lexical.best, words, 50)),
        ):
            started = time.perf_counter()
            found.append(call()[0])
            times[name].append(time.perf_counter() - started)
        shared.append(len(np.intersect1d(found[0], found[1])) / 50)
    cells = index_of_vectors._cells
    return {
        "recall": statistics.mean(shared),
        **{f"{name}_ms": statistics.median(values) * 1e3 for name, values in times.items()},
        "open_seconds": open_seconds,
        "cells": f"{cells.nprobe} of {cells.nlist} cells" if cells else "all compared",
    }


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
