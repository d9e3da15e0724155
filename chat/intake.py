"""What the page calls while articles are added: files that Gradio has taken in become articles."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from chat import render
from chat.sent import given
from chat.session import Session
from chat.uploads import MAX_FILE_BYTES, Dropped, UploadStep, take_in


class Intake:
    """What the page calls while articles are added.

    Args:
        session: whose articles.
        received: paths of the files that this server has taken in.
    """

    def __init__(self, session: Session, received: set[str]) -> None:
        self.session = session
        self.received = received

    def add(self, event: gr.EventData) -> Iterator[str]:
        """Add what was sent; tells how it goes."""
        files, refused = self._uploaded(given(event, "files", []))
        articles_folder, index_folder = self.session.folders
        try:
            for state in take_in(files, articles_folder, self.session.rebuild, index_folder):
                if isinstance(state, UploadStep):
                    yield render.render_intake(state)
                else:
                    yield render.render_intake(replace(state, refused=(*refused, *state.refused)))
        finally:  # also where the page was closed meanwhile
            for dropped in files:
                dropped.file.unlink(missing_ok=True)
                self.received.discard(str(dropped.file))

    def _uploaded(self, files: list[Any]) -> tuple[list[Dropped], list[tuple[str, str]]]:
        """What a page says it has sent: files that this server took in, and names of those that never came."""
        dropped, refused = [], []
        for entry in files:
            name, path = (str(entry.get(key, "")) if isinstance(entry, dict) else "" for key in ("name", "file"))
            if path in self.received:
                dropped.append(Dropped(name, Path(path)))
            else:
                refused.append((name, f"it is larger than {MAX_FILE_BYTES // 1_000_000} MB, or it could not be sent"))
        return dropped, refused
