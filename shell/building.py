"""The commands that make an index: ``build`` and ``watch``."""

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index.counting import counted
from index.errors import ArticleQAError
from index.places import DEFAULT_INDEX, open_store
from shell.messages import FolderNotNamed, message, reason_with_way
from shell.options import DEFAULT_ARTICLES, EXIT_DIFFERS, ArticlesArgument, IndexOption, ModelOption
from shell.printing import notice, on_one_line, printable, progress_bars

if TYPE_CHECKING:
    from index.build import BuildReport

MAX_LISTED = 20
"""Remarks printed after a build; `info` lists all."""

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
        "--max-file-mb",
        min=0.001,
        max=1_000_000,
        help="Leave larger files out, and name them. Without it: as before, at first 100.",
    ),
]
FullOption = Annotated[bool, typer.Option("--full", help="Read and embed everything again.")]
WorkersOption = Annotated[
    int, typer.Option("--workers", min=0, help="Processes that split and embed; 0: the threads of this one.")
]
StrictOption = Annotated[bool, typer.Option("--strict", help="Exit with code 4 if a file or record could not be read.")]


def build(
    articles: ArticlesArgument = None,
    index: IndexOption = DEFAULT_INDEX,
    model: ModelOption = None,
    full: FullOption = False,
    strict: StrictOption = False,
    follow_links: FollowOption = None,
    max_file_mb: SizeOption = None,
    workers: WorkersOption = 0,
) -> None:
    """Bring the index up to date with a folder of articles."""
    from index.build import build as build_index
    from index.workers import process_pool

    with progress_bars() as progress, process_pool(workers) if workers else contextlib.nullcontext() as executor:
        report = build_index(
            _folder(articles, index),
            index,
            model,
            full=full,
            follow_links=follow_links,
            max_bytes=None if max_file_mb is None else round(max_file_mb * 1e6),
            progress=progress,
            executor=executor,
            in_flight=workers + 1,
        )
    print_report(report)
    if strict and report.unread:
        raise typer.Exit(EXIT_DIFFERS)


def watch(
    articles: ArticlesArgument = None,
    index: IndexOption = DEFAULT_INDEX,
    model: ModelOption = None,
) -> None:
    """Build, and build again whenever the folder changes, until it is interrupted."""
    from index.watch import watch as watch_folder

    folder = _folder(articles, index)
    notice(f"Watching {printable(str(folder))}; Ctrl-C ends it.")
    for outcome in watch_folder(folder, index, model):
        if isinstance(outcome, ArticleQAError):
            notice(f"error: {printable(message(outcome))}")
        else:
            print_report(outcome)
            sys.stdout.flush()


def _folder(named: Path | None, index: Path) -> Path:
    """The articles folder that was named, else the one of the index, at first the seeds."""
    if named:
        return named
    before = open_store(index).recorded()
    if before.lost:
        raise FolderNotNamed(index)
    return before.articles_folder or DEFAULT_ARTICLES


def print_report(report: "BuildReport") -> None:
    """Tell what a build found and did."""
    if report.repaired:
        notice(f"The old index could not be used and was replaced: {printable(report.repaired)}")
    what = f"{counted(report.articles, 'article')}, {counted(report.chunks, 'passage')}"
    state = f"Indexed {what}" if report.written else f"Nothing has changed: {what}"
    print(f"{state} in {printable(report.place)} ({report.seconds:.1f} s, {report.embedded} embedded).")
    if report.written:
        for verb, paths in (("added", report.added), ("changed", report.changed), ("removed", report.removed)):
            print(f"  {verb}: {len(paths)}") if paths else None
    if report.unread:
        records = sum(bool(unread.file) and unread.file != unread.path for unread in report.unread)
        kinds = ((len(report.unread) - records, "file"), (records, "record"))
        print(f"Not indexed: {', '.join(counted(number, noun) for number, noun in kinds if number)}")
    for unread in report.unread:
        print(f"  {on_one_line(unread.path)}: {on_one_line(reason_with_way(unread.reason))}")
    if report.notices:
        print(f"Read with a remark: {counted(len(report.notices), 'article')}")
    for path, remark in report.notices[:MAX_LISTED]:
        print(f"  {on_one_line(path)}: {on_one_line(remark)}")
    if len(report.notices) > MAX_LISTED:
        print(f"  and {len(report.notices) - MAX_LISTED} more (articleqa info lists them)")
