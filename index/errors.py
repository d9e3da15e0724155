"""The errors that a user can meet, each with a name and the command that mends it.

They are raised where the trouble is found and turned into messages only at the edges
(the command line and the chat). Nothing here formats for a screen.
"""


class ArticleQAError(Exception):
    """Base of every error that articleqa raises on purpose; its text is meant for the user."""


class ArticlesMissing(ArticleQAError):
    """The articles folder is not there or is not a folder. Seen by whoever builds an index."""


class ArticlesEmpty(ArticleQAError):
    """The folder holds no article that can be read. Seen by whoever builds an index."""


class ArticleUnreadable(ArticleQAError):
    """One file or record can't be read as an article. Collected in the build report, never fatal alone."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class IndexMissing(ArticleQAError):
    """There is no index where one was expected. Seen by whoever asks before building."""


class IndexStale(ArticleQAError):
    """The index was made by another format version or other settings, so it can't be used."""


class IndexCorrupt(ArticleQAError):
    """A file of the index is missing, cut or altered. Never answered from; build again."""


class IndexBusy(ArticleQAError):
    """Another process is building this index right now."""


class IndexUnwritable(ArticleQAError):
    """The index can't be written (disk full, no permission); the old one is as it was."""


class CitationsUnreadable(ArticleQAError):
    """A file of citations is not there or not in the format. Seen by whoever checks them."""


class ModelUnavailable(ArticleQAError):
    """The embedding model can't be loaded (not there, not downloaded, not a model)."""


class ModelMismatch(ArticleQAError):
    """The model is not the one that the index (or the known checksum) was made with."""


class NotExportable(ArticleQAError):
    """A model has no usable export. Caught where another way to run it is taken, with a notice."""


class ExportDiffers(ArticleQAError):
    """An exported model gives other vectors than its original. Seen by whoever builds an index."""


class AddressUnusable(ArticleQAError):
    """Nothing can listen where the chat should. Seen by whoever starts it."""


class ArticleUnknown(ArticleQAError, KeyError):
    """The index holds no such article (any more). Seen by whoever asks for one by its path."""

    def __str__(self) -> str:
        """The message as it is; a `KeyError` would show it in quotation marks."""
        return str(self.args[0])


class QuestionRejected(ArticleQAError):
    """The question is empty or far too long. Seen by whoever asks."""


class FilterRejected(ArticleQAError):
    """A filter makes no sense or leaves no article. Seen by whoever asks."""
