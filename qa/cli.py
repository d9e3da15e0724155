"""The command ``articleqa``: build, watch, ask, search, cite, check, verify, info, chat.

Results go to standard output, everything else to standard error. Exit codes: 0 an answer,
1 a named error, 2 wrong usage, 3 not in the articles, 4 an article or a citation is not what it was.
"""

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

import index.cli
from index.cli import DEFAULT_INDEX, EXIT_DIFFERS, EXIT_ERROR, EXIT_NOT_FOUND, IndexOption, printable, progress_bars
from index.filters import Filters
from qa.retrieve import MAX_PASSAGES
from qa.types import NOT_FOUND, Answer, Passage, Quote

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command("build")(index.cli.build)
app.command("watch")(index.cli.watch)

DEFAULT_EVAL_INDEX = Path("index/evaluated")

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
QuestionArgument = Annotated[str, typer.Argument(help="The question, in quotation marks.", show_default=False)]

Since = Annotated[str, typer.Option(help="Only articles published on or after: 2023-09-19, 2023-09 or 2023.")]
Until = Annotated[str, typer.Option(help="Only articles published on or before.")]
Author = Annotated[str, typer.Option(help="Only articles whose author's name contains this.")]
PathPattern = Annotated[str, typer.Option("--path", help="Only articles whose path matches, such as '2023/*'.")]
TitlePattern = Annotated[str, typer.Option("--title", help="Only articles whose title matches.")]


def _tell_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"articleqa {version('articleqa')}")
        raise typer.Exit


