"""A conversation in, Markdown or JSON to take away out."""

import json
import re
from typing import Any

from chat.turns import Cited, Conversation, Turn
from qa.citations import citations_json


def as_json(turns: Conversation) -> str:
    """A conversation for programs: its citations for `articleqa check`, and each turn as it was."""
    citations = citations_json(*(turn.answer for turn in turns if turn.answer))
    return json.dumps({**citations, "conversation": [_turn_json(turn) for turn in turns]}, ensure_ascii=False, indent=2)


def _turn_json(turn: Turn) -> dict[str, Any]:
    said = {"question": turn.question, "generation": turn.generation, "only_from": turn.narrowed, "rating": turn.rating}
    return {**said, "error": turn.error} if turn.answer is None else {**said, "answer": turn.answer.as_json()}


def as_markdown(turns: Conversation) -> str:
    """A conversation for people: questions as headings, quotes as block quotes with their places."""
    return "\n".join(_turn_markdown(turn) for turn in turns)


def _turn_markdown(turn: Turn) -> str:
    lines = [f"## {_plain(turn.question)}", ""]
    if turn.narrowed:
        lines += [f"Only from {_plain(turn.narrowed)}.", ""]
    if turn.answer is None:
        return "\n".join([*lines, f"Error: {_plain(turn.error)}", ""])
    if not turn.answer.found:
        lines += ["The articles don't answer that. Nearest passages:", ""]
    for number, source in enumerate(turn.sources, 1):
        quoted = "\n".join(f"   > {_plain(line)}" for line in re.split(r"\r\n|\r|\n", source.text))
        lines += [f"{number}.", quoted, "", f"   {_place(source)}", ""]
    return "\n".join(lines)


def _place(source: Cited) -> str:
    named = [_plain(value) for value in (source.title, source.author, source.published) if value]
    return " · ".join([*named, _code(source.citation)])


def _plain(text: str) -> str:
    """Text whose characters mean themselves in Markdown, on one line."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~$&-])", r"\\\1", re.sub(r"\s*[\r\n]+\s*", " ", text))


def _code(text: str) -> str:
    """Text as inline code, whatever backticks it holds."""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    space = " " if "`" in text else ""
    return f"{fence}{space}{text}{space}{fence}"
