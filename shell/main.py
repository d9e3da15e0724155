"""The command ``articleqa``: build, watch, ask, search, find, cite, check, verify, info, show, chat, passwd,
eval.

Results go to standard output, everything else to standard error. Exit codes: 0 an answer,
1 a named error, 2 wrong usage, 3 not in the articles, 4 an article or a citation is not what it was.
Errors are turned into messages and exit codes in `main`, nowhere else.
"""

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
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except ArticleQAError as error:
        notice(f"error: {printable(message(error))}")
        sys.exit(EXIT_ERROR)
    sys.exit(0)
