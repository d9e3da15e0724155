"""The processes that read HTML and PDF: several at once, each file on its own, nothing left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import REPOSITORY, write_articles
from test_readers import PDF_PAGES, make_pdf

from index.articles import FileRead, list_articles, read_bytes, read_many
from index.errors import ArticleUnreadable
from index.readers.rendered import Rendered
from index.readers.sandbox import SANDBOX, Sandbox
from index.types import Article

PAGE = b"<p>The page has these words in it.</p>"
SLOW_PAGE = b"<html><body>" + b"<div><p>Words of a long page are here, and more of them.</p></div>" * 4_000
"""Takes seconds."""


@pytest.fixture
def sandbox() -> "Sandbox":
    return Sandbox(3)


def gone(pid: int, seconds: float) -> bool:
    """Whether a process ends within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def wait_for(sandbox: Sandbox, count: int) -> list[int]:
    """The processes, once there are so many."""
    for _ in range(200):
        if len(sandbox.process_ids()) == count:
            return sandbox.process_ids()
        time.sleep(0.05)
    raise AssertionError(f"{len(sandbox.process_ids())} processes, expected {count}")


def text_of(sandbox: Sandbox, page: bytes) -> str:
    (found,) = sandbox.read(".html", "a.html", page)
    assert isinstance(found, Rendered)
    return found.text


def test_one_process_reads_one_file_after_the_other(sandbox: Sandbox) -> None:
    assert text_of(sandbox, PAGE) == text_of(sandbox, PAGE) == "The page has these words in it."
    assert len(sandbox.process_ids()) == 1
    sandbox.close()
    assert sandbox.process_ids() == []


