"""Which files belong to an index, what they hold now, and what an index that is there knows of them already."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from index.articles import list_articles, parse_file, read_bytes
from index.digests import sha256_of
from index.errors import ArticleUnreadable
from index.readers.json_lines import record_path
from index.readers.rendered import format_of
from index.stores.protocol import Snapshot
from index.types import Article, ArticleInfo, Unread


@dataclass(frozen=True, slots=True)
class Scope:
    """Which files belong to an index.

    Attributes:
        articles_folder: searched with everything below it.
        leave_out: a folder that is not searched, that of the index itself.
        follow_links, max_bytes: see `Settings`.
    """

    articles_folder: Path
    leave_out: Path | None
    follow_links: bool
    max_bytes: int

    @classmethod
    def of(cls, snapshot: Snapshot, leave_out: Path | None) -> "Scope":
        """The scope of an index that is there."""
        settings = snapshot.about.settings
        return cls(snapshot.about.articles_folder, leave_out, settings.follow_links, settings.max_bytes)

    def scan(self) -> dict[str, str]:
        """Path to sha256 of every file; an empty digest where the bytes can't be read.

        Raises:
            ArticlesMissing: the folder is gone.
        """
        found = {}
        for path in list_articles(self.articles_folder, leave_out=self.leave_out, follow_links=self.follow_links):
            try:
                found[path] = sha256_of(self.read(path))
            except ArticleUnreadable:
                found[path] = ""
        return found

    def read(self, path: str) -> bytes:
        """The bytes of a file.

        Raises:
            ArticleUnreadable: see `read_bytes`.
        """
        return read_bytes(self.articles_folder, path, follow_links=self.follow_links, max_bytes=self.max_bytes)


@dataclass(frozen=True, slots=True)
class Kept:
    """An article that the index holds already, maybe under another name.

    Attributes:
        path: its path there.
        info: as it is known from now on.
    """

    path: str
    info: ArticleInfo


Entry = Kept | Article | Unread
"""What a file holds, in order."""


class Known:
    """What the index started from holds, by what the files and records said.

    A reader is chosen by the suffix, so the same bytes under another suffix are something else.
    """

    def __init__(self, base: Snapshot | None) -> None:
        self._articles: dict[tuple[str, str], ArticleInfo] = {}
        self._files: dict[tuple[str, str], list[ArticleInfo | Unread]] = {}
        if base is None:
            return
        sources = base.sources()
        first: dict[tuple[str, str], str] = {}  # of files with the same bytes one is enough
        entries: list[ArticleInfo | Unread] = [*base.articles(), *base.unread()]
        for entry in entries:
            file = entry.file or entry.path
            if isinstance(entry, ArticleInfo):
                self._articles[format_of(file), entry.sha256] = entry
            key = format_of(file), sources.get(file, "")
            if key[1] and first.setdefault(key, file) == file:
                self._files.setdefault(key, []).append(entry)

    def file(self, path: str, digest: str) -> Iterator[Kept | Unread]:
        """What is known of a file with this digest, under its name of now; nothing where it is new."""
        for entry in self._files.get((format_of(path), digest), ()):
            if isinstance(entry, ArticleInfo):
                yield Kept(entry.path, replace(entry, path=record_path(path, entry.record)))
            elif entry.file:
                yield replace(entry, path=path + entry.path.removeprefix(entry.file), file=path)
            else:
                yield replace(entry, path=path)

    def article(self, path: str, found: Article) -> Kept | Article:
        """The same article as it is kept, if one of the same bytes is."""
        known = self._articles.get((format_of(path), found.sha256))
        if known is None:
            return found
        return Kept(known.path, replace(known, path=found.path, record=found.record, notice=found.notice))


class Reading:
    """Files of a scope, read one after the other.

    Attributes:
        sources: sha256 of each file that was read, see `Snapshot.sources`.
        unread: what could not be read so far, and why.
    """

    def __init__(self, scope: Scope, known: Known) -> None:
        self._scope = scope
        self._known = known
        self.sources: dict[str, str] = {}
        self.unread: list[Unread] = []

    def entries(self, path: str, digest: str) -> Iterator[Kept | Article]:
        """The articles of a file that had this digest when it was scanned."""
        self.sources[path] = digest
        entries = list(self._known.file(path, digest)) or self._read(path)
        for entry in entries:
            if isinstance(entry, Unread):
                self.unread.append(entry)
            else:
                yield entry

    def _read(self, path: str) -> Iterator[Entry]:
        """The articles of a file that is new, or why they can't be read."""
        self.sources[path] = ""
        try:
            data = self._scope.read(path)
            self.sources[path] = sha256_of(data)
            for article in parse_file(path, data, self._scope.max_bytes):
                if isinstance(article, ArticleUnreadable):
                    yield Unread(article.path, article.reason, self.sources[path], path)
                else:
                    yield self._known.article(path, article)
        except ArticleUnreadable as error:
            yield Unread(path, error.reason, self.sources[path])
