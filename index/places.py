"""Where an index is if nobody says where: in a folder of its own below the current one."""

from pathlib import Path

DEFAULT_INDEX = Path("articleqa-index")

OLD_INDEX = Path("index/built")
"""Where it was by default up to version 0.1.0: a folder of the code, if the current folder is its repository."""

_PARTS = ("CURRENT", "generations")


def default_index() -> Path:
    """`DEFAULT_INDEX`, unless there is nothing and an index lies at `OLD_INDEX`."""
    old = not DEFAULT_INDEX.exists() and any((OLD_INDEX / part).exists() for part in _PARTS)
    return OLD_INDEX if old else DEFAULT_INDEX