def test_files_are_read_at_once_and_never_more_than_wanted(sandbox: Sandbox) -> None:
    pages = [f"<p>The page number {number} has these words.</p>".encode() for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        texts = list(pool.map(lambda page: text_of(sandbox, page), pages))
    assert texts == [f"The page number {number} has these words." for number in range(40)]
    assert 2 <= len(sandbox.process_ids()) <= 3
    sandbox.close()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_reader_that_dies_costs_its_own_file_only(sandbox: Sandbox) -> None:
    told: list[str] = []

    def read() -> None:
        try:
            text_of(sandbox, SLOW_PAGE)
        except ArticleUnreadable as error:
            told.append(error.reason)
        else:
            told.append("read")

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    victim = wait_for(sandbox, 3)[1]
    time.sleep(0.5)  # until it reads
    os.kill(victim, signal.SIGSEGV)
    for thread in threads:
        thread.join()
    assert sorted(told) == [
        "its reader crashed (exit code -11), or reading it takes more than 2.0 GB of memory", "read", "read",
    ]  # fmt: skip
    assert text_of(sandbox, PAGE) == "The page has these words in it."
    sandbox.close()


PARENT = """
import os, signal, sys, threading, time
from index.readers.sandbox import SANDBOX
page = b"<html><body>" + b"<div><p>Words of a long page are here, and more of them.</p></div>" * 100_000
threading.Thread(target=SANDBOX.read, args=(".html", "a.html", page), daemon=True).start()
while not SANDBOX.process_ids():
    time.sleep(0.01)
time.sleep(1)
print(*SANDBOX.process_ids(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_reader_in_the_middle_of_a_file_ends_with_its_parent() -> None:
    run = subprocess.run([sys.executable, "-c", PARENT], cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
    assert gone(int(run.stdout), 5), run.stderr  # reading the page takes longer


ALARMED = """
import signal, time
from index.readers import sandbox_process
sandbox_process._end_after(0.2)
time.sleep(20)
"""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no such timer here")
def test_a_reader_ends_itself_after_its_time() -> None:
    started = time.monotonic()
    run = subprocess.run([sys.executable, "-c", ALARMED], cwd=REPOSITORY, timeout=20)
    assert run.returncode == -signal.SIGALRM
    assert time.monotonic() - started < 10


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_has_readers_of_its_own() -> None:
    script = (
        "import os, sys\n"
        "from index.readers.sandbox import SANDBOX\n"
        "read = lambda: SANDBOX.read('.html', 'a.html', b'<p>Words are here.</p>')[0].text\n"
        "assert read() == 'Words are here.'\n"
        "mine = SANDBOX.process_ids()\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    read()\n"
        "    ours = SANDBOX.process_ids()\n"
        "    SANDBOX.close()\n"
        "    os._exit(0 if len(ours) == 1 and ours != mine else 1)\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
        "assert read() == 'Words are here.' and SANDBOX.process_ids() == mine\n"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("python_path", ["", ".", os.pathsep])
def test_nothing_of_the_current_folder_is_imported(tmp_path: Path, python_path: str) -> None:
    poison = "from pathlib import Path; Path(__file__).with_name('poisoned').touch(); raise SystemExit(9)"
    names = (
        "json",
        "struct",
        "signal",
        "threading",
        "lxml",
        "trafilatura",
        "pypdfium2",
        "sitecustomize",
        "usercustomize",
    )
    write_articles(tmp_path, {f"{name}.py": poison for name in names} | {"index/__init__.py": poison})
    script = (
        f"import sys, os; sys.path.insert(0, {str(REPOSITORY)!r})\n"
        "from index.articles import parse_article\n"
        f"os.environ['PYTHONPATH'] = {python_path!r}\n"
        f"os.chdir({str(tmp_path)!r})\n"
        "print(parse_article('a.html', b'<p>Words are here.</p>').text)\n"
    )
    run = subprocess.run(
        [sys.executable, "-P", "-c", script], cwd=REPOSITORY, capture_output=True, text=True, timeout=60
    )
    assert run.stdout == "Words are here.\n", run.stderr
    assert list(tmp_path.rglob("poisoned")) == []


def described(read: FileRead) -> list[str]:
    return [
        f"{found.path}: {found.reason}" if isinstance(found, ArticleUnreadable) else f"{found.path} {len(found.text)}"
        for found in read.articles
    ]


def test_many_files_come_in_their_order_each_with_what_is_in_it(tmp_path: Path) -> None:
    write_articles(tmp_path, {"a.txt": "Words.\n", "c.jsonl": '{"text": "One."}\n{\n', "e.txt": "", "f.bin": "x"})
    (tmp_path / "b.pdf").write_bytes(make_pdf(PDF_PAGES))
    (tmp_path / "d.html").write_bytes(PAGE)
    (tmp_path / "d.pdf").write_bytes(b"no PDF")
    paths = [*list_articles(tmp_path), "gone.html", "gone.txt"]
    read = list(read_many(paths, lambda path: read_bytes(tmp_path, path)))
    assert [found.path for found in read] == paths
    assert [bool(found.sha256) for found in read] == [True] * 7 + [False] * 2
    told = [line for found in read for line in described(found)]
    assert told[0] == "a.txt 7"
    assert told[2] == "c.jsonl#1 4"
    assert told[3].startswith("c.jsonl#2: not JSON (")
    assert told[4] == "d.html 31"
    assert told[5].startswith("d.pdf: ")
    assert told[6] == "e.txt: the file is empty"
    assert told[7].startswith("f.bin: format .bin is not read")
    assert told[8:] == [f"{path}: No such file or directory" for path in ("gone.html", "gone.txt")]


def test_no_more_files_are_read_than_are_asked_for(tmp_path: Path) -> None:
    asked: list[str] = []

    def read(path: str) -> bytes:
        asked.append(path)
        return PAGE

    paths = [f"{number:03}.html" for number in range(100)]
    files = read_many(paths, read, at_once=2)
    first = next(files)
    assert isinstance(next(first.articles), Article)
    assert len(asked) <= 5
    files.close()  # type: ignore[attr-defined]
    assert len(asked) <= 5
    assert len(SANDBOX.process_ids()) <= SANDBOX.size
