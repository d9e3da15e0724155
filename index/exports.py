"""Exported models in a cache outside the index: looked up by fingerprint, checked, made once.

A model that sentence-transformers runs is written as an ONNX graph with its tokenizer, is
compared with the original, and only then moved into its place::

    CACHE/exports/FINGERPRINT-VERSION/   export.json, model.onnx, model.onnx.data, tokenizer.json

CACHE is the user's cache folder, or ``ARTICLEQA_CACHE``. Everything in it can be deleted at
any time. This module runs no model itself.
"""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.articles import sha256_of_file
from index.errors import ExportDiffers, NotExportable

if TYPE_CHECKING:
    from index.embedding import SentenceEncoder
    from index.transformer import TransformerEncoder

EXPORT_VERSION = 1
"""Raised whenever exports made before can't be used any more, or would be made otherwise."""

SENTENCE_OUTPUT, TOKENS_OUTPUT = "sentence", "tokens"
"""Outputs of a graph: unit vectors ``(n, dimension)`` and token vectors ``(n, length, dimension)``."""

MAX_DIFFERENCE = 1e-4
"""The most that a number of a unit vector may be off; all-MiniLM-L6-v2 is off by 2e-7."""

PARITY_TEXTS = (
    "What happened?",
    "Call me Ishmael. Some years ago—never mind how long precisely—having little or no money in my purse, and "
    "nothing particular to interest me on shore, I thought I would sail about a little and see the watery part of "
    "the world. It is a way I have of driving off the spleen and regulating the circulation.",
    "When on board H.M.S. “Beagle,” as naturalist, I was much struck with certain facts in the distribution of the "
    "inhabitants of South America, and in the geological relations of the present to the past inhabitants of that "
    "continent. These facts seemed to me to throw some light on the origin of species—that mystery of mysteries, as "
    "it has been called by one of our greatest philosophers. ",
    "En un lugar de la Mancha, de cuyo nombre no quiero acordarme, no ha mucho tiempo que vivía un hidalgo de los "
    "de lanza en astillero, adarga antigua, rocín flaco y galgo corredor.",
    "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему.",
    "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。",
    "  3,215 m² at 12.5 °C — 😀 (see §4)\n\nTotal: €1.2 million\t",
)
"""Real text of several lengths and scripts; the last one all together is longer than models read."""

_LEFT_BEHIND_SECONDS = 3600.0
_FILES = ("model.onnx", "model.onnx.data", "tokenizer.json")
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
        return self.folder / _FILES[0]

    @property
    def tokenizer(self) -> Path:
        """What the library tokenizers reads."""
        return self.folder / _FILES[2]


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
        NotExportable: it is there but damaged.
    """
    home = _home(fingerprint)
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


def export_encoder(original: "TransformerEncoder") -> "SentenceEncoder":
    """Export a model, compare the export with it and put it into the cache; the encoder that runs it.

    Raises:
        NotExportable: the model is of a kind that can't be exported, or the cache can't be written.
        ExportDiffers: the export gives other vectors.
    """
    from index.onnx import OnnxEncoder

    home = _home(original.fingerprint)
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        _remove_left_behind(home.parent)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=home.parent, ignore_cleanup_errors=True) as folder:
            made = Path(folder, "export")
            settings = _write(original, made)
            check_parity(original, OnnxEncoder(original.name, original.fingerprint, Export(made, settings)))
            _install(made, home)
    except OSError as error:
        raise NotExportable(f"The cache {home.parent} can't be written: {error}") from error
    return OnnxEncoder(original.name, original.fingerprint, Export(home, settings))


def _home(fingerprint: str) -> Path:
    return cache_folder() / f"{fingerprint}-{EXPORT_VERSION}"


def _write(original: "TransformerEncoder", folder: Path) -> ExportSettings:
    """Write all files of an export into a new folder."""
    from index.onnx import map_weights

    folder.mkdir()
    traced = folder / "traced.onnx"
    settings = original.export(traced, folder / "tokenizer.json")
    map_weights(traced, folder / "model.onnx")
    traced.unlink()
    record = {
        "version": EXPORT_VERSION,
        "model": original.name,
        "settings": asdict(settings),
        "files": {name: sha256_of_file(folder / name) for name in _FILES},
    }
    (folder / _RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")
    return settings


def _install(made: Path, home: Path) -> None:
    """Move an export to its place; what was there is replaced, since it was missing or damaged."""
    if home.exists():
        home.rename(made.with_name("old"))  # into the folder that is removed with everything in it
    made.rename(home)


def _remove_left_behind(folder: Path) -> None:
    """Delete what exports that were killed have left."""
    for path in folder.glob(".new-*"):
        if time.time() - path.stat().st_mtime > _LEFT_BEHIND_SECONDS:
            shutil.rmtree(path, ignore_errors=True)


def check_parity(original: "SentenceEncoder", exported: "SentenceEncoder") -> float:
    """Compare an export with its original on real text; the largest difference of a number.

    Raises:
        ExportDiffers: it is larger than `MAX_DIFFERENCE`.
    """
    texts = [*PARITY_TEXTS, " ".join(PARITY_TEXTS * 3)]
    spans = [[(0, len(text) // 2), (len(text) // 2, len(text))] for text in texts]
    ours = [original.encode_passages(texts, spans), *map(original.encode_question, texts, spans)]
    theirs = [exported.encode_passages(texts, spans), *map(exported.encode_question, texts, spans)]
    pairs = [pair for both in zip(ours, theirs, strict=True) for pair in zip(*both, strict=True)]
    difference = float(np.max([np.abs(one - other).max() for one, other in pairs]))
    if not difference <= MAX_DIFFERENCE:  # not a number is a difference too
        raise ExportDiffers(
            f"The export of the model {original.name} gives other vectors than the model (off by {difference:.1g}, "
            f"allowed is {MAX_DIFFERENCE:.0g}), so it is not used and nothing was built. "
            "Build without an export: ARTICLEQA_EXPORT=off articleqa build"
        )
    if different := _counted_otherwise(original, exported, texts):
        raise ExportDiffers(
            f"The export of the model {original.name} counts other tokens than the model in {different!r}. "
            "Build without an export: ARTICLEQA_EXPORT=off articleqa build"
        )
    return difference


def _counted_otherwise(original: "SentenceEncoder", exported: "SentenceEncoder", texts: Sequence[str]) -> str | None:
    return next((text for text in texts if original.count_tokens(text) != exported.count_tokens(text)), None)
