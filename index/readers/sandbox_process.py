"""What runs in a process of the sandbox: ``python -P -m index.readers.sandbox_process MAX_MEMORY``.

It reads what it is asked for on standard input until that ends, within a bound of memory. It ends with its parent,
and at the latest with the time for a file, also where nobody is left who would end it.
"""

import json
import os
import signal
import sys
import threading
import time
from typing import Any

from index.errors import ArticleUnreadable
from index.readers import DIRECT
from index.readers.rendered import failed
from index.readers.sandbox import as_json, receive, send

GRACE_SECONDS = 1.0
"""More than its parent gives it, which names the file and the reason."""

_LOOK_SECONDS = 0.5


def serve(max_memory: int) -> None:
    """Read what is asked for on standard input until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # an interrupted build doesn't wait for a library in C
    _limit_memory(max_memory)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    requests = sys.stdin.buffer
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints is no reply
    while True:
        try:
            request, data = json.loads(receive(requests)), receive(requests)
        except EOFError:
            return
        _end_after(request["max_seconds"] + GRACE_SECONDS)
        reply = json.dumps(_answer(request, data)).encode()
        _end_after(0)
        send(replies, reply)


def _answer(request: dict[str, Any], data: bytes) -> dict[str, Any]:
    try:
        return {"error": "", "articles": [as_json(found) for found in DIRECT[request["kind"]](request["path"], data)]}
    except ArticleUnreadable as error:
        return {"error": error.reason}
    except RecursionError:
        return {"error": "nested too deep to be read"}
    except MemoryError:
        return {"error": "", "memory": True}
    except Exception as error:  # a library's, of a file that nobody has thought of
        return {"error": failed(error)}


def _limit_memory(max_memory: int) -> None:
    if sys.platform == "win32":
        return  # Windows has no such limit for a process
    import resource

    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = max_memory if hard == resource.RLIM_INFINITY else min(max_memory, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))


def _end_after(seconds: float) -> None:
    """Let the system end this process then, whatever a library in C does until then; 0 takes it back."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _end_with_parent() -> None:
    """A process that waits for its next file sees its input end; one that reads has to look."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
