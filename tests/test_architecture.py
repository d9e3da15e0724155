"""The shape of the project: which room may know of which, and what is imported only where it is used."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY

SOURCES = sorted(
    path
    for pattern in ("index/**/*.py", "qa/**/*.py", "chat/**/*.py", "app.py")
    for path in REPOSITORY.glob(pattern)
    if path.is_file()
)
NAMES = [path.relative_to(REPOSITORY).as_posix() for path in SOURCES]

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
    assert {"index/articles.py", "index/build.py", "index/store.py", "qa/quotes.py"} <= set(NAMES)


def test_imports_are_told_apart_by_this_test() -> None:
    assert {"index.chunks", "filelock", "numpy"} <= imports_of("index/build.py")
    assert "tiktoken" in packages_of("index/chunks.py")


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("index/")])
def test_index_knows_nothing_of_questions_and_screens(name: str) -> None:
    assert packages_of(name).isdisjoint({"qa", "chat", "app"})


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("qa/") and name != "qa/cli.py"])
def test_qa_knows_nothing_of_the_chat(name: str) -> None:
    assert packages_of(name).isdisjoint({"chat", "app"})


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("chat/")])
def test_parts_of_the_chat_know_nothing_of_who_puts_them_together(name: str) -> None:
    assert "app" not in packages_of(name)


@pytest.mark.parametrize(
    ("package", "home"),
    [
        ("tiktoken", "index/chunks.py"),
        ("sentencex", "index/sentences.py"),
        ("py3langid", "index/sentences.py"),
        ("sentence_transformers", "index/transformer.py"),
        ("transformers", "index/transformer.py"),
        ("torch", "index/transformer.py"),
        ("onnxruntime", "index/onnx.py"),
        ("tokenizers", "index/onnx.py"),
        ("platformdirs", "index/exports.py"),
        ("faiss", "index/vectors.py"),
        ("bm25s", "index/lexical.py"),
        ("Stemmer", "index/lexical.py"),
        ("dateparser", "index/headers.py"),
        ("charset_normalizer", "index/readers/encodings.py"),
        ("trafilatura", "index/readers/html.py"),
        ("lxml", "index/readers/html.py"),
        ("pypdfium2", "index/readers/pdf.py"),
        ("watchfiles", "index/watch.py"),
        ("jinja2", "chat/render.py"),
        ("starlette", "chat/walls.py"),
        ("pathvalidate", "chat/uploads.py"),
    ],
)
def test_a_library_has_one_importer(package: str, home: str) -> None:
    assert [name for name in NAMES if package in packages_of(name)] == ([home] if home in NAMES else [])


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


EDGES = {"chat/session.py", "index/cli.py", "qa/cli.py"}
"""Where errors become messages."""


@pytest.mark.parametrize("name", sorted({*NAMES} - EDGES))
def test_no_error_is_swallowed(name: str) -> None:
    for node in ast.walk(ast.parse((REPOSITORY / name).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "everything"
            wide = re.search(r"\b(?:Exception|BaseException|everything)\b", caught)
            if wide:
                assert any(isinstance(inner, ast.Raise) for inner in ast.walk(node)), f"line {node.lineno}: {caught}"


@pytest.mark.parametrize(
    "module", [name.removesuffix(".py").replace("/", ".") for name in NAMES if name in ("index/build.py", "qa/cli.py")]
)
def test_importing_a_module_imports_no_heavy_library(module: str) -> None:
    script = f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, check=True, timeout=60)
    loaded = set(json.loads(done.stdout))
    assert module in loaded
    assert sorted(loaded & set(HEAVY)) == []
