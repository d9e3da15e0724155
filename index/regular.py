"""A path in, a file to read out: a pipe or a device in its place, which may never begin or never end, is an error."""

import errno
import os
import stat
from pathlib import Path


def open_regular(path: Path) -> int:
    """The descriptor of a regular file, to be closed by the caller.

    Raises:
        OSError: there is none, it can't be opened, or something else is in its place.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    raise OSError(0, "not a regular file", str(path))


def read_regular(path: Path, most: int) -> bytes:
    """All bytes of a regular file that has at most so many.

    Raises:
        OSError: see `open_regular`; or it is larger.
    """
    with open(open_regular(path), "rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(0, f"it has more than {most:,} bytes", str(path))
    return data
