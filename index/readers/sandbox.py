"""Readers in processes of their own, so that no file takes the memory, the time or the life of a build.

HTML and PDF are read by large libraries in C. A PDF of 900 kB can unpack to gigabytes, and some
damaged file may crash what reads it: then that file is named with the reason, and another process
reads on. There is one process a core, started when it is needed; see `sandbox_process`.

Not `concurrent.futures.ProcessPoolExecutor` (it breaks as a whole when one process dies) and not loky (the same, begun
anew): neither ends a single task that takes too long. pebble does, but all three unpickle whatever the process that
has read a hostile file sends; here it sends JSON.
"""

import atexit
import json
import os
import struct
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from index.cores import cores
from index.errors import ArticleUnreadable
from index.headers import Header
from index.readers.rendered import Reader, Rendered
from index.types import Block, Field, Role

MAX_SECONDS = 120.0
"""A page of 20 million characters takes 20 s."""

MAX_MEMORY = 2_000_000_000
"""Bytes of address space; the libraries alone take 0.4 GB of it. Linux holds to it, macOS doesn't."""

_LENGTH = struct.Struct("<Q")


class Sandbox:
    """Processes that read, as many as there are files to read at once. Safe to use from several threads.

    Args:
        size: how many processes at most; a further file waits.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._all: list[ReaderProcess] = []
        self.forget()

    def forget(self) -> None:
        """Start anew in a process that was forked: two that ask one reader would get each other's replies."""
        self._of_the_parent = self._all  # kept: closing them would write what they have not sent yet
        self._free = threading.Semaphore(self.size)
        self._lock = threading.Lock()
        self._idle: list[ReaderProcess] = []
        self._all = []

    def read(self, kind: str, path: str, data: bytes) -> list[Rendered | ArticleUnreadable]:
        """What the reader for a suffix makes of a file's bytes.

        Raises:
            ArticleUnreadable: the reader says so, crashed, or took too long or too much.
        """
        with self._free:
            process = self._take()
            try:
                return process.read(kind, path, data)
            finally:
                self._idle.append(process)

    def _take(self) -> "ReaderProcess":
        with self._lock:
            if not self._idle:
                self._all.append(ReaderProcess())
                return self._all[-1]
            return self._idle.pop()

    def process_ids(self) -> list[int]:
        """Of the processes that run."""
        return [process.pid for process in list(self._all) if process.pid]

    def close(self) -> None:
        """End all processes; the next file starts new ones."""
        for process in list(self._all):
            process.close()


class ReaderProcess:
    """A process that reads, started when it is first needed. For one thread at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its number; 0 while it doesn't run."""
        return self._process.pid if self._process else 0

    def read(self, kind: str, path: str, data: bytes) -> list[Rendered | ArticleUnreadable]:
        """See `Sandbox.read`."""
        process = self._started()
        late = threading.Timer(MAX_SECONDS, process.kill)
        late.start()
        try:
            reply = _exchange(process, {"kind": kind, "path": path, "max_seconds": MAX_SECONDS}, data)
        except (OSError, EOFError) as error:
            raise ArticleUnreadable(path, self._why_ended(process, late)) from error
        except BaseException:
            self.close()  # or the next file would be given the reply to this one
            raise
        finally:
            late.cancel()
        if reply.get("memory"):
            raise ArticleUnreadable(path, _too_much())
        if reply["error"]:
            raise ArticleUnreadable(path, reply["error"])
        return [from_json(entry) for entry in reply["articles"]]

    def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process:
            process.kill()
            process.communicate()

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "index.readers.sandbox_process", str(MAX_MEMORY)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(_roots())},
            )
        return self._process

    def _why_ended(self, process: "subprocess.Popen[bytes]", late: threading.Timer) -> str:
        timed_out = not late.is_alive()
        self.close()
        process.wait()
        if timed_out:
            return f"reading it takes more than {MAX_SECONDS:.0f} s"
        return f"its reader crashed (exit code {process.returncode}), or {_too_much()}"


def _roots() -> list[str]:
    """Where the process imports from, besides the installation: this package, and no folder that is relative.

    The current folder may be one of foreign files, of which a ``json.py`` would run as code.
    """
    named = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return [str(Path(__file__).parents[2]), *(root for root in named if Path(root).is_absolute())]


def _too_much() -> str:
    return f"reading it takes more than {MAX_MEMORY / 1e9:.1f} GB of memory"


SANDBOX = Sandbox(cores())
atexit.register(SANDBOX.close)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=SANDBOX.forget)


def sandboxed(kind: str) -> Reader:
    """The reader for a suffix, run in another process."""

    def read(path: str, data: bytes) -> Any:
        yield from SANDBOX.read(kind, path, data)

    return read


def _exchange(process: "subprocess.Popen[bytes]", request: dict[str, Any], data: bytes) -> dict[str, Any]:
    assert process.stdin and process.stdout
    send(process.stdin, json.dumps(request).encode())
    send(process.stdin, data)
    reply: dict[str, Any] = json.loads(receive(process.stdout))
    return reply


def send(stream: IO[bytes], data: bytes) -> None:
    """Write some bytes behind their length."""
    stream.write(_LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes:
    """What `send` wrote.

    Raises:
        EOFError: the other end is gone.
    """
    header = stream.read(_LENGTH.size)
    if len(header) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(header)
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


def as_json(found: Rendered | ArticleUnreadable) -> dict[str, Any]:
    """What a reader gave, to be sent."""
    if isinstance(found, ArticleUnreadable):
        return {"path": found.path, "reason": found.reason}
    return asdict(found)


def from_json(entry: dict[str, Any]) -> Rendered | ArticleUnreadable:
    """The same from what was sent."""
    if "reason" in entry:
        return ArticleUnreadable(entry["path"], entry["reason"])
    header = {name: Field(**field) if field else None for name, field in entry["header"].items()}
    hints = tuple(Block(Role(hint["role"]), hint["start"], hint["end"]) for hint in entry["hints"])
    return Rendered(**{**entry, "header": Header(**header), "pages": tuple(entry["pages"]), "hints": hints})
