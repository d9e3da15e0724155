"""A topic in words in, the articles that are about it out, each with how much it is and where it says so.

An article is about what its title names, what its beginning names and goes on with, or what it names again and again.
Whole words of the same stem count, a name of several words as one, and its initials where an article has both.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from index.analysis import Token, tokens
from index.stores.protocol import Selection, Snapshot
from index.types import ANSWERING, Article, ArticleInfo, Block, Role, Span
from index.wording import Wording
from qa.language import Language
from qa.retrieve import idfs

ABOUT = 0.5
"""Salience from which an article is about a topic. Recall and precision on the eight lists of news_dev, d1 and d2:
1.00 and .97 at .45, 1.00 and .98 at .5, .98 and 1.00 at .6, .90 and 1.00 at .7."""

LEAD = (0.4, 0.35, 0.25)
"""What a mention in the first paragraphs counts, if the title has none."""

HEADING = 0.15
"""What a mention in a heading counts."""

FREQUENT = 0.3
"""Share of an article's paragraphs with mentions that is as good as a title."""

SCATTERED = 0.85
"""What the words of "public schools" count where they don't stand together; of a name, see `SCATTERED_NAME`."""

SCATTERED_NAME = 0.45
"""The words of "General Motors" apart are something else, mostly."""

NAMELESS = 0.6
"""What is left of the score of an article that never says one of the names: "penguins on Mars"."""

TELLING = 0.8
"""Weight of the last word of a name, against its rarest one, with which it stands for all: "Musk", not "Day"."""

LOOKED_AT = 30
"""Articles that are looked at to tell whether a word is only a name: "Musk", and not "House"."""

_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_GLUE = re.compile(r"[\s\-‐‑–]*")


@dataclass(frozen=True, slots=True)
class Unit:
    """Words of a topic that belong together: a name, or neighbours.

    Attributes:
        phrase: all of them, in order.
        words: each of them, with its weight.
        is_name: whether all are written with a capital.
        short: what a name of several words is called for short, where an article has all of it: "GM", "Musk".
    """

    phrase: Wording
    words: tuple[tuple[Wording, float], ...]
    is_name: bool
    short: tuple[str, ...] = ()

    @property
    def weight(self) -> float:
        """How much it counts in its topic."""
        return sum(weight for _, weight in self.words)


@dataclass(frozen=True, slots=True)
class Topic:
    """What articles may be about.

    Attributes:
        text: as it was asked for.
        units: the heaviest first; at least one, or a year.
        years: that are named; an article has to be of that year, or to name it.
    """

    text: str
    units: tuple[Unit, ...]
    years: tuple[str, ...]

    @classmethod
    def parse(cls, text: str, language: Language, snapshot: Snapshot) -> "Topic":
        """A topic taken apart, its words weighed by how rare they are."""
        found = [token for token in tokens(text, language.code) if not token.is_stop]
        years = tuple(token.written for token in found if _YEAR.fullmatch(token.written))
        weights = idfs(snapshot, [token.stem for token in found])
        units = [
            Unit(
                Wording(text[run[0].start : run[-1].end], language.code),
                tuple((Wording(token.written, language.code), weights[token.stem]) for token in run),
                all(token.is_name for token in run),
                _short(run, weights, snapshot),
            )
            for run in _runs(text, [token for token in found if token.written not in years], language)
        ]
        return cls(text, tuple(sorted(units, key=lambda unit: -unit.weight)), years)


def _short(run: Sequence[Token], weights: Mapping[str, float], snapshot: Snapshot) -> tuple[str, ...]:
    """The initials of several words; of a name also its last word, if that is as rare and a name by itself."""
    if len(run) < 2:
        return ()
    initials, last = "".join(token.written[0].upper() for token in run), run[-1]
    telling = weights[last.stem] >= TELLING * max(weights[token.stem] for token in run)
    if not (telling and all(token.is_name for token in run)):
        return (initials,)
    held = snapshot.holding(Wording(last.written))[:LOOKED_AT]
    texts = ((snapshot.article(holding.article.path).text, holding.spans) for holding in held)
    is_name = all(text[start:end] != last.written.lower() for text, spans in texts for start, end in spans)
    return (initials, last.written) if is_name else (initials,)


def _runs(text: str, words: Sequence[Token], language: Language) -> Iterable[list[Token]]:
    """Words that stand together, or are joined as in "Lord of the Rings"."""
    run: list[Token] = []
    for token in words:
        if run and not _GLUE.fullmatch(gap := text[run[-1].end : token.start]):
            joined = run[-1].is_name and token.is_name and language.requests.name_joint.fullmatch(gap.strip())
            if not joined:
                yield run
                run = []
        run.append(token)
    if run:
        yield run


