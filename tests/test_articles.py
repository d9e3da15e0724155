"""Files to articles: decoding, line table, listing, and every refusal by name."""

import os
import random
from pathlib import Path

import pytest
from conftest import SEED_NAME, SEEDS, hash_build, write_articles

from index.articles import list_articles, parse_article, read_bytes
from index.errors import ArticlesMissing, ArticleUnreadable
from index.readers.encodings import decode
from index.types import LineTable
from shell.messages import message

FRENCH = (
    "Le café fermé était près de la forêt. Où êtes-vous allés après la fête à Besançon? Les élèves de l'école ont "
    "préparé une pièce de théâtre. Le maire a déclaré que la sécurité était assurée."
)
RUSSIAN = (
    "Мэр города объявил, что мост будет закрыт на три недели. Дети не смогут перейти реку. Полиция сообщила, что "
    "причин для беспокойства нет."
)
ENGLISH = (
    "The café on the corner was closed for three weeks. Nobody knew why the owner, Zoë Müller, had left. The police "
    "said that it was not suspicious."
)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Plain words — “quoted”, 東京, 😀.", "utf-8"),
        ("Plain words — “quoted”, 東京, 😀.", "utf-8-sig"),
        ("Plain words — “quoted”, 東京, 😀.", "utf-16"),
        ("Hello wörld, in big-endian order.", "utf-32"),
        (RUSSIAN, "cp1251"),
        (FRENCH, "iso-8859-1"),
        (FRENCH * 40, "cp1252"),
    ],
)
def test_decode_gives_the_text_back_without_a_mark(text: str, encoding: str) -> None:
    assert decode("a.txt", text.encode(encoding))[0] == text


def test_decode_reads_accents_in_english_text_of_windows() -> None:
    # BUG: charset-normalizer takes the DOS page cp775 for it and "café" becomes "cafķ".
    assert decode("a.txt", ENGLISH.encode("cp1252"))[0] == ENGLISH


def test_decode_keeps_every_line_end_and_control_as_it_is() -> None:
    text = "one\r\ntwo\rthree\nfour\u2028five\x0bsix\x0cseven\x85eight\n\n"
    assert decode("a.txt", text.encode()) == (text, "")


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(range(128, 256)) * 4,
        bytes(range(255, 127, -1)) * 20,
        random.Random(7).randbytes(3000),
    ],
)
def test_binary_is_refused(data: bytes) -> None:
    with pytest.raises(ArticleUnreadable, match=r"^photo\.txt: not a text file"):
        decode("photo.txt", data)


def test_nul_bytes_are_refused() -> None:
    with pytest.raises(ArticleUnreadable, match="NUL bytes") as caught:
        decode("a.txt", b"almost\x00text")
    assert (caught.value.path, caught.value.reason) == ("a.txt", "not a text file (it holds NUL bytes)")


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b" \r\n\t\n", "\u2028\u3000".encode()])
def test_a_file_without_a_word_is_refused_as_empty(data: bytes) -> None:
    with pytest.raises(ArticleUnreadable, match=r"^a\.txt: the file is empty$"):
        parse_article("a.txt", data)


@pytest.mark.parametrize(("path", "named"), [("a.docx", ".docx"), ("b/c.XYZ", ".xyz"), ("README", "without a suffix")])
def test_an_unknown_format_is_named_and_so_are_the_known_ones(path: str, named: str) -> None:
    with pytest.raises(ArticleUnreadable) as caught:
        parse_article(path, b"text")
    assert caught.value.path == path
    assert f"format {named} is not read" in caught.value.reason
    assert ".md" in caught.value.reason and ".txt" in caught.value.reason


def test_suffixes_are_read_in_any_case() -> None:
    assert parse_article("A.TXT", b"Words.").text == "Words."


def test_the_seed_article_is_read_whole() -> None:
    data = (SEEDS / SEED_NAME).read_bytes()
    article = parse_article(SEED_NAME, data)
    assert article.sha256 == "f72052a9cd90c79e4e60bd7127ee7f4dd74789b70d31639546b00b3ae833f05d"
    assert article.text.encode() == data
    assert article.lines.line(len(article.text) - 1) == 37


