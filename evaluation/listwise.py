"""Lists of features with the right entries marked in, weights that rank a right one first out.

Listwise logistic regression: the likelihood that a right entry is drawn when each is drawn with a probability
proportional to the exponential of its weighted sum (ListNet's top-one, Cao et al. 2007). Knows no questions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

L2 = 1e-4
"""Ridge on the weights; a tenth and ten times of it change no figure on encyclopedia_dev in the third place."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Lists, one behind the other; none is empty.

    Attributes:
        features: ``(n, n_features)``.
        right: ``(n,)``, whether an entry is right.
        starts: ``(n_lists + 1,)``, where each list begins, and the end.
    """

    features: Floats
    right: Flags
    starts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, lists: Sequence[Sequence[tuple[Sequence[float], bool]]]) -> "Lists":
        """Lists of entries, each with its features and whether it is right."""
        starts = np.cumsum([0, *map(len, lists)], dtype=np.int64)
        entries = [entry for entries in lists for entry in entries]
        features = np.array([features for features, _ in entries], dtype=np.float64)
        return cls(features, np.array([right for _, right in entries], dtype=np.bool_), starts)

    def of_rows(self, wanted: Flags) -> "Lists":
        """Some of the lists: ``(n_lists,)``."""
        counts = np.diff(self.starts)
        kept = np.repeat(wanted, counts)
        return Lists(self.features[kept], self.right[kept], np.concatenate([[0], np.cumsum(counts[wanted])]))

    def ranks(self, weights: Floats) -> npt.NDArray[np.int64]:
        """Where the first right entry of each list comes, from 1; a large number where none is right."""
        scores = self.features @ weights
        return np.array([self._rank(scores, *span) for span in zip(self.starts[:-1], self.starts[1:], strict=True)])

    def _rank(self, scores: Floats, start: int, end: int) -> int:
        order = np.argsort(-scores[start:end], kind="stable")
        right = np.flatnonzero(self.right[start:end][order])
        return int(right[0]) + 1 if len(right) else np.iinfo(np.int32).max

    def fit(self) -> Floats:
        """The weights, ``(n_features,)``; lists without a right entry teach nothing. Deterministic."""
        from scipy.optimize import minimize

        taught = self.of_rows(np.logical_or.reduceat(self.right, self.starts[:-1]))
        found = minimize(taught.loss, np.zeros(self.features.shape[1]), jac=True, method="L-BFGS-B")
        return np.asarray(found.x, dtype=np.float64)

    def loss(self, weights: Floats) -> tuple[float, Floats]:
        """Minus the mean log-likelihood, and its gradient; every list needs a right entry."""
        begins, counts = self.starts[:-1], np.diff(self.starts)
        scores = self.features @ weights
        likely = np.exp(scores - np.repeat(np.maximum.reduceat(scores, begins), counts))
        likely_right = likely * self.right
        all_of, right_of = np.add.reduceat(likely, begins), np.add.reduceat(likely_right, begins)
        surplus = likely / np.repeat(all_of, counts) - likely_right / np.repeat(right_of, counts)
        loss = -float(np.log(right_of / all_of).mean()) + L2 * float(weights @ weights)
        return loss, surplus @ self.features / len(counts) + 2 * L2 * weights
