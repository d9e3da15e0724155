"""Answers and gold in, single figures out.

Retrieval measures are those of ir_measures (``pip install 'articleqa[eval]'``).
"""

import re
import string
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from evaluation.figures import Abstention
from evaluation.questions import GoldQuestion
from index.digests import sha256_of
from index.errors import ArticleQAError
from index.readers.encodings import decode
from qa import Answer, Passage, Quote


class EvaluationUnavailable(ArticleQAError):
    """The package that computes the retrieval measures is not installed."""


def share(hits: Iterable[bool]) -> float:
    """Which part is true; not a number of nothing."""
    found = list(hits)
    return sum(found) / len(found) if found else float("nan")


def passage_measures() -> Callable[[Sequence[GoldQuestion], Sequence[Sequence[Passage]]], dict[str, float]]:
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


_ARTICLES = re.compile(r"\b(a|an|the)\b")


def exact(text: str, answers: Sequence[str]) -> bool:
    """SQuAD's exact match of words against the best of the accepted answers."""
    return any(_words(text) == _words(answer) for answer in answers)


def f1(text: str, answers: Sequence[str]) -> float:
    """SQuAD's F1 of words against the best of the accepted answers."""
    return max((_f1(_words(text), _words(answer)) for answer in answers), default=0.0)


def _words(text: str) -> list[str]:
    """SQuAD's normalisation: lower case, no punctuation, no articles."""
    kept = "".join(sign for sign in text.lower() if sign not in string.punctuation)
    return _ARTICLES.sub(" ", kept).split()


def _f1(given: Sequence[str], right: Sequence[str]) -> float:
    common = sum((Counter(given) & Counter(right)).values())
    if not common:
        return float(given == right)
    precision, recall = common / len(given), common / len(right)
    return 2 * precision * recall / (precision + recall)


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


def abstention(answerable: Sequence[Answer], unanswerable: Sequence[Answer]) -> Abstention | None:
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
