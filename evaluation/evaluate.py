"""An assistant and questions with gold lines in, figures out.

It asks through `Assistant` like everybody else; nothing here changes how an answer is made.
"""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.figures import Abstention, Figures
from evaluation.measures import abstention, exact, f1, passage_measures, share, verbatim
from evaluation.questions import GoldQuestion
from index.build import BuildProgress, silent
from index.encoders.protocol import SentenceEncoder, Vectors
from index.places import open_store
from index.stores.protocol import Snapshot, Store
from index.stores.types import Publication
from qa import Answer, Assistant, Passage
from qa.live import LiveIndex

DEPTH = 20
"""Passages looked at for each question."""

LATENCY_QUESTIONS = 200
"""Questions whose `ask` is timed, one after the other, model warm, none asked before."""


def evaluate(
    assistant: Assistant,
    questions: Sequence[GoldQuestion],
    articles: Path,
    progress: BuildProgress | None = None,
) -> Figures:
    """Ask all questions and count.

    Args:
        assistant: over the articles that the questions are about.
        questions: see `read_questions`.
        articles: the folder of articles, to compare the quotes with the files themselves.
        progress: called with (step, done, total).

    Raises:
        EvaluationUnavailable: ir_measures is not installed.
    """
    measure = passage_measures()
    tell = progress or silent
    latencies = _latencies(assistant, questions[:LATENCY_QUESTIONS])
    remembering = Remembering(assistant.encoder)
    whole = Assistant(assistant.live, remembering, reader=assistant.reads)
    answers: list[Answer] = []
    runs: list[list[Passage]] = []
    for done, gold in enumerate(questions):
        tell("asking", done, len(questions))
        answers.append(whole.ask(gold.question))
        runs.append(whole.search(gold.question, k=DEPTH) if gold.line else [])
    answerable = [number for number, gold in enumerate(questions) if gold.line]
    quotes = [quote for answer in answers for quote in answer.quotes]
    marked = {n: "".join(quote.answer_text for quote in answers[n].quotes[:1]) for n in answerable}
    return Figures(
        questions=len(questions),
        answerable=len(answerable),
        passages=measure([questions[number] for number in answerable], [runs[number] for number in answerable]),
        first_quote=share(any(map(questions[n].answered_by, answers[n].quotes[:1])) for n in answerable),
        one_of_three=share(any(map(questions[n].answered_by, answers[n].quotes[:3])) for n in answerable),
        words_exact=share(exact(words, questions[n].answers) for n, words in marked.items()),
        words_f1=float(np.mean([f1(words, questions[n].answers) for n, words in marked.items()])),
        quotes=len(quotes),
        verbatim=share(verbatim(quotes, articles)),
        looks_answerable=abstention(
            [answers[number] for number in answerable],
            [answer for gold, answer in zip(questions, answers, strict=True) if not gold.line],
        ),
        other_world=_other_world(whole, [questions[number] for number in answerable], tell),
        ask_p50_ms=float(np.percentile(latencies, 50)) * 1000,
        ask_p95_ms=float(np.percentile(latencies, 95)) * 1000,
    )


def _latencies(assistant: Assistant, questions: Sequence[GoldQuestion]) -> list[float]:
    """Seconds of each `ask`, after one question that loads model and reader."""
    assistant.ask("warm up")
    seconds = []
    for gold in questions:
        started = time.perf_counter()
        assistant.ask(gold.question)
        seconds.append(time.perf_counter() - started)
    return seconds


def _other_world(
    whole: Assistant,
    questions: Sequence[GoldQuestion],
    tell: BuildProgress,
) -> Abstention | None:
    """Every question asked of two indexes: one that holds its article and one that doesn't."""
    snapshot = whole.snapshot
    paths = [info.path for info in snapshot.articles()]
    halves = [paths[0::2], paths[1::2]]
    if not all(halves):
        return None
    with tempfile.TemporaryDirectory(prefix="articleqa-eval-") as folder:
        assistants = [
            Assistant(LiveIndex(store_of(snapshot, half, Path(folder, str(number)))), whole.encoder, reader=whole.reads)
            for number, half in enumerate(halves)
        ]
        own, other = [], []
        for done, gold in enumerate(questions):
            tell("asking other worlds", done, len(questions))
            half = paths.index(gold.article) % 2
            own.append(assistants[half].ask(gold.question))
            other.append(assistants[1 - half].ask(gold.question))
    return abstention(own, other)


def store_of(snapshot: Snapshot, paths: Sequence[str], folder: Path) -> Store:
    """The same index as if only some articles had been there."""
    store = open_store(folder)
    publication = Publication(snapshot.about.articles_folder, snapshot.about.settings, snapshot.sources(), ())
    with store.locked(0):
        store.publish([snapshot.segment(paths)], lambda: publication)
    return store


class Remembering:
    """An encoder that embeds each question once, however often it is asked."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        self._encoder = encoder
        self._vectors: dict[str, Vectors] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)

    def encode_question(self, question: str) -> Vectors:
        """As the encoder does."""
        if question not in self._vectors:
            self._vectors[question] = self._encoder.encode_question(question)
        return self._vectors[question]
