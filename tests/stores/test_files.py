"""Files of a generation: given only after their blocks were compared, and written as NumPy writes them."""

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import IndexCorrupt
from index.stores.local import files
from index.stores.local.files import ArrayWriter, CheckedArray, CheckedFile, FileDigest

BLOCK = 256
PLACE = Path("/somewhere/index")


@pytest.fixture(autouse=True, scope="module")
def small_blocks() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "BLOCK_BYTES", BLOCK)
        yield


def written(path: Path, data: bytes) -> CheckedFile:
    path.write_bytes(data)
    return CheckedFile(path, FileDigest.of(path), PLACE)


def flip(path: Path, at: int) -> None:
    """Another bit at a byte of a file that may be mapped."""
    with path.open("r+b") as file:
        file.seek(at)
        (found,) = file.read(1)
        file.seek(at)
        file.write(bytes([found ^ 4]))


DATA = bytes(number % 251 for number in range(5 * BLOCK + 17))


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 5 * BLOCK + 17])
def test_a_digest_is_of_the_size_and_of_each_block(tmp_path: Path, size: int) -> None:
    (tmp_path / "f").write_bytes(DATA[:size])
    digest = FileDigest.of(tmp_path / "f")
    expected = [hashlib.sha256(DATA[:size][at : at + BLOCK]).digest() for at in range(0, size, BLOCK)]
    assert (digest.size, digest.blocks) == (size, b"".join(expected))
    assert FileDigest.of_json(digest.as_json()) == digest


@pytest.mark.parametrize("size", [0, 1, BLOCK, 5 * BLOCK + 17])
def test_a_whole_file_is_given_as_it_is(tmp_path: Path, size: int) -> None:
    file = written(tmp_path / "f", DATA[:size])
    for start in (0, 1, BLOCK - 1, BLOCK, size):
        for end in (start, start + 1, start + BLOCK, size):
            if start <= end <= size:
                assert file.read(start, end) == DATA[start:end]
    file.check_all()


def test_only_what_is_read_is_compared_and_only_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, hashed, sha256 = written(tmp_path / "f", DATA), [], hashlib.sha256

    def counted(data: bytes) -> Any:
        hashed.append(len(data))
        return sha256(data)

    monkeypatch.setattr(hashlib, "sha256", counted)
    file.read(BLOCK + 3, BLOCK + 9)
    assert hashed == [BLOCK]
    file.read(BLOCK, 2 * BLOCK)
    assert hashed == [BLOCK]
    file.read(BLOCK - 1, 2 * BLOCK + 1)
    assert hashed == [BLOCK] * 3
    file.read(0, file.size)
    assert hashed == [BLOCK] * 5 + [17]
    file.check_all()
    assert hashed == [*[BLOCK] * 5, 17] * 2


@pytest.mark.parametrize("at", [0, 1, BLOCK - 1, BLOCK, 3 * BLOCK + 5, 5 * BLOCK, 5 * BLOCK + 16])
def test_an_altered_block_is_never_given_and_all_others_are(tmp_path: Path, at: int) -> None:
    (tmp_path / "f").write_bytes(DATA)
    digest = FileDigest.of(tmp_path / "f")
    flip(tmp_path / "f", at)
    file = CheckedFile(tmp_path / "f", digest, PLACE)
    block = at // BLOCK
    for number in range(6):
        begin, end = number * BLOCK, min((number + 1) * BLOCK, len(DATA))
        if number == block:
            for _again in range(2):
                with pytest.raises(IndexCorrupt, match=f"/somewhere/index .* f was altered around byte {begin:,}"):
                    file.read(end - 1, end)
        else:
            assert file.read(begin, end) == DATA[begin:end]
    with pytest.raises(IndexCorrupt, match="f was altered"):
        file.read(0, len(DATA))
    with pytest.raises(IndexCorrupt, match="f was altered"):
        file.check_all()


