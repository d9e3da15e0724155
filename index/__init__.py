"""Everything before a question: a folder of articles in, an index on disk out.

Reading order: ``articles`` → ``chunks`` → ``embedding`` → ``vectors`` and ``lexical`` →
``store`` → ``build``. Nothing here knows what a question is; that is ``qa``.
"""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
"""onnxruntime looks up its vendor's host unless this is set before it is imported; nothing here phones out."""
