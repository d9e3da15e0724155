"""Ask a folder of articles in the browser: a Gradio chat that answers with the lines that say so.

    python app.py                  # over the index in articleqa-index, at http://127.0.0.1:7860

A question goes from the page to `chat.talk`. There `assistant.ask` retrieves the passages that come nearest to it and
quotes the sentences in them that answer, each with its file and lines, or says that the articles don't answer. What is
shown comes from `chat.render`: the quotes, and beside them the article with those lines marked. `articleqa chat` serves
the same chat with more options.
"""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from chat.blocks import make_chat
from chat.log import BoundedStream
from chat.logins import is_plain, read_logins
from chat.options import Options
from chat.origins import is_loopback
from chat.serve import check_servable, launch
from index.errors import ArticleQAError, IndexMissing
from index.places import default_index
from qa import Assistant

__all__ = ["Options", "launch", "main", "make_chat", "serve"]


def serve(index: Path, host: str = "127.0.0.1", port: int = 7860, options: Options | None = None) -> None:
    """Open an index and serve its chat until interrupted.

    Raises:
        ArticleQAError: the index can't be opened, its model can't be loaded, or the port is taken.
    """
    options = options or Options()
    check_servable(host, port, options)
    assistant = Assistant.open(index, reader=options.reader)
    assistant.ask("anything")  # loads model and reader, seconds that the first to ask would wait
    chat = make_chat(assistant, options)  # the Gradio page; each question of it is assistant.ask(question)
    with contextlib.redirect_stderr(cast(Any, BoundedStream(sys.stderr))):
        address = launch(chat, host, port, options)
        for notice in _notices(host, address, options):
            print(notice)
        chat.block_thread()


def _notices(host: str, address: str, options: Options) -> Iterator[str]:
    """What whoever has started the chat should know."""
    if not is_loopback(host) and not options.logins:
        yield f"Everyone who reaches {host} can read these articles. To ask for a login: --auth-file FILE"
    if options.logins and any(map(is_plain, read_logins(options.logins).values())):
        yield f"{options.logins} holds passwords as they are typed. A line with a hash: articleqa passwd NAME"
    yield f"The chat is at {address} (Ctrl+C ends it)."
    yield from (f"Readers reach it at {origin}" for origin in options.origins)
    if options.mcp:
        yield f"The tools for language models (MCP) are at {address}gradio_api/mcp/"


def main(index: Path | None = None, host: str = "127.0.0.1", port: int = 7860) -> None:
    """Serve the chat over the index in the folder INDEX."""
    try:
        serve(index or default_index(), host, port)
    except IndexMissing as error:
        raise SystemExit(f"{error} Build one: articleqa build ARTICLES") from None
    except ArticleQAError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    import typer

    typer.run(main)
