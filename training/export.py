"""A run's snapshots in, ``reader.onnx`` out: their mean, in float32 and in int8, with sha256 and model card."""

import hashlib
import json
import warnings
from pathlib import Path
from typing import Any

import torch

from training.card import card
from training.checkpoints import averaged_weights, load_weights, snapshots
from training.model import ReaderModel

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
OUTPUTS = ("start", "end", "has_answer")

OPSET = 17
"""The first with LayerNormalization as one operator."""

LARGEST_INT8 = 25 * 2**20
"""Bytes that may be shipped in the repository."""


class TooLarge(ValueError):
    """The int8 reader is larger than what may be shipped."""


def export(run: Path, output: Path, average: int) -> None:
    """Write ``reader-fp32.onnx``, ``reader.onnx`` (int8), ``reader.sha256`` and a model card.

    Args:
        run: folder of a training run.
        output: a folder; what is in it under these names is replaced.
        average: how many of the last snapshots the weights are the mean of.

    Raises:
        FileNotFoundError: the run has no snapshot yet.
        TooLarge: the int8 file is larger than 25 MB.
    """
    chosen = snapshots(run)[-average:]
    if not chosen:
        raise FileNotFoundError(f"No weights-*.pt in {run}: python -m training train first")
    output.mkdir(parents=True, exist_ok=True)
    model = ReaderModel.from_minilm(seed=0)
    load_weights(model, averaged_weights(chosen))
    full, small = output / "reader-fp32.onnx", output / "reader.onnx"
    trace(model, full)
    quantize(full, small)
    if small.stat().st_size > LARGEST_INT8:
        raise TooLarge(f"{small} has {small.stat().st_size:,} bytes, at most {LARGEST_INT8:,} can be shipped")
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (small, full)}
    lines = "".join(f"{digest}  {name}\n" for name, digest in digests.items())
    (output / "reader.sha256").write_text(lines, encoding="utf-8")
    log = [json.loads(line) for line in (run / "log.jsonl").read_text("utf-8").splitlines()]
    text = card(log, [path.name for path in chosen], digests["reader.onnx"], small.stat().st_size)
    (output / "MODEL_CARD.md").write_text(text, encoding="utf-8")


def trace(model: ReaderModel, path: Path) -> None:
    """Write the model as one ONNX graph; any number of pairs of any length goes in."""
    encoder: Any = model.encoder
    encoder.set_attn_implementation("eager")  # the others guard against NaN in ways that cost an eighth
    example = torch.tensor([[101, 2054, 102, 2023, 102], [101, 2054, 102, 102, 0]])
    mask = (example != 0).long()
    axes = {0: "pair", 1: "piece"}
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer wonders about each branch; parity is tested instead
        torch.onnx.export(
            model.eval(),
            (example, mask, torch.zeros_like(example)),
            str(path),
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes={**dict.fromkeys((*INPUTS, "start", "end"), axes), "has_answer": {0: "pair"}},
            opset_version=OPSET,
            dynamo=False,
        )


def quantize(full: Path, small: Path) -> None:
    """Weights in int8, a scale for each channel; what flows between them is measured as it comes.

    Seven bits (`reduce_range`), since processors without VNNI add two products up in 16 bits.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    prepared = small.with_suffix(".prepared.onnx")
    quant_pre_process(str(full), str(prepared), skip_symbolic_shape=True)
    quantize_dynamic(str(prepared), str(small), per_channel=True, reduce_range=True, weight_type=QuantType.QInt8)
    prepared.unlink()
