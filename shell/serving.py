"""The commands that serve the page: ``chat``, and ``passwd`` for its logins."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from index.places import DEFAULT_INDEX
from shell.options import IndexOption, ReaderOption, Switch
from shell.printing import notice

HostOption = Annotated[str, typer.Option(envvar="ARTICLEQA_HOST", help="The address to listen on.")]
PortOption = Annotated[int, typer.Option(min=1, max=65535, envvar="ARTICLEQA_PORT", help="The port to listen on.")]
LoginsOption = Annotated[
    Path | None, typer.Option("--auth-file", exists=True, dir_okay=False, help="Logins, one line of passwd each.")
]
RatingsOption = Annotated[
    Path | None,
    typer.Option(help="The file for thumbs up and down; by default ratings.jsonl in the index.", show_default=False),
]

OriginOption = Annotated[
    list[str] | None,
    typer.Option(help="An address that readers reach it by, like https://articles.example.", show_default=False),
]
ProxyOption = Annotated[
    bool, typer.Option("--behind-proxy", help="Believe a proxy on this machine who asks (X-Forwarded-For).")
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
    origin: OriginOption = None,
    behind_proxy: ProxyOption = False,
) -> None:
    """Serve the chat in the browser."""
    import app

    options = app.Options(
        allow_upload,
        ratings,
        questions_a_minute=pace,
        logins=auth_file,
        mcp=mcp,
        reader=reader is Switch.ON,
        origins=tuple(origin or ()),
        behind_proxy=behind_proxy,
    )
    app.serve(index, host, port, options)


def passwd(
    name: Annotated[str, typer.Argument(help="Of the login.", show_default=False)],
    token: Annotated[
        bool, typer.Option("--token", help="Make a token for a program; no password is asked for.")
    ] = False,
) -> None:
    """Print the line of a login for the file of --auth-file. Neither password nor token can be read from it."""
    from chat.logins import LoginUnusable, hash_password, login_line, make_token

    if token:
        told, kept = make_token()
        print(login_line(name, kept))
        notice(f"Its token, told only now: {told}")
        return
    login_line(name, "")
    password = getpass.getpass()
    if not password:
        raise LoginUnusable("An empty password keeps nobody out.")
    print(login_line(name, hash_password(password)))
