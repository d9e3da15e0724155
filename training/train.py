"""A `Corpus` in, checkpoints of a `ReaderModel` out; may be killed at any moment and started again."""

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import torch

from training.batches import Batch, Draws, assemble, pack, round_of
from training.checkpoints import Position, load_checkpoint, log, save_checkpoint, save_snapshot
from training.corpus import Corpus
from training.heldout import measure
from training.model import Marks, ReaderModel, losses

LONGEST_STEP_SECONDS = 60.0
"""What a step took beyond this was a pause (SIGSTOP, a machine asleep) and is not counted."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train.

    Attributes:
        hours: of training, over all sittings; the learning rate falls to 0 until then, by the clock
            since nobody knows how fast a shared machine is.
        steps: the same in batches, for runs that have to be repeatable; 0: `hours` counts.
        rate: highest learning rate (AdamW).
        warm_up: steps until it is reached.
        size: pairs of question and passage a batch.
        part: pairs that one thread takes at a time.
        pieces: word pieces a pair; each step draws one of these. Shorter ones are cheaper, longer
            ones are what the reader will meet.
        frozen: so many of the lowest layers stay as they are from now on: with three of six a step takes two thirds of
            the time. For the later part of a run, when these have settled.
        seed: of the heads and of the order of the data.
        threads: that work on parts of a step. Each computes alone: threads of torch wait for each
            other at every product of matrices, which on a machine shared with others took more
            than half of the speed (2.9 pairs a second with two, 7.1 with one, on two cores).
        save_seconds: between checkpoints.
        snapshot_seconds: between snapshots for averaging.
        measure_steps: between two looks at what is held out.
    """

    hours: float = 2.0
    steps: int = 0
    rate: float = 2e-4
    warm_up: int = 300
    size: int = 16
    part: int = 6
    pieces: tuple[int, ...] = (128, 176)
    frozen: int = 0
    seed: int = 1
    threads: int = 2
    save_seconds: float = 180.0
    snapshot_seconds: float = 300.0
    measure_steps: int = 1000
    report_steps: int = 20

    def done(self, position: Position) -> float:
        """How much of the plan is done, 0 to 1."""
        done = position.step / self.steps if self.steps else position.seconds / (3600 * self.hours)
        return min(1.0, done)

    def rate_at(self, position: Position) -> float:
        """Learning rate of the next step: warm-up, then linear decay."""
        return self.rate * min(1.0, (position.step + 1) / self.warm_up) * (1 - self.done(position))


class _Stop:
    """Set by SIGTERM or SIGINT: finish the step, save, go."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True


def train(corpus: Corpus, run: Path, plan: Plan, stop_after: int = 0) -> ReaderModel:
    """Train until the plan is done, from the run's checkpoint if it has one.

    Args:
        corpus: what to learn.
        run: folder of checkpoints, snapshots and log.
        plan: how.
        stop_after: go after so many steps as if killed right after a save; 0: don't.
    """
    torch.set_num_threads(1)
    run.mkdir(parents=True, exist_ok=True)
    model = ReaderModel.from_minilm(plan.seed)
    learnt = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learnt, lr=plan.rate, weight_decay=0.01, fused=True)
    position = load_checkpoint(run, model, optimizer)
    model.freeze(plan.frozen)
    log(run, event="start", step=position.step, examples=position.examples, groups=len(corpus), plan=repr(plan))
    sitting = _Sitting(run, plan, model, optimizer, position, corpus)
    stop = _Stop()
    for draws in _batches(corpus, plan, position):
        if plan.done(position) >= 1 or stop.asked or (stop_after and position.step >= stop_after):
            break
        sitting.learn(draws)
    sitting.save()
    save_snapshot(run, model, position.step)
    if not stop.asked:
        sitting.measure()
    return model


def _batches(corpus: Corpus, plan: Plan, position: Position) -> Iterator[Draws]:
    """Batches from the run's place on, for ever; moves the place on."""
    while True:
        draws = round_of(corpus, plan.seed, position.round, plan.size)
        while position.batch < len(draws):
            yield draws[position.batch]
        position.round, position.batch = position.round + 1, 0


