"""Builds that fail, wait or are killed: the index stays as it was, and nothing is left over."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import filelock
import pytest
from conftest import HASH_MODEL, REPOSITORY, TINY_ARTICLES, HashEncoder, hash_build, write_articles
from indexes import (
    NEW_TEXT,
    assert_no_litter,
    assert_same,
    build_without_model,
    full_build_of,
    opened,
    refuse_to_load,
    stamp,
)

from index import build as build_module
from index import parts
from index.build import build
from index.encoders.protocol import Progress, Vectors
from index.errors import ArticlesEmpty, ArticlesMissing, IndexBusy, IndexMissing


@pytest.fixture
def folder(tmp_path: Path, tiny_articles: Path) -> Path:
    """The folder of an index over the tiny articles."""
    hash_build(tiny_articles, tmp_path / "index")
    return tmp_path / "index"


def test_only_one_generation_stays(folder: Path, tiny_articles: Path) -> None:
    (folder / "generations" / "unfinished").mkdir()
    (folder / "CURRENT.new").write_text("unfinished")
    write_articles(tiny_articles, {"again.txt": NEW_TEXT})
    hash_build(tiny_articles, folder)
    index = opened(folder)
    assert [home.name for home in (folder / "generations").iterdir()] == [index.about.generation]
    assert sorted(path.name for path in folder.iterdir()) == ["CURRENT", "build.lock", "generations"]


def test_a_damaged_index_is_built_anew_and_the_report_says_why(folder: Path, tiny_articles: Path) -> None:
    (home,) = (folder / "generations").iterdir()
    (home / "texts.bin").write_bytes(b"other text")
    report = hash_build(tiny_articles, folder)
    assert report.repaired is not None and "texts.bin" in report.repaired
    assert (report.embedded, report.written) == (6, True)
    assert opened(folder).article("bridge.txt").text == TINY_ARTICLES["bridge.txt"]


def test_an_empty_folder_says_what_to_put_there(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    with pytest.raises(ArticlesEmpty) as caught:
        hash_build(tmp_path / "articles", tmp_path / "index")
    assert f"There is nothing to index in {tmp_path / 'articles'}: no files. Put articles there (" in str(caught.value)
    assert ".txt" in str(caught.value)
    with pytest.raises(IndexMissing):
        opened(tmp_path / "index")


def test_a_folder_without_a_readable_article_names_its_files(tmp_path: Path) -> None:
    articles = write_articles(tmp_path / "articles", {"a.pptx": "x", "b.txt": ""})
    with pytest.raises(ArticlesEmpty) as caught:
        hash_build(articles, tmp_path / "index")
    assert "2 files, none of them readable as an article" in str(caught.value)
    assert "\n  a.pptx: format .pptx is not read" in str(caught.value)
    assert "\n  b.txt: the file is empty" in str(caught.value)


@pytest.mark.parametrize("full", [False, True])
def test_a_folder_that_became_empty_leaves_the_index_as_it_was(folder: Path, tiny_articles: Path, full: bool) -> None:
    before = stamp(folder)
    for path in TINY_ARTICLES:
        (tiny_articles / path).unlink()
    with pytest.raises(ArticlesEmpty):
        hash_build(tiny_articles, folder, full=full)
    assert stamp(folder).keys() == before.keys()
    assert opened(folder).article("bridge.txt").text == TINY_ARTICLES["bridge.txt"]


def test_a_folder_that_is_gone_leaves_the_index_as_it_was(folder: Path, tiny_articles: Path) -> None:
    before = stamp(folder)
    shutil.rmtree(tiny_articles)
    with pytest.raises(ArticlesMissing, match="does not exist"):
        hash_build(tiny_articles, folder)
    assert stamp(folder) == before


def test_a_wrong_folder_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(ArticlesMissing):
        build(tmp_path / "nowhere", tmp_path / "index", model=HASH_MODEL, loader=refuse_to_load)
    assert list(tmp_path.iterdir()) == []


class FailingEncoder(HashEncoder):
    """Gives up in the middle of its work."""

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        raise MemoryError("no memory left")


def test_a_failing_encoder_leaves_the_old_index_and_no_litter(folder: Path, tiny_articles: Path) -> None:
    before = stamp(folder)
    write_articles(tiny_articles, {"again.txt": NEW_TEXT})
    with pytest.raises(MemoryError, match="no memory left"):
        hash_build(tiny_articles, folder, FailingEncoder())
    assert stamp(folder).keys() == before.keys()
    assert opened(folder).about.articles == 3
    assert hash_build(tiny_articles, folder).added == ("again.txt",)


def test_a_first_build_that_fails_leaves_no_index(tmp_path: Path, tiny_articles: Path) -> None:
    with pytest.raises(MemoryError):
        hash_build(tiny_articles, tmp_path / "index", FailingEncoder())
    assert list((tmp_path / "index" / "generations").iterdir()) == []
    with pytest.raises(IndexMissing):
        opened(tmp_path / "index")


class ShortEncoder(HashEncoder):
    """Gives one row too few."""

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return super().encode_passages(texts)[:-1]


def test_an_encoder_that_gives_too_few_rows_is_refused(tmp_path: Path, tiny_articles: Path) -> None:
    with pytest.raises(ValueError, match="6 chunks to embed, 5 vectors of them"):
        hash_build(tiny_articles, tmp_path / "index", ShortEncoder())
    with pytest.raises(IndexMissing):
        opened(tmp_path / "index")


def test_a_second_build_says_that_the_first_is_not_done(
    folder: Path, tiny_articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_module, "LOCK_WAIT_SECONDS", 0.05)
    with filelock.FileLock(folder / "build.lock"):
        with pytest.raises(IndexBusy) as caught:
            build_without_model(tiny_articles, folder)
        assert f"Another process is building the index in {folder}" in str(caught.value)
        assert opened(folder).about.articles == 3, "readers need no lock"
    assert not build_without_model(tiny_articles, folder).written


KILLED_BUILD = """
import os, signal, sys
from pathlib import Path
from conftest import HashEncoder, hash_build
from index.stores.local import generations, vectors

