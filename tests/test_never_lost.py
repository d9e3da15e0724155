"""An index can't be lost: kills at random moments, full disks, two builds, and damage of any kind."""

import gc
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import REPOSITORY, TINY_ARTICLES, hash_build, write_articles
from indexes import (
    NEW_TEXT,
    answers_of,
    assert_never_answered_from,
    assert_no_litter,
    assert_same,
    blocks_of,
    opened,
    reads_of,
    texts,
)

from index.errors import IndexCorrupt, IndexMissing, IndexStale, IndexUnwritable
from index.verify import verify

SLOW_BUILD = """
import sys, time
from pathlib import Path
from conftest import HashEncoder, hash_build
from index.stores.local import articles as table, files, generations, lexical_writer, vectors

def slowly(function, seconds=0.01):
    def call(*arguments, **options):
        time.sleep(seconds)
        return function(*arguments, **options)
    return call

HashEncoder.encode_passages = slowly(HashEncoder.encode_passages)
for name in ("_sync", "_sync_folder", "_replace"):
    setattr(generations, name, slowly(getattr(generations, name), 0.003))
files.FileDigest.of = staticmethod(slowly(files.FileDigest.of, 0.003))
for writer in (table.ArticleTableWriter, lexical_writer.LexicalWriter, vectors.VectorWriter):
    writer.finish = slowly(writer.finish, 0.004)
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
        opened(tmp_path / "index")
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
    write_articles(tiny_articles, {"again.txt": NEW_TEXT})
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


@pytest.mark.parametrize("block_bytes", [None, 256])
@pytest.mark.parametrize("part", range(4))
def test_of_200_damages_each_is_named_never_answered_from_and_mended(
    tmp_path: Path, part: int, block_bytes: int | None
) -> None:
    """The index as it is, and one of so small blocks that most are first compared when they are read."""
    chance = random.Random(part)
    articles = write_articles(tmp_path / "articles", {**TINY_ARTICLES, "n.jsonl": json.dumps({"text": NEW_TEXT})})
    with blocks_of(block_bytes):
        hash_build(articles, tmp_path / "whole")
        whole = opened(tmp_path / "whole")
        reads, answers = reads_of(whole), answers_of(whole)
        for number in range(25):
            folder = tmp_path / str(number)
            shutil.copytree(tmp_path / "whole", folder)
            done = damage(folder, chance)
            with pytest.raises((IndexCorrupt, IndexStale)) as caught:
                verify(folder)
            if caught.type is IndexCorrupt:
                assert done.split()[0] in str(caught.value) or "manifest.json" in str(caught.value), done
            try:
                found = opened(folder)
            except (IndexCorrupt, IndexStale) as error:
                assert str(error) == str(caught.value)
            else:
                assert_never_answered_from(found, reads, answers)
            assert hash_build(articles, folder).repaired == str(caught.value)
            assert_same(opened(folder), whole)
            assert_no_litter(folder)
            shutil.rmtree(folder)


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
    write_articles(
        articles, {"bridge.txt": NEW_TEXT, "new.txt": NEW_TEXT, "n.jsonl": records[0] + '\n{"text": "Else."}'}
    )
    (articles / "observatory.txt").unlink()
    found = verify(tmp_path / "index")
    assert not found.whole
    assert found.unchanged == ("deep/harbour.md", "n.jsonl#1")
    assert found.changed == ("bridge.txt", "n.jsonl#2")
    assert found.missing == ("n.jsonl#3", "observatory.txt")
    assert found.new == ("new.txt",)
