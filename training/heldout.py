"""How well a model does on groups that it was not trained on: cheap figures for the log, not for reports."""

import numpy as np
import numpy.typing as npt
import torch

from qa.reader.marks import best_span
from training.batches import Batch, Draws, assemble
from training.corpus import KINDS, Corpus
from training.model import ReaderModel

GROUPS = 120
"""Answerable questions looked at, and at most as many unanswerable ones."""

NEGATIVES = 3


def measure(model: ReaderModel, corpus: Corpus, pieces: int = 176) -> dict[str, float]:
    """Figures of held-out groups.

    Returns:
        ``span``: share of answers whose first and last piece are right on their own passage;
        ``first``: share of questions whose own passage scores highest among its negatives;
        ``auroc``: of the score, own passages against unanswerable questions. NaN without any.
    """
    draws, unanswerable = _draws(corpus)
    right, first, scores, against = [], [], [], []
    was_training = model.training
    model.eval()
    for draw in [*draws, *unanswerable]:
        batch = assemble(corpus, [draw], pieces, [0], exact=True)
        score, spans = read(model, batch)
        if batch.first[0] == 0:
            against.append(score[0])
            continue
        scores.append(score[0])
        right.append(spans[0] == (batch.first[0], batch.last[0]))
        if len(score) > 1:
            first.append(score[0] > max(score[1:]))
    model.train(was_training)
    return {
        "span": round(float(np.mean(right)), 4) if right else float("nan"),
        "first": round(float(np.mean(first)), 4) if first else float("nan"),
        "auroc": round(auroc(np.asarray(scores), np.asarray(against)), 4),
    }


def _draws(corpus: Corpus) -> tuple[Draws, Draws]:
    held = np.random.default_rng(0).permutation(np.flatnonzero(corpus.held_out)).tolist()
    answerable, unanswerable = [], []
    for group in held:
        negatives = tuple(int(row) for row in corpus.negatives[group] if row >= 0)[:NEGATIVES]
        if corpus.kind[group] == KINDS.index("answer"):
            answerable.append((group, negatives))
        else:
            unanswerable.append((group, ()))
    return answerable[:GROUPS], unanswerable[:GROUPS]


def read(model: ReaderModel, batch: Batch) -> tuple[npt.NDArray[np.float32], list[tuple[int, int]]]:
    """Each pair's score, best span against [CLS], and that span."""
    with torch.inference_mode():
        start, end, _ = (
            value.numpy()
            for value in model(
                torch.from_numpy(batch.input_ids),
                torch.from_numpy(batch.attention_mask),
                torch.from_numpy(batch.token_type_ids),
            )
        )
    scores, spans = [], []
    for row in range(len(start)):
        places = np.flatnonzero(batch.body[row])
        a, b, value = best_span(start[row, places], end[row, places])
        scores.append(value - start[row, 0] - end[row, 0])
        spans.append((int(places[a]), int(places[b])))
    return np.asarray(scores, dtype=np.float32), spans


def auroc(positive: npt.NDArray[np.float32], negative: npt.NDArray[np.float32]) -> float:
    """How often a positive scores above a negative; ties count half. NaN if either is empty."""
    if not len(positive) or not len(negative):
        return float("nan")
    above = (positive[:, None] > negative[None, :]).mean() + 0.5 * (positive[:, None] == negative[None, :]).mean()
    return float(above)
