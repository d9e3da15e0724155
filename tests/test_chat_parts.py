"""The parts of the chat one by one: names of uploads, links to lines, paragraphs, exports, the table, pages."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY, HashEncoder, hash_build, write_articles
from test_app import assistant_over, cite_text, make_article

from chat import render, shelf
from chat.export import as_markdown
from chat.lines import find_lines, mark_lines, shown_lines
from chat.turns import Turn
from chat.uploads import Dropped, Outcome, add_article, safe_path, take_in
from index.articles import list_articles
from index.build import BuildReport
from index.errors import ArticleUnreadable, IndexBusy
from qa import Answer, Assistant


@pytest.mark.parametrize("name", ["a.txt", "news/2023/été.txt", "a b (1).md", "news\\win.txt", "a'b&c;d$e.txt"])
def test_plain_names_are_kept(name: str) -> None:
    assert safe_path(name) == name.replace("\\", "/")


@pytest.mark.parametrize(
    "name",
    [
        "", "/etc/passwd.txt", "../x.txt", "a/../../x.txt", "a//b.txt", "./x.txt", "..\\x.txt", "C:\\x.txt",
        "\\\\host\\x.txt", ".hidden.txt", "a/.git/x.txt", "x\x00.txt", "x\n.txt", "x\u202etxt.exe", "con.txt", "a/NUL",
        "x.txt.", " x.txt",
        "x" * 300 + ".txt", "a/" * 30 + "x.txt", "<b>.txt", "half\udce9.txt",
    ],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "upload").write_text("An article.")
    folder = tmp_path / "in" / "articles"
    folder.mkdir(parents=True)
    with pytest.raises(ArticleUnreadable):
        add_article(folder, Dropped(name, tmp_path / "upload"))
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["articles", "in", "upload"]


def test_a_link_out_of_the_articles_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "upload").write_text("An article.")
    for name in ("articles", "elsewhere"):
        (tmp_path / name).mkdir()
    (tmp_path / "articles/out").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "articles/dangling.txt").symlink_to(tmp_path / "elsewhere/new.txt")
    for name in ("out/x.txt", "dangling.txt"):
        with pytest.raises(ArticleUnreadable):
            add_article(tmp_path / "articles", Dropped(name, tmp_path / "upload"))
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_nothing_is_put_into_the_index(tmp_path: Path) -> None:
    (tmp_path / "upload").write_text("An article.")
    with pytest.raises(ArticleUnreadable, match="leads elsewhere"):
        add_article(tmp_path, Dropped("built/generations/x.txt", tmp_path / "upload"), tmp_path / "built")
    assert [path.name for path in tmp_path.iterdir()] == ["upload"]


def test_an_article_that_the_disk_did_not_take_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "upload").write_text("An article. " * 1000)
    limit = f"""
