"""Which articles a question is put to."""

import datetime
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import HashEncoder, hash_build, write_articles

from index.errors import FilterRejected
from index.places import open_store
from qa import Assistant, Filters

ARTICLES = {
    "2021/bridge.txt": "Old bridge closes\n\nBy Ann Lee\n3 May 2021\n\nThe bridge over the Tarn closes on Monday.\n",
    "2022/ferry.txt": "Ferry returns\n\nBy Bob Ray\n30 Nov 2022\n\nThe ferry over the Tarn sails again on Monday.\n",
    "undated.txt": "Notes on the Tarn\n\nNobody knows when the river Tarn froze for the last time on a Monday.\n",
}


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    hash_build(write_articles(tmp_path / "articles", ARTICLES), tmp_path / "index")
    return Assistant.open(tmp_path / "index", HashEncoder())


@pytest.mark.parametrize(
    ("filters", "paths"),
    [
        (Filters(), list(ARTICLES)),
        (Filters(since=datetime.date(2021, 5, 3)), ["2021/bridge.txt", "2022/ferry.txt"]),
        (Filters(since=datetime.date(2021, 5, 4)), ["2022/ferry.txt"]),
        (Filters(until=datetime.date(2021, 5, 3)), ["2021/bridge.txt"]),
        (Filters(author="ann"), ["2021/bridge.txt"]),
        (Filters(path="2022/*"), ["2022/ferry.txt"]),
        (Filters(path="FERRY"), ["2022/ferry.txt"]),
        (Filters(title="*tarn"), ["undated.txt"]),
        (Filters(title="bridge", author="Lee"), ["2021/bridge.txt"]),
    ],
)
def test_filters_narrow_search_and_ask_to_the_articles_they_allow(
    assistant: Assistant, filters: Filters, paths: list[str]
) -> None:
    found = assistant.search("the Tarn on Monday", k=10, filters=filters)
    assert sorted(passage.path for passage in found) == sorted(paths)
    answer = assistant.ask("What is over the Tarn on Monday?", filters=filters)
    assert {passage.path for passage in answer.passages} <= set(paths)
    assert answer.filters == filters.describe()


def test_a_question_about_the_article_is_plain_when_one_is_left(assistant: Assistant) -> None:
    assert not assistant.ask("Who wrote this?").found
    answer = assistant.ask("Who wrote this?", filters=Filters(path="2022/*"))
    assert [(quote.text, quote.start_line) for quote in answer.quotes] == [("By Bob Ray", 3)]


def test_filters_that_leave_nothing_are_an_error_and_not_a_silence(assistant: Assistant) -> None:
    with pytest.raises(FilterRejected, match="Of 3 articles none is by “Nobody”"):
        assistant.ask("What is over the Tarn?", filters=Filters(author="Nobody"))


@pytest.mark.parametrize(
    ("since", "until", "first", "last"),
    [
        ("2021", "2021", (2021, 1, 1), (2021, 12, 31)),
        ("2021-02", "2021-02", (2021, 2, 1), (2021, 2, 28)),
        ("2020-12", "2020-12", (2020, 12, 1), (2020, 12, 31)),
        ("2021-05-03", "2021-05-04", (2021, 5, 3), (2021, 5, 4)),
    ],
)
def test_dates_may_be_days_months_and_years(
    since: str, until: str, first: tuple[int, int, int], last: tuple[int, int, int]
) -> None:
    filters = Filters.parse(since=since, until=until)
    assert (filters.since, filters.until) == (datetime.date(*first), datetime.date(*last))


@pytest.mark.parametrize("bad", ["yesterday", "2021-13", "2021-02-30", "19.9.2023", "2021-1-1-1"])
def test_what_is_no_date_is_refused(bad: str) -> None:
    with pytest.raises(FilterRejected, match="is no date"):
        Filters.parse(since=bad)
    with pytest.raises(FilterRejected):
        Filters.parse(until=bad)


def test_a_since_after_the_until_is_refused() -> None:
    with pytest.raises(FilterRejected, match="after the second"):
        Filters.parse(since="2022", until="2021")


def test_the_shell_takes_the_same_filters(seed_index: Path) -> None:
    def shell(*options: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "shell", "search", "talks", "-k", "1", "--index", str(seed_index), *options]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    assert "000_883b0ecb052fe686.txt" in shell("--since", "2023-09", "--author", "Dovich", "--title", "Baku*").stdout
    none = shell("--until", "2022")
    assert (none.returncode, none.stdout) == (1, "")
    assert "Of 1 articles none is until 2022-12-31" in none.stderr


def test_articles_without_a_date_are_told_where_dates_leave_none(assistant: Assistant) -> None:
    with pytest.raises(FilterRejected, match=r"Of 3 articles none is until 2020-12-31\. 1 of them have no date\."):
        assistant.ask("When did the Tarn freeze?", filters=Filters.parse(until="2020"))


def test_filters_are_described_in_words() -> None:
    assert Filters.parse("2021", "", "Lee", "a/*", "Bridge").describe() == (
        "since 2021-01-01, by “Lee”, in “a/*”, titled “Bridge”"
    )
    assert Filters().describe() == ""
    assert not Filters().active


def test_the_whole_path_of_an_article_means_that_one_only(tmp_path: Path) -> None:
    records = "\n".join(f'{{"text": "The record {number} has words."}}' for number in range(12))
    names = {
        "news.jsonl": records,
        "a.txt": "Some words.",
        "data.txt": "Other words.",
        "report [2023].txt": "More words.",
    }
    hash_build(write_articles(tmp_path / "articles", names), tmp_path / "index")
    index = open_store(tmp_path / "index").snapshot()

    def found(path: str) -> list[str]:
        return [info.path for info in index.articles(index.select(Filters(path=path)))]

    for path in ("news.jsonl#1", "a.txt", "report [2023].txt"):
        assert found(path) == [path]
    assert found("A.TXT") == ["a.txt", "data.txt"]
    assert found("[2023]") == ["report [2023].txt"]
    assert found("*.jsonl") == found("NEWS.jsonl") == [f"news.jsonl#{number}" for number in range(1, 13)]
    allowed = [info.path for info in index.articles() if Filters.parse(path="./a.txt").allows(info)]
    assert allowed == ["a.txt", "data.txt"]
    assert found("news.jsonl#1?") == ["news.jsonl#10", "news.jsonl#11", "news.jsonl#12"]
    with pytest.raises(FilterRejected):
        Assistant.open(tmp_path / "index", HashEncoder()).search(
            "words", filters=Filters(path="a.txt", author="Nobody")
        )


@pytest.mark.parametrize("field", ["author", "path", "title", "since", "until"])
def test_a_filter_is_as_long_as_people_write(field: str) -> None:
    with pytest.raises(FilterRejected, match=r"A filter has 1,001 characters; at most 1,000 are read\."):
        Filters.parse(**{field: "*" * 1_001})
    if field in ("author", "path", "title"):
        assert getattr(Filters.parse(**{field: "a" * 1_000}), field) == "a" * 1_000
