"""Opens files of a store with the digests that they have then, tells which blocks were read, and damages some."""

import contextlib
import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from index.errors import IndexCorrupt
from index.stores.local import files
from index.stores.local.files import CheckedFile, FileDigest


class Opened:
    """Opens files of a folder as a snapshot does; call it with a name.

    Args:
        folder: with files that are written.
        digests: what they have to be; by default what they are.
    """

    def __init__(self, folder: Path, digests: dict[str, FileDigest] | None = None) -> None:
        self.folder = folder
        self.digests = digests or {path.name: FileDigest.of(path) for path in sorted(folder.iterdir())}
        self.files: dict[str, CheckedFile] = {}

    def __call__(self, name: str) -> CheckedFile:
        self.files[name] = CheckedFile(self.folder / name, self.digests[name], self.folder)
        return self.files[name]

    def again(self) -> "Opened":
        """The same files with the same digests, nothing read yet."""
        return Opened(self.folder, self.digests)

    def blocks(self, *, read: bool) -> list[tuple[str, int]]:
        """Name and number of each block of the open files that was read, or was not."""
        return [
            (name, number)
            for name, file in self.files.items()
            for number in np.flatnonzero(file._seen == read).tolist()
        ]


def assert_only_whole_blocks_answer(opened: Opened, ask: Callable[[Opened], object]) -> None:
    """Of files with several blocks: each block that an answer reads is compared, and no other decides about it."""
    expected = ask(opened)
    assert opened.blocks(read=True)
    assert opened.blocks(read=False)
    for name, number in opened.blocks(read=True):
        with damaged(opened.folder / name, number, 1), pytest.raises(IndexCorrupt, match=name):
            ask(opened.again())
    with contextlib.ExitStack() as damages:
        for name, number in opened.blocks(read=False):
            damages.enter_context(damaged(opened.folder / name, number, files.BLOCK_BYTES))
        others = opened.again()
        assert ask(others) == expected
        for name in {name for name, _ in opened.blocks(read=False)}:
            with pytest.raises(IndexCorrupt, match=name):
                others.files[name].check_all()


@contextlib.contextmanager
def damaged(path: Path, block: int, count: int) -> Iterator[None]:
    """Turn all bits of `count` bytes in the middle of a block, for a while."""
    data = path.read_bytes()
    first, last = block * files.BLOCK_BYTES, min((block + 1) * files.BLOCK_BYTES, len(data))
    begin = max(first, (first + last - count) // 2)
    turned = bytes(255 - byte for byte in data[begin : min(begin + count, last)])
    try:
        _overwrite(path, begin, turned)
        yield
    finally:
        _overwrite(path, begin, data[begin : begin + len(turned)])


def _overwrite(path: Path, begin: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(begin)
        file.write(data)


@contextlib.contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file become larger, for a while: what goes beyond is refused as by a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