def die(*_arguments: object, **_options: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)

stage, articles, folder = sys.argv[1:]
if stage == "embedding":
    HashEncoder.encode_passages = die
elif stage == "writing":
    vectors.VectorWriter.finish = die
elif stage == "switching":
    Path.replace = die
elif stage == "cleaning":
    generations.shutil.rmtree = die
hash_build(Path(articles), Path(folder))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill signals")
@pytest.mark.parametrize(("stage", "articles"), [("embedding", 3), ("writing", 3), ("switching", 3), ("cleaning", 4)])
def test_a_build_that_is_killed_leaves_a_whole_index(
    folder: Path, tiny_articles: Path, stage: str, articles: int
) -> None:
    write_articles(tiny_articles, {"again.txt": NEW_TEXT})
    command = [sys.executable, "-c", KILLED_BUILD, stage, str(tiny_articles), str(folder)]
    paths = {**os.environ, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'tests'}"}
    killed = subprocess.run(command, env=paths, capture_output=True, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert opened(folder).about.articles == articles
    hash_build(tiny_articles, folder)
    index = opened(folder)
    assert_same(index, full_build_of(tiny_articles))
    if stage != "cleaning":
        assert [home.name for home in (folder / "generations").iterdir()] == [index.about.generation]


class SlowEncoder(HashEncoder):
    """Takes a minute for a passage, and tells that it is at it."""

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        assert progress
        for _moment in range(1200):
            progress(0, len(texts))
            time.sleep(0.05)
        return super().encode_passages(texts, progress)


def test_an_interrupted_build_does_not_go_on_embedding(
    folder: Path, tiny_articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # BUG: what is embedded in another thread was waited for, up to half a minute after Ctrl-C.
    monkeypatch.setattr(parts, "SEGMENT_CHARS", 1)
    before = opened(folder).about

    def interrupt(step: str, done: int, _total: int) -> None:
        if (step, done) == ("reading", 1):
            raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        build(
            tiny_articles, folder, model=HASH_MODEL, full=True, loader=lambda _model: SlowEncoder(), progress=interrupt
        )
    assert time.monotonic() - started < 20
    assert opened(folder).about == before
    assert_no_litter(folder)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_an_index_is_the_users_alone(tmp_path: Path, tiny_articles: Path) -> None:
    home = tmp_path / "made" / "index"
    hash_build(tiny_articles, home)
    found = {path.relative_to(home).as_posix(): path.stat().st_mode & 0o777 for path in [home, *home.rglob("*")]}
    assert {name: oct(mode) for name, mode in found.items() if mode & 0o077} == {}
    assert len(found) > 10