def test_the_digest_is_of_the_bytes_and_not_of_the_text() -> None:
    plain, marked = parse_article("a.txt", b"Words."), parse_article("a.txt", b"\xef\xbb\xbfWords.")
    assert plain.text == marked.text
    assert plain.sha256 == "44dcebcdcc564a642123c985ea211a70d843bbb02df908a1a46172c4ca15c11f"
    assert marked.sha256 != plain.sha256


def test_lines_end_at_line_feed_and_carriage_return_only() -> None:
    text = "a\r\nb\rc\n\u2028d\x0be\x0cf\x85\r\n\rg"
    table = LineTable(text)
    assert table.starts == [0, 3, 5, 7, 16, 17]
    assert [table.line(offset) for offset in range(len(text))] == [1, 1, 1, 2, 2, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 6]


def test_lines_of_a_span_are_inclusive() -> None:
    table = LineTable("one\ntwo\nthree\n")
    assert table.lines(0, 3) == (1, 1)
    assert table.lines(0, 4) == (1, 1)
    assert table.lines(0, 5) == (1, 2)
    assert table.lines(4, 14) == (2, 3)


@pytest.mark.parametrize(("start", "end"), [(0, 0), (2, 1), (-1, 2), (0, 6), (5, 6)])
def test_lines_of_an_empty_or_outside_span_are_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match=f"span {start}:{end} is not inside a text of 5 characters"):
        LineTable("a\nb\nc").lines(start, end)


def test_listing_is_sorted_relative_and_leaves_hidden_files_out(tmp_path: Path) -> None:
    names = ["b.txt", "a/z.md", "a/deep/x.pdf", ".hidden.txt", ".git/config.txt", "a/.cache/y.txt", "noext"]
    write_articles(tmp_path, dict.fromkeys(names, "x"))
    assert list_articles(tmp_path) == ["a/deep/x.pdf", "a/z.md", "b.txt", "noext"]


def test_linked_folders_are_not_followed(tmp_path: Path) -> None:
    write_articles(tmp_path, {"in/a.txt": "x", "out/b.txt": "x"})
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in", target_is_directory=True)
    assert list_articles(tmp_path / "in") == ["a.txt"]


@pytest.mark.parametrize(("name", "found"), [("nowhere", "does not exist"), ("file.txt", "is not a folder")])
def test_a_missing_folder_is_told_with_the_command(tmp_path: Path, name: str, found: str) -> None:
    write_articles(tmp_path, {"file.txt": "x"})
    with pytest.raises(ArticlesMissing) as caught:
        list_articles(tmp_path / name)
    assert f"{tmp_path / name} {found}" in str(caught.value)
    assert "articleqa build ARTICLES" in message(caught.value)


def test_a_dangling_link_is_unreadable_by_name(tmp_path: Path) -> None:
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere.txt")
    assert list_articles(tmp_path) == ["gone.txt"]
    with pytest.raises(ArticleUnreadable, match=r"^gone\.txt: No such file or directory$"):
        read_bytes(tmp_path, "gone.txt")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_forbidden_file_is_unreadable_by_name(tmp_path: Path) -> None:
    write_articles(tmp_path, {"secret.txt": "x"})
    (tmp_path / "secret.txt").chmod(0)
    with pytest.raises(ArticleUnreadable, match=r"^secret\.txt: Permission denied$"):
        read_bytes(tmp_path, "secret.txt")


def test_a_disk_error_without_a_message_has_its_kind_as_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path) -> bytes:
        raise BlockingIOError

    write_articles(tmp_path, {"a.txt": "x"})
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ArticleUnreadable, match=r"^a\.txt: BlockingIOError$"):
        read_bytes(tmp_path, "a.txt")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.timeout(2)
def test_a_named_pipe_is_unreadable_and_does_not_hang(tmp_path: Path) -> None:
    # BUG: read_bytes waits forever for somebody to write into the pipe.
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(ArticleUnreadable, match=r"^pipe\.txt: "):
        read_bytes(tmp_path, "pipe.txt")


def test_a_folder_that_cannot_be_searched_is_not_passed_over_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # BUG: os.walk drops a subfolder that it can't list, and all articles in it, without a word.
    articles = write_articles(tmp_path / "articles", {"a.txt": "Words are here.", "locked/b.txt": "More are here."})
    scandir = os.scandir

    def refuse(path: str | os.PathLike[str]) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    try:
        report = hash_build(articles, tmp_path / "index")
    except ArticlesMissing as error:
        assert "locked" in str(error)
    else:
        assert [entry.path for entry in report.unread] == ["locked"]
