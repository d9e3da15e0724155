"""Articles in, a `Segment` out: everything that an index keeps of them, in arrays with rows of their own.

A segment knows nothing of other articles, so it can be made anywhere and sent. What is made of an article depends on
the article, the model and the budget alone: segments cut otherwise give the same index to the last bit.
"""

import array
import enum
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from index.analysis import content_spans, terms
from index.chunks import Budget, embedding_prefix, split_article
from index.encoders.protocol import SentenceEncoder, Vectors
from index.types import Article, ArticleInfo, Chunk, Span
from index.words import DIMENSION as WORD_DIMENSION
from index.words import pack

EMBEDDING_BLOCK = 512
"""Passages embedded together, before their words are packed: with about 70 words each they take 60 MB as float32;
all of a large article would take ten times what is kept."""

Table = npt.NDArray[np.int64]


class Column(enum.IntEnum):
    """Columns of the chunk table: number of the article; span of its text in code points, and in bytes of UTF-8;
    lines, 1-based and inclusive; rows of the sentence table.
    """

    ARTICLE = 0
    START = 1
    END = 2
    BYTE_START = 3
    BYTE_END = 4
    START_LINE = 5
    END_LINE = 6
    SENTENCE_START = 7
    SENTENCE_END = 8


@dataclass(frozen=True, slots=True)
class Terms:
    """Rows of terms as numbers.

    Attributes:
        vocabulary: the terms that occur, sorted: equal rows give equal numbers.
        ids: ``(n_terms,)`` int32, places in `vocabulary`, row after row.
        starts: ``(n_rows + 1,)`` int64, where each row begins in `ids`.
    """

    vocabulary: tuple[str, ...]
    ids: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, rows: Sequence[Sequence[str]]) -> "Terms":
        """Rows of terms (see `index.analysis`), in order."""
        vocabulary = sorted({term for row in rows for term in row})
        numbers = {term: number for number, term in enumerate(vocabulary)}
        ids = np.array([numbers[term] for row in rows for term in row], dtype=np.int32)
        return cls(tuple(vocabulary), ids, starts_of([len(row) for row in rows]))

    @classmethod
    def using(cls, vocabulary: Sequence[str], ids: npt.NDArray[np.int32], starts: npt.NDArray[np.int64]) -> "Terms":
        """Rows of numbers into any vocabulary, which is sorted and rid of what does not occur."""
        used = np.unique(ids)
        terms_of_used = [vocabulary[number] for number in used.tolist()]
        order = sorted(range(len(used)), key=terms_of_used.__getitem__)
        places = np.empty(len(used), dtype=np.int32)
        places[order] = np.arange(len(used), dtype=np.int32)
        return cls(tuple(terms_of_used[place] for place in order), places[np.searchsorted(used, ids)], starts)

    def rows(self) -> list[list[str]]:
        """The terms of each row."""
        return [
            [self.vocabulary[number] for number in self.ids[first:last]]
            for first, last in itertools.pairwise(self.starts.tolist())
        ]

    def take(self, first: int, last: int) -> "Terms":
        """The rows of ``[first, last)``."""
        begin, end = self.starts[first], self.starts[last]
        return Terms.using(self.vocabulary, self.ids[begin:end], self.starts[first : last + 1] - begin)


