"""One snapshot and a question in, an `Answer` out: the steps in their order."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from index.encoders.protocol import SentenceEncoder, Vectors
from index.errors import FilterRejected
from index.filters import Filters
from index.stores.protocol import Selection, Snapshot
from qa.answer import NEAREST_SHOWN, answer_from
from qa.calibration import calibration_for, calibration_with_reader
from qa.collection import Collection, header_quote
from qa.conversation import Reading, choose, readings
from qa.duplicates import merge
from qa.foreign import with_remark
from qa.listing import find_words
from qa.lists import list_quotes
from qa.marking import mark
from qa.named import Scope
from qa.questions import Question, parse_question
from qa.quotes import Finding
from qa.ranking import Abstainer, Ranker, WeighingAbstainer, WeighingRanker
from qa.reader.network import Network
from qa.reader.packaged import packaged_digest, packaged_reader
from qa.retrieve import Candidate, Retriever, passage_of
from qa.timely import newest_remark, prefer
from qa.times import Wish
from qa.types import Answer, HeaderField, Listed, Passage, Quote
from qa.understanding import Understanding, Understood

PASSAGES = 5
"""Passages that an answer is made of and that come with it: the quotes are as good as from 50."""

CACHED_QUESTIONS = 256


@dataclass(frozen=True, slots=True)
class _Deciding:
    """What decides on answers: the reader, if one reads, and what ranks and judges."""

    reader: Network | None
    ranker: Ranker
    abstainer: Abstainer


class Asking:
    """Questions to one snapshot. Safe to use from several threads.

    Args:
        snapshot: what is asked.
        load: gives its model; called at the first question.
        ranker, abstainer: see `qa.ranking`; those that are not given weigh by the model's `Calibration`.
        reader: whether the packaged reader reads what was found; it does so where numbers were fitted for it.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        load: Callable[[], SentenceEncoder],
        ranker: Ranker | None = None,
        abstainer: Abstainer | None = None,
        *,
        reader: bool = True,
    ) -> None:
        self.snapshot = snapshot
        proposing = calibration_for(snapshot.about.settings.fingerprint)
        self._given = ranker, abstainer
        self._reads = reader
        self._proposing = ranker or WeighingRanker(proposing)
        self._retriever = Retriever(snapshot, self._proposing, proposing.sentence_bm25)
        self._languages = snapshot.about.languages
        self._collection = Collection(snapshot, self._nearest)
        self._understanding = Understanding(snapshot)

        @functools.lru_cache(CACHED_QUESTIONS)
        def embed(text: str) -> Vectors:
            return load().encode_question(text)

        self._embed = embed

    @functools.cached_property
    def _deciding(self) -> _Deciding:
        """What decides on answers. The first question loads the reader here: lists and counts need none."""
        fingerprint = self.snapshot.about.settings.fingerprint
        reading = calibration_with_reader(fingerprint, packaged_digest()) if self._reads else None
        reader = packaged_reader() if reading else None
        calibration = reading if reading and reader else calibration_for(fingerprint)
        ranker, abstainer = self._given
        return _Deciding(reader, ranker or WeighingRanker(calibration), abstainer or WeighingAbstainer(calibration))

    def ask(
        self, question: str, history: Sequence[Answer | str], filters: Filters, *, literally: bool = False
    ) -> Answer:
        """See `Assistant.ask`."""
        read = self._understanding.read(question, literally=literally)
        allowed = self._allowed(filters)
        before = self._answers(history, filters)
        told = self._collection.answer(read.question, before, filters, allowed)
        if told:
            return self._finished(replace(told, understood=read.question.text), read, filters)
        ways = readings(read.question, before)
        best = choose([(reading, self._answer(reading, read.wish, filters, allowed)) for reading in ways])
        if read.foreign:
            best = with_remark(best, read.question, read.foreign, self.snapshot.about.languages)
        if read.wish.newest:
            best = replace(best, remark=newest_remark(best))
        return self._finished(replace(best, period=read.wish.period), read, filters)

    def _finished(self, answer: Answer, read: Understood, filters: Filters) -> Answer:
        return replace(
            answer,
            question=read.asked,
            corrected=read.corrected,
            filters=filters.describe(),
            generation=self.snapshot.about.generation,
        )

    def find(self, words: str, filters: Filters) -> list[Listed]:
        """See `Assistant.find`."""
        language = parse_question(words, self._languages).language
        return find_words(Scope(self.snapshot, filters, self._allowed(filters), language, self._nearest), words)

    def search(self, question: str, k: int, filters: Filters) -> list[Passage]:
        """See `Assistant.search`."""
        read = self._understanding.read(question)
        vector = self._embed(read.question.text)
        ranked = prefer(self._retriever.rank(read.question, vector, 2 * k, self._allowed(filters)), read.wish)
        return [passage_of(candidate) for candidate in self._read(read.question.text, merge(ranked, k))]

    def _read(self, text: str, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Candidates with the best `PASSAGES` read, and in the order that the reader gives them; the others follow."""
        deciding, unread = self._deciding, candidates[PASSAGES:]
        if not deciding.reader or not candidates:
            return list(candidates)
        read = mark(text, candidates[:PASSAGES], deciding.reader, deciding.ranker)
        return [*read, *(replace(other, score=min(other.score, read[-1].score)) for other in unread)]

    def _nearest(self, text: str, within: Selection | None) -> list[Candidate]:
        """The passages nearest to a text, best first."""
        asked = parse_question(text, self._languages)
        return self._retriever.rank(asked, self._embed(asked.text), within=within)

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
        ranked = prefer(self._retriever.rank(reading.question, self._embed(reading.text), within=within), wish)
        candidates, deciding = self._read(reading.text, merge(ranked, PASSAGES)), self._deciding
        passages = tuple(map(passage_of, candidates))
        if reading.question.asks_for:
            quotes = self._header_quotes(reading.question.asks_for, within)
            nearest = passages if quotes else passages[:NEAREST_SHOWN]
            answer = Answer(reading.text, bool(quotes), float(bool(quotes)), quotes, nearest)
        else:
            chunks = self.snapshot.about.chunks if within is None else within.chunks
            answer = answer_from(
                self.snapshot, reading.text, candidates, passages, chunks, deciding.ranker, deciding.abstainer
            )
            if answer.found and reading.question.wants_list:
                quotes = self._list_quotes(reading.question, ranked, answer.quotes, chunks)
                answer = replace(answer, quotes=quotes)
        return replace(answer, understood=reading.shown)

    def _list_quotes(
        self, question: Question, ranked: Sequence[Candidate], usual: Sequence[Quote], chunks: int
    ) -> tuple[Quote, ...]:
        """See `list_quotes`."""

        def confidence(finding: Finding) -> float:
            return self._deciding.abstainer.confidence(finding.candidate.evidence, finding.sentence, chunks)

        return list_quotes(self.snapshot, question, ranked, usual, self._proposing, confidence)

    def _header_quotes(self, asked: HeaderField, within: Selection | None) -> tuple[Quote, ...]:
        """The line of an article's header that a question like "Who wrote this?" asks for.

        Only where it is plain which article is meant: it is the only one.
        """
        if (self.snapshot.about.articles if within is None else within.articles) != 1:
            return ()
        (info,) = self.snapshot.articles(within)
        quote = header_quote(self.snapshot, info.path, asked.value)
        return (quote,) if quote else ()
