"""`Assistant`: the public face. Open an index, ask, get an `Answer`."""

import functools
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from index.articles import Article
from index.build import BuildProgress, build
from index.embedding import Model, SentenceEncoder, find_model, load_encoder, load_exported
from index.errors import ArticleUnknown, FilterRejected, IndexCorrupt, IndexMissing, IndexStale, ModelMismatch
from index.filters import NO_FILTERS, Filters
from index.headers import Field
from index.store import ArticleIndex, Stamp, current_stamp
from index.types import ArticleInfo, Span
from index.types import Field as InfoField
from qa.answer import NEAREST_SHOWN, answer_from
from qa.calibration import calibration_for
from qa.conversation import Reading, readings
from qa.duplicates import merge
from qa.questions import parse_question
from qa.quotes import make_quote
from qa.ranking import Abstainer, Ranker, WeighingAbstainer, WeighingRanker
from qa.retrieve import MAX_PASSAGES, Embedded, Retriever
from qa.types import Answer, HeaderField, Passage, Quote

PASSAGES = 5
"""Passages that an answer is made of and that come with it: the quotes are as good as from 50."""

CACHED_QUESTIONS = 256

TAKING_OVER_SECONDS = 0.5
"""How long a question waits for a new generation that another one is opening; then it is answered from
the one before. Opening 1,000 articles takes less, a million chunks 15 s."""


