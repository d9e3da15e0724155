"""Where a training run is, written so that a kill at any moment leaves a whole checkpoint."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from training.model import ReaderModel

CHECKPOINT = "checkpoint.pt"
LOG = "log.jsonl"
SNAPSHOTS_KEPT = 6


@dataclass(slots=True)
class Position:
    """How far a run is.

    Attributes:
        step: batches learnt from.
        round, batch: the next one's place in the data.
        examples: pairs of question and passage learnt from.
        seconds: time spent training, over all sittings.
    """

    step: int = 0
    round: int = 0
    batch: int = 0
    examples: int = 0
    seconds: float = 0.0


def trained_weights(model: ReaderModel) -> dict[str, torch.Tensor]:
    """What training changes, also what it has stopped changing; the embeddings come from the packaged model."""
    return {name: value.detach().clone() for name, value in model.named_parameters() if _is_trained(name)}


def _is_trained(name: str) -> bool:
    return not name.startswith("encoder.embeddings.")


def save_checkpoint(run: Path, model: ReaderModel, optimizer: torch.optim.Optimizer, position: Position) -> None:
    """Replace the run's checkpoint with where it is now."""
    state = {
        "weights": trained_weights(model),
        "optimizer": optimizer.state_dict(),
        "position": {name: getattr(position, name) for name in Position.__slots__},
    }
    _write(run / CHECKPOINT, state)


def load_checkpoint(run: Path, model: ReaderModel, optimizer: torch.optim.Optimizer) -> Position:
    """Go back to where the run was; to its beginning if it has no checkpoint."""
    path = run / CHECKPOINT
    if not path.exists():
        return Position()
    state: dict[str, Any] = torch.load(path, weights_only=True)
    load_weights(model, state["weights"])
    optimizer.load_state_dict(state["optimizer"])
    return Position(**state["position"])


def load_weights(model: ReaderModel, weights: dict[str, torch.Tensor]) -> None:
    """Put trained weights in.

    Raises:
        ValueError: they are of another model.
    """
    names = {name for name, _ in model.named_parameters() if _is_trained(name)}
    if names != set(weights):
        raise ValueError(f"{len(names ^ set(weights))} weights are of another model than all-MiniLM-L6-v2")
    model.load_state_dict(weights, strict=False)


def save_snapshot(run: Path, model: ReaderModel, step: int) -> None:
    """Keep the weights of this step for averaging; the oldest beyond `SNAPSHOTS_KEPT` go."""
    _write(run / f"weights-{step:07d}.pt", trained_weights(model))
    for old in snapshots(run)[:-SNAPSHOTS_KEPT]:
        old.unlink()


def snapshots(run: Path) -> list[Path]:
    """Files of `save_snapshot`, oldest first."""
    return sorted(run.glob("weights-*.pt"))


def averaged_weights(paths: list[Path]) -> dict[str, torch.Tensor]:
    """The mean of some snapshots."""
    total: dict[str, torch.Tensor] = {}
    for path in paths:
        for name, value in torch.load(path, weights_only=True).items():
            total[name] = total[name] + value if name in total else value
    return {name: value / len(paths) for name, value in total.items()}


def log(run: Path, **facts: Any) -> None:
    """Add a line to the run's log."""
    with (run / LOG).open("a", encoding="utf-8") as file:
        file.write(json.dumps(facts) + "\n")


def _write(path: Path, state: Any) -> None:
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
