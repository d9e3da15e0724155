"""Vectors in files: cosines by hand, order, cells that find nearly everything, and what is damaged."""

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.stores.local import files, vectors
from index.stores.local.vectors import VectorTable, VectorWriter
from stores.opening import Opened, assert_only_whole_blocks_answer, largest_file

Vectors = npt.NDArray[np.float32]

ROWS = np.array([[1, 0, 0], [0.6, 0.8, 0], [0, 0, -1], [0.8, 0, 0.6]], dtype=np.float32)


def write(folder: Path, rows: Vectors, *cuts: int) -> None:
    writer = VectorWriter(folder, rows.shape[1])
    for first, last in itertools.pairwise([0, *cuts, len(rows)]):
        writer.add(rows[first:last])
    writer.finish()


@pytest.fixture
def table(tmp_path: Path) -> VectorTable:
    write(tmp_path, ROWS)
    return VectorTable(Opened(tmp_path))


def test_search_gives_cosines_best_first(table: VectorTable) -> None:
    rows, scores = table.search(np.array([1, 0, 0], dtype=np.float32), 4)
    assert rows.tolist() == [0, 3, 1, 2]
    assert scores.tolist() == pytest.approx([1.0, 0.8, 0.6, 0.0], abs=1e-6)
    assert (rows.dtype, scores.dtype) == (np.dtype(np.int64), np.dtype(np.float32))


def test_an_opposite_vector_has_a_negative_cosine_and_comes_last(table: VectorTable) -> None:
    rows, scores = table.search(np.array([0, 0.8, 0.6], dtype=np.float32), 4)
    assert rows.tolist() == [1, 3, 0, 2]
    assert scores.tolist() == pytest.approx([0.64, 0.36, 0.0, -0.6], abs=1e-6)


def test_only_k_rows_come_back(table: VectorTable) -> None:
    rows, scores = table.search(np.array([0, 0, 1], dtype=np.float32), 1)
    assert rows.tolist() == [3]
    assert scores.tolist() == pytest.approx([0.6])


def test_k_larger_than_the_table_gives_every_row_once(table: VectorTable) -> None:
    rows, scores = table.search(np.array([1, 0, 0], dtype=np.float32), 100)
    assert sorted(rows.tolist()) == [0, 1, 2, 3]
    assert len(scores) == 4


def test_size_and_dimension_are_those_of_the_rows(table: VectorTable) -> None:
    assert (table.size, table.dimension, table.exact) == (4, 3, True)


def test_a_table_of_no_rows_finds_none(tmp_path: Path) -> None:
    write(tmp_path, ROWS[:0])
    table = VectorTable(Opened(tmp_path))
    assert (table.size, table.dimension) == (0, 3)
    assert table.search(ROWS[0], 5)[0].tolist() == []
    assert table.search(ROWS[0], 5, np.zeros(0, np.int64))[0].tolist() == []


def test_some_rows_can_be_taken_in_any_order(table: VectorTable) -> None:
    taken = table.take(np.array([2, 0, 2], dtype=np.int64))
    assert taken.dtype == np.float32
    assert np.array_equal(taken, ROWS[[2, 0, 2]])


def test_some_rows_can_be_searched(table: VectorTable) -> None:
    assert table.search(np.array([1, 0, 0], dtype=np.float32), 9, np.array([1, 2]))[0].tolist() == [1, 2]
    assert table.search(np.array([1, 0, 0], dtype=np.float32), 1, np.array([1, 2, 3]))[0].tolist() == [3]


def test_a_table_answers_the_same_even_when_its_files_are_gone(tmp_path: Path) -> None:
    write(tmp_path, ROWS)
    table = VectorTable(Opened(tmp_path))
    for path in list(tmp_path.iterdir()):
        path.unlink()
    assert np.array_equal(table.take(np.arange(4)), ROWS)
    rows, scores = table.search(np.array([1, 0, 0], dtype=np.float32), 2)
    assert rows.tolist() == [0, 3]
    assert scores.tolist() == pytest.approx([1.0, 0.8], abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(count=st.integers(0, 60), cuts=st.lists(st.integers(0, 60), max_size=3), k=st.integers(1, 70))
def test_searches_are_those_of_numpy_however_rows_arrive(
    tmp_path_factory: pytest.TempPathFactory, count: int, cuts: list[int], k: int
) -> None:
    folder = tmp_path_factory.mktemp("vectors")
    rows = clustered(count, count)
    write(folder, np.asfortranarray(rows), *sorted(min(cut, count) for cut in cuts))
    assert np.array_equal(np.load(folder / "vectors.npy"), rows)
    question, table = clustered(1, 99)[0], VectorTable(Opened(folder))
    cosines = rows @ question
    found, scores = table.search(question, k)
    assert found.tolist() == np.argsort(-cosines, kind="stable")[:k].tolist()
    assert scores == pytest.approx(cosines[found], abs=1e-6)
    within = np.arange(0, count, 3)
    assert table.search(question, k, within)[0].tolist() == (3 * np.argsort(-cosines[::3], kind="stable")[:k]).tolist()


def clustered(count: int, seed: int) -> Vectors:
    """Unit rows around forty topics, as articles have them."""
    topics = np.random.default_rng(1).standard_normal((40, 32))
    random = np.random.default_rng(seed)
    rows = topics[random.integers(40, size=count)] + 0.7 * random.standard_normal((count, 32))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


CLUSTERED = clustered(4_000, 2)


@pytest.fixture(scope="module")
def cells_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """4,000 rows, written where 1,500 are the most that are compared exactly."""
    folder = tmp_path_factory.mktemp("cells")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectors, "EXACT_ROWS", 1_500)
        patch.setattr(vectors, "_BLOCK_ROWS", 1_000)
        write(folder, CLUSTERED, 1, 1_700)
    return folder


