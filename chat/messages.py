"""An error in, what a reader of the page is told out: the facts, and whom to turn to. Never a command of a shell."""

import re

from index.errors import (
    ArticlesMissing,
    IndexCorrupt,
    IndexMissing,
    IndexStale,
    IndexUnwritable,
    ModelMismatch,
    ModelUnavailable,
)

_BUILD_AGAIN = "Whoever runs this chat can build the index again."

_WHAT_HELPS: dict[type[Exception], str] = {
    ArticlesMissing: "Whoever runs this chat can say where the articles are.",
    IndexCorrupt: _BUILD_AGAIN,
    IndexMissing: _BUILD_AGAIN,
    IndexStale: _BUILD_AGAIN,
    IndexUnwritable: "Whoever runs this chat can make room for it.",
    ModelMismatch: "Whoever runs this chat can build the index again with the model that is here.",
    ModelUnavailable: "Whoever runs this chat can install the model again.",
}
"""What mends an error, where the reader of a page can't. Every other one says itself what to do."""

_COMMANDS = "build|watch|ask|search|cite|check|verify|info|chat|eval|passwd"
_COMMAND = re.compile(rf"\barticleqa (?:{_COMMANDS})\b|\bpip install\b|(?<!\S)--[a-z]")
_ASIDE = re.compile(r" \((?:articleqa |--)[^)]*\)")
_SENTENCE_END = re.compile(r"(?<=[.!?])(?=\s+[A-Z])")


def page_message(error: Exception) -> str:
    """What an error says to whoever reads the page."""
    told = without_commands(str(error))
    for named, helps in _WHAT_HELPS.items():
        if isinstance(error, named):
            return f"{told} {helps}"
    return told


def without_commands(text: str) -> str:
    """A message without its sentences about commands and options; the first one loses them and keeps the rest."""
    first, *others = _SENTENCE_END.split(_ASIDE.sub("", text))
    if command := _COMMAND.search(first):
        first = f"{first[: command.start()].rstrip(' :')}."
    return "".join([first, *(sentence for sentence in others if not _COMMAND.search(sentence))])