@app.callback()
def _articleqa(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Ask a folder of articles; every answer is a verbatim quote with file and line."""


@app.command()
def ask(
    question: QuestionArgument,
    index: IndexOption = DEFAULT_INDEX,
    since: Since = "",
    until: Until = "",
    author: Author = "",
    path: PathPattern = "",
    title: TitlePattern = "",
    as_json: Json = False,
) -> None:
    """Answer a question with quotes. Exit code 3 if the articles don't say."""
    from qa.assistant import Assistant

    filters = Filters.parse(since, until, author, path, title)
    answer = Assistant.open(index).ask(question, filters=filters)
    if as_json:
        print(as_line(answer.as_json()))
    else:
        _print_answer(answer)
    if not answer.found:
        raise typer.Exit(EXIT_NOT_FOUND)


@app.command()
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
    from qa.assistant import Assistant

    filters = Filters.parse(since, until, author, path, title)
    passages = Assistant.open(index).search(question, k=count, filters=filters)
    if as_json:
        for passage in passages:
            print(as_line(passage.as_json()))
    else:
        _print_passages(passages)


@app.command()
def cite(question: QuestionArgument, index: IndexOption = DEFAULT_INDEX, as_json: Json = False) -> None:
    """Answer with citations only, to be handed on and checked. Exit code 3 if the articles don't say."""
    from qa.assistant import Assistant
    from qa.citations import citations_json

    answer = Assistant.open(index).ask(question)
    if as_json:
        print(as_line(citations_json(answer)))
    else:
        print(printable(answer.text))
    if not answer.found:
        raise typer.Exit(EXIT_NOT_FOUND)


@app.command()
def check(
    citations: Annotated[Path, typer.Argument(help="What `articleqa cite` printed, or a chat copied or exported.")],
    articles: Annotated[Path, typer.Option("--articles", help="The folder of articles.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Say of each citation whether it is valid, moved, changed or missing. Exit code 4 unless all are valid."""
    from qa.citations import check_citations, read_citations

    checks = check_citations(read_citations(citations), articles)
    if as_json:
        print(json.dumps([found.as_json() for found in checks]))
    for found in () if as_json else checks:
        now = f" → {found.location}" if found.state == "moved" else f" ({found.reason})" if found.reason else ""
        print(printable(f"{found.state}: {found.citation.location}{now}"))
    if any(found.state != "valid" for found in checks):
        raise typer.Exit(EXIT_DIFFERS)


@app.command()
def verify(index: IndexOption = DEFAULT_INDEX, as_json: Json = False) -> None:
    """Check every file of the index, and every article against its sha256. Exit code 4 if one differs."""
    from index.verify import verify as verify_index

    found = verify_index(index)
    if as_json:
        print(json.dumps(found.as_json()))
    else:
        print(f"Index {index}: whole, generation {found.generation}")
        print(f"Articles: {len(found.unchanged)} unchanged, {len(found.changed)} changed, {len(found.missing)} missing")
        for state, paths in (("changed", found.changed), ("missing", found.missing), ("new", found.new)):
            for path in paths:
                print(printable(f"  {state}: {path}"))
    if not found.whole:
        raise typer.Exit(EXIT_DIFFERS)


@app.command()
def info(index: IndexOption = DEFAULT_INDEX, as_json: Json = False) -> None:
    """Say what the index holds and whether the articles have changed since."""
    from index.build import changes
    from index.errors import ArticlesMissing
    from index.store import ArticleIndex

    opened = ArticleIndex.open(index)
    try:
        changed: list[str] | str = changes(opened)
    except ArticlesMissing as error:
        changed = str(error)
    facts = {
        "index": str(index),
        "generation": opened.generation,
        "created": opened.created,
        "articles_folder": str(opened.articles_folder),
        "articles": len(opened.rows.articles),
        "passages": len(opened.rows.chunks),
        "sentences": len(opened.rows.sentences),
        "model": opened.settings.model,
        "model_fingerprint": opened.settings.fingerprint,
        "dimension": opened.settings.dimension,
        "max_tokens": opened.settings.max_tokens,
        "changed_since": changed,
        "not_indexed": [{"path": entry.path, "reason": entry.reason} for entry in opened.rows.unread],
        "remarks": [{"path": entry.path, "reason": entry.notice} for entry in opened.rows.articles if entry.notice],
    }
    if as_json:
        print(json.dumps(facts))
        return
    for name, value in facts.items():
        print(f"{name.replace('_', ' ')}: {_one_line(value)}")


def _one_line(value: object) -> str:
    """A fact of `info` for people."""
    if not isinstance(value, list):
        return printable(str(value))
    lines = [f"{entry['path']}: {entry['reason']}" if isinstance(entry, dict) else str(entry) for entry in value]
    return "".join(f"\n  {printable(line)}" for line in lines) or "nothing"


@app.command()
def chat(
    index: IndexOption = DEFAULT_INDEX,
    host: Annotated[str, typer.Option(envvar="ARTICLEQA_HOST", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, envvar="ARTICLEQA_PORT", help="The port to listen on.")] = 7860,
    allow_upload: Annotated[bool, typer.Option("--allow-upload", help="Let readers add articles.")] = False,
    auth_file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Logins, one name:password a line.")
    ] = None,
    mcp: Annotated[bool, typer.Option("--mcp", help="Serve ask and search as tools for language models.")] = False,
    ratings: Annotated[
        Path | None,
        typer.Option(
            help="The file for thumbs up and down; by default ratings.jsonl in the index.", show_default=False
        ),
    ] = None,
    pace: Annotated[int, typer.Option(min=1, help="Questions a minute that one reader may ask.")] = 60,
) -> None:
    """Serve the chat in the browser."""
    import app as chat_app  # the one import against the direction: a command line starts everything

    chat_app.serve(index, host, port, chat_app.Options(allow_upload, ratings, pace, auth_file, mcp))


@app.command(name="eval")
def evaluate(
    articles: Annotated[Path, typer.Option(help="The folder of articles that the questions are about.")],
    questions: Annotated[Path, typer.Option(help="A JSON Lines file of questions, see qa/evaluate.py.")],
    sample: Annotated[int | None, typer.Option(min=1, help="Ask a fixed random sample of so many questions.")] = None,
    index: Annotated[
        Path, typer.Option("--index", help="Where the index for the evaluation is kept, apart from your own.")
    ] = DEFAULT_EVAL_INDEX,
    as_json: Json = False,
    output: Annotated[Path | None, typer.Option(help="Write the figures as JSON to this file, too.")] = None,
) -> None:
    """Measure retrieval, quotes and silence on a file of questions with gold lines."""
    from qa import evaluate as evaluation
    from qa.assistant import Assistant

    gold = evaluation.read_questions(questions, sample)
    with progress_bars() as progress:
        assistant = Assistant.over(articles, index=index, progress=progress)
        figures = evaluation.evaluate(assistant, gold, articles, progress)
    told = json.dumps(figures.as_json(), indent=2)
    if output:
        output.write_text(told + "\n", encoding="utf-8")
    print(told if as_json else evaluation.table(figures))
    if figures.verbatim != 1:
        raise typer.Exit(EXIT_ERROR)


_HALVES = re.compile("[\ud800-\udfff]")
"""What Python makes of bytes in a file's name that are not UTF-8; no output takes them."""


def as_line(value: object) -> str:
    """JSON on one line, everything that can be written as itself."""
    return _HALVES.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))


def _print_answer(answer: Answer) -> None:
    if answer.filters:
        print(printable(f"(Only articles {answer.filters}.)\n"))
    if answer.found:
        for number, quote in enumerate(answer.quotes, 1):
            _print_block(str(number), quote.text, f"{quote.citation}{_source(quote)}{_also(quote)}")
        return
    print(NOT_FOUND)
    if answer.passages:
        print("\nThe nearest passages, which may not answer:\n")
        _print_passages(answer.passages)


def _print_passages(passages: Sequence[Passage]) -> None:
    for number, passage in enumerate(passages, 1):
        _print_block(
            str(number),
            passage.text,
            f"{passage.location}  score {passage.score:.3f}{_source(passage)}{_also(passage)}",
        )


def _source(piece: Quote | Passage) -> str:
    return "".join(f" · {value}" for value in (piece.title, piece.author, piece.published) if value)


def _also(piece: Quote | Passage) -> str:
    return f" · also in {', '.join(piece.also_in)}" if piece.also_in else ""


def _print_block(number: str, text: str, source: str) -> None:
    """A numbered text with its source below, wrapped to the terminal if there is one."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=not sys.stdout.isatty())
    if not console.is_terminal:
        print(f"{number}. {printable(text)}\n   {printable(source)}\n")
        return
    console.print(Padding(Text.assemble((f"{number}. ", "bold"), printable(text)), (0, 0, 0, 0)))
    console.print(Padding(Text(printable(source), style="dim"), (0, 0, 1, 3)))


def main() -> NoReturn:
    """Entry point of the command ``articleqa``."""
    index.cli.run(app)
