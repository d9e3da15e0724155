"""Arrays of a generation in, nothing out: an error where one has another shape, or numbers that lead nowhere.

They know rows and numbers, nothing of articles; that is `index.stores.local.fitting`.
"""

import numpy as np
import numpy.typing as npt

from index.segment import Table
from index.stores.local.files import CheckedArray

_UNIT_OFF = 0.01
"""The most that the length of a unit vector is off; half floats are off by 0.001."""

_ROWS_AT_ONCE = 1 << 14


def check_shape(name: str, array: CheckedArray, kind: npt.DTypeLike, columns: int | None = None) -> None:
    """Make sure that an array holds numbers of a kind, in so many columns or none.

    Raises:
        ValueError: it doesn't.
    """
    shape = () if columns is None else (columns,)
    if array.dtype != np.dtype(kind) or array.shape[1:] != shape:
        expected = f"{np.dtype(kind)} in rows of {columns or 1}"
        raise ValueError(f"the {name} are {array.dtype} in rows of {array.shape[1:] or 1}, expected {expected}")


def check_begins(name: str, begins: Table, end: int) -> None:
    """Make sure that each of several parts begins where the one before ends, the first at 0 and the last at `end`.

    Raises:
        ValueError: they don't.
    """
    if not len(begins) or begins[0] != 0 or begins[-1] != end or (np.diff(begins) < 0).any():
        raise ValueError(f"the beginnings of {name} don't rise from 0 to {end}")


def check_numbers(name: str, numbers: npt.NDArray[np.number], count: int) -> None:
    """Make sure that numbers of rows are of rows that are there.

    Raises:
        ValueError: one is not.
    """
    if len(numbers) and not (int(numbers.min()) >= 0 and int(numbers.max()) < count):
        raise ValueError(f"the {name} are {numbers.min()} to {numbers.max()}, and there are {count}")


def check_unit(name: str, rows: npt.NDArray[np.floating]) -> None:
    """Make sure that vectors are of length 1.

    Raises:
        ValueError: one is not.
    """
    lengths = np.linalg.norm(rows.astype(np.float32), axis=1)
    if not (np.abs(lengths - 1) < _UNIT_OFF).all():  # not a number is none either
        raise ValueError(f"the {name} have a length of {lengths.min()} to {lengths.max()}")


def check_all_unit(name: str, rows: CheckedArray) -> None:
    """The same of all rows of a file."""
    for first in range(0, len(rows), _ROWS_AT_ONCE):
        check_unit(name, rows.between(first, min(first + _ROWS_AT_ONCE, len(rows))))
