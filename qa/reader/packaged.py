"""The reader that comes with the package: its graph, checked, or why there is none."""

import functools
import importlib.resources
import logging

from index.digests import sha256_of
from index.errors import ArticleQAError
from qa.reader.network import Network

GRAPH, DIGEST = "reader.onnx", "reader.sha256"

THREADS = 2
"""Of one reading; five passages are read in half of the time by two, and hardly faster by four."""

_log = logging.getLogger(__name__)


class ReaderAltered(ArticleQAError):
    """The packaged reader is not the one that was packaged. Seen by who asks; installing again mends it."""


def packaged_digest() -> str:
    """What the packaged reader has to have as its sha256; empty where none is packaged."""
    file = importlib.resources.files("qa.reader") / DIGEST
    return file.read_text("utf-8").split()[0] if file.is_file() else ""


@functools.cache
def packaged_reader() -> Network | None:
    """The packaged reader; None, with a notice, where its file is absent.

    Raises:
        ReaderAltered: the file is another one.
    """
    file = importlib.resources.files("qa.reader") / GRAPH
    if not file.is_file():
        _log.warning("The reader (%s) is not installed: answers are weighed without it.", GRAPH)
        return None
    data = file.read_bytes()
    if sha256_of(data) != packaged_digest():
        raise ReaderAltered(f"The reader {GRAPH} is not the one that was packaged. Install articleqa again.")
    return Network(data, THREADS)
