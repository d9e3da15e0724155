"""Everything before a question: a folder of articles in, an index on disk out.

Reading order: ``articles`` → ``chunks`` → ``embedding`` → ``vectors`` and ``lexical`` →
``store`` → ``build``. Nothing here knows what a question is; that is ``qa``.
"""
