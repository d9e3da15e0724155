"""A reader in a process of its own, so that no file takes the memory, the time or the life of a build.

HTML and PDF are read by large libraries in C. A PDF of 900 kB can unpack to gigabytes, and some
damaged file may crash what reads it: then the file is named with that reason and the next one is
read by a new process. `python -m index.readers.guard` is that process; it ends with its parent.
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

from index.errors import ArticleUnreadable
from index.headers import Header
from index.readers.rendered import Reader, Rendered
from index.types import Block, Field, Role

MAX_SECONDS = 120.0
"""A page of 20 million characters takes 20 s."""

MAX_MEMORY = 2_000_000_000
"""Bytes of address space; the libraries alone take 0.4 GB of it. Linux holds to it, macOS doesn't."""

_LENGTH = struct.Struct("<Q")


class ReaderProcess:
    """The process that reads, started when it is first needed. Safe to use from several threads."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def read(self, kind: str, path: str, data: bytes) -> list[Rendered | ArticleUnreadable]:
        """What the reader for a suffix makes of a file's bytes.

        Raises:
            ArticleUnreadable: the reader says so, crashed, or took too long or too much.
        """
        with self._lock:
            process = self._started()
            late = threading.Timer(MAX_SECONDS, process.kill)
            late.start()
            try:
                reply = _exchange(process, {"kind": kind, "path": path}, data)
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
        return [_from_json(entry) for entry in reply["articles"]]

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            roots = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
            self._process = subprocess.Popen(
                [sys.executable, "-m", "index.readers.guard", str(MAX_MEMORY)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(roots)},
            )
        return self._process

    def _why_ended(self, process: "subprocess.Popen[bytes]", late: threading.Timer) -> str:
        timed_out = not late.is_alive()
        self.close()
        if timed_out:
            return f"reading it takes more than {MAX_SECONDS:.0f} s"
        return f"its reader crashed (exit code {process.returncode}), or {_too_much()}"


def _too_much() -> str:
    return f"reading it takes more than {MAX_MEMORY / 1e9:.1f} GB of memory"


_PROCESS = ReaderProcess()
atexit.register(_PROCESS.close)


def guarded(kind: str) -> Reader:
    """The reader for a suffix, run in the other process."""

    def read(path: str, data: bytes) -> Any:
        yield from _PROCESS.read(kind, path, data)

    return read


def _exchange(process: "subprocess.Popen[bytes]", request: dict[str, str], data: bytes) -> dict[str, Any]:
    assert process.stdin and process.stdout
    for part in (json.dumps(request).encode(), data):
        process.stdin.write(_LENGTH.pack(len(part)))
        process.stdin.write(part)
    process.stdin.flush()
    reply: dict[str, Any] = json.loads(_receive(process.stdout))
    return reply


def _receive(stream: IO[bytes]) -> bytes:
    header = stream.read(_LENGTH.size)
    if len(header) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(header)
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


def _as_json(found: Rendered | ArticleUnreadable) -> dict[str, Any]:
    if isinstance(found, ArticleUnreadable):
        return {"path": found.path, "reason": found.reason}
    return asdict(found)


def _from_json(entry: dict[str, Any]) -> Rendered | ArticleUnreadable:
    if "reason" in entry:
        return ArticleUnreadable(entry["path"], entry["reason"])
    header = {name: Field(**field) if field else None for name, field in entry["header"].items()}
    hints = tuple(Block(Role(hint["role"]), hint["start"], hint["end"]) for hint in entry["hints"])
    return Rendered(**{**entry, "header": Header(**header), "pages": tuple(entry["pages"]), "hints": hints})


def _answer(readers: dict[str, Reader], request: dict[str, str], data: bytes) -> dict[str, Any]:
    try:
        return {"error": "", "articles": [_as_json(found) for found in readers[request["kind"]](request["path"], data)]}
    except ArticleUnreadable as error:
        return {"error": error.reason}
    except RecursionError:
        return {"error": "nested too deep to be read"}
    except MemoryError:
        return {"error": "", "memory": True}


def serve(max_memory: int) -> None:
    """Read what is asked for on standard input until it ends."""
    from index.readers import UNGUARDED

    _limit_memory(max_memory)
    requests = sys.stdin.buffer
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints is no reply
    while True:
        try:
            request, data = json.loads(_receive(requests)), _receive(requests)
        except EOFError:
            return
        reply = json.dumps(_answer(UNGUARDED, request, data)).encode()
        replies.write(_LENGTH.pack(len(reply)) + reply)
        replies.flush()


def _limit_memory(max_memory: int) -> None:
    if sys.platform == "win32":
        return  # Windows has no such limit for a process
    import resource

    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = max_memory if hard == resource.RLIM_INFINITY else min(max_memory, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))


if __name__ == "__main__":
    serve(int(sys.argv[1]))
