"""A conversation in, Markdown or JSON to take away out."""

import json
import re
from typing import Any

from chat.turns import Cited, Conversation, Turn
from qa import notes
from qa.citations import citations_json
from qa.types import AnswerKind, Listed


def as_json(turns: Conversation) -> str:
    """A conversation for programs: its citations for `articleqa check`, and each turn as it was."""
    citations = citations_json(*(turn.answer for turn in turns if turn.answer))
    return json.dumps({**citations, "conversation": [_turn_json(turn) for turn in turns]}, ensure_ascii=False, indent=2)


def _turn_json(turn: Turn) -> dict[str, Any]:
    said: dict[str, Any] = {"question": turn.question, "literally": turn.literally, "only_from": turn.narrowed}
    said |= {"generation": turn.generation, "rating": turn.rating}
    return {**said, "error": turn.error} if turn.answer is None else {**said, "answer": turn.answer.as_json()}


def as_markdown(turns: Conversation) -> str:
    """A conversation for people: questions as headings, quotes as block quotes with their places."""
    return "\n".join(_turn_markdown(turn) for turn in turns)


def _turn_markdown(turn: Turn) -> str:
    lines = [f"## {_plain(turn.question)}", ""]
    if turn.literally:
        lines += ["Asked as written.", ""]
    if turn.narrowed:
        lines += [f"Only from {_plain(turn.narrowed)}.", ""]
    if turn.answer is None:
        return "\n".join([*lines, f"Error: {_plain(turn.error)}", ""])
    answer = turn.answer
    said = [*notes.notes(answer), *([notes.leading(answer)] if answer.found else [answer.text])]
    for note in filter(None, said):
        lines += [_plain(note), ""]
    if certainty := notes.certainty_of(answer):
        lines += [f"*{certainty}*", ""]
    if not answer.found and turn.sources:
        lines += ["Nearest passages:", ""]
    listed = turn.listed if answer.kind in (AnswerKind.ARTICLES, AnswerKind.COUNT) else ()
    for number, article in enumerate(listed, 1):
        lines += [f"{number}. {_article(article)}", "", *(_quoted(article.best) if article.best else ())]
    for number, source in enumerate(turn.sources, 1):
        lines += [f"{number}.", *_quoted(source)]
    return "\n".join(lines)


def _quoted(source: Cited) -> list[str]:
    quoted = [f"   > {_plain(line)}" for line in re.split(r"\r\n|\r|\n", source.text)]
    return [*quoted, "", f"   {_place(source)}", ""]


def _article(listed: Listed) -> str:
    """An article that is an answer, on one line: its title, author, date, path and lines."""
    named = [_plain(value) for value in (listed.title, listed.source.author, listed.source.published) if value]
    lines = ", ".join(map(str, listed.lines))
    told = [f"line{'s' * (len(listed.lines) > 1)} {lines}"] if lines else []
    return " · ".join([*named, _code(listed.path), *told])


def _place(source: Cited) -> str:
    named = [_plain(value) for value in (source.title, source.author, source.published) if value]
    return " · ".join([*named, _code(source.citation)])


def _plain(text: str) -> str:
    """Text whose characters mean themselves in Markdown, on one line."""
    one_line = re.sub(r"\s+", lambda space: " " if {"\r", "\n"} & {*space[0]} else space[0], text)
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~$&-])", r"\\\1", one_line)


def _code(text: str) -> str:
    """Text as inline code, whatever backticks it holds."""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    space = " " if "`" in text else ""
    return f"{fence}{space}{text}{space}{fence}"
