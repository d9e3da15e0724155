"""The command that serves the page: ``chat``."""

from pathlib import Path
from typing import Annotated

import typer

from index.places import DEFAULT_INDEX
from shell.options import IndexOption, ReaderOption, Switch

HostOption = Annotated[str, typer.Option(envvar="ARTICLEQA_HOST", help="The address to listen on.")]
PortOption = Annotated[int, typer.Option(min=1, max=65535, envvar="ARTICLEQA_PORT", help="The port to listen on.")]
LoginsOption = Annotated[
    Path | None, typer.Option("--auth-file", exists=True, dir_okay=False, help="Logins, one name:password a line.")
]
RatingsOption = Annotated[
    Path | None,
    typer.Option(help="The file for thumbs up and down; by default ratings.jsonl in the index.", show_default=False),
]


def chat(
    index: IndexOption = DEFAULT_INDEX,
    host: HostOption = "127.0.0.1",
    port: PortOption = 7860,
    allow_upload: Annotated[bool, typer.Option("--allow-upload", help="Let readers add articles.")] = False,
    auth_file: LoginsOption = None,
    mcp: Annotated[bool, typer.Option("--mcp", help="Serve ask and search as tools for language models.")] = False,
    ratings: RatingsOption = None,
    reader: ReaderOption = Switch.ON,
    pace: Annotated[int, typer.Option(min=1, help="Questions a minute that one reader may ask.")] = 60,
) -> None:
    """Serve the chat in the browser."""
    import app

    options = app.Options(
        allow_upload, ratings, questions_a_minute=pace, logins=auth_file, mcp=mcp, reader=reader is Switch.ON
    )
    app.serve(index, host, port, options)
