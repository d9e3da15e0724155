"""What whoever starts a chat can choose."""

from dataclasses import dataclass
from pathlib import Path

QUESTIONS_A_MINUTE = 60
"""From one address: more than a reader types, less than a runaway loop asks."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a chat may do.

    Attributes:
        allow_upload: whether readers may add articles.
        ratings: the file that thumbs up and down are written to; None for one beside the index.
        questions_a_minute: from one address.
        logins: names and passwords; empty to let everyone in.
        reader: whether the reader reads what was found.
        mcp: whether the tools `ask` and `search` are served to language models.
    """

    allow_upload: bool = False
    ratings: Path | None = None
    questions_a_minute: int = QUESTIONS_A_MINUTE
    logins: Path | None = None
    mcp: bool = False
    reader: bool = True
