"""The lines of all articles of a folder in, those that publishers put around their articles out, in any language.

Nothing is read twice: each article is known by the hashes of its lines and of its title's words (`keys_of`), which a
build keeps with it, 8 bytes each. `repeated` counts them all in one pass.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from index.types import LINE_END, Article

MIN_ARTICLES = 3
"""In two articles, lines of news_dev stand alike that tell the same event; see also `repeated`."""

MIN_CHARS = 8
"""Of a line that is counted: shorter ones ("Pennsylvania", "Yes") are alike by chance."""

MANY_ARTICLES = 30
"""Lines in so many are boilerplate, whatever the articles are about."""

_WORD = re.compile(r"[^\W\d_]{4,40}")


@dataclass(frozen=True, slots=True)
class LineKeys:
    """Of one article: 64-bit hashes of its lines, and of the words of its title."""

    lines: frozenset[int]
    topic: frozenset[int]


def keys_of(article: Article) -> LineKeys:
    """The hashes of an article."""
    lines = {line_key(line) for line in LINE_END.split(article.text)}
    topic = {_hash(word) for word in _WORD.findall(article.value("title").casefold())}
    return LineKeys(frozenset(lines - {0}), frozenset(topic))


def line_key(line: str) -> int:
    """The hash of a line, space and case left out; 0 for one too short to count."""
    plain = " ".join(line.casefold().split())
    return _hash(plain) if len(plain) >= MIN_CHARS else 0


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(errors="replace"), digest_size=8).digest())


def repeated(articles: Iterable[LineKeys]) -> frozenset[int]:
    """Hashes of the lines that stand alike in articles about different things.

    What articles about one thing have in common (the cities that see an eclipse) is what they tell.
    """
    count: dict[int, int] = {}
    shared: dict[int, frozenset[int]] = {}
    for keys in articles:
        for line in keys.lines:
            count[line] = count.get(line, 0) + 1
            shared[line] = shared[line] & keys.topic if line in shared else keys.topic
    return frozenset(
        line for line, n in count.items() if n >= MANY_ARTICLES or (n >= MIN_ARTICLES and not shared[line])
    )
