"""The command ``articleqa``: build, watch, ask, search, find, cite, check, verify, info, show, chat, passwd,
eval.

Results go to standard output, everything else to standard error. Exit codes: 0 an answer,
1 a named error, 2 wrong usage, 3 not in the articles, 4 an article or a citation is not what it was.
Errors are turned into messages and exit codes in `main`, nowhere else.
"""

import errno
import io
import os
import sys
from typing import Annotated, NoReturn

import typer

from index.errors import ArticleQAError
from shell import asking, building, checking, evaluating, serving, showing
from shell.messages import message
from shell.options import EXIT_ERROR, EXIT_INTERRUPTED
from shell.printing import notice, printable

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for command in (
    *(building.build, building.watch),
    *(asking.ask, asking.search, asking.find, asking.cite),
    *(checking.check, checking.verify, checking.info),
    showing.show,
    *(serving.chat, serving.passwd),
):
    app.command()(command)
app.command("eval")(evaluating.evaluate)


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


def main() -> NoReturn:
    """Entry point: named errors become a message and exit code 1."""
    _write_what_the_terminal_can_show()
    try:
        app()
    except SystemExit as ended:
        sys.exit(_written(ended.code))
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except ArticleQAError as error:
        notice(f"error: {printable(message(error))}")
        sys.exit(EXIT_ERROR)
    except OSError as error:
        if error.filename is not None:
            raise  # of a file; what is written to standard output has no name
        sys.exit(_unwritable(error))
    sys.exit(_written(0))


def _write_what_the_terminal_can_show() -> None:
    """A character that the terminal's encoding lacks is shown as its escape, and ends nothing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _written(code: str | int | None) -> str | int | None:
    """The exit code, once all that was printed has been taken; an error where it can't be."""
    if sys.stdout is None:
        notice("error: Standard output is closed, so that nothing could be printed.")
        return EXIT_ERROR
    try:
        sys.stdout.flush()
    except OSError as error:
        return _unwritable(error)
    return code


def _unwritable(error: OSError) -> int:
    """Whoever reads the output has gone, which needs no word; or there is no room for it."""
    sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 - or Python tries once more when it ends
    if error.errno != errno.EPIPE:
        notice(f"error: What is printed can't be written: {error.strerror}.")
    return EXIT_ERROR
