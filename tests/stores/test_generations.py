"""Generations on disk: what is written, which one is current, and that readers keep what they opened."""

import gc
import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import HASH_MODEL, TINY_ARTICLES, TINY_TOKENS, HashEncoder, hash_build
from indexes import NEW_TEXT, all_chunks, assert_no_litter, generation_of, opened, paths_of
from store_conformance import published, segments

from index.articles import parse_article
from index.errors import ArticleUnknown, IndexMissing, IndexStale, IndexUnwritable
from index.stores.local import generations, writer
from index.stores.local.files import CheckedFile
from index.stores.local.generations import FORMAT
from index.stores.local.snapshot import LocalSnapshot
from index.stores.local.store import LocalStore
from index.stores.local.writer import GenerationWriter
from index.stores.types import Settings
from index.types import Role

FILES = [
    "articles.sqlite",
    "blocks.npy",
    "bm25_highest.npy",
    "bm25_rows.npy",
    "bm25_scores.npy",
    "bm25_starts.npy",
    "bm25_term_starts.npy",
    "bm25_terms.npy",
    "bm25_word_starts.npy",
    "bm25_words.npy",
    "cell_starts.npy",
    "chunks.npy",
    "manifest.json",
    "repeated.npy",
    "sentences.npy",
    "texts.bin",
    "vectors.npy",
]
"""Every file of a generation."""


@pytest.fixture
def folder(tmp_path: Path, tiny_articles: Path) -> Path:
    """The folder of an index over the tiny articles."""
    hash_build(tiny_articles, tmp_path / "index")
    return tmp_path / "index"


def test_an_opened_index_holds_the_articles_as_their_files_say(folder: Path, tiny_articles: Path) -> None:
    index = opened(folder)
    assert paths_of(index) == ["bridge.txt", "deep/harbour.md", "observatory.txt"]
    for path, text in TINY_ARTICLES.items():
        assert index.article(path) == parse_article(path, text.encode())
    assert index.about.articles_folder == tiny_articles
    assert index.about.place == str(folder)
    assert index.about.generation == generation_of(folder).name
    assert index.about.settings == Settings("hash", HASH_MODEL.fingerprint, 64, TINY_TOKENS, 254)


def test_an_unknown_path_is_a_key_error(folder: Path) -> None:
    for ask in (opened(folder).article, lambda path: opened(folder).segment(["bridge.txt", path])):
        with pytest.raises(KeyError, match=r"nowhere\.txt") as caught:
            ask("nowhere.txt")
        assert caught.type is ArticleUnknown


def test_the_first_chunk_of_the_bridge_is_known_by_heart(folder: Path) -> None:
    chunk = all_chunks(opened(folder))[0]
    assert (chunk.start, chunk.end, chunk.start_line, chunk.end_line) == (54, 179, 6, 6)
    assert chunk.sentences == ((54, 129), (130, 179))
    assert (chunk.roles, chunk.heading) == ((Role.BODY, Role.BODY), "")
    assert chunk.text[76:125] == "Engineers found cracks in two of its nine arches."


def test_text_of_several_bytes_a_letter_is_sliced_right(tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    first = "Первый абзац этой статьи достаточно длинный, чтобы стоять отдельно."
    second = "二つ目の段落。 Ένα ακόμη μεγάλο κείμενο σε αυτή την παράγραφο, e\u0301tude\u2028fin."
    (articles / "a.txt").write_bytes(f"Ереван 😀\r\n\r\n{first}\r\n\r\nКак 😀 это\r\n\r\n{second}".encode())
    (articles / "b.txt").write_bytes(f"\ufeff{second}\n".encode())
    hash_build(articles, tmp_path / "index", max_tokens=200)
    chunks = all_chunks(opened(tmp_path / "index"))
    assert [chunk.text for chunk in chunks] == [first, second, second]
    assert [(chunk.start_line, chunk.end_line) for chunk in chunks] == [(3, 3), (7, 7), (1, 1)]
    assert [chunk.heading for chunk in chunks] == ["", "Как 😀 это", ""]


def test_vectors_terms_and_sentences_of_a_chunk_are_its_own(folder: Path) -> None:
    index = opened(folder)
    question = "Tickets are sold on board, and children travel free."
    vector = HashEncoder().encode_question(question)
    (nearest,) = index.chunks(index.candidates(vector, [], 1).ids)
    assert question in nearest.text
    found = index.candidates(vector, ["telescop", "jena"], 1)
    best = index.chunks(found.ids)[int(found.bm25.argmax())]
    assert "ground in Jena" in best.text
    texts = [index.article(nearest.article.path).text[start:end] for start, end in nearest.sentences]
    assert texts == nearest.sentence_texts
    assert question in texts


def test_without_an_index_its_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing) as caught:
        opened(tmp_path / "nowhere")
    assert str(caught.value) == f"There is no index in {tmp_path / 'nowhere'}."
    assert caught.value.place == tmp_path / "nowhere"


