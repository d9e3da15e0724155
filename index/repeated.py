"""The lines of all articles of a folder in, those that publishers put around their articles out, in any language.

Nothing is read twice: a build keeps the hash of every block's text (`Block.key`), and `repeated` counts them all.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable

import numpy as np
import numpy.typing as npt

from index.types import ANSWERING, Block, Role

MIN_ARTICLES = 3
"""In two articles, lines of news_dev stand alike that tell the same event; see also `repeated`."""

MIN_CHARS = 8
"""Of a line that is counted: shorter ones ("Pennsylvania", "Yes") are alike by chance."""

MANY_ARTICLES = 30
"""Lines in so many are boilerplate, whatever the articles are about."""

_WORD = re.compile(r"[^\W\d_]{4,40}")

Keys = npt.NDArray[np.int64]


def line_key(line: str) -> int:
    """The hash of a line as a signed 64-bit number, space and case left out; 0 for one too short to count."""
    plain = " ".join(line.casefold().split())
    return _hash(plain) if len(plain) >= MIN_CHARS else 0


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(errors="replace"), digest_size=8).digest(), signed=True)


def repeated(articles: Keys, keys: Keys, title: Callable[[int], str]) -> Keys:
    """Keys of the blocks that stand alike in articles about different things, sorted.

    What articles about one thing have in common (the cities that see an eclipse) is what they tell.

    Args:
        articles: ``(n_blocks,)``, the number of the article that each block is of.
        keys: ``(n_blocks,)``, see `Block.key`.
        title: gives the title of an article by its number.
    """
    counted = keys != 0
    articles, keys = articles[counted], keys[counted]
    order = np.lexsort((articles, keys))
    articles, keys = articles[order], keys[order]
    again = (keys[1:] == keys[:-1]) & (articles[1:] == articles[:-1])  # a line that an article has twice counts once
    once = np.concatenate([np.ones(min(1, len(keys)), bool), ~again])
    articles, keys = articles[once], keys[once]
    found, firsts, counts = np.unique(keys, return_index=True, return_counts=True)
    often = counts >= MIN_ARTICLES
    kept = [
        key
        for key, first, count in zip(found[often].tolist(), firsts[often].tolist(), counts[often].tolist(), strict=True)
        if count >= MANY_ARTICLES or _differ(map(title, articles[first : first + count].tolist()))
    ]
    return np.array(kept, dtype=np.int64)


def _differ(titles: Iterable[str]) -> bool:
    """Whether some articles are about different things: their titles have no word in common, and aren't the same.

    What an article without a title is about is not known.
    """
    known = [title for title in map(str.casefold, titles) if title]
    words = [frozenset({*_WORD.findall(title), title}) for title in known]
    return len(known) >= MIN_ARTICLES and not frozenset.intersection(*words)


def without_repeated(blocks: Iterable[Block], keys: Collection[int]) -> tuple[Block, ...]:
    """The same blocks, those that would answer and are repeated as boilerplate."""
    return tuple(
        Block(Role.BOILERPLATE, block.start, block.end, block.key)
        if block.role in ANSWERING and block.key in keys
        else block
        for block in blocks
    )
