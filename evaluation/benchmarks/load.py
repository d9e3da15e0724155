"""``make load``: 32 at once for two minutes, half of them in the chat and half through `/ask`.

Nobody stops to read: each asks the next question as soon as the last one is answered, over
loopback, of a server in a process of its own. One alone in the same way goes first, to compare.
"""

import asyncio
import itertools
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from evaluation.benchmarks.bench import ARTICLES, build, part
from evaluation.benchmarks.measure import REPOSITORY, Figure, report
from evaluation.benchmarks.parts import questions

USERS = 32
SECONDS = 120.0
ALONE_SECONDS = 15.0

Ask = Callable[[httpx.AsyncClient, str], Awaitable[None]]


class Failed(Exception):
    """An answer that was none."""


def answered(shown: str) -> bool:
    """Whether a page that was sent shows quotes, or says that the articles don't answer."""
    return 'class=\\"rating\\"' in shown and ("<blockquote" in shown or 'class=\\"verdict\\"' in shown)


async def ask_program(client: httpx.AsyncClient, question: str) -> None:
    """One question as a program asks it."""
    posted = await client.post("/gradio_api/call/ask", json={"data": [question, "", "", "", ""]})
    posted.raise_for_status()
    async with client.stream("GET", f"/gradio_api/call/ask/{posted.json()['event_id']}") as stream:
        lines = [line async for line in stream.aiter_lines()]
    if "event: complete" not in lines:
        raise Failed(lines)
    answer = json.loads(lines[lines.index("event: complete") + 1].removeprefix("data: "))[0]
    if answer["found"] and not answer["quotes"]:
        raise Failed(answer)


class Person:
    """Somebody with a page of the chat open, who asks one question after the other."""

    def __init__(self, config: dict[str, Any]) -> None:
        (self.function,) = (
            dependency["id"]
            for dependency in config["dependencies"]
            if any(event == "ask" for _, event in dependency["targets"])
        )
        self.session = uuid.uuid4().hex

    async def ask(self, client: httpx.AsyncClient, question: str) -> None:
        """Send a question as the page does, as the first of a conversation, and wait for the whole answer."""
        asked = {"question": question, "turn": 0}
        body = {"data": [None], "event_data": asked, "fn_index": self.function, "session_hash": self.session}
        (await client.post("/gradio_api/queue/join", json=body)).raise_for_status()
        shown, done = "", False
        async for message in self._messages(client):
            if message["msg"] in ("process_generating", "process_completed"):
                shown += json.dumps(message.get("output"))
            if message["msg"] == "process_completed":
                done = bool(message["success"]) and answered(shown)
        # The stream was read to its end, as pages do: who leaves it early is gone for Gradio, with the next question.
        if not done:
            raise Failed(shown or "the stream ended before the answer")

    async def _messages(self, client: httpx.AsyncClient) -> AsyncIterator[dict[str, Any]]:
        address = f"/gradio_api/queue/data?session_hash={self.session}"
        async with client.stream("GET", address) as stream:
            async for line in stream.aiter_lines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))


async def use(address: str, users: int, seconds: float) -> tuple[list[float], list[str]]:
    """Times of all answers, and what went wrong, with some users at once; every other one is a program."""
    asked = itertools.cycle(questions(1_500))
    times: list[float] = []
    errors: list[str] = []
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=address, timeout=60, limits=limits) as client:
        config = (await client.get("/config")).json()
        until = time.perf_counter() + seconds

        async def one(ask: Ask) -> None:
            while time.perf_counter() < until:
                started = time.perf_counter()
                try:
                    await ask(client, next(asked))
                except (httpx.HTTPError, Failed, KeyError, ValueError) as error:
                    errors.append(f"{type(error).__name__}: {error}"[:300])
                else:
                    times.append(time.perf_counter() - started)

        await asyncio.gather(*(one(ask_program if user % 2 else Person(config).ask) for user in range(users)))
    return times, errors


def cpu_seconds(process: int) -> float:
    """Processor time that a process has taken, from Linux."""
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def percentile(values: list[float], share: float) -> float:
    """The value that a share of all is not above."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


@dataclass(frozen=True, slots=True)
class Load:
    """What was measured: seconds of each answer to one user and to all of them, and what an answer costs the server."""

    alone: list[float]
    times: list[float]
    errors: list[str]
    cpu_ms: float


def measure(index: Path) -> Load:
    """Serve an index, and ask: first one user, then all at once."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    options = ["--index", str(index), "--port", str(port), "--pace", "1000000"]
    command = [sys.executable, "-m", "shell", "chat", *options]
    server = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL)
    try:
        _wait_for(address)
        alone, alone_errors = asyncio.run(use(address, 1, ALONE_SECONDS))
        before = cpu_seconds(server.pid)
        times, errors = asyncio.run(use(address, USERS, SECONDS))
        cpu_ms = (cpu_seconds(server.pid) - before) / len(times) * 1e3
    finally:
        server.terminate()
        server.wait()
    return Load(alone, times, alone_errors + errors, cpu_ms)


def figures_of(load: Load, batch: dict[str, Any]) -> list[Figure]:
    """The table; `batch` is what `parts.batching` found."""
    p95, p95_alone = percentile(load.times, 0.95), percentile(load.alone, 0.95)
    p50, p50_alone = statistics.median(load.times), statistics.median(load.alone)
    saved = (batch["one_ms"] - batch["batch_ms"]) / load.cpu_ms
    embedding = f"embedding a question {batch['one_ms']:.2f} ms, in a batch {batch['batch_ms']:.2f} ms"
    detail = f"{p95 * 1e3:.0f} ms and {p95_alone * 1e3:.0f} ms; p50 {p50 * 1e3:.0f} ms and {p50_alone * 1e3:.0f} ms"
    alone = f"{len(load.alone) / ALONE_SECONDS:.1f} alone"
    return [
        Figure("errors", len(load.errors), "", 0, detail=f"{len(load.times):,} answers"),
        Figure("answers a second, 32 users", len(load.times) / SECONDS, "/s", detail=alone),
        Figure(
            "batching by eight would save, of an answer's CPU time",
            saved,
            "",
            detail=f"{embedding}; an answer takes the server {load.cpu_ms:.0f} ms",
        ),
        Figure("p95 of 32 users ÷ p95 of one", p95 / p95_alone, "×", detail=detail),
    ]


def main() -> None:
    """Serve, ask and report; exit code 1 if anything went wrong."""
    with tempfile.TemporaryDirectory(prefix="articleqa-load-") as name:
        index = Path(name, "index")
        build(ARTICLES, index)
        load = measure(index)
        batch = part("batching", index)
    for error in load.errors[:5]:
        print(error)
    report("load", figures_of(load, batch))
    sys.exit(bool(load.errors))


def _wait_for(address: str) -> None:
    for _ in range(600):
        try:
            httpx.get(f"{address}/config", timeout=5).raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise TimeoutError(f"nothing answers at {address}")


if __name__ == "__main__":
    main()
