"""Ranked passages in, verbatim `Quote`s out, each checked against the article that it cites."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.errors import IndexCorrupt
from index.stores.protocol import Snapshot
from index.stores.types import StoredChunk
from index.types import ANSWERING, Role, Span
from qa.duplicates import normal
from qa.evidence import SentenceEvidence
from qa.ranking import Ranker
from qa.retrieve import Candidate
from qa.types import Quote


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence of a passage that may answer: ``candidate.chunk.sentences[number]``.

    Attributes:
        candidate: the passage.
        number: of the sentence in it, from 0.
        score: what sentences are ranked by, see `Ranker.sentence_score`.
        together: first and last number of the sentences that are quoted as one, this one among them.
    """

    candidate: Candidate
    number: int
    score: float
    together: tuple[int, int]

    @property
    def sentence(self) -> SentenceEvidence:
        """What speaks for the sentence itself."""
        return self.candidate.evidence.sentences[self.number]

    @property
    def may_be_quoted(self) -> bool:
        """Whether it is what an article says; of a passage that says nothing, title and captions are, too."""
        roles = self.candidate.chunk.roles
        role = roles[self.number]
        return role in ANSWERING or (role is not Role.BOILERPLATE and not ANSWERING.intersection(roles))

    @property
    def span(self) -> Span:
        """What is quoted: offsets of the article's text."""
        sentences = self.candidate.chunk.sentences
        return sentences[self.together[0]][0], sentences[self.together[1]][1]


def rank_sentences(candidates: Sequence[Candidate], ranker: Ranker) -> list[Finding]:
    """All sentences of the candidates, the most useful first."""
    findings = [
        Finding(candidate, number, ranker.sentence_score(candidate.evidence, sentence), (number, number))
        for candidate in candidates
        for number, sentence in enumerate(candidate.evidence.sentences)
    ]
    return sorted(findings, key=lambda finding: -finding.score)


def quote_finding(snapshot: Snapshot, finding: Finding, score: float) -> Quote:
    """A finding as a quote, with the places that say the same in other passages.

    Raises:
        IndexCorrupt: what was ranked is not what its article says there.
    """
    chunk = finding.candidate.chunk
    begin = chunk.sentences[finding.number][0]
    start, end = finding.sentence.answer
    answer = (begin + start, begin + end) if start < end else (0, 0)
    quote = replace(_checked(snapshot, chunk, finding.span, score), answer=answer)
    said = normal(chunk.sentence_texts[finding.number])
    same = [
        _checked(snapshot, duplicate.chunk, duplicate.chunk.sentences[number], score)
        for duplicate in finding.candidate.duplicates
        for number, text in enumerate(duplicate.chunk.sentence_texts)
        if normal(text) == said
    ]
    return replace(quote, also_in=tuple(dict.fromkeys(other.citation for other in same)))


def _checked(snapshot: Snapshot, chunk: StoredChunk, span: Span, score: float) -> Quote:
    """A part of a chunk as a quote, what was ranked compared with the article itself."""
    quote = make_quote(snapshot, chunk.article.path, span, score)
    if quote.text != chunk.text[span[0] - chunk.start : span[1] - chunk.start]:
        raise IndexCorrupt(snapshot.about.place, f"it does not agree with itself at {quote.citation}")
    return quote


def make_quote(snapshot: Snapshot, path: str, span: Span, score: float) -> Quote:
    """A quote of a span of an article's text, its lines by bisection.

    Raises:
        IndexCorrupt: the stored text is not the one that was indexed.
    """
    article = snapshot.article(path)
    start, end = span
    start_line, end_line = article.lines.lines(start, end)
    return Quote(
        source=article.source(start),
        text=article.text[start:end],
        start=start,
        end=end,
        start_line=start_line,
        end_line=end_line,
        score=score,
    )
