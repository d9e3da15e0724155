"""The place of an index as a user names it in, its store out."""

from pathlib import Path

from index.stores.local.store import LocalStore
from index.stores.protocol import Store


def open_store(place: str | Path) -> Store:
    """The store at a place: a folder. Nothing is read yet."""
    return LocalStore(Path(place))
