"""The table of articles: more of them than a query takes at once, and no file but its own."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from index.filters import NO_FILTERS, Filters
from index.stores.local.articles import ArticleTable, ArticleTableWriter, Row
from index.types import ArticleInfo, Field, Unread

COUNT = 20_000


def row(number: int) -> Row:
    scattered = number * 7919 % COUNT
    info = ArticleInfo(
        path=f"{scattered:05}.txt",
        sha256=f"{number:064}",
        title=Field(f"Title {number}", 0, 5),
        published=Field(f"20{scattered % 20:02}-01-01", 9, 19),
    )
    return Row(info, "1" * 64, number, number + 1, 2 * number, 2 * number + 2, 3 * number, 3 * number + 3)


@contextmanager
def no_file_may_grow() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    writer = ArticleTableWriter()
    writer.add(map(row, range(COUNT)))
    path = tmp_path_factory.mktemp("table") / "articles.sqlite"
    writer.finish(path, [Unread("x.png", "no", "")], {"x.png": ""})
    return path.read_bytes()


@pytest.fixture(scope="module")
def table(data: bytes) -> ArticleTable:
    return ArticleTable(data, Path("index"))


def test_any_number_of_paths_can_be_asked_for(table: ArticleTable) -> None:
    # BUG: SQLite takes no more than some ten thousand values ("too many SQL variables").
    paths = [f"{number:05}.txt" for number in range(COUNT)]
    asked = [(paths * 13, COUNT), ([*paths[:10_001], "nowhere.txt"], 10_001), (paths[:1] * 3, 1), ([], 0)]
    for named, count in asked:
        found = table.select(NO_FILTERS, named)
        expected = [number for number in range(COUNT) if number * 7919 % COUNT < count]
        assert found == [(number, 2 * number, 2 * number + 2) for number in expected]
    since = Filters.parse(since="2019")
    assert table.select(since, paths) == table.select(since, None)


def test_articles_are_given_in_the_order_that_is_asked_for(table: ArticleTable) -> None:
    for numbers in ([5, 3, 3, 19_999], list(range(COUNT))[::-1]):
        assert table.rows(numbers) == [row(number) for number in numbers]


def test_the_rows_of_the_block_table_end_with_the_last_article(table: ArticleTable) -> None:
    assert table.block_end() == 3 * COUNT


def test_sorting_writes_no_file(data: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A disk may be full, or there is none to write to."""
    opened = ArticleTable(data, Path("index"))
    with no_file_may_grow():
        rows, matching = opened.browse([], "title", down=True, count=COUNT)
    assert (len(rows), matching) == (COUNT, COUNT)
    titles = [found.info.value("title") for found in rows]
    assert titles == sorted(titles, reverse=True)
