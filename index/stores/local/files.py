"""Files of a generation: written once, each block compared with its digest when it is first read.

A generation of a million chunks has 12 GB, of which a question reads some MB. Only those are hashed; sizes are
compared when a file is opened, everything by `CheckedFile.check_all`.

What was compared has to stay what it was: a program that writes into a file, or cuts it, does so under a running
chat. A block of a file up to `HELD_BYTES` is copied when it is compared, and the copy is read from then on. A larger
file is mapped, and compared anew once its time has changed. That leaves the moment between a look and a read, in which
a cut of a large file still ends the process, and whoever sets its time back.
"""

import contextlib
import hashlib
import io
import mmap
import os
import weakref
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from index.errors import IndexCorrupt
from index.regular import open_regular

BLOCK_BYTES = 1 << 18
"""Hashing a block takes 0.2 ms, and a first question touches about 500 of them in a million chunks. Their digests
are 32 bytes each: 1.5 MB of a manifest then. Blocks of 1 MB are four times the hashing for a quarter of that."""

HELD_BYTES = 1 << 26
"""The most that is copied of one file, and only what is read of it: memory that is not shared between processes, and
that the system can't take back. 40,000 passages have vectors of so many."""

_DIGEST_BYTES = 32

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FileDigest:
    """What a manifest says of a file: its size, and the sha256 of each block of `BLOCK_BYTES`, one after the other."""

    size: int
    blocks: bytes

    @classmethod
    def of(cls, path: Path) -> "FileDigest":
        """The digest of a file as it is."""
        blocks, size = [], 0
        with path.open("rb") as file:
            while data := file.read(BLOCK_BYTES):
                blocks.append(hashlib.sha256(data).digest())
                size += len(data)
        return cls(size, b"".join(blocks))

    @classmethod
    def of_json(cls, entry: dict[str, Any]) -> "FileDigest":
        """What `as_json` gave."""
        return cls(int(entry["size"]), bytes.fromhex(entry["blocks"]))

    def as_json(self) -> dict[str, Any]:
        """For a manifest."""
        return {"size": self.size, "blocks": self.blocks.hex()}


