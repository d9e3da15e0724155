"""How many processor cores there are to work with."""

import os


def cores() -> int:
    """Those that this process may use, which a container may have less of than the machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
