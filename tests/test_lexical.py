"""BM25: every score is computed by hand with the formula of Lucene."""

import math
from pathlib import Path

import numpy as np
import pytest

from index.analysis import terms
from index.lexical import LexicalIndex

K1, B = 1.5, 0.75
"""Set for these tests, so that the figures below hold however the constants are tuned."""

CORPUS = [
    ["ferri", "sail", "harbour", "ferri"],
    ["bridg", "close", "harbour"],
    ["telescop", "lens"],
]
"""Lengths 4, 3, 2: the mean is 3."""


@pytest.fixture(autouse=True)
def round_constants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LexicalIndex, "K1", K1)
    monkeypatch.setattr(LexicalIndex, "B", B)


def idf(rows_with_term: int, rows: int = 3) -> float:
    return math.log(1 + (rows - rows_with_term + 0.5) / (rows_with_term + 0.5))


def part(count: int, length: int, mean_length: float = 3.0) -> float:
    return count / (count + K1 * (1 - B + B * length / mean_length))


def test_a_term_of_one_row_scores_there_only() -> None:
    # idf ln(1 + 2.5/1.5), count 2 in a row of 4: 2 / (2 + 1.5 * 1.25)
    assert idf(1) == pytest.approx(0.980829, abs=1e-6)
    assert part(2, 4) == pytest.approx(0.516129, abs=1e-6)
    scores = LexicalIndex.of(CORPUS).scores(["ferri"])
    assert scores.tolist() == pytest.approx([0.506235, 0.0, 0.0], abs=1e-5)
    assert scores[0] == pytest.approx(idf(1) * part(2, 4), abs=1e-5)


def test_a_shared_term_scores_higher_in_the_shorter_row() -> None:
    # idf ln(1 + 1.5/2.5); 1 / (1 + 1.5 * 1.25) and 1 / (1 + 1.5)
    scores = LexicalIndex.of(CORPUS).scores(["harbour"])
    assert scores.tolist() == pytest.approx([0.163479, 0.188001, 0.0], abs=1e-5)
    assert scores[:2].tolist() == pytest.approx([idf(2) * part(1, 4), idf(2) * part(1, 3)], abs=1e-5)


def test_the_terms_of_a_question_add_up() -> None:
    scores = LexicalIndex.of(CORPUS).scores(["harbour", "lens", "bridg"])
    expected = [idf(2) * part(1, 4), idf(2) * part(1, 3) + idf(1) * part(1, 3), idf(1) * part(1, 2)]
    assert scores.tolist() == pytest.approx(expected, abs=1e-5)


def test_a_term_that_is_asked_for_twice_counts_twice() -> None:
    index = LexicalIndex.of(CORPUS)
    assert index.scores(["lens", "lens"]).tolist() == pytest.approx([0, 0, 2 * idf(1) * part(1, 2)], abs=1e-5)


@pytest.mark.parametrize("question", [[], ["unheard"], ["unheard", "of"]])
def test_unknown_terms_score_zero_everywhere(question: list[str]) -> None:
    scores = LexicalIndex.of(CORPUS).scores(question)
    assert scores.tolist() == [0.0, 0.0, 0.0]
    assert scores.dtype == np.float32


def test_an_unknown_term_changes_nothing_beside_a_known_one() -> None:
    index = LexicalIndex.of(CORPUS)
    assert np.array_equal(index.scores(["ferri", "unheard"]), index.scores(["ferri"]))


def test_document_frequency_counts_rows_and_not_words() -> None:
    index = LexicalIndex.of(CORPUS)
    assert [index.document_frequency(term) for term in ("harbour", "ferri", "lens", "unheard")] == [2, 1, 1, 0]


def test_idf_is_largest_for_a_term_that_is_nowhere() -> None:
    index = LexicalIndex.of(CORPUS)
    assert index.idf("harbour") == pytest.approx(0.470004, abs=1e-6)  # ln(1 + 1.5 / 2.5)
    assert index.idf("lens") == pytest.approx(idf(1))
    assert index.idf("unheard") == pytest.approx(2.079442, abs=1e-6)  # ln(1 + 3.5 / 0.5)