class CheckedFile:
    """A file whose bytes are only given after their blocks were compared with their digests.

    Safe to use from several threads: a block that two need at once is compared twice.

    Args:
        path: of the file.
        digest: what it has to be.
        place: the index, for errors.

    Raises:
        IndexCorrupt: it is missing or has another size.
    """

    def __init__(self, path: Path, digest: FileDigest, place: Path) -> None:
        self.path = path
        self.size = digest.size
        self.buffer: mmap.mmap | bytes = b""
        self._digest = digest
        self._place = place
        self._seen = np.zeros(-(-digest.size // BLOCK_BYTES), dtype=bool)
        try:
            self._descriptor = open_regular(path)
            weakref.finalize(self, os.close, self._descriptor)
            self._held = self.size <= HELD_BYTES and hasattr(os, "pread")
            self._written = self._look()
            self.buffer = self._mapped() if self.size else b""
        except OSError as error:
            raise IndexCorrupt(place, f"{path.name} can't be read ({error.strerror})") from error

    def _mapped(self) -> mmap.mmap:
        """Room for the copy of the file, which takes none before it is filled; or the file itself."""
        if self._held:
            return mmap.mmap(-1, self.size)
        return mmap.mmap(self._descriptor, 0, access=mmap.ACCESS_READ)

    def _look(self) -> int:
        """When the file was written last.

        Raises:
            IndexCorrupt: it has another size.
        """
        found = os.fstat(self._descriptor)
        if found.st_size != self.size:
            raise IndexCorrupt(self._place, f"{self.path.name} has {found.st_size:,} bytes, expected {self.size:,}")
        return found.st_mtime_ns

    def read(self, start: int, end: int) -> bytes:
        """The bytes of ``[start, end)``.

        Raises:
            IndexCorrupt: they are not in the file, or a block of them is not what was written.
        """
        if not 0 <= start <= end <= self.size:
            raise IndexCorrupt(self._place, f"{self.path.name} has no bytes {start:,} to {end:,}", hidden=True)
        self.check(start, end)
        return self.buffer[start:end]

    def check(self, start: int, end: int) -> None:
        """Compare the blocks that hold ``[start, end)``, if they were not compared before.

        Raises:
            IndexCorrupt: one is not what was written.
        """
        if start < end:
            self.check_blocks(np.arange(start // BLOCK_BYTES, (end - 1) // BLOCK_BYTES + 1))

    def check_spans(self, starts: Rows, ends: Rows) -> None:
        """The same of many spans at once."""
        self._notice_writing()
        firsts = starts // BLOCK_BYTES
        lasts = np.where(starts < ends, -(-ends // BLOCK_BYTES), firsts)
        before = np.concatenate([np.zeros(1, np.int64), np.cumsum(~self._seen)])
        unseen = before[lasts] > before[firsts]
        for first, last in np.unique(np.stack([firsts, lasts], axis=1)[unseen], axis=0).tolist():
            self.check_blocks(np.arange(first, last))

    def check_blocks(self, numbers: npt.NDArray[np.int64]) -> None:
        """The same of blocks by their numbers."""
        self._notice_writing()
        if self._seen[numbers].all():
            return
        for number in np.unique(numbers[~self._seen[numbers]]).tolist():
            data = self._block(number)
            if self._held:
                begin = number * BLOCK_BYTES
                self.buffer[begin : begin + len(data)] = data  # type: ignore[index]
            self._seen[number] = True

    def check_all(self) -> None:
        """The same of every byte as it is on the disk now, also of blocks that were compared before."""
        self._look()
        for number in range(len(self._seen)):
            self._block(number)

    def _notice_writing(self) -> None:
        """What is mapped is compared anew once somebody has written to it; what is held stays as it was."""
        if not self._held and (written := self._look()) != self._written:
            self._seen[:] = False
            self._written = written

    def _block(self, number: int) -> bytes:
        """A block as it is now, compared."""
        begin = number * BLOCK_BYTES
        length = min(BLOCK_BYTES, self.size - begin)
        try:
            data = os.pread(self._descriptor, length, begin) if self._held else self.buffer[begin : begin + length]
        except OSError as error:
            raise IndexCorrupt(self._place, f"{self.path.name} can't be read ({error.strerror})") from error
        if hashlib.sha256(data).digest() != self._digest.blocks[number * _DIGEST_BYTES :][:_DIGEST_BYTES]:
            raise IndexCorrupt(self._place, f"{self.path.name} was altered around byte {begin:,}")
        return data


class CheckedArray:
    """A ``.npy`` file whose rows are only given after they were checked; see `CheckedFile`.

    Attributes:
        shape: of the array; its first number is how many rows there are.
        dtype: of its numbers.
    """

    def __init__(self, file: CheckedFile) -> None:
        self._file = file
        header = io.BytesIO(file.read(0, min(file.size, BLOCK_BYTES)))
        try:
            read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
            shape, by_column, dtype = read_header[np.lib.format.read_magic(header)](header)
            if by_column or dtype.hasobject:
                raise ValueError("not rows of numbers")
            self._begin = header.tell()
            self._rows: npt.NDArray[Any] = np.ndarray(shape, dtype, file.buffer, self._begin)
            self._rows.flags.writeable = False
        except (ValueError, KeyError, TypeError) as error:
            raise IndexCorrupt(file._place, f"{file.path.name} holds no array ({error})") from error
        self.shape = self._rows.shape
        self.dtype = self._rows.dtype
        self._row_bytes = int(dtype.itemsize * np.prod(shape[1:], dtype=np.int64))

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def between(self, first: int, last: int) -> npt.NDArray[Any]:
        """The rows of ``[first, last)``, mapped."""
        self._file.check(self._begin + first * self._row_bytes, self._begin + last * self._row_bytes)
        return self._rows[first:last]

    def take(self, rows: Rows) -> npt.NDArray[Any]:
        """Some rows, copied."""
        starts = self._begin + np.asarray(rows, dtype=np.int64) * self._row_bytes
        self._file.check_spans(starts, starts + self._row_bytes)
        return self._rows[rows]

    def spans(self, firsts: Rows, lasts: Rows) -> list[npt.NDArray[Any]]:
        """The rows of several spans ``[first, last)``, mapped."""
        self._file.check_spans(self._begin + firsts * self._row_bytes, self._begin + lasts * self._row_bytes)
        return [self._rows[first:last] for first, last in np.stack([firsts, lasts], axis=1).tolist()]

    def all(self) -> npt.NDArray[Any]:
        """All rows, mapped."""
        return self.between(0, len(self))


class ArrayWriter:
    """Writes a ``.npy`` file part by part; the same bytes as `numpy.save` of all parts together.

    Args:
        path: of the file, which is made anew.
        dtype: of the numbers.
        columns: how many numbers a row has; None for an array of one dimension.

    Attributes:
        rows: how many were appended.
    """

    def __init__(self, path: Path, dtype: npt.DTypeLike, columns: int | None = None) -> None:
        self.path = path
        self.rows = 0
        self._dtype = np.dtype(dtype)
        self._row_shape = () if columns is None else (columns,)
        self._file = path.open("wb")
        self._write_header()

    def append(self, rows: npt.ArrayLike) -> None:
        """Write some rows behind those that are there.

        Raises:
            ValueError: they have another shape or type than the file.
            OSError: the disk is full or refuses.
        """
        array = np.ascontiguousarray(rows)
        if array.dtype != self._dtype or array.shape[1:] != self._row_shape:
            expected = f"(n{''.join(f', {columns}' for columns in self._row_shape)}) {self._dtype}"
            raise ValueError(f"{self.path.name} takes {expected}, got {array.shape} {array.dtype}")
        self._file.write(array.data if array.size else b"")
        self.rows += len(array)

    def close(self) -> None:
        """Say in the header how many rows there are; the file is whole then."""
        if not self._file.closed:
            with self._file:
                self._file.seek(0)
                self._write_header()

    def discard(self) -> None:
        """Let go of the file, which is not whole and maybe never can be."""
        with contextlib.suppress(OSError):  # on a full disk what is still buffered can't be written
            self._file.close()

    def __enter__(self) -> "ArrayWriter":
        """Itself; see `close`."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it; after an error the file is not whole."""
        if error is None:
            self.close()
        else:
            self.discard()

    def _write_header(self) -> None:
        """NumPy leaves room in a header for as many rows as there can be."""
        header = {
            "shape": (self.rows, *self._row_shape),
            "fortran_order": False,
            "descr": np.lib.format.dtype_to_descr(self._dtype),
        }
        np.lib.format.write_array_header_1_0(self._file, header)


def write_array(path: Path, array: npt.NDArray[Any]) -> None:
    """Write a whole array to a ``.npy`` file, of one or two dimensions.

    Raises:
        OSError: the disk is full or refuses.
    """
    with ArrayWriter(path, array.dtype, *array.shape[1:]) as writer:
        writer.append(array)
