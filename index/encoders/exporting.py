"""A model that sentence-transformers runs in, its export in the cache out, compared with it before it is used."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.encoders.exports import Export, ExportSettings, new_export
from index.encoders.protocol import SentenceEncoder
from index.errors import ExportDiffers

if TYPE_CHECKING:
    from index.encoders.transformers import TransformerEncoder

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


def export_encoder(original: "TransformerEncoder") -> SentenceEncoder:
    """Export a model, compare the export with it and put it into the cache; the encoder that runs it.

    Raises:
        NotExportable: the model is of a kind that can't be exported, or the cache can't be written.
        ExportDiffers: the export gives other vectors.
    """
    from index.encoders.onnx import OnnxEncoder

    def runs(export: Export) -> SentenceEncoder:
        return OnnxEncoder(original.name, original.fingerprint, export)

    def write(graph: Path, tokenizer: Path) -> ExportSettings:
        return _write(original, graph, tokenizer)

    def check(export: Export) -> None:
        check_parity(original, runs(export))

    return runs(new_export(original.name, original.fingerprint, write, check))


def _write(original: "TransformerEncoder", graph: Path, tokenizer: Path) -> ExportSettings:
    """Write the graph, its weights beside it, and the tokenizer."""
    from index.encoders.onnx import map_weights

    traced = graph.with_name("traced.onnx")
    settings = original.export(traced, tokenizer)
    map_weights(traced, graph)
    traced.unlink()
    return settings


def check_parity(original: SentenceEncoder, exported: SentenceEncoder) -> float:
    """Compare an export with its original on real text; the largest difference of a number.

    Raises:
        ExportDiffers: it is larger than `MAX_DIFFERENCE`.
    """
    texts = [*PARITY_TEXTS, " ".join(PARITY_TEXTS * 3)]
    ours = np.concatenate([original.encode_passages(texts), [original.encode_question(text) for text in texts]])
    theirs = np.concatenate([exported.encode_passages(texts), [exported.encode_question(text) for text in texts]])
    difference = float(np.abs(ours - theirs).max())
    if not difference <= MAX_DIFFERENCE:  # not a number is a difference too
        raise ExportDiffers(
            f"The export of the model {original.name} gives other vectors than the model (off by {difference:.1g}, "
            f"allowed is {MAX_DIFFERENCE:.0g}), so it is not used and nothing was built."
        )
    if different := _counted_otherwise(original, exported, texts):
        raise ExportDiffers(
            f"The export of the model {original.name} counts other tokens than the model in {different!r}."
        )
    return difference


def _counted_otherwise(original: SentenceEncoder, exported: SentenceEncoder, texts: Sequence[str]) -> str | None:
    return next((text for text in texts if original.count_tokens(text) != exported.count_tokens(text)), None)