def test_damage_after_a_block_was_read_is_found_when_all_is_checked(tmp_path: Path) -> None:
    file = written(tmp_path / "f", DATA)
    file.check_all()
    flip(tmp_path / "f", 700)
    with pytest.raises(IndexCorrupt, match="f was altered around byte 512"):
        file.check_all()
    with pytest.raises(IndexCorrupt, match="f was altered around byte 512"):
        file.read(700, 701)


@pytest.mark.parametrize("change", [b"", DATA[:-1], DATA + b"\n"])
def test_another_size_is_found_at_once_with_both_numbers(tmp_path: Path, change: bytes) -> None:
    (tmp_path / "f").write_bytes(DATA)
    digest = FileDigest.of(tmp_path / "f")
    (tmp_path / "f").write_bytes(change)
    with pytest.raises(IndexCorrupt, match=f"f has {len(change):,} bytes, expected 1,297"):
        CheckedFile(tmp_path / "f", digest, PLACE)


def test_a_file_that_is_none_is_found_at_once(tmp_path: Path) -> None:
    with pytest.raises(IndexCorrupt, match=r"f can't be read \(No such file or directory\)"):
        CheckedFile(tmp_path / "f", FileDigest(1, b""), PLACE)
    (tmp_path / "g").mkdir()
    with pytest.raises(IndexCorrupt, match=r"g can't be read \(Is a directory\)"):
        CheckedFile(tmp_path / "g", FileDigest(1, b""), PLACE)


def test_digests_that_are_too_few_are_of_no_block(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(DATA)
    digest = FileDigest.of(tmp_path / "f")
    file = CheckedFile(tmp_path / "f", FileDigest(digest.size, digest.blocks[:-32]), PLACE)
    assert file.read(0, 5 * BLOCK) == DATA[: 5 * BLOCK]
    with pytest.raises(IndexCorrupt):
        file.read(5 * BLOCK, len(DATA))


def test_several_threads_read_the_same_blocks(tmp_path: Path) -> None:
    file = written(tmp_path / "f", DATA)
    spans = [(start, start + 300) for start in range(0, 900, 7)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda span: file.read(*span), spans))
    assert found == [DATA[start:end] for start, end in spans]


dtypes = st.sampled_from([np.int64, np.int32, np.float32, np.float16, np.int8, np.uint8])


@st.composite
def arrays(draw: st.DrawFn) -> np.ndarray:
    rows, columns = draw(st.integers(0, 60)), draw(st.sampled_from([None, 1, 2, 9, 128]))
    shape = (rows,) if columns is None else (rows, columns)
    values = np.random.default_rng(draw(st.integers(0, 9))).integers(-100, 100, size=shape)
    return values.astype(draw(dtypes))


@given(arrays(), st.data())
@settings(max_examples=60, deadline=None)
def test_any_rows_are_those_of_the_array(tmp_path_factory: pytest.TempPathFactory, array: Any, data: Any) -> None:
    path = tmp_path_factory.mktemp("array") / "a.npy"
    np.save(path, array)
    checked = CheckedArray(CheckedFile(path, FileDigest.of(path), PLACE))
    assert (checked.shape, len(checked)) == (array.shape, len(array))
    first, last = sorted(data.draw(st.tuples(st.integers(0, len(array)), st.integers(0, len(array)))))
    assert same(checked.between(first, last), array[first:last])
    rows = data.draw(st.lists(st.integers(0, max(len(array) - 1, 0)), max_size=20 if len(array) else 0))
    taken = checked.take(np.array(rows, dtype=np.int64))
    assert same(taken, array[np.array(rows, dtype=np.int64)])
    assert taken.flags.writeable
    assert same(checked.all(), array)


