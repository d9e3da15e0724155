"""Hostile folders: every file is read or named with its reason, in bounded time and memory."""

import contextlib
import gzip
import json
import os
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import HASH_MODEL, REPOSITORY, HashEncoder, hash_build, write_articles
from test_cli import articleqa
from test_readers import PDF_PAGES, make_pdf

from index import drafts
from index.articles import list_articles, parse_article, parse_file, read_bytes
from index.build import build
from index.encoders.protocol import SentenceEncoder
from index.errors import ArticleUnreadable
from index.places import open_store
from index.readers import READERS, sandbox
from index.readers.encodings import decode_page
from index.types import ANSWERING, Article
from qa import Assistant
from shell.messages import reason_with_way

WORDS = "The stone bridge over the river Tarn is closed for eleven weeks.\n"


def reasons(articles: Path, folder: Path, **options: object) -> dict[str, str]:
    """What a build could not read, and why."""
    report = build(articles, folder, model=HASH_MODEL, loader=lambda _model: HashEncoder(), **options)  # type: ignore[arg-type]
    return {entry.path: entry.reason for entry in report.unread}


def indexed(folder: Path) -> list[str]:
    """Paths of the articles that an index holds."""
    return [info.path for info in open_store(folder).snapshot().articles()]


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """A bound on the processor's time, which a busy machine doesn't change."""
    started = time.process_time()
    yield
    assert time.process_time() - started < seconds


NAMES = ["with space.txt", "line\nend.txt", "tab\t.txt", "-rf.txt", "a#b.txt", "'\"$(x).txt", "Ünï côdé.txt",
         "עברית.txt", "a.jsonl#3", "%2e%2e.txt", "e\u0301.txt", "\u202egnp.txt"]  # fmt: skip


def test_names_of_any_kind_are_indexed_and_cited(tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    for number, name in enumerate(NAMES):
        (articles / name).write_text(f"Article number {number} has a word{number} in it.\n")
    with contextlib.suppress(OSError):  # some file systems refuse such names
        (articles / os.fsdecode(b"caf\xe9.txt")).write_text("Article with a word99 in it.\n")
    report = hash_build(articles, tmp_path / "index")
    assert [entry.path for entry in report.unread] == ["a.jsonl#3"]
    assert report.articles == len(list(articles.iterdir())) - 1
    assistant = Assistant.open(tmp_path / "index", HashEncoder())
    for path in indexed(tmp_path / "index"):
        word = (articles / path).read_text().split()[-3]
        assert assistant.search(f"has a {word}", k=1)[0].path == path
    run = articleqa("info", index=tmp_path / "index")
    assert run.returncode == 0, run.stderr
    assert "a.jsonl#3: format .jsonl#3 is not read" in run.stdout
    report_of_nothing = hash_build(articles, tmp_path / "index")
    assert not report_of_nothing.written


def test_links_out_of_the_folder_are_named_and_followed_only_if_asked(tmp_path: Path) -> None:
    articles = write_articles(tmp_path / "in", {"a.txt": WORDS})
    outside = write_articles(tmp_path / "out", {"b.txt": "Outside words.\n", "deep/c.txt": "Deep words.\n"})
    (articles / "inside.txt").symlink_to(articles / "a.txt")
    (articles / "b.txt").symlink_to(outside / "b.txt")
    (articles / "deep").symlink_to(outside / "deep", target_is_directory=True)
    (articles / "loop").symlink_to(articles, target_is_directory=True)
    (outside / "deep" / "up").symlink_to(outside, target_is_directory=True)
    (articles / "self.txt").symlink_to(articles / "self.txt")
    found = reasons(articles, tmp_path / "index")
    assert found.pop("self.txt")
    assert found == dict.fromkeys(("b.txt", "deep"), "a link out of the folder")
    assert reason_with_way(found["deep"]) == "a link out of the folder (--follow-links reads it)"
    assert indexed(tmp_path / "index") == ["a.txt", "inside.txt"]
    found = reasons(articles, tmp_path / "index", follow_links=True)
    paths = indexed(tmp_path / "index")
    assert list(found) == ["self.txt"]
    assert paths == ["a.txt", "b.txt", "deep/c.txt", "deep/up/b.txt", "inside.txt"]
    assert articleqa("build", "--help").stdout.count("--follow-links") == 1


def test_a_file_over_the_limit_is_named_and_not_read(tmp_path: Path) -> None:
    articles = write_articles(tmp_path / "articles", {"a.txt": WORDS})
    with (articles / "big.txt").open("wb") as file:
        file.truncate(200_000_000)  # 200 MB that take no room
    with within(2):
        found = reasons(articles, tmp_path / "index")
    assert found == {"big.txt": "200.0 MB, more than the 100.0 MB that are read"}
    assert reason_with_way(found["big.txt"]) == "200.0 MB, more than the 100.0 MB that are read (--max-file-mb)"


def test_the_limit_can_be_set_and_is_remembered(tmp_path: Path) -> None:
    articles = write_articles(tmp_path / "articles", {"a.txt": WORDS, "b.txt": WORDS * 30})
    assert list(reasons(articles, tmp_path / "index", max_bytes=1000)) == ["b.txt"]
    assert open_store(tmp_path / "index").snapshot().about.settings.max_bytes == 1000
    assert reasons(articles, tmp_path / "index", max_bytes=10_000) == {}


@pytest.mark.parametrize(
    ("bomb", "reason"),
    [
        (gzip.compress(b"a " * 60_000_000, 1), "it unpacks to more than the 100.0 MB"),
        (gzip.compress(b"a")[:-9], "the gzip file is cut"),
        (b"\x1f\x8bnonsense", "the gzip file is broken"),
        (gzip.compress(gzip.compress(b"a" * 1000)), "not a text file"),
    ],
)
def test_a_packed_bomb_is_given_up(bomb: bytes, reason: str) -> None:
    with within(10), pytest.raises(ArticleUnreadable) as caught:
        parse_article("a.txt.gz", bomb)
    assert caught.value.reason.startswith(reason)


def pdf_bomb(megabytes: int) -> bytes:
    """A page whose content unpacks to so much."""
    packer = zlib.compressobj(1)
    unit = b"BT /F1 12 Tf 10 10 Td (Hello there) Tj ET\n" * 25_000
    content = b"".join(packer.compress(unit) for _ in range(megabytes)) + packer.flush()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R "
        b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(content), content),
    ]
    data = b"%PDF-1.4\n" + b"".join(b"%d 0 obj\n%b\nendobj\n" % pair for pair in enumerate(objects, 1))
    return data + b"trailer << /Root 1 0 R /Size 5 >>\n%%EOF"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its memory")
