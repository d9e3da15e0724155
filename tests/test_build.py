"""Builds: what is embedded and what is kept, what is reported, and that a build that fails changes nothing."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import pytest
from conftest import HASH_MODEL, REPOSITORY, SEEDS, TINY_ARTICLES, HashEncoder, hash_build, write_articles
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from index import build as build_module
from index import cli
from index.analysis import content_spans
from index.articles import Span
from index.build import BuildReport, Recorded, build, changes, recorded
from index.embedding import DEFAULT_MODEL, Model, Progress, SentenceEncoder, Vectors
from index.errors import ArticlesEmpty, ArticlesMissing, IndexBusy, IndexMissing, IndexStale
from index.store import FORMAT, ArticleIndex, Unread
from index.words import pack

NEW_TEXT = "Bridge opens again\n\nThe stone bridge is open for everybody again, as the mayor said on Monday evening.\n"
"""One chunk."""


def refuse_to_load(model: Model) -> SentenceEncoder:
    raise AssertionError(f"{model.name} was loaded although nothing has to be embedded")


def build_without_model(articles: Path, folder: Path) -> BuildReport:
    return build(articles, folder, model=HASH_MODEL, loader=refuse_to_load)


def stamp(folder: Path) -> dict[str, int]:
    """Every file below a folder with the time it was written, the lock left out."""
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.name != "build.lock"}


def assert_same(one: ArticleIndex, other: ArticleIndex) -> None:
    """The rows of two indexes are equal to the last bit, and so are their answers."""
    assert one.rows.articles == other.rows.articles
    assert one.rows.unread == other.rows.unread
    assert one.settings == other.settings
    assert np.array_equal(one.rows.chunks, other.rows.chunks)
    assert np.array_equal(one.rows.sentences, other.rows.sentences)
    assert np.array_equal(one.rows.vectors.rows(), other.rows.vectors.rows())
    assert np.array_equal(one.rows.sentence_vectors, other.rows.sentence_vectors)
    assert np.array_equal(one.rows.word_starts, other.rows.word_starts)
    assert np.array_equal(one.rows.word_vectors, other.rows.word_vectors)
    for term in ("bridg", "repair", "telescop", "harbour", "alpha", "beta", "unheard"):
        assert np.array_equal(one.rows.lexical.scores([term]), other.rows.lexical.scores([term]))
        assert one.rows.lexical.document_frequency(term) == other.rows.lexical.document_frequency(term)
    for row in range(len(one.rows.articles)):
        assert one.article(row) == other.article(row)


def full_build_of(articles: Path) -> ArticleIndex:
    """An index of the same articles made from nothing."""
    folder = Path(tempfile.mkdtemp(dir=articles.parent))
    hash_build(articles, folder)
    return ArticleIndex.open(folder)


@pytest.fixture
def folder(tmp_path: Path, tiny_articles: Path) -> Path:
    """The folder of an index over the tiny articles."""
    hash_build(tiny_articles, tmp_path / "index")
    return tmp_path / "index"


def test_a_first_build_embeds_every_chunk_once_behind_its_title(
    tmp_path: Path, tiny_articles: Path, hash_encoder: HashEncoder
) -> None:
    report = hash_build(tiny_articles, tmp_path / "new" / "index", hash_encoder)
    assert (report.folder, report.articles_folder) == (tmp_path / "new" / "index", tiny_articles)
    assert (report.articles, report.chunks, report.embedded, report.written) == (3, 7, 7, True)
    assert report.added == ("bridge.txt", "deep/harbour.md", "observatory.txt")
    assert (report.changed, report.removed, report.unread, report.repaired) == ((), (), (), None)
    assert 0 < report.seconds < 60
    assert hash_encoder.calls == 1
    index = ArticleIndex.open(tmp_path / "new" / "index")
    titles = ["Old bridge closes for repairs", "Ferry returns to the harbour", "Observatory opens its dome"]
    for row, text in enumerate(hash_encoder.texts):
        chunk = index.chunk(row)
        assert text.startswith(titles[chunk.article])
        assert text.endswith(chunk.text)


def test_the_vector_of_a_sentence_is_of_the_sentence_and_not_of_its_neighbour(folder: Path) -> None:
    index = ArticleIndex.open(folder)
    for row in range(len(index.rows.chunks)):
        chunk = index.chunk(row)
        article = index.article(chunk.article)
        for number, (start, end) in enumerate(chunk.sentences, chunk.sentence_start):
            expected = HashEncoder().encode_question(article.text[start:end])[0].astype(np.float16)
            assert np.array_equal(index.rows.sentence_vectors[number], expected)
            words = [article.text[start:end][a:b] for a, b in content_spans(article.text[start:end])]
            first, last = index.rows.word_starts[number : number + 2]
            assert last - first == len(words)
            for row_of_word, word in zip(range(first, last), words, strict=True):
                expected_word = pack(HashEncoder().encode_question(word)[0][None, :])[0]
                assert np.array_equal(index.rows.word_vectors[row_of_word], expected_word)


def test_an_unchanged_folder_writes_nothing_and_loads_no_model(folder: Path, tiny_articles: Path) -> None:
    before = stamp(folder)
    report = build_without_model(tiny_articles, folder)
    assert (report.written, report.embedded, report.articles, report.chunks) == (False, 0, 3, 7)
    assert (report.added, report.changed, report.removed) == ((), (), ())
    assert stamp(folder) == before


def test_an_added_article_alone_is_embedded(folder: Path, tiny_articles: Path, hash_encoder: HashEncoder) -> None:
    write_articles(tiny_articles, {"again.txt": NEW_TEXT})
    report = hash_build(tiny_articles, folder, hash_encoder)
    assert (report.added, report.changed, report.removed, report.embedded) == (("again.txt",), (), (), 1)
    assert len(hash_encoder.texts) == 1
    assert hash_encoder.texts[0].endswith(NEW_TEXT.strip())
    assert_same(ArticleIndex.open(folder), full_build_of(tiny_articles))


def test_a_changed_article_alone_is_embedded(folder: Path, tiny_articles: Path, hash_encoder: HashEncoder) -> None:
    write_articles(tiny_articles, {"bridge.txt": NEW_TEXT})
    report = hash_build(tiny_articles, folder, hash_encoder)
    assert (report.added, report.changed, report.removed, report.embedded) == ((), ("bridge.txt",), (), 1)
    assert (report.articles, report.chunks) == (3, 6)
    assert_same(ArticleIndex.open(folder), full_build_of(tiny_articles))


def test_a_renamed_article_is_not_embedded_again(folder: Path, tiny_articles: Path) -> None:
    (tiny_articles / "bridge.txt").rename(tiny_articles / "zz.txt")
    report = build_without_model(tiny_articles, folder)
    assert (report.added, report.removed, report.embedded, report.written) == (("zz.txt",), ("bridge.txt",), 0, True)
    assert_same(ArticleIndex.open(folder), full_build_of(tiny_articles))


def test_a_copy_is_not_embedded_again(folder: Path, tiny_articles: Path) -> None:
    shutil.copy(tiny_articles / "bridge.txt", tiny_articles / "copy.txt")
    assert build_without_model(tiny_articles, folder).articles == 4
    assert_same(ArticleIndex.open(folder), full_build_of(tiny_articles))


def test_a_removed_article_leaves_no_row(folder: Path, tiny_articles: Path) -> None:
    (tiny_articles / "bridge.txt").unlink()
    report = build_without_model(tiny_articles, folder)
    assert (report.removed, report.articles, report.chunks, report.embedded) == (("bridge.txt",), 2, 5, 0)
    index = ArticleIndex.open(folder)
    assert index.rows.lexical.document_frequency("engin") == 0
    assert_same(index, full_build_of(tiny_articles))


def test_a_touched_file_with_the_same_bytes_is_unchanged(folder: Path, tiny_articles: Path) -> None:
    os.utime(tiny_articles / "bridge.txt", (1, 1))
    assert not build_without_model(tiny_articles, folder).written


def test_full_embeds_everything_again(folder: Path, tiny_articles: Path, hash_encoder: HashEncoder) -> None:
    report = hash_build(tiny_articles, folder, hash_encoder, full=True)
    assert (report.embedded, report.written, len(hash_encoder.texts)) == (7, True, 7)


def test_full_reports_changes_against_the_index_as_it_was(folder: Path, tiny_articles: Path) -> None:
    # BUG: with full=True the old index is not looked at, and every article is reported as added.
    (tiny_articles / "bridge.txt").unlink()
    report = hash_build(tiny_articles, folder, full=True)
    assert (report.added, report.changed, report.removed) == ((), (), ("bridge.txt",))


def test_another_model_embeds_everything_again(folder: Path, tiny_articles: Path) -> None:
    other = Model("other", Path("no-such-folder"), "6" * 64)
    encoder = HashEncoder()
    report = build(tiny_articles, folder, model=other, loader=lambda _model: encoder)
    assert (report.embedded, report.written, report.repaired) == (7, True, None)
    assert ArticleIndex.open(folder).settings.fingerprint == "6" * 64


def test_another_budget_splits_everything_again(folder: Path, tiny_articles: Path) -> None:
    report = hash_build(tiny_articles, folder, max_tokens=40)
    assert report.embedded == report.chunks > 7
    assert ArticleIndex.open(folder).settings.max_tokens == 40


def test_the_same_articles_in_another_folder_are_found_there(folder: Path, tiny_articles: Path) -> None:
    # BUG: the files are equal, so nothing is written, and the index goes on naming the folder that is gone.
    moved = tiny_articles.rename(tiny_articles.with_name("moved"))
    report = build_without_model(moved, folder)
    assert (report.embedded, report.articles_folder) == (0, moved)
    assert changes(ArticleIndex.open(folder)) == []


def test_changes_are_the_paths_that_differ_from_the_index(folder: Path, tiny_articles: Path) -> None:
    index = ArticleIndex.open(folder)
    assert changes(index) == []
    write_articles(tiny_articles, {"new.txt": NEW_TEXT, "observatory.txt": NEW_TEXT})
    (tiny_articles / "bridge.txt").unlink()
    assert changes(index) == ["bridge.txt", "new.txt", "observatory.txt"]
    shutil.rmtree(tiny_articles)
    with pytest.raises(ArticlesMissing):
        changes(index)


def test_a_build_that_is_not_told_goes_on_as_before(tmp_path: Path) -> None:
    articles = write_articles(tmp_path / "articles", {"a.txt": NEW_TEXT, "large.txt": NEW_TEXT * 30})
    (articles / "linked.txt").symlink_to(write_articles(tmp_path / "else", {"b.txt": "Other words.\n"}) / "b.txt")
    options: dict[str, Any] = {"max_tokens": 40, "follow_links": True, "max_bytes": len(NEW_TEXT) * 2}
    first = build(articles, tmp_path / "index", model=HASH_MODEL, loader=lambda _model: HashEncoder(), **options)
    assert first.added == ("a.txt", "linked.txt")
    known = Recorded.of(ArticleIndex.open(tmp_path / "index"))
    assert known == recorded(tmp_path / "index")
    assert not build_without_model(articles, tmp_path / "index").written
    (tmp_path / "index" / "CURRENT").write_text("damaged")
    again = build(articles, tmp_path / "index", model=HASH_MODEL, loader=lambda _model: HashEncoder(), if_lost=known)
    assert again.repaired
    assert recorded(tmp_path / "index") == known
    shutil.rmtree(tmp_path / "index")
    build(articles, tmp_path / "index", model=HASH_MODEL, loader=lambda _model: HashEncoder(), if_lost=known)
    assert recorded(tmp_path / "index") == known
    wider = build(articles, tmp_path / "index", model=HASH_MODEL, loader=lambda _model: HashEncoder(), max_bytes=10**6)
    assert (wider.added, wider.changed, wider.removed) == (("large.txt",), (), ())
    assert ArticleIndex.open(tmp_path / "index").settings.follow_links


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
            monkeypatch.setattr(build_module, "_LOCK", "other.lock")
            other = build(tiny_articles, folder, model=HASH_MODEL, loader=lambda _model: HashEncoder(), max_bytes=900)
            assert other.written
        assert not waiting.result().written
    assert recorded(folder).max_bytes == 900


def test_an_index_remembers_what_it_was_built_from(folder: Path, tiny_articles: Path, tmp_path: Path) -> None:
    before = recorded(folder)
    assert (before.articles_folder, before.model) == (tiny_articles, "hash")
    before = recorded(tmp_path / "nowhere")
    assert (before.articles_folder, before.model, before.lost) == (None, DEFAULT_MODEL, False)
    (folder / "CURRENT").write_text((folder / "CURRENT").read_text().replace(f'"format": {FORMAT}', '"format": 1'))
    with pytest.raises(IndexStale):
        ArticleIndex.open(folder)
    assert recorded(folder).articles_folder == tiny_articles, "an index of an older version still says what it is of"
    (folder / "CURRENT").write_text("damaged")
    before = recorded(folder)
    assert (before.articles_folder, before.model, before.lost) == (None, DEFAULT_MODEL, True)


def test_a_damaged_index_is_not_replaced_by_one_of_the_seeds(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "CURRENT").write_text("damaged")
    monkeypatch.chdir(SEEDS.parent)
    run = CliRunner().invoke(cli.app, ["build", "--index", str(folder)])
    assert isinstance(run.exception, ArticlesMissing)
    assert "Name their folder: articleqa build ARTICLES" in str(run.exception)


def test_a_build_that_waited_sees_what_is_there_then(folder: Path, tiny_articles: Path) -> None:
    """It must not publish what it saw before it waited: articles of the build in between would be lost."""
    with ThreadPoolExecutor(1) as threads:
        with filelock.FileLock(folder / "build.lock"):
            waiting = threads.submit(hash_build, tiny_articles, folder)
            time.sleep(0.3)
            assert not waiting.done()
            write_articles(tiny_articles, {"late.txt": "Late words are in this article.\n"})
        assert waiting.result(30).added == ("late.txt",)


def test_articles_named_by_a_relative_path_are_found_from_elsewhere(
    tmp_path: Path, tiny_articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tiny_articles.parent)
    hash_build(Path(tiny_articles.name), tmp_path / "index")
    monkeypatch.chdir("/")
    assert changes(ArticleIndex.open(tmp_path / "index")) == []


def test_only_one_generation_stays(folder: Path, tiny_articles: Path) -> None:
    (folder / "generations" / "unfinished").mkdir()
    (folder / "CURRENT.new").write_text("unfinished")
    write_articles(tiny_articles, {"again.txt": NEW_TEXT})
    hash_build(tiny_articles, folder)
    index = ArticleIndex.open(folder)
    assert [home.name for home in (folder / "generations").iterdir()] == [index.generation]
    assert sorted(path.name for path in folder.iterdir()) == ["CURRENT", "build.lock", "generations"]


def test_a_damaged_index_is_built_anew_and_the_report_says_why(folder: Path, tiny_articles: Path) -> None:
    (home,) = (folder / "generations").iterdir()
    (home / "texts.bin").write_bytes(b"other text")
    report = hash_build(tiny_articles, folder)
    assert report.repaired is not None and "texts.bin" in report.repaired
    assert (report.embedded, report.written) == (7, True)
    assert ArticleIndex.open(folder).article(0).text == TINY_ARTICLES["bridge.txt"]


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


def test_a_file_that_vanishes_between_listing_and_reading_is_named(tmp_path: Path, tiny_articles: Path) -> None:
    def vanish(step: str, done: int, _total: int) -> None:
        if (step, done) == ("reading", 0):
            (tiny_articles / "bridge.txt").unlink()

    folder = tmp_path / "index"
    report = build(tiny_articles, folder, model=HASH_MODEL, loader=lambda _model: HashEncoder(), progress=vanish)
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
    assert_same(ArticleIndex.open(folder), full_build_of(tiny_articles))


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
    index = ArticleIndex.open(tmp_path / "index")
    assert index.article(index.article_row(name)).text == NEW_TEXT


def test_an_empty_folder_says_what_to_put_there(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    with pytest.raises(ArticlesEmpty) as caught:
        hash_build(tmp_path / "articles", tmp_path / "index")
    assert f"There is nothing to index in {tmp_path / 'articles'}: no files. Put articles there (" in str(caught.value)
    assert ".txt" in str(caught.value)
    with pytest.raises(IndexMissing):
        ArticleIndex.open(tmp_path / "index")


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
    assert ArticleIndex.open(folder).article(0).text == TINY_ARTICLES["bridge.txt"]


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

    def encode_passages(
        self, texts: Sequence[str], sentences: Sequence[Sequence[Span]], progress: Progress | None = None
    ) -> tuple[Vectors, Vectors]:
        raise MemoryError("no memory left")


def test_a_failing_encoder_leaves_the_old_index_and_no_litter(folder: Path, tiny_articles: Path) -> None:
    before = stamp(folder)
    write_articles(tiny_articles, {"again.txt": NEW_TEXT})
    with pytest.raises(MemoryError, match="no memory left"):
        hash_build(tiny_articles, folder, FailingEncoder())
    assert stamp(folder).keys() == before.keys()
    assert len(ArticleIndex.open(folder).rows.articles) == 3
    assert hash_build(tiny_articles, folder).added == ("again.txt",)


def test_a_first_build_that_fails_leaves_no_index(tmp_path: Path, tiny_articles: Path) -> None:
    with pytest.raises(MemoryError):
        hash_build(tiny_articles, tmp_path / "index", FailingEncoder())
    assert list((tmp_path / "index" / "generations").iterdir()) == []
    with pytest.raises(IndexMissing):
        ArticleIndex.open(tmp_path / "index")


class ShortEncoder(HashEncoder):
    """Gives one row too few."""

    def encode_passages(
        self, texts: Sequence[str], sentences: Sequence[Sequence[Span]], progress: Progress | None = None
    ) -> tuple[Vectors, Vectors]:
        rows, sentence_rows = super().encode_passages(texts, sentences)
        return rows[:-1], sentence_rows


def test_an_encoder_that_gives_too_few_rows_is_refused(tmp_path: Path, tiny_articles: Path) -> None:
    with pytest.raises(ValueError, match="without vectors: 1, 0, 0"):
        hash_build(tiny_articles, tmp_path / "index", ShortEncoder())
    with pytest.raises(IndexMissing):
        ArticleIndex.open(tmp_path / "index")


def test_a_second_build_says_that_the_first_is_not_done(
    folder: Path, tiny_articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_module, "LOCK_WAIT_SECONDS", 0.05)
    with filelock.FileLock(folder / "build.lock"):
        with pytest.raises(IndexBusy) as caught:
            build_without_model(tiny_articles, folder)
        assert f"Another process is building the index in {folder}" in str(caught.value)
        assert len(ArticleIndex.open(folder).rows.articles) == 3, "readers need no lock"
    assert not build_without_model(tiny_articles, folder).written


def test_progress_names_both_steps(tmp_path: Path, tiny_articles: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    build(
        tiny_articles,
        tmp_path / "index",
        model=HASH_MODEL,
        loader=lambda _model: HashEncoder(),
        progress=lambda *step: seen.append(step),
    )
    assert seen == [*(("reading", done, 3) for done in range(4)), ("embedding", 7, 7)]


def test_a_record_added_to_a_file_of_records_alone_is_embedded(tmp_path: Path, hash_encoder: HashEncoder) -> None:
    records = [f'{{"text": "The record number {number} says something of its own."}}' for number in range(50)]
    articles = write_articles(tmp_path / "articles", {"n.jsonl": "\n".join(records)})
    hash_build(articles, tmp_path / "index")
    write_articles(articles, {"n.jsonl": "\n".join(['{"text": "A new one comes first."}', *records])})
    report = hash_build(articles, tmp_path / "index", hash_encoder)
    assert report.embedded == 1
    assert hash_encoder.texts[0].endswith("A new one comes first.")
    assert_same(ArticleIndex.open(tmp_path / "index"), full_build_of(articles))
    (articles / "n.jsonl").rename(articles / "m.jsonl")
    assert build_without_model(articles, tmp_path / "index").embedded == 0
    assert_same(ArticleIndex.open(tmp_path / "index"), full_build_of(articles))


KILLED_BUILD = """
import os, signal, sys
from pathlib import Path
from conftest import HashEncoder, hash_build
from index import store