@given(arrays(), st.integers(0, 10**6), st.data())
@settings(max_examples=60, deadline=None)
def test_rows_with_a_flipped_bit_are_never_given(
    tmp_path_factory: pytest.TempPathFactory, array: Any, at: int, data: Any
) -> None:
    path = tmp_path_factory.mktemp("array") / "a.npy"
    np.save(path, array)
    digest = FileDigest.of(path)
    flip(path, at % digest.size)
    try:
        checked = CheckedArray(CheckedFile(path, digest, PLACE))
    except IndexCorrupt:
        assert at % digest.size < BLOCK
        return
    rows = data.draw(st.lists(st.integers(0, max(len(array) - 1, 0)), max_size=3 if len(array) else 0))
    first, last = (min(rows), max(rows) + 1) if rows else (0, 0)
    numbers = np.array(rows, dtype=np.int64)
    for read, asked, expected in (
        (checked.take, [numbers], array[numbers]),
        (checked.between, [first, last], array[first:last]),
    ):
        try:
            assert same(read(*asked), expected)
        except IndexCorrupt as error:
            assert "a.npy was altered around byte" in str(error)
    with pytest.raises(IndexCorrupt):
        checked.all()


def same(one: Any, other: Any) -> bool:
    return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())


def test_mapped_rows_can_not_be_changed(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(9))
    checked = CheckedArray(CheckedFile(tmp_path / "a.npy", FileDigest.of(tmp_path / "a.npy"), PLACE))
    with pytest.raises(ValueError, match="read-only"):
        checked.between(0, 3)[0] = 5


def npy(array: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x93NUMPY",
        b"no array at all",
        npy(np.arange(40).reshape(5, 8, order="F")),
        npy(np.array([{}]), allow_pickle=True),
        npy(np.arange(90))[:-8],
        npy(np.arange(9)).replace(b"\x01\x00", b"\x09\x00", 1),
        npy(np.arange(9)).replace(b"'descr'", b"'other'", 1),
        npy(np.zeros((1, *[1] * 60))),
    ],
    ids=range(9),
)
def test_what_holds_no_rows_of_numbers_is_corrupt(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(IndexCorrupt, match=r"a\.npy holds no array"):
        CheckedArray(written(tmp_path / "a.npy", data))


@given(arrays(), st.lists(st.integers(0, 60), max_size=4))
@settings(max_examples=60, deadline=None)
def test_parts_are_written_as_numpy_writes_the_whole(
    tmp_path_factory: pytest.TempPathFactory, array: Any, marks: list[int]
) -> None:
    home = tmp_path_factory.mktemp("array")
    with ArrayWriter(home / "a.npy", array.dtype, array.shape[1] if array.ndim > 1 else None) as writer:
        for part in np.split(array, sorted(mark % (len(array) + 1) for mark in marks)):
            writer.append(part)
    np.save(home / "b.npy", array)
    assert writer.rows == len(array)
    assert (home / "a.npy").read_bytes() == (home / "b.npy").read_bytes()


@pytest.mark.parametrize(
    ("rows", "got"),
    [
        (np.zeros((2, 3), np.float32), r"\(2, 3\) float32"),
        (np.zeros((2, 4), np.float64), r"\(2, 4\) float64"),
        (np.zeros(4, np.float32), r"\(4,\) float32"),
        (np.zeros((2, 4, 1), np.float32), r"\(2, 4, 1\) float32"),
    ],
)
def test_rows_of_another_kind_are_refused(tmp_path: Path, rows: Any, got: str) -> None:
    with ArrayWriter(tmp_path / "a.npy", np.float32, 4) as writer:
        with pytest.raises(ValueError, match=rf"a\.npy takes \(n, 4\) float32, got {got}"):
            writer.append(rows)
        writer.append(np.ones((2, 4), np.float32))
    assert np.load(tmp_path / "a.npy").shape == (2, 4)


def test_a_file_is_not_whole_before_it_is_closed_nor_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError), ArrayWriter(tmp_path / "a.npy", np.int8) as writer:
        writer.append(np.ones(9, np.int8))
        raise KeyError
    assert np.load(tmp_path / "a.npy").shape == (0,)
    writer.close()
    assert np.load(tmp_path / "a.npy").shape == (0,)