@pytest.fixture
def cells(cells_folder: Path, monkeypatch: pytest.MonkeyPatch) -> VectorTable:
    monkeypatch.setattr(vectors, "EXACT_ROWS", 1_500)
    return VectorTable(Opened(cells_folder))


def recall(table: VectorTable, within: npt.NDArray[np.int64]) -> float:
    """Share of the truly nearest 50 of some rows that a search among them finds."""
    shared = []
    for one in clustered(100, 3):
        found = table.search(one, 50, None if len(within) == table.size else within)[0]
        shared.append(np.isin(within[np.argsort(-(CLUSTERED[within] @ one))[:50]], found).mean())
    return float(np.mean(shared))


def test_beyond_a_size_cells_are_searched_that_find_nearly_what_comparing_all_finds(cells: VectorTable) -> None:
    assert not cells.exact
    assert cells._cells
    assert cells._cells._index.nprobe < cells._cells._index.nlist == 253  # 4 * sqrt(4000)
    assert recall(cells, np.arange(4_000)) >= 0.98


@pytest.mark.parametrize("share", [0.4, 0.7, 0.95])
def test_many_rows_are_searched_by_cells_too(cells: VectorTable, share: float) -> None:
    random = np.random.default_rng(4)
    assert recall(cells, np.sort(random.choice(4_000, int(share * 4_000), replace=False))) >= 0.98


def test_many_rows_without_those_of_the_topic_asked_for_are_searched_too(cells: VectorTable) -> None:
    topics = np.random.default_rng(1).standard_normal((40, 32))
    topics /= np.linalg.norm(topics, axis=1, keepdims=True)
    topic_of = np.argmax(CLUSTERED @ topics.T, axis=1)
    shared = []
    for one in clustered(60, 3):
        others = np.flatnonzero(topic_of != np.argmax(topics @ one))
        found = cells.search(one, 50, others)[0]
        shared.append(np.isin(others[np.argsort(-(CLUSTERED[others] @ one))[:50]], found).mean())
    assert np.mean(shared) >= 0.98


def test_among_many_rows_only_they_are_found(cells: VectorTable) -> None:
    within = np.arange(1, 4_000, 2)
    for one in clustered(20, 5):
        found, cosines = cells.search(one, 30, within)
        assert len(found) == 30
        assert np.all(found % 2 == 1)
        assert cosines == pytest.approx(CLUSTERED[found] @ one, abs=1e-6)


def test_rows_found_in_cells_have_exact_cosines_best_first(cells: VectorTable) -> None:
    found, cosines = cells.search(CLUSTERED[17], 20)
    assert found[0] == 17
    assert cosines == pytest.approx(CLUSTERED[found] @ CLUSTERED[17], abs=1e-6)
    assert np.all(np.diff(cosines) <= 0)
    assert len(set(found.tolist())) == 20


def test_few_rows_beside_cells_are_compared_exactly(cells: VectorTable) -> None:
    question = clustered(1, 9)[0]
    within = np.arange(100, 200)
    rows, cosines = cells.search(question, 5, within)
    expected = CLUSTERED[within] @ question
    assert rows.tolist() == (100 + np.argsort(-expected)[:5]).tolist()
    assert cosines == pytest.approx(np.sort(expected)[::-1][:5], abs=1e-6)


def test_rows_beside_cells_come_back_as_they_went_in(cells_folder: Path, cells: VectorTable) -> None:
    assert sorted(path.name for path in cells_folder.iterdir()) == [
        "cell_codes.npy",
        "cell_rows.npy",
        "cell_starts.npy",
        "cells.faiss",
        "vectors.npy",
    ]
    assert np.array_equal(cells.take(np.arange(4_000)), CLUSTERED)
    assert sorted(np.load(cells_folder / "cell_rows.npy").tolist()) == list(range(4_000))


def test_the_same_rows_make_the_same_files(cells_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "EXACT_ROWS", 1_500)
    write(tmp_path, CLUSTERED)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        path.name: path.read_bytes() for path in cells_folder.iterdir()
    }


QUESTION = clustered(1, 9)[0]

ASKED: dict[str, Callable[[VectorTable], object]] = {
    "all": lambda table: [array.tolist() for array in table.search(QUESTION, 5)],
    "among few": lambda table: [array.tolist() for array in table.search(QUESTION, 5, np.arange(700, 1_200))],
    "among many": lambda table: [array.tolist() for array in table.search(QUESTION, 5, np.arange(600, 3_900))],
    "rows": lambda table: table.take(np.array([17, 3_000])).tolist(),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED.keys())
def test_damage_in_a_block_that_is_read_is_found_and_other_blocks_are_not_read(
    cells_folder: Path, monkeypatch: pytest.MonkeyPatch, ask: Callable[[VectorTable], object]
) -> None:
    monkeypatch.setattr(files, "BLOCK_BYTES", 1 << 12)
    monkeypatch.setattr(vectors, "EXACT_ROWS", 1_500)
    assert_only_whole_blocks_answer(Opened(cells_folder), lambda opened: ask(VectorTable(opened)))


def test_comparing_all_reads_every_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, CLUSTERED)
    monkeypatch.setattr(files, "BLOCK_BYTES", 1 << 16)
    opened = Opened(tmp_path)
    assert len(VectorTable(opened).search(QUESTION, 5)[0]) == 5
    assert not opened.blocks(read=False)


@pytest.mark.parametrize("limit", [100, 10_000, 30_000, 100_000, 500_000])
def test_a_full_disk_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(vectors, "EXACT_ROWS", 1_500)
    with largest_file(limit), pytest.raises(OSError):
        write(tmp_path, CLUSTERED)
