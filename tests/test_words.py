"""Word vectors: projected, a byte a number, and compared."""

import numpy as np
import pytest

from index.words import DIMENSION, pack, project, similarities
from qa.retrieve import _best_of_each


def unit_rows(count: int, dimension: int, seed: int = 1) -> np.ndarray:
    rows = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def test_projected_rows_have_unit_length_and_zeros_stay() -> None:
    rows = unit_rows(5, 384)
    rows[2] = 0
    lengths = np.linalg.norm(project(rows), axis=1)
    assert lengths.tolist() == pytest.approx([1, 1, 0, 1, 1], abs=1e-6)
    assert project(rows).shape == (5, DIMENSION)


def test_cosines_survive_projection_and_packing() -> None:
    """Pairs at a known cosine; a projection to 128 of 384 numbers is off by about 1/√128 at worst."""
    one, other = unit_rows(200, 384, 2), unit_rows(200, 384, 3)
    near = 0.8 * one + 0.6 * other
    near = (near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32)
    true = (one * near).sum(axis=1)
    found = np.diag(similarities(pack(one), project(near)))
    assert float(np.abs(found - true).mean()) < 0.03
    assert float(np.abs(np.diag(similarities(pack(one), project(one))) - 1).max()) < 0.01


def test_the_projection_is_the_same_every_time_and_for_any_dimension() -> None:
    rows = unit_rows(3, 64)
    assert np.array_equal(pack(rows), pack(rows.copy()))
    assert pack(rows).dtype == np.int8
    assert np.allclose(project(rows) @ project(rows).T, rows @ rows.T, atol=1e-2)


def test_the_best_word_of_each_sentence_counts_and_negative_ones_do_not() -> None:
    similar = np.array([[0.1, -0.5], [0.4, -0.2], [0.3, 0.9]], dtype=np.float32)
    best = _best_of_each(similar, np.array([0, 2, 2, 3]))
    assert best.tolist() == [[pytest.approx(0.4), 0.0], [0.0, 0.0], [pytest.approx(0.3), pytest.approx(0.9)]]
    assert _best_of_each(np.zeros((0, 2), np.float32), np.array([0, 0])).tolist() == [[0.0, 0.0]]
    assert _best_of_each(np.zeros((3, 0), np.float32), np.array([0, 3])).shape == (1, 0)
