"""States of an index on a disk: each is named in one line with an exit code, and the next build mends it."""

import contextlib
import faulthandler
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pytest
from conftest import HASH_MODEL, TINY_ARTICLES, HashEncoder, hash_build, write_articles
from indexes import generation_of
from stores.test_damage import replaced, sign

import index.build
import qa.assistant
from index.digests import sha256_of
from index.errors import IndexCorrupt
from index.stores.local import files
from index.stores.local.files import write_array
from index.watch import watch
from qa import Assistant
from shell.main import main

Damage = Callable[[Path], None]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Articles, and an index of them to copy and damage."""
    folder = tmp_path_factory.mktemp("states")
    write_articles(folder / "articles", TINY_ARTICLES)
    hash_build(folder / "articles", folder / "index")
    return folder


@pytest.fixture
def folder(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the index, for commands that take the model from the tests."""
    monkeypatch.setattr(index.build, "find_model", lambda _name: HASH_MODEL)
    monkeypatch.setattr(qa.assistant, "load_exported", lambda *_: HashEncoder())
    monkeypatch.setitem(cast(dict[str, Any], index.build.build.__kwdefaults__), "loader", lambda _model: HashEncoder())
    return shutil.copytree(home / "index", tmp_path / "index")


class Told:
    """What a command printed, and its exit code."""

    def __init__(self, code: object, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


Run = Callable[..., Told]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the shell in this process."""

    def told(*arguments: object) -> Told:
        monkeypatch.setattr(sys, "argv", ["articleqa", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return Told(ended.value.code, *capsys.readouterr())

    return told


def instead(name: str, make: Damage) -> Damage:
    """Something else in the place of a file or folder of the index, or of one of its generation."""

    def damage(folder: Path) -> None:
        path = (
            generation_of(folder) / name if "." in name and not name.startswith(("CURRENT", "build")) else folder / name
        )
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        make(path)

    return damage


def in_place_of_the_generation(make: Damage) -> Damage:
    def damage(folder: Path) -> None:
        home = generation_of(folder)
        shutil.rmtree(home)
        make(home)

    return damage


def full_folder(path: Path) -> None:
    path.mkdir()
    (path / "mine.txt").write_text("somebody's own")


def nowhere(path: Path) -> None:
    path.symlink_to("no-such-file")


def itself(path: Path) -> None:
    path.symlink_to(path.name)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def written(data: bytes) -> Damage:
    def write(path: Path) -> None:
        path.write_bytes(data)

    return write


def manifest(data: bytes) -> Damage:
    """A manifest of some bytes, signed."""

    def damage(folder: Path) -> None:
        (generation_of(folder) / "manifest.json").write_bytes(data)
        pointer = json.loads((folder / "CURRENT").read_bytes())
        (folder / "CURRENT").write_text(json.dumps({**pointer, "manifest_sha256": sha256_of(data)}))

    return damage


def said(part: str, name: str, value: object) -> Damage:
    """Another value in a part of the manifest, signed."""

    def damage(folder: Path) -> None:
        before = json.loads((generation_of(folder) / "manifest.json").read_bytes())[part]
        sign(folder, **{part: {**before, name: value}})

    return damage


def rows(name: str, change: Callable[[npt.NDArray[Any]], npt.NDArray[Any]]) -> Damage:
    """Other rows in an array, signed."""

    def damage(folder: Path) -> None:
        path = generation_of(folder) / name
        write_array(path, change(np.load(path)))
        replaced(folder, name, path.read_bytes())

    return damage


def column(number: int, value: int) -> Callable[[npt.NDArray[Any]], npt.NDArray[Any]]:
    def change(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        array[:, number] = value
        return array

    return change


def filled(value: float) -> Callable[[npt.NDArray[Any]], npt.NDArray[Any]]:
    return lambda array: np.full_like(array, value)


def sql(command: str) -> Damage:
    """Another table of articles, signed."""

    def damage(folder: Path) -> None:
        path = generation_of(folder) / "articles.sqlite"
        with sqlite3.connect(path) as connection:
            connection.execute(command)
        connection.close()
        replaced(folder, "articles.sqlite", path.read_bytes())

    return damage


DAMAGED: dict[str, Damage] = {
    "CURRENT a pipe": instead("CURRENT", os.mkfifo),
    "CURRENT a device": instead("CURRENT", endless),
    "CURRENT a folder": instead("CURRENT", full_folder),
    "CURRENT a link to nowhere": instead("CURRENT", nowhere),
    "CURRENT a link to itself": instead("CURRENT", itself),
    "CURRENT deep": instead("CURRENT", written(b"[" * 100_000)),
    "CURRENT of a format with escapes": instead(
        "CURRENT", written(b'{"format": "\\u001b[31m", "generation": "a", "manifest_sha256": "b"}')
    ),
    "generations a pipe": instead("generations", os.mkfifo),
    "generations a link to nowhere": instead("generations", nowhere),
    "the generation a pipe": in_place_of_the_generation(os.mkfifo),
    "the generation a link to itself": in_place_of_the_generation(itself),
    "manifest a pipe": instead("manifest.json", os.mkfifo),
    "manifest a list": manifest(b"[]"),
    "manifest deep": manifest(b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    "manifest that leads out": lambda folder: sign(folder, files={"../../CURRENT": {"size": 1, "blocks": ""}}),
    "texts a pipe": instead("texts.bin", os.mkfifo),
    "table a device": instead("articles.sqlite", endless),
    "model a number": said("settings", "model", 5),
    "fingerprint nothing": said("settings", "fingerprint", None),
    "fingerprint a path": said("settings", "fingerprint", "../../elsewhere"),
    "dimension a word": said("settings", "dimension", "x"),
    "dimension another": said("settings", "dimension", 5),
    "size a word": said("settings", "max_bytes", "x"),
    "size without end": said("settings", "max_bytes", 1e400),
    "no budget": said("settings", "max_tokens", -5),
    "date of nonsense": said("about", "first_date", "zz"),
    "articles counted in words": said("about", "articles", "many"),
    "folder with a zero": lambda folder: sign(folder, articles_folder="a\0b"),
    "passages of no article": rows("chunks.npy", column(0, 99)),
    "passages before their article": rows("chunks.npy", column(0, -1)),
    "passages outside the text": rows("chunks.npy", column(1, 10**9)),
    "passages of other bytes": rows("chunks.npy", column(3, 10**9)),
    "passages of bytes before 0": rows("chunks.npy", column(4, -7)),
    "passages on other lines": rows("chunks.npy", column(5, 2)),
    "passages of no sentences": rows("chunks.npy", column(9, 10**9)),
    "sentences outside": rows("sentences.npy", filled(2**30)),
    "sentences of letters": rows("sentences.npy", lambda array: array.astype("S1")),
    "sentences in one column": rows("sentences.npy", lambda array: array[:, :1]),
    "blocks of no role": rows("blocks.npy", filled(2**30)),
    "vectors that are no numbers": rows("vectors.npy", filled(np.nan)),
    "vectors without length": rows("vectors.npy", filled(0)),
    "terms of no word": rows("bm25_terms.npy", filled(2**30)),
    "terms in no row": rows("bm25_rows.npy", filled(2**30)),
    "terms before 0": rows("bm25_starts.npy", filled(-1)),
    "scores that are no numbers": rows("bm25_scores.npy", filled(np.nan)),
    "texts beyond the end": sql("UPDATE articles SET text_end = 1000000000"),
    "texts of words": sql("UPDATE articles SET text_end = 'x'"),
    "articles of other numbers": sql("UPDATE articles SET number = number + 7"),
    "articles without a path": sql("UPDATE articles SET path = NULL"),
    "spans of nonsense": sql("UPDATE articles SET spans = 'x'"),
    "a table less": sql("DROP TABLE sources"),
}
"""Each makes the index unusable."""

LITTER: dict[str, Damage] = {
    "CURRENT.new a folder": instead("CURRENT.new", full_folder),
    "CURRENT.new a pipe": instead("CURRENT.new", os.mkfifo),
    "CURRENT.new a link to nowhere": instead("CURRENT.new", nowhere),
    "build.lock a folder": instead("build.lock", full_folder),
    "build.lock a pipe": instead("build.lock", os.mkfifo),
    "build.lock a link to nowhere": instead("build.lock", nowhere),
}
"""Each leaves the index as good as it was."""

ASKED = ("ask", "How much did the repairs cost?", "--reader", "off")


def assert_named(told: Told) -> None:
    """An error of one line that steers no terminal; never a traceback, never a silence."""
    assert told.code == 1, told.out + told.err
    assert told.err.startswith("error: ")
    assert (told.err.count("\n"), len(told.err) < 1000) == (1, True), told.err
    assert told.out == "" and "\x1b" not in told.err


@pytest.fixture(autouse=True)
def soon_over() -> Iterator[None]:
    """A read that never ends fails its test, and not the whole run."""
    faulthandler.dump_traceback_later(60, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.mark.parametrize("state", DAMAGED)
def test_a_damaged_index_is_named_by_each_command_and_mended_by_a_build(
    folder: Path, home: Path, run: Run, state: str
) -> None:
    DAMAGED[state](folder)
    assert_named(run("verify", "--index", folder))
    for command in (ASKED, ("find", "bridge"), ("show", "bridge.txt"), ("info",)):
        told = run(*command, "--index", folder)
        if told.code != 0:  # what does not come to the damage answers
            assert_named(told)
        elif command is ASKED:
            assert "2.4 million euros" in told.out
    built = run("build", home / "articles", "--index", folder)
    assert built.code == 0, built.err
    assert built.err.startswith("The old index could not be used and was replaced: ") or "generations" in state
    assert run("verify", "--index", folder).code == 0
    answer = run(*ASKED, "--index", folder)
    assert (answer.code, "2.4 million euros" in answer.out) == (0, True)


@pytest.mark.parametrize("state", LITTER)
def test_what_lies_in_the_way_of_a_build_is_moved(folder: Path, home: Path, run: Run, state: str) -> None:
    LITTER[state](folder)
    assert run("verify", "--index", folder).code == 0
    built = run("build", home / "articles", "--full", "--index", folder)
    assert built.code == 0, built.err
    assert run("verify", "--index", folder).code == 0
    kept = [path.read_text() for path in folder.glob("*.aside-*/mine.txt")]
    assert kept == ["somebody's own"] * state.endswith("a folder"), "what a user has put there is not deleted"


@pytest.mark.parametrize("name", ["CURRENT.new", "build.lock", "CURRENT", "generations"])
def test_nothing_is_written_through_a_link(folder: Path, home: Path, run: Run, name: str) -> None:
    foreign = folder.parent / "foreign.txt"
    foreign.write_text("precious")
    instead(name, lambda path: path.symlink_to(foreign))(folder)
    assert run("build", home / "articles", "--full", "--index", folder).code == 0
    assert foreign.read_text() == "precious"
    assert run("verify", "--index", folder).code == 0


def test_watching_mends_it_too(folder: Path, home: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.build, "find_model", lambda _name: HASH_MODEL)
    monkeypatch.setattr("index.watch._events", lambda *_: iter([False]))
    monkeypatch.setattr("index.watch.build", index.build.build)
    monkeypatch.setitem(cast(dict[str, Any], watch.__kwdefaults__), "loader", lambda _model: HashEncoder())
    DAMAGED["CURRENT a pipe"](folder)
    told = run("watch", home / "articles", "--index", folder)
    assert (told.code, told.out.startswith("Indexed 3 articles")) == (0, True), told.err


@pytest.fixture(params=[True, False], ids=["held", "mapped"])
def held(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether files are held in memory; else they are mapped."""
    if not request.param:
        monkeypatch.setattr(files, "HELD_BYTES", 0)
    return bool(request.param)


def test_a_file_that_is_cut_under_a_running_chat_ends_nothing(folder: Path, held: bool) -> None:
    """A map of what was cut ends the process with a bus error."""
    assistant = Assistant.open(folder, HashEncoder(), reader=False)
    before = assistant.ask(ASKED[1])
    for path in generation_of(folder).iterdir():
        os.truncate(path, 0)
    if held:
        assert [quote.text for quote in assistant.ask(ASKED[1]).quotes] == [quote.text for quote in before.quotes]
    for question in (ASKED[1], "Which ferry sails from the harbour?", "Who may look through the telescope?"):
        try:
            assert assistant.ask(question).quotes or held
        except IndexCorrupt as error:
            assert "has 0 bytes" in error.reason or "was altered" in error.reason
    with pytest.raises(IndexCorrupt, match="has 0 bytes"):
        assistant.snapshot.verify()


def test_vectors_that_are_altered_under_a_running_chat_lead_to_no_other_article(folder: Path, held: bool) -> None:
    assistant = Assistant.open(folder, HashEncoder(), reader=False)
    before = [passage.location for passage in assistant.search(ASKED[1])]
    path = generation_of(folder) / "vectors.npy"
    data = path.read_bytes()
    with path.open("r+b") as file:  # in place: the rows from the last to the first
        file.seek(128)
        file.write(np.frombuffer(data[128:], np.float32).reshape(-1, HashEncoder.dimension)[::-1].tobytes())
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))  # clocks of file systems are coarse
    if held:
        assert [passage.location for passage in assistant.search(ASKED[1])] == before
    else:
        with pytest.raises(IndexCorrupt, match=r"vectors\.npy was altered"):
            assistant.search(ASKED[1])
    with pytest.raises(IndexCorrupt, match=r"vectors\.npy was altered"):
        assistant.snapshot.verify()


