"""Thumbs up and down in, lines of a file on this machine out."""

import datetime
import json
import os
from pathlib import Path
from typing import Any

from chat.turns import Turn
from index.errors import ArticleQAError

MAX_LINE_BYTES = 200_000
"""Of an answer that is longer, a list of thousands of articles, the line has how long it is."""

MAX_FILE_BYTES = 200_000_000
"""Some tens of thousands of thumbs. No thumb is written down before the file is moved away."""


class RatingsFull(ArticleQAError):
    """The file of ratings is as large as it may become. Seen by whoever rates."""

    def __init__(self, file: Path) -> None:
        super().__init__("No more thumbs are written down. Whoever runs this chat can move the file of ratings away.")
        self.file = file


def rate(file: Path, turn: Turn) -> None:
    """Add a line to the file of ratings: question, rating, answer, and the generation that gave it.

    Raises:
        RatingsFull: it is large enough.
    """
    if turn.answer is None:
        return
    line = {
        "time": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "rating": turn.rating,
        "question": turn.question,
        "only_from": turn.narrowed,
        "generation": turn.generation,
        "answer": turn.answer.as_json(),
    }
    data = _encoded(line)
    if len(data) > MAX_LINE_BYTES:
        data = _encoded(line | {"answer": {"found": turn.answer.found, "left_out_bytes": len(data)}})
    if file.exists() and file.stat().st_size + len(data) > MAX_FILE_BYTES:
        raise RatingsFull(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab", buffering=0) as log:
        log.write(data)  # one write: lines of two chats don't mix


def _encoded(line: dict[str, Any]) -> bytes:
    return (json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")
