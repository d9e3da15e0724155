"""An assistant in, the page with its parts and events out: a `gr.Blocks`, ready for `launch`.

Which part of the page calls which function. What the parts show is in `chat.render`, what they do in `chat/page/js`.
"""

import functools
from dataclasses import dataclass
from typing import Any, cast

import gradio as gr

from chat import render, shelf
from chat.assets import script
from chat.endpoints import add_endpoints
from chat.intake import Intake
from chat.options import Options
from chat.session import Session
from chat.talk import Talk
from chat.waiting import MAX_WAITING_SECONDS
from qa import Assistant

CHATS_AT_ONCE = 8
"""Questions of the chat worked on together. Each first shows that it was heard, so none should wait for a turn."""

_AT_ONCE = {"concurrency_limit": CHATS_AT_ONCE}
_OWN: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "trigger_mode": "multiple"}
"""Events of the page itself: nothing that programs call."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the page is made of; `intake` only where articles may be added."""

    turns: gr.State
    masthead: gr.HTML
    conversation: gr.HTML
    intake: gr.HTML | None
    composer: gr.HTML
    source: gr.HTML
    download: gr.HTML


def make_chat(assistant: Assistant, options: Options | None = None) -> gr.Blocks:
    """The chat over an opened index, ready for `launch`; `/ask` and `/search` are for programs."""
    options = options or Options()
    session = Session(assistant, options)
    talk = Talk(session)
    # The files of an upload are removed when they have become articles, or none; what nobody adds goes after an hour.
    with gr.Blocks(
        title="articleqa",
        analytics_enabled=False,
        fill_width=True,
        fill_height=True,
        delete_cache=(600, MAX_WAITING_SECONDS),
    ) as chat:
        parts = _lay_out(talk, options)
        _connect_conversation(parts, talk)
        _connect_reading(parts, talk)
        if parts.intake:
            intake = Intake(session, chat.upload_file_set)
            parts.source.show_upload(render.render_upload, None, [parts.source], **_OWN)
            parts.intake.add_files(intake.add, None, [parts.intake], concurrency_limit=1, **_OWN)
        add_endpoints(session)
    return cast(gr.Blocks, chat)  # what `with` yields is untyped


def _lay_out(talk: Talk, options: Options) -> _Parts:
    """The parts of the page, in the places that they have on it."""
    turns = gr.State(())
    masthead = _part("masthead", render.render_masthead(uploads=options.allow_upload))
    with gr.Row(elem_id="desk"):
        with gr.Column(elem_id="talk"):
            conversation = _part("conversation", talk.welcome(), talk.first_page)
            intake = _part("intake", render.render_intake()) if options.allow_upload else None
            authors = shelf.authors(talk.session.snapshot)
            composer = _part("composer", render.render_composer(authors), talk.list_authors)
        source = _part("source", "", talk.list_articles)
    return _Parts(turns, masthead, conversation, intake, composer, source, download=_part("download", ""))


def _part(name: str, html: str, *fetched: Any) -> gr.HTML:
    """A part of the page with its script; `fetched` are methods that the script calls."""
    functions = [_as_function(method) for method in fetched]
    return gr.HTML(html, elem_id=name, apply_default_css=False, js_on_load=script(name), server_functions=functions)


def _as_function(method: Any) -> Any:
    """A method as a plain function: gr.HTML writes an attribute on it."""

    @functools.wraps(method)
    def function(sent: dict[str, Any]) -> Any:
        return method(sent)

    return function


def _connect_conversation(parts: _Parts, talk: Talk) -> None:
    """What changes the conversation.

    It is sent one after the other: each reads what the one before has written, and Gradio sends the last value of a
    generator once more when it ends.
    """
    turns, conversation = parts.turns, parts.conversation
    changes = (
        parts.composer.ask(talk.take_question, [turns], [turns, conversation], **_AT_ONCE, **_OWN),
        conversation.rate(talk.rate, [turns], [turns], **_OWN),
        parts.masthead.clear_all(talk.clear, None, [turns, conversation, parts.source], **_OWN),
    )
    for event in changes:
        event.success(None, js="() => window.articleqa.done()", **_OWN)
        event.failure(None, js="() => window.articleqa.failed()", **_OWN)


def _connect_reading(parts: _Parts, talk: Talk) -> None:
    """What opens something beside the conversation, or takes it away."""
    source = parts.source
    parts.conversation.open_source(talk.open_source, [parts.turns], [source], **_AT_ONCE, **_OWN)
    source.open_link(talk.open_link, None, [source], **_AT_ONCE, **_OWN)
    source.browse(talk.browse, None, [source], **_OWN)
    parts.masthead.export(talk.export, [parts.turns], [parts.download], **_OWN)