@dataclass(frozen=True, slots=True)
class Segment:
    """Some articles with their chunks, in order, and all that a question needs of them.

    Attributes:
        articles: what is known of each.
        texts: of each, in UTF-8.
        chunks: ``(n_chunks, len(Column))`` int64, see `Column`; articles and sentences counted from 0 here.
        sentences: ``(n_sentences, 2)`` int64, spans of the article's text.
        vectors: ``(n_chunks, dimension)`` float32 unit rows.
        sentence_vectors: ``(n_sentences, dimension)`` float16 unit rows.
        word_starts: ``(n_sentences + 1,)`` int64, where each sentence begins in `word_vectors`.
        word_vectors: ``(n_words, index.words.DIMENSION)`` int8, of the content words in order.
        terms: of each chunk with its title.

    Raises:
        ValueError: the parts don't belong together.
    """

    articles: tuple[ArticleInfo, ...]
    texts: tuple[bytes, ...]
    chunks: Table
    sentences: Table
    vectors: Vectors
    sentence_vectors: npt.NDArray[np.float16]
    word_starts: Table
    word_vectors: npt.NDArray[np.int8]
    terms: Terms

    def __post_init__(self) -> None:
        check_together({"articles": len(self.articles), "texts": len(self.texts)})
        check_together(
            {"chunks": len(self.chunks), "vectors": len(self.vectors), "rows of terms": len(self.terms.starts) - 1}
        )
        check_together(
            {
                "sentences": len(self.sentences),
                "sentence vectors": len(self.sentence_vectors),
                "beginnings of words": len(self.word_starts) - 1,
            }
        )
        check_together({"words": int(self.word_starts[-1]), "word vectors": len(self.word_vectors)})

    def take(self, first: int, last: int) -> "Segment":
        """The articles ``[first, last)`` of this one, counted from 0 again."""
        if (first, last) == (0, len(self.articles)):
            return self
        begin, end = np.searchsorted(self.chunks[:, Column.ARTICLE], [first, last]).tolist()
        chunks = self.chunks[begin:end].copy()
        s_first = int(chunks[0, Column.SENTENCE_START]) if len(chunks) else 0
        s_last = int(chunks[-1, Column.SENTENCE_END]) if len(chunks) else 0
        chunks[:, Column.ARTICLE] -= first
        chunks[:, Column.SENTENCE_START :] -= s_first
        w_first, w_last = self.word_starts[s_first], self.word_starts[s_last]
        return Segment(
            articles=self.articles[first:last],
            texts=self.texts[first:last],
            chunks=chunks,
            sentences=self.sentences[s_first:s_last],
            vectors=self.vectors[begin:end],
            sentence_vectors=self.sentence_vectors[s_first:s_last],
            word_starts=self.word_starts[s_first : s_last + 1] - w_first,
            word_vectors=self.word_vectors[w_first:w_last],
            terms=self.terms.take(begin, end),
        )

    def renamed(self, articles: Sequence[ArticleInfo]) -> "Segment":
        """The same, known as `articles`."""
        return replace(self, articles=tuple(articles))


def check_together(sizes: dict[str, int]) -> None:
    """Make sure that parts have as many rows each.

    Raises:
        ValueError: they have not; it tells all numbers.
    """
    if len(set(sizes.values())) > 1:
        found = ", ".join(f"{count} {name}" for name, count in sizes.items())
        raise ValueError(f"the parts of the index don't belong together: {found}")


def merge(segments: Sequence[Segment]) -> Segment:
    """One segment of the articles of several, in order.

    Raises:
        ValueError: there is none.
    """
    articles = starts_of([len(segment.articles) for segment in segments])
    sentences = starts_of([len(segment.sentences) for segment in segments])
    words = starts_of([len(segment.word_vectors) for segment in segments])
    joined = {
        name: np.concatenate([getattr(segment, name) for segment in segments])
        for name in ("sentences", "vectors", "sentence_vectors", "word_vectors")
    }
    chunks = [shifted(one.chunks, int(a), int(s)) for one, a, s in zip(segments, articles, sentences, strict=False)]
    word_starts = [one.word_starts[:-1] + w for one, w in zip(segments, words, strict=False)]
    return Segment(
        articles=tuple(itertools.chain.from_iterable(segment.articles for segment in segments)),
        texts=tuple(itertools.chain.from_iterable(segment.texts for segment in segments)),
        chunks=np.concatenate(chunks),
        word_starts=np.concatenate([*word_starts, words[-1:]]),
        terms=Terms.of([row for segment in segments for row in segment.terms.rows()]),
        **joined,
    )


def shifted(chunks: Table, articles: int, sentences: int) -> Table:
    """A chunk table behind so many other articles and sentences."""
    moved = chunks.copy()
    moved[:, Column.ARTICLE] += articles
    moved[:, Column.SENTENCE_START :] += sentences
    return moved


