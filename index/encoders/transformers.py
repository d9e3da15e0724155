"""A model run by sentence-transformers, and its export to ONNX; the only importer of torch.

Importing this module takes seconds, so it is imported where a model is first met and where
one can't be exported, nowhere else. Where exports are kept is left to `exports`.
"""

import functools
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from transformers.utils import logging

from index.encoders.batches import encode_in_batches, unit
from index.encoders.exports import SENTENCE_OUTPUT, ExportSettings
from index.encoders.models import Model
from index.encoders.protocol import Progress, Vectors
from index.errors import ModelUnavailable, NotExportable

BATCH_SIZE = 32

OPSET = 17
"""The ONNX operator set of an export: the first with LayerNormalization as one operator."""


class TransformerEncoder:
    """`SentenceEncoder` by sentence-transformers, on the CPU."""

    def __init__(self, model: Model, loaded: SentenceTransformer) -> None:
        self.name = model.name
        self.fingerprint = model.fingerprint
        self.dimension = int(loaded.get_embedding_dimension() or 0)
        self._loaded = loaded
        self._tokenizer: Any = loaded.tokenizer
        prompts = loaded.prompts or {}
        self._prompt = prompts.get("document") or prompts.get("passage") or ""
        self._query_prompt = prompts.get("query", prompts.get(loaded.default_prompt_name or "", "")) or ""
        special = self._tokenizer.num_special_tokens_to_add()
        self._length = int(loaded.max_seq_length or self._tokenizer.model_max_length)
        self.max_tokens = self._length - special - self.count_tokens(self._prompt)

    @classmethod
    def load(cls, model: Model) -> "TransformerEncoder":
        """Load a model from its folder.

        Raises:
            ModelUnavailable: sentence-transformers can't load it.
        """
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            loaded = SentenceTransformer(str(model.folder), device="cpu", local_files_only=True)
            return cls(model, loaded)
        except Exception as error:  # anything in the folder may be wrong, and its library says how
            raise ModelUnavailable(model.name, f"{model.folder} can't be loaded ({error})") from error

    def count_tokens(self, text: str) -> int:
        """See `SentenceEncoder.count_tokens`."""
        return len(self._tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])

    def encode_question(self, question: str) -> Vectors:
        """See `SentenceEncoder.encode_question`."""
        vector: Vectors = self._forward(self._query_prompt, [question])[0]
        return vector

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """See `SentenceEncoder.encode_passages`."""
        return encode_in_batches(
            functools.partial(self._forward, self._prompt),
            texts,
            self.dimension,
            batch_size=BATCH_SIZE,
            progress=progress,
        )

    def _forward(self, prompt: str, texts: Sequence[str]) -> Vectors:
        """See `batches.Forward`; a prompt goes in front of each text."""
        with torch.inference_mode():
            output = self._loaded.forward(self._features([prompt + text for text in texts]))
        return unit(output["sentence_embedding"].float().numpy())

    def _features(self, texts: Sequence[str]) -> dict[str, torch.Tensor]:
        return dict(
            self._tokenizer(list(texts), padding=True, truncation=True, max_length=self._length, return_tensors="pt")
        )

    def export(self, graph: Path, tokenizer: Path) -> ExportSettings:
        """Write the model as an ONNX graph, pooling and normalising inside, and its tokenizer beside it.

        Raises:
            NotExportable: the model is of a kind that can't be exported.
        """
        self._check_exportable()
        tokenizer.write_text(self._tokenizer.backend_tokenizer.to_str(), encoding="utf-8")
        features = self._features(["What the tracer sees is long.", "And short."])
        try:
            self._trace(graph, features)
        except Exception as error:  # each layer between here and the graph has errors of its own
            raise NotExportable(f"torch.onnx.export: {type(error).__name__}: {error}") from error
        return ExportSettings(
            dimension=self.dimension,
            max_length=self._length,
            max_tokens=self.max_tokens,
            query_prompt=self._query_prompt,
            passage_prompt=self._prompt,
            inputs=tuple(features),
            padding={
                "direction": self._tokenizer.padding_side,
                "pad_id": self._tokenizer.pad_token_id,
                "pad_type_id": self._tokenizer.pad_token_type_id,
                "pad_token": self._tokenizer.pad_token,
            },
        )

    def _check_exportable(self) -> None:
        modules = list(self._loaded)
        if not hasattr(modules[0], "auto_model"):
            raise NotExportable(f"It starts with a {type(modules[0]).__name__}, not with a transformer.")
        if not getattr(self._tokenizer, "is_fast", False):
            raise NotExportable("Its tokenizer is not one of the library tokenizers.")
        prompts = self._prompt or self._query_prompt
        if prompts and not all(getattr(module, "include_prompt", True) for module in modules):
            raise NotExportable("It leaves its prompts out of the mean.")

    def _trace(self, path: Path, features: Mapping[str, torch.Tensor]) -> None:
        axes = {0: "text", 1: "token"}
        network: Any = self._loaded[0].auto_model
        attention = network.config._attn_implementation
        network.set_attn_implementation("eager")  # the others guard against NaN in ways that cost an eighth
        try:
            with torch.inference_mode(), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the tracer wonders about each branch; parity is checked instead
                torch.onnx.export(
                    _Graph(self._loaded, tuple(features)).eval(),
                    tuple(features.values()),
                    str(path),
                    input_names=list(features),
                    output_names=[SENTENCE_OUTPUT],
                    dynamic_axes={**dict.fromkeys(features, axes), SENTENCE_OUTPUT: {0: "text"}},
                    opset_version=OPSET,
                    dynamo=False,
                )
        finally:
            network.set_attn_implementation(attention)


class _Graph(torch.nn.Module):
    """What is exported: a sentence-transformers model with tensors instead of dicts at its ends."""

    def __init__(self, loaded: SentenceTransformer, inputs: Sequence[str]) -> None:
        super().__init__()
        self._loaded = loaded
        self._inputs = inputs

    def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
        output = self._loaded.forward(dict(zip(self._inputs, tensors, strict=True)))
        return torch.nn.functional.normalize(output["sentence_embedding"].float(), dim=1)
