"""The commands that ask: ``ask``, ``search``, ``find`` and ``cite``."""

from typing import Annotated

import typer

from index.counting import counted
from index.places import DEFAULT_INDEX
from shell.answers import print_answer, print_articles, print_passages
from shell.options import (
    EXIT_NOT_FOUND,
    Author,
    IndexOption,
    Json,
    Literally,
    PathPattern,
    QuestionArgument,
    ReaderOption,
    Since,
    Switch,
    TitlePattern,
    Until,
)
from shell.printing import as_line, printable

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
    reader: ReaderOption = Switch.ON,
    as_json: Json = False,
) -> None:
    """Answer a question with quotes. Exit code 3 if the articles don't say."""
    from qa import Assistant, Filters

    filters = Filters.parse(since, until, author, path, title)
    answer = Assistant.open(index, reader=reader is Switch.ON).ask(question, filters=filters, literally=literally)
    if as_json:
        print(as_line(answer.as_json()))
    else:
        print_answer(answer)
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
        print_passages(passages)


def find(
    words: Annotated[list[str], typer.Argument(help="Words that stand one after the other.", show_default=False)],
    index: IndexOption = DEFAULT_INDEX,
    since: Since = "",
    until: Until = "",
    author: Author = "",
    path: PathPattern = "",
    title: TitlePattern = "",
    as_json: Json = False,
) -> None:
    """List every article whose text holds some words, with the lines. Exit code 3 if none does."""
    from qa import Assistant, Filters

    filters = Filters.parse(since, until, author, path, title)
    found = Assistant.open(index).find(" ".join(words), filters)
    if as_json:
        for article in found:
            print(as_line(article.as_json()))
    else:
        print_articles(found)
        lines = sum(len(article.lines) for article in found)
        print(f"{counted(len(found), 'article')}, {counted(lines, 'line')}.")
    if not found:
        raise typer.Exit(EXIT_NOT_FOUND)


def cite(
    question: QuestionArgument,
    index: IndexOption = DEFAULT_INDEX,
    reader: ReaderOption = Switch.ON,
    as_json: Json = False,
) -> None:
    """Answer with citations only, to be handed on and checked. Exit code 3 if the articles don't say."""
    from qa import Assistant
    from qa.citations import citations_json

    answer = Assistant.open(index, reader=reader is Switch.ON).ask(question)
    if as_json:
        print(as_line(citations_json(answer)))
    else:
        print(printable(answer.text))
    if not answer.found:
        raise typer.Exit(EXIT_NOT_FOUND)
