"""What the product answers, written down and compared: the net under a change that should change nothing.

    python -m evaluation.answers record ARTICLES QUESTIONS OUT.jsonl [--index FOLDER]
    python -m evaluation.answers compare BEFORE.jsonl AFTER.jsonl

A line of OUT holds an answer as `Answer.as_json` gives it: passages, quotes and scores. It asks through the public
API only, so the same file runs over an older version of the code. Questions are JSON Lines with ``id`` and ``question`` and,
where there are any, ``after`` (earlier questions of the conversation) and ``within`` (the one article asked).
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from qa import Answer, ArticleQAError, Assistant, Filters

SHOWN = 10
"""Differences that are printed; the others are counted."""


def answers_of(assistant: Assistant, entry: dict[str, Any]) -> dict[str, Any]:
    """The answer to one line of a question file, or the error that it met, as JSON."""
    filters = Filters.parse(path=entry.get("within") or "")
    history: list[Answer] = []
    try:
        for earlier in entry.get("after") or []:
            history.append(assistant.ask(earlier, history, filters))
        return {"id": entry["id"], **assistant.ask(entry["question"], history, filters).as_json()}
    except ArticleQAError as error:
        return {"id": entry["id"], "question": entry["question"], "error": type(error).__name__}


def record(articles: Path, questions: Path, out: Path, index: Path) -> int:
    """Ask every question of a file and write the answers down, a line each; how many."""
    assistant = Assistant.over(articles, index=index)
    entries = [json.loads(line) for line in questions.read_text("utf-8").splitlines() if line.strip()]
    with out.open("w", encoding="utf-8") as file:
        for entry in entries:
            file.write(json.dumps(answers_of(assistant, entry), ensure_ascii=False) + "\n")
    return len(entries)


def differences(before: Path, after: Path) -> list[tuple[str, str]]:
    """Ids of answers that are not the same, each with the fields that differ."""
    old, new = (
        {found["id"]: found for found in map(json.loads, path.read_text("utf-8").splitlines())}
        for path in (before, after)
    )
    return [
        (name, ", ".join(_differing(old.get(name, {}), new.get(name, {}))))
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    ]


def _differing(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return sorted(field for field in old.keys() | new.keys() if old.get(field) != new.get(field))


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.answers")
    commands = parser.add_subparsers(dest="command", required=True)
    recording = commands.add_parser("record")
    for name in ("articles", "questions", "out"):
        recording.add_argument(name, type=Path)
    recording.add_argument("--index", type=Path, required=True)
    comparing = commands.add_parser("compare")
    for name in ("before", "after"):
        comparing.add_argument(name, type=Path)
    given = parser.parse_args()
    if given.command == "record":
        print(f"{record(given.articles, given.questions, given.out, given.index):,} answers in {given.out}")
        return
    found = differences(given.before, given.after)
    for name, fields in found[:SHOWN]:
        print(f"{name}: {fields}")
    print(f"{len(found):,} answers differ")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
