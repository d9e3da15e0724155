"""An index can't be lost: kills at random moments, full disks, two builds, damage of any kind, and takeover."""

import gc
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import HASH_MODEL, REPOSITORY, TINY_ARTICLES, HashEncoder, hash_build, write_articles

from index import store
from index.build import build
from index.errors import ArticleQAError, IndexCorrupt, IndexMissing, IndexStale, IndexUnwritable
from index.store import ArticleIndex
from index.verify import verify
from qa import Assistant

NEW = "Bridge opens again\n\nThe stone bridge is open for everybody again, as the mayor said on Monday evening.\n"
QUESTION = "Which buses will use the northern bridge?"

SLOW_BUILD = """
import sys, time
from pathlib import Path
from conftest import HashEncoder, hash_build
from index import store

def slowly(function, seconds=0.01):
    def call(*arguments, **options):
        time.sleep(seconds)
        return function(*arguments, **options)
    return call

HashEncoder.encode_passages = slowly(HashEncoder.encode_passages)
for name in ("_sync", "_sync_folder", "_replace", "sha256_of_file"):
    setattr(store, name, slowly(getattr(store, name), 0.003))
store.VectorIndex.save = slowly(store.VectorIndex.save)
articles, folder = map(Path, sys.argv[1:])
import faiss, bm25s, py3langid, sentencex, tiktoken
hash_build(articles, folder)
print("ready", flush=True)
for line in sys.stdin:
    write = articles / "changing.txt"
    write.write_text(f"Changing title\\n\\nThis is round {line.strip()} of an article that never stays as it is.\\n")
    print("go", flush=True)
    hash_build(articles, folder)
    print("done", flush=True)
"""


