"""Candidates in, verbatim `Quote`s out, each checked against the article that it cites.

A sentence is ranked by what it and its passage share with the question, in sense and in
words, and by whether it holds what the question wants to be told. The weights were fitted on
encyclopedia_dev (listwise logistic regression, cross-validated by groups of articles); they
and what each gave are in qa/README.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from index.articles import Span
from index.store import ArticleIndex
from qa.clues import Clues
from qa.kinds import kind_match
from qa.questions import Question
from qa.retrieve import Candidate, Weights


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

    @property
    def citation(self) -> str:
        """``path:line`` or ``path:first-last``."""
        lines = f"{self.start_line}" if self.start_line == self.end_line else f"{self.start_line}-{self.end_line}"
        return f"{self.path}:{lines}"

    def as_json(self) -> dict[str, Any]:
        """The attributes as a JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for one sentence of a candidate; the names are those of qa/README.md.

    Attributes:
        candidate, number: the sentence is ``candidate.chunk.sentences[number]``.
        passage_best: the highest cosine of the question and a sentence of the passage.
        passage_covers: share of the question's weight that stands in passage or title.
        passage_pairs: share of the question's pairs of terms near each other in one sentence.
        passage_lacks_names: share of the weight of the question's names that is not there.
        cosine: of the question and this sentence.
        covers: share of the question's weight that stands in this sentence.
        covers_with_last: the same with the sentence before it.
        kind: whether it holds what the question wants to be told, see `kind_match`.
        lacks_names: as above, for this sentence.
        negation: 1 where the question is negated and the sentence is not.
        position: place in the passage, in tenths.
    """

    candidate: Candidate
    number: int
    passage_best: float
    passage_covers: float
    passage_pairs: float
    passage_lacks_names: float
    cosine: float
    covers: float
    covers_with_last: float
    kind: float
    lacks_names: float
    negation: float
    position: float

    @property
    def rank_score(self) -> float:
        """Higher is more useful, comparable within one question."""
        return sum(weight * float(getattr(self, name)) for name, weight in RANK_WEIGHTS.items())


RANK_WEIGHTS = {
    "passage_best": 7.44,
    "passage_covers": 2.54,
    "passage_pairs": 1.87,
    "passage_lacks_names": -1.61,
    "cosine": 10.47,
    "covers": 5.10,
    "covers_with_last": 3.98,
    "kind": 2.07,
    "lacks_names": 1.10,
    "negation": -1.11,
    "position": -0.71,
}
"""First quote right .794, one of three .915 on encyclopedia_dev, cross-validated by groups of
articles (.796 and .916 where it was fitted)."""


def weigh_sentences(question: Question, weights: Weights, candidates: Sequence[Candidate]) -> list[Evidence]:
    """All sentences of the candidates, the most useful first."""
    found = [evidence for candidate in candidates for evidence in _weigh(question, weights, candidate)]
    return sorted(found, key=lambda evidence: -evidence.rank_score)


def _weigh(question: Question, weights: Weights, candidate: Candidate) -> Iterator[Evidence]:
    names = Weights({term: idf for term, idf in weights.idf.items() if term in question.names}, 0.0)
    sets = [frozenset(sentence.terms) for sentence in candidate.sentences]
    passage = candidate.title_terms.union(*sets)
    best = max(candidate.sentence_cosines)
    covers = weights.share(passage)
    pairs = max(_share_of_pairs(question, weights, sentence) for sentence in candidate.sentences)
    lacks = _lacking(names, passage)
    for number, (sentence, found) in enumerate(zip(candidate.sentences, sets, strict=True)):
        yield Evidence(
            candidate=candidate,
            number=number,
            passage_best=best,
            passage_covers=covers,
            passage_pairs=pairs,
            passage_lacks_names=lacks,
            cosine=candidate.sentence_cosines[number],
            covers=weights.share(found),
            covers_with_last=weights.share(found | sets[number - 1] if number else found),
            kind=kind_match(question.kind, sentence, question.clues.words),
            lacks_names=_lacking(names, found),
            negation=float(question.clues.negation and not sentence.negation),
            position=number / 10,
        )


def _lacking(names: Weights, found: frozenset[str]) -> float:
    """Share of the weight of the question's names that is not among the found terms."""
    total = sum(names.idf.values())
    return sum(idf for term, idf in names.idf.items() if term not in found) / total if total else 0.0


def _share_of_pairs(question: Question, weights: Weights, sentence: Clues) -> float:
    """Weight of the question's pairs that are near each other in the sentence, 0 to 1."""
    value = {pair: (weights.idf.get(pair[0], 0) + weights.idf.get(pair[1], 0)) / 2 for pair in question.pairs}
    total = sum(value.values())
    return sum(weight for pair, weight in value.items() if pair in sentence.near) / total if total else 0.0


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
    )
