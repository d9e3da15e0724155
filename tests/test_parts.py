"""Parts: segments in the order of their articles, whoever makes them and however long it takes, and few at a time."""

import random
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from conftest import HASH_MODEL, HashEncoder
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore
from store_conformance import assert_same_segment

from index import parts as parts_module
from index.articles import parse_article
from index.build import make_elsewhere
from index.drafts import make_segment
from index.encoders.models import Model
from index.parts import Parts
from index.scope import Kept
from index.segment import Segment, merge
from index.stores.protocol import Snapshot
from index.stores.types import Publication, Settings
from index.types import Article

SETTINGS = Settings("hash", HASH_MODEL.fingerprint, HashEncoder.dimension, 30, HashEncoder.max_tokens)
TEXT = "Title {0}\n\nThe article number {0} says something of its own. Its number is {0}, as its title says.\n"
KEPT = [parse_article(f"kept{number}.txt", TEXT.format(number).encode()) for number in range(12)]
NEW = [parse_article(f"new{number}.txt", TEXT.format(number + 100).encode()) for number in range(24)]


def make(articles: Sequence[Article]) -> Segment:
    return make_segment(articles, HashEncoder(), SETTINGS.max_tokens)


@pytest.fixture(scope="module")
def base() -> Snapshot:
    store = MemoryStore()
    store.publish([make(KEPT)], lambda: Publication(Path("/articles"), SETTINGS, {}, ()))
    return store.snapshot()


@pytest.fixture(autouse=True)
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two or three articles each."""
    monkeypatch.setattr(parts_module, "SEGMENT_CHARS", 250)
    monkeypatch.setattr(parts_module, "KEPT_AT_ONCE", 3)


def kept(article: Article) -> Kept:
    (info,) = make([article]).articles
    return Kept(article.path, info)


def mixed(seed: int) -> list[Kept | Article]:
    entries: list[Kept | Article] = [*map(kept, KEPT), *NEW]
    random.Random(seed).shuffle(entries)
    return entries


def expected_of(entries: Sequence[Kept | Article]) -> Segment:
    known = {article.path: article for article in KEPT}
    return make([known[entry.path] if isinstance(entry, Kept) else entry for entry in entries])


class AtOnce(Executor):
    """Makes everything where it is asked."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class Hesitant(Executor):
    """Makes what it was asked last first, and nothing before it has been asked for something."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Any]] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future = Waking(self)
        self.waiting.append((future, partial(fn, *args, **kwargs)))
        return future

    def work(self) -> None:
        while self.waiting:
            future, call = self.waiting.pop()
            if future.set_running_or_notify_cancel():
                future.set_result(call())


class Waking(Future[Any]):
    """Lets its executor work when somebody waits for it."""

    def __init__(self, executor: Hesitant) -> None:
        super().__init__()
        self.executor = executor

    def result(self, timeout: float | None = None) -> Any:
        self.executor.work()
        return super().result(timeout)


@pytest.mark.parametrize("in_flight", [1, 2, 5])
@pytest.mark.parametrize("executor", [AtOnce, Hesitant, partial(ThreadPoolExecutor, 3)])
def test_parts_come_in_the_order_of_their_articles(base: Snapshot, executor: Any, in_flight: int) -> None:
    for seed in range(6):
        entries = mixed(seed)
        parts = Parts(base, make, executor(), in_flight)
        found = list(parts.of(entries))
        assert_same_segment(merge(found), expected_of(entries))
        assert parts.new_chunks == len(make(NEW).chunks)
        assert all(len(part.articles) >= 1 for part in found)


def sleepy(seconds: Iterator[float], articles: Sequence[Article]) -> Segment:
    time.sleep(next(seconds))
    return make(articles)


def test_a_slow_segment_is_waited_for_and_not_overtaken(base: Snapshot) -> None:
    entries = mixed(1)
    with ThreadPoolExecutor(4) as threads:
        slow_first = iter([0.3, 0.2, 0.1, *[0.0] * 30])
        found = list(Parts(base, partial(sleepy, slow_first), threads, 4).of(entries))
    assert_same_segment(merge(found), expected_of(entries))


@given(st.lists(st.sampled_from([*map(kept, KEPT), *NEW]), min_size=1, max_size=30), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_any_mixture_becomes_what_it_would_be_at_once(entries: list[Kept | Article], in_flight: int) -> None:
    store = MemoryStore()
    store.publish([make(KEPT)], lambda: Publication(Path("/articles"), SETTINGS, {}, ()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts_module, "SEGMENT_CHARS", 250)
        patch.setattr(parts_module, "KEPT_AT_ONCE", 2)
        found = list(Parts(store.snapshot(), make, AtOnce(), in_flight).of(entries))
    assert_same_segment(merge(found), expected_of(entries))


def test_kept_articles_get_their_new_names(base: Snapshot) -> None:
    entry = kept(KEPT[3])
    (info,) = make([parse_article("moved.txt", KEPT[3].text.encode())]).articles
    (part,) = Parts(base, make, AtOnce()).of([Kept(entry.path, info)])
    assert part.articles == (info,)
    assert part.texts == make([KEPT[3]]).texts


def test_without_kept_articles_no_index_is_needed_and_without_any_nothing_comes() -> None:
    assert_same_segment(merge(list(Parts(None, make, AtOnce()).of(NEW))), make(NEW))
    assert list(Parts(None, make, AtOnce()).of([])) == []


class Alive:
    """Counts the segments that were made and are still there."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self._lock = threading.Lock()

    def make(self, articles: Sequence[Article]) -> Segment:
        segment = make(articles)
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        weakref.finalize(segment.vectors, self._gone)  # a part that was taken holds on to its arrays
        return segment

    def _gone(self) -> None:
        with self._lock:
            self.now -= 1


