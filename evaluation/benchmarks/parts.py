"""The parts of the benchmarks that run in a process of their own; each prints one JSON object.

``python -m evaluation.benchmarks.parts NAME ARGUMENT…``
"""

import functools
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.benchmarks.measure import ENCYCLOPEDIA
from index.digests import sha256_of
from index.encoders.protocol import SentenceEncoder
from index.places import open_store
from index.segment import Segment
from index.stores.protocol import Snapshot
from index.types import ArticleInfo

CHUNKS, CHUNK_WORDS = 10, 40
"""Of each synthetic article and chunk: how many chunks and words."""

SEGMENT_CHUNKS = 10_000


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
        "chunks": assistant.snapshot.about.chunks,
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
    encoder = _encoder_of(open_store(index).snapshot())
    asked = questions(400)
    encoder.encode_question(asked[0])
    times: dict[str, list[float]] = {"one": [], "batch": []}
    for at in range(0, len(asked), 8):
        eight = asked[at : at + 8]
        started = time.perf_counter()
        for question in eight:
            encoder.encode_question(question)
        between = time.perf_counter()
        encoder.encode_passages(eight)
        times["one"].append((between - started) / len(eight))
        times["batch"].append((time.perf_counter() - between) / len(eight))
    return {f"{name}_ms": statistics.median(values) * 1e3 for name, values in times.items()}


def encode(index: str) -> dict[str, Any]:
    """`SentenceTransformer.encode` on the texts that a build embeds, and the model's floor for them."""
    import torch
    from sentence_transformers import SentenceTransformer

    from index.encoders.models import find_model

    texts = embedded_texts(open_store(index).snapshot())
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


def embedded_texts(snapshot: Snapshot) -> list[str]:
    """What a build embeds: the sentences of every chunk behind its title and heading."""
    from index.passages import context_of

    return [
        context_of(chunk.article.value("title"), chunk.heading.splitlines()) + " ".join(chunk.sentence_texts)
        for chunk in snapshot.sample(snapshot.about.chunks)
    ]


def _encoder_of(snapshot: Snapshot) -> SentenceEncoder:
    from index.encoders.load import load_exported

    encoder = load_exported(snapshot.about.settings.model, snapshot.about.settings.fingerprint)
    assert encoder
    return encoder


def synthetic(folder: str, count: str) -> dict[str, Any]:
    """An index of `count` chunks that no article was read for, published in segments like any other.

    Words come as often as in encyclopedia_dev and vectors are spread as its passages' are (a
    normal distribution of the same mean and covariance), so that real questions meet likely
    postings and likely neighbours.
    """
    from index.stores.types import Publication

    n = int(count)
    source = open_store(Path(folder).parent / "encyclopedia").snapshot()
    maker = _Synthetic(source)
    store = open_store(folder)
    settings = source.about.settings
    sources: dict[str, str] = {}
    made = np.lib.format.open_memmap(f"{folder}-vectors.npy", mode="w+", dtype=np.float32, shape=(n, 384))

    def parts() -> Iterator[Segment]:
        for first in range(0, n, SEGMENT_CHUNKS):
            part = maker.segment(first, min(SEGMENT_CHUNKS, n - first))
            made[first : first + len(part.chunks)] = part.vectors
            sources.update({info.path: info.sha256 for info in part.articles})
            yield part

    started = time.perf_counter()
    with store.locked(0):
        store.publish(parts(), lambda: Publication(Path(folder), settings, sources, ()))
    return {"seconds": time.perf_counter() - started}


class _Synthetic:
    """Segments of articles that say nothing."""

    def __init__(self, source: Snapshot) -> None:
        from index.analysis import terms

        self.random = np.random.default_rng(3)
        chunks = list(source.sample(source.about.chunks))
        self.vocabulary = np.array(" ".join(chunk.text for chunk in chunks).split())
        self.stemmed = {word: terms(word, "en") for word in set(self.vocabulary.tolist())}
        paths = list(dict.fromkeys(chunk.article.path for chunk in chunks))
        self.draw = _Spread(source.segment(paths).vectors, self.random)

    def segment(self, first: int, count: int) -> Segment:
        """Some chunks, `CHUNKS` to an article, two sentences each."""
        from index.segment import Terms

        chunks: list[tuple[int, ...]] = []
        blocks: list[tuple[int, ...]] = []
        rows_terms, texts = [], []
        for article in range(count // CHUNKS):
            start, byte, parts = 0, 0, []
            for number in range(CHUNKS):
                words = self.random.choice(self.vocabulary, CHUNK_WORDS).tolist()
                text = " ".join(words)
                row, size = article * CHUNKS + number, len(text.encode())
                span = (start, start + len(text), byte, byte + size)
                chunks.append((article, *span, number + 1, number + 1, 0, 0, 2 * row, 2 * row + 2))
                blocks.append((article, 0, *span[:2], 0))
                start, byte = start + len(text) + 1, byte + size + 1
                parts.append(text)
                rows_terms.append([term for word in words for term in self.stemmed[word]])
            texts.append(("\n".join(parts) + "\n").encode())
        infos = tuple(
            ArticleInfo(path=f"{first // CHUNKS + number}.txt", sha256=sha256_of(text), language="en")
            for number, text in enumerate(texts)
        )
        table = np.array(chunks, dtype=np.int64)
        middle = (table[:, 1] + table[:, 2]) // 2
        return Segment(
            articles=infos,
            texts=tuple(texts),
            chunks=table,
            blocks=np.array(blocks, dtype=np.int64),
            sentences=np.stack([table[:, 1], middle, middle, table[:, 2]], axis=1).reshape(-1, 2),
            vectors=self.draw(count).astype(np.float32),
            terms=Terms.of(rows_terms),
        )


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


def recall(index: str) -> dict[str, Any]:
    """Share of the truly nearest 50 chunks that a search finds, and the times of searching and of comparing all.

    The vectors themselves lie beside a `synthetic` index.
    """
    import faiss

    from index.analysis import terms

    started = time.perf_counter()
    snapshot = open_store(index).snapshot()
    open_seconds = time.perf_counter() - started
    encoder = _encoder_of(snapshot)
    vectors = np.load(f"{index}-vectors.npy")
    times: dict[str, list[float]] = {"search": [], "exact": [], "both": []}
    shared = []
    for question in questions(100):
        vector, words = encoder.encode_question(question), terms(question, "en")
        calls: dict[str, Callable[[], Any]] = {
            "search": functools.partial(snapshot.candidates, vector, [], 50),
            "exact": functools.partial(faiss.knn, vector[None, :], vectors, 50, faiss.METRIC_INNER_PRODUCT),
            "both": functools.partial(snapshot.candidates, vector, words, 50),
        }
        found = {}
        for name, call in calls.items():
            started = time.perf_counter()
            found[name] = call()
            times[name].append(time.perf_counter() - started)
        shared.append(len(np.intersect1d(found["search"].ids, found["exact"][1][0])) / 50)
    return {
        "recall": statistics.mean(shared),
        **{f"{name}_ms": statistics.median(values) * 1e3 for name, values in times.items()},
        "open_seconds": open_seconds,
    }


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
