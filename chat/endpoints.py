"""The two functions for programs, `/ask` and `/search`, with the JSON that the command line prints."""

import asyncio
import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr
from gradio.events import api

from chat.messages import page_message
from chat.sent import asker_of
from chat.session import Session
from index.errors import ArticleQAError
from index.filters import Filters

PROGRAMS_AT_ONCE = 2
"""Calls of `/ask` and `/search` worked on together: a program in a loop leaves room for people."""


def add_endpoints(session: Session) -> None:
    """Add both to the chat that is being laid out."""
    turns = asyncio.Semaphore(PROGRAMS_AT_ONCE)
    for function in (_ask(session), _search(session)):
        # Not queued: a tool of a language model is called at once then, as who calls it, and not by a program that
        # Gradio starts, whose address is that of this machine and which has no login.
        api(_in_turn(function, turns), api_name=function.__name__, queue=False, concurrency_limit=None)


def _in_turn(function: Callable[..., Any], turns: asyncio.Semaphore) -> Callable[..., Any]:
    """A function that waits beside the loop that serves the pages until fewer others work."""

    @functools.wraps(function)
    async def called(*values: Any, **named: Any) -> Any:
        async with turns:
            return await asyncio.to_thread(function, *values, **named)

    return called


def _ask(session: Session) -> Callable[..., Any]:
    def ask(
        question: str,
        since: str = "",
        until: str = "",
        author: str = "",
        path: str = "",
        request: gr.Request | None = None,
    ) -> dict[str, Any]:
        """What the articles say to a question, as verbatim quotes with file and lines.

        Args:
            question: A question in plain words.
            since: Only articles published on this day or later, like 2023-09-19, 2023-09 or 2023.
            until: Only articles published on this day or earlier.
            author: Only articles by this author; a part of the name will do.
            path: Only this article; a part of its path or a pattern like 2023/* will do.
            request: Who asks; not sent by the caller.
        """
        with _told(session, request):
            return session.assistant.ask(question, (), Filters.parse(since, until, author, path)).as_json()

    return ask


def _search(session: Session) -> Callable[..., Any]:
    def search(
        question: str,
        k: int = 5,
        since: str = "",
        until: str = "",
        author: str = "",
        path: str = "",
        request: gr.Request | None = None,
    ) -> list[dict[str, Any]]:
        """The passages nearest to a question, best first, each with file and lines.

        Args:
            question: A question in plain words.
            k: How many passages, at least 1.
            since: Only articles published on this day or later, like 2023-09-19, 2023-09 or 2023.
            until: Only articles published on this day or earlier.
            author: Only articles by this author; a part of the name will do.
            path: Only this article; a part of its path or a pattern like 2023/* will do.
            request: Who asks; not sent by the caller.
        """
        with _told(session, request):
            filters = Filters.parse(since, until, author, path)
            return [passage.as_json() for passage in session.assistant.search(question, k, filters)]

    return search


@contextlib.contextmanager
def _told(session: Session, request: gr.Request | None) -> Iterator[None]:
    """Count a call, and send the message of an error that its caller can mend; Gradio keeps others to itself."""
    try:
        session.programs.check(asker_of(request))
        yield
    except (ArticleQAError, ValueError) as error:
        raise gr.Error(page_message(error), print_exception=False) from error