@pytest.mark.parametrize("in_flight", [1, 2, 4])
@pytest.mark.parametrize("executor", [AtOnce, Hesitant, partial(ThreadPoolExecutor, 3)])
@pytest.mark.parametrize("seed", [None, 1])
def test_at_most_two_more_than_in_flight_are_alive(
    base: Snapshot, executor: Any, in_flight: int, seed: int | None
) -> None:
    entries = NEW if seed is None else mixed(seed)
    alive, chunks = Alive(), 0
    for part in Parts(base, alive.make, executor(), in_flight).of(entries):
        chunks += len(part.chunks)
    del part
    assert chunks == len(expected_of(entries).chunks)
    assert 1 < alive.most <= in_flight + 2
    time.sleep(0.1)  # until the threads have let go of theirs
    assert alive.now == 0


def test_articles_wait_for_no_more_than_the_segments_in_flight(base: Snapshot) -> None:
    read = 0

    def reading() -> Iterator[Article]:
        nonlocal read
        for article in NEW:
            read += 1
            yield article

    given_so_far = 0
    for part in Parts(base, make, AtOnce(), 2).of(reading()):
        assert read - given_so_far <= 3 * 4, "three segments of at most four articles"
        given_so_far += len(part.articles)
    assert read == given_so_far == len(NEW)


def test_an_error_in_making_reaches_the_caller_and_cancels_the_rest() -> None:
    calls: list[int] = []
    go_on = threading.Event()

    def failing(articles: Sequence[Article]) -> Segment:
        calls.append(len(articles))
        if len(calls) == 2:
            raise MemoryError("no memory left")
        if len(calls) > 2:
            go_on.wait(20)
        return make(articles)

    with ThreadPoolExecutor(1) as threads:
        parts = Parts(None, failing, threads, 5).of(NEW)
        assert len(next(parts).articles) > 1
        with pytest.raises(MemoryError, match="no memory left"):
            list(parts)
        go_on.set()
    assert len(calls) <= 3, "one may have begun by then"


def test_whoever_stops_asking_cancels_the_rest() -> None:
    begun = threading.Event()
    go_on = threading.Event()
    calls: list[int] = []

    def waiting(articles: Sequence[Article]) -> Segment:
        calls.append(1)
        if len(calls) > 1:
            begun.set()
            assert go_on.wait(20)
        return make(articles)

    with ThreadPoolExecutor(1) as threads:
        parts = Parts(None, waiting, threads, 4).of(NEW)
        next(parts)
        assert begun.wait(20)
        parts.close()
        go_on.set()
    assert len(calls) == 2


def test_an_error_in_reading_reaches_the_caller_and_cancels_the_rest() -> None:
    hesitant = Hesitant()

    def reading() -> Iterator[Article]:
        yield from NEW[:6]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(Parts(None, make, hesitant, 5).of(reading()))
    assert hesitant.waiting
    for future, _call in hesitant.waiting:
        with pytest.raises(CancelledError):
            Future.result(future)


def hash_loader(_model: Model) -> HashEncoder:
    return HashEncoder()


def test_a_pool_of_processes_makes_the_same_segments_as_one_thread(base: Snapshot) -> None:
    entries = mixed(2)
    elsewhere = partial(make_elsewhere, hash_loader, HASH_MODEL, SETTINGS.max_tokens)
    with ThreadPoolExecutor(1) as thread:
        expected = list(Parts(base, make, thread).of(entries))
    with ProcessPoolExecutor(2, get_context("spawn")) as processes:
        found = list(Parts(base, elsewhere, processes).of(entries))
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert_same_segment(one, other)
