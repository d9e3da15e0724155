"""Articles that were selected in a generation, as their rows."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.stores.protocol import Selection


@dataclass(frozen=True, slots=True)
class LocalSelection:
    """Numbers of articles, and the rows of their chunks."""

    numbers: tuple[int, ...]
    rows: npt.NDArray[np.int64]

    @property
    def articles(self) -> int:
        """How many articles."""
        return len(self.numbers)

    @property
    def chunks(self) -> int:
        """How many chunks they have."""
        return len(self.rows)


def own(selection: Selection) -> LocalSelection:
    """A selection as the one that it is.

    Raises:
        TypeError: another store has made it.
    """
    if not isinstance(selection, LocalSelection):
        raise TypeError("a selection is understood by the snapshot that made it only")
    return selection
