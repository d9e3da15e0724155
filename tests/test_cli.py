"""The command line: results, exit codes, and that help answers at once."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from conftest import REPOSITORY, SEED_NAME, SEEDS

from qa import retrieve
from shell import asking
from shell.printing import printable

COMMANDS = ["build", "watch", "ask", "search", "find", "cite", "check", "verify", "info", "show", "chat", "passwd"]


def articleqa(*arguments: str, index: Path | None = None) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"COLUMNS": "120", "NO_COLOR": "1"} | ({"ARTICLEQA_INDEX": str(index)} if index else {})
    return subprocess.run(
        [sys.executable, "-m", "shell", *arguments], capture_output=True, text=True, env=environment, timeout=120
    )


def children_seconds() -> float:
    """Processor time that the processes that were started have taken, which a busy machine doesn't change."""
    times = os.times()
    return times.children_user + times.children_system


def test_help_answers_well_under_a_second_and_names_every_command() -> None:
    before = children_seconds()
    run = articleqa("--help")
    assert run.returncode == 0
    assert [name for name in COMMANDS if f" {name} " not in run.stdout] == []
    assert children_seconds() - before < 0.8  # 0.25 s


def test_help_imports_nothing_that_takes_long() -> None:
    script = "import json, sys, shell.main; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
    assert {"numpy", "qa", "chat", "app", "evaluation", "gradio"}.isdisjoint(json.loads(run.stdout)), run.stderr
    assert asking.MAX_PASSAGES == retrieve.MAX_PASSAGES


def test_the_version_is_that_of_the_package() -> None:
    package = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    run = articleqa("--version")
    assert (run.returncode, run.stdout) == (0, f"articleqa {package['version']}\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_that_says_what_it_does(command: str) -> None:
    run = articleqa(command, "--help")
    assert run.returncode == 0
    assert {"check": "--articles", "passwd": "--token"}.get(command, "--index") in run.stdout  # these need no index


def test_an_answer_is_printed_with_its_citation_and_exit_code_0(seed_index: Path) -> None:
    run = articleqa("ask", "How many people were killed?", index=seed_index)
    assert run.returncode == 0
    first, source = run.stdout.splitlines()[:2]
    assert first.startswith("1. At least 25 people had been killed and more than 138 injured")
    assert source.strip().startswith(f"{SEED_NAME}:10 · Baku launches deadly strikes")
    assert source.endswith(" · Mark Dovich · 2023-09-19")


def test_ask_json_is_one_object_with_the_promised_fields(seed_index: Path) -> None:
    run = articleqa("ask", "How many people were killed?", "--json", "--index", str(seed_index))
    answer = json.loads(run.stdout)
    assert run.returncode == 0
    assert list(answer) == [
        *("question", "found", "score", "text", "quotes", "kind", "certainty", "articles", "count", "period"),
        *("corrected", "remark", "told", "understood", "filters", "passages"),
    ]
    promised = "text path start_line end_line start end sha256 title author published score".split()
    assert [name for name in promised if name not in answer["quotes"][0]] == []
    quote = answer["quotes"][0]
    text = (SEEDS / quote["path"]).read_bytes().decode()
    assert text[quote["start"] : quote["end"]] == quote["text"]
    assert text.split("\n")[quote["start_line"] - 1 : quote["end_line"]] == [
        line for line in text.split("\n") if quote["text"] in line
    ]


def test_what_the_articles_do_not_say_has_exit_code_3(seed_index: Path) -> None:
    run = articleqa("ask", "What is the capital of Peru?", index=seed_index)
    assert run.returncode == 3
    assert run.stdout.startswith("The articles don't answer that.\n\nThe nearest passages, which may not answer:")
    silent = articleqa("ask", "What is the capital of Peru?", "--json", index=seed_index)
    assert silent.returncode == 3
    assert json.loads(silent.stdout)["found"] is False


def test_search_prints_one_json_object_a_line(seed_index: Path) -> None:
    run = articleqa("search", "Who called for talks?", "-k", "3", "--json", index=seed_index)
    passages = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(passages) == 3
    assert (passages[0]["start_line"], passages[0]["end_line"], passages[0]["path"]) == (20, 29, SEED_NAME)
    assert "President Emmanuel Macron said France plans to request" in passages[0]["text"]  # line 27
    assert [passage["score"] for passage in passages] == sorted((p["score"] for p in passages), reverse=True)


def test_find_lists_articles_with_the_lines_that_hold_the_words(seed_index: Path) -> None:
    lines = [
        number
        for number, line in enumerate((SEEDS / SEED_NAME).read_text(encoding="utf-8").split("\n"), 1)
        if "Security Council" in line
    ]
    run = articleqa("find", "security", "council", "--json", index=seed_index)
    (article,) = map(json.loads, run.stdout.splitlines())
    assert (run.returncode, article["path"], article["lines"]) == (0, SEED_NAME, lines)
    shown = articleqa("find", "Security Council", index=seed_index).stdout.splitlines()
    assert shown[-1] == f"1 article, {len(lines)} line{'s' * (len(lines) != 1)}."
    nothing = articleqa("find", "zebra", index=seed_index)
    assert (nothing.returncode, nothing.stdout) == (3, "0 articles, 0 lines.\n")


def test_articles_and_counts_are_printed(seed_index: Path) -> None:
    run = articleqa("ask", "How many articles mention Nagorno-Karabakh?", index=seed_index)
    assert run.returncode == 0
    assert run.stdout.startswith("1 of 1 article holds the word Nagorno-Karabakh, on ")
    assert f"\n   {SEED_NAME}:" in run.stdout
    assert articleqa("ask", "Which articles are about volcanoes?", index=seed_index).returncode == 3


def test_info_tells_what_is_indexed_and_what_has_changed(tmp_path: Path, seed_index: Path) -> None:
    facts = json.loads(articleqa("info", "--json", index=seed_index).stdout)
    assert (facts["articles"], facts["passages"], facts["model"]) == (1, 5, "all-MiniLM-L6-v2")
    assert facts["changed_since"] == []
    assert facts["articles_folder"] == str(SEEDS)


def test_info_tells_of_an_index_whose_articles_are_gone(tmp_path: Path, seed_index: Path) -> None:
    shutil.copytree(seed_index, tmp_path / "index")
    manifest = next((tmp_path / "index").glob("generations/*/manifest.json"))
    opened = json.loads(manifest.read_text()) | {"articles_folder": str(tmp_path / "gone")}
    manifest.write_text(json.dumps(opened))
    pointer = json.loads((tmp_path / "index" / "CURRENT").read_text())
    pointer["manifest_sha256"] = hashlib.sha256(manifest.read_bytes()).hexdigest()
    (tmp_path / "index" / "CURRENT").write_text(json.dumps(pointer))
    told = articleqa("info", index=tmp_path / "index")
    assert told.returncode == 0
    assert "articles: 1" in told.stdout
    assert f"changed since: The articles folder {tmp_path / 'gone'} does not exist" in told.stdout


def test_a_file_where_the_index_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "some.txt").write_text("words")
    for arguments in (["ask", "Why?"], ["info"], ["build", str(SEEDS)]):
        told = articleqa(*arguments, "--index", str(tmp_path / "some.txt"))
        assert (told.returncode, told.stdout) == (1, "")
        assert "some.txt is a file, and no folder of an index" in told.stderr


