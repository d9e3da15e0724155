"""The words for one article in, the article that is meant out: the one that is open, was quoted, or is about them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.analysis import terms
from index.filters import Filters
from index.stores.protocol import Selection, Snapshot
from qa.language import Language
from qa.retrieve import Candidate
from qa.topics import Topic, measured
from qa.types import Answer

Nearest = Callable[[str, Selection | None], Sequence[Candidate]]
"""Gives the passages nearest to a text, best first."""

LOOKED_AT = 10
"""Passages whose articles may be meant."""

MEANT = 0.6
"""Least sum of an article's salience and of the score of its best passage, both 0 to 1, for it to be meant."""

PLAINLY_MEANT = 0.8
"""The same for being sure of it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a question is put to.

    Attributes:
        snapshot: of the index.
        filters: of the question.
        within: the articles that meet them; None for all.
        language: of the question.
        nearest: see `Nearest`.
    """

    snapshot: Snapshot
    filters: Filters
    within: Selection | None
    language: Language
    nearest: Nearest

    @property
    def articles(self) -> int:
        """How many articles there are."""
        return self.snapshot.about.articles if self.within is None else self.within.articles

    def at(self, paths: Sequence[str]) -> Selection:
        """Of these articles those at some paths."""
        return self.snapshot.select(self.filters, paths)


def pointed_at(scope: Scope, history: Sequence[Answer]) -> str | None:
    """The path of the article that "this article" is: the only one, or that of the last answer; None if none is."""
    if scope.articles == 1:
        return scope.snapshot.articles(scope.within)[0].path
    last = history[-1] if history else None
    if last is None:
        return None
    said = [*(quote.path for quote in last.quotes), *(article.path for article in last.articles)]
    inside = {info.path for info in scope.snapshot.articles(scope.at(said[:1]))}
    return said[0] if said and said[0] in inside else None


def titled(scope: Scope, title: str) -> str | None:
    """The path of the first article whose title has these words one after the other, as half of it at least."""
    asked = terms(title, scope.language.code)
    for info in scope.snapshot.articles(scope.within):
        words = terms(info.value("title"), scope.language.code)
        places = range(len(words) - len(asked) + 1) if 0 < len(words) <= 2 * len(asked) else ()
        if any(words[at : at + len(asked)] == asked for at in places):
            return info.path
    return None


def meant(scope: Scope, topic: str) -> tuple[str, float] | None:
    """The path of the article that is meant by "the article about …", and how plainly; None if there is none."""
    best: dict[str, float] = {}
    for candidate in scope.nearest(topic, scope.within)[:LOOKED_AT]:
        best.setdefault(candidate.chunk.article.path, max(0.0, min(1.0, candidate.score)))
    parsed = Topic.parse(topic, scope.language, scope.snapshot)
    values = {
        about.article.path: about.score + best[about.article.path] for about in measured(scope.snapshot, best, parsed)
    }
    path = max(values, key=lambda path: values[path], default="")
    return (path, values[path]) if path and values[path] >= MEANT else None
