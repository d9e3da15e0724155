"""Vectors to FAISS and back: cosines by hand, order, and what is kept on disk."""

from pathlib import Path

import numpy as np
import pytest

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