def test_a_damaged_index_names_the_command_that_mends_it(tmp_path: Path, seed_index: Path) -> None:
    index = shutil.copytree(seed_index, tmp_path / "index")
    (next(index.glob("generations/*")) / "texts.bin").write_bytes(b"")
    assert f"Build it again: articleqa build --index {index}\n" in articleqa("info", index=index).stderr
    (index / "CURRENT").write_text("garbage")
    assert f"Build it again: articleqa build ARTICLES --index {index}\n" in articleqa("info", index=index).stderr
    mended = articleqa("build", str(SEEDS), index=index)
    assert mended.returncode == 0
    assert "could not be used and was replaced" in mended.stderr
    assert "Build it again" not in mended.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["ask", "anything", "--index", "no-such-index"], 1, "articleqa build ARTICLES --index no-such-index"),
        (["build", "no-such-folder", "--index", "i"], 1, "The articles folder"),
        (["bogus"], 2, "No such command"),
        (["ask"], 2, "Missing argument"),
        (["search", "x", "-k", "0"], 2, "Invalid value for '-k'"),
        (["search", "x", "-k", "101"], 2, "Invalid value for '-k'"),
    ],
)
def test_mistakes_are_named_on_standard_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    run = articleqa(*arguments)
    assert run.returncode == code
    assert run.stdout == ""
    assert message in run.stderr
    assert "Traceback" not in run.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("question", ["", "   ", "x" * 100_000])
def test_a_bad_question_is_an_error_and_not_a_silence(seed_index: Path, question: str) -> None:
    run = articleqa("ask", question, index=seed_index)
    assert run.returncode == 1
    assert run.stderr.startswith("error: The question ")


