"""Values in, lines that a terminal shows and can't be steered by out; progress bars."""

import contextlib
import json
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.build import BuildProgress

_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but tab and newline, overrides of the writing direction, and halves of characters, which Python
makes of bytes in a file's name that are not UTF-8."""


def printable(text: str) -> str:
    """Text that can't steer a terminal: what would is shown as its escape, ``\\x1b``."""
    return _STEERING.sub(lambda match: repr(match[0])[1:-1], text)


def on_one_line(text: str) -> str:
    """A path on one line, also where a file's name has line ends in it."""
    return printable(text.replace("\r", "\\r").replace("\n", "\\n"))


def as_line(value: object) -> str:
    """JSON on one line, everything as itself but what `printable` escapes, too."""
    return _STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))


def notice(message: str) -> None:
    """Tell something that is no result."""
    print(message, file=sys.stderr)


def print_block(number: str, text: str, source: str, strong: tuple[int, int] = (0, 0)) -> None:
    """A numbered text with its source below; wrapped, with the span `strong` of it bold, if there is a terminal."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=not sys.stdout.isatty())
    if not console.is_terminal:
        print(f"{number}. {printable(text)}\n   {printable(source)}\n")
        return
    start, end = strong
    parts = printable(text[:start]), (printable(text[start:end]), "bold"), printable(text[end:])
    console.print(Padding(Text.assemble((f"{number}. ", "bold"), *parts), (0, 0, 0, 0)))
    console.print(Padding(Text(printable(source), style="dim"), (0, 0, 1, 3)))


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
