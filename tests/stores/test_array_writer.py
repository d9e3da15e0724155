"""Arrays written part by part and read by checked blocks."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.stores.local import files
from index.stores.local.files import ArrayWriter, CheckedArray, write_array
from stores.opening import Opened


@given(st.lists(st.integers(0, 40), max_size=6), st.sampled_from([None, 1, 3]), st.sampled_from(["<f4", "<i8", "|u1"]))
def test_parts_make_the_file_that_numpy_writes_at_once(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], columns: int | None, dtype: str
) -> None:
    folder = tmp_path_factory.mktemp("array")
    shape = () if columns is None else (columns,)
    rows: Any = np.arange(sum(lengths) * (columns or 1)).reshape(-1, *shape).astype(dtype)
    with ArrayWriter(folder / "parts.npy", dtype, columns) as writer:
        for part in np.split(rows, np.cumsum(lengths)[:-1]) if lengths else []:
            writer.append(part)
        assert writer.rows == len(rows)
    write_array(folder / "once.npy", rows)
    np.save(folder / "numpy.npy", rows)
    assert (folder / "parts.npy").read_bytes() == (folder / "numpy.npy").read_bytes()
    assert (folder / "once.npy").read_bytes() == (folder / "numpy.npy").read_bytes()
    assert np.array_equal(CheckedArray(Opened(folder)("parts.npy")).all(), rows)


@pytest.mark.parametrize(
    "rows", [np.zeros((2, 3), np.float64), np.zeros((2, 4), np.float32), np.zeros(3, np.float32)], ids=str
)
def test_rows_of_another_shape_or_type_are_refused(tmp_path: Path, rows: Any) -> None:
    with (
        ArrayWriter(tmp_path / "rows.npy", np.float32, 3) as writer,
        pytest.raises(ValueError, match=r"\(n, 3\) float32"),
    ):
        writer.append(rows)


def test_what_is_not_closed_does_not_read_as_an_array_of_what_was_appended(tmp_path: Path) -> None:
    with pytest.raises(KeyError), ArrayWriter(tmp_path / "rows.npy", np.int64) as writer:
        writer.append(np.arange(5))
        raise KeyError
    assert len(np.load(tmp_path / "rows.npy")) == 0


SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted), max_size=5)


@settings(deadline=None, max_examples=60)
@given(spans=SPANS, rows=st.lists(st.integers(0, 29), max_size=5), columns=st.integers(1, 60))
def test_the_blocks_of_what_is_read_are_checked_and_no_other(
    tmp_path_factory: pytest.TempPathFactory, spans: list[list[int]], rows: list[int], columns: int
) -> None:
    folder = tmp_path_factory.mktemp("array")
    array = np.arange(30 * columns, dtype=np.int32).reshape(30, columns)
    write_array(folder / "rows.npy", array)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "BLOCK_BYTES", 128)  # as long as NumPy's header
        opened = Opened(folder)
        read = CheckedArray(opened("rows.npy"))
        found = read.spans(*np.array(spans, dtype=np.int64).reshape(-1, 2).T)
        assert [part.tolist() for part in found] == [array[first:last].tolist() for first, last in spans]
        assert read.take(np.array(rows, dtype=np.int64)).tolist() == array[rows].tolist()
        wanted = [(first, last) for first, last in [*spans, *((row, row + 1) for row in rows)] if first < last]
        blocks = {
            1 + block
            for first, last in wanted
            for block in range(first * columns * 4 // 128, (last * columns * 4 - 1) // 128 + 1)
        }
        assert {number for _, number in opened.blocks(read=True)} == {0} | blocks
