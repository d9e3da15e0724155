"""``make bench``: how fast the index is built and asked, as ratios inside one run.

``make bench-large`` asks 100,000 and 1,000,000 synthetic chunks. Needs `../shared` with
encyclopedia_dev, or ``ARTICLEQA_SHARED``.
"""

import json
import random
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from evaluation.benchmarks.measure import ENCYCLOPEDIA, Figure, report, run

ARTICLES = str(ENCYCLOPEDIA / "articles")
QUESTION = "In what country is Normandy located?"
COLD_RUNS = 5
BUILD_RUNS = 2


def part(name: str, *arguments: object) -> dict[str, Any]:
    """Run one of `parts` in a process of its own."""
    done = run(["-m", "evaluation.benchmarks.parts", name, *map(str, arguments)])
    found: dict[str, Any] = json.loads(done.output.splitlines()[-1])
    return found


def build(articles: str, index: Path, *more: str) -> float:
    """Seconds of a whole ``articleqa build``, process start and end included."""
    return run(["-m", "shell", "build", articles, "--index", str(index), *more]).seconds


def cold(index: Path) -> list[Figure]:
    """`ask` from a cold start against importing sentence_transformers, in turns."""
    asks, imports = [], []
    for _ in range(COLD_RUNS):
        imports.append(run(["-c", "import sentence_transformers"]).seconds)
        asks.append(run(["-m", "shell", "ask", QUESTION, "--index", str(index)], allowed=(0, 3)))
    ask, imported = statistics.median(one.seconds for one in asks), statistics.median(imports)
    peak = max(one.peak_mb for one in asks)
    return [
        Figure(
            "cold ask ÷ import sentence_transformers", ask / imported, "×", 0.2, detail=f"{ask:.2f} s, {imported:.2f} s"
        ),
        Figure("cold ask, peak memory", peak, "MB", 350),
    ]


def building(index: Path) -> list[Figure]:
    """All of a build against `SentenceTransformer.encode` on the same texts, in turns; the best of each."""
    encoded = [part("encode", index)]
    built = [build(ARTICLES, index, "--full")]
    for _ in range(BUILD_RUNS - 1):
        encoded.append(part("encode", index))
        built.append(build(ARTICLES, index, "--full"))
    one, seconds = min(encoded, key=lambda found: found["seconds"]), min(built)
    floor = one["operations"] / max(found["matrix_rate"] for found in encoded)
    detail = (
        f"{one['chunks'] / seconds:.1f} and {one['chunks'] / one['seconds']:.1f} a second, {one['threads']} threads"
    )
    return [
        Figure("build, throughput ÷ encode alone", one["seconds"] / seconds, "×", 0.9, at_least=True, detail=detail),
        Figure(
            "build ÷ the model's floor",
            seconds / floor,
            "×",
            detail=f"{one['operations'] / 1e9:,.0f} G operations at {one['matrix_rate'] / 1e9:.0f} G/s: {floor:.1f} s",
        ),
    ]


def warm(name: str, index: Path, target: float | None) -> list[Figure]:
    """A warm `ask` against embedding its question alone."""
    found = part("warm", index)
    detail = f"p50 {found['ask_ms']:.1f} ms (p95 {found['p95_ms']:.1f}), embedding {found['embed_ms']:.2f} ms, "
    detail += f"{found['chunks']:,} chunks, {found['encoder']}, peak {found['peak_mb']:.0f} MB"
    return [Figure(f"warm ask ÷ embedding, {name}", found["ask_ms"] / found["embed_ms"], "×", target, detail=detail)]


def steps(index: Path) -> list[Figure]:
    """What a build does beside embedding, which keeps every core busy: all that doing both at once could save."""
    found = part("steps", ARTICLES, index)
    alone = found["reading"] / found["all"]
    detail = ", ".join(f"{name} {found[name]:.2f} s" for name in ("reading", "embedding", "all"))
    return [Figure("reading and splitting ÷ all of a build", alone, "", detail=detail)]


def rebuilding(folder: Path, count: int, target: float) -> list[Figure]:
    """A whole build process over articles of which none has changed, and one to which one article was added."""
    words = (ENCYCLOPEDIA / "articles").glob("*.txt").__next__().read_text("utf-8").split()
    articles = folder / f"articles-{count}"
    articles.mkdir()
    choose = random.Random(count)
    for number in range(count):
        at = choose.randrange(len(words) - 40)
        text = f"Article {number}\n\n{' '.join(words[at : at + 40])}.\n"
        (articles / f"{number:05}.txt").write_text(text, "utf-8")
    index = folder / f"index-{count}"
    first = build(str(articles), index)
    seconds = min(build(str(articles), index) for _ in range(3))
    added = []
    for number in range(3):
        (articles / f"new-{number}.txt").write_text(f"New {number}\n\n{' '.join(words[:300])}.\n", "utf-8")
        added.append(build(str(articles), index))
    alone = folder / f"alone-{count}"
    alone.mkdir()
    (alone / "new.txt").write_text(f"New\n\n{' '.join(words[:300])}.\n", "utf-8")
    one = min(build(str(alone), folder / f"index-alone-{count}", "--full") for _ in range(3))
    detail = f"an index of that article alone {one:.2f} s"
    return [
        Figure(f"rebuild, nothing changed, {count:,} articles", seconds, "s", target, detail=f"at first {first:.1f} s"),
        Figure(f"rebuild, one of 300 words added to {count:,}", min(added), "s", detail=detail),
    ]


def large(folder: Path, count: int, target: float | None) -> list[Figure]:
    """A warm `ask` over many synthetic chunks, and how well they are searched."""
    index = folder / f"synthetic-{count}"
    made = part("synthetic", index, count)
    found = part("recall", index)
    asked = [run(["-m", "shell", "ask", QUESTION, "--index", str(index)], allowed=(0, 3)) for _ in range(COLD_RUNS)]
    cold_seconds = statistics.median(one.seconds for one in asked)
    name = f"{count:,} synthetic chunks"
    times = (
        f"search {found['search_ms']:.1f} ms, with BM25 {found['both_ms']:.1f} ms, "
        f"comparing all {found['exact_ms']:.1f} ms"
    )
    return [
        *warm(name, index, target),
        Figure(f"recall@50 of the vector search, {name}", found["recall"], "", 0.98, at_least=True),
        Figure(f"vector search ÷ comparing all, {name}", found["search_ms"] / found["exact_ms"], "×", detail=times),
        Figure(
            f"opening, {name}",
            found["open_seconds"],
            "s",
            detail=f"published in {made['seconds']:.0f} s",
        ),
        Figure(f"cold ask, {name}", cold_seconds, "s"),
    ]


def main(sizes: list[int]) -> None:
    """Measure and report: the usual table, or that of large indexes if sizes are given."""
    with tempfile.TemporaryDirectory(prefix="articleqa-bench-") as name:
        folder = Path(name)
        index = folder / "encyclopedia"
        build(ARTICLES, index)  # exports the model where it has not been
        if sizes:
            figures = [figure for size in sizes for figure in large(folder, size, 12 if size <= 100_000 else None)]
            report("large", figures)
            return
        figures = [*cold(index), *building(index), *steps(folder / "steps"), *warm("encyclopedia_dev", index, 6)]
        report("bench", [*figures, *rebuilding(folder, 20, 0.5), *rebuilding(folder, 10_000, 5)])


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]])
