"""Ranked passages in, verbatim `Quote`s out, each checked against the article that it cites.

The weights were fitted on encyclopedia_dev; what each of them gave is in qa/README.md.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from index.errors import IndexCorrupt
from index.store import ArticleIndex, ChunkRecord
from index.types import LINE_END, Span, citation_of, page_of
from qa.duplicates import normal
from qa.evidence import SentenceEvidence
from qa.retrieve import Candidate


@dataclass(frozen=True, slots=True)
class Quote:
    """A verbatim piece of an article.

    Attributes:
        text: exactly ``article.text[start:end]``; checked when it was made.
        path: the article, relative to the articles folder.
        start_line, end_line: 1-based, inclusive, as an editor and ``sed -n`` count.
        start, end: offsets of the article's text, in code points.
        sha256: digest of the article's file.
        title, author, published: of the article; empty where it doesn't say. The date is ISO.
        score: how sure it answers, 0 to 1.
        also_in: citations of the same sentence in other places.
        page: of a PDF, the page from 1 on which the quote starts; None for other formats.
    """

    text: str
    path: str
    start_line: int
    end_line: int
    start: int
    end: int
    sha256: str
    title: str
    author: str
    published: str
    score: float
    also_in: tuple[str, ...] = ()
    page: int | None = None

    @property
    def citation(self) -> str:
        """``path:line`` or ``path:first-last``; of a PDF ``path:line, page 3``."""
        return citation_of(self.path, self.start_line, self.end_line, self.page)

    @property
    def cited(self) -> str:
        """``“text” (path:line)``, as it is copied and handed on; `qa.citations` reads it back. Lines end in ``\\n``."""
        return f"“{LINE_END.sub(chr(10), self.text)}” ({self.citation})"

    def as_json(self) -> dict[str, Any]:
        """The attributes as a JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence of a passage that may answer: ``candidate.chunk.sentences[number]``."""

    candidate: Candidate
    number: int

    @property
    def sentence(self) -> SentenceEvidence:
        """What speaks for the sentence itself."""
        return self.candidate.evidence.sentences[self.number]

    @property
    def usefulness(self) -> float:
        """What sentences are ranked by; comparable within one question.

        Fitted by listwise logistic regression, right being the gold line and an accepted answer:
        first quote right .806, one of three .924 on encyclopedia_dev, cross-validated by groups of
        articles (.809 and .924 where it was fitted); without `meets` .793 and .913.
        """
        passage, sentence = self.candidate.evidence, self.sentence
        return (
            5.5 * passage.best_cosine
            + 6.2 * sentence.cosine
            + 10.2 * sentence.meets
            + 2.6 * passage.covers
            + 1.1 * sentence.covers
            + 3.7 * sentence.covers_with_last
            + 1.9 * passage.best_pairs
            + 2.0 * sentence.kind
            + 1.1 * sentence.lacks_names
            - 1.2 * passage.lacks_names
            - 0.7 * sentence.lacks_negation
            - 0.2 * sentence.position
        )


def rank_sentences(candidates: Sequence[Candidate]) -> list[Finding]:
    """All sentences of the candidates, the most useful first."""
    findings = [
        Finding(candidate, number) for candidate in candidates for number in range(len(candidate.evidence.sentences))
    ]
    return sorted(findings, key=lambda finding: -finding.usefulness)


def quote_finding(index: ArticleIndex, finding: Finding, score: float) -> Quote:
    """A finding as a quote, with the places that say the same in other passages.

    Raises:
        IndexCorrupt: the sentence that was ranked is not what its article says there.
    """
    quote = _checked(index, finding.candidate.chunk, finding.number, score)
    same = [
        _checked(index, duplicate.chunk, number, score)
        for duplicate in finding.candidate.duplicates
        for number, text in enumerate(_sentences(duplicate.chunk))
        if normal(text) == normal(quote.text)
    ]
    return replace(quote, also_in=tuple(dict.fromkeys(other.citation for other in same)))


def _sentences(chunk: ChunkRecord) -> list[str]:
    return [chunk.text[start - chunk.start : end - chunk.start] for start, end in chunk.sentences]


def _checked(index: ArticleIndex, chunk: ChunkRecord, number: int, score: float) -> Quote:
    """A sentence of a chunk as a quote, what was ranked compared with the article itself."""
    quote = make_quote(index, chunk.article, chunk.sentences[number], score)
    if quote.text != _sentences(chunk)[number]:
        raise IndexCorrupt(index.folder, f"it does not agree with itself at {quote.citation}", hidden=True)
    return quote


def make_quote(index: ArticleIndex, article_row: int, span: Span, score: float) -> Quote:
    """A quote of a span of an article's text, its lines by bisection.

    Raises:
        IndexCorrupt: the stored text is not the one that was indexed.
    """
    article = index.article(article_row)
    start, end = span
    start_line, end_line = article.lines.lines(start, end)
    return Quote(
        text=article.text[start:end],
        path=article.path,
        start_line=start_line,
        end_line=end_line,
        start=start,
        end=end,
        sha256=article.sha256,
        title=article.title.value if article.title else "",
        author=article.author.value if article.author else "",
        published=article.published.value if article.published else "",
        score=score,
        page=page_of(article.pages, start),
    )
