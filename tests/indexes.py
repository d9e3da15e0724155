"""What the tests of builds and stores share: indexes in folders, opened, compared, and looked at from outside."""

import functools
import itertools
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from conftest import HASH_MODEL, HashEncoder, hash_build
from store_conformance import assert_same_segment

from index.analysis import terms
from index.build import BuildReport, build
from index.encoders.models import Model
from index.encoders.protocol import SentenceEncoder
from index.errors import IndexCorrupt
from index.filters import Filters
from index.segment import Column
from index.stores.local import files
from index.stores.local.snapshot import LocalSnapshot
from index.stores.local.store import LocalStore
from index.stores.protocol import Snapshot
from index.stores.types import StoredChunk
from index.wording import Wording

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
        assert one.blocks(path) == other.blocks(path)
    for term in TERMS:
        found, expected = (candidates(snapshot, [term], 5) for snapshot in (one, other))
        assert found == expected


def candidates(snapshot: Snapshot, terms: Sequence[str], k: int) -> tuple[tuple[int, ...], list[float], list[float]]:
    vector = HashEncoder().encode_question(" ".join(terms))
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


QUESTIONS = ("Which buses use the northern bridge?", "Tickets are sold on board", "telescope ground in Jena", "")
FILTERS = (None, Filters.parse(since="2021"), Filters.parse(path="deep/*"), Filters.parse(title="ferry"))


def reads_of(snapshot: Snapshot) -> dict[str, Callable[[Snapshot], object]]:
    """All that can be asked of a snapshot like this one, by a name; the answers can be compared."""
    ids, paths = [chunk.id for chunk in all_chunks(snapshot)], paths_of(snapshot)
    vocabulary = [*TERMS, *snapshot.segment(paths).terms.vocabulary]
    reads: dict[str, Callable[[Snapshot], object]] = {
        "articles": lambda one: one.articles(),
        "unread": lambda one: one.unread(),
        "sources": lambda one: one.sources(),
        "authors": lambda one: one.authors(9),
        "browse": lambda one: one.browse(["a"], "published", down=True, count=9),
        "sample": lambda one: list(one.sample(4)),
        "holding": lambda one: one.holding(Wording("the")),
        "frequencies": lambda one: one.document_frequencies(vocabulary),
        "similar terms": lambda one: one.similar_terms("repiar", 2),
        "segment": lambda one: one.segment(paths),
    }
    for path in paths:
        reads[f"article {path}"] = lambda one, path=path: one.article(path)  # type: ignore[misc]
        reads[f"blocks {path}"] = lambda one, path=path: one.blocks(path)  # type: ignore[misc]
        reads[f"find {path}"] = lambda one, path=path: one.find(path)  # type: ignore[misc]
        reads[f"segment {path}"] = lambda one, path=path: one.segment([path])  # type: ignore[misc]
    for number in ids:
        reads[f"chunk {number}"] = lambda one, number=number: one.chunks([number])  # type: ignore[misc]
    for question, filters in itertools.product(QUESTIONS, FILTERS):
        reads[f"{question} {filters}"] = functools.partial(_candidates, question, filters)
    return {name: lambda one, read=read: plain(read(one)) for name, read in reads.items()}  # type: ignore[misc]


def _candidates(question: str, filters: Filters | None, snapshot: Snapshot) -> object:
    vector = HashEncoder().encode_question(question)
    within = None if filters is None else snapshot.select(filters)
    return snapshot.candidates(vector, terms(question), 3, within)


def plain(value: object) -> object:
    """What can be compared by its value, arrays to the last bit."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if is_dataclass(value):
        return [plain(getattr(value, field.name)) for field in fields(value) if field.compare]
    return value


def answers_of(snapshot: Snapshot) -> dict[str, object]:
    return {name: read(snapshot) for name, read in reads_of(snapshot).items()}


def assert_never_answered_from(
    snapshot: Snapshot, reads: dict[str, Callable[[Snapshot], object]], answers: dict[str, object]
) -> list[str]:
    """Everything that is asked gives the right answer or `IndexCorrupt`; what the latter said, in order."""
    said = []
    for name, read in reads.items():
        try:
            assert read(snapshot) == answers[name], name
        except IndexCorrupt as error:
            said.append(error.reason)
    return said


@contextmanager
def blocks_of(size: int | None) -> Iterator[None]:
    """Files of blocks of so many bytes, so that those of small indexes have several; None as they are."""
    with pytest.MonkeyPatch.context() as patch:
        if size is not None:
            patch.setattr(files, "BLOCK_BYTES", size)
        yield
