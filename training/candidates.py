"""Questions with gold lines in, the passages out that a product proposes for them: asked once, read often.

The product is whichever `qa` and `index` Python finds; figures are made with a frozen one, so that
what is measured is the reader. Writes one JSON object a line, see `Candidates`.
"""

import dataclasses
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.questions import KEPT_APART

DEPTH = 20

FEW = 5
"""Passages kept for a question that nothing answers: its score is the best among the first ones."""

TITLE_LINE = 1


@dataclass(frozen=True, slots=True)
class Window:
    """A passage as a reader gets it.

    Attributes:
        path: its article.
        title: of the article; empty where it has none.
        text: verbatim.
        sentences: (start, end, line) of each sentence, offsets into `text`.
        score: the product's own, higher is better.
    """

    path: str
    title: str
    text: str
    sentences: tuple[tuple[int, int, int], ...]
    score: float


@dataclass(frozen=True, slots=True)
class Candidates:
    """A question and what was proposed.

    Attributes:
        set: the part of the set that it is reported under.
        kind: of the question.
        gold: (article, line, strings of which a right quote holds one); empty if nothing answers.
        answers: accepted answers, where the set has them.
        windows: best first.
    """

    id: str
    set: str
    kind: str
    question: str
    gold: tuple[tuple[str, int, tuple[str, ...]], ...]
    answers: tuple[str, ...]
    windows: tuple[Window, ...]


def read_candidates(path: Path) -> list[Candidates]:
    """What `record` wrote."""
    return [_candidates(json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def _candidates(row: dict[str, Any]) -> Candidates:
    windows = tuple(
        Window(**{**window, "sentences": tuple((a, b, line) for a, b, line in window["sentences"])})
        for window in row.pop("windows")
    )
    gold = tuple((article, line, tuple(strings)) for article, line, strings in row.pop("gold"))
    return Candidates(**{**row, "gold": gold, "answers": tuple(row["answers"]), "windows": windows})


def kept_apart_questions(path: Path, answerable: int, unanswerable: int) -> list[Candidates]:
    """A fixed sample of the questions of the six articles, without windows yet."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    rows = [row for row in rows if Path(row["article"]).stem.split("_", 1)[1] in KEPT_APART]
    random.Random(0).shuffle(rows)
    yes = [row for row in rows if row["answerable"]][:answerable]
    no = [row for row in rows if not row["answerable"]][:unanswerable]
    return [
        Candidates(
            id=row["id"],
            set="six articles",
            kind="answer" if row["answerable"] else "looks answerable",
            question=row["question"],
            gold=((row["article"], row["line"], tuple(row["answers"])),) if row["answerable"] else (),
            answers=tuple(row["answers"]),
            windows=(),
        )
        for row in yes + no
    ]


def news_questions(path: Path) -> list[tuple[Candidates, str]]:
    """Questions that can be asked alone, without windows yet, and the article each is asked of if it is of one."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [
        (
            Candidates(
                id=row["id"],
                set=row["id"].split("-")[0],
                kind=row["kind"],
                question=row["question"],
                gold=tuple((g["article"], g["line"], tuple(g["contains"])) for g in row["gold"]),
                answers=(),
                windows=(),
            ),
            row["within"] or "",
        )
        for row in rows
        if row["expect"] in ("answer", "silence") and not row["after"]
    ]


def record(articles: Path, index: Path, asked: Sequence[tuple[Candidates, str]], output: Path, widen: int = 0) -> None:
    """Ask the product for passages and write them down.

    Args:
        articles: the folder that the questions are about.
        index: where the product keeps its index of it.
        asked: questions and the path that each is limited to, empty for none.
        output: a .jsonl file.
        widen: passages are given with the lines around them up to so many characters; 0: as they are.
    """
    from qa.assistant import Assistant
    from qa.filters import NO_FILTERS, Filters

    assistant = Assistant.over(articles, index=index)
    partial = output.with_suffix(".partial")
    with partial.open("w", encoding="utf-8") as file:
        for number, (question, within) in enumerate(asked):
            filters = Filters.parse(path=within) if within else NO_FILTERS
            passages = assistant.search(question.question, DEPTH if question.gold else FEW, filters)
            windows = _windows(assistant, passages, widen)
            row = dataclasses.replace(question, windows=windows)
            file.write(json.dumps(dataclasses.asdict(row), ensure_ascii=False) + "\n")
            print(f"\rasked {number + 1:,} of {len(asked):,}", end="", flush=True)
    partial.replace(output)
    print()


def _windows(assistant: Any, passages: Sequence[Any], widen: int) -> tuple[Window, ...]:
    """Passages as windows; one that is inside an earlier one is left out."""
    windows: list[Window] = []
    taken: list[tuple[str, int, int]] = []
    for passage in passages:
        text = assistant.article(passage.path).text
        spans = _line_spans(text)
        first, last = _widened(spans, passage, widen)
        start, end = (spans[first][0], spans[last][1]) if widen else (passage.start, passage.end)
        if any(path == passage.path and a <= start and end <= b for path, a, b in taken):
            continue
        taken.append((passage.path, start, end))
        sentences = _sentences(text, spans, start, end)
        windows.append(Window(passage.path, passage.title, text[start:end], sentences, passage.score))
    return tuple(windows)


def _line_spans(text: str) -> list[tuple[int, int]]:
    spans, at = [], 0
    for line in text.splitlines(keepends=True):
        spans.append((at, at + len(line.rstrip("\r\n"))))
        at += len(line)
    return spans


def _widened(spans: Sequence[tuple[int, int]], passage: Any, widen: int) -> tuple[int, int]:
    """The first and the last line, from 0, of a passage with what is around it."""
    first, last = passage.start_line - 1, passage.end_line - 1
    while True:
        after = last + 1 < len(spans) and spans[last + 1][1] - spans[first][0] <= widen
        if after:
            last += 1
        before = first > TITLE_LINE and spans[last][1] - spans[first - 1][0] <= widen
        if before:
            first -= 1
        if not after and not before:
            return first, last


def _sentences(text: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> tuple[tuple[int, int, int], ...]:
    from index.sentences import split_line

    found = []
    for number, (a, b) in enumerate(spans, 1):
        a, b = max(a, start), min(b, end)
        if a < b:
            found += [(a + s - start, a + e - start, number) for s, e in split_line(text[a:b], "en")]
    return tuple(found)
