"""Figures of news questions: numbers counted by hand, and those of the shared script over the same answers."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import REPOSITORY

from evaluation.news import Roles, as_json, ask_all, main
from evaluation.news_figures import figures_of, table
from evaluation.news_questions import NewsQuestionsUnreadable, read_news_questions
from index.articles import parse_article
from index.filters import NO_FILTERS, Filters
from index.structure import structure
from index.types import Block, Role, Source
from qa import Answer, Assistant, Passage, Quote
from qa.types import Certainty

SHARED = REPOSITORY.parent / "shared" / "eval" / "score_news.py"

TEXT = (
    "Storm hits coast\n\nBy Ann Writer\n2023/05/04\n\n"
    "The storm killed four people on Tuesday, the mayor said.\n\nWhat comes next\n\n"
    "Schools stay closed until Friday because the roads are under water.\n"
)
ARTICLE = parse_article("storm.txt", TEXT.encode())

QUESTIONS: list[tuple[str, str, str, str, list[tuple[int, list[str]]]]] = [
    ("d1-1", "fact", "How many died?", "answer", [(6, ["Four People"])]),
    ("d1-2", "why", "Why are schools closed?", "answer", [(10, ["under water"])]),
    ("d1-3", "said", "Who told the number?", "answer", [(6, ["the mayor"])]),
    ("d1-4", "list", "What happened?", "answer", [(6, ["killed"]), (10, ["closed"])]),
    ("d1-5", "nearmiss", "How many died in the fire?", "silence", []),
    ("d1-6", "nearmiss", "Who is the mayor?", "silence", []),
    ("d1-7", "articles", "Which articles are about the storm?", "articles", [(1, [])]),
    ("d1-8", "count", "How many articles are there?", "count", []),
    ("d3-9", "fact", "When do schools open?", "answer", [(10, ["until Friday"])]),
]

ANSWERS: dict[str, tuple[float, list[str]]] = {
    "How many died?": (0.9, ["The storm killed four people on Tuesday, the mayor said."]),
    "Why are schools closed?": (0.8, ["What comes next", "Storm hits coast", TEXT.splitlines()[9]]),
    "Who told the number?": (0.2, []),
    "What happened?": (0.7, ["Storm hits coast", "2023/05/04", "What comes next", TEXT.splitlines()[9]]),
    "How many died in the fire?": (0.3, []),
    "Who is the mayor?": (0.8, ["The storm killed four people on Tuesday, the mayor said."]),
    "Which articles are about the storm?": (0.6, ["Storm hits coast"]),
    "How many articles are there?": (0.5, ["Storm hits coast"]),
    "When do schools open?": (0.9, ["Schools stay closed until Friday because the roads are under water."]),
}
"""What the scripted assistant says: a score and quotes; no quotes is silence."""


class Scripted:
    """Says what is in `ANSWERS`, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, str]] = []
        self.snapshot = SimpleNamespace(blocks=blocks_at)

    def search(self, question: str, k: int) -> list[Passage]:
        return []

    def ask(self, question: str, history: Sequence[Answer] = (), filters: Filters = NO_FILTERS) -> Answer:
        self.asked.append((question, len(history), filters.path))
        score, quotes = ANSWERS.get(question, (0.0, []))
        return Answer(
            question=question,
            found=bool(quotes),
            score=score,
            quotes=tuple(map(quote, quotes)),
            passages=(),
            certainty=Certainty.UNSURE if question == "Who is the mayor?" else Certainty.SURE,
            count=1 if question.startswith("How many articles") else None,
        )


def quote(text: str) -> Quote:
    start = TEXT.index(text)
    line = ARTICLE.lines.line(start)
    return Quote(Source("storm.txt", ARTICLE.sha256), text, start, start + len(text), line, line, 0.5)


def blocks_at(path: str) -> tuple[Block, ...]:
    assert path == "storm.txt"
    return structure(ARTICLE)


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    rows = [
        {
            **{"id": name, "kind": kind, "question": question, "after": [], "within": None, "expect": expect},
            "gold": [{"article": "storm.txt", "line": line, "contains": contains} for line, contains in gold],
            "count": 1 if kind == "count" else None,
        }
        for name, kind, question, expect, gold in QUESTIONS
    ]
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def test_figures_are_those_counted_by_hand(questions: Path) -> None:
    asked = [question for question in read_news_questions(questions) if question.part == "develop"]
    figures = figures_of([outcome for outcome, _ in ask_all(Scripted(), asked, Roles(blocks_at))])
    assert figures.plain_first == pytest.approx(1 / 3)
    assert figures.plain_one_of_three == figures.plain_any == pytest.approx(2 / 3)
    assert figures.all_first == pytest.approx(3 / 6)  # how many died, the articles, the count
    assert figures.lost == pytest.approx(1 / 4)
    assert figures.silent == pytest.approx(1 / 2)
    assert figures.near_misses_silent_or_unsure == 1
    assert figures.kinds["list"].items == (1, 2)
    assert figures.kinds["list"].one_of_three == 0
    assert figures.kinds["list"].any == 1
    assert (figures.kinds["articles"].recall, figures.kinds["articles"].precision) == (1, 1)
    assert figures.kinds["nearmiss"].silent == pytest.approx(1 / 2)
    assert figures.quotes_by_role == {"title": 4, "dateline": 1, "heading": 2, "body": 4}
    assert figures.not_answers == pytest.approx(7 / 11)
    assert figures.auroc == pytest.approx((5 + 1.5) / 12)  # five score over .3; one over .8, and a tie
    assert figures.ask_p95_ms >= figures.ask_p50_ms >= 0


