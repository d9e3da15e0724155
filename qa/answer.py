"""Ranked evidence in, an `Answer` out, or "not in the articles"."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from index.store import ArticleIndex
from qa.duplicates import normal
from qa.quotes import Finding, Quote, quote_finding, rank_sentences
from qa.retrieve import Candidate, Passage

NOT_FOUND = "The articles don't answer that."

MAX_QUOTES = 3

QUOTE_MARGIN = 6.0
"""A further quote is shown if it is at most this much less useful than the first. That leaves 2.6
quotes an answer; with it one of three is right for 90.1 % of the answerable questions of
encyclopedia_dev (`make eval`)."""

NEAREST_SHOWN = 3
"""Passages shown where there is no answer."""

THRESHOLD = 0.1
"""Score from which the articles count as answering. On encyclopedia_dev 97.8 % of what half of the
articles answer is answered and 92.4 % of what only the other half answers is not (`make eval`). With
0.16 it is 96 and 95 %, and the first quote is right for .78 instead of .79 of the questions."""

FITTED_CHUNKS = 800
SMALL_FOLDER_BONUS = 0.7
"""The best of few chunks is less likely to look good by chance. Over single articles of
encyclopedia_dev 0.7 instead of 0 answers 97.5 instead of 93.7 % of the questions that they answer
(80 instead of 68 % of those cut down to "How many people died?") and 0.9 instead of 0.4 % of those
from another world. Larger folders than the one it was fitted on were not measured: no malus."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the articles say to a question.

    Attributes:
        question: as it was asked.
        found: whether the articles answer it.
        score: how sure, 0 to 1, comparable between questions and indexes.
        quotes: verbatim quotes, most useful first; empty when nothing was found.
        passages: the passages looked at, best first; when nothing was found, the nearest ones.
        understood: the question with what it took over from the turn before; else as it was asked.
        filters: what the articles were narrowed to, in words; empty if they were not.
    """

    question: str
    found: bool
    score: float
    quotes: tuple[Quote, ...]
    passages: tuple[Passage, ...]
    understood: str = ""
    filters: str = ""

    @property
    def text(self) -> str:
        """The answer as plain text: one quote after the other with its citation, or that there is none."""
        if not self.found:
            return NOT_FOUND
        return "\n".join(quote.cited for quote in self.quotes)

    def as_json(self) -> dict[str, Any]:
        """The answer as a JSON object, the same from the shell, the chat and Python."""
        return {
            "question": self.question,
            "found": self.found,
            "score": self.score,
            "text": self.text,
            "quotes": [quote.as_json() for quote in self.quotes],
            "understood": self.understood,
            "filters": self.filters,
            "passages": [passage.as_json() for passage in self.passages],
        }


def confidence(finding: Finding, chunks: int) -> float:
    """How sure it is that the articles answer, given the sentence that answers best; 0 to 1.

    The product of two logistic functions: whether passage and sentence are about what was asked,
    and whether nothing of it is missing or turned round. Area under the ROC curve on
    encyclopedia_dev, cross-validated: .990 against questions of other articles, .695 against
    questions that only look answerable.

    Args:
        finding: the sentence.
        chunks: of how many chunks it is one of the best; see `SMALL_FOLDER_BONUS`.
    """
    passage, sentence = finding.candidate.evidence, finding.sentence
    smallness = max(0.0, math.log(FITTED_CHUNKS / chunks))
    about_it = _logistic(
        18.6 * passage.best_cosine + 9.0 * sentence.covers_with_last + SMALL_FOLDER_BONUS * smallness - 12.0
    )
    nothing_missing = _logistic(
        4.15 * passage.best_cosine
        - 0.95 * passage.lacks_names
        - 1.5 * sentence.lacks_negation
        - 1.5 * sentence.opposite
        - 2.1
    )
    return about_it * nothing_missing


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def answer_from(
    index: ArticleIndex, question: str, candidates: Sequence[Candidate], passages: Sequence[Passage], chunks: int
) -> Answer:
    """The answer that ranked passages give: their best sentences, or that there is none.

    Args:
        index: where the passages are from.
        question: as it was asked.
        candidates: best first, at least one.
        passages: the same as they are shown.
        chunks: how many chunks they are the best of.

    Raises:
        IndexCorrupt: a sentence is not what its article says at that place.
    """
    findings = [finding for finding in rank_sentences(candidates) if not _is_title(index, finding)]
    score = confidence(findings[0], chunks) if findings else 0.0
    if score < THRESHOLD:
        return Answer(question, False, score, (), tuple(passages[:NEAREST_SHOWN]), question)
    useful = findings[0].usefulness - QUOTE_MARGIN
    quotes: dict[str, Quote] = {}
    for finding in findings[: 2 * MAX_QUOTES]:
        if finding.usefulness >= useful:
            _add(quotes, quote_finding(index, finding, confidence(finding, chunks)))
    return Answer(question, True, score, tuple(quotes.values())[:MAX_QUOTES], tuple(passages), question)


def _is_title(index: ArticleIndex, finding: Finding) -> bool:
    """Whether a sentence is the title of its article, which stands under every quote anyway and tells little.

    Not where the first line is a sentence of its own, or all that the passage has.
    """
    chunk = finding.candidate.chunk
    title = index.rows.articles[chunk.article].title
    start, end = chunk.sentences[finding.number]
    if title is None or title.value.endswith((".", "!", "?")) or len(chunk.sentences) == 1:
        return False
    return start <= title.start and title.end <= end and end - start <= len(title.value) + 4


def _add(quotes: dict[str, Quote], quote: Quote) -> None:
    """Add a quote, or its place to the quote that says the same already."""
    text = normal(quote.text)
    first = quotes.setdefault(text, quote)
    if first is not quote:
        places = (*first.also_in, quote.citation, *quote.also_in)
        quotes[text] = replace(first, also_in=tuple(dict.fromkeys(places)))
