"""`LiveIndex`: goes over to a newer snapshot, keeps one that answers, and nobody waits for long."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import TINY_ARTICLES, HashEncoder, hash_build, write_articles
from indexes import NEW_TEXT, generation_of, opened
from memory_store import MemoryStore

from index.errors import IndexCorrupt, IndexMissing
from index.stores.local.snapshot import LocalSnapshot
from index.stores.local.store import LocalStore
from qa.live import KEPT, TAKING_OVER_SECONDS, LiveIndex

NUMBER = "Title\n\nThe number {} is in this article of the day, and no other number is in it at all.\n"


@pytest.fixture
def folder(tmp_path: Path, tiny_articles: Path) -> Path:
    """The folder of an index over the tiny articles."""
    hash_build(tiny_articles, tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture
def live(folder: Path) -> LiveIndex:
    return LiveIndex(LocalStore(folder))


def rebuild(articles: Path, folder: Path, text: str) -> None:
    write_articles(articles, {"bridge.txt": text})
    assert hash_build(articles, folder).written


def test_without_an_index_there_is_none_to_be_live(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        LiveIndex(LocalStore(tmp_path))
    with pytest.raises(IndexMissing):
        LiveIndex(MemoryStore())


def test_the_same_snapshot_stays_until_a_build(live: LiveIndex, folder: Path, tiny_articles: Path) -> None:
    first = live.current()
    assert live.current() is first
    assert not hash_build(tiny_articles, folder).written
    assert live.current() is first
    rebuild(tiny_articles, folder, NEW_TEXT)
    second = live.current()
    assert second.about.generation == opened(folder).about.generation != first.about.generation
    assert second.article("bridge.txt").text == NEW_TEXT
    assert live.current() is second
    assert first.article("bridge.txt").text == TINY_ARTICLES["bridge.txt"], "whoever has it still, can read it"


def test_it_is_taken_over_in_memory_too() -> None:
    from store_conformance import published, segments

    store = MemoryStore()
    store.publish(segments(), published)
    live = LiveIndex(store)
    store.publish(segments()[1:], published)
    assert live.current() is store.snapshot()
    assert [snapshot.about.articles for snapshot in live.kept()] == [3, 5]


def test_an_article_is_found_as_it_was_in_what_is_kept(live: LiveIndex, folder: Path, tiny_articles: Path) -> None:
    quoted = live.current().article("bridge.txt")
    texts = [NEW_TEXT, NUMBER.format(1), NUMBER.format(2)]
    for number, text in enumerate(texts, 1):
        rebuild(tiny_articles, folder, text)
        kept = live.kept()
        assert len(kept) == min(number, KEPT) + 1
        assert kept[0] is live.current()
        found = [snapshot.article("bridge.txt").text for snapshot in kept]
        assert found == [*texts[:number][::-1], TINY_ARTICLES["bridge.txt"]][: KEPT + 1]
        articles = [one.article("bridge.txt") for one in kept]
        as_it_was = [article for article in articles if article.sha256 == quoted.sha256]
        assert as_it_was == ([quoted] if number <= KEPT else [])


def test_an_article_that_is_gone_is_only_in_what_is_kept(live: LiveIndex, folder: Path, tiny_articles: Path) -> None:
    (tiny_articles / "bridge.txt").unlink()
    hash_build(tiny_articles, folder)
    assert [snapshot.find("bridge.txt") is not None for snapshot in live.kept()] == [False, True]


def test_a_broken_new_index_does_not_take_the_old_one_away(live: LiveIndex, folder: Path, tiny_articles: Path) -> None:
    before = live.current()
    rebuild(tiny_articles, folder, NEW_TEXT)
    (generation_of(folder) / "chunks.npy").write_bytes(b"broken")
    assert live.current() is before
    assert live.current().article("bridge.txt").text == TINY_ARTICLES["bridge.txt"]
    (folder / "CURRENT").unlink()
    assert live.current() is before
    assert live.kept() == [before]
    with pytest.raises(IndexCorrupt):
        LiveIndex(LocalStore(folder))
    hash_build(tiny_articles, folder, full=True)
    assert live.current().article("bridge.txt").text == NEW_TEXT
    assert [snapshot.about.generation for snapshot in live.kept()][1:] == [before.about.generation]


def test_a_broken_index_is_opened_once_and_not_for_every_question(
    live: LiveIndex, folder: Path, tiny_articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rebuild(tiny_articles, folder, NEW_TEXT)
    (generation_of(folder) / "chunks.npy").write_bytes(b"broken")
    tried, snapshot = [], LocalStore.snapshot

    def counted(store: LocalStore) -> LocalSnapshot:
        tried.append(store)
        return snapshot(store)

    monkeypatch.setattr(LocalStore, "snapshot", counted)
    for _ in range(5):
        live.current()
    assert len(tried) == 1


def test_nobody_waits_while_another_opens_the_new_index(
    live: LiveIndex, folder: Path, tiny_articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, opening, go_on = live.current(), threading.Event(), threading.Event()
    snapshot = LocalStore.snapshot

    def slowly(store: LocalStore) -> LocalSnapshot:
        opening.set()
        assert go_on.wait(20)
        return snapshot(store)

    rebuild(tiny_articles, folder, NEW_TEXT)
    monkeypatch.setattr(LocalStore, "snapshot", slowly)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(live.current)
        assert opening.wait(20)
        started = time.monotonic()
        assert live.current() is before
        assert TAKING_OVER_SECONDS <= time.monotonic() - started + 0.01 < TAKING_OVER_SECONDS + 5
        go_on.set()
        assert first.result(20).article("bridge.txt").text == NEW_TEXT
    assert live.current() is first.result()


def test_of_many_that_ask_at_once_one_opens_the_new_index(
    live: LiveIndex, folder: Path, tiny_articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried, snapshot = [], LocalStore.snapshot

    def counted(store: LocalStore) -> LocalSnapshot:
        tried.append(store)
        time.sleep(0.05)
        return snapshot(store)

    rebuild(tiny_articles, folder, NEW_TEXT)
    monkeypatch.setattr(LocalStore, "snapshot", counted)
    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda _: live.current().about.generation, range(16)))
    assert found == {opened(folder).about.generation}
    assert len(tried) == 2, "one of them, and this test"


def test_an_index_that_is_built_while_it_is_opened_is_not_kept_twice(
    folder: Path, tiny_articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # BUG: the stamp was of the one before, so the same generation was opened again and pushed out one that was kept.
    snapshot = LocalStore.snapshot

    def late(store: LocalStore) -> LocalSnapshot:
        monkeypatch.setattr(LocalStore, "snapshot", snapshot)
        rebuild(tiny_articles, folder, NEW_TEXT)
        return snapshot(store)

    monkeypatch.setattr(LocalStore, "snapshot", late)
    live = LiveIndex(LocalStore(folder))
    assert live.current().article("bridge.txt").text == NEW_TEXT
    assert len(live.kept()) == 1


def test_during_rebuilds_every_snapshot_answers_as_one_piece(
    live: LiveIndex, folder: Path, tiny_articles: Path
) -> None:
    wrong: list[object] = []
    stop = threading.Event()
    vector = HashEncoder().encode_question("Which number is in this article of the day?")

    def keep_asking() -> None:
        while not stop.is_set():
            try:
                snapshot = live.current()
                ids = snapshot.candidates(vector, ["number"], 5).ids
                for chunk in snapshot.chunks(ids):
                    article = snapshot.article(chunk.article.path)
                    if article.sha256 != chunk.article.sha256 or article.text[chunk.start : chunk.end] != chunk.text:
                        wrong.append(chunk)
                if not live.kept():
                    wrong.append("nothing is kept")
            except Exception as error:
                wrong.append(error)
                raise

    threads = [threading.Thread(target=keep_asking, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(8):
        write_articles(tiny_articles, {"changing.txt": NUMBER.format(number)})
        hash_build(tiny_articles, folder)
        assert live.current().article("changing.txt").text == NUMBER.format(number)
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert live.current().about.generation == opened(folder).about.generation