def test_a_folder_with_something_else_in_it_is_no_index(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear reader")
    with pytest.raises(IndexMissing):
        opened(tmp_path)
    with pytest.raises(IndexMissing, match="it is a file, and no folder of an index"):
        opened(tmp_path / "letter.txt")


@pytest.mark.parametrize("version", [0, FORMAT + 1, str(FORMAT), None])
def test_another_format_version_is_stale_and_both_versions_are_told(folder: Path, version: object) -> None:
    pointer = json.loads((folder / "CURRENT").read_bytes())
    (folder / "CURRENT").write_text(json.dumps({**pointer, "format": version}))
    with pytest.raises(IndexStale) as caught:
        opened(folder)
    assert f"has format {version}, this version of articleqa reads format {FORMAT}" in str(caught.value)
    assert (caught.value.place, caught.value.found, caught.value.expected) == (folder, version, FORMAT)


def test_the_list_of_files_is_complete(folder: Path) -> None:
    home = generation_of(folder)
    assert sorted(path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()) == FILES
    manifest = json.loads((home / "manifest.json").read_bytes())
    assert manifest["format"] == FORMAT == 10
    assert sorted([*manifest["files"], "manifest.json"]) == FILES


def test_an_opened_index_keeps_answering_after_a_rebuild_replaced_it(folder: Path, tiny_articles: Path) -> None:
    old = opened(folder)
    home = generation_of(folder)
    (tiny_articles / "bridge.txt").write_text(NEW_TEXT)
    hash_build(tiny_articles, folder)
    assert not home.exists()
    assert [chunk.text for chunk in all_chunks(old)[:2]] == [
        TINY_ARTICLES["bridge.txt"][54:179],
        TINY_ARTICLES["bridge.txt"][181:278],
    ]
    assert old.article("bridge.txt").text == TINY_ARTICLES["bridge.txt"]
    vector = HashEncoder().encode_question("Buses will use the northern bridge instead.")
    found = old.candidates(vector, ["crack"], 1)
    assert (found.ids, found.bm25[0] > 0) == ((0, 1), True)
    old.verify()
    assert opened(folder).article("bridge.txt").text.startswith("Bridge opens again")


@pytest.mark.parametrize("moment", ["manifest is read", "files are opened"])
def test_opening_while_a_build_replaces_the_generation_gives_the_new_one(
    folder: Path, tiny_articles: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    # BUG: the reader has read CURRENT, the build deletes that generation, and a whole index is called damaged.
    (tiny_articles / "bridge.txt").write_text(NEW_TEXT)
    home, name = (generations, "home_of") if moment == "manifest is read" else (CheckedFile, "__init__")
    before = getattr(home, name)

    def late(*arguments: object) -> object:
        monkeypatch.setattr(home, name, before)
        hash_build(tiny_articles, folder)
        return before(*arguments)

    monkeypatch.setattr(home, name, late)
    assert opened(folder).article("bridge.txt").text.startswith("Bridge opens again")


def test_nothing_in_a_generation_is_a_pickle(folder: Path) -> None:
    home = generation_of(folder)
    for name in FILES:
        data = (home / name).read_bytes()
        assert not data.startswith(b"\x80"), f"{name} starts as pickles do"
        if name.endswith(".npy"):
            assert np.load(home / name, allow_pickle=False).dtype.kind in "iuf"
        elif name.endswith(".json"):
            assert isinstance(json.loads(data), dict)
        elif name.endswith(".sqlite"):
            with sqlite3.connect(home / name) as connection:
                columns = connection.execute("SELECT type FROM pragma_table_info('articles')").fetchall()
            assert {kind for (kind,) in columns} == {"INTEGER", "TEXT"}
        else:
            assert name == "texts.bin"
    assert (home / "texts.bin").read_bytes() == "".join(TINY_ARTICLES.values()).encode()


def test_a_discarded_generation_leaves_nothing(tmp_path: Path) -> None:
    started = GenerationWriter(tmp_path)
    for segment in segments():
        started.add(segment)
    started.discard()
    assert list((tmp_path / "generations").iterdir()) == []
    with pytest.raises(IndexMissing, match="its first build was not finished"):
        opened(tmp_path)


@pytest.mark.parametrize("name", ["LexicalWriter", "ArticleTableWriter", "begin"])
def test_a_generation_that_can_not_be_begun_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    # BUG: what was made before the error stayed until the next build.
    before = getattr(writer, name)

    def refuse(*arguments: object) -> None:
        before(*arguments)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer, name, refuse)
    (folder / "build.lock").touch()
    with pytest.raises(IndexUnwritable, match="No space left on device"):
        LocalStore(folder).publish(segments(), published)
    assert_no_litter(folder)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("parts", [0, 1, 2])
def test_a_publication_that_fails_lets_go_of_its_files(folder: Path, parts: int) -> None:
    # BUG: some files stayed open until they were collected as garbage.
    def failing() -> Iterator[object]:
        yield from segments()[:parts]
        raise MemoryError("no memory left")

    gc.collect()  # what the build before has left
    before = open_files(folder)
    try:
        LocalStore(folder).publish(failing(), published)  # type: ignore[arg-type]
    except MemoryError:
        assert open_files(folder) == before
    else:
        raise AssertionError("it was published")
    assert_no_litter(folder)


def open_files(folder: Path) -> list[str]:
    """Files below a folder that this process has open; those of other tests may be collected at any moment."""
    links = Path("/proc/self/fd")
    if not links.is_dir():
        pytest.skip("nobody tells which files are open")
    return sorted(str(link.readlink()) for link in links.iterdir() if str(folder) in str(link.resolve()))


@pytest.fixture
def failing_sync(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[None]:
    """The index folder itself can't be synced, as on some network file systems; all below it can."""
    sync = generations._sync_folder

    def refuse(path: Path) -> None:
        if path == folder:
            raise OSError(22, "Invalid argument")
        sync(path)

    monkeypatch.setattr(generations, "_sync_folder", refuse)
    yield


def test_an_error_after_the_switch_does_not_lose_the_index(
    folder: Path, tiny_articles: Path, failing_sync: None
) -> None:
    # BUG: CURRENT names the new generation already when the sync of its folder fails, and discard() deletes it.
    (tiny_articles / "bridge.txt").unlink()
    with pytest.raises(IndexUnwritable, match="Invalid argument"):
        hash_build(tiny_articles, folder)
    assert opened(folder).about.articles in (2, 3)
    opened(folder).verify()


def test_a_generation_is_kept_when_nobody_can_tell_whether_it_is_current(
    folder: Path, tiny_articles: Path, failing_sync: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # BUG: with too many files open CURRENT can't be read after the switch either, and the index was deleted.
    read_bytes = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path == folder / "CURRENT" and json.loads(read_bytes(path))["generation"] != before:
            raise OSError(24, "Too many open files")
        return read_bytes(path)

    before = opened(folder).about.generation
    (tiny_articles / "bridge.txt").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refuse)
        with pytest.raises(IndexUnwritable, match="Invalid argument"):
            hash_build(tiny_articles, folder)
    assert opened(folder).about.articles in (2, 3)
    opened(folder).verify()


def test_what_is_left_over_and_can_not_be_removed_is_told(
    folder: Path, tiny_articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # BUG: it was a raw PermissionError.
    def refuse(_path: Path, *, missing_ok: bool) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(IndexUnwritable, match="Permission denied"):
        hash_build(tiny_articles, folder)


def test_the_stamp_differs_after_every_build(folder: Path, tiny_articles: Path) -> None:
    store = LocalStore(folder)
    stamps = {store.stamp()}
    for number in range(3):
        (tiny_articles / "bridge.txt").write_text(f"{NEW_TEXT}{number}\n")
        hash_build(tiny_articles, folder)
        stamps.add(store.stamp())
    assert len(stamps) == 4
    assert LocalStore(folder / "nowhere").stamp() is None
    shutil.rmtree(folder)
    assert store.stamp() is None


def test_a_generation_is_opened_by_its_name(folder: Path) -> None:
    generation, manifest = generations.read_current(folder)
    assert LocalSnapshot(folder, generation, manifest).about == opened(folder).about