def test_a_pdf_bomb_ends_its_reader_and_not_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """300 MB of text operators, drawn over each other, took 4 GB in the process of the build."""
    monkeypatch.setattr(sandbox, "MAX_MEMORY", 1_000_000_000)
    sandbox.SANDBOX.close()
    articles = write_articles(tmp_path / "articles", {"a.txt": WORDS})
    (articles / "bomb.pdf").write_bytes(pdf_bomb(100))
    (articles / "good.pdf").write_bytes(make_pdf(PDF_PAGES))
    found = reasons(articles, tmp_path / "index")
    sandbox.SANDBOX.close()
    assert list(found) == ["bomb.pdf"]
    assert found["bomb.pdf"].endswith("reading it takes more than 1.0 GB of memory")
    assert len(indexed(tmp_path / "index")) == 2


def test_a_reader_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "MAX_SECONDS", 0.05)
    sandbox.SANDBOX.close()  # so that starting it is what takes too long
    with pytest.raises(ArticleUnreadable, match=r"reading it takes more than 0 s"):
        parse_article("a.html", b"<p>Words are here.</p>")
    monkeypatch.undo()
    assert parse_article("a.html", b"<p>Words are here.</p>").text == "Words are here."


@pytest.mark.parametrize("depth", [300, 2000])
def test_deeply_nested_html_is_read(depth: int) -> None:
    page = "<div>" * depth + "<p>The words at the bottom are read.</p>" + "</div>" * depth
    assert "The words at the bottom are read." in parse_article("a.html", page.encode()).text


@pytest.mark.parametrize("tag", ["div", "b", "ul><li"])
def test_html_that_is_nested_without_end_is_named_or_read_with_a_remark(tag: str) -> None:
    page = f"<p>Words at the top.</p>{f'<{tag}>' * 100_000}<p>Words at the bottom."
    with within(20):
        try:
            article = parse_article("a.html", page.encode())
        except ArticleUnreadable as error:
            assert error.reason
        else:
            assert "bottom" in article.text or "nested too deep" in article.notice


