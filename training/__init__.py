"""How our own small reader is trained: `prepare`, `train`, `export`, `evaluate` (python -m training)."""

import index as _index  # noqa: F401 - turns the reports of libraries off before they are imported
