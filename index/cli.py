"""The rebuild from the command line: ``python -m index build``, and ``build`` of ``articleqa``.

Results go to standard output, progress and notices to standard error. Errors are turned into
messages and exit codes in `run`, nowhere else.
"""

import contextlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from index.errors import ArticleQAError

if TYPE_CHECKING:
    from index.build import BuildProgress, BuildReport

DEFAULT_INDEX = Path("index/built")
DEFAULT_ARTICLES = Path("seeds")

EXIT_ERROR = 1
EXIT_NOT_FOUND = 3

IndexOption = Annotated[
    Path, typer.Option("--index", envvar="ARTICLEQA_INDEX", help="The folder that holds the index.")
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="A sentence-transformers model, by hub name or folder. "
        "Without it: the model that the index was built with, at first all-MiniLM-L6-v2.",
    ),
]

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def _index() -> None:
    """Build the index over a folder of articles."""


@app.command()
def build(
    articles: Annotated[
        Path | None,
        typer.Argument(
            help="The folder of articles. Without it: the folder indexed before, at first seeds.", show_default=False
        ),
    ] = None,
    index: IndexOption = DEFAULT_INDEX,
    model: ModelOption = None,
    full: Annotated[bool, typer.Option("--full", help="Read and embed everything again.")] = False,
) -> None:
    """Bring the index up to date with a folder of articles."""
    from index.build import build as build_index
    from index.build import recorded_sources
    from index.embedding import DEFAULT_MODEL

    articles_before, model_before = recorded_sources(index)
    with progress_bars() as progress:
        report = build_index(
            articles or articles_before or DEFAULT_ARTICLES,
            index,
            model or model_before or DEFAULT_MODEL,
            full=full,
            progress=progress,
        )
    _print_report(report)


def _print_report(report: "BuildReport") -> None:
    if report.repaired:
        notice(f"The old index could not be used and was replaced: {report.repaired}")
    what = f"{_count(report.articles, 'article')}, {_count(report.chunks, 'passage')}"
    state = f"Indexed {what}" if report.written else f"Nothing has changed: {what}"
    print(f"{state} in {report.folder} ({report.seconds:.1f} s, {report.embedded} embedded).")
    if report.written:
        for verb, paths in (("added", report.added), ("changed", report.changed), ("removed", report.removed)):
            print(f"  {verb}: {len(paths)}") if paths else None
    if report.unread:
        print(f"Not indexed: {_count(len(report.unread), 'file')}")
    for unread in report.unread:
        print(f"  {printable(unread.path)}: {unread.reason}")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but tab and newline, overrides of the writing direction, halves of characters."""


def printable(text: str) -> str:
    """Text that can't steer a terminal: what would is shown as its escape, ``\\x1b``."""
    return _STEERING.sub(lambda match: repr(match[0])[1:-1], text)


def notice(message: str) -> None:
    """Tell something that is no result."""
    print(message, file=sys.stderr)


@contextlib.contextmanager
def progress_bars() -> "Iterator[BuildProgress | None]":
    """Bars on standard error while a build goes on, if that is a terminal; else nothing."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield show


def run(application: typer.Typer) -> NoReturn:
    """Run a command line: named errors become a message and exit code 1."""
    try:
        application()
    except ArticleQAError as error:
        print(f"error: {printable(str(error))}", file=sys.stderr)
        sys.exit(EXIT_ERROR)
    sys.exit(0)
