"""Numbers below a count in an order that spreads any first part of them over the whole."""

import math
from collections.abc import Iterator


def spread(count: int) -> Iterator[int]:
    """Every number below `count` once, neighbours far apart, the same every time."""
    stride = max(1, round(count * 0.618))
    while count > 1 and math.gcd(stride, count) > 1:
        stride += 1
    return ((at * stride) % count for at in range(count))
