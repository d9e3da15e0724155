"""An exported model run by onnxruntime, without torch; the only importer of onnxruntime.

What the graph takes and gives is written down in its `ExportSettings`; how it came about is
left to `transformers` and `exporting`.
"""

import functools
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Encoding, Tokenizer

from index.cores import cores
from index.encoders.batches import encode_in_batches
from index.encoders.exports import SENTENCE_OUTPUT, Export
from index.encoders.protocol import Progress, Vectors
from index.errors import NotExportable

BATCH_SIZE = 1
"""Small enough that a batch stays in a core's cache: on one core of 2 MB, passages of 200 tokens took
1.19 s in fours, 1.28 s in eights and 1.67 s in thirty-twos (make bench has the rest)."""

_TYPES = {"attention_mask": "attention_mask", "token_type_ids": "type_ids", "input_ids": "ids"}
"""Inputs of a graph and the attributes of an encoding that fill them."""


def threads() -> int:
    """How many threads encode: ``OMP_NUM_THREADS``, as torch has it, or the cores that may be used."""
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted.isdigit() and int(wanted):
        return int(wanted)
    return cores()


def map_weights(graph: Path, target: Path) -> None:
    """Write a graph again, optimised, its weights in a file of their own that can be mapped into memory.

    Raises:
        NotExportable: onnxruntime does not take the graph.
    """
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED  # on any machine
    options.optimized_model_filepath = str(target)
    options.add_session_config_entry("session.optimized_model_external_initializers_file_name", weights_of(target).name)
    options.add_session_config_entry("session.optimized_model_external_initializers_min_size_in_bytes", "1024")
    _session(graph, options)


def weights_of(graph: Path) -> Path:
    """The file that holds the weights of a graph written by `map_weights`."""
    return graph.with_name(graph.name + ".data")


def open_graph(graph: Path | bytes, threads: int = 1) -> onnxruntime.InferenceSession:
    """A graph ready to be run, each run on some threads.

    Raises:
        NotExportable: onnxruntime does not take it.
    """
    return _session(graph, onnxruntime.SessionOptions(), threads)


def open_tokenizer(file: Path) -> Tokenizer:
    """A tokenizer that neither cuts nor pads."""
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _session(
    graph: Path | bytes, options: onnxruntime.SessionOptions, threads: int = 1
) -> onnxruntime.InferenceSession:
    options.log_severity_level = 3  # errors only, and those are raised
    options.intra_op_num_threads = threads
    source = graph if isinstance(graph, bytes) else str(graph)
    try:
        return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no base class of their own
        raise NotExportable(f"onnxruntime: {type(error).__name__}: {error}") from error


class OnnxEncoder:
    """`SentenceEncoder` by onnxruntime. Safe to use from several threads.

    Every run of the graph has one thread. A build keeps `threads` of them busy with a batch
    each, which is a sixth faster than all of them on one batch; questions that arrive together
    run side by side.
    """

    def __init__(self, name: str, fingerprint: str, export: Export) -> None:
        settings = export.settings
        self.name = name
        self.fingerprint = fingerprint
        self.dimension = settings.dimension
        self.max_tokens = settings.max_tokens
        self._settings = settings
        self._export = export
        self._session = open_graph(export.graph)
        self._tokenizer = Tokenizer.from_file(str(export.tokenizer))
        self._tokenizer.enable_truncation(settings.max_length)
        self._tokenizer.enable_padding(**settings.padding)

    def count_tokens(self, text: str) -> int:
        """See `SentenceEncoder.count_tokens`."""
        return len(self._counter.encode(text, add_special_tokens=False).ids)

    @functools.cached_property
    def _counter(self) -> Tokenizer:
        return open_tokenizer(self._export.tokenizer)

    def encode_question(self, question: str) -> Vectors:
        """See `SentenceEncoder.encode_question`."""
        vector: Vectors = self._forward(self._settings.query_prompt, [question])[0]
        return vector

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """See `SentenceEncoder.encode_passages`."""
        return encode_in_batches(
            functools.partial(self._forward, self._settings.passage_prompt),
            texts,
            self.dimension,
            batch_size=BATCH_SIZE,
            workers=threads(),
            progress=progress,
        )

    def _forward(self, prompt: str, texts: Sequence[str]) -> Vectors:
        """See `batches.Forward`; a prompt goes in front of each text."""
        encoded = self._tokenizer.encode_batch([prompt + text for text in texts])
        (vectors,) = self._session.run([SENTENCE_OUTPUT], self._inputs(encoded))
        return np.asarray(vectors, dtype=np.float32)

    def _inputs(self, encoded: Sequence[Encoding]) -> dict[str, npt.NDArray[np.int64]]:
        return {
            name: np.array([getattr(encoding, _TYPES[name]) for encoding in encoded], dtype=np.int64)
            for name in self._settings.inputs
        }
