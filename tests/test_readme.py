"""Every command in the README and the other documents is run, and every answer shown there is the real one."""

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from browsing import page_of, serving
from conftest import REPOSITORY, SEEDS

from chat.logins import login_check, read_logins
from shell.main import app as articleqa

FILES = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
DOCUMENTS = {path.relative_to(REPOSITORY).as_posix(): path.read_text(encoding="utf-8") for path in FILES}
README = DOCUMENTS["README.md"]
ALL = "\n".join(DOCUMENTS.values())
BIN = Path(sys.executable).parent


def blocks(language: str, text: str = ALL) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def console_commands(block: str) -> list[tuple[str, str]]:
    """The commands behind ``$`` with the output shown below them, if any."""
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)


def examples() -> list[tuple[str, str]]:
    """Each ``python`` block and the ``text`` block below it."""
    return re.findall(r"^```python\n(.*?)^```\n\n^```text\n(.*?)^```$", ALL, re.DOTALL | re.MULTILINE)


SHELL = [line for block in blocks("sh") for line in block.splitlines()]
COMMANDS = [command.name or getattr(command.callback, "__name__", "") for command in articleqa.registered_commands]


def test_the_documents_are_found() -> None:
    assert {"README.md", "CONTRIBUTING.md", "docs/programs.md", "docs/architecture.md"} <= set(DOCUMENTS)
    assert {*re.findall(r"^```(\w+)$", ALL, re.MULTILINE)} == {
        "console",
        "sh",
        "python",
        "text",
        "py",
        "mermaid",
        "nginx",
    }
    assert len(examples()) == len(blocks("python")) == len(blocks("text")) >= 5
    assert len(blocks("console", README)) >= 2


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory, seed_index: Path) -> Path:
    """A folder as a newcomer has it after the first build."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(SEEDS, folder / "seeds")
    shutil.copytree(seed_index, folder / "articleqa-index")
    (folder / ".venv").symlink_to(BIN.parent)
    return folder


def run_in(folder: Path, command: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
    """A command line, run by bash without a terminal."""
    environment = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}", "COLUMNS": "120"}
    environment.pop("ARTICLEQA_INDEX", None)
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        start_new_session=True,
    )


@pytest.mark.parametrize("block", blocks("console"))
def test_commands_print_what_is_shown(workplace: Path, block: str) -> None:
    commands = console_commands(block)
    assert commands
    for command, shown in commands:
        run = run_in(workplace, command)
        assert run.returncode == (3 if "Peru" in command else 0), run.stderr
        if shown.strip():
            assert run.stdout == shown
        else:
            assert run.stdout


@pytest.mark.parametrize("command", [line for line in SHELL if "articleqa build" in line])
def test_the_build_commands_work(workplace: Path, command: str) -> None:
    run = run_in(workplace, command)
    assert run.returncode == 0, run.stderr
    assert "1 article, 5 passages in articleqa-index" in run.stdout


def test_make_chat_serves_the_chat(seed_index: Path) -> None:
    """The index is there, so nothing is embedded."""
    assert "make chat" in SHELL
    if not (REPOSITORY / ".venv" / "installed").exists():
        pytest.skip("make chat would install first; it is run where make test has installed")
    with serving(["make", "chat"], REPOSITORY, seed_index) as (address, printed):
        assert '"title":"articleqa"' in page_of(address)
    assert "Nothing has changed: 1 article, 5 passages" in printed[0]
    assert "pip install" not in printed[0]


def test_the_chat_command_serves_and_programs_can_ask(
    workplace: Path, seed_index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ".venv/bin/articleqa chat"
    assert command in SHELL
    programs = blocks("py")
    assert len(programs) == 2 and "gradio_client" in programs[0]
    with serving(shlex.split(command), workplace, seed_index) as (address, _):
        assert '"title":"articleqa"' in page_of(address)
        for program in programs:
            assert "http://127.0.0.1:7860" in program
            capsys.readouterr()
            exec(compile(program.replace("http://127.0.0.1:7860", address), "docs/programs.md", "exec"), {})
            assert "In response to the bloodshed, President Emmanuel Macron" in capsys.readouterr().out


def test_a_login_is_asked_for_with_the_file_that_the_commands_make(workplace: Path, seed_index: Path) -> None:
    (block,) = [block for block in blocks("sh") if "passwd" in block]
    made, closed, command = block.splitlines()
    for line in (made, closed):
        run = run_in(workplace, line, typed="open sesame\n")
        assert run.returncode == 0, run.stderr
    assert command == ".venv/bin/articleqa chat --auth-file logins"
    written = (workplace / "logins").read_text(encoding="utf-8")
    assert written.startswith("ann:scrypt$") and "sesame" not in written
    check = login_check(read_logins(workplace / "logins"))
    assert check("ann", "open sesame") and not check("ann", "sesame")
    with serving(shlex.split(command), workplace, seed_index) as (address, _):
        page_of(address)
        with pytest.raises(HTTPError, match="401"):
            urlopen(f"{address}/config", timeout=10)


@pytest.mark.parametrize(("example", "shown"), examples())
def test_a_python_example_prints_what_is_shown(
    workplace: Path, monkeypatch: pytest.MonkeyPatch, example: str, shown: str
) -> None:
    monkeypatch.chdir(workplace)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(example, "an example", "exec"), {"__name__": "__main__"})
    assert printed.getvalue() == shown


def test_the_install_commands_are_those_of_the_makefile() -> None:
    """They are run by every `make setup`; here only that the two say the same."""
    recipe = re.sub(r"\$\(BIN\)|\$\(VENV\)/bin", ".venv/bin", (REPOSITORY / "Makefile").read_text())
    installs = [line for line in SHELL if "pip install" in line]
    install = ".venv/bin/python -m pip install --constraint constraints.txt --editable "
    assert installs == [f"{install}.", f"{install}'.[mcp]'"]
    assert installs[0].replace("install ", "install --quiet ") in recipe
    assert "-m venv" in recipe
    extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert "mcp" in extras


def test_no_command_in_a_shell_block_is_left_without_a_test() -> None:
    tested = {"make chat", "make test", "make lint", ".venv/bin/articleqa chat", "python3 -m venv .venv"}
    tested |= {line for block in blocks("sh") if "passwd" in block for line in block.splitlines()}
    tested |= {".venv/bin/articleqa chat --mcp"}  # what it serves: tests/test_chat_reading.py
    others = [line for line in SHELL if line not in tested and "build" not in line and "pip install" not in line]
    assert others == []


@pytest.mark.parametrize("target", ["test", "lint"])
def test_what_ci_makes_is_there(target: str) -> None:
    """`.ci/run` runs both; a dry run shows that the names are right."""
    run = subprocess.run(["make", "--dry-run", target], cwd=REPOSITORY, capture_output=True, text=True)
    assert run.returncode == 0
    assert {"test": "pytest", "lint": "mypy"}[target] in run.stdout


@pytest.mark.parametrize("target", sorted({*re.findall(r"`make ([a-z-]+)`", ALL)}))
def test_a_make_target_that_is_named_is_there(target: str) -> None:
    run = subprocess.run(["make", "--dry-run", target], cwd=REPOSITORY, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("module", sorted({*re.findall(r"python -m\s([a-z_.]+)", ALL)} - {"pip", "venv"}))
def test_a_module_that_is_said_to_be_run_is_there(module: str) -> None:
    path = REPOSITORY.joinpath(*module.split("."))
    run_as_a_package = (path / "__main__.py").exists()
    assert run_as_a_package or '__name__ == "__main__"' in path.with_suffix(".py").read_text(encoding="utf-8")


def test_the_readme_names_every_command() -> None:
    assert len(COMMANDS) >= 5
    assert [name for name in COMMANDS if f"`articleqa {name}" not in README] == []


def test_no_command_is_named_that_is_not_there() -> None:
    assert {*re.findall(r"(?:`|\$ |bin/)articleqa ([a-z]+)", ALL)} <= {*COMMANDS}


def test_links_between_the_documents_lead_somewhere() -> None:
    links = [(name, link) for name, text in DOCUMENTS.items() for link in re.findall(r"\]\((?!http)([^)#]+)\)", text)]
    assert len(links) >= 5
    assert [link for name, link in links if not (REPOSITORY / name).parent.joinpath(link).exists()] == []


def test_the_rooms_of_the_architecture_are_there() -> None:
    """A name without a folder is beside the one before it: ``| `index/scope.py`, `parts.py` | … |``."""
    (table,) = re.findall(r"^\| room \|.*\n\|[-|]+\n((?:\|.*\n)+)", DOCUMENTS["docs/architecture.md"], re.MULTILINE)
    named = []
    for row in table.splitlines():
        folder = Path()
        for name in re.findall(r"`([^`]+)`", row.split("|")[1]):
            path = Path(name) if "/" in name else folder / name
            folder = path if name.endswith("/") else path.parent
            named.append(path.as_posix())
    assert len(named) > 30
    assert [name for name in named if not (REPOSITORY / name).exists()] == []
