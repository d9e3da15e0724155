"""What the benchmarks share: figures with their targets, the machine, processes timed from outside."""

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent.parent
SHARED = Path(os.environ.get("ARTICLEQA_SHARED", REPOSITORY.parent / "shared"))
ENCYCLOPEDIA = SHARED / "eval" / "encyclopedia_dev"
RESULTS = REPOSITORY / "benchmarks"
"""Where tables go as JSON; ignored by git."""

LIBRARIES = ("numpy", "faiss-cpu", "onnxruntime", "tokenizers", "torch", "sentence-transformers", "bm25s", "gradio")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a table.

    Attributes:
        what: what was measured.
        value, unit: the figure.
        target: what it should be at most, or at least where `at_least`; None where it is only reported.
        detail: the figures behind it.
    """

    what: str
    value: float
    unit: str
    target: float | None = None
    at_least: bool = False
    detail: str = ""

    @property
    def verdict(self) -> str:
        """Whether it is what it should be."""
        if self.target is None:
            return ""
        met = self.value >= self.target if self.at_least else self.value <= self.target
        return f"{'≥' if self.at_least else '≤'} {self.target:g} {'reached' if met else 'MISSED'}"


@dataclass(frozen=True, slots=True)
class Run:
    """A process that has ended.

    Attributes:
        seconds: wall time from start to end.
        peak_mb: the most memory it held.
        output: what it printed.
    """

    seconds: float
    peak_mb: float
    output: str


def run(arguments: Sequence[str], allowed: Sequence[int] = (0,)) -> Run:
    """Run this Python with some arguments in the repository.

    Raises:
        RuntimeError: it ended with a code that is not allowed.
    """
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *arguments], cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in allowed:
        raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}")
    return Run(seconds, usage.ru_maxrss / 1024, output)


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    cpu = Path("/proc/cpuinfo")
    names = [line for line in cpu.read_text().splitlines() if line.startswith("model name")] if cpu.exists() else []
    return {
        "cpu": names[0].split(":")[1].strip() if names else platform.processor(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: importlib.metadata.version(name) for name in LIBRARIES},
    }


def report(name: str, figures: Sequence[Figure]) -> None:
    """Print a table and write it to `RESULTS`."""
    here = machine()
    print(f"\n{name}: {here['cores']} cores of {here['cpu']}, load {here['load']:.1f}, Python {here['python']}")
    width = max(len(figure.what) for figure in figures)
    for figure in figures:
        value = f"{figure.value:,.3g}" if abs(figure.value) < 100 else f"{figure.value:,.0f}"
        print(f"  {figure.what:<{width}}  {value:>7} {figure.unit:<4} {figure.verdict:<16} {figure.detail}")
    RESULTS.mkdir(exist_ok=True)
    rows = [{**asdict(figure), "verdict": figure.verdict} for figure in figures]
    (RESULTS / f"{name}.json").write_text(json.dumps({"machine": here, "figures": rows}, indent=1, ensure_ascii=False))