import resource, signal
from pathlib import Path
from chat.uploads import Dropped, add_article
from index.articles import parse_article
parse_article("first.txt", b"An article.")  # what tells its language unpacks its model into a file, once
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
add_article(Path({str(tmp_path / "articles")!r}), Dropped("x.txt", Path({str(tmp_path / "upload")!r})))
"""
    done = subprocess.run([sys.executable, "-c", limit], cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
    assert "File too large" in done.stderr
    assert list((tmp_path / "articles").iterdir()) == []


@pytest.mark.parametrize("links", [True, False])
def test_an_added_article_has_its_name_when_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    """A build beside it, or a chat that is killed, never leaves half of one in the folder."""
    (tmp_path / "upload").write_text("An article. " * 1000)
    seen = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        seen.extend(list_articles(tmp_path / "articles"))
        real(descriptor)

    def no_links(*paths: Path) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "fsync", fsync)
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / ".upload-old").write_text("half")
    os.utime(folder / ".upload-old", (1, 1))
    (folder / ".upload-young").write_text("half")
    dropped = Dropped("x.txt", tmp_path / "upload")
    assert add_article(folder, dropped) == "x.txt"
    assert (folder / "x.txt").read_text() == "An article. " * 1000
    assert sorted(path.name for path in folder.iterdir()) == [".upload-young", "x.txt"]
    assert seen == []
    with pytest.raises(ArticleUnreadable, match="it is there already"):
        add_article(folder, dropped)


def test_records_that_could_not_be_read_are_told_and_the_others_are_in(tmp_path: Path) -> None:
    (tmp_path / "upload").write_text('broken\n{"text": "The mill grinds rye."}\n')

    def rebuild(_progress: object) -> BuildReport:
        return hash_build(tmp_path / "articles", tmp_path / "index")

    dropped = [Dropped("mill.jsonl", tmp_path / "upload")]
    *_, outcome = take_in(dropped, tmp_path / "articles", rebuild)
    assert isinstance(outcome, Outcome)
    assert outcome.added == ("mill.jsonl",)
    assert [name for name, _ in outcome.refused] == ["mill.jsonl#1"]


def test_a_rebuild_that_fails_is_told(tmp_path: Path) -> None:
    (tmp_path / "upload").write_text("An article.")

    def rebuild(_progress: object) -> None:
        raise IndexBusy("index", 10)

    *_, outcome = take_in([Dropped("x.txt", tmp_path / "upload")], tmp_path / "articles", rebuild)  # type: ignore[arg-type]
    assert outcome == Outcome(("x.txt",), (), str(IndexBusy("index", 10)))


@pytest.mark.parametrize(
    ("lines", "span"),
    [
        ("2", (4, 7)),
        ("1-2", (0, 7)),
        ("2-9", (4, 13)),
        ("0", None),
        ("3-2", None),
        ("9", None),
        ("4", None),
        ("x", None),
        ("٢", None),
    ],
)
def test_lines_of_a_link(lines: str, span: tuple[int, int] | None) -> None:
    found = find_lines(make_article("one\ntwo\nthree"), lines)
    assert (found and (found.start, found.end)) == span


@pytest.mark.parametrize(
    ("count", "cited", "first", "last"),
    [(3, 2, 1, 3), (30_000, 29_000, 1, 30_000), (100_000, 50_000, 35_000, 64_999), (100_000, 99_990, 70_001, 100_000),
     (100_000, 0, 1, 30_000)],
)  # fmt: skip
def test_of_a_very_long_article_the_lines_around_the_place_are_shown(
    count: int, cited: int, first: int, last: int
) -> None:
    for end in ("", "\n"):
        article = make_article("\n".join(f"line {number}" for number in range(1, count + 1)) + end)
        place = find_lines(article, str(cited)) if cited else None
        shown = shown_lines(article, place)
        assert (shown[0], shown[-1]) == (first, last)
    lines = mark_lines(article, [place] if place else [], 0, shown)
    assert (lines[0].number, lines[-1].number, len(lines)) == (first, last, last - first + 1)
    assert [line.number for line in lines if line.mark] == ([cited] if cited else [])


def test_after_a_last_line_end_there_is_no_line() -> None:
    article = make_article("one\ntwo\n")
    assert find_lines(article, "3") is None
    assert find_lines(article, "2-3") == find_lines(article, "2")


@pytest.mark.parametrize("end", ["", "\n"])
def test_how_many_lines_are_not_shown_is_told(end: str) -> None:
    article = make_article("x" * 4_000_000 + "\nlast words" + end)
    rendered = render.render_link("a.txt", "", assistant_over(article))
    assert "Lines 1 to 1 of 2 are shown" in rendered
    assert "are shown" not in render.render_link("a.txt", "", assistant_over(make_article("one\ntwo" + end)))


def test_of_very_long_lines_those_around_the_place_are_shown_and_their_ends() -> None:
    line = "a" * 99_999
    article = make_article("\n".join([line] * 100))
    shown = shown_lines(article, find_lines(article, "50"))
    assert shown == range(35, 65)  # 3 million characters around the begin of line 50
    assert shown_lines(article, None) == range(1, 31)
    assert shown_lines(article, find_lines(article, "100")) == range(70, 101)
    (first,) = mark_lines(article, (), -1, range(1, 2))
    assert [(piece.text, piece.left_out) for piece in first.pieces] == [("a" * 10_000, 0), ("a" * 10_000, 79_999)]


def test_around_a_place_in_a_very_long_line_nothing_is_left_out() -> None:
    article = make_article("a" * 50_000 + "needle" + "b" * 20_001)
    (line,) = mark_lines(article, [cite_text(article, "needle")], 0)
    assert [(len(piece.text), piece.text[-1], piece.mark, piece.left_out) for piece in line.pieces] == [
        (10_000, "a", "", 0),
        (10_000, "a", "", 30_000),
        (6, "e", "cited", 0),
        (10_000, "b", "", 0),
        (10_000, "b", "", 1),
    ]
    marked = find_lines(article, "1")
    assert marked
    (whole,) = mark_lines(article, [marked], 0)
    assert [(len(piece.text), piece.mark, piece.left_out) for piece in whole.pieces] == [
        (10_000, "cited", 0),
        (10_000, "cited", 50_007),
    ]


def test_pages_begin_where_the_article_says() -> None:
    article = dataclasses.replace(make_article("one\ntwo\nthree\nfour"), pages=(0, 8))
    assert [line.page for line in mark_lines(article, (), -1)] == [1, 0, 2, 0]
    blank = dataclasses.replace(make_article("one\ntwo\nthree\nfour"), pages=(0, 7, 8))  # a page without text
    assert [line.page for line in mark_lines(blank, (), -1)] == [1, 0, 3, 0]


def test_an_export_quotes_markdown_as_text() -> None:
    article = make_article("# *not* [a](link)\n> `code`", path="a`b.txt")
    turn = Turn("<b>?", answer=Answer("<b>?", True, 1.0, (cite_text(article, article.text),), ()))
    assert as_markdown((turn,)) == (
        "## \\<b\\>?\n\n*Likely*\n\n"
        "1.\n   > \\# \\*not\\* \\[a\\]\\(link\\)\n   > \\> \\`code\\`\n\n   `` a`b.txt:1-2 ``\n"
    )


def test_the_table_is_searched_and_sorted(tmp_path: Path, hash_encoder: HashEncoder) -> None:
    texts = {
        f"{number:02}.txt": f"Title {number % 7}\n\nBy Ann Lee\n{number + 1} May 2021\n\nText." for number in range(20)
    }
    hash_build(write_articles(tmp_path / "articles", texts), tmp_path / "index", hash_encoder)
    snapshot = Assistant.open(tmp_path / "index").snapshot
    newest = shelf.browse(snapshot, "ann title", "published", down=True, count=3)
    assert newest.matching == 20
    assert [article.value("published") for article, _ in newest.articles] == ["2021-05-20", "2021-05-19", "2021-05-18"]
    assert [article.path for article, _ in shelf.browse(snapshot, "TITLE 13.TXT").articles] == ["13.txt"]
    assert shelf.browse(snapshot, "nobody").matching == 0
    assert shelf.authors(snapshot) == ["Ann Lee"]
    assert shelf.stock(snapshot) == shelf.Stock(20, 20, (), "1 May 2021", "20 May 2021")
