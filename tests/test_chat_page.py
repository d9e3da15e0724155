"""The page's files: small ones, joined in order, and errors in words of the page."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from chat.assets import CHAT_STYLES, LOGIN_STYLES, PAGE, script, style
from chat.messages import page_message
from chat.rate_limit import TooManyQuestions
from index.errors import (
    ArticleQAError,
    ArticlesEmpty,
    ArticlesMissing,
    ArticleUnknown,
    IndexBusy,
    IndexCorrupt,
    IndexMissing,
    IndexStale,
    IndexUnwritable,
    ModelMismatch,
    ModelUnavailable,
    QuestionRejected,
)
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


def test_what_a_reader_can_do_is_told_and_who_can_do_the_rest() -> None:
    with pytest.raises(QuestionRejected) as empty:
        parse_question("  ", ["en"])
    assert page_message(empty.value) == "The question is empty. Ask something."
    assert page_message(IndexCorrupt("built", "texts.bin is cut")) == (
        "The index in built is damaged: texts.bin is cut. Whoever runs this chat can build the index again."
    )
    assert page_message(ModelUnavailable("x", "it is not there")) == (
        "The model x can't be used: it is not there. Whoever runs this chat can install the model again."
    )


@pytest.mark.parametrize(
    "error",
    [
        ArticleUnknown("a.txt"),
        ArticlesEmpty(Path("articles"), [".txt"], [("a.bin", "it is binary")]),
        ArticlesMissing(Path("articles")),
        IndexBusy("built", 10),
        IndexCorrupt("built", "texts.bin is cut"),
        IndexMissing("built"),
        IndexStale("built", 1, 2),
        IndexUnwritable("built", "no space left"),
        ModelMismatch("x", "1" * 64, "2" * 64, "built"),
        ModelUnavailable("x", "it is not there"),
        TooManyQuestions(60, 5),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_command_of_a_shell_comes_to_the_page(error: ArticleQAError) -> None:
    assert page_message(error).startswith(str(error))
    assert not re.search(r"\barticleqa (?!reads)|\bpip \w|(?<!\S)--\w|\w: *$", page_message(error))
