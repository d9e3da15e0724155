"""Texts in, unit vectors out.

Reading order: ``protocol`` (what everybody else sees) → ``models`` (which model it would be, nothing loaded) →
``batches`` → ``transformers`` and ``onnx`` (two ways to run one) → ``exports`` (the cache that the second reads) →
``exporting`` (the first way makes the second, and both are compared) → ``load`` (which way).
"""
