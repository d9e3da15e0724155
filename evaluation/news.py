"""An assistant over news articles and questions with gold lines in, figures by kind out.

``python -m evaluation.news ARTICLES QUESTIONS --index FOLDER [--output JSON] [--part develop|report]``. It asks through
the public API like everybody else; nothing here changes how an answer is made. Questions to develop on (d1, d2) and to
report (d3) are counted apart.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from evaluation.news_figures import NewsFigures, Outcome, figures_of, table
from evaluation.news_questions import NewsQuestion, read_news_questions
from index.filters import NO_FILTERS, Filters
from index.types import ANSWERING, Block, Role
from qa import Answer, Assistant, Quote

PARTS = ("develop", "report")

RoleOf = Callable[[Quote], Role]


class Asked(Protocol):
    """What is asked: `Assistant`, or a test's."""

    def ask(self, question: str, history: Sequence[Answer] = (), filters: Filters = NO_FILTERS) -> Answer:
        """As `Assistant.ask`."""


def ask_all(assistant: Asked, questions: Sequence[NewsQuestion], role_of: RoleOf) -> list[tuple[Outcome, Answer]]:
    """Ask every question, after those that came before it in its conversation.

    Args:
        assistant: over the articles that the questions are about.
        questions: see `read_news_questions`.
        role_of: the role of what is quoted.
    """
    found = []
    for question in questions:
        filters = Filters.parse(path=question.within) if question.within else NO_FILTERS
        history: list[Answer] = []
        for earlier in question.after:
            history.append(assistant.ask(earlier, history, filters=filters))
        started = time.perf_counter()
        answer = assistant.ask(question.question, history, filters=filters)
        found.append((_outcome(question, answer, role_of, time.perf_counter() - started), answer))
    return found


def _outcome(question: NewsQuestion, answer: Answer, role_of: RoleOf, seconds: float) -> Outcome:
    """What an answer comes to. Articles, counts and words for the score are taken where the product has them."""
    listed = {article.path for article in answer.articles}
    return Outcome(
        question=question,
        found=answer.found,
        score=answer.score,
        certainty=answer.certainty,
        hits=tuple(tuple(gold.answered_by(quote) for gold in question.gold) for quote in answer.quotes),
        roles=tuple(map(role_of, answer.quotes)),
        articles=frozenset(listed or {quote.path for quote in answer.quotes}),
        count=answer.count,
        seconds=seconds,
    )


class Roles:
    """The role of a quote, by the structure of the article that it is from.

    Args:
        blocks: gives the blocks of the article at a path, see `Snapshot.blocks`.
    """

    def __init__(self, blocks: Callable[[str], Sequence[Block]]) -> None:
        self._blocks = blocks

    def __call__(self, quote: Quote) -> Role:
        """The first role in it that can answer, else the first one."""
        blocks = self._blocks(quote.path)
        roles = [block.role for block in blocks if block.start < quote.end and quote.start < block.end]
        return next((role for role in roles if role in ANSWERING), roles[0])


def as_json(outcome: Outcome, answer: Answer) -> dict[str, Any]:
    """A question and what came back, to look at."""
    quotes = [
        {"path": quote.path, "line": quote.start_line, "text": quote.text, "role": role, "right": any(hits)}
        for quote, role, hits in zip(answer.quotes, outcome.roles, outcome.hits, strict=True)
    ]
    asked = outcome.question
    told = {"id": asked.id, "kind": asked.kind, "question": asked.question, "first": outcome.first}
    return told | {"found": outcome.found, "score": outcome.score, "quotes": quotes, "count": outcome.count}


def main(arguments: Sequence[str] | None = None) -> None:
    """Build what is missing, ask, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("articles", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--index", type=Path, required=True, help="where the index of the articles is kept")
    parser.add_argument("--output", type=Path, help="write figures and answers as JSON to this file, too")
    parser.add_argument("--part", choices=PARTS, help="ask only the questions of this part")
    parser.add_argument("--reader", choices=("on", "off"), default="on", help="whether the reader reads what is found")
    chosen = parser.parse_args(arguments)
    questions = read_news_questions(chosen.questions)
    assistant = Assistant.over(chosen.articles, index=chosen.index, reader=chosen.reader == "on")
    assistant.ask("warm up")
    roles = Roles(assistant.snapshot.blocks)
    parts: dict[str, NewsFigures] = {}
    answers: list[dict[str, Any]] = []
    for part in [chosen.part] if chosen.part else PARTS:
        asked = ask_all(assistant, [question for question in questions if question.part == part], roles)
        answers += [as_json(outcome, answer) for outcome, answer in asked]
        parts[part] = figures_of([outcome for outcome, _answer in asked])
        print(f"{part}\n{table(parts[part])}\n", flush=True)
    if chosen.output:
        told = {part: figures.as_json() for part, figures in parts.items()} | {"answers": answers}
        chosen.output.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
