"""The errors that a user can meet. Each carries what was found and what was expected, as facts.

They are raised where the trouble is found and turned into messages only at the edges: the shell adds the command
that mends it (`shell.messages`), the chat says it in words of the page (`chat.messages`).
"""

from collections.abc import Sequence
from pathlib import Path


class ArticleQAError(Exception):
    """Base of every error that articleqa raises on purpose; its text says what is wrong, in plain words."""

    def __reduce__(self) -> tuple[object, ...]:
        """Sent to another process with its facts; Python alone would make it anew from its text, and fail."""
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[ArticleQAError], told: tuple[object, ...], facts: dict[str, object]) -> ArticleQAError:
    error = kind.__new__(kind, *told)
    error.__dict__.update(facts)
    return error


class ArticlesMissing(ArticleQAError):
    """The articles folder is not there or is not a folder. Seen by whoever builds an index."""

    def __init__(self, folder: Path) -> None:
        try:
            found = "is not a folder" if folder.exists() else "does not exist"
        except OSError as error:
            found = f"can't be read ({error.strerror})"
        super().__init__(f"The articles folder {folder} {found}.")
        self.folder = folder


class ArticlesEmpty(ArticleQAError):
    """The folder holds no article that can be read. Seen by whoever builds an index.

    Attributes:
        formats: suffixes that are read.
        unread: paths of files that are no articles, with the reason of each.
    """

    def __init__(self, folder: Path, formats: Sequence[str], unread: Sequence[tuple[str, str]] = ()) -> None:
        found = f"{len(unread)} files, none of them readable as an article" if unread else "no files"
        reasons = "".join(f"\n  {path}: {reason}" for path, reason in unread[:10])
        super().__init__(
            f"There is nothing to index in {folder}: {found}. Put articles there ({', '.join(formats)}) "
            f"and build again.{reasons}"
        )
        self.folder = folder
        self.formats = tuple(formats)
        self.unread = tuple(unread)


class ArticleUnreadable(ArticleQAError):
    """One file or record can't be read as an article. Collected in the build report, never fatal alone."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class IndexMissing(ArticleQAError):
    """There is no index where one was expected. Seen by whoever asks before building.

    Attributes:
        place: a folder, as it was named.
        reason: why not, if there is something else.
    """

    def __init__(self, place: str | Path, reason: str = "") -> None:
        super().__init__(f"There is no index in {place}{f': {reason}' if reason else ''}.")
        self.place = place
        self.reason = reason


class IndexStale(ArticleQAError):
    """The index was made by another format version, so it can't be used."""

    def __init__(self, place: str | Path, found: object, expected: int) -> None:
        super().__init__(
            f"The index in {place} has format {found!s:.40}, this version of articleqa reads format {expected}."
        )
        self.place = place
        self.found = found
        self.expected = expected


class IndexCorrupt(ArticleQAError):
    """A part of the index is missing, cut or altered. Never answered from; build again.

    Attributes:
        place: a folder, as it was named.
        reason: what was found.
        hidden: all files are as they were written, so that only a build from the beginning mends it.
    """

    def __init__(self, place: str | Path, reason: str, *, hidden: bool = False) -> None:
        super().__init__(f"The index in {place} is damaged: {reason}.")
        self.place = place
        self.reason = reason
        self.hidden = hidden


class IndexBusy(ArticleQAError):
    """Another process is building this index right now."""

    def __init__(self, place: str | Path, waited_seconds: float) -> None:
        super().__init__(
            f"Another process is building the index in {place} and was not done within {waited_seconds:.0f} s. "
            "Try again when it is."
        )
        self.place = place


class IndexUnwritable(ArticleQAError):
    """The index can't be written (disk full, no permission); the old one is as it was."""

    def __init__(self, place: str | Path, reason: str) -> None:
        super().__init__(
            f"The index in {place} can't be written: {reason}. An index that was there before is as it was."
        )
        self.place = place
        self.reason = reason


class CitationsUnreadable(ArticleQAError):
    """A file of citations is not there or not in the format. Seen by whoever checks them."""


class NoCitations(CitationsUnreadable):
    """A file holds something else than citations. Seen by whoever checks them.

    Attributes:
        json: whether it is JSON, so that citations as JSON were expected.
    """

    def __init__(self, found: str, *, json: bool = False) -> None:
        super().__init__(found)
        self.json = json


class ModelUnavailable(ArticleQAError):
    """The embedding model can't be loaded (not there, not downloaded, not a model)."""

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(f"The model {model} can't be used: {reason}.")
        self.model = model
        self.reason = reason


class ModelMismatch(ArticleQAError):
    """The model is not the one that the index (or the known checksum) was made with.

    Attributes:
        place: the index that was built with another one; None where the packaged weights are other ones.
    """

    def __init__(self, model: str, found: str, expected: str, place: str | Path | None = None) -> None:
        where = f"the one that the index in {place} was built with" if place else "the official one"
        super().__init__(
            f"The model {model} here is not {where}: its fingerprint is {found[:12]}…, expected {expected[:12]}…."
        )
        self.model = model
        self.found = found
        self.expected = expected
        self.place = place


class NotExportable(ArticleQAError):
    """A model has no usable export. Caught where another way to run it is taken, with a notice."""


class ExportDiffers(ArticleQAError):
    """An exported model gives other vectors than its original. Seen by whoever builds an index."""


class AddressUnusable(ArticleQAError):
    """Nothing can listen where the chat should. Seen by whoever starts it."""

    def __init__(self, host: str, port: int, reason: str, *, taken: bool = False) -> None:
        super().__init__(f"The chat can't listen at {host}, port {port}: {reason}.")
        self.host = host
        self.port = port
        self.taken = taken


class ArticleUnknown(ArticleQAError, KeyError):
    """The index holds no such article (any more). Seen by whoever asks for one by its path.

    Attributes:
        path: the one that was asked for.
        near: paths of articles that may have been meant, if somebody has looked.
    """

    def __init__(self, path: str, near: Sequence[str] = ()) -> None:
        super().__init__(f"There is no article {path} in this index, or it is another one by now.")
        self.path = path
        self.near = tuple(near)

    def __str__(self) -> str:
        """The message as it is; a `KeyError` would show it in quotation marks."""
        return str(self.args[0])


class QuestionRejected(ArticleQAError):
    """The question is empty or far too long. Seen by whoever asks."""


class FilterRejected(ArticleQAError):
    """A filter makes no sense or leaves no article. Seen by whoever asks."""
