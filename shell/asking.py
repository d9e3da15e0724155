"""The commands that ask: ``ask``, ``search`` and ``cite``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from index.places import DEFAULT_INDEX
from shell.options import (
    EXIT_NOT_FOUND,
    Author,
    IndexOption,
    Json,
    Literally,
    PathPattern,
    QuestionArgument,
    Since,
    TitlePattern,
    Until,
)
from shell.printing import as_line, print_block, printable

if TYPE_CHECKING:
    from qa import Answer, Passage, Quote

MAX_PASSAGES = 100
"""That of `qa.retrieve`, which takes tenths of a second to import (tests/test_cli.py compares)."""


def ask(
    question: QuestionArgument,
    index: IndexOption = DEFAULT_INDEX,
    since: Since = "",
    until: Until = "",
    author: Author = "",
    path: PathPattern = "",
    title: TitlePattern = "",
    literally: Literally = False,
    as_json: Json = False,
) -> None:
    """Answer a question with quotes. Exit code 3 if the articles don't say."""
    from qa import Assistant, Filters

    filters = Filters.parse(since, until, author, path, title)
    answer = Assistant.open(index).ask(question, filters=filters, literally=literally)
    if as_json:
        print(as_line(answer.as_json()))
    else:
        _print_answer(answer)
    if not answer.found:
        raise typer.Exit(EXIT_NOT_FOUND)


def search(
    question: QuestionArgument,
    count: Annotated[int, typer.Option("-k", min=1, max=MAX_PASSAGES, help="How many passages.")] = 5,
    index: IndexOption = DEFAULT_INDEX,
    since: Since = "",
    until: Until = "",
    author: Author = "",
    path: PathPattern = "",
    title: TitlePattern = "",
    as_json: Json = False,
) -> None:
    """List the passages nearest to a question, best first."""
    from qa import Assistant, Filters

    filters = Filters.parse(since, until, author, path, title)
    passages = Assistant.open(index).search(question, k=count, filters=filters)
    if as_json:
        for passage in passages:
            print(as_line(passage.as_json()))
    else:
        _print_passages(passages)


def cite(question: QuestionArgument, index: IndexOption = DEFAULT_INDEX, as_json: Json = False) -> None:
    """Answer with citations only, to be handed on and checked. Exit code 3 if the articles don't say."""
    from qa import Assistant
    from qa.citations import citations_json

    answer = Assistant.open(index).ask(question)
    if as_json:
        print(as_line(citations_json(answer)))
    else:
        print(printable(answer.text))
    if not answer.found:
        raise typer.Exit(EXIT_NOT_FOUND)


def _print_answer(answer: "Answer") -> None:
    if answer.filters:
        print(printable(f"(Only articles {answer.filters}.)\n"))
    for told in _how_it_was_read(answer):
        print(printable(f"({told})\n"))
    if answer.found:
        for number, quote in enumerate(answer.quotes, 1):
            print_block(str(number), quote.text, f"{quote.citation}{_source(quote)}{_also(quote)}")
        return
    print(answer.text)
    if answer.passages:
        print("\nThe nearest passages, which may not answer:\n")
        _print_passages(answer.passages)


def _how_it_was_read(answer: "Answer") -> list[str]:
    """What was read into a question, and how it is taken as it stands."""
    told = []
    if answer.corrected:
        words = ", ".join(f"“{read}” for “{written}”" for written, read in answer.corrected)
        told.append(f"Read {words}; --literally takes the question as it stands.")
    if answer.period:
        told.append(f"What is of the time “{answer.period.words}” comes first; --literally lifts that.")
    return [*told, answer.remark] if answer.remark else told


def _print_passages(passages: "Sequence[Passage]") -> None:
    for number, passage in enumerate(passages, 1):
        place = f"{passage.location}  score {passage.score:.3f}"
        print_block(str(number), passage.text, f"{place}{_source(passage)}{_also(passage)}")


def _source(piece: "Quote | Passage") -> str:
    return "".join(f" · {value}" for value in (piece.title, piece.author, piece.published) if value)


def _also(piece: "Quote | Passage") -> str:
    return f" · also in {', '.join(piece.also_in)}" if piece.also_in else ""
