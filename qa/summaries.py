"""A request for what an article is about in, its first paragraphs out, verbatim: news says the most first."""

from collections.abc import Iterator, Sequence

from index.sentences import split_line
from index.stores.protocol import Snapshot
from index.types import ANSWERING, Role
from qa.listing import about_at_all
from qa.named import PLAINLY_MEANT, Scope, meant, pointed_at
from qa.quotes import make_quote
from qa.requests import Request
from qa.topics import ABOUT, Topic
from qa.types import Answer, AnswerKind, Certainty, Listed, Quote, Wanted

LEAD_PARAGRAPHS = 3
"""Paragraphs that a summary has."""

LEAD_CHARS = 900
"""Characters of a summary, as far as whole sentences go."""

SHORT_PARAGRAPH = 40
"""Characters; a shorter one ("CNN —") is no paragraph that tells something, unless there is no other."""

SUMMED_UP = 5
"""Articles that one answer sums up."""

WHICH = "Which article? Say what it is about, or narrow the question to one."

_TOLD = frozenset((Role.BODY, Role.QUOTATION))


def answer_summary(scope: Scope, request: Request, history: Sequence[Answer]) -> Answer | None:
    """The beginning of the article that is meant, or of several; None where there is none about what is named."""
    if request.wanted is Wanted.SUMMARIES:
        return _several(scope, request)
    if not request.topic:
        path = pointed_at(scope, history)
        return _of(scope, path, Certainty.SURE, 1.0) if path else Answer("", False, 0.0, (), (), told=WHICH)
    found = meant(scope, request.topic)
    if not found:
        return None
    path, value = found
    certainty = Certainty.LIKELY if value >= PLAINLY_MEANT else Certainty.UNSURE
    return _of(scope, path, certainty, min(1.0, value))


def _of(scope: Scope, path: str, certainty: Certainty, score: float) -> Answer | None:
    quotes = lead(scope.snapshot, path, score)
    return _answer(quotes, certainty, score) if quotes else None


def _several(scope: Scope, request: Request) -> Answer | None:
    topic = Topic.parse(request.topic, scope.language, scope.snapshot)
    found = about_at_all(scope, topic)
    if not found:
        return None
    summed = found[:SUMMED_UP]
    quotes = [quote for about in summed for quote in lead(scope.snapshot, about.article.path, about.score, 1)]
    certainty = Certainty.LIKELY if found[0].score >= ABOUT else Certainty.UNSURE
    noun = f"article{'s' * (len(found) != 1)} about {topic.text}"
    told = f"The beginning of {'each of ' * (len(found) > 1)}{len(summed)}"
    told += f" of {len(found)} {noun}." if len(found) > len(summed) else f" {noun}."
    articles = tuple(Listed(about.article.source(0), about.lines) for about in found)
    return _answer(quotes, certainty, found[0].score, told, articles)


def _answer(
    quotes: Sequence[Quote], certainty: Certainty, score: float, told: str = "", articles: tuple[Listed, ...] = ()
) -> Answer:
    return Answer(
        question="",
        found=True,
        score=score,
        quotes=tuple(quotes),
        passages=(),
        kind=AnswerKind.SUMMARY,
        certainty=certainty,
        told=told,
        articles=articles,
    )


def lead(snapshot: Snapshot, path: str, score: float, count: int = LEAD_PARAGRAPHS) -> list[Quote]:
    """The first paragraphs of an article as quotes, cut behind a sentence where they are long.

    Args:
        snapshot: that the article is in.
        path: of the article.
        score: of the quotes.
        count: how many paragraphs.
    """
    article, blocks = snapshot.article(path), snapshot.blocks(path)
    for roles in (_TOLD, ANSWERING):
        spans = [(block.start, block.end) for block in blocks if block.role in roles]
        told = [span for span in spans if span[1] - span[0] >= SHORT_PARAGRAPH] or spans
        if told:
            break
    room = LEAD_CHARS
    quotes = []
    for start, end in told[:count]:
        end = start + max(_sentence_ends(article.text[start:end], room, article.language))
        quotes.append(make_quote(snapshot, path, (start, end), score))
        room -= end - start
        if room <= 0:
            break
    return quotes


def _sentence_ends(text: str, room: int, language: str) -> Iterator[int]:
    """Where the first sentence of a paragraph ends, and the others that fit."""
    if len(text) <= room:
        yield len(text)
        return
    at = 0
    for line in text.splitlines(keepends=True):
        for start, end in split_line(line.rstrip("\r\n"), language):
            said = line[start:end].rstrip()
            if at == 0 and start == 0:
                yield len(said)
            elif at + start + len(said) <= room:
                yield at + start + len(said)
        at += len(line)
