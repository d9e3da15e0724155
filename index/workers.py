"""Processes that make segments: an executor for `build`, where one process can't keep all cores busy.

On two cores it can: 18 articles take 21 s in one process with two threads and 30 s in two processes, which load the
model each and get segments of unlike size.
"""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor


def process_pool(count: int) -> ProcessPoolExecutor:
    """So many processes of their own, each embedding with one thread; a segment is the same from all of them."""
    return ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _with_one_thread)


def _with_one_thread() -> None:
    os.environ["OMP_NUM_THREADS"] = "1"  # see `index.cores`