@pytest.mark.parametrize("above", [False, True], ids=["folder", "folder above"])
def test_an_index_of_somebody_else_is_named(folder: Path, home: Path, run: Run, above: bool) -> None:
    closed = folder.parent if above else folder
    commands = [("verify",), ("info",), ("show", "bridge.txt"), ("find", "bridge"), ASKED]
    run("verify", "--index", folder)  # all is imported that a user without rights could not read
    with closed_to_us(home.parent, closed):
        for command in commands:
            told = run(*command, "--index", folder)
            assert_named(told)
            assert "Permission denied" in told.err


@contextlib.contextmanager
def closed_to_us(root: Path, closed: Path) -> Iterator[None]:
    """Nobody but its owner may look into a folder, and this process is not its owner."""
    as_root = os.geteuid() == 0
    mode = closed.stat().st_mode
    opened = [path for path in (*closed.parents,) if as_root and path.is_relative_to(root.parent)]
    before = {path: path.stat().st_mode for path in opened}
    for path in opened:
        path.chmod(0o755)
    closed.chmod(0o700 if as_root else 0)
    try:
        if as_root:
            os.seteuid(65534)
        yield
    finally:
        if as_root:
            os.seteuid(0)
        closed.chmod(mode)
        for path, was in before.items():
            path.chmod(was)
