"""The page's files: small ones, joined in order, and errors in words of the page."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from chat.assets import CHAT_STYLES, LOGIN_STYLES, PAGE, script, style
from chat.messages import page_message, without_commands
from index.errors import ArticleQAError, IndexCorrupt, ModelUnavailable, QuestionRejected
from qa.questions import parse_question

PARTS = ("masthead", "conversation", "composer", "intake", "source", "download")

FUNCTION = re.compile(r"^( *)(?:.*\bfunction\b.*|.*=>|(?:async |get )?#?\w+\(.*\)) \{$")
"""The first line of a function of a script; its last one has a brace at the same place."""


def functions_of(text: str) -> list[tuple[str, int]]:
    """First lines of the functions of a script, and how many lines each has."""
    lines = text.splitlines()
    found = []
    for number, line in enumerate(lines):
        if (match := FUNCTION.match(line)) and not line.lstrip().startswith(("if", "for", "} else")):
            end = next(at for at in range(number, len(lines)) if lines[at].startswith(f"{match[1]}}}"))
            found.append((line.strip(), end - number + 1))
    return found


@pytest.mark.parametrize("file", sorted(PAGE.rglob("*.*")), ids=lambda file: file.name)
def test_a_file_of_the_page_is_small(file: Path) -> None:
    assert len(file.read_text("utf-8").splitlines()) <= 350
    if file.suffix == ".js":
        assert max((lines for _, lines in functions_of(file.read_text("utf-8"))), default=0) <= 45


def test_functions_of_scripts_are_found_by_this_test() -> None:
    found = dict(functions_of((PAGE / "js" / "queue.js").read_text("utf-8")))
    assert {"constructor({ ask, show, keep, timers = globalThis }) {", "#next() {", "get all() {"} <= set(found)
    assert found["add(entry) {"] == 5


@pytest.mark.parametrize("part", PARTS)
def test_the_script_of_a_part_is_one_function_body(part: str, tmp_path: Path) -> None:
    joined = script(part)
    assert not re.search(r"^(?:import|export)\b", joined, re.MULTILINE)
    assert joined.endswith("\nstart({ element, trigger, props, server, upload, watch });\n")
    node = shutil.which("node")
    if not node:
        pytest.skip("node is not installed; a browser test would find it too")
    body = tmp_path / "body.cjs"
    body.write_text(f"function part(element, trigger, props, server, upload, watch) {{{joined}}}", "utf-8")
    checked = subprocess.run([node, "--check", str(body)], capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0, checked.stderr


def test_a_module_stands_behind_those_that_it_imports_and_only_once() -> None:
    joined = script("source")
    order = [joined.index(text) for text in ("const chat =", "function stepText", "class Steps", "class Panel")]
    assert order == sorted(order)
    assert joined.count("const chat =") == 1


def test_every_style_and_script_of_the_page_is_used() -> None:
    assert {file.stem for file in (PAGE / "css").iterdir()} == {*CHAT_STYLES, *LOGIN_STYLES}
    used = "".join(map(script, PARTS))
    for file in (PAGE / "js").iterdir():
        assert file.read_text("utf-8").splitlines()[0] in used, file.name


def test_styles_are_in_their_order() -> None:
    assert CHAT_STYLES[0] == "colours" and CHAT_STYLES[-1] == "narrow"
    joined = style(CHAT_STYLES)
    assert joined.startswith("<style>") and joined.endswith("</style>")
    assert joined.index("--paper:") < joined.index("#masthead") < joined.rindex("@media (max-width: 480px)")


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ('The question is empty. Ask something, for example: articleqa ask "What happened?"', "The question is empty."),
        (
            "There is no article a.txt, or it is another one by now: articleqa info",
            "There is no article a.txt, or it is another one by now.",
        ),
        (
            "The index in /srv/built is cut. Build it again: articleqa build --index /srv/built",
            "The index in /srv/built is cut.",
        ),
        (
            "It can't be written. Make room, or name another folder: articleqa build --index FOLDER",
            "It can't be written.",
        ),
        ("a link out of the folder (--follow-links reads it)", "a link out of the folder"),
        ("12.0 MB, more than the 1.0 MB that are read (--max-file-mb)", "12.0 MB, more than the 1.0 MB that are read"),
        ("It takes too long (articleqa build --full tries again)", "It takes too long"),
        (
            "The weights differ. Install them again: pip install --no-deps weights==1. Then ask.",
            "The weights differ. Then ask.",
        ),
        ("articleqa failed on this question. ValueError: odd", "articleqa failed on this question. ValueError: odd"),
        ("format .png is not read (.txt, .md are)", "format .png is not read (.txt, .md are)"),
        (
            "There is nothing to index.\n  a.bin: binary\n  B.bin: binary",
            "There is nothing to index.\n  a.bin: binary\n  B.bin: binary",
        ),
    ],
)
def test_no_command_of_a_shell_comes_to_the_page(told: str, shown: str) -> None:
    assert without_commands(told) == shown
    assert page_message(ArticleQAError(told)) == shown


def test_what_a_reader_can_do_is_told_and_who_can_do_the_rest() -> None:
    with pytest.raises(QuestionRejected) as empty:
        parse_question("  ")
    assert page_message(empty.value) == "The question is empty."
    damaged = IndexCorrupt("texts.bin is damaged. Build it again: articleqa build --index built")
    assert page_message(damaged) == "texts.bin is damaged. Whoever runs this chat can build the index again."
    missing = ModelUnavailable("The model x is not there.")
    assert page_message(missing) == "The model x is not there. Whoever runs this chat can install the model again."
