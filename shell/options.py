"""Options and arguments that several commands take, and the exit codes."""

import enum
from pathlib import Path
from typing import Annotated

import typer

from index.places import DEFAULT_INDEX, OLD_INDEX, default_index
from shell.printing import notice

EXIT_ERROR = 1
EXIT_NOT_FOUND = 3
EXIT_DIFFERS = 4
"""Files that could not be read (`build --strict`), have changed (`verify`) or do not hold a quote (`check`)."""
EXIT_INTERRUPTED = 130

DEFAULT_EVAL_INDEX = Path("articleqa-eval-index")
DEFAULT_ARTICLES = Path("seeds")


def _index_folder(context: typer.Context, parameter: typer.CallbackParam, named: Path) -> Path:
    """The folder that was named; if none was, where an index is by default."""
    source = context.get_parameter_source(str(parameter.name))
    if source is None or source.name != "DEFAULT":
        return named
    found = default_index()
    if found == OLD_INDEX:
        notice(
            f"The index in {OLD_INDEX} is used, where it was by default before. "
            f"Move it: mv {OLD_INDEX} {DEFAULT_INDEX}, or name it: --index {OLD_INDEX}"
        )
    return found


IndexOption = Annotated[
    Path,
    typer.Option("--index", envvar="ARTICLEQA_INDEX", callback=_index_folder, help="The folder that holds the index."),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="A sentence-transformers model, by hub name or folder. "
        "Without it: the model that the index was built with, at first all-MiniLM-L6-v2.",
    ),
]
ArticlesArgument = Annotated[
    Path | None,
    typer.Argument(
        help="The folder of articles. Without it: the folder indexed before, at first seeds.", show_default=False
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Literally = Annotated[
    bool, typer.Option("--literally", help="Take the question as it stands: correct no word, prefer no time.")
]


class Switch(enum.StrEnum):
    """On or off."""

    ON = "on"
    OFF = "off"


ReaderOption = Annotated[
    Switch, typer.Option("--reader", envvar="ARTICLEQA_READER", help="Whether the reader reads what was found.")
]
QuestionArgument = Annotated[str, typer.Argument(help="The question, in quotation marks.", show_default=False)]

Since = Annotated[str, typer.Option(help="Only articles published on or after: 2023-09-19, 2023-09 or 2023.")]
Until = Annotated[str, typer.Option(help="Only articles published on or before.")]
Author = Annotated[str, typer.Option(help="Only articles whose author's name contains this.")]
PathPattern = Annotated[str, typer.Option("--path", help="Only articles whose path matches, such as '2023/*'.")]
TitlePattern = Annotated[str, typer.Option("--title", help="Only articles whose title matches.")]
