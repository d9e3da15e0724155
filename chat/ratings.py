"""Thumbs up and down in, lines of a file on this machine out."""

import datetime
import json
import os
from pathlib import Path

from chat.turns import Turn


def rate(file: Path, turn: Turn) -> None:
    """Add a line to the file of ratings: question, rating, answer, and the generation that gave it."""
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
    data = (json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab", buffering=0) as log:
        log.write(data)  # one write: lines of two chats don't mix
