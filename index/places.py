"""Where an index is: its store by the place that a user names, and the place if nobody says where."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.stores.protocol import Store

DEFAULT_INDEX = Path("articleqa-index")

OLD_INDEX = Path("index/built")
"""Where it was by default up to version 0.1.0: a folder of the code, if the current folder is its repository."""

_PARTS = ("CURRENT", "generations")


def open_store(place: str | Path) -> "Store":
    """The store at a place: a folder. Nothing is read yet."""
    from index.stores.local.store import LocalStore  # NumPy is not imported for `articleqa --help`

    return LocalStore(Path(place))


def default_index() -> Path:
    """`DEFAULT_INDEX`, unless there is nothing and an index lies at `OLD_INDEX`."""
    old = not DEFAULT_INDEX.exists() and any((OLD_INDEX / part).exists() for part in _PARTS)
    return OLD_INDEX if old else DEFAULT_INDEX
