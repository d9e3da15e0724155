"""An index in a folder: FAISS, BM25 and arrays in generations, each whole or not there.

Reading order: ``files`` (checked when read) → ``articles``, ``vectors``, ``lexical`` (the tables) → ``shapes``,
``fitting``, ``manifest`` (whether they fit together) → ``snapshot`` (a generation that is read) → ``writer`` (one that
is written) → ``generations`` (which one is current) → ``store``.
"""