def starts_of(counts: Sequence[int]) -> Table:
    """Where each of several blocks begins, and the end: ``(len(counts) + 1,)`` int64."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(np.asarray(counts, dtype=np.int64))])


def rows_of(firsts: npt.ArrayLike, counts: npt.ArrayLike) -> Table:
    """The rows of several blocks of a table, one block after the other.

    Args:
        firsts: ``(n,)``, the first row of each block.
        counts: ``(n,)``, how many rows it has.
    """
    firsts, counts = np.asarray(firsts, dtype=np.int64), np.asarray(counts, dtype=np.int64)
    begins = np.cumsum(counts) - counts
    return np.asarray(np.arange(int(counts.sum())) + np.repeat(firsts - begins, counts), dtype=np.int64)


class _Draft:
    """A segment while articles are added: what is split waits until a block of it is embedded."""

    def __init__(self, encoder: SentenceEncoder, progress: Callable[[int, int], None] | None) -> None:
        self._encoder = encoder
        self._progress = progress
        self._chunks: list[tuple[int, ...]] = []
        self._sentences: list[Span] = []
        self._numbers: dict[str, int] = {}  # of terms, as they come
        self._ids = array.array("i")
        self._term_counts: list[int] = []
        self._word_counts: list[int] = []  # of each sentence
        self._texts: list[str] = []  # of chunks that wait, behind their titles
        self._spans: list[list[Span]] = []  # of the sentences in these
        self._words: list[list[Span]] = []  # of the content words in those
        self._vectors = [np.empty((0, encoder.dimension), np.float32)]
        self._sentence_vectors = [np.empty((0, encoder.dimension), np.float16)]
        self._word_vectors = [np.empty((0, WORD_DIMENSION), np.int8)]

    def add(self, number: int, article: Article, chunks: Sequence[Chunk]) -> None:
        """Append an article."""
        prefix = embedding_prefix(article.title)
        at, byte = 0, 0
        for chunk in chunks:
            text = article.text[chunk.start : chunk.end]
            byte_start = byte + len(article.text[at : chunk.start].encode())
            at, byte = chunk.end, byte_start + len(text.encode())
            lines = article.lines.lines(chunk.start, chunk.end)
            first = len(self._sentences)
            self._sentences.extend(chunk.sentences)
            self._chunks.append((number, chunk.start, chunk.end, byte_start, byte, *lines, first, len(self._sentences)))
            self._take_apart(prefix + text, len(prefix) - chunk.start, chunk, article.language)
            if len(self._texts) == EMBEDDING_BLOCK:
                self._embed()

    def _take_apart(self, text: str, shift: int, chunk: Chunk, language: str) -> None:
        sentences = [(start + shift, end + shift) for start, end in chunk.sentences]
        words = [
            [(start + a, start + b) for a, b in content_spans(text[start:end], language)] for start, end in sentences
        ]
        found = terms(text, language)
        self._ids.extend(self._numbers.setdefault(term, len(self._numbers)) for term in found)
        self._term_counts.append(len(found))
        self._word_counts += map(len, words)
        self._texts.append(text)
        self._spans.append(sentences)
        self._words.append([span for sentence in words for span in sentence])

    def _embed(self) -> None:
        """Embed the chunks that wait, their sentences and the words in these."""
        behind, total = len(self._chunks) - len(self._texts), len(self._chunks)

        def tell(done: int, _total: int) -> None:
            if self._progress:
                self._progress(behind + done, total)

        spans = [[*one, *other] for one, other in zip(self._spans, self._words, strict=True)]
        vectors, pooled = self._encoder.encode_passages(self._texts, spans, tell)
        counts = np.array([[len(one), len(other)] for one, other in zip(self._spans, self._words, strict=True)])
        is_word = np.repeat(np.tile([False, True], len(counts)), counts.ravel())
        check_together({"chunks to embed": len(self._texts), "vectors of them": len(vectors)})
        check_together({"spans to embed": len(is_word), "vectors of them": len(pooled)})
        self._vectors.append(vectors)
        self._sentence_vectors.append(pooled[~is_word].astype(np.float16))
        self._word_vectors.append(pack(pooled[is_word]))
        for waiting in (self._texts, self._spans, self._words):
            waiting.clear()

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
            vectors=np.concatenate(self._vectors),
            sentence_vectors=np.concatenate(self._sentence_vectors),
            word_starts=starts_of(self._word_counts),
            word_vectors=np.concatenate(self._word_vectors),
            terms=Terms.using(list(self._numbers), ids, starts_of(self._term_counts)),
        )


def make_segment(
    articles: Sequence[Article],
    encoder: SentenceEncoder,
    max_tokens: int,
    progress: Callable[[int, int], None] | None = None,
) -> Segment:
    """Split articles into chunks and embed these, their sentences and their words.

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
    for number, article in enumerate(articles):
        draft.add(number, article, split_article(article, budget.behind(embedding_prefix(article.title))))
    return draft.segment(articles)


def info_of(article: Article) -> ArticleInfo:
    """What is known of an article beside its text."""
    return ArticleInfo(**{field.name: getattr(article, field.name) for field in fields(ArticleInfo)})