def test_a_build_remembers_and_names_what_it_could_not_read(tmp_path: Path) -> None:
    """An up-to-date index needs no model, so the second build shows that all is remembered."""
    articles, index = tmp_path / "articles", tmp_path / "index"
    articles.mkdir()
    (articles / "a.txt").write_bytes((SEEDS / SEED_NAME).read_bytes())
    (articles / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00")
    (articles / "wire.jsonl").write_text('{"title": "No text"}\n')
    first = articleqa("build", str(articles), index=index)
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith(f"Indexed 1 article, 5 passages in {index}")
    assert "Not indexed: 1 file, 1 record\n  photo.png: format .png is not read" in first.stdout
    again = articleqa("build", index=index)
    assert again.stdout.startswith("Nothing has changed: 1 article, 5 passages")
    assert "0 embedded" in again.stdout


def test_article_text_cannot_steer_a_terminal() -> None:
    assert printable("a\x1b[31mred\x07\x9b2J") == r"a\x1b[31mred\x07\x9b2J"
    assert printable("a\u202egnp.exe") == r"a\u202egnp.exe"
    assert printable("café “x”\n\tمرحبا 日本 👩‍👧") == "café “x”\n\tمرحبا 日本 👩‍👧"
    assert printable("name\udcff.txt") == r"name\udcff.txt"


def test_without_a_name_the_index_is_in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    told = articleqa("info")
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == (
        "error: There is no index in articleqa-index. Build one: articleqa build ARTICLES --index articleqa-index\n"
    )


def test_an_index_in_the_old_place_is_used_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed_index: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    old = shutil.copytree(seed_index, tmp_path / "index" / "built")
    told = articleqa("info")
    assert "index: index/built\n" in told.stdout
    assert told.stderr == (
        "The index in index/built is used, where it was by default before. "
        "Move it: mv index/built articleqa-index, or name it: --index index/built\n"
    )
    named = articleqa("info", "--index", "index/built")
    assert (named.returncode, named.stderr) == (0, "")
    assert "index: index/built\n" in articleqa("info", index=Path("index/built")).stdout
    old.rename(tmp_path / "articleqa-index")
    moved = articleqa("info")
    assert (moved.returncode, moved.stderr) == (0, "")
    assert "index: articleqa-index\n" in moved.stdout


def test_the_chat_and_the_evaluation_keep_nothing_in_folders_of_the_code() -> None:
    for command, option in (
        ("chat", "articleqa-index"),
        ("eval", "articleqa-eval-index"),
        ("build", "articleqa-index"),
    ):
        assert option in articleqa(command, "--help").stdout


def test_output_that_nobody_takes_has_a_clear_end(seed_index: Path) -> None:
    command = f"{sys.executable} -m shell info --index {seed_index}"
    for redirected, message in (
        ("> /dev/full", "error: What is printed can't be written: No space left on device.\n"),
        (">&-", "error: Standard output is closed, so that nothing could be printed.\n"),
        ("| true; exit ${PIPESTATUS[0]}", ""),
    ):
        run = subprocess.run(["bash", "-c", f"{command} {redirected}"], capture_output=True, text=True, timeout=120)
        assert (run.stderr, run.stdout) == (message, "")
        assert run.returncode in ((0, 1) if "true" in redirected else (1,))  # it may be done before its reader is


def test_a_character_that_the_terminal_lacks_is_shown_as_its_escape(seed_index: Path) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "ARTICLEQA_INDEX": str(seed_index)}
    run = subprocess.run(
        [sys.executable, "-m", "shell", "find", "Security Council"],
        capture_output=True, text=True, env=environment, timeout=120,
    )  # fmt: skip
    assert (run.returncode, run.stderr) == (0, "")
    assert f"{SEED_NAME}:" in run.stdout and " \\xb7 Mark Dovich \\xb7 2023-09-19" in run.stdout


def test_half_a_character_and_an_endless_size_are_refused(seed_index: Path) -> None:
    for command in ("ask", "search"):
        run = articleqa(command, "How many people w\udcffere killed?", index=seed_index)
        assert (run.returncode, run.stdout) == (1, "")
        assert run.stderr == "error: The question has half a character in it. Ask it in UTF-8.\n"
    endless = articleqa("build", str(SEEDS), "--max-file-mb", "1e400", index=seed_index)
    assert endless.returncode == 2
    assert "Invalid value for '--max-file-mb'" in endless.stderr


def test_a_path_of_an_index_cannot_steer_a_terminal(tmp_path: Path, seed_index: Path) -> None:
    index = shutil.copytree(seed_index, tmp_path / "i\x1b[31mred")
    for command in (["verify"], ["info"], ["build", str(SEEDS)], ["build", str(SEEDS), "--full"]):
        run = articleqa(*command, index=index)
        assert run.returncode == 0, run.stderr
        assert "\x1b" not in run.stdout + run.stderr
        assert "i\\x1b[31mred" in run.stdout
