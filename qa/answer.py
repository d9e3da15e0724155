"""Ranked evidence in, an `Answer` out, or "not in the articles"."""

from collections.abc import Sequence
from dataclasses import replace

from index.stores.protocol import Snapshot
from qa.duplicates import normal
from qa.quotes import Finding, quote_finding, rank_sentences
from qa.ranking import Abstainer, Ranker
from qa.retrieve import Candidate
from qa.together import together
from qa.types import Answer, Passage, Quote

MAX_QUOTES = 12
"""Of one answer; the page shows some and the others on demand."""

NEAREST_SHOWN = 3
"""Passages shown where there is no answer."""


def answer_from(
    snapshot: Snapshot,
    question: str,
    candidates: Sequence[Candidate],
    passages: Sequence[Passage],
    chunks: int,
    ranker: Ranker,
    abstainer: Abstainer,
) -> Answer:
    """The answer that ranked passages give: their best sentences, or that there is none.

    Args:
        snapshot: where the passages are from.
        question: as it was asked.
        candidates: best first, at least one.
        passages: the same as they are shown.
        chunks: how many chunks they are the best of.
        ranker: orders their sentences.
        abstainer: says whether the best of them answers.

    Raises:
        IndexCorrupt: a sentence is not what its article says at that place.
    """

    def confidence(finding: Finding) -> float:
        return abstainer.confidence(finding.candidate.evidence, finding.sentence, chunks)

    findings = find_sentences(candidates, ranker)
    score = confidence(findings[0]) if findings else 0.0
    if score < abstainer.threshold:
        return Answer(question, False, score, (), tuple(passages[:NEAREST_SHOWN]), question)
    quotes: dict[str, Quote] = {}
    for finding in together(findings, ranker)[:MAX_QUOTES]:
        add_quote(quotes, quote_finding(snapshot, finding, confidence(finding)))
    return Answer(
        question,
        True,
        score,
        tuple(quotes.values()),
        tuple(passages),
        question,
        certainty=abstainer.certainty(score),
    )


def find_sentences(candidates: Sequence[Candidate], ranker: Ranker) -> list[Finding]:
    """The sentences of passages that may be quoted, the most useful first."""
    return [finding for finding in rank_sentences(candidates, ranker) if finding.may_be_quoted]


def add_quote(quotes: dict[str, Quote], quote: Quote) -> None:
    """Add a quote, or its place to the quote that says the same already."""
    text = normal(quote.text)
    first = quotes.setdefault(text, quote)
    if first is not quote:
        places = (*first.also_in, quote.citation, *quote.also_in)
        quotes[text] = replace(first, also_in=tuple(dict.fromkeys(places)))
