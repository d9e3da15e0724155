"""The rebuild from the command line: ``python -m index build``, and ``build`` of ``articleqa``.

Results go to standard output, progress and notices to standard error. Errors are turned into
messages and exit codes in `run`, nowhere else.
"""

import contextlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from index.errors import ArticleQAError, ArticlesMissing

if TYPE_CHECKING:
    from index.build import BuildProgress, BuildReport

DEFAULT_INDEX = Path("index/built")
DEFAULT_ARTICLES = Path("seeds")

EXIT_ERROR = 1
EXIT_NOT_FOUND = 3
EXIT_INTERRUPTED = 130
EXIT_DIFFERS = 4
"""Files that could not be read (`build --strict`), have changed (`verify`) or do not hold a quote (`check`)."""

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


ArticlesArgument = Annotated[
    Path | None,
    typer.Argument(
        help="The folder of articles. Without it: the folder indexed before, at first seeds.", show_default=False
    ),
]
FollowOption = Annotated[
    bool | None,
    typer.Option(
        "--follow-links/--no-follow-links",
        help="Read linked folders, and linked files outside the folder. Without it: as before, at first no.",
    ),
]
SizeOption = Annotated[
    float | None,
    typer.Option(
        "--max-file-mb", min=0.001, help="Leave larger files out, and name them. Without it: as before, at first 100."
    ),
]


@app.command()
def build(
    articles: ArticlesArgument = None,
    index: IndexOption = DEFAULT_INDEX,
    model: ModelOption = None,
    full: Annotated[bool, typer.Option("--full", help="Read and embed everything again.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with code 4 if a file or record could not be read.")
    ] = False,
    follow_links: FollowOption = None,
    max_file_mb: SizeOption = None,
) -> None:
    """Bring the index up to date with a folder of articles."""
    from index.build import build as build_index

    with progress_bars() as progress:
        report = build_index(
            _folder(articles, index),
            index,
            model,
            full=full,
            follow_links=follow_links,
            max_bytes=None if max_file_mb is None else round(max_file_mb * 1e6),
            progress=progress,
        )
    print_report(report)
    if strict and report.unread:
        raise typer.Exit(EXIT_DIFFERS)


@app.command()
def watch(
    articles: ArticlesArgument = None,
    index: IndexOption = DEFAULT_INDEX,
    model: ModelOption = None,
) -> None:
    """Build, and build again whenever the folder changes, until it is interrupted."""
    from index.watch import watch as watch_folder

    folder = _folder(articles, index)
    notice(f"Watching {folder}; Ctrl-C ends it.")
    for outcome in watch_folder(folder, index, model):
        if isinstance(outcome, ArticleQAError):
            notice(f"error: {printable(str(outcome))}")
        else:
            print_report(outcome)
            sys.stdout.flush()


def _folder(named: Path | None, index: Path) -> Path:
    """The articles folder that was named, else the one of the index, at first the seeds."""
    from index.build import recorded

    if named:
        return named
    before = recorded(index)
    if before.lost:
        raise ArticlesMissing(
            f"The index in {index} is too damaged to tell which articles it is of. "
            f"Name their folder: articleqa build ARTICLES --index {index}"
        )
    return before.articles_folder or DEFAULT_ARTICLES


@app.command("evaluate-html")
def evaluate_html(
    folder: Annotated[Path, typer.Argument(help="A folder with html/ID.html.gz and ground-truth.json.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, every page with its figures.")] = False,
) -> None:
    """Measure how much of the article body of web pages is read, and how much else."""
    from index.evaluate_html import evaluate

    figures = evaluate(folder)
    if as_json:
        print(json.dumps(figures.as_json()))
        return
    print(
        f"{len(figures.pages)} pages: precision {figures.precision:.4f}, recall {figures.recall:.4f}, "
        f"F1 {figures.f1:.4f}, {len(figures.lost)} lost"
    )


MAX_LISTED = 20
"""Remarks printed after a build; `info` lists all."""


def print_report(report: "BuildReport") -> None:
    """Tell what a build found and did."""
    if report.repaired:
        notice(f"The old index could not be used and was replaced: {report.repaired}")
    what = f"{_count(report.articles, 'article')}, {_count(report.chunks, 'passage')}"
    state = f"Indexed {what}" if report.written else f"Nothing has changed: {what}"
    print(f"{state} in {report.folder} ({report.seconds:.1f} s, {report.embedded} embedded).")
    if report.written:
        for verb, paths in (("added", report.added), ("changed", report.changed), ("removed", report.removed)):
            print(f"  {verb}: {len(paths)}") if paths else None
    if report.unread:
        records = sum(bool(unread.file) and unread.file != unread.path for unread in report.unread)
        kinds = ((len(report.unread) - records, "file"), (records, "record"))
        print(f"Not indexed: {', '.join(_count(number, noun) for number, noun in kinds if number)}")
    for unread in report.unread:
        print(f"  {_one_line(unread.path)}: {_one_line(unread.reason)}")
    if report.notices:
        print(f"Read with a remark: {_count(len(report.notices), 'article')}")
    for path, remark in report.notices[:MAX_LISTED]:
        print(f"  {_one_line(path)}: {remark}")
    if len(report.notices) > MAX_LISTED:
        print(f"  and {len(report.notices) - MAX_LISTED} more (articleqa info lists them)")


def _one_line(text: str) -> str:
    """A path on one line, also where a file's name has line ends in it."""
    return printable(text.replace("\r", "\\r").replace("\n", "\\n"))


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
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except ArticleQAError as error:
        print(f"error: {printable(str(error))}", file=sys.stderr)
        sys.exit(EXIT_ERROR)
    sys.exit(0)