def test_a_row_without_terms_keeps_its_place() -> None:
    index = LexicalIndex.of([["ferri"], [], ["ferri", "lens"]])
    assert index.size == 3
    expected = [idf(2) * part(1, 1, 1.0), 0.0, idf(2) * part(1, 2, 1.0)]
    assert index.scores(["ferri"]).tolist() == pytest.approx(expected, abs=1e-5)


def test_rows_without_any_term_score_zero() -> None:
    # BUG: an article of "!!!" or "???" only has no terms, and bm25s fails with "max() arg is an empty sequence".
    index = LexicalIndex.of([[], []])
    assert index.size == 2
    assert index.scores(["ferri"]).tolist() == [0.0, 0.0]
    assert index.document_frequency("ferri") == 0


def test_a_saved_index_scores_the_same_even_when_its_files_are_gone(tmp_path: Path) -> None:
    index = LexicalIndex.of(CORPUS)
    index.save(tmp_path)
    loaded = LexicalIndex.load(tmp_path)
    for path in list(tmp_path.iterdir()):
        path.unlink()
    assert loaded.size == 3
    for question in (["harbour", "ferri"], ["lens"], ["unheard"]):
        assert np.array_equal(loaded.scores(question), index.scores(question))
    assert loaded.document_frequency("harbour") == 2


def test_accents_make_no_difference_between_question_and_article() -> None:
    index = LexicalIndex.of([terms("L’édition russe"), terms("A Russian book")])
    scores = index.scores(terms("EDITION"))
    assert scores[0] > 0
    assert scores[1] == 0


def test_the_best_rows_come_best_first_and_only_those_that_score() -> None:
    index = LexicalIndex.of(CORPUS)
    rows, scores = index.best(["harbour", "ferri"], 5)
    assert rows.tolist() == [0, 1]
    assert scores.tolist() == pytest.approx([0.163479 + 0.506235, 0.188001], abs=1e-5)
    assert index.best(["harbour"], 1)[0].tolist() == [1]
    assert index.best(["unheard"], 3)[0].tolist() == []


def test_the_best_rows_can_be_looked_for_among_some() -> None:
    index = LexicalIndex.of(CORPUS)
    assert index.best(["harbour", "lens"], 5, np.array([0, 2]))[0].tolist() == [2, 0]
    assert index.best(["harbour", "lens"], 1, np.array([0, 1]))[0].tolist() == [1]
    assert index.best(["lens"], 1, np.array([0, 1]))[0].tolist() == []


def test_some_rows_are_scored_in_the_order_given() -> None:
    scores = LexicalIndex.of(CORPUS).scores_of(["harbour", "lens"], np.array([2, 0, 2]))
    assert scores.tolist() == pytest.approx([idf(1) * part(1, 2), 0.163479, idf(1) * part(1, 2)], abs=1e-5)


@pytest.fixture(scope="module")
def zipf_index() -> LexicalIndex:
    """20,000 rows of words, a few of them common and most of them rare."""
    random = np.random.default_rng(5)
    words = np.minimum(random.zipf(1.3, size=(20_000, 12)), 3_000)
    return LexicalIndex.of([[f"w{word}" for word in row] for row in words])


@pytest.mark.parametrize("k", [1, 10, 50])
def test_the_best_rows_are_those_of_a_full_look(zipf_index: LexicalIndex, k: int) -> None:
    random = np.random.default_rng(k)
    for _ in range(40):
        question = [f"w{word}" for word in random.choice([1, 2, 3, 10, 40, 200, 700, 2_000], size=4)]
        full = zipf_index.scores(question)
        rows, scores = zipf_index.best(question, k)
        assert scores == pytest.approx(np.sort(full)[::-1][: len(rows)], abs=1e-5)
        assert scores == pytest.approx(full[rows], abs=1e-5)
        assert len(set(rows.tolist())) == len(rows) == min(k, np.count_nonzero(full))


def test_an_index_without_any_term_is_kept_too(tmp_path: Path) -> None:
    LexicalIndex.of([[], []]).save(tmp_path)
    loaded = LexicalIndex.load(tmp_path)
    assert loaded.size == 2
    assert loaded.best(["ferri"], 3)[0].tolist() == []
    assert loaded.scores(["ferri"]).tolist() == [0.0, 0.0]
