"""Exported models in a cache outside the index: looked up by fingerprint, checked, put there once.

A model that sentence-transformers runs is written as an ONNX graph with its tokenizer, is
compared with the original, and only then moved into its place::

    CACHE/exports/FINGERPRINT-VERSION/   export.json, model.onnx, model.onnx.data, tokenizer.json

CACHE is the user's cache folder, or ``ARTICLEQA_CACHE``. Everything in it can be deleted at
any time. This module neither makes an export nor runs one.
"""

import contextlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.digests import sha256_of_file
from index.errors import NotExportable

EXPORT_VERSION = 2
"""Raised whenever exports made before can't be used any more, or would be made otherwise."""

SENTENCE_OUTPUT = "sentence"
"""What a graph gives: unit vectors ``(n, dimension)``."""

_WAIT_SECONDS = 600.0
"""For another export; one takes some twenty seconds."""

_GRAPH, _TOKENIZER = "model.onnx", "tokenizer.json"
_FILES = (_GRAPH, "model.onnx.data", _TOKENIZER)
_RECORD = "export.json"


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """What has to be known beside the graph and the tokenizer.

    Attributes:
        dimension: length of a vector.
        max_length: tokens that are read of a text, special ones and the prompt counted.
        max_tokens: as in `SentenceEncoder`.
        query_prompt, passage_prompt: what goes in front of a question and of a passage.
        inputs: names of the graph's inputs.
        padding: arguments of ``Tokenizer.enable_padding``.
    """

    dimension: int
    max_length: int
    max_tokens: int
    query_prompt: str
    passage_prompt: str
    inputs: tuple[str, ...]
    padding: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Export:
    """An exported model on the disk; its files were compared with their checksums."""

    folder: Path
    settings: ExportSettings

    @property
    def graph(self) -> Path:
        """The ONNX graph; its weights lie beside it."""
        return self.folder / _GRAPH

    @property
    def tokenizer(self) -> Path:
        """What the library tokenizers reads."""
        return self.folder / _TOKENIZER


def cache_folder() -> Path:
    """Where exports are kept: below ``ARTICLEQA_CACHE`` or the user's cache folder."""
    chosen = os.environ.get("ARTICLEQA_CACHE")
    if chosen:
        return Path(chosen) / "exports"
    import platformdirs

    return platformdirs.user_cache_path("articleqa", appauthor=False) / "exports"


def open_export(fingerprint: str) -> Export | None:
    """The export of the model with this fingerprint, every byte checked; None where there is none.

    Raises:
        NotExportable: it is there but damaged, or somebody else may have put it there.
    """
    home = _home(fingerprint)
    if not home.exists():
        return None
    _check_own(home)
    try:
        record = json.loads((home / _RECORD).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise NotExportable(f"{home / _RECORD} can't be read: {error}") from error
    try:
        for name, expected in record["files"].items():
            if (found := sha256_of_file(home / name)) != expected:
                raise NotExportable(f"{home / name} is damaged: its sha256 is {found}, expected {expected}.")
        settings = record["settings"]
        return Export(home, ExportSettings(**{**settings, "inputs": tuple(settings["inputs"])}))
    except (OSError, KeyError, TypeError, AttributeError) as error:
        raise NotExportable(f"The export in {home} is damaged: {error!r}") from error


def new_export(
    name: str,
    fingerprint: str,
    write: Callable[[Path, Path], ExportSettings],
    check: Callable[[Export], None],
) -> Export:
    """Put an export into the cache, once it was written and checked.

    Args:
        name: of the model.
        fingerprint: of the model.
        write: puts the graph and the tokenizer at these two paths.
        check: raises where the export can't be used.

    Raises:
        NotExportable: the cache can't be written.
    """
    home = _home(fingerprint)
    try:
        home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(PermissionError):  # told by the next line
            home.parent.chmod(0o700)  # one made before, where a group may write by default
        _check_own(home.parent)
        with (
            _alone(home.parent),
            tempfile.TemporaryDirectory(prefix=".new-", dir=home.parent, ignore_cleanup_errors=True) as folder,
        ):
            made = Path(folder, "export")
            made.mkdir(mode=0o700)
            settings = write(made / _GRAPH, made / _TOKENIZER)
            _write_record(made, name, settings)
            check(Export(made, settings))
            _install(made, home)
    except OSError as error:
        raise NotExportable(f"The cache {home.parent} can't be written: {error}") from error
    return Export(home, settings)


def _home(fingerprint: str) -> Path:
    return cache_folder() / f"{fingerprint}-{EXPORT_VERSION}"


def _check_own(folder: Path) -> None:
    """Make sure that nobody else can put a graph where it is loaded from: checksums beside it are of no help then.

    Raises:
        NotExportable: a folder of the cache is another user's, or others can write to it.
    """
    if not hasattr(os, "geteuid"):
        return  # Windows keeps a user's cache folder to that user
    for place in (folder, cache_folder()):
        try:
            found = place.stat()
        except OSError as error:
            raise NotExportable(f"{place} can't be read: {error}") from error
        if found.st_uid != os.geteuid():
            raise NotExportable(f"{place} belongs to another user, who could have put another model there.")
        if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise NotExportable(f"Others can write to {place}, and put another model there: chmod 700 {place}")


def _write_record(folder: Path, name: str, settings: ExportSettings) -> None:
    record = {
        "version": EXPORT_VERSION,
        "model": name,
        "settings": asdict(settings),
        "files": {file: sha256_of_file(folder / file) for file in _FILES},
    }
    (folder / _RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")


def _install(made: Path, home: Path) -> None:
    """Move an export to its place; what was there is replaced, since it was missing or damaged."""
    if home.exists():
        home.rename(made.with_name("old"))  # into the folder that is removed with everything in it
    made.rename(home)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One export at a time, so that whatever another has left is of one that was killed, and is deleted."""
    import filelock

    with filelock.FileLock(folder / ".lock", timeout=_WAIT_SECONDS, mode=0o600):
        for path in folder.glob(".new-*"):
            shutil.rmtree(path, ignore_errors=True)
        yield
