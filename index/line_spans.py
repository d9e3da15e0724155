"""An `Article` in, the spans of its lines out: hard wraps undone, what a field of the header stands in by itself."""

import re
from collections.abc import Iterator
from itertools import pairwise

from index.paragraphs import paragraphs, trim, unwrapped
from index.types import Article, Span

_NEXT_LINE = re.compile(r"[^\S\r\n]*(?:\r\n|\n|\r)[^\S\r\n]*(?P<first>\S)")


def line_spans(article: Article) -> Iterator[Span]:
    """Spans without space at their ends, in order; together they hold all that isn't blank."""
    found = (article.title, article.author, article.published)
    spans = [(value.start, value.end) for value in found if value and not _runs_on(article, value.end)]
    spans += [(hint.start, hint.end) for hint in article.hints]
    alone = {article.lines.line(start) for start, end in spans if start < end}
    for start, end in paragraphs(article.text):
        for begin, stop in unwrapped(article.text, start, end, typeset=bool(article.pages)):
            yield from _apart(article, begin, stop, alone)


def _runs_on(article: Article, end: int) -> bool:
    """Whether the title ends here, was only taken for one, and the sentence goes on in the next line."""
    if article.title is None or article.title.end != end or article.author or article.published:
        return False
    below = _NEXT_LINE.match(article.text, end)
    return below is not None and (below["first"].islower() or article.title.value.endswith(","))


def _apart(article: Article, start: int, end: int, alone: set[int]) -> Iterator[Span]:
    """A run of lines without blank ones at its ends, cut where a line has to stand alone."""
    first, last = article.lines.lines(start, end)
    cuts = {line for line in range(first, last + 1) if line in alone or line - 1 in alone} if alone else set()
    edges = [start, *(article.lines.span(line)[0] for line in sorted(cuts) if line > first), end]
    for begin, stop in pairwise(edges):
        begin, stop = trim(article.text, begin, stop)
        if begin < stop:
            yield begin, stop
