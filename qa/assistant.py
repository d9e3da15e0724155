"""`Assistant`: the public face. Open an index, ask, get an `Answer`."""

import functools
import threading
from pathlib import Path

from index.articles import Article
from index.build import BuildProgress, build
from index.embedding import DEFAULT_MODEL, Model, SentenceEncoder, Vectors, find_model, load_encoder, load_exported
from index.errors import ModelMismatch
from index.headers import Field
from index.store import ArticleIndex
from qa.answer import Answer, answer_from
from qa.questions import HeaderField, Question, parse_question
from qa.quotes import Quote, make_quote
from qa.retrieve import Candidate, Passage, Retriever

PASSAGES = 5
"""Passages that an answer is made of and that come with it: the quotes are as good as from 50."""

CACHED_QUESTIONS = 256


class Assistant:
    """Answers questions from one opened index.

    Safe to use from several threads. The model is loaded at the first question, unless an
    encoder is given.

    Attributes:
        index: the opened index.
    """

    def __init__(self, index: ArticleIndex, encoder: SentenceEncoder | None = None) -> None:
        self.index = index
        self._encoder = encoder
        self._loading = threading.Lock()
        self._retriever = Retriever(index)
        self._embed = functools.lru_cache(CACHED_QUESTIONS)(self._embed_new)

    @classmethod
    def open(cls, index: str | Path = "index/built") -> "Assistant":
        """Open an index that was built before.

        Raises:
            IndexMissing, IndexStale, IndexCorrupt: see `ArticleIndex.open`.
        """
        return cls(ArticleIndex.open(Path(index)))

    @classmethod
    def over(
        cls,
        articles: str | Path,
        index: str | Path = "index/built",
        model: str = DEFAULT_MODEL,
        progress: BuildProgress | None = None,
    ) -> "Assistant":
        """Open the index over a folder of articles, building what is missing or out of date.

        Raises:
            ArticlesMissing, ArticlesEmpty, ModelUnavailable, IndexBusy: see `build`.
        """
        build(Path(articles), Path(index), model, progress=progress)
        return cls.open(index)

    def ask(self, question: str) -> Answer:
        """Answer a question with quotes, or say that the articles don't.

        Raises:
            QuestionRejected: the question is empty or too long.
            IndexCorrupt: the index does not hold what was indexed.
            ModelMismatch, ModelUnavailable: the index's model is not to be had.
        """
        asked = parse_question(question)
        candidates = self._rank(asked, PASSAGES)
        passages = tuple(self._retriever.passage(candidate) for candidate in candidates)
        if asked.asks_for:
            quotes = self._header_quotes(asked.asks_for, candidates)
            return Answer(asked.text, bool(quotes), float(bool(quotes)), quotes, passages)
        return answer_from(self.index, asked.text, candidates, passages)

    def search(self, question: str, k: int = 5) -> list[Passage]:
        """The `k` passages nearest to a question, best first.

        Raises:
            QuestionRejected: the question is empty or too long.
            ValueError: `k` is not positive.
            ModelMismatch, ModelUnavailable: the index's model is not to be had.
        """
        if k < 1:
            raise ValueError(f"k has to be at least 1, not {k}")
        return [self._retriever.passage(candidate) for candidate in self._rank(parse_question(question), k)]

    def article(self, path: str) -> Article:
        """The article at `path` as it was indexed, with its text and line table.

        Raises:
            KeyError: the index holds no such article.
            IndexCorrupt: its text in the index has changed.
        """
        return self.index.article(self.index.article_row(path))

    def _rank(self, question: Question, count: int) -> list[Candidate]:
        return self._retriever.rank(question, self._embed(question.text), count)

    def _embed_new(self, text: str) -> Vectors:
        return self._loaded_encoder().encode_question(text)

    def _loaded_encoder(self) -> SentenceEncoder:
        with self._loading:
            if self._encoder is None:
                settings = self.index.settings
                exported = load_exported(settings.model, settings.fingerprint)  # without a look at its weights
                self._encoder = exported or load_encoder(self._index_model())
            return self._encoder

    def _index_model(self) -> Model:
        """The model that made the index, found again and compared."""
        settings = self.index.settings
        model = find_model(settings.model)
        if model.fingerprint != settings.fingerprint:
            raise ModelMismatch(
                f"The index in {self.index.folder} was built with the model {settings.model} of fingerprint "
                f"{settings.fingerprint[:12]}…, the one here has {model.fingerprint[:12]}…. "
                f"Build it again: articleqa build --index {self.index.folder}"
            )
        return model

    def _header_quotes(self, asked: HeaderField, candidates: list[Candidate]) -> tuple[Quote, ...]:
        """The line of an article's header that a question like "Who wrote this?" asks for."""
        rows = dict.fromkeys(candidate.chunk.article for candidate in candidates)
        found = []
        for row in rows:
            record = self.index.rows.articles[row]
            field: Field | None = getattr(record, asked.value)
            if field:
                found.append(make_quote(self.index, row, self._whole_line(row, field), 1.0))
        return tuple(found) if len(rows) == 1 else ()

    def _whole_line(self, row: int, field: Field) -> tuple[int, int]:
        """The span of the line that a field stands on, without space around it: "By Mark Dovich"."""
        article = self.index.article(row)
        line = article.lines.line(field.start)
        start, end = article.lines.span(line)
        text = article.text[start:end]
        return start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())
