"""One snapshot and a question in, an `Answer` out: the steps in their order."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace

from index.encoders.protocol import SentenceEncoder
from index.errors import FilterRejected
from index.filters import Filters
from index.stores.protocol import Selection, Snapshot
from index.types import Article, Field, Span
from qa.answer import NEAREST_SHOWN, answer_from
from qa.calibration import calibration_for
from qa.conversation import Reading, choose, readings
from qa.duplicates import merge
from qa.foreign import with_remark
from qa.quotes import make_quote
from qa.ranking import Abstainer, Ranker, WeighingAbstainer, WeighingRanker
from qa.retrieve import Embedded, Retriever, passage_of
from qa.timely import newest_remark, prefer
from qa.times import Wish
from qa.types import Answer, HeaderField, Passage, Quote
from qa.understanding import Understanding

PASSAGES = 5
"""Passages that an answer is made of and that come with it: the quotes are as good as from 50."""

CACHED_QUESTIONS = 256


class Asking:
    """Questions to one snapshot. Safe to use from several threads.

    Args:
        snapshot: what is asked.
        load: gives its model; called at the first question.
        ranker, abstainer: see `qa.ranking`; those that are not given weigh by the model's `Calibration`.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        load: Callable[[], SentenceEncoder],
        ranker: Ranker | None = None,
        abstainer: Abstainer | None = None,
    ) -> None:
        self.snapshot = snapshot
        calibration = calibration_for(snapshot.about.settings.fingerprint)
        self._ranker = ranker or WeighingRanker(calibration)
        self._abstainer = abstainer or WeighingAbstainer(calibration)
        self._retriever = Retriever(snapshot, self._ranker, calibration.sentence_bm25)
        self._understanding = Understanding(snapshot)

        @functools.lru_cache(CACHED_QUESTIONS)
        def embed(text: str, spans: tuple[tuple[str, Span], ...]) -> Embedded:
            return Embedded.by(load(), text, spans)

        self._embed = embed

    def ask(
        self, question: str, history: Sequence[Answer | str], filters: Filters, *, literally: bool = False
    ) -> Answer:
        """See `Assistant.ask`."""
        read = self._understanding.read(question, literally=literally)
        allowed = self._allowed(filters)
        ways = readings(read.question, self._answers(history, filters))
        best = choose([(reading, self._answer(reading, read.wish, filters, allowed)) for reading in ways])
        if read.foreign:
            best = with_remark(best, read.question, read.foreign, self.snapshot.about.languages)
        if read.wish.newest:
            best = replace(best, remark=newest_remark(best))
        return replace(
            best,
            question=read.asked,
            filters=filters.describe(),
            generation=self.snapshot.about.generation,
            period=read.wish.period,
            corrected=read.corrected,
        )

    def search(self, question: str, k: int, filters: Filters) -> list[Passage]:
        """See `Assistant.search`."""
        read = self._understanding.read(question)
        embedded = self._embed(read.question.text, read.question.spans)
        ranked = self._retriever.rank(read.question, embedded, 2 * k, self._allowed(filters))
        return [passage_of(candidate) for candidate in merge(prefer(ranked, read.wish).candidates, k)]

    def _allowed(self, filters: Filters) -> Selection | None:
        """The articles that meet the conditions; None for all.

        Raises:
            FilterRejected: there is none, so that "not in the articles" would mislead.
        """
        if not filters.active:
            return None
        found = self.snapshot.select(filters)
        if not found.articles:
            about = self.snapshot.about
            undated = about.undated if filters.since or filters.until else 0
            dates = f" {undated:,} of them have no date." if undated else ""
            raise FilterRejected(
                f"Of {about.articles:,} articles none is {filters.describe()}.{dates} Loosen the filters."
            )
        return found

    def _answers(self, history: Sequence[Answer | str], filters: Filters) -> list[Answer]:
        """The history as answers; only the last two turns can matter."""
        answers: list[Answer] = []
        for turn in history[-2:]:
            answers.append(self.ask(turn, answers, filters) if isinstance(turn, str) else turn)
        return answers

    def _answer(self, reading: Reading, wish: Wish, filters: Filters, allowed: Selection | None) -> Answer:
        """The answer to one reading: from the articles it is about, if they answer, else from all."""
        if reading.articles:
            named = self.snapshot.select(filters, reading.articles)
            if named.articles:
                answer = self._answer_within(reading, wish, named)
                if answer.found or reading.stays:
                    return answer
        return self._answer_within(reading, wish, allowed)

    def _answer_within(self, reading: Reading, wish: Wish, within: Selection | None) -> Answer:
        embedded = self._embed(reading.text, reading.question.spans)
        preferred = prefer(self._retriever.rank(reading.question, embedded, within=within), wish)
        candidates = merge(preferred.candidates, PASSAGES)
        passages = tuple(map(passage_of, candidates))
        if reading.question.asks_for:
            quotes = self._header_quotes(reading.question.asks_for, within)
            nearest = passages if quotes else passages[:NEAREST_SHOWN]
            answer = Answer(reading.text, bool(quotes), float(bool(quotes)), quotes, nearest)
        else:
            chunks = self.snapshot.about.chunks if within is None else within.chunks
            ranker = preferred.ranker(self._ranker)
            answer = answer_from(self.snapshot, reading.text, candidates, passages, chunks, ranker, self._abstainer)
        return replace(answer, understood=reading.shown)

    def _header_quotes(self, asked: HeaderField, within: Selection | None) -> tuple[Quote, ...]:
        """The line of an article's header that a question like "Who wrote this?" asks for.

        Only where it is plain which article is meant: it is the only one.
        """
        if (self.snapshot.about.articles if within is None else within.articles) != 1:
            return ()
        (info,) = self.snapshot.articles(within)
        field: Field | None = getattr(info, asked.value)
        if field is None:
            return ()
        line = _whole_line(self.snapshot.article(info.path), field)
        return (make_quote(self.snapshot, info.path, line, 1.0),)


def _whole_line(article: Article, field: Field) -> Span:
    """The span of the line that a field stands on, without space around it: "By Mark Dovich"."""
    start, end = article.lines.span(article.lines.line(field.start))
    text = article.text[start:end]
    return start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())