class Assistant:
    """Answers questions from one opened index.

    Safe to use from several threads. The model is loaded at the first question, unless an
    encoder is given. One that was opened from a folder answers from the newest generation there
    as soon as a build has written one, see `newest`.

    Attributes:
        index: the index as it was opened first.
    """

    def __init__(
        self,
        index: ArticleIndex,
        encoder: SentenceEncoder | None = None,
        ranker: Ranker | None = None,
        abstainer: Abstainer | None = None,
    ) -> None:
        """See `open` and `over`; the parts that are not given are made from the index and its `Calibration`.

        Args:
            index: what is asked.
            encoder: its model.
            ranker: orders passages and sentences.
            abstainer: says whether they answer.
        """
        self.index = index
        self._encoder = encoder
        self._parts = ranker, abstainer
        calibration = calibration_for(index.settings.fingerprint)
        self._ranker = ranker or WeighingRanker(calibration)
        self._abstainer = abstainer or WeighingAbstainer(calibration)
        self._loading = threading.Lock()
        self._followed: Stamp | None = None
        self._newer: Assistant | None = None
        self._taking_over = threading.Lock()
        self._retriever = Retriever(index, self._ranker, calibration.sentence_bm25)
        self._embed = functools.lru_cache(CACHED_QUESTIONS)(self._embed_new)

    @classmethod
    def open(cls, index: str | Path = "index/built") -> "Assistant":
        """Open an index that was built before.

        Raises:
            IndexMissing, IndexStale, IndexCorrupt: see `ArticleIndex.open`.
        """
        stamp = current_stamp(Path(index))  # before it is opened: a build meanwhile is noticed later
        assistant = cls(ArticleIndex.open(Path(index)))
        assistant._followed = stamp
        return assistant

    @classmethod
    def over(
        cls,
        articles: str | Path,
        index: str | Path = "index/built",
        model: str | None = None,
        progress: BuildProgress | None = None,
    ) -> "Assistant":
        """Open the index over a folder of articles, building what is missing or out of date.

        The model is the one given, else that of the index, at first the packaged one.

        Raises:
            ArticlesMissing, ArticlesEmpty, ModelUnavailable, IndexBusy: see `build`.
        """
        build(Path(articles), Path(index), model, progress=progress)
        return cls.open(index)

    def ask(self, question: str, history: Sequence[Answer | str] = (), filters: Filters = NO_FILTERS) -> Answer:
        """Answer a question with quotes, or say that the articles don't.

        Args:
            question: what to ask.
            history: the answers of the conversation so far, or the questions; only a question that
                leans on the last one is read in its light.
            filters: which articles to look in.

        Raises:
            QuestionRejected: the question is empty or too long.
            FilterRejected: the filters leave no article.
            IndexCorrupt: the index does not hold what was indexed.
            ModelMismatch, ModelUnavailable: the index's model is not to be had.
        """
        if (newest := self.newest()) is not self:
            return newest.ask(question, history, filters)
        asked = parse_question(question)
        allowed = allowed_rows(self.index, filters) if filters.active else None
        answers = [self._answer(reading, allowed) for reading in readings(asked, self._answers(history, filters))]
        best = next((answer for answer in answers if answer.found), max(answers, key=lambda answer: answer.score))
        return replace(best, question=asked.text, filters=filters.describe())

    def search(self, question: str, k: int = 5, filters: Filters = NO_FILTERS) -> list[Passage]:
        """The `k` passages nearest to a question, best first.

        Raises:
            QuestionRejected: the question is empty or too long.
            FilterRejected: the filters leave no article.
            ValueError: `k` is not 1 to `MAX_PASSAGES`.
            ModelMismatch, ModelUnavailable: the index's model is not to be had.
        """
        if not 1 <= k <= MAX_PASSAGES:
            raise ValueError(f"k has to be 1 to {MAX_PASSAGES}, not {k}")
        if (newest := self.newest()) is not self:
            return newest.search(question, k, filters)
        asked = parse_question(question)
        allowed = allowed_rows(self.index, filters) if filters.active else None
        candidates = merge(self._retriever.rank(asked, self._embed(asked.text, asked.spans), 2 * k, allowed), k)
        return [self._retriever.passage(candidate) for candidate in candidates]

    def article(self, path: str, sha256: str = "") -> Article:
        """The article at `path` as it was indexed, with its text and line table.

        Args:
            path: of a quote or a passage.
            sha256: of the same; then an article that a build has changed since is only given as
                it was, never as it is.

        Raises:
            ArticleUnknown: the index holds no such article (any more).
            IndexCorrupt: its text in the index has changed.
        """
        for index in (self.newest().index, self.index) if sha256 else (self.newest().index,):
            row = index.find_article(path)
            if row is not None and sha256 in ("", index.rows.articles[row].sha256):
                return index.article(row)
        raise ArticleUnknown(f"There is no article {path} in this index, or it is another one by now: articleqa info")

    def newest(self) -> "Assistant":
        """The assistant over the generation that is current now; mostly this one itself.

        Looking costs one stat. A generation that can't be opened never takes the place of one that
        answers: `articleqa verify` tells what is wrong with it.
        """
        if self._followed is None or (stamp := current_stamp(self.index.folder)) in (None, self._followed):
            return self._newer or self
        if self._taking_over.acquire(timeout=TAKING_OVER_SECONDS):
            try:
                if stamp != self._followed:
                    self._newer = self._opened_again() or self._newer
                    self._followed = stamp
            finally:
                self._taking_over.release()
        return self._newer or self

    def _opened_again(self) -> "Assistant | None":
        """An assistant over what is in the index folder now; None if that can't be answered from."""
        try:
            index = ArticleIndex.open(self.index.folder)
        except (IndexMissing, IndexStale, IndexCorrupt):
            return None
        return self.over_another(index)

    def over_another(self, index: ArticleIndex) -> "Assistant":
        """An assistant over another generation, with the model of this one if it is the same."""
        same_model = index.settings.fingerprint == self.index.settings.fingerprint
        return Assistant(index, self.encoder if same_model else None, *self._parts)

    def _answers(self, history: Sequence[Answer | str], filters: Filters) -> list[Answer]:
        """The history as answers; only the last two turns can matter."""
        answers: list[Answer] = []
        for turn in history[-2:]:
            answers.append(self.ask(turn, answers, filters) if isinstance(turn, str) else turn)
        return answers

    def _answer(self, reading: Reading, allowed: Sequence[int] | None) -> Answer:
        """The answer to one reading: from the articles it is about, if they answer, else from all."""
        rows = self._rows_of(reading.articles, allowed)
        if rows:
            answer = self._answer_within(reading, rows)
            if answer.found:
                return answer
        return self._answer_within(reading, allowed)

    def _rows_of(self, paths: Sequence[str], allowed: Sequence[int] | None) -> list[int]:
        """Rows of articles that are (still) in the index and allowed."""
        rows = (row for path in paths if (row := self.index.find_article(path)) is not None)
        return [row for row in rows if allowed is None or row in allowed]

    def _answer_within(self, reading: Reading, articles: Sequence[int] | None) -> Answer:
        embedded = self._embed(reading.text, reading.question.spans)
        ranked = self._retriever.rank(reading.question, embedded, articles=articles)
        candidates = merge(ranked, PASSAGES)
        passages = tuple(self._retriever.passage(candidate) for candidate in candidates)
        if reading.question.asks_for:
            quotes = self._header_quotes(reading.question.asks_for, articles)
            nearest = passages if quotes else passages[:NEAREST_SHOWN]
            answer = Answer(reading.text, bool(quotes), float(bool(quotes)), quotes, nearest)
        else:
            size = self._retriever.size(articles)
            answer = answer_from(self.index, reading.text, candidates, passages, size, self._ranker, self._abstainer)
        return replace(answer, understood=reading.text)

    def _embed_new(self, text: str, spans: tuple[tuple[str, Span], ...]) -> Embedded:
        return Embedded.by(self.encoder, text, spans)

    @property
    def encoder(self) -> SentenceEncoder:
        """The model of the index, loaded when it is first needed.

        Raises:
            ModelMismatch, ModelUnavailable: it is not to be had.
        """
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

    def _header_quotes(self, asked: HeaderField, articles: Sequence[int] | None) -> tuple[Quote, ...]:
        """The line of an article's header that a question like "Who wrote this?" asks for.

        Only where it is plain which article is meant: it is the only one.
        """
        rows = list(articles) if articles is not None else list(range(len(self.index.rows.articles)))
        field: Field | None = getattr(self.index.rows.articles[rows[0]], asked.value)
        if len(rows) > 1 or field is None:
            return ()
        return (make_quote(self.index, rows[0], self._whole_line(rows[0], field), 1.0),)

    def _whole_line(self, row: int, field: Field) -> tuple[int, int]:
        """The span of the line that a field stands on, without space around it: "By Mark Dovich"."""
        article = self.index.article(row)
        line = article.lines.line(field.start)
        start, end = article.lines.span(line)
        text = article.text[start:end]
        return start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())


def allowed_rows(index: ArticleIndex, filters: Filters) -> list[int]:
    """Rows of the article table that meet the conditions.

    Raises:
        FilterRejected: there is none, so that "not in the articles" would mislead.
    """
    articles = index.rows.articles
    named = index.find_article(filters.path)
    rows = [named] if named is not None else range(len(articles))
    found = [row for row in rows if filters.allows(_info(index, row))]
    if not found:
        undated = sum(article.published is None for article in articles)
        dates = f" {undated:,} of them have no date." if undated and (filters.since or filters.until) else ""
        raise FilterRejected(f"Of {len(articles):,} articles none is {filters.describe()}.{dates} Loosen the filters.")
    return found


def _info(index: ArticleIndex, row: int) -> ArticleInfo:
    record = index.rows.articles[row]
    title, author, published = (
        InfoField(found.value, found.start, found.end) if found else None
        for found in (record.title, record.author, record.published)
    )
    return ArticleInfo(
        path=record.path,
        sha256=record.sha256,
        title=title,
        author=author,
        published=published,
        record=record.record,
    )
