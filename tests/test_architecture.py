"""The shape of the project: which room may know of which, and what is imported only where it is used."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY

ROOMS = ("index", "qa", "chat", "shell", "evaluation")
NAMES = sorted(
    path.relative_to(REPOSITORY).as_posix()
    for path in (*(found for room in ROOMS for found in (REPOSITORY / room).rglob("*.py")), REPOSITORY / "app.py")
)
PRODUCT = [name for name in NAMES if not name.startswith("evaluation/")]

MOST_LINES = 350
MOST_LINES_OF_A_FUNCTION = 45
"""Its docstring not counted."""

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")

HEAVY = (
    *("torch", "transformers", "sentence_transformers", "onnxruntime", "tokenizers"),
    *("faiss", "gradio", "bm25s", "tiktoken", "sentencex", "py3langid"),
    *("trafilatura", "pypdfium2"),
)
"""Libraries that take from tenths of a second to seconds to import."""


def imports_of(name: str) -> set[str]:
    """Dotted names that a file imports, wherever in it the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((REPOSITORY / name).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} has a relative import, which hides its room"
            found.add(node.module or "")
    return found


def packages_of(name: str) -> set[str]:
    return {imported.split(".")[0] for imported in imports_of(name)}


def test_the_rooms_are_found() -> None:
    assert {"index/articles.py", "index/stores/local/store.py", "qa/quotes.py", "shell/main.py", "app.py"} <= set(NAMES)


def test_imports_are_told_apart_by_this_test() -> None:
    assert {"index.segment", "filelock"} <= imports_of("index/stores/local/store.py")
    assert "tiktoken" in packages_of("index/chunks.py")


def test_imports_go_one_way_without_circles_and_only_a_store_knows_its_insides() -> None:
    """The contracts are in pyproject.toml; `make lint` runs them, too."""
    run = subprocess.run([LINT_IMPORTS, "--no-cache"], cwd=REPOSITORY, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout
    assert "Contracts: 3 kept, 0 broken." in run.stdout


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("shell/")])
def test_nothing_imports_who_puts_it_together(name: str) -> None:
    assert packages_of(name).isdisjoint({"app", "shell"})


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("index/stores/local/")])
def test_nobody_but_a_store_knows_its_insides(name: str) -> None:
    inside = {imported for imported in imports_of(name) if imported.startswith("index.stores.local")}
    assert inside == ({"index.stores.local.store"} if name == "index/places.py" else set())


def length_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    docstring = function.body[0] if ast.get_docstring(function) else None
    lines = (function.end_lineno or 0) - function.lineno + 1
    return lines - ((docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0)


@pytest.mark.parametrize("name", NAMES)
def test_a_module_is_read_in_one_sitting(name: str) -> None:
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert {node.name: length_of(node) for node in functions if length_of(node) > MOST_LINES_OF_A_FUNCTION} == {}


def test_so_is_every_style_script_and_template_of_the_page() -> None:
    files = [path for kind in ("css", "js", "html") for path in (REPOSITORY / "chat").rglob(f"*.{kind}")]
    assert len(files) > 10
    assert [path.name for path in files if len(path.read_text(encoding="utf-8").splitlines()) > MOST_LINES] == []


@pytest.mark.parametrize(
    ("package", "home"),
    [
        ("tiktoken", "index/chunks.py"),
        ("sentencex", "index/sentences.py"),
        ("py3langid", "index/sentences.py"),
        ("sentence_transformers", "index/encoders/transformers.py"),
        ("transformers", "index/encoders/transformers.py"),
        ("torch", "index/encoders/transformers.py"),
        ("onnxruntime", "index/encoders/onnx.py"),
        ("tokenizers", "index/encoders/onnx.py"),
        ("platformdirs", "index/encoders/exports.py"),
        ("faiss", "index/stores/local/vectors.py"),
        ("sqlite3", "index/stores/local/articles.py"),
        ("Stemmer", "index/analysis.py"),
        ("dateparser", "index/headers.py"),
        ("charset_normalizer", "index/readers/encodings.py"),
        ("trafilatura", "index/readers/html.py"),
        ("lxml", "index/readers/html.py"),
        ("pypdfium2", "index/readers/pdf.py"),
        ("watchfiles", "index/watch.py"),
        ("spellchecker", "qa/spelling.py"),
        ("jinja2", "chat/render.py"),
        ("pathvalidate", "chat/uploads.py"),
    ],
)
def test_a_library_has_one_importer(package: str, home: str) -> None:
    assert [name for name in PRODUCT if package in packages_of(name)] == [home]


def test_what_serves_is_known_to_the_walls_and_those_who_put_them_up() -> None:
    for package, known in (
        ("starlette", ["bodies", "connections", "gate", "serve", "walls"]),
        ("uvicorn", ["connections"]),
    ):
        assert [name for name in NAMES if package in packages_of(name)] == [f"chat/{name}.py" for name in known]


def test_gradio_is_known_to_those_who_lay_out_the_page_and_serve_it() -> None:
    known = [f"chat/{name}.py" for name in ("blocks", "endpoints", "intake", "sent", "serve", "talk")]
    assert [name for name in NAMES if "gradio" in packages_of(name)] == known


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_pickled(name: str) -> None:
    assert packages_of(name).isdisjoint({"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"})
    assert "allow_pickle=True" not in (REPOSITORY / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_module_is_named_after_what_it_knows(name: str) -> None:
    parts = {part.lstrip("_") for part in Path(name).with_suffix("").parts}
    assert parts.isdisjoint({"utils", "util", "core", "helpers", "helper", "common", "misc", "base", "manager"})


@pytest.mark.parametrize("name", NAMES)
def test_a_module_says_in_its_first_line_what_it_is_for(name: str) -> None:
    first = (ast.get_docstring(ast.parse((REPOSITORY / name).read_text(encoding="utf-8"))) or "").split("\n")[0]
    assert len(first) >= 20


EDGES = {
    *("chat/session.py", "shell/main.py"),
    *("index/drafts.py", "index/readers/json_lines.py", "index/readers/sandbox_process.py"),
}
"""Where errors become messages, or the line of an article in the report."""


@pytest.mark.parametrize("name", sorted({*NAMES} - EDGES))
def test_no_error_is_swallowed(name: str) -> None:
    for node in ast.walk(ast.parse((REPOSITORY / name).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "everything"
            wide = re.search(r"\b(?:Exception|BaseException|everything)\b", caught)
            if wide:
                assert any(isinstance(inner, ast.Raise) for inner in ast.walk(node)), f"line {node.lineno}: {caught}"


@pytest.mark.parametrize(
    "module", ["index.build", "index.encoders.load", "index.readers.sandbox_process", "shell.main"]
)
def test_importing_a_module_imports_no_heavy_library(module: str) -> None:
    script = f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, check=True, timeout=60)
    loaded = set(json.loads(done.stdout))
    assert module in loaded
    assert sorted(loaded & set(HEAVY)) == []