@dataclass(frozen=True, slots=True)
class About:
    """An article that is about a topic.

    Attributes:
        article: what is known of it.
        score: how much, 0 to 1.
        spans: where its text names the topic, in order.
        lines: on which they stand, each once.
    """

    article: ArticleInfo
    score: float
    spans: tuple[Span, ...]
    lines: tuple[int, ...]


def articles_about(snapshot: Snapshot, topic: Topic, within: Selection | None, least: float = ABOUT) -> list[About]:
    """The articles about a topic, those that are most about it first."""
    found = measured(snapshot, _candidates(snapshot, topic, within, least), topic)
    return [about for about in found if about.score >= least]


def measured(snapshot: Snapshot, paths: Iterable[str], topic: Topic) -> list[About]:
    """How much some articles are about a topic, the most first; without those of other years."""
    found = filter(None, (_measured(snapshot, path, topic) for path in paths))
    return sorted(found, key=lambda about: (-about.score, about.article.path))


def _candidates(snapshot: Snapshot, topic: Topic, within: Selection | None, least: float) -> list[str]:
    """Every article that holds so much of a topic that it can be about it."""
    needed = sorted((needed for unit in topic.units for needed in _needed(unit)), key=lambda needed: -needed[1])
    total = left = sum(unit.weight for unit in topic.units)
    paths: dict[str, None] = {}
    for wording, weight in needed:
        if left < least * total:  # what holds none of those before can't reach it
            break
        paths |= dict.fromkeys(held.article.path for held in snapshot.holding(wording, within))
        left -= weight
    return list(paths)


def _needed(unit: Unit) -> list[tuple[Wording, float]]:
    """What an article may hold of a unit, each with how much of the unit's weight it lacks at least without it."""
    if unit.is_name and len(unit.words) > 1:
        return [(unit.phrase, unit.weight * (1 - SCATTERED_NAME))]
    return list(unit.words)


def _measured(snapshot: Snapshot, path: str, topic: Topic) -> About | None:
    article = snapshot.article(path)
    if not all(article.value("published").startswith(year) or year in article.text for year in topic.years):
        return None
    parts = _Parts.of(article, snapshot.blocks(path))
    named = [_named(article.text, unit, parts) for unit in topic.units]
    total = sum(unit.weight for unit in topic.units) or 1.0
    score = sum(salience * unit.weight for unit, (salience, _) in zip(topic.units, named, strict=True)) / total
    if any(unit.is_name and not spans for unit, (_, spans) in zip(topic.units, named, strict=True)):
        score *= NAMELESS
    spans = sorted({span for _, spans in named for span in spans})
    table = article.lines
    return About(article, score, tuple(spans), tuple(dict.fromkeys(table.line(start) for start, _ in spans)))


def _named(text: str, unit: Unit, parts: "_Parts") -> tuple[float, list[Span]]:
    """How salient a unit is in an article, and where it is named."""
    together = unit.phrase.spans(text)
    if together:
        together += [span for short in unit.short for span in _written(text, short)]
    salience = parts.salience(together)
    if len(unit.words) == 1:
        return salience, together
    each = [(word.spans(text), weight) for word, weight in unit.words]
    apart = sum(parts.salience(spans) * weight for spans, weight in each) / unit.weight
    apart *= SCATTERED_NAME if unit.is_name else SCATTERED
    if salience >= apart:
        return salience, together
    return apart, [span for spans, _ in each for span in spans]


def _written(text: str, word: str) -> list[Span]:
    """Where a text has a word just as it is written."""
    return [match.span() for match in re.finditer(rf"\b{re.escape(word)}\b", text)]


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of an article where naming something says what it is about."""

    titles: tuple[Span, ...]
    headings: tuple[Span, ...]
    body: tuple[Span, ...]

    @classmethod
    def of(cls, article: Article, blocks: Sequence[Block]) -> "_Parts":
        def of_role(*roles: Role) -> tuple[Span, ...]:
            return tuple((block.start, block.end) for block in blocks if block.role in roles)

        title = ((article.title.start, article.title.end),) if article.title else ()
        return cls((*title, *of_role(Role.TITLE)), of_role(Role.HEADING), of_role(*ANSWERING))

    def salience(self, spans: Sequence[Span]) -> float:
        """How much an article is about what stands at some places, 0 to 1."""
        if not spans:
            return 0.0
        starts = [start for start, _ in spans]
        if _inside(starts, self.titles):
            return 1.0
        named = _inside(starts, self.body)
        lead = LEAD[named[0]] if named and named[0] < len(LEAD) else 0.0
        share = min(1.0, len(named) / max(1, len(self.body)) / FREQUENT)
        return min(1.0, lead + HEADING * bool(_inside(starts, self.headings)) + share * (1 - lead))


def _inside(starts: Sequence[int], places: Sequence[Span]) -> list[int]:
    """The numbers of the places in which something starts."""
    return [number for number, (first, end) in enumerate(places) if any(first <= start < end for start in starts)]
