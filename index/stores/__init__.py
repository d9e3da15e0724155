"""Where indexes are kept: `protocol` says what a store does, each store does it its own way.

Reading order: ``types`` → ``protocol`` → ``local``. The plainest store there is, which all others are compared with,
is tests/memory_store.py.
Nobody outside a store sees a row number, an array or a file of it.
"""
