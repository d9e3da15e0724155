"""An error in, what a reader of the page is told out: the facts, and whom to turn to. Never a command of a shell."""

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


def page_message(error: Exception) -> str:
    """What an error says to whoever reads the page."""
    helps = next((helps for named, helps in _WHAT_HELPS.items() if isinstance(error, named)), "")
    return f"{error} {helps}" if helps else str(error)