SHAPES: dict[str, Callable[[int], str]] = {
    "one word": lambda n: "x" * n,
    "one line of sentences": lambda n: (WORDS.strip() + " ") * (n // len(WORDS)),
    "spaces": lambda n: f"a{' ' * n}b",
    "line ends": lambda n: "a" + "\n" * n + "b",
    "accents": lambda n: "e" + "\u0301" * n,
    "right to left": lambda n: "הגשר סגור לשבועות. " * (n // 19),
    "overrides": lambda n: "a\u202eb\u2066c\u200d" * (n // 6),
    "dashes": lambda n: "-" * n,
    "front matter": lambda n: "---\n" + "a: b\n" * (n // 5) + "---\nWords.",
    "brackets": lambda n: "(" * n,
    "digits": lambda n: "1" * n,
    "full stops": lambda n: "." * n,
    "carriage returns": lambda n: "a\r" * (n // 2),
    "wide spaces": lambda n: "\u3000" * n + "語",
}


def index_shape(shape: str, size: int, home: Path) -> None:
    text = SHAPES[shape](size)
    articles = write_articles(home / "articles", {"a.txt": text})
    assert hash_build(articles, home / "index").unread == ()
    index = open_store(home / "index").snapshot()
    assert index.article("a.txt").text == text
    rest = [*text]
    for block in index.blocks("a.txt"):
        if block.role not in ANSWERING:
            rest[block.start : block.end] = " " * (block.end - block.start)
    for start, end in index.segment(["a.txt"]).sentences.tolist():
        rest[start:end] = " " * (end - start)
    assert not "".join(rest).strip()


@pytest.mark.parametrize("shape", SHAPES)
def test_text_of_any_shape_is_indexed_in_linear_time(shape: str, tmp_path: Path) -> None:
    """BUG: a million spaces stopped the header's regular expressions and overflowed tiktoken's stack, a million
    accents were cut one by one."""
    with within(10):
        index_shape(shape, 100_000, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["one line of sentences", "one word", "spaces"])
def test_a_single_line_of_50_mb_is_indexed(shape: str, tmp_path: Path) -> None:
    index_shape(shape, 50_000_000, tmp_path)


MEASURED_BUILD = """
import re, sys
from pathlib import Path
from typing import Any
from conftest import HASH_MODEL, HashEncoder
from index import drafts
from index.build import build
from index.encoders.protocol import SentenceEncoder
articles, folder = map(Path, sys.argv[1:3])
build(articles, folder, model=HASH_MODEL, loader=lambda _model: HashEncoder(), max_bytes=300_000_000)
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


def peak_memory(articles: Path, folder: Path) -> int:
    """Bytes of memory that a build takes at most, without a model.

    Read from /proc: `ru_maxrss` of a child starts with what its parent has, the whole test run here.
    """
    paths = {**os.environ, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'tests'}"}
    run = subprocess.run(
        [sys.executable, "-c", MEASURED_BUILD, str(articles), str(folder)], env=paths, capture_output=True, check=True
    )
    return int(run.stdout) * 1024


MEMORY_BASE = 300_000_000
MEMORY_PER_BYTE = 40
"""The bound: 300 MB, and 40 bytes for each byte of new text (measured 205 MB and 29 bytes with vectors of 64 numbers,
most of it vectors of words and sentences)."""


@pytest.mark.parametrize("megabytes", [3])
def test_memory_is_bounded(megabytes: int, tmp_path: Path) -> None:
    articles = write_articles(tmp_path / "articles", {"a.txt": WORDS * (megabytes * 1_000_000 // len(WORDS))})
    assert peak_memory(articles, tmp_path / "index") < MEMORY_BASE + MEMORY_PER_BYTE * megabytes * 1_000_000


@pytest.mark.slow
def test_memory_is_bounded_over_200_mb_in_one_file(tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    with (articles / "a.txt").open("w") as file:
        for number in range(200_000_000 // 1000):
            file.write(f"{number} {WORDS.strip()} " * 13 + "\n\n")
    size = (articles / "a.txt").stat().st_size
    assert size > 180_000_000
    assert peak_memory(articles, tmp_path / "index") < MEMORY_BASE + MEMORY_PER_BYTE * size


def make_tiny_files(folder: Path, count: int) -> Path:
    for number in range(count):
        if number % 1000 == 0:
            home = folder / f"{number // 1000:03}"
            home.mkdir(parents=True)
        (home / f"{number:06}.txt").write_text(f"Note {number}\n\nThe note says {number % 97}.\n")
    return folder


def add_one(articles: Path, folder: Path) -> float:
    """Seconds of processor time that a build takes for one article more."""
    write_articles(articles, {"zz.txt": WORDS})
    started = time.process_time()
    report = hash_build(articles, folder)
    assert (report.embedded, report.added) == (1, ("zz.txt",))
    return time.process_time() - started


def test_one_article_added_to_thousands_costs_little(tmp_path: Path) -> None:
    articles = make_tiny_files(tmp_path / "articles", 2000)
    assert hash_build(articles, tmp_path / "index").articles == 2000
    assert add_one(articles, tmp_path / "index") < 3  # 0.3 s


@pytest.mark.slow
@pytest.mark.parametrize(("count", "seconds"), [(10_000, 4), (100_000, 40)])
def test_one_article_added_to_very_many(count: int, seconds: float, tmp_path: Path) -> None:
    articles = make_tiny_files(tmp_path / "articles", count)
    started = time.perf_counter()
    assert hash_build(articles, tmp_path / "index").articles == count
    first = time.perf_counter() - started
    added = add_one(articles, tmp_path / "index")
    print(f"\n{count} articles: first build {first:.1f} s, one added {added:.1f} s")
    assert added < seconds


def test_an_interrupted_reader_never_answers_the_next_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reply to a file that was given up must not be taken for that to the next one."""
    exchange = sandbox._exchange

    def interrupted(process: Any, *request: Any) -> Any:
        monkeypatch.setattr(sandbox, "receive", lambda _stream: (_ for _ in ()).throw(KeyboardInterrupt))
        return exchange(process, *request)

    monkeypatch.setattr(sandbox, "_exchange", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(parse_file("a.html", b"<p>The first page has these words in it.</p>"))
    monkeypatch.undo()
    (article,) = parse_file("b.html", b"<p>The second page has other words in it.</p>")
    assert isinstance(article, Article) and "second" in article.text


def test_a_file_that_changes_while_it_is_read_is_whole_or_named(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    states = [f"{letter * 3_000_000}\n" for letter in "ab"]
    path.write_text(states[0])
    stop = threading.Event()

    def rewrite() -> None:
        while not stop.is_set():
            for state in states:
                path.write_text(state)

    writer = threading.Thread(target=rewrite)
    writer.start()
    told = set()
    try:
        for _ in range(40):
            try:
                data = read_bytes(tmp_path, "a.txt").decode()
                assert len(set(data.strip())) <= 1, "a mixture of two states"
            except ArticleUnreadable as error:
                told.add(error.reason)
    finally:
        stop.set()
        writer.join()
    assert told <= {"the file changes while it is read; build again when it is whole"}


def test_a_file_that_grows_with_every_look_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x")
    read = Path.read_bytes

    def read_and_grow(self: Path) -> bytes:
        data = read(self)
        path.write_text(data.decode() + "x")
        return data

    monkeypatch.setattr(Path, "read_bytes", read_and_grow)
    with pytest.raises(ArticleUnreadable, match="the file changes while it is read"):
        read_bytes(tmp_path, "a.txt")


def test_strict_ends_with_its_own_code_and_names_what_was_not_read(
    tmp_path: Path, real_encoder: SentenceEncoder
) -> None:
    """The index is built here, so that no command has to load the model."""
    articles = write_articles(tmp_path / "articles", {"a.txt": WORDS, "b.jsonl": '{"text": "A record."}\nbroken'})
    build(articles, tmp_path / "index", loader=lambda _model: real_encoder)
    run = articleqa("build", str(articles), "--strict", index=tmp_path / "index")
    assert run.returncode == 4
    assert "b.jsonl#2: not JSON" in run.stdout
    facts = json.loads(articleqa("info", "--json", index=tmp_path / "index").stdout)
    assert [entry["path"] for entry in facts["not_indexed"]] == ["b.jsonl#2"]
    assert articleqa("build", index=tmp_path / "index").returncode == 0
    (articles / "b.jsonl").unlink()
    assert articleqa("build", "--strict", index=tmp_path / "index").returncode == 0


def test_hidden_files_and_the_index_are_no_articles(tmp_path: Path) -> None:
    write_articles(tmp_path, {"a.txt": WORDS, ".b.txt": WORDS, "index/c.txt": WORDS})
    assert list_articles(tmp_path, leave_out=tmp_path / "index") == ["a.txt"]


def test_the_reader_process_ends_with_its_parent() -> None:
    script = """
import sys
from index.articles import parse_article
from index.readers.sandbox import SANDBOX
parse_article("a.html", b"<p>Words are here.</p>")
print(*SANDBOX.process_ids(), flush=True)
import os, signal
os.kill(os.getpid(), signal.SIGKILL)
"""
    run = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
    pid = int(run.stdout)
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2]:
            return
        time.sleep(0.05)
    pytest.fail(f"the reader process {pid} is still there")


HALF_TITLE = '---\ntitle: "\\ud800"\nauthor: "Ann \\udc00Lee"\n---\nThe bridge is closed for repairs.\n'
POISON = {
    "half.md": HALF_TITLE,
    "digits.md": f"+++\ntitle = {'1' * 5000}\n+++\nThe ferry sails at nine.\n",
    "dates.jsonl": f'{{"text": "The tower is old.", "date": {"4" * 400}}}\n'
    '{"text": "The mill turns.", "date": 1e999}\n',
    "half.jsonl": '{"text": "The \\ud800 road is wet.", "author": "\\udfff", "url": "http://a/\\ud800", '
    '"date": "\\ud800"}\n',
}


def test_halves_of_characters_and_numbers_without_end_cost_no_build(tmp_path: Path) -> None:
    articles = write_articles(tmp_path / "articles", {**POISON, "a.txt": WORDS})
    assert reasons(articles, tmp_path / "index") == {}
    infos = {info.path: info for info in open_store(tmp_path / "index").snapshot().articles()}
    assert [*infos] == ["a.txt", "dates.jsonl#1", "dates.jsonl#2", "digits.md", "half.jsonl#1", "half.md"]
    assert (infos["half.md"].value("title"), infos["half.md"].value("author")) == ("\ufffd", "Ann \ufffdLee")
    assert (infos["half.jsonl#1"].value("author"), infos["half.jsonl#1"].url) == ("\ufffd", "http://a/\ufffd")
    assistant = Assistant.open(tmp_path / "index", HashEncoder())
    answer = assistant.ask("Which articles are by Ann Lee?")
    json.dumps(answer.as_json(), ensure_ascii=False).encode()  # what an endpoint sends


def test_what_a_reader_raises_is_a_line_of_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(path: str, data: bytes) -> Iterator[Any]:
        raise ZeroDivisionError("half \ud800")

    monkeypatch.setitem(READERS, ".md", broken)
    articles = write_articles(tmp_path / "articles", {"bad.md": WORDS, "a.txt": WORDS})
    assert reasons(articles, tmp_path / "index") == {"bad.md": "reading it failed (ZeroDivisionError: half \ufffd)"}
    assert indexed(tmp_path / "index") == ["a.txt"]


@pytest.mark.parametrize("name", ["structure", "passages"])
def test_an_article_that_cannot_be_taken_apart_is_named_and_the_rest_is_indexed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    real = getattr(drafts, name)

    def broken(article: Article, *others: Any) -> Any:
        if article.path == "bad.txt":
            raise ZeroDivisionError("so bad")
        return real(article, *others)

    monkeypatch.setattr(drafts, name, broken)
    articles = write_articles(tmp_path / "articles", {"bad.txt": "Other " + WORDS, "a.txt": WORDS})
    report = hash_build(articles, tmp_path / "index")
    why = "not indexed, since taking it apart failed (ZeroDivisionError: so bad)"
    assert report.notices == (("bad.txt", why),)
    assert report.chunks == 1
    again = hash_build(articles, tmp_path / "index")
    assert (again.written, again.notices) == (False, report.notices)


def test_taking_an_article_apart_has_a_bound_and_later_builds_do_not_try_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MAX_SPLIT_SECONDS", 0.2)
    monkeypatch.setattr(drafts, "MIN_CHARS_PER_SECOND", 1e9)
    long = "".join(f"This is sentence {number} of a long line. " for number in range(50_000))
    articles = write_articles(tmp_path / "articles", {"long.txt": long, "a.txt": WORDS})
    with within(6):
        report = hash_build(articles, tmp_path / "index")
    assert report.notices == (("long.txt", "not indexed, since taking it apart failed (it takes more than 0 s)"),)
    assert report.chunks == 1
    assert not hash_build(articles, tmp_path / "index").written


def test_a_gzip_file_of_empty_members_is_given_up() -> None:
    with within(2), pytest.raises(ArticleUnreadable, match="more than 10,000 members"):
        parse_article("a.txt.gz", gzip.compress(b"") * 100_000)


def test_a_page_is_never_read_as_punycode() -> None:
    """Which costs the square of its length."""
    page = b"a" * 200_000 + b"-" + b"z" * 100_000
    with within(0.5):
        assert decode_page("a.html", b"<meta charset=punycode>" + page)[0].endswith("zzz")


@pytest.mark.parametrize("encoding", ["unicode_escape", "raw_unicode_escape"])
def test_what_is_no_encoding_of_a_page_is_not_used(encoding: str) -> None:
    """Escapes give halves of characters."""
    page = f"<meta charset={encoding}><p>Words \\ud800 of caf\xe9".encode("latin-1") + b" and more words" * 20_000
    with within(3):
        text, notice = decode_page("a.html", page)
    assert "Words \\ud800 of café" in text
    assert notice == "read as cp1252"
