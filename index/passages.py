"""An `Article` and its `Block`s in, passages out: runs of whole paragraphs of one section, with what they stand under.

A passage is a `Chunk` whose sentences leave out what stands around an article; title and heading are its context, for
embedding and word search, and are not in it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from index.chunks import Budget, count_tokens, cut_long, joined, pack, sentences_in
from index.types import ANSWERING, Article, Block, Chunk, Role, Span

MAX_CONTEXT_CHARS = 240
"""Of title and headings in front of a passage: 60 tokens of 200."""

_KEPT = ANSWERING | {Role.CAPTION}
"""Captions are found and shown with what they stand in; whether they are quoted is decided by whoever answers."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A passage and what it stands under.

    Attributes:
        chunk: from its first to its last sentence; a teaser between two of them is in neither.
        context: title and headings, a full stop after each; embedded and searched in front of the sentences.
        heading: span of the article's text from the first to the last heading that it stands under; else empty.
    """

    chunk: Chunk
    context: str
    heading: Span = (0, 0)


def passages(
    article: Article, blocks: Sequence[Block], budget: Budget, look: Callable[[], None] = lambda: None
) -> list[Placed]:
    """Cut an article into passages; context and sentences together fit the budget.

    A section is filled up with whole paragraphs. One that doesn't fit begins a new passage, and one that fits none is
    cut at its sentences. `look` is called at every sentence and passage, and may raise where it takes too long.
    """
    found = []
    for context, heading, paragraphs in _sections(article, blocks, look):
        for chunk in _filled(article.text, paragraphs, budget.behind(context)):
            look()
            found.append(Placed(chunk, context, heading))
    return found


def _sections(
    article: Article, blocks: Sequence[Block], look: Callable[[], None]
) -> Iterator[tuple[str, Span, list[list[Span]]]]:
    """Context, heading and paragraphs, as sentences, of each section. Headings right above each other count together.

    Of an article that has nothing but a title, say, that is the passage, or it could not be found.
    """
    kept = _KEPT if any(block.role in _KEPT for block in blocks) else frozenset(Role)
    headings: list[Block] = []
    paragraphs: list[list[Span]] = []
    for block in blocks:
        if block.role is Role.HEADING and kept is _KEPT:
            if paragraphs:
                yield _section(article, headings, paragraphs)
                headings, paragraphs = [], []
            headings.append(block)
        elif block.role in kept:
            found = sentences_in(article.text, block.start, block.end, article.language, typeset=bool(article.pages))
            paragraphs.append([])
            for sentence in found:
                look()
                paragraphs[-1].append(sentence)
    if paragraphs:
        yield _section(article, headings, paragraphs)


def _section(
    article: Article, headings: Sequence[Block], paragraphs: list[list[Span]]
) -> tuple[str, Span, list[list[Span]]]:
    span = (headings[0].start, headings[-1].end) if headings else (0, 0)
    texts = [article.text[block.start : block.end] for block in headings]
    return context_of(article.value("title"), texts), span, paragraphs


def context_of(title: str, headings: Sequence[str]) -> str:
    """What a passage is embedded behind: title and headings without their marks, a full stop after each."""
    plain = [title, *(" ".join(heading.strip("#*_ \t").split()) for heading in headings)]
    context = ". ".join(text.rstrip(".:") for text in plain if text)[:MAX_CONTEXT_CHARS]
    while count_tokens(context) > MAX_CONTEXT_CHARS // 4:
        context = context[: len(context) * 9 // 10]
    return f"{context}. " if context else ""


def _filled(text: str, paragraphs: list[list[Span]], budget: Budget) -> Iterator[Chunk]:
    held: list[Span] = []
    for sentences in paragraphs:
        if held and budget.share(joined(text, held + sentences)) > 1:
            yield Chunk(held[0][0], held[-1][1], tuple(held))
            held = []
        if held or budget.share(joined(text, sentences)) <= 1:
            held += sentences
        else:
            yield from pack(text, cut_long(text, sentences, budget), budget)
    if held:
        yield Chunk(held[0][0], held[-1][1], tuple(held))
