"""A model that was found in, an encoder that runs it out: by its export where there is one or one can be made.

Importing this module imports no model library.
"""

import logging
import os

from index.encoders.exports import open_export
from index.encoders.models import Model
from index.encoders.protocol import SentenceEncoder
from index.errors import NotExportable

_log = logging.getLogger("articleqa.encoders")


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
    from index.encoders.transformers import TransformerEncoder

    original = TransformerEncoder.load(model)
    if not _exports_wanted():
        return original
    from index.encoders.exporting import export_encoder

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
    if not _exports_wanted():
        return None
    try:
        export = open_export(fingerprint)
        if export is None:
            return None
        from index.encoders.onnx import OnnxEncoder

        return OnnxEncoder(name, fingerprint, export)
    except NotExportable as error:
        _log.warning("The exported model in the cache can't be used and is made again. %s", error)
        return None


def _exports_wanted() -> bool:
    return os.environ.get("ARTICLEQA_EXPORT", "on").lower() not in ("off", "0", "no", "false")
