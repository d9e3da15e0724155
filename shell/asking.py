"""The commands that ask: ``ask``, ``search``, ``find`` and ``cite``."""

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
    ReaderOption,
    Since,
    Switch,
    TitlePattern,
    Until,
)
from shell.printing import as_line, counted, print_block, printable

if TYPE_CHECKING:
    from qa import Answer, Passage, Quote
    from qa.types import Listed

LINES_SHOWN = 12
"""Numbers of lines that are printed of one article."""

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
        _print_articles(found)
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


def _print_answer(answer: "Answer") -> None:
    if answer.filters:
        print(printable(f"(Only articles {answer.filters}.)\n"))
    for told in _how_it_was_read(answer):
        print(printable(f"({told})\n"))
    if answer.found:
        for said in filter(None, (answer.told, answer.remark)):
            print(printable(f"{said}\n"))
        if not answer.quotes:
            _print_articles(answer.articles)
        for number, quote in enumerate(answer.quotes, 1):
            print_block(str(number), quote.text, f"{quote.citation}{_source(quote)}{_also(quote)}")
        return
    print(printable(answer.text))
    if answer.passages:
        print("\nThe nearest passages, which may not answer:\n")
        _print_passages(answer.passages)


def _print_articles(articles: "Sequence[Listed]") -> None:
    for number, article in enumerate(articles, 1):
        if best := article.best:
            others = [line for line in article.lines if line != best.start_line]
            print_block(str(number), best.text, f"{best.citation}{_source(best)}{_lines('also line', others)}")
        else:
            source = "".join(f" · {said}" for said in (article.source.author, article.source.published) if said)
            print_block(
                str(number), article.title or article.path, article.path + source + _lines("line", article.lines)
            )


def _lines(noun: str, numbers: "Sequence[int]") -> str:
    if not numbers:
        return ""
    more = f" and {len(numbers) - LINES_SHOWN} more" if len(numbers) > LINES_SHOWN else ""
    return f" · {noun}{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers[:LINES_SHOWN]))}{more}"


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
