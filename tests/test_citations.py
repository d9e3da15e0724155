"""Citations that can be handed on: the format, and what has become of each quote in a folder of articles."""

import json
from pathlib import Path

import pytest
from conftest import SEED_NAME, SEEDS, TINY_ARTICLES, HashEncoder, hash_build, write_articles
from test_cli import articleqa
from test_readers import PDF_PAGES, make_pdf
from typer.testing import CliRunner

from index.articles import parse_article
from index.errors import ArticlesMissing, CitationsUnreadable
from index.types import Source
from qa import Answer, Assistant, Quote
from qa.citations import FORMAT, Citation, check_citations, citations_json, read_citations
from shell.main import app

BUSES = "Buses will use the northern bridge instead."


def cited(articles: Path, path: str, text: str) -> Citation:
    """A quote of an article as it is now."""
    article = parse_article(path, (articles / path).read_bytes())
    at = article.text.index(text)
    first, last = article.lines.lines(at, at + len(text))
    return Citation(text, article.path, first, last, article.sha256)


def state(citation: Citation, articles: Path) -> tuple[str, str]:
    (found,) = check_citations([citation], articles)
    return found.state, found.location


def test_what_is_exported_can_be_read_back(tmp_path: Path, tiny_articles: Path) -> None:
    hash_build(tiny_articles, tmp_path / "index")
    assistant = Assistant.open(tmp_path / "index", HashEncoder())
    answers = [assistant.ask(question) for question in ("When was the telescope built?", "Who is king of Spain?")]
    exported = citations_json(*answers)
    assert exported["format"] == FORMAT
    assert [entry["question"] for entry in exported["answers"]] == [answer.question for answer in answers]
    file = tmp_path / "citations.json"
    file.write_text(json.dumps(exported))
    quotes = [quote for answer in answers for quote in answer.quotes]
    assert [citation.text for citation in read_citations(file)] == [quote.text for quote in quotes]
    file.write_text("\n".join(json.dumps(citations_json(answer), indent=1) for answer in answers) + "\n")
    assert [citation.text for citation in read_citations(file)] == [quote.text for quote in quotes]
    assert {found.state for found in check_citations(read_citations(file), tiny_articles)} <= {"valid"}


def test_a_quote_that_stands_where_it_says_is_valid(tiny_articles: Path) -> None:
    citation = cited(tiny_articles, "bridge.txt", BUSES)
    assert state(citation, tiny_articles) == ("valid", "bridge.txt:8")
    text = TINY_ARTICLES["bridge.txt"]
    write_articles(tiny_articles, {"bridge.txt": text + "Something was added below.\n"})
    assert state(citation, tiny_articles)[0] == "valid", "the article has changed, the citation holds"


def test_a_quote_in_other_lines_has_moved_to_the_nearest(tiny_articles: Path) -> None:
    citation = cited(tiny_articles, "bridge.txt", BUSES)
    text = TINY_ARTICLES["bridge.txt"]
    write_articles(tiny_articles, {"bridge.txt": f"{BUSES}\n\nNote\n\n{text}"})
    assert state(citation, tiny_articles) == ("moved", "bridge.txt:12")


def test_a_quote_in_a_renamed_article_has_moved(tiny_articles: Path) -> None:
    citation = cited(tiny_articles, "bridge.txt", BUSES)
    (tiny_articles / "bridge.txt").rename(tiny_articles / "renamed.txt")
    assert state(citation, tiny_articles) == ("moved", "renamed.txt:8")


def test_an_altered_quote_is_changed_and_a_lost_article_missing(tiny_articles: Path) -> None:
    citation = cited(tiny_articles, "bridge.txt", BUSES)
    write_articles(tiny_articles, {"bridge.txt": TINY_ARTICLES["bridge.txt"].replace("northern", "southern")})
    assert state(citation, tiny_articles) == ("changed", "bridge.txt:8")
    (tiny_articles / "bridge.txt").unlink()
    assert state(citation, tiny_articles) == ("missing", "bridge.txt:8")


def test_an_article_that_cannot_be_read_is_missing_with_its_reason(tiny_articles: Path) -> None:
    citation = cited(tiny_articles, "bridge.txt", BUSES)
    (tiny_articles / "bridge.txt").write_bytes(b"\x00")
    (found,) = check_citations([citation], tiny_articles)
    assert (found.state, found.reason) == ("missing", "not a text file (it holds NUL bytes)")


def test_records_and_pdfs_are_checked_in_their_rendered_text(tmp_path: Path) -> None:
    lines = [json.dumps({"text": f"The record {number} is here."}) for number in range(2)]
    articles = write_articles(tmp_path, {"n.jsonl": "\n".join(lines)})
    (articles / "r.pdf").write_bytes(make_pdf(PDF_PAGES))
    record = Citation("The record 1 is here.", "n.jsonl#2", 1, 1)
    assert state(record, articles) == ("valid", "n.jsonl#2:1")
    write_articles(articles, {"n.jsonl": "\n".join(['{"text": "New first."}', *lines])})
    assert state(record, articles) == ("moved", "n.jsonl#3:1")
    assert state(cited(articles, "r.pdf", PDF_PAGES[2][0]), articles)[0] == "valid"


