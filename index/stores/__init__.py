"""Where indexes are kept: `protocol` says what a store does, each store does it its own way.

Reading order: ``protocol`` → ``memory`` (the plainest one, which tests compare the others with) → ``local``.
Nobody outside a store sees a row number, an array or a file of it.
"""
