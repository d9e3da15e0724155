"""How our own small reader is trained: `prepare`, `train`, `export`, `evaluate` (python -m training)."""
