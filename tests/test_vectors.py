"""Vectors to FAISS and back: cosines by hand, order, and what is kept on disk."""

from pathlib import Path

import numpy as np
import pytest

from index import vectors
from index.encoders.protocol import Vectors
from index.vectors import VectorIndex

ROWS = np.array([[1, 0, 0], [0.6, 0.8, 0], [0, 0, -1], [0.8, 0, 0.6]], dtype=np.float32)


def test_search_gives_cosines_best_first() -> None:
    rows, scores = VectorIndex.of(ROWS).search(np.array([1, 0, 0], dtype=np.float32), 4)
    assert rows.tolist() == [0, 3, 1, 2]
    assert scores.tolist() == pytest.approx([1.0, 0.8, 0.6, 0.0], abs=1e-6)
    assert (rows.dtype, scores.dtype) == (np.dtype(np.int64), np.dtype(np.float32))


def test_an_opposite_vector_has_a_negative_cosine_and_comes_last() -> None:
    rows, scores = VectorIndex.of(ROWS).search(np.array([0, 0.8, 0.6], dtype=np.float32), 4)
    assert rows.tolist() == [1, 3, 0, 2]
    assert scores.tolist() == pytest.approx([0.64, 0.36, 0.0, -0.6], abs=1e-6)


def test_only_k_rows_come_back() -> None:
    rows, scores = VectorIndex.of(ROWS).search(np.array([0, 0, 1], dtype=np.float32), 1)
    assert rows.tolist() == [3]
    assert scores.tolist() == pytest.approx([0.6])


def test_k_larger_than_the_index_gives_every_row_once() -> None:
    rows, scores = VectorIndex.of(ROWS).search(np.array([1, 0, 0], dtype=np.float32), 100)
    assert sorted(rows.tolist()) == [0, 1, 2, 3]
    assert len(scores) == 4


def test_size_and_dimension_are_those_of_the_rows() -> None:
    index = VectorIndex.of(ROWS)
    assert (index.size, index.dimension) == (4, 3)


def test_rows_come_back_as_they_went_in() -> None:
    rows = VectorIndex.of(ROWS).rows()
    assert rows.dtype == np.float32
    assert np.array_equal(rows, ROWS)


def test_some_rows_can_be_taken_in_any_order() -> None:
    taken = VectorIndex.of(ROWS).take(np.array([2, 0, 2], dtype=np.int64))
    assert np.array_equal(taken, ROWS[[2, 0, 2]])


def test_a_saved_index_answers_the_same_even_when_its_file_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "vectors.faiss"
    VectorIndex.of(ROWS).save(path)
    loaded = VectorIndex.load(path)
    path.unlink()
    assert np.array_equal(loaded.rows(), ROWS)
    rows, scores = loaded.search(np.array([1, 0, 0], dtype=np.float32), 2)
    assert rows.tolist() == [0, 3]
    assert scores.tolist() == pytest.approx([1.0, 0.8], abs=1e-6)


def test_rows_that_are_not_contiguous_are_indexed_as_they_read() -> None:
    turned = np.asfortranarray(ROWS)
    assert np.array_equal(VectorIndex.of(turned[::-1]).rows(), ROWS[::-1])


def clustered(count: int, seed: int) -> Vectors:
    """Unit rows around forty topics, as articles have them."""
    topics = np.random.default_rng(1).standard_normal((40, 32))
    random = np.random.default_rng(seed)
    rows = topics[random.integers(40, size=count)] + 0.7 * random.standard_normal((count, 32))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture
def cells(monkeypatch: pytest.MonkeyPatch) -> VectorIndex:
    monkeypatch.setattr(vectors, "EXACT_ROWS", 3_999)
    return VectorIndex.of(clustered(4_000, 2))


def test_beyond_a_size_cells_are_searched_that_find_nearly_what_comparing_all_finds(cells: VectorIndex) -> None:
    rows = clustered(4_000, 2)
    exact = VectorIndex(cells._flat)
    assert (cells.exact, exact.exact, VectorIndex.of(rows[:3_999]).exact) == (False, True, True)
    assert cells._cells is not None
    assert cells._cells.nprobe < cells._cells.nlist == 253  # 4 * sqrt(4000)
    shared = [set(cells.search(one, 50)[0]) & set(exact.search(one, 50)[0]) for one in clustered(200, 3)]
    assert np.mean([len(found) for found in shared]) / 50 >= 0.98


def test_rows_found_in_cells_have_exact_cosines_best_first(cells: VectorIndex) -> None:
    rows = clustered(4_000, 2)
    found, cosines = cells.search(rows[17], 20)
    assert found[0] == 17
    assert cosines == pytest.approx(rows[found] @ rows[17], abs=1e-6)
    assert np.all(np.diff(cosines) <= 0)
    assert len(found) == 20


def test_rows_beside_cells_come_back_as_they_went_in(cells: VectorIndex, tmp_path: Path) -> None:
    cells.save(tmp_path / "vectors.faiss")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["vectors.faiss", "vectors_cells.faiss"]
    loaded = VectorIndex.load(tmp_path / "vectors.faiss")
    assert not loaded.exact
    assert np.array_equal(loaded.rows(), clustered(4_000, 2))
    question = clustered(1, 9)[0]
    assert loaded.search(question, 30)[0].tolist() == cells.search(question, 30)[0].tolist()
    VectorIndex.of(ROWS).save(tmp_path / "vectors.faiss")
    assert VectorIndex.load(tmp_path / "vectors.faiss").exact


def test_some_rows_can_be_searched_beside_cells_and_without(cells: VectorIndex) -> None:
    question = clustered(1, 9)[0]
    within = np.arange(100, 200)
    rows, cosines = cells.search(question, 5, within)
    expected = clustered(4_000, 2)[within] @ question
    assert rows.tolist() == (100 + np.argsort(-expected)[:5]).tolist()
    assert cosines == pytest.approx(np.sort(expected)[::-1][:5], abs=1e-6)
    assert VectorIndex.of(ROWS).search(np.array([1, 0, 0], dtype=np.float32), 9, np.array([2, 1]))[0].tolist() == [1, 2]
