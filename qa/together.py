"""A sentence that answers in, the sentences that are quoted with it as one out.

One that can't stand alone ("He said so.") comes with the one before, one that leads to something ("Why? …", "They
are:") with the one behind, and neighbours in its paragraph that answer nearly as well belong to the same answer.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from index.stores.types import ChunkId, StoredChunk
from index.types import ANSWERING
from qa.language import language_of_code
from qa.quotes import Finding
from qa.ranking import Ranker

MOST = 3
"""Sentences quoted as one; a longer quote is a passage."""


def together(findings: Sequence[Finding], ranker: Ranker) -> list[Finding]:
    """The findings that are worth a quote, each with its neighbours, no sentence in two of them.

    Args:
        findings: best first.
        ranker: see `Ranker.quote_margin` and `Ranker.join_margin`.
    """
    scores: dict[ChunkId, dict[int, float]] = {}
    for finding in findings:
        scores.setdefault(finding.candidate.chunk.id, {})[finding.number] = finding.score
    found: list[Finding] = []
    for finding in findings:
        if finding.score < findings[0].score - ranker.quote_margin:
            break
        if any(_overlap(earlier, finding) for earlier in found):
            continue
        free = scores[finding.candidate.chunk.id]
        joined = with_its_neighbours(finding, free, ranker.join_margin)
        for number in range(joined.together[0], joined.together[1] + 1):
            free.pop(number, None)
        place = next((at for at, earlier in enumerate(found) if _overlap(earlier, joined)), None)
        if place is None:
            found.append(joined)
        else:
            (first, last), (begin, end) = found[place].together, joined.together
            if max(last, end) - min(first, begin) < MOST:
                found[place] = replace(found[place], together=(min(first, begin), max(last, end)))
            else:
                found.append(finding)  # by itself: what it leans on is quoted already
    return found


def _overlap(one: Finding, other: Finding) -> bool:
    same = one.candidate.chunk.id == other.candidate.chunk.id
    return same and one.together[0] <= other.together[1] and other.together[0] <= one.together[1]


def with_its_neighbours(finding: Finding, scores: Mapping[int, float], margin: float) -> Finding:
    """The finding with what is quoted together with it.

    Args:
        finding: as it was ranked.
        scores: what the sentences of its passage that may be quoted were ranked by, by their numbers.
        margin: by how much less a neighbour may score.
    """
    first = last = finding.number
    chunk, worth = finding.candidate.chunk, finding.score - margin
    while _same_line(chunk, first - 1, first) and scores.get(first - 1, -math.inf) >= worth and last - first + 1 < MOST:
        first -= 1
    while _same_line(chunk, last, last + 1) and scores.get(last + 1, -math.inf) >= worth and last - first + 1 < MOST:
        last += 1
    language = language_of_code(chunk.article.language)
    texts = chunk.sentence_texts
    if language.leaning.match(texts[first]) and _touching(chunk, first - 1, first):
        first -= 1
    if texts[last].rstrip("\"'”’»)").endswith(("?", ":")) and _touching(chunk, last, last + 1):
        last += 1
    return replace(finding, together=(first, last))


def _between(chunk: StoredChunk, number: int, following: int) -> str | None:
    """The space between two sentences that follow each other and may both be quoted; None if they don't."""
    if number < 0 or following >= len(chunk.sentences):
        return None
    between = chunk.text[chunk.sentences[number][1] - chunk.start : chunk.sentences[following][0] - chunk.start]
    quotable = {chunk.roles[number], chunk.roles[following]} <= ANSWERING
    return between if quotable and not between.strip() else None


def _touching(chunk: StoredChunk, number: int, following: int) -> bool:
    return _between(chunk, number, following) is not None


def _same_line(chunk: StoredChunk, number: int, following: int) -> bool:
    between = _between(chunk, number, following)
    return between is not None and "\n" not in between and "\r" not in between