def die(*_arguments: object, **_options: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)

stage, articles, folder = sys.argv[1:]
if stage == "embedding":
    HashEncoder.encode_passages = die
elif stage == "writing":
    store.VectorIndex.save = die
elif stage == "switching":
    Path.replace = die
elif stage == "cleaning":
    store.shutil.rmtree = die
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
    assert len(ArticleIndex.open(folder).rows.articles) == articles
    hash_build(tiny_articles, folder)
    index = ArticleIndex.open(folder)
    assert_same(index, full_build_of(tiny_articles))
    if stage != "cleaning":
        assert [home.name for home in (folder / "generations").iterdir()] == [index.generation]


NAMES = ["a.txt", "b.txt", "c.md", "d/e.txt", "f.jsonl", "g.jsonl"]
TEXTS = [
    "Alpha title\n\nThe alpha paragraph is long enough to be a passage by itself, and it has two parts. It ends.\n",
    "Beta title\r\n\r\nThe beta paragraph is long enough to be a passage by itself too.\r\n\r\nAlpha again, short.\r\n",
    "\ufeffBridge\n\n" + "The repairs of the harbour take long. " * 30,
    "телескоп 😀\u2028beta",
    "",
    "   \n",
    '{"text": "Alpha record, long enough to be a passage by itself, as all of them are here.", "title": "One"}\n',
    '{"text": "Beta record, which is a passage too."}\n{"text": "Alpha record, long enough to be a passage by itself, '
    'as all of them are here.", "title": "One"}\nbroken\n{"text": "Beta record, which is a passage too."}\n',
]
EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from(NAMES), st.sampled_from(TEXTS)),
        st.tuples(st.just("rename"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
        st.tuples(st.just("delete"), st.sampled_from(NAMES), st.just("")),
    ),
    min_size=1,
    max_size=5,
)


