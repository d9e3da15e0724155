"""A file of questions with gold lines in, a table of figures out.

Needs ``ir_measures`` (``pip install 'articleqa[eval]'``). It asks through `Assistant` like
everybody else; nothing here changes how an answer is made.

A question file has one JSON object a line: ``id, question, answers, article, line,
answerable``; `line` is the 1-based line of the paragraph that answers (null if none does).
"""

import dataclasses
import json
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.articles import Span, sha256_of
from index.build import BuildProgress, silent
from index.embedding import SentenceEncoder, Vectors
from index.errors import ArticleQAError
from index.readers.encodings import decode
from index.store import ArticleIndex
from qa.assistant import Assistant
from qa.types import Answer, Passage, Quote

DEPTH = 20
"""Passages looked at for each question."""

LATENCY_QUESTIONS = 200
"""Questions whose `ask` is timed, one after the other, model warm, none asked before."""


class QuestionsUnreadable(ArticleQAError):
    """The question file is missing or not in the format. Seen by whoever evaluates."""


class EvaluationUnavailable(ArticleQAError):
    """The package that computes the retrieval measures is not installed."""


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """One line of a question file; `line` is None where no article answers."""

    id: str
    question: str
    answers: tuple[str, ...]
    article: str
    line: int | None

    def on_gold_line(self, piece: Passage | Quote) -> bool:
        """Whether a passage or quote covers the gold line."""
        return self.line is not None and piece.path == self.article and piece.start_line <= self.line <= piece.end_line

    def answered_by(self, quote: Quote) -> bool:
        """Whether a quote lies on the gold line and contains an accepted answer."""
        return self.on_gold_line(quote) and self.accepts(quote.text)

    def accepts(self, text: str) -> bool:
        """Whether a text contains an accepted answer."""
        return any(_plain(answer) in _plain(text) for answer in self.answers)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


@dataclass(frozen=True, slots=True)
class Abstention:
    """How well abstaining is told from answering.

    Attributes:
        auroc: area under the ROC curve of the answer score.
        precision, recall: of "not in the articles" at the default threshold.
        answered: share of the answerable questions that are answered.
        answerable, unanswerable: how many questions of each.
    """

    auroc: float
    precision: float
    recall: float
    answered: float
    answerable: int
    unanswerable: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What an evaluation found; shares are between 0 and 1.

    Attributes:
        questions, answerable: how many.
        passages: R@1, R@5, R@20 and MRR@20: the gold line is inside the k-th passage.
        first_quote, one_of_three: the quote lies on the gold line and contains an accepted answer.
            A question that is not answered counts as a miss.
        quotes, verbatim: how many quotes were given, and which share is verbatim at the cited lines.
        looks_answerable: abstention, against the file's own unanswerable questions.
        other_world: abstention, over indexes that hold half of the articles, against questions of
            the other half.
        ask_p50_ms, ask_p95_ms: latency of `ask`.
    """

    questions: int
    answerable: int
    passages: dict[str, float]
    first_quote: float
    one_of_three: float
    quotes: int
    verbatim: float
    looks_answerable: Abstention | None
    other_world: Abstention | None
    ask_p50_ms: float
    ask_p95_ms: float

    def as_json(self) -> dict[str, Any]:
        """The figures as a JSON object."""
        return dataclasses.asdict(self)


def read_questions(path: Path, sample: int | None = None) -> list[GoldQuestion]:
    """The questions of a file, or a fixed random sample of them.

    Raises:
        QuestionsUnreadable: the file is missing, empty or not in the format.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        questions = [_gold_question(json.loads(line)) for line in lines if line.strip()]
    except OSError as error:
        raise QuestionsUnreadable(f"The questions in {path} can't be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise QuestionsUnreadable(
            f"{path} is no question file ({type(error).__name__}: {error}). It has one JSON object a line: "
            "id, question, answers, article, line, answerable."
        ) from error
    if not questions:
        raise QuestionsUnreadable(f"There are no questions in {path}.")
    if sample is None or sample >= len(questions):
        return questions
    return random.Random(0).sample(questions, sample)


