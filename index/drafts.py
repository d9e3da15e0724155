"""Articles in, a `Segment` of them out: taken apart, embedded a block at a time, put together.

What is made of an article depends on the article, the model and the budget alone: segments cut otherwise give the same
index to the last bit.
"""

import array
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from index.analysis import terms
from index.chunks import Budget, joined
from index.encoders.protocol import SentenceEncoder
from index.errors import ArticleQAError
from index.passages import Placed, passages
from index.segment import ROLES, BlockColumn, Column, Segment, Terms, check_together, info_of, starts_of
from index.structure import structure
from index.types import Article, Block, Span

EMBEDDING_BLOCK = 512
"""Passages embedded together: enough that those of like length share a batch, and progress is still told."""


class _ByteCounter:
    """Spans of a text in bytes of UTF-8; asked in their order, so that the text is encoded once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = self._byte = 0

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span ``[start, end)`` of code points."""
        begin = self._byte + len(self._text[self._at : start].encode())
        self._at, self._byte = end, begin + len(self._text[start:end].encode())
        return begin, self._byte


class _Draft:
    """A segment while articles are added: what is split waits until a block of it is embedded."""

    def __init__(self, encoder: SentenceEncoder, progress: Callable[[int, int], None] | None) -> None:
        self._encoder = encoder
        self._progress = progress
        self._chunks: list[tuple[int, ...]] = []
        self._blocks: list[tuple[int, ...]] = []
        self._sentences: list[Span] = []
        self._numbers: dict[str, int] = {}  # of terms, as they come
        self._ids = array.array("i")
        self._term_counts: list[int] = []
        self._texts: list[str] = []  # of chunks that wait, behind their titles
        self._vectors = [np.empty((0, encoder.dimension), np.float32)]

    def add(self, number: int, article: Article, blocks: Sequence[Block], passages: Sequence[Placed]) -> None:
        """Append an article."""
        self._blocks.extend((number, ROLES.index(block.role), block.start, block.end, block.key) for block in blocks)
        of_chunk, of_heading = _ByteCounter(article.text), _ByteCounter(article.text)
        headings = {(0, 0): (0, 0)}  # each with its span in bytes
        for placed in passages:
            chunk = placed.chunk
            if placed.heading not in headings:
                headings[placed.heading] = of_heading.span(*placed.heading)
            lines = article.lines.lines(chunk.start, chunk.end)
            first = len(self._sentences)
            self._sentences.extend(chunk.sentences)
            edges = (chunk.start, chunk.end, *of_chunk.span(chunk.start, chunk.end))
            self._chunks.append((number, *edges, *lines, *headings[placed.heading], first, len(self._sentences)))
            self._take_apart(article, placed)
            if len(self._texts) == EMBEDDING_BLOCK:
                self._embed()

    def _take_apart(self, article: Article, placed: Placed) -> None:
        text = placed.context + joined(article.text, placed.chunk.sentences)
        found = terms(text, article.language)
        self._ids.extend(self._numbers.setdefault(term, len(self._numbers)) for term in found)
        self._term_counts.append(len(found))
        self._texts.append(text)

    def _embed(self) -> None:
        """Embed the chunks that wait."""
        behind, total = len(self._chunks) - len(self._texts), len(self._chunks)

        def tell(done: int, _total: int) -> None:
            if self._progress:
                self._progress(behind + done, total)

        vectors = self._encoder.encode_passages(self._texts, tell)
        check_together({"chunks to embed": len(self._texts), "vectors of them": len(vectors)})
        self._vectors.append(vectors)
        self._texts.clear()

    def segment(self, articles: Sequence[Article]) -> Segment:
        """What the articles became."""
        if self._texts:
            self._embed()
        ids = np.array(self._ids, dtype=np.int32)
        return Segment(
            articles=tuple(map(info_of, articles)),
            texts=tuple(article.text.encode() for article in articles),
            chunks=np.array(self._chunks, dtype=np.int64).reshape(-1, len(Column)),
            sentences=np.array(self._sentences, dtype=np.int64).reshape(-1, 2),
            blocks=np.array(self._blocks, dtype=np.int64).reshape(-1, len(BlockColumn)),
            vectors=np.concatenate(self._vectors),
            terms=Terms.using(list(self._numbers), ids, starts_of(self._term_counts)),
        )


MAX_SPLIT_SECONDS, MIN_CHARS_PER_SECOND = 60.0, 20_000
"""What taking an article apart may cost of the processor's time: the first, and as much as its length makes of the
second. Prose is read fifty times as fast."""


class _TakesTooLong(Exception):
    """An article was made to cost more than articles do."""


def _taken_apart(article: Article, budget: Budget) -> tuple[Article, Sequence[Block], Sequence[Placed]]:
    """An article with its blocks and passages; without any, and with a notice that says why, where that fails."""
    began, most = time.thread_time(), MAX_SPLIT_SECONDS + len(article.text) / MIN_CHARS_PER_SECOND

    def look() -> None:
        if time.thread_time() - began > most:
            raise _TakesTooLong(f"it takes more than {most:.0f} s")

    try:
        blocks = structure(article)
        return article, blocks, passages(article, blocks, budget, look)
    except ArticleQAError:
        raise
    except _TakesTooLong as error:
        reason = str(error)
    except Exception as error:  # of one article, which costs no other
        reason = f"{type(error).__name__}: {str(error)[:200]}"
    notice = "; ".join(filter(None, [article.notice, f"not indexed, since taking it apart failed ({reason})"]))
    return replace(article, notice=notice), (), ()


def make_segment(
    articles: Sequence[Article],
    encoder: SentenceEncoder,
    max_tokens: int,
    progress: Callable[[int, int], None] | None = None,
) -> Segment:
    """Take articles apart into blocks and chunks, and embed these.

    Args:
        articles: in the order of the index.
        encoder: makes the vectors.
        max_tokens: budget of a chunk, see `Budget`.
        progress: called now and then with (embedded, split so far) chunks.

    Raises:
        ValueError: the encoder gave other rows than it was asked for.
    """
    budget = Budget(max_tokens, encoder.max_tokens, encoder.count_tokens)
    draft = _Draft(encoder, progress)
    taken = []
    for number, whole in enumerate(articles):
        article, blocks, placed = _taken_apart(whole, budget)
        draft.add(number, article, blocks, placed)
        taken.append(article)
    return draft.segment(taken)
