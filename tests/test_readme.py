"""Every command in the README is run, and every answer shown there is the real one."""

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from browsing import page_of, serving
from conftest import REPOSITORY, SEEDS

from shell.main import app as articleqa

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def console_commands() -> list[tuple[str, str]]:
    """The commands behind ``$`` with the output shown below them, if any."""
    return [
        (match[1], match[2])
        for block in blocks("console")
        for match in re.finditer(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    ]


SHELL = [line for block in blocks("sh") for line in block.splitlines()]


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory, seed_index: Path) -> Path:
    """A folder as a newcomer has it after the first build."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(SEEDS, folder / "seeds")
    shutil.copytree(seed_index, folder / "articleqa-index")
    (folder / ".venv").symlink_to(BIN.parent)
    return folder


def run_in(folder: Path, command: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}", "COLUMNS": "120"}
    environment.pop("ARTICLEQA_INDEX", None)
    return subprocess.run(
        shlex.split(command), cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize(("command", "shown"), console_commands())
def test_commands_print_what_the_readme_shows(workplace: Path, command: str, shown: str) -> None:
    run = run_in(workplace, command)
    assert run.returncode == (3 if "Peru" in command else 0), run.stderr
    if shown.strip():
        assert run.stdout == shown
    else:
        assert run.stdout


@pytest.mark.parametrize("command", [line for line in SHELL if "articleqa build" in line])
def test_the_build_commands_of_the_readme_work(workplace: Path, command: str) -> None:
    run = run_in(workplace, command)
    assert run.returncode == 0, run.stderr
    assert "1 article, 16 passages in articleqa-index" in run.stdout


def test_make_chat_serves_the_chat_and_programs_can_ask(seed_index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``make chat`` and the example for programs; the index is there, so nothing is embedded."""
    assert "make chat" in SHELL
    if not (REPOSITORY / ".venv" / "installed").exists():
        pytest.skip("make chat would install first; it is run where make test has installed")
    with serving(["make", "chat"], REPOSITORY, seed_index) as (address, printed):
        assert '"title":"articleqa"' in page_of(address)
        (example,) = [block for block in blocks("py") if "gradio_client" in block]
        exec(compile(example.replace("http://127.0.0.1:7860", address), "README.md", "exec"), {})
    assert "In response to the bloodshed, President Emmanuel Macron" in capsys.readouterr().out
    assert "Nothing has changed: 1 article, 16 passages" in printed[0]
    assert "pip install" not in printed[0]


def test_the_chat_command_of_the_readme_serves(workplace: Path, seed_index: Path) -> None:
    command = ".venv/bin/articleqa chat"
    assert command in SHELL
    with serving(shlex.split(command), workplace, seed_index) as (address, _):
        assert '"title":"articleqa"' in page_of(address)


def test_the_python_example_prints_what_the_readme_shows(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,), (shown,) = blocks("python"), blocks("text")
    monkeypatch.chdir(workplace)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(example, "README.md", "exec"), {})
    assert printed.getvalue() == shown


def test_the_install_commands_of_the_readme_are_those_of_the_makefile() -> None:
    """They are run by every `make setup`; here only that the two say the same."""
    recipe = re.sub(r"\$\(BIN\)|\$\(VENV\)/bin", ".venv/bin", (REPOSITORY / "Makefile").read_text())
    installs = [line for line in SHELL if "pip install" in line]
    assert installs == [".venv/bin/python -m pip install --constraint constraints.txt --editable ."]
    assert installs[0].replace("install ", "install --quiet ") in recipe
    assert "-m venv" in recipe


def test_no_command_in_a_shell_block_is_left_without_a_test() -> None:
    tested = {"make chat", "make test", "make lint", ".venv/bin/articleqa chat", "python3 -m venv .venv"}
    others = [line for line in SHELL if line not in tested and "build" not in line and "pip install" not in line]
    assert others == []


@pytest.mark.parametrize("target", ["test", "lint"])
def test_the_make_targets_of_the_readme_are_there(target: str) -> None:
    """`.ci/run` runs both; a dry run shows that the names are right."""
    run = subprocess.run(["make", "--dry-run", target], cwd=REPOSITORY, capture_output=True, text=True)
    assert run.returncode == 0
    assert {"test": "pytest", "lint": "mypy"}[target] in run.stdout


def test_the_readme_names_every_command() -> None:
    commands = [command.name or getattr(command.callback, "__name__", "") for command in articleqa.registered_commands]
    assert len(commands) >= 5
    assert [name for name in commands if f"`articleqa {name}" not in README] == []
