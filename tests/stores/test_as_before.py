"""The tables answer as `index.vectors` and `index.lexical` did, to the last bit; goes when those go."""

from pathlib import Path

import numpy as np
import pytest

import index.vectors
from index.lexical import LexicalIndex
from index.stores.local import vectors
from index.stores.local.lexical import LexicalTable, LexicalWriter
from index.stores.local.vectors import VectorTable, VectorWriter
from index.vectors import VectorIndex
from stores.opening import Opened
from stores.test_lexical import part_of
from stores.test_vectors import clustered

OLD_NAMES = {
    "bm25_words": "words",
    "bm25_word_starts": "word_starts",
    "bm25_terms": "terms",
    "bm25_term_starts": "term_starts",
    "bm25_starts": "starts",
    "bm25_rows": "rows",
    "bm25_scores": "scores",
    "bm25_highest": "highest",
}


def test_bm25_arrays_and_answers_are_the_same(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    rows = [[f"w{min(word, 3_000)}" for word in random.zipf(1.3, random.integers(25))] for _ in range(8_000)]
    writer = LexicalWriter(tmp_path)
    for at in range(0, len(rows), 900):
        writer.add(*part_of(rows[at : at + 900]))
    writer.finish()
    old, new = LexicalIndex.of(rows), LexicalTable(Opened(tmp_path))
    for name, old_name in OLD_NAMES.items():
        array, expected = np.load(tmp_path / f"{name}.npy"), old._arrays[old_name]
        assert array.dtype == expected.dtype
        assert np.array_equal(array, expected)
    for _ in range(50):
        question = [f"w{word}" for word in random.choice([1, 2, 3, 10, 40, 200, 700, 2_000], 5)]
        within = np.sort(random.choice(len(rows), 2_000, replace=False))
        for some in (None, within):
            assert np.array_equal(old.best(question, 20, some), new.best(question, 20, some))
        assert np.array_equal(old.scores_of(question, within), new.scores_of(question, within))


@pytest.mark.parametrize("count", [1, 60, 5_000])
def test_exact_searches_are_the_same(tmp_path: Path, count: int) -> None:
    rows = clustered(count, 4)
    writer = VectorWriter(tmp_path, rows.shape[1])
    writer.add(rows)
    writer.finish()
    old, new = VectorIndex.of(rows), VectorTable(Opened(tmp_path))
    for question in clustered(50, 8):
        for some in (None, np.arange(0, count, 3)):
            before, now = old.search(question, 50, some), new.search(question, 50, some)
            assert np.array_equal(before[0], now[0])
            assert before[1].tobytes() == now[1].tobytes()


def test_as_many_cells_are_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.vectors, "EXACT_ROWS", 5_000)
    monkeypatch.setattr(vectors, "EXACT_ROWS", 5_000)
    rows = clustered(6_000, 4)
    writer = VectorWriter(tmp_path, rows.shape[1])
    writer.add(rows)
    writer.finish()
    old, new = VectorIndex.of(rows)._cells, VectorTable(Opened(tmp_path))._cells
    assert old is not None
    assert new is not None
    assert (new._index.nprobe, new._index.nlist) == (old.nprobe, old.nlist)
