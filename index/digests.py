"""Bytes in, the hex sha256 by which articles, models and files of an index are known out."""

import hashlib
from pathlib import Path


def sha256_of(data: bytes) -> str:
    """Hex digest of some bytes."""
    return hashlib.sha256(data).hexdigest()


def sha256_of_file(path: Path) -> str:
    """The same of a file of any size."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
