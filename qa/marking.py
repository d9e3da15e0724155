"""Ranked candidates in, the same out as the reader sees them: the words that answer marked, ranked anew."""

from collections.abc import Sequence
from dataclasses import replace

from index.chunks import joined_spans
from qa.ranking import Ranker
from qa.reader.marks import marks_of
from qa.reader.network import Network
from qa.retrieve import Candidate, order


def mark(question: str, candidates: Sequence[Candidate], reader: Network, ranker: Ranker) -> list[Candidate]:
    """Candidates with the reader's marks in their evidence, best first by `ranker`.

    Args:
        question: as it is understood.
        candidates: all are read.
        reader: reads.
        ranker: scores what was read.
    """
    passages = [(_context(candidate), " ".join(candidate.chunk.sentence_texts)) for candidate in candidates]
    found = []
    for candidate, logits in zip(candidates, reader.logits(question, passages), strict=True):
        evidence = candidate.evidence.read(marks_of(logits, joined_spans(candidate.chunk.sentences)))
        found.append(replace(candidate, evidence=evidence, score=ranker.passage_score(evidence)))
    return sorted(found, key=order)


def _context(candidate: Candidate) -> str:
    """What a passage stands under, as in training: title and heading."""
    chunk = candidate.chunk
    heading = " ".join(chunk.heading.split()).strip("#*_ ")
    return ". ".join(part.rstrip(".:") for part in (chunk.article.value("title"), heading) if part)
