"""Everything before a question: a folder of articles in, an index on disk out.

Reading order: ``articles`` → ``structure`` → ``passages`` → ``encoders`` → ``drafts`` and ``segment`` →
``stores`` → ``build``. Nothing here knows what a question is; that is ``qa``.
"""

import os

for _reports_off in ("ORT_DISABLE_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY"):
    os.environ.setdefault(_reports_off, "1")
"""onnxruntime looks up its vendor's host unless this is set before it is imported, and huggingface_hub tells which
libraries a machine has when a model is fetched by its name; nothing here phones out."""
