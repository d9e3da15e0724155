"""Watching a folder: builds after every change, none without one, and errors that don't end it."""

import threading
from pathlib import Path
from typing import Any

import pytest
from conftest import HASH_MODEL, HashEncoder, write_articles

from index.build import BuildReport
from index.encoders.models import Model
from index.errors import ArticlesEmpty, ArticlesMissing, IndexBusy
from index.watch import watch


def test_changes_are_built_as_they_come_with_one_model(tmp_path: Path, tiny_articles: Path) -> None:
    loads: list[Model] = []

    def load(model: Model) -> HashEncoder:
        loads.append(model)
        return HashEncoder()

    stop = threading.Event()
    folder = tiny_articles / "index"  # builds inside the watched folder must not start builds
    outcomes = watch(tiny_articles, folder, loader=load, model=HASH_MODEL, stop=stop, quiet_ms=100)

    def next_report() -> BuildReport:
        outcome = next(outcomes)
        assert isinstance(outcome, BuildReport)
        return outcome

    assert len(next_report().added) == 3
    write_articles(tiny_articles, {"new.txt": "New words are in this article of the day.\n"})
    assert next_report().added == ("new.txt",)
    (tiny_articles / "new.txt").rename(tiny_articles / "deep" / "moved.txt")
    report = next_report()
    assert (report.added, report.removed, report.embedded) == (("deep/moved.txt",), ("new.txt",), 0)
    for path in [*tiny_articles.rglob("*.txt"), *tiny_articles.rglob("*.md")]:
        path.unlink()
    assert isinstance(next(outcomes), ArticlesEmpty)
    write_articles(tiny_articles, {"new.txt": "New words are in this article of the day.\n"})
    assert len(next_report().removed) == 4
    stop.set()
    assert list(outcomes) == []
    assert len(loads) == 1


def test_a_missing_folder_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ArticlesMissing):
        next(watch(tmp_path / "nowhere", tmp_path / "index", model=HASH_MODEL))


def test_a_build_that_failed_is_tried_again_and_told_once(tmp_path: Path, tiny_articles: Path) -> None:
    stop = threading.Event()
    encoder = HashEncoder()
    outcomes = watch(
        tiny_articles, tmp_path / "index", loader=lambda _model: encoder, model=HASH_MODEL, stop=stop, quiet_ms=100
    )
    next(outcomes)
    encode, failures = encoder.encode_passages, [IndexBusy("the index", 10), IndexBusy("the index", 10)]

    def fail_twice(*arguments: Any) -> Any:
        if failures:
            raise failures.pop()
        return encode(*arguments)

    encoder.encode_passages = fail_twice  # type: ignore[method-assign, assignment]
    write_articles(tiny_articles, {"new.txt": "New words are in this article of the day.\n"})
    assert isinstance(next(outcomes), IndexBusy)
    report = next(outcomes)  # without another change, and without the second failure being told
    assert isinstance(report, BuildReport) and report.added == ("new.txt",)
    stop.set()