class _Sitting:
    """From one start to the next kill: steps, and what is written down about them."""

    def __init__(
        self,
        run: Path,
        plan: Plan,
        model: ReaderModel,
        optimizer: torch.optim.Optimizer,
        position: Position,
        corpus: Corpus,
    ) -> None:
        self._run, self._plan, self._model, self._optimizer = run, plan, model, optimizer
        self._position, self._corpus = position, corpus
        self._learnt = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self._pool = ThreadPoolExecutor(plan.threads, initializer=torch.set_num_threads, initargs=(1,))
        self._saved = self._snapped = position.seconds
        self._sums: dict[str, float] = {}
        self._summed = 0
        self._began = (position.seconds, position.examples)

    def learn(self, draws: Draws) -> None:
        """One step."""
        began, position = time.monotonic(), self._position
        for group in self._optimizer.param_groups:
            group["lr"] = self._plan.rate_at(position)
        parts, pairs = self._gradients(draws)
        torch.nn.utils.clip_grad_norm_(self._learnt, 1.0)
        self._optimizer.step()
        for name, value in parts.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
        self._summed += 1
        position.step += 1
        position.batch += 1
        position.examples += pairs
        position.seconds += min(time.monotonic() - began, LONGEST_STEP_SECONDS)
        self._keep_up()

    def _gradients(self, draws: Draws) -> tuple[dict[str, float], int]:
        """The step's losses, with their gradients put in place, and its number of pairs.

        The parts are added up in their order, so that threads don't change what comes out.
        """
        position, chance = self._position, [self._plan.seed, self._position.round, self._position.batch]
        pieces = self._plan.pieces[position.step % len(self._plan.pieces)]
        parts = [
            assemble(self._corpus, part, pieces, [*chance, number])
            for number, part in enumerate(pack(draws, self._plan.part))
        ]
        pairs, answered = sum(len(part.first) for part in parts), sum(int((part.first > 0).sum()) for part in parts)
        sums: dict[str, float] = {}
        for parameter in self._learnt:
            parameter.grad = None
        for part_losses, gradients in self._pool.map(lambda part: self._part(part, pairs, answered), parts):
            for name, value in part_losses.items():
                sums[name] = sums.get(name, 0.0) + value
            for parameter, gradient in zip(self._learnt, gradients, strict=True):
                parameter.grad = gradient if parameter.grad is None else parameter.grad.add_(gradient)
        return sums, pairs

    def _part(self, batch: Batch, pairs: int, answered: int) -> tuple[dict[str, float], tuple[torch.Tensor, ...]]:
        parts = run_losses(self._model, batch, pairs, answered)
        gradients = torch.autograd.grad(parts["total"], self._learnt)
        return {name: value.item() for name, value in parts.items()}, gradients

    def _keep_up(self) -> None:
        position, plan = self._position, self._plan
        if position.step % plan.report_steps == 0:
            self._report()
        if position.seconds - self._saved > plan.save_seconds:
            self.save()
        if position.seconds - self._snapped > plan.snapshot_seconds:
            save_snapshot(self._run, self._model, position.step)
            self._snapped = position.seconds
        if position.step % plan.measure_steps == 0:
            self.measure()

    def save(self) -> None:
        """Write the checkpoint."""
        save_checkpoint(self._run, self._model, self._optimizer, self._position)
        self._saved = self._position.seconds

    def measure(self) -> None:
        """Log figures of what is held out; the time counts as training time."""
        began = time.monotonic()
        figures = measure(self._model, self._corpus)
        self._position.seconds += time.monotonic() - began
        log(self._run, event="held out", step=self._position.step, examples=self._position.examples, **figures)
        print("\nheld out:", figures, flush=True)

    def _report(self) -> None:
        position, plan = self._position, self._plan
        means = {name: round(value / self._summed, 4) for name, value in self._sums.items()}
        self._sums.clear()
        self._summed = 0
        seconds, examples = position.seconds - self._began[0], position.examples - self._began[1]
        speed = examples / max(seconds, 1e-9)
        self._began = (position.seconds, position.examples)
        rate = plan.rate_at(position)
        facts = {"step": position.step, "examples": position.examples, "seconds": round(position.seconds, 1)}
        log(self._run, event="step", **facts, rate=round(rate, 8), speed=round(speed, 2), **means)
        print(
            f"\r{plan.done(position):6.1%}  step {position.step:,}  {position.examples:,} pairs  {speed:.1f}/s  "
            f"loss {means['total']:.3f}  rate {rate:.1e}   ",
            end="",
            flush=True,
        )


def run_losses(model: ReaderModel, batch: Batch, pairs: int, answered: int) -> dict[str, torch.Tensor]:
    """The model's losses on a part of a step, see `losses`."""
    output = model(
        torch.from_numpy(batch.input_ids),
        torch.from_numpy(batch.attention_mask),
        torch.from_numpy(batch.token_type_ids),
    )
    marks = Marks(*map(torch.from_numpy, (batch.body, batch.first, batch.last, batch.group)))
    return losses(output, marks, pairs, answered)
