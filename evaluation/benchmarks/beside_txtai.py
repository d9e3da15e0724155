"""``make bench-txtai TXTAI=PYTHON``: build, warm query and memory beside txtai (hybrid, same weights).

PYTHON is that of a throw-away environment with txtai 9.14 in it; txtai is no dependency. It is
given the passages ready made, so that reading and splitting is on our side of the scales only.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from evaluation.benchmarks.bench import ARTICLES, build, part
from evaluation.benchmarks.measure import Figure, report, run
from evaluation.benchmarks.parts import embedded_texts, questions
from index.encoders.models import find_model
from index.places import open_store


def txtai(python: str, step: str, folder: Path) -> dict[str, Any]:
    """Run txtai's side in a process of its own."""
    script = str(Path(__file__).with_name("txtai_part.py"))
    started = time.perf_counter()
    done = subprocess.run([python, script, step, str(folder)], capture_output=True, text=True, check=True)
    return {**json.loads(done.stdout.splitlines()[-1]), "seconds": time.perf_counter() - started}


def main(python: str) -> None:
    """Measure both in turns and report."""
    with tempfile.TemporaryDirectory(prefix="articleqa-txtai-") as name:
        folder = Path(name)
        index = folder / "index"
        build(ARTICLES, index)
        texts = embedded_texts(open_store(index).snapshot())
        (folder / "texts.json").write_text(json.dumps(texts))
        (folder / "questions.json").write_text(json.dumps(questions(201)))
        (folder / "model.txt").write_text(str(find_model().folder))
        theirs, ours = [], []
        for _ in range(2):
            theirs.append(txtai(python, "build", folder))
            ours.append(run(["-m", "shell", "build", ARTICLES, "--index", str(index), "--full"]))
        built, their_build = min(ours, key=lambda one: one.seconds), min(theirs, key=lambda one: one["seconds"])
        asked, their_ask = part("warm", index), txtai(python, "ask", folder)
    report(
        "txtai",
        [
            _beside("build", built.seconds, their_build["seconds"], "s"),
            _beside("build, peak memory", built.peak_mb, their_build["peak_mb"], "MB"),
            _beside("warm search", asked["search_ms"], their_ask["search_ms"], "ms"),
            _beside("warm ask, with quotes, to its search", asked["ask_ms"], their_ask["search_ms"], "ms"),
            _beside("asking, peak memory", asked["peak_mb"], their_ask["peak_mb"], "MB"),
        ],
    )


def _beside(what: str, ours: float, theirs: float, unit: str) -> Figure:
    return Figure(f"{what} ÷ txtai's", ours / theirs, "×", 1, detail=f"{ours:,.1f} and {theirs:,.1f} {unit}")


if __name__ == "__main__":
    main(sys.argv[1])
