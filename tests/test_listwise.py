"""Listwise logistic regression, against numbers computed by hand."""

import math

import numpy as np
import pytest

from evaluation.listwise import L2, Lists

LISTS = Lists.of(
    [
        [((1.0, 0.0), True), ((0.0, 1.0), False)],
        [((0.0, 1.0), False), ((0.0, 0.0), False), ((1.0, 1.0), True)],
        [((0.5, 0.5), False)],
    ]
)
"""The first feature tells; nothing in the third list is right."""


def test_lists_lie_one_behind_the_other() -> None:
    assert LISTS.features.shape == (6, 2)
    assert LISTS.starts.tolist() == [0, 2, 5, 6]
    some = LISTS.of_rows(np.array([False, True, True]))
    assert some.starts.tolist() == [0, 3, 4]
    assert some.right.tolist() == [False, False, True, False]


def test_ranks_are_of_the_first_right_entry() -> None:
    assert LISTS.ranks(np.array([1.0, 0.0]))[:2].tolist() == [1, 1]
    assert LISTS.ranks(np.array([-1.0, 0.0]))[:2].tolist() == [2, 3]
    assert LISTS.ranks(np.array([1.0, 0.0]))[2] > 1_000_000


def test_the_loss_is_the_likelihood_of_drawing_a_right_entry() -> None:
    lists = LISTS.of_rows(np.array([True, True, False]))
    weights = np.array([2.0, 1.0])
    first = math.exp(2) / (math.exp(2) + math.exp(1))
    second = math.exp(3) / (math.exp(1) + 1 + math.exp(3))
    loss, gradient = lists.loss(weights)
    assert loss == pytest.approx(-(math.log(first) + math.log(second)) / 2 + L2 * 5)
    for at in (0, 1):
        step = np.eye(2)[at] * 1e-6
        slope = (lists.loss(weights + step)[0] - lists.loss(weights - step)[0]) / 2e-6
        assert gradient[at] == pytest.approx(slope, abs=1e-6)


def test_fitting_finds_what_tells_and_finds_it_again() -> None:
    weights = LISTS.fit()
    assert weights[0] > 1
    assert weights[0] > weights[1]
    assert LISTS.ranks(weights)[:2].tolist() == [1, 1]
    assert np.array_equal(weights, LISTS.fit())
    assert np.abs(LISTS.of_rows(np.array([True, True, False])).loss(weights)[1]).max() < 1e-4
