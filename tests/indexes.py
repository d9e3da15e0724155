"""What the tests of builds and stores share: indexes in folders, opened, compared, and looked at from outside."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from conftest import HASH_MODEL, HashEncoder, hash_build
from store_conformance import assert_same_segment

from index.build import BuildReport, build
from index.encoders.models import Model
from index.encoders.protocol import SentenceEncoder
from index.segment import Column
from index.stores.local.snapshot import LocalSnapshot
from index.stores.local.store import LocalStore
from index.stores.protocol import Snapshot
from index.stores.types import StoredChunk

NEW_TEXT = "Bridge opens again\n\nThe stone bridge is open for everybody again, as the mayor said on Monday evening.\n"
"""One chunk."""

TERMS = ["bridg", "repair", "telescop", "harbour", "alpha", "beta", "unheard"]


def refuse_to_load(model: Model) -> SentenceEncoder:
    raise AssertionError(f"{model.name} was loaded although nothing has to be embedded")


def build_without_model(articles: Path, folder: Path) -> BuildReport:
    return build(articles, folder, model=HASH_MODEL, loader=refuse_to_load)


def opened(folder: Path) -> LocalSnapshot:
    return LocalStore(folder).snapshot()


def generation_of(folder: Path) -> Path:
    """The one generation in an index folder."""
    (home,) = (folder / "generations").iterdir()
    return home


def stamp(folder: Path) -> dict[str, int]:
    """Every file below a folder with the time it was written, the lock left out."""
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.name != "build.lock"}


def paths_of(snapshot: Snapshot) -> list[str]:
    return [info.path for info in snapshot.articles()]


def texts(folder: Path) -> list[str]:
    """All that the index in a folder says; raises unless all of it is as it was written."""
    snapshot = opened(folder)
    snapshot.verify()
    return [snapshot.article(path).text for path in paths_of(snapshot)]


def all_chunks(snapshot: Snapshot) -> list[StoredChunk]:
    ids = snapshot.candidates(np.eye(1, snapshot.about.settings.dimension, dtype=np.float32)[0], [], 10**6).ids
    assert len(ids) == snapshot.about.chunks
    return snapshot.chunks(ids)


def chunks_of_each(snapshot: Snapshot) -> list[int]:
    """How many chunks each article has."""
    numbers = snapshot.segment(paths_of(snapshot)).chunks[:, Column.ARTICLE]
    return np.bincount(numbers, minlength=snapshot.about.articles).tolist()  # type: ignore[no-any-return]


def assert_same(one: Snapshot, other: Snapshot) -> None:
    """Two indexes are equal to the last bit, and so are their answers."""
    assert_same_segment(one.segment(paths_of(one)), other.segment(paths_of(other)))
    about = one.about
    assert about == replace(other.about, place=about.place, generation=about.generation, created=about.created)
    assert list(one.articles()) == list(other.articles())
    assert list(one.unread()) == list(other.unread())
    assert one.sources() == other.sources()
    assert one.document_frequencies(TERMS) == other.document_frequencies(TERMS)
    assert all_chunks(one) == all_chunks(other)
    for path in paths_of(one):
        assert one.article(path) == other.article(path)
    for term in TERMS:
        found, expected = (candidates(snapshot, [term], 5) for snapshot in (one, other))
        assert found == expected


def candidates(snapshot: Snapshot, terms: Sequence[str], k: int) -> tuple[tuple[int, ...], list[float], list[float]]:
    vector = HashEncoder().encode_question(" ".join(terms))[0]
    found = snapshot.candidates(vector, terms, k)
    return found.ids, found.cosines.tolist(), found.bm25.tolist()


def full_build_of(articles: Path) -> LocalSnapshot:
    """An index of the same articles made from nothing."""
    folder = Path(tempfile.mkdtemp(dir=articles.parent))
    hash_build(articles, folder)
    return opened(folder)


def assert_no_litter(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == ["CURRENT", "build.lock", "generations"]
    assert [home.name for home in (folder / "generations").iterdir()] == [opened(folder).about.generation]