def test_reports_are_counted_apart_and_nothing_to_count_is_null(questions: Path) -> None:
    asked = [question for question in read_news_questions(questions) if question.part == "report"]
    figures = figures_of([outcome for outcome, _ in ask_all(Scripted(), asked, Roles(blocks_at))])
    assert [figures.plain_first, figures.all_first, figures.not_answers] == [1, 1, 0]
    assert math.isnan(figures.silent)
    assert figures.as_json()["silent"] is None
    assert figures.as_json()["kinds"]["fact"]["first"] == 1
    assert "quotes that are no answers     0.000" in table(figures)


def test_earlier_questions_and_the_one_article_are_handed_on(tmp_path: Path) -> None:
    entry = {"id": "d2-1", "kind": "followup", "question": "And when?", "after": ["Who?", "Where?"], "within": "a.txt"}
    path = tmp_path / "questions.jsonl"
    path.write_text(json.dumps({**entry, "expect": "answer", "gold": [], "count": None}), encoding="utf-8")
    assistant = Scripted()
    ask_all(assistant, read_news_questions(path), Roles(blocks_at))
    assert assistant.asked == [("Who?", 0, "a.txt"), ("Where?", 1, "a.txt"), ("And when?", 2, "a.txt")]


def test_a_quote_that_holds_an_answer_is_one(questions: Path) -> None:
    roles = Roles(blocks_at)
    both = TEXT[TEXT.index("What comes next") :].strip()
    assert [roles(quote("What comes next")), roles(quote(both))] == [Role.HEADING, Role.BODY]


def test_what_is_written_can_be_looked_at(questions: Path) -> None:
    first = read_news_questions(questions)[1]
    ((outcome, answer),) = ask_all(Scripted(), [first], Roles(blocks_at))
    told = json.loads(json.dumps(as_json(outcome, answer)))
    assert [(entry["line"], entry["role"], entry["right"]) for entry in told["quotes"]] == [
        (8, "heading", False),
        (1, "title", False),
        (10, "body", True),
    ]


def test_the_command_prints_both_parts_and_writes_them(
    questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Assistant, "over", lambda articles, index, reader: Scripted())
    output = tmp_path / "figures.json"
    main([str(tmp_path), str(questions), "--index", str(tmp_path / "index"), "--output", str(output)])
    printed = capsys.readouterr().out
    assert [line for line in printed.splitlines() if line in ("develop", "report")] == ["develop", "report"]
    told = json.loads(output.read_text(encoding="utf-8"))
    assert round(told["develop"]["not_answers"], 3) == 0.636
    assert told["report"]["plain_first"] == 1
    assert [answer["id"] for answer in told["answers"]] == [question[0] for question in QUESTIONS]
    main([str(tmp_path), str(questions), "--index", str(tmp_path / "index"), "--part", "report"])
    assert "develop" not in capsys.readouterr().out


@pytest.mark.parametrize("content", ["", "{}", "[1]", "not JSON"])
def test_a_file_that_has_no_news_questions_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(NewsQuestionsUnreadable, match=r"questions\.jsonl"):
        read_news_questions(path)
    with pytest.raises(NewsQuestionsUnreadable, match="missing"):
        read_news_questions(tmp_path / "missing.jsonl")


STUB = """
import json, pathlib, types
said = json.loads(pathlib.Path(__file__).with_name("said.json").read_text())
class Assistant:
    @classmethod
    def over(cls, articles, index): return cls()
    def ask(self, question, history=(), filters=None):
        answer = types.SimpleNamespace(**said[question])
        answer.quotes = [types.SimpleNamespace(**quote) for quote in answer.quotes]
        return answer
"""


@pytest.mark.skipif(not SHARED.exists(), reason="the shared evaluation data is not here")
def test_the_shared_script_counts_the_same(questions: Path, tmp_path: Path) -> None:
    stub = tmp_path / "stub" / "qa"
    stub.mkdir(parents=True)
    said = {}
    for question in ANSWERS:
        answer = Scripted().ask(question)
        quotes = [
            {name: getattr(q, name) for name in ("path", "text", "start_line", "end_line")} for q in answer.quotes
        ]
        known = {"found": answer.found, "score": answer.score, "count": getattr(answer, "count", None)}
        said[question] = {**known, "quotes": quotes}
    (stub / "said.json").write_text(json.dumps(said), encoding="utf-8")
    (stub / "__init__.py").write_text(STUB, encoding="utf-8")
    (stub / "filters.py").write_text("class Filters: pass\n", encoding="utf-8")
    command = [sys.executable, str(SHARED), "articles", str(questions), "index"]
    environment = os.environ | {"PYTHONPATH": str(stub.parent), "PYTHONUTF8": "1"}
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, check=True, timeout=60, text=True
    )
    *rows, last = done.stdout.strip().splitlines()
    theirs = json.loads(last)

    asked = ask_all(Scripted(), read_news_questions(questions), Roles(blocks_at))
    ours = figures_of([outcome for outcome, _ in asked])
    names = ("plain_first", "plain_any", "all_first", "silent", "auroc")
    assert {name: round(getattr(ours, name), 3) for name in names} == {name: theirs[name] for name in names}
    assert theirs["n"] == sum(kind.questions for kind in ours.kinds.values())
    for row in rows[1:]:
        kind, number, answered, first, some, *_other = row.split()
        mine = ours.kinds[kind]
        assert [f"{mine.questions}", f"{mine.answered:.2f}", f"{mine.first:.2f}", f"{mine.any:.2f}"] == [
            *(number, answered, first, some)
        ]
    assert next(row for row in rows if row.startswith("list")).endswith("items 1/2")
    assert next(row for row in rows if row.startswith("articles")).endswith("recall 1.00 precision 1.00")
