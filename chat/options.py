"""What whoever starts a chat can choose."""

from dataclasses import dataclass
from pathlib import Path

QUESTIONS_A_MINUTE = 60
"""From one address: more than a reader types, less than a runaway loop asks."""

REQUESTS_A_QUESTION = 15
"""How many requests of any kind go with one that may ask: articles opened, rows of the table, thumbs."""


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
        origins: addresses that readers reach it by, like https://articles.example, beside its own.
        behind_proxy: whether a proxy on this machine tells who asks (X-Forwarded-For) and how (X-Forwarded-Proto).
    """

    allow_upload: bool = False
    ratings: Path | None = None
    questions_a_minute: int = QUESTIONS_A_MINUTE
    logins: Path | None = None
    mcp: bool = False
    reader: bool = True
    origins: tuple[str, ...] = ()
    behind_proxy: bool = False