def _gold_question(entry: dict[str, Any]) -> GoldQuestion:
    line = int(entry["line"]) if entry["answerable"] else None
    return GoldQuestion(str(entry["id"]), entry["question"], tuple(entry["answers"]), entry["article"], line)


def evaluate(
    assistant: Assistant, questions: Sequence[GoldQuestion], articles: Path, progress: BuildProgress | None = None
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
    measure = _passage_measures()
    tell = progress or silent
    latencies = _latencies(assistant, questions[:LATENCY_QUESTIONS])
    remembering = Remembering(assistant.encoder)
    whole = Assistant(assistant.index, remembering)
    answers: list[Answer] = []
    runs: list[list[Passage]] = []
    for done, gold in enumerate(questions):
        tell("asking", done, len(questions))
        answers.append(whole.ask(gold.question))
        runs.append(whole.search(gold.question, k=DEPTH) if gold.line else [])
    answerable = [number for number, gold in enumerate(questions) if gold.line]
    quotes = [quote for answer in answers for quote in answer.quotes]
    return Figures(
        questions=len(questions),
        answerable=len(answerable),
        passages=measure([questions[number] for number in answerable], [runs[number] for number in answerable]),
        first_quote=_share(any(map(questions[n].answered_by, answers[n].quotes[:1])) for n in answerable),
        one_of_three=_share(any(map(questions[n].answered_by, answers[n].quotes[:3])) for n in answerable),
        quotes=len(quotes),
        verbatim=_share(verbatim(quotes, articles)),
        looks_answerable=_abstention(
            [answers[number] for number in answerable],
            [answer for gold, answer in zip(questions, answers, strict=True) if not gold.line],
        ),
        other_world=_other_world(assistant.index, remembering, [questions[number] for number in answerable], tell),
        ask_p50_ms=float(np.percentile(latencies, 50)) * 1000,
        ask_p95_ms=float(np.percentile(latencies, 95)) * 1000,
    )


def _share(hits: Iterable[bool]) -> float:
    found = list(hits)
    return sum(found) / len(found) if found else float("nan")


def _passage_measures() -> Callable[[Sequence[GoldQuestion], Sequence[Sequence[Passage]]], dict[str, float]]:
    """The function that scores ranked passages, by ir_measures."""
    try:
        import ir_measures
    except ImportError as error:
        raise EvaluationUnavailable(
            "Evaluating needs the package ir_measures. Install it: pip install 'articleqa[eval]'"
        ) from error
    measures = {"R@1": "Success@1", "R@5": "Success@5", "R@20": "Success@20", "MRR@20": "RR@20"}

    def measure(questions: Sequence[GoldQuestion], runs: Sequence[Sequence[Passage]]) -> dict[str, float]:
        """A passage that covers the gold line is relevant; "gold" itself stands for one that was not found."""
        qrels, run = [], []
        for number, (gold, passages) in enumerate(zip(questions, runs, strict=True)):
            qrels.append(ir_measures.Qrel(str(number), "gold", 1))
            for rank, passage in enumerate(passages):
                name = f"{passage.path}:{passage.start}"
                run.append(ir_measures.ScoredDoc(str(number), name, float(-rank)))
                qrels.append(ir_measures.Qrel(str(number), name, int(gold.on_gold_line(passage))))
        wanted = {name: ir_measures.parse_measure(measure) for name, measure in measures.items()}
        found = ir_measures.calc_aggregate(wanted.values(), qrels, run)
        return {name: float(found[measure]) for name, measure in wanted.items()}

    return measure


def verbatim(quotes: Sequence[Quote], articles: Path) -> list[bool]:
    """Whether each quote stands word for word at its cited lines in the file as it is now.

    It reads the files by itself and finds the lines by counting line ends, not by the index.
    """
    texts: dict[str, tuple[str, str]] = {}
    for path in {quote.path for quote in quotes}:
        data = (articles / path).read_bytes()
        texts[path] = decode(path, data)[0], sha256_of(data)
    return [_is_verbatim(quote, *texts[quote.path]) for quote in quotes]


def _is_verbatim(quote: Quote, text: str, sha256: str) -> bool:
    before, inside = (part.replace("\r\n", "\n").replace("\r", "\n") for part in (text[: quote.start], quote.text))
    start_line = before.count("\n") + 1
    return (
        quote.sha256 == sha256
        and text[quote.start : quote.end] == quote.text
        and (quote.start_line, quote.end_line) == (start_line, start_line + inside.count("\n"))
    )


def _latencies(assistant: Assistant, questions: Sequence[GoldQuestion]) -> list[float]:
    """Seconds of each `ask`, after one question that loads the model."""
    assistant.search("warm up", k=1)
    seconds = []
    for gold in questions:
        started = time.perf_counter()
        assistant.ask(gold.question)
        seconds.append(time.perf_counter() - started)
    return seconds


def _abstention(answerable: Sequence[Answer], unanswerable: Sequence[Answer]) -> Abstention | None:
    """How well the two are told apart; None where there is only one kind."""
    if not answerable or not unanswerable:
        return None
    from sklearn.metrics import roc_auc_score

    truth = [True] * len(answerable) + [False] * len(unanswerable)
    silent = sum(not answer.found for answer in unanswerable)
    lost = sum(not answer.found for answer in answerable)
    return Abstention(
        auroc=float(roc_auc_score(truth, [answer.score for answer in (*answerable, *unanswerable)])),
        precision=silent / (silent + lost) if silent + lost else float("nan"),
        recall=silent / len(unanswerable),
        answered=1 - lost / len(answerable),
        answerable=len(answerable),
        unanswerable=len(unanswerable),
    )


def _other_world(
    index: ArticleIndex,
    encoder: SentenceEncoder,
    questions: Sequence[GoldQuestion],
    tell: BuildProgress,
) -> Abstention | None:
    """Every question asked of two indexes: one that holds its article and one that doesn't."""
    halves = [range(0, len(index.rows.articles), 2), range(1, len(index.rows.articles), 2)]
    if not all(halves):
        return None
    assistants = [Assistant(index.only(half), encoder) for half in halves]
    own, other = [], []
    for done, gold in enumerate(questions):
        tell("asking other worlds", done, len(questions))
        half = index.article_row(gold.article) % 2
        own.append(assistants[half].ask(gold.question))
        other.append(assistants[1 - half].ask(gold.question))
    return _abstention(own, other)


class Remembering:
    """An encoder that embeds each question once, however often it is asked."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        self._encoder = encoder
        self._vectors: dict[tuple[str, tuple[Span, ...]], tuple[Vectors, Vectors]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)

    def encode_question(self, question: str, words: Sequence[Span] = ()) -> tuple[Vectors, Vectors]:
        """As the encoder does."""
        key = question, tuple(words)
        if key not in self._vectors:
            self._vectors[key] = self._encoder.encode_question(question, words)
        return self._vectors[key]


def table(figures: Figures) -> str:
    """The figures for people, one a line."""
    rows = [
        ("questions", f"{figures.questions:,} ({figures.answerable:,} answerable)"),
        *((f"passages {name}", f"{value:.4f}") for name, value in figures.passages.items()),
        ("first quote right", f"{figures.first_quote:.4f}"),
        ("one of three right", f"{figures.one_of_three:.4f}"),
        ("quotes verbatim", f"{figures.verbatim:.4%} of {figures.quotes:,}"),
        *_abstention_rows("looks answerable", figures.looks_answerable),
        *_abstention_rows("other world", figures.other_world),
        ("ask p50 / p95", f"{figures.ask_p50_ms:.1f} / {figures.ask_p95_ms:.1f} ms"),
    ]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def _abstention_rows(name: str, found: Abstention | None) -> list[tuple[str, str]]:
    if found is None:
        return [(f"{name}: AUROC", "not measured: the questions are of one kind")]
    return [
        (f"{name}: AUROC", f"{found.auroc:.4f}"),
        (f"{name}: abstention", f"precision {found.precision:.3f}, recall {found.recall:.3f}"),
        (f"{name}: answered", f"{found.answered:.3f} of {found.answerable:,} answerable"),
    ]