def edit(articles: Path, kind: str, name: str, value: str) -> None:
    path = articles / name
    if kind == "write":
        write_articles(articles, {name: value})
    elif kind == "delete":
        path.unlink(missing_ok=True)
    elif path.exists():
        (articles / value).parent.mkdir(exist_ok=True)
        path.replace(articles / value)


@given(st.lists(EDITS, min_size=1, max_size=4))
@settings(max_examples=30, deadline=None)
def test_after_any_edits_an_incremental_build_equals_a_full_one(rounds: list[list[tuple[str, str, str]]]) -> None:
    with tempfile.TemporaryDirectory() as home:
        articles, folder = Path(home, "articles"), Path(home, "index")
        write_articles(articles, {"a.txt": TEXTS[0], "b.txt": TEXTS[1]})
        hash_build(articles, folder)
        for edits in rounds:
            for kind, name, value in edits:
                edit(articles, kind, name, value)
            before = ArticleIndex.open(folder)
            try:
                report = hash_build(articles, folder)
            except ArticlesEmpty:
                assert ArticleIndex.open(folder).generation == before.generation
                continue
            after = ArticleIndex.open(folder)
            known = {record.sha256: Path(record.file).suffix for record in before.rows.articles}
            fresh = [record for record in after.rows.articles if record.sha256 not in known]
            moved = [record for record in after.rows.articles if known.get(record.sha256) != Path(record.file).suffix]
            chunks, most = (sum(record.chunk_end - record.chunk_start for record in new) for new in (fresh, moved))
            assert chunks <= report.embedded <= most
            assert_same(after, full_build_of(articles))
