"""``articleqa show``: lines with their numbers and roles, near paths, and no control characters."""

import json
import os
from pathlib import Path

import pytest
from conftest import hash_build, write_articles
from store_conformance import ASIDE, ASIDES, HEADED
from test_cli import articleqa

from shell.printing import as_line
from shell.showing import near_paths

WRAPPED = (
    "Bridge\r\n\r\nThe stone bridge over the river Tarn is closed for eleven weeks from\r\n"
    "Monday on, the council said.\r\n\r\nWhat now?\rIt is old.\n"
)
STEERING = "Red \x1b[31mletters\n\nIt was\x0b said \x9b2J that \u202egnp\ttabs are \x07 fine.\n"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of articles with headings, with line ends of all kinds, and with a line that repeats."""
    home = tmp_path_factory.mktemp("showing")
    articles = write_articles(home / "articles", {"deep/headed.md": HEADED, "wrapped.txt": WRAPPED, **ASIDES})
    write_articles(articles, {"steering.txt": STEERING, "line\nend.txt": "Its name\n\nThe file has a line end in it."})
    hash_build(articles, home / "index")
    return home / "index"


def shown(index: Path, *arguments: str) -> str:
    run = articleqa("show", *arguments, index=index)
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout


def test_an_article_is_shown_with_the_numbers_of_its_lines(index: Path) -> None:
    assert shown(index, "one.txt") == (
        "1  Brücke gesperrt\n2\n3  The bridge is closed from Monday on, says the council.\n4\n"
        "5  Every morning the letter of this paper tells what happens in town.\n"
    )


def test_numbers_are_aligned_and_line_ends_are_those_of_an_editor(index: Path) -> None:
    assert shown(index, "deep/headed.md").splitlines()[8:11] == [
        " 9  It costs 3 million francs to repair all of it.",
        "10",
        "11  - half from the town",
    ]
    assert shown(index, "wrapped.txt").splitlines() == [
        "1  Bridge",
        "2",
        "3  The stone bridge over the river Tarn is closed for eleven weeks from",
        "4  Monday on, the council said.",
        "5",
        "6  What now?",
        "7  It is old.",
    ]


def test_roles_stand_in_front(index: Path) -> None:
    assert shown(index, "deep/headed.md", "--roles").splitlines() == [
        "title       1  # Brücke 🌉 gesperrt",
        "            2",
        "byline      3  By Ann Lee",
        "            4",
        "body        5  The bridge over the river is closed from Monday on, says the council.",
        "            6",
        "heading     7  ## Über die Kosten",
        "            8",
        "body        9  It costs 3 million francs to repair all of it.",
        "           10",
        "list item  11  - half from the town",
        "list item  12  - half from others",
        "           13",
        "heading    14  ## Umwege",
        "           15",
        "heading    16  ### By road",
        "           17",
        "body       18  The way over the dam takes twenty minutes longer.",
        "           19",
        "caption    20  Photo: the dam in May",
    ]
    assert f"boilerplate  5  {ASIDE}" in shown(index, "one.txt", "--roles").splitlines()


def test_every_line_of_a_hard_wrapped_paragraph_has_its_role(index: Path) -> None:
    roles = [line[:7].strip() for line in shown(index, "wrapped.txt", "--roles").splitlines()]
    assert roles == ["title", "", "body", "body", "", "heading", "body"]


def test_json_has_one_object_a_line(index: Path) -> None:
    lines = [json.loads(line) for line in shown(index, "two.txt", "--json").splitlines()]
    assert lines[:3] == [
        {"line": 1, "role": "title", "text": "Ferry returns"},
        {"line": 2, "role": "", "text": ""},
        {"line": 3, "role": "body", "text": "The ferry sails again."},
    ]
    assert lines[4] == {"line": 5, "role": "boilerplate", "text": f"  {ASIDE.upper()}"}
    assert [line["line"] for line in lines] == list(range(1, 8))
    assert shown(index, "two.txt", "--json", "--roles") == shown(index, "two.txt", "--json")


def test_no_article_can_steer_the_terminal(index: Path) -> None:
    assert shown(index, "steering.txt").splitlines() == [
        r"1  Red \x1b[31mletters",
        "2",
        r"3  It was\x0b said \x9b2J that \u202egnp" + "\ttabs are " + r"\x07 fine.",
    ]
    plain = shown(index, "steering.txt", "--json")
    assert not {*plain} & {"\x1b", "\x0b", "\x9b", "\u202e", "\x07"}
    assert [json.loads(line)["text"] for line in plain.splitlines()] == STEERING.split("\n")[:3]


def test_json_that_is_printed_can_not_steer_either() -> None:
    # BUG: what JSON itself escapes was, and halves of characters; \x9b and \u202e went out as they are.
    text = "a\x9b2J\x7f\u202e\u2066 \udcff \x1b\tÜ🌉"
    assert as_line([text]) == r'["a\u009b2J\u007f\u202e\u2066 \udcff \u001b\tÜ🌉"]'
    assert json.loads(as_line([text])) == [text]


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("headed.md", "Near it: deep/headed.md"),
        ("articles/deep/headed.md", "Near it: deep/headed.md"),
        ("wraped.txt", "Near it: wrapped.txt"),
        ("line", r"Near it: line\nend.txt"),
        ("nothing-like-it", "To see what is in it: articleqa info"),
    ],
)
def test_an_unknown_path_is_told_with_those_near_it(index: Path, path: str, near: str) -> None:
    run = articleqa("show", path, index=index)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == f"error: There is no article {path} in this index, or it is another one by now. {near}\n"


def test_a_path_that_steers_is_not_printed_as_it_is(index: Path) -> None:
    run = articleqa("show", "\x1b[2Jx.txt", index=index)
    assert run.returncode == 1
    assert run.stderr.startswith(r"error: There is no article \x1b[2Jx.txt in this index")


def test_near_paths_are_of_the_same_file_then_of_such_names_then_alike() -> None:
    paths = ["b/storm.txt", "a/Storm.txt", "a/storm-two.txt", "a/stork.txt", "c/other.txt"]
    assert near_paths("x/storm.txt", paths) == ["b/storm.txt", "a/Storm.txt", "a/storm-two.txt"]
    assert near_paths("a/storks.txt", paths) == ["a/stork.txt", "b/storm.txt", "a/Storm.txt"]
    assert near_paths("", paths) == near_paths("other/", paths[:2]) == []
    assert near_paths("c/other", paths) == ["c/other.txt"]


def test_an_index_that_is_not_there_is_told(tmp_path: Path) -> None:
    run = articleqa("show", "a.txt", "--index", os.fspath(tmp_path / "none"))
    assert run.returncode == 1
    assert run.stderr.startswith(f"error: There is no index in {tmp_path / 'none'}. Build one: ")
