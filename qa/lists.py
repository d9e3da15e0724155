"""A question that wants several things and the passages found for it in, quotes out: one an item.

A list itself often says little of what was asked: "Strawberries" stands under "Dirty Dozen". So lists are looked for in
every article that a good passage is from, and the best is the one whose heading and lead say what was asked. Where
there is none, single sentences answer, of more passages than another question gets.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from index.analysis import terms
from index.chunks import sentences_in
from index.stores.protocol import Snapshot
from index.types import Article, Block, Span
from qa.answer import add_quote, find_sentences
from qa.duplicates import merge
from qa.evidence import Weights
from qa.questions import Question
from qa.quotes import Finding, make_quote, quote_finding
from qa.ranking import Ranker
from qa.retrieve import Candidate, idfs
from qa.runs import SHORT, Run, runs
from qa.types import Quote

PASSAGES = 20
"""Passages whose articles are looked through for lists."""

MOST_ITEMS = 20
"""Of one answer."""

FITS = 0.7
"""What a list has to score: of 41 questions over news_dev the right one has 0.80 or more; of 6 that no list
answers, the best has 0.55 at most."""

LEAD, WHOLE, FOCUS = 0.8, 0.25, 0.2
"""What lead and heading count beside the score of a list's best passage; all of it; a line above it that says nothing
but what was asked. Set by hand on 44 questions over news_dev, 12 of them of its develop part."""

LED = 0.2
"""What share of the question the lead of paragraphs has to say; else they are any paragraphs."""

NEARLY = 0.05
"""By how much less a second list may score to be given, too."""

SURE = 1.0
"""The score of a list from which no single sentences come behind it."""

BESIDE = 3
"""Sentences that come behind a list that is less sure."""

SENTENCES = 12
"""Of an answer where there is no list."""

ENUMERATED = 2
"""Names behind a comma from which a sentence holds a list of its own."""

_NEXT_NAME = re.compile(r", (?:\w{1,4} )?[\"“‘']?(?=[^\W\d_])(?![a-z])")

Place = tuple[str, Span]
"""A path, and a span of the article there."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """A list of an article, and how well it fits a question.

    Attributes:
        article: that it is in.
        run: its lines.
        score: how well it fits, 0 to 2.
    """

    article: Article
    run: Run
    score: float


def list_quotes(
    snapshot: Snapshot,
    question: Question,
    candidates: Sequence[Candidate],
    usual: Sequence[Quote],
    ranker: Ranker,
    confidence: Callable[[Finding], float],
) -> tuple[Quote, ...]:
    """What answers a question that wants several things.

    Args:
        snapshot: where the passages are from.
        question: taken apart.
        candidates: best first, before they are merged.
        usual: what answers as it answers any question, best first, at least one.
        ranker: orders their sentences.
        confidence: that a sentence answers, 0 to 1.

    Raises:
        IndexCorrupt: a stored text is not the one that was indexed.
    """
    findings = find_sentences(merge(candidates, PASSAGES), ranker)
    listed = lists_for(snapshot, question, candidates)
    best = listed[0].score if listed else 0.0
    fitting = [one for one in listed if one.score >= max(FITS, best - NEARLY)]
    items = [
        make_quote(snapshot, one.article.path, span, usual[0].score)
        for one in fitting
        for span in _spans(one, {_span(finding): finding.score for finding in findings})
    ]
    if fitting:
        sure = best >= SURE and not fitting[0].run.loose
        return _apart([*items, *([] if sure else usual[:BESIDE])])[:MOST_ITEMS]
    worth = [finding for finding in findings if finding.score >= findings[0].score - ranker.quote_margin]
    single = [(_enumerates(finding), quote_finding(snapshot, finding, confidence(finding))) for finding in worth]
    enumerating = [quote for enumerates, quote in single if enumerates][:BESIDE]
    return _apart([usual[0], *enumerating, *usual[1:], *(quote for _, quote in single)])[:SENTENCES]


def _enumerates(finding: Finding) -> bool:
    return len(_NEXT_NAME.findall(finding.candidate.chunk.sentence_texts[finding.number])) >= ENUMERATED


def _apart(quotes: Iterable[Quote]) -> tuple[Quote, ...]:
    """The quotes but for those that overlap one before; what is said twice once, with both places."""
    told: dict[str, Quote] = {}
    taken: dict[str, list[Span]] = {}
    for quote in quotes:
        places = taken.setdefault(quote.path, [])
        if not any(quote.start < end and start < quote.end for start, end in places):
            places.append((quote.start, quote.end))
            add_quote(told, quote)
    return tuple(told.values())


def lists_for(snapshot: Snapshot, question: Question, candidates: Sequence[Candidate]) -> list[Fitting]:
    """The lists of the articles that the best passages are from, the best first."""
    found: dict[str, list[Candidate]] = {candidate.chunk.article.path: [] for candidate in candidates[:PASSAGES]}
    for candidate in candidates:
        found.get(candidate.chunk.article.path, []).append(candidate)
    weights = Weights.of(idfs(snapshot, question.terms))
    listed: list[Fitting] = []
    for path, passages in found.items():
        article = snapshot.article(path)
        listed += [
            Fitting(article, run, fit(article, run, weights, passages))
            for run in runs(article.text, snapshot.blocks(path))
        ]
    return sorted(listed, key=lambda one: -one.score)


def fit(article: Article, run: Run, weights: Weights, passages: Sequence[Candidate]) -> float:
    """How well a list fits a question, 0 to 2 but for oddities.

    The score of the best passage that it is in, and what share of the question's weight stands in its lead and heading,
    and anywhere in it, title and all.

    Args:
        article: that it is in.
        run: its lines.
        weights: of the question's terms.
        passages: of the article, those that were ranked.
    """

    def said(block: Block | None) -> frozenset[str]:
        return frozenset(terms(article.text[block.start : block.end], article.language)) if block else frozenset()

    above = said(run.heading) | said(run.lead)
    lead = weights.share(above)
    if run.loose and lead < LED:
        return 0.0
    whole = above.union(terms(article.value("title"), article.language), *map(said, run.items))
    start, end = (run.lead or run.items[0]).start, run.items[-1].end
    near = [passage.score for passage in passages if passage.chunk.start < end and start < passage.chunk.end]
    focus = max(_focus(said(block), weights) for block in (run.heading, run.lead))
    return max(near, default=0.0) + LEAD * lead + WHOLE * weights.share(whole) + FOCUS * focus


def _focus(said: frozenset[str], weights: Weights) -> float:
    """How much of the question a line says, and says nothing else, 0 to 1."""
    return weights.share(said) * len(said & weights.idf.keys()) / max(1, len(said))


def _spans(listed: Fitting, scores: Mapping[Place, float]) -> Iterator[Span]:
    """What is quoted of each item: all of a short one, else the sentence that says it, mostly the first.

    Args:
        listed: the list.
        scores: what sentences were ranked by.
    """
    article = listed.article
    for block in listed.run.items:
        start, end = block.start, block.end
        if end - start > SHORT:
            sentences = [*sentences_in(article.text, start, end, article.language, typeset=bool(article.pages))]
            if listed.run.loose:
                yield max(sentences, key=lambda span: scores.get((article.path, span), 0.0))
                continue
            colon = article.text.find(":", start, start + SHORT)
            end = next((last for _first, last in sentences if last > colon + 1), end)
        yield start, end


def _span(finding: Finding) -> Place:
    """Where a finding stands."""
    chunk = finding.candidate.chunk
    return chunk.article.path, chunk.sentences[finding.number]
