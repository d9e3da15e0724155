"""What a page sends along with an event in, values that can be relied on out."""

from typing import TypeVar

import gradio as gr

from chat.rate_limit import address_of
from chat.walls import READER

Value = TypeVar("Value")


def given(event: gr.EventData, name: str, default: Value) -> Value:
    """A value that the page sent along; the default where it isn't there or is of another type."""
    value = (event._data or {}).get(name) if isinstance(event._data, dict) else None
    return value if isinstance(value, type(default)) else default


def asker_of(request: gr.Request | None) -> str:
    """Whose questions are counted together: those of a login, else those of an address."""
    sent = getattr(request, "request", None)  # what a tool of a language model is called with has no login of Gradio's
    if request is None or sent is None:
        return ""
    return sent.scope.get(READER) or (address_of(sent.client.host) if sent.client else "")