def start_builder(articles: Path, folder: Path) -> "subprocess.Popen[str]":
    paths = {**os.environ, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'tests'}"}
    return subprocess.Popen(
        [sys.executable, "-c", SLOW_BUILD, str(articles), str(folder)],
        env=paths, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip


def texts(folder: Path) -> list[str]:
    """All that the index in a folder says; raises unless all of it is as it was written."""
    index = ArticleIndex.open(folder)
    return [index.article(row).text for row in range(len(index.rows.articles))]


def assert_no_litter(folder: Path) -> None:
    index = ArticleIndex.open(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["CURRENT", "build.lock", "generations"]
    assert [home.name for home in (folder / "generations").iterdir()] == [index.generation]


def kill_at_random_moments(home: Path, kills: int, chance: random.Random) -> int:
    """Kill a building process again and again; returns how often its build had not got to its end."""
    articles, folder = write_articles(home / "articles", TINY_ARTICLES), home / "index"
    hash_build(articles, folder)
    interrupted = 0
    for number in range(kills):
        before = texts(folder)
        builder = start_builder(articles, folder)
        assert builder.stdin and builder.stdout
        assert builder.stdout.readline() == "ready\n"
        before = texts(folder)
        builder.stdin.write(f"{number}\n")
        builder.stdin.flush()
        assert builder.stdout.readline() == "go\n"
        time.sleep(chance.uniform(0, 0.16))
        builder.send_signal(signal.SIGKILL)
        rest, _ = builder.communicate()
        interrupted += "done" not in rest
        after = texts(folder)
        wanted = [*before[:1], (articles / "changing.txt").read_text(), *before[-2:]]
        assert after in (before, wanted), "the old index or the new one, never another"
        if "done" in rest:
            assert after == wanted
        hash_build(articles, folder)
        assert texts(folder) == wanted
        assert_no_litter(folder)
    return interrupted


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill signals")
def test_a_build_killed_at_30_random_moments_leaves_a_whole_index(tmp_path: Path) -> None:
    assert kill_at_random_moments(tmp_path, 30, random.Random(4)) >= 15


@pytest.mark.slow
def test_a_build_killed_at_100_random_moments_leaves_a_whole_index(tmp_path: Path) -> None:
    assert kill_at_random_moments(tmp_path, 100, random.Random()) >= 50


def test_a_first_build_that_was_killed_is_a_missing_index(tmp_path: Path, tiny_articles: Path) -> None:
    script = SLOW_BUILD.replace("HashEncoder.encode_passages = ", "HashEncoder.encode_passages = exit # ")
    code = script.replace("exit #", "lambda *_a, **_o: __import__('os').kill(__import__('os').getpid(), 9) #")
    paths = {**os.environ, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'tests'}"}
    command = [sys.executable, "-c", code, str(tiny_articles), str(tmp_path / "index")]
    killed = subprocess.run(command, env=paths, capture_output=True, timeout=60)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    with pytest.raises(IndexMissing, match="its first build was not finished"):
        ArticleIndex.open(tmp_path / "index")
    hash_build(tiny_articles, tmp_path / "index")
    assert_no_litter(tmp_path / "index")


@pytest.fixture
def folder(tmp_path: Path, tiny_articles: Path) -> Path:
    hash_build(tiny_articles, tmp_path / "index")
    return tmp_path / "index"


def test_what_a_killed_build_left_is_removed_even_if_nothing_has_changed(folder: Path, tiny_articles: Path) -> None:
    (folder / "generations" / "20260101T000000-unfinished").mkdir()
    (folder / "CURRENT.new").write_text("{")
    assert not hash_build(tiny_articles, folder).written
    assert_no_litter(folder)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 256 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.decode().strip()}")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_leaves_the_old_index_and_no_litter(small_disk: Path, tiny_articles: Path) -> None:
    folder = small_disk / "index"
    hash_build(tiny_articles, folder)
    before = texts(folder)
    failed = 0
    for kilobytes in (*range(0, 64, 8), 96, 128, 200):
        shutil.copyfile(tiny_articles / "bridge.txt", tiny_articles / "more.txt")
        gc.collect()
        free = shutil.disk_usage(small_disk).free
        filler = small_disk / "filler"
        filler.write_bytes(b"x" * max(0, free - kilobytes * 1024))
        try:
            hash_build(tiny_articles, folder, full=True)
        except IndexUnwritable as error:
            failed += 1
            assert "can't be written" in str(error)
            assert texts(folder) == before
            assert_no_litter(folder)
        filler.unlink()
        gc.collect()  # what is still open of removed generations takes room
        (tiny_articles / "more.txt").unlink()
        hash_build(tiny_articles, folder)
        assert texts(folder) == before
        assert_no_litter(folder)
    assert failed >= 5


def test_a_limit_on_file_sizes_leaves_the_old_index(folder: Path, tiny_articles: Path) -> None:
    """The same without a mount: no file may grow beyond some bytes."""
    before = texts(folder)
    write_articles(tiny_articles, {"again.txt": NEW})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        for size in (0, 100, 500, 1000, 2000, 3000):
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
            with pytest.raises(IndexUnwritable, match="can't be written"):
                hash_build(tiny_articles, folder)
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            assert texts(folder) == before
            assert_no_litter(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert hash_build(tiny_articles, folder).added == ("again.txt",)


def test_an_index_that_is_a_file_is_told(tmp_path: Path, tiny_articles: Path) -> None:
    (tmp_path / "index").write_text("a letter")
    with pytest.raises(IndexMissing, match="is a file, and no folder of an index"):
        hash_build(tiny_articles, tmp_path / "index")
    assert (tmp_path / "index").read_text() == "a letter"


def test_two_builds_at_once_both_end_and_leave_one_whole_index(folder: Path, tiny_articles: Path) -> None:
    builders = [start_builder(tiny_articles, folder) for _ in range(2)]
    for builder in builders:
        assert builder.stdout and builder.stdout.readline() == "ready\n"
    outputs = [builder.communicate("1\n2\n")[0] for builder in builders]
    assert outputs == ["go\ndone\ngo\ndone\n"] * 2
    assert len(texts(folder)) == 4
    assert_no_litter(folder)


def open_assistant(folder: Path) -> Assistant:
    assistant = Assistant.open(folder)
    assistant._encoder = HashEncoder()
    return assistant


def test_a_running_assistant_answers_during_rebuilds_and_takes_the_new_generation(
    folder: Path, tiny_articles: Path
) -> None:
    assistant = open_assistant(folder)
    first = assistant.search(QUESTION, k=1)[0]
    wrong: list[object] = []
    stop = threading.Event()

    def keep_asking() -> None:
        while not stop.is_set():
            try:
                found = assistant.search(QUESTION, k=1)[0]
                if found.text != first.text:
                    wrong.append(found)
                if assistant.article(first.path, first.sha256).text[first.start : first.end] != first.text:
                    wrong.append("another article")
            except Exception as error:
                wrong.append(error)
                raise

    threads = [threading.Thread(target=keep_asking, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(8):
        write_articles(
            tiny_articles, {"changing.txt": f"Title\n\nThe number {number} is in this article of the day.\n"}
        )
        hash_build(tiny_articles, folder)
        assert assistant.search("Which number is in this article of the day?", k=1)[0].path == "changing.txt"
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert assistant.newest().index.generation == ArticleIndex.open(folder).generation


def test_an_old_quote_is_shown_in_the_article_that_it_was_taken_from(folder: Path, tiny_articles: Path) -> None:
    assistant = open_assistant(folder)
    quoted = assistant.search(QUESTION, k=1)[0]
    write_articles(tiny_articles, {"bridge.txt": NEW})
    hash_build(tiny_articles, folder)
    assert assistant.article("bridge.txt").text == NEW
    assert assistant.article("bridge.txt", quoted.sha256).text == TINY_ARTICLES["bridge.txt"]
    with pytest.raises(KeyError):
        assistant.article("bridge.txt", "0" * 64)


def test_an_article_that_is_gone_is_not_shown_by_its_name(folder: Path, tiny_articles: Path) -> None:
    assistant = Assistant.open(folder)
    assistant._encoder = HashEncoder()
    digest = assistant.article("bridge.txt").sha256
    (tiny_articles / "bridge.txt").unlink()
    hash_build(tiny_articles, folder)
    with pytest.raises(KeyError):
        assistant.article("bridge.txt")
    assert assistant.article("bridge.txt", digest).path == "bridge.txt", "a quote of it can still be checked"


def test_nobody_waits_while_a_new_generation_is_opened(
    folder: Path, tiny_articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant = Assistant.open(folder)
    open_again, opening, go_on = Assistant._opened_again, threading.Event(), threading.Event()

    def slowly(self: Assistant) -> Assistant | None:
        opening.set()
        assert go_on.wait(20)
        return open_again(self)

    monkeypatch.setattr(Assistant, "_opened_again", slowly)
    monkeypatch.setattr(assistant, "_encoder", HashEncoder())
    write_articles(tiny_articles, {"new.txt": "New words are in this article.\n"})
    hash_build(tiny_articles, folder)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(assistant.newest)
        assert opening.wait(20)
        assert assistant.newest() is assistant
        go_on.set()
        assert first.result(20).index.find_article("new.txt") is not None
    assert assistant.newest() is first.result()


def test_a_broken_new_generation_does_not_take_the_old_one_away(folder: Path, tiny_articles: Path) -> None:
    assistant = open_assistant(folder)
    before = assistant.search(QUESTION)
    write_articles(tiny_articles, {"bridge.txt": NEW})
    hash_build(tiny_articles, folder)
    (home,) = (folder / "generations").iterdir()
    (home / "chunks.npy").write_bytes(b"broken")
    assert assistant.search(QUESTION) == before
    (folder / "CURRENT").unlink()
    assert assistant.search(QUESTION) == before
    hash_build(tiny_articles, folder, full=True)
    assert assistant.search(QUESTION) != before


def test_an_assistant_over_another_model_takes_its_encoder(folder: Path, tiny_articles: Path) -> None:
    assistant = open_assistant(folder)
    other = HASH_MODEL.__class__("other", Path("no-such-folder"), "6" * 64)
    build(tiny_articles, folder, model=other, loader=lambda _model: HashEncoder())
    with pytest.raises(ArticleQAError, match="The model other"):
        assistant.search(QUESTION)


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("pristine")
    write_articles(home / "articles", {**TINY_ARTICLES, "n.jsonl": json.dumps({"text": NEW})})
    hash_build(home / "articles", home / "index")
    return home


def damage(folder: Path, chance: random.Random) -> str:
    """Flip a bit of some file, cut it or remove it; returns what was done."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "build.lock"]
    path = chance.choice(files)
    data = path.read_bytes()
    kind = chance.choice(["flipped", "flipped", "cut", "missing"])
    if kind == "missing":
        path.unlink()
    elif kind == "cut":
        path.write_bytes(data[: chance.randrange(len(data))])
    else:
        at = chance.randrange(len(data))
        path.write_bytes(data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :])
    return f"{path.name} {kind}"


@pytest.mark.parametrize("part", range(4))
def test_of_200_damages_each_is_named_and_never_answered_from(pristine: Path, tmp_path: Path, part: int) -> None:
    chance = random.Random(part)
    for number in range(50):
        folder = tmp_path / str(number)
        shutil.copytree(pristine / "index", folder)
        done = damage(folder, chance)
        with pytest.raises((IndexCorrupt, IndexStale)) as caught:
            Assistant.open(folder)
        articles = "" if "articles_folder" in store.last_manifest(folder) else "ARTICLES "
        assert f"articleqa build {articles}--index {folder}" in str(caught.value), done
        if caught.type is IndexCorrupt:
            assert done.split()[0] in str(caught.value) or "manifest.json" in str(caught.value), done
        with pytest.raises((IndexCorrupt, IndexStale)):
            verify(folder)
        if number % 10 == 0:
            assert hash_build(pristine / "articles", folder).repaired
            assert texts(folder) == texts(pristine / "index")
        shutil.rmtree(folder)


def test_a_generation_named_by_a_path_is_not_followed(folder: Path) -> None:
    pointer = json.loads((folder / "CURRENT").read_bytes())
    for name in ("../generations/" + pointer["generation"], "/etc", "", "a b", "..", 5):
        (folder / "CURRENT").write_text(json.dumps({**pointer, "generation": name}))
        with pytest.raises(IndexCorrupt, match="CURRENT is damaged"):
            ArticleIndex.open(folder)


def test_verify_tells_what_has_become_of_every_article(tmp_path: Path) -> None:
    records = [json.dumps({"text": f"The record number {number} is short."}) for number in range(3)]
    articles = write_articles(tmp_path / "articles", {**TINY_ARTICLES, "n.jsonl": "\n".join(records)})
    hash_build(articles, tmp_path / "index")
    found = verify(tmp_path / "index")
    assert found.whole
    assert found.unchanged == (
        "bridge.txt",
        "deep/harbour.md",
        "n.jsonl#1",
        "n.jsonl#2",
        "n.jsonl#3",
        "observatory.txt",
    )
    write_articles(articles, {"bridge.txt": NEW, "new.txt": NEW, "n.jsonl": records[0] + '\n{"text": "Else."}'})
    (articles / "observatory.txt").unlink()
    found = verify(tmp_path / "index")
    assert not found.whole
    assert found.unchanged == ("deep/harbour.md", "n.jsonl#1")
    assert found.changed == ("bridge.txt", "n.jsonl#2")
    assert found.missing == ("n.jsonl#3", "observatory.txt")
    assert found.new == ("new.txt",)


def test_the_stamp_of_current_changes_with_every_build(folder: Path, tiny_articles: Path) -> None:
    stamps = {store.current_stamp(folder)}
    for number in range(3):
        write_articles(tiny_articles, {"bridge.txt": f"{NEW}{number}\n"})
        hash_build(tiny_articles, folder)
        stamps.add(store.current_stamp(folder))
    assert len(stamps) == 4
    assert store.current_stamp(folder / "nowhere") is None
