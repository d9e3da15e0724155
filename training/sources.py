"""Files of questions in, `Context`s out: SQuAD's own JSON (1.1 and 2.0) and our rows of one context a line.

Refuses what figures are reported on, so that no figure is ever of something that training has seen.
"""

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.questions import KEPT_APART

TITLED_SOURCES = frozenset({"squad", "squad1", "squad2", "nq"})
"""Sources whose article name is a title that a reader would see, not the name of a file."""


class KeptApart(ValueError):
    """A file holds an article that figures are reported on; whoever starts `prepare` sees it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a context.

    Attributes:
        text: the question.
        answer: start and end in code points of the context; None where it has no answer.
        kind: answer, adversarial, neighbour or swapped.
    """

    text: str
    answer: tuple[int, int] | None
    kind: str


@dataclass(frozen=True, slots=True)
class Context:
    """A passage and what was asked about it.

    Attributes:
        text: the passage.
        source: which data set it is from.
        article: the article's name there.
        title: what the product would show in front of the passage; empty where there is none.
        questions: what was asked.
    """

    text: str
    source: str
    article: str
    title: str
    questions: tuple[Asked, ...]


def read_contexts(paths: Iterable[Path]) -> list[Context]:
    """All contexts of the files.

    Raises:
        KeptApart: one of them holds an article that figures are reported on.
        ValueError: a file is neither SQuAD's JSON nor rows, or an answer lies outside its context.
    """
    contexts = [context for path in paths for context in _read(path)]
    for context in contexts:
        _check(context)
    return contexts


def _read(path: Path) -> Iterator[Context]:
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text("utf-8")
    if ".jsonl" in path.name:
        return (_of_row(json.loads(line)) for line in text.splitlines() if line.strip())
    return _of_squad(json.loads(text))


def _of_row(row: dict[str, Any]) -> Context:
    return Context(
        text=row["context"],
        source=row["source"],
        article=row["article"],
        title=title_of(row["source"], row["article"]),
        questions=tuple(
            Asked(q["question"], (q["answer"][0], q["answer"][1]) if q["answer"] else None, q["kind"])
            for q in row["questions"]
        ),
    )


def _of_squad(document: dict[str, Any]) -> Iterator[Context]:
    for article in document["data"]:
        name = article["title"].replace(" ", "_")
        for paragraph in article["paragraphs"]:
            questions = tuple(_of_squad_question(question) for question in paragraph["qas"])
            yield Context(paragraph["context"], "squad", name, title_of("squad", name), questions)


def _of_squad_question(question: dict[str, Any]) -> Asked:
    answers = question["answers"]
    if question.get("is_impossible") or not answers:
        return Asked(question["question"], None, "adversarial")
    start = answers[0]["answer_start"]
    return Asked(question["question"], (start, start + len(answers[0]["text"])), "answer")


def title_of(source: str, article: str) -> str:
    """The title that stands before a passage; empty where the article's name is none."""
    return article.replace("_", " ") if source in TITLED_SOURCES else ""


def _check(context: Context) -> None:
    if context.article.replace(",", "") in KEPT_APART:
        raise KeptApart(f"{context.article} is kept apart for figures and can't be trained on: leave it out")
    for asked in context.questions:
        if asked.answer and not 0 <= asked.answer[0] < asked.answer[1] <= len(context.text):
            raise ValueError(f"{asked.answer} lies outside the context of {asked.text!r}")