@pytest.mark.parametrize("path", ["../secret.txt", "/etc/hostname", ".hidden.txt", "deep/../bridge.txt"])
def test_only_listed_articles_are_opened(tiny_articles: Path, path: str) -> None:
    write_articles(tiny_articles, {"../secret.txt": BUSES, ".hidden.txt": BUSES})
    assert state(Citation(BUSES, path, 1, 1), tiny_articles)[0] == "missing"


def test_citations_as_plain_text_are_read_back(tmp_path: Path) -> None:
    quotes = ["“Nested” (x.txt:3) quotes”", "two\r\nlines", "plain (brackets)", "lone “ mark"]
    article = "\r\n\r\n".join(quotes) + "\r\n"
    articles = write_articles(tmp_path / "a", {"a (1).txt": article})
    parsed = parse_article("a (1).txt", article.encode())
    copied = []
    for quote in quotes:
        first, last = parsed.lines.lines(article.index(quote), article.index(quote) + len(quote))
        made = Quote(Source("a (1).txt", ""), quote, 0, 1, first, last, 1.0)
        copied.append(made.cited)
    assert copied[1] == "“two\nlines” (a (1).txt:3-4)"
    file = tmp_path / "c.txt"
    for text in ("\n".join(copied), "\ufeff\n" + "\r\n\r\n".join(copied) + "\n\n"):
        file.write_bytes(text.encode())
        checks = check_citations(read_citations(file), articles)
        assert [(found.state, found.location) for found in checks] == [
            ("valid", f"a (1).txt:{lines}") for lines in ("1", "3-4", "6", "8")
        ]
    file.write_text("“brackets” (r.pdf:3-4, page 2)")
    assert read_citations(file) == [Citation("brackets", "r.pdf", 3, 4)]


@pytest.mark.parametrize("between", ["and then", "“cut” (a.txt:", "“no place”", "10"])
def test_what_stands_between_citations_is_told_with_its_line(tmp_path: Path, between: str) -> None:
    file = tmp_path / "c.txt"
    file.write_text(f"“one” (a.txt:1)\n{between}\n")
    with pytest.raises(CitationsUnreadable, match=r"Line 2 of .*c\.txt is no citation"):
        read_citations(file)


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", '{"format": "else"}', '{"format": "articleqa citations 1"}', "[" * 10_000]
    + [json.dumps({"format": FORMAT, "answers": [{"quotes": [quote]}]}) for quote in (
        5, {}, {"text": "x"}, {"text": 1, "path": "a", "start_line": 1, "end_line": 1},
        {"text": "x", "path": "a", "start_line": "1", "end_line": 1},
        {"text": "", "path": "a", "start_line": 1, "end_line": 1},
    )],
)  # fmt: skip
def test_a_file_without_citations_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "c.json"
    file.write_text(content)
    with pytest.raises(CitationsUnreadable, match=r"c\.json"):
        read_citations(file)


def test_an_empty_file_and_other_json_are_told_as_such(tmp_path: Path) -> None:
    file = tmp_path / "c.json"
    for content, told in (("\n", "is empty"), ('{"question": "Why?", "quotes": []}', "other JSON than citations")):
        file.write_text(content)
        with pytest.raises(CitationsUnreadable, match=told):
            read_citations(file)


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(CitationsUnreadable, match="No such file"):
        read_citations(tmp_path / "none.json")
    with pytest.raises(ArticlesMissing):
        check_citations([], tmp_path / "none")


def test_the_citation_of_a_pdf_names_the_page() -> None:
    quote = Quote(Source("r.pdf", "", page=2), "x", 0, 1, 3, 4, 1.0)
    assert quote.citation == "r.pdf:3-4, page 2"
    assert citations_json(Answer("q", True, 1.0, (quote,), ()))["answers"][0]["quotes"][0]["page"] == 2


def test_cite_and_check_from_the_shell(
    tmp_path: Path, seed_index: Path, seed_assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Assistant, "open", lambda _index, reader: seed_assistant
    )  # so that the model is loaded once for all
    run = CliRunner().invoke(app, ["cite", "How many people were killed?", "--json"])
    assert run.exit_code == 0, run.output
    plain = CliRunner().invoke(app, ["cite", "How many people were killed?"])
    assert plain.stdout.startswith("“At least 25 people had been killed")
    assert CliRunner().invoke(app, ["cite", "What is the capital of Peru?"]).exit_code == 3
    file = tmp_path / "c.txt"
    file.write_text(plain.stdout, encoding="utf-8")
    copied = articleqa("check", str(file), "--articles", str(SEEDS))
    assert (copied.returncode, copied.stdout.splitlines()[0]) == (0, f"valid: {SEED_NAME}:10")
    file = tmp_path / "c.json"
    file.write_text(run.stdout, encoding="utf-8")
    good = articleqa("check", str(file), "--articles", str(SEEDS))
    assert (good.returncode, good.stdout.splitlines()[0]) == (0, f"valid: {SEED_NAME}:10")
    articles = write_articles(tmp_path / "a", {SEED_NAME: "\n" + (SEEDS / SEED_NAME).read_text(encoding="utf-8")})
    moved = articleqa("check", str(file), "--articles", str(articles))
    assert moved.returncode == 4
    assert moved.stdout.splitlines()[0] == f"moved: {SEED_NAME}:10 → {SEED_NAME}:11"
    assert articleqa("check", str(tmp_path / "none"), "--articles", str(SEEDS)).returncode == 1
    assert articleqa("verify", index=seed_index).stdout.splitlines()[1] == "Articles: 1 unchanged, 0 changed, 0 missing"
