"""How an index was built, remembered and used by the build after it, also when it is lost."""

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import filelock
import pytest
from conftest import HASH_MODEL, SEEDS, HashEncoder, hash_build, write_articles
from indexes import NEW_TEXT, build_without_model, opened
from typer.testing import CliRunner

from index.build import build
from index.encoders.models import DEFAULT_MODEL
from index.errors import IndexStale
from index.stores.local import store as store_module
from index.stores.local.generations import FORMAT
from index.stores.local.store import LocalStore
from index.stores.types import Recorded
from shell.main import app
from shell.messages import FolderNotNamed, message


@pytest.fixture
def folder(tmp_path: Path, tiny_articles: Path) -> Path:
    """The folder of an index over the tiny articles."""
    hash_build(tiny_articles, tmp_path / "index")
    return tmp_path / "index"


def test_a_build_that_is_not_told_goes_on_as_before(tmp_path: Path) -> None:
    articles = write_articles(tmp_path / "articles", {"a.txt": NEW_TEXT, "large.txt": NEW_TEXT * 30})
    (articles / "linked.txt").symlink_to(write_articles(tmp_path / "else", {"b.txt": "Other words.\n"}) / "b.txt")
    options: dict[str, Any] = {"max_tokens": 40, "follow_links": True, "max_bytes": len(NEW_TEXT) * 2}
    first = build(articles, tmp_path / "index", model=HASH_MODEL, loader=lambda _model: HashEncoder(), **options)
    assert first.added == ("a.txt", "linked.txt")
    known = Recorded.of(opened(tmp_path / "index").about)
    assert known == LocalStore(tmp_path / "index").recorded()
    assert not build_without_model(articles, tmp_path / "index").written
    (tmp_path / "index" / "CURRENT").write_text("damaged")
    again = build(articles, tmp_path / "index", model=HASH_MODEL, loader=lambda _model: HashEncoder(), if_lost=known)
    assert again.repaired
    assert LocalStore(tmp_path / "index").recorded() == known
    shutil.rmtree(tmp_path / "index")
    build(articles, tmp_path / "index", model=HASH_MODEL, loader=lambda _model: HashEncoder(), if_lost=known)
    assert LocalStore(tmp_path / "index").recorded() == known
    wider = build(articles, tmp_path / "index", model=HASH_MODEL, loader=lambda _model: HashEncoder(), max_bytes=10**6)
    assert (wider.added, wider.changed, wider.removed) == (("large.txt",), (), ())
    assert opened(tmp_path / "index").about.settings.follow_links


def test_a_build_that_waited_goes_on_as_the_one_before_it(
    tmp_path: Path, tiny_articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it isn't told is read behind the lock."""
    folder = tmp_path / "index"
    build(tiny_articles, folder, model=HASH_MODEL, loader=lambda _model: HashEncoder())
    lock = filelock.FileLock(folder / "build.lock")
    with ThreadPoolExecutor() as pool:
        with lock:
            waiting = pool.submit(build, tiny_articles, folder, model=HASH_MODEL, loader=lambda _model: HashEncoder())
            time.sleep(1)  # by now it stands at the lock
            monkeypatch.setattr(store_module, "_LOCK", "other.lock")
            other = build(tiny_articles, folder, model=HASH_MODEL, loader=lambda _model: HashEncoder(), max_bytes=900)
            assert other.written
        assert not waiting.result().written
    assert LocalStore(folder).recorded().max_bytes == 900


def test_an_index_remembers_what_it_was_built_from(folder: Path, tiny_articles: Path, tmp_path: Path) -> None:
    before = LocalStore(folder).recorded()
    assert (before.articles_folder, before.model) == (tiny_articles, "hash")
    before = LocalStore(tmp_path / "nowhere").recorded()
    assert (before.articles_folder, before.model, before.lost) == (None, DEFAULT_MODEL, False)
    (folder / "CURRENT").write_text((folder / "CURRENT").read_text().replace(f'"format": {FORMAT}', '"format": 1'))
    with pytest.raises(IndexStale):
        opened(folder)
    assert LocalStore(folder).recorded().articles_folder == tiny_articles, (
        "an index of an older version still says what it is of"
    )
    (folder / "CURRENT").write_text("damaged")
    before = LocalStore(folder).recorded()
    assert (before.articles_folder, before.model, before.lost) == (None, DEFAULT_MODEL, True)


def test_a_build_that_waited_sees_what_is_there_then(folder: Path, tiny_articles: Path) -> None:
    """It must not publish what it saw before it waited: articles of the build in between would be lost."""
    with ThreadPoolExecutor(1) as threads:
        with filelock.FileLock(folder / "build.lock"):
            waiting = threads.submit(hash_build, tiny_articles, folder)
            time.sleep(0.3)
            assert not waiting.done()
            write_articles(tiny_articles, {"late.txt": "Late words are in this article.\n"})
        assert waiting.result(30).added == ("late.txt",)


def test_a_damaged_index_is_not_replaced_by_one_of_the_seeds(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "CURRENT").write_text("damaged")
    monkeypatch.chdir(SEEDS.parent)
    run = CliRunner().invoke(app, ["build", "--index", str(folder)])
    assert isinstance(run.exception, FolderNotNamed)
    assert "Name their folder: articleqa build ARTICLES" in message(run.exception)
