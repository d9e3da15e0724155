"""Which files an index is of, and what it says of those that are no articles."""

import os
from pathlib import Path

import pytest
from conftest import hash_build, write_articles
from indexes import NEW_TEXT, assert_same, build_without_model, full_build_of, opened

from index.scope import Scope
from index.types import Unread


@pytest.fixture
def folder(tmp_path: Path, tiny_articles: Path) -> Path:
    """The folder of an index over the tiny articles."""
    hash_build(tiny_articles, tmp_path / "index")
    return tmp_path / "index"


def test_files_that_cannot_be_read_are_named_and_the_rest_is_indexed(tmp_path: Path, tiny_articles: Path) -> None:
    write_articles(tiny_articles, {"blank.txt": " \n", "slides.pptx": "x"})
    (tiny_articles / "photo.txt").write_bytes(b"a\x00b")
    (tiny_articles / "gone.txt").symlink_to(tiny_articles / "nowhere.txt")
    report = hash_build(tiny_articles, tmp_path / "index")
    reasons = {entry.path: entry.reason for entry in report.unread}
    assert list(reasons) == ["blank.txt", "gone.txt", "photo.txt", "slides.pptx"]
    assert reasons["blank.txt"] == "the file is empty"
    assert reasons["gone.txt"] == "No such file or directory"
    assert reasons["photo.txt"] == "not a text file (it holds NUL bytes)"
    assert reasons["slides.pptx"].startswith("format .pptx is not read")
    assert report.articles == 3
    again = build_without_model(tiny_articles, tmp_path / "index")
    assert (again.written, again.unread) == (False, report.unread)


def test_a_file_that_vanishes_between_listing_and_reading_is_named(
    tmp_path: Path, tiny_articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = Scope.scan

    def vanish(scope: Scope) -> dict[str, str]:
        found = scan(scope)
        (tiny_articles / "bridge.txt").unlink()
        return found

    monkeypatch.setattr(Scope, "scan", vanish)
    report = hash_build(tiny_articles, tmp_path / "index")
    assert report.unread == (Unread("bridge.txt", "No such file or directory", ""),)
    assert report.articles == 2


def test_a_new_file_that_cannot_be_read_loads_no_model(folder: Path, tiny_articles: Path) -> None:
    # BUG: the model is loaded for every new file, also when none of them has to be embedded.
    write_articles(tiny_articles, {"slides.pptx": "x"})
    assert [entry.path for entry in build_without_model(tiny_articles, folder).unread] == ["slides.pptx"]


def test_an_unreadable_file_keeps_its_reason_in_builds_without_a_model(folder: Path, tiny_articles: Path) -> None:
    write_articles(tiny_articles, {"slides.pptx": "x"})
    hash_build(tiny_articles, folder)
    (tiny_articles / "bridge.txt").unlink()
    (entry,) = build_without_model(tiny_articles, folder).unread
    assert entry.reason.startswith("format .pptx is not read")


def test_a_file_that_gets_a_known_suffix_becomes_an_article(folder: Path, tiny_articles: Path) -> None:
    # BUG: unread files are known by their bytes alone, so the refusal of ".doc" sticks to "again.txt".
    write_articles(tiny_articles, {"again.doc": NEW_TEXT})
    hash_build(tiny_articles, folder)
    (tiny_articles / "again.doc").rename(tiny_articles / "again.txt")
    report = hash_build(tiny_articles, folder)
    assert (report.added, report.unread) == (("again.txt",), ())


def test_an_article_that_gets_an_unknown_suffix_is_no_article_any_more(folder: Path, tiny_articles: Path) -> None:
    # BUG: articles are known by their bytes alone; a full build refuses "bridge.doc", this one keeps it.
    (tiny_articles / "bridge.txt").rename(tiny_articles / "bridge.doc")
    report = hash_build(tiny_articles, folder)
    assert [entry.path for entry in report.unread] == ["bridge.doc"]
    assert_same(opened(folder), full_build_of(tiny_articles))


def test_two_files_without_bytes_keep_their_own_reasons(folder: Path, tiny_articles: Path) -> None:
    # BUG: both have the empty digest, and the second takes over the reason of the first.
    (tiny_articles / "gone.txt").symlink_to(tiny_articles / "nowhere.txt")
    hash_build(tiny_articles, folder)
    (tiny_articles / "loop.txt").symlink_to(tiny_articles / "loop.txt")
    reasons = {entry.path: entry.reason for entry in hash_build(tiny_articles, folder).unread}
    assert reasons["gone.txt"] == "No such file or directory"
    assert reasons["loop.txt"] != "No such file or directory"


def test_an_index_inside_the_articles_folder_is_not_indexed(tiny_articles: Path) -> None:
    # BUG: the files of the index are listed as unread articles, and no build ever is up to date.
    hash_build(tiny_articles, tiny_articles / "built")
    report = hash_build(tiny_articles, tiny_articles / "built")
    assert (report.unread, report.written) == ((), False)


def test_an_article_of_signs_only_does_not_stop_the_build(tmp_path: Path) -> None:
    # BUG: it has no terms; if no article has any, bm25s raises a raw ValueError.
    articles = write_articles(tmp_path / "articles", {"signs.txt": "!!! ???\n"})
    assert hash_build(articles, tmp_path / "index").chunks == 1


def test_a_file_name_that_is_no_text_is_indexed(tmp_path: Path, tiny_articles: Path) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    (tiny_articles / name).write_text(NEW_TEXT)
    report = hash_build(tiny_articles, tmp_path / "index")
    assert name in report.added
    index = opened(tmp_path / "index")
    assert index.article(name).text == NEW_TEXT
