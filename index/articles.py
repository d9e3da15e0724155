"""A file in, its `Article`s out: text, line table, title, author and date.

The folder is listed and read here; what the bytes mean is for the readers, one per format
(`index.readers`). This module does not split text into sentences and knows nothing of models
or indexes.
"""

import os
import stat
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from index.digests import sha256_of
from index.errors import ArticlesMissing, ArticleUnreadable
from index.readers import READERS, SANDBOXED
from index.readers.json_lines import record_path
from index.readers.rendered import MAX_BYTES, Rendered, failed, format_of, whole
from index.readers.sandbox import SANDBOX
from index.sentences import language_of
from index.types import Article, Field


def list_articles(folder: Path, leave_out: Path | None = None, *, follow_links: bool = False) -> list[str]:
    """Every file below `folder` that isn't hidden, as sorted relative paths.

    Files of unknown formats and folders elsewhere that are linked are listed too, so that a build
    can name them instead of dropping them in silence.

    Args:
        folder: searched with everything below it.
        leave_out: a folder that is not searched.
        follow_links: search linked folders too, each real folder once.

    Raises:
        ArticlesMissing: `folder` does not exist or is not a folder.
    """
    check_folder(folder)
    return sorted(_walk(folder, leave_out.resolve() if leave_out else None, follow_links))


def check_folder(folder: Path) -> None:
    """Make sure that there is an articles folder.

    Raises:
        ArticlesMissing: `folder` does not exist, is not a folder, or can't be looked at.
    """
    try:
        there = folder.is_dir()
    except OSError:  # a name that is too long, a folder above that is closed
        there = False
    if not there:
        raise ArticlesMissing(folder)


def _walk(folder: Path, leave_out: Path | None, follow_links: bool) -> Iterator[str]:
    locked: list[str] = []
    seen = {folder.resolve()}

    def note(error: OSError) -> None:
        locked.append(Path(error.filename).relative_to(folder).as_posix())

    def wanted(path: Path) -> bool:
        if path.name.startswith(".") or (path.is_symlink() and not follow_links):
            return False
        real = path.resolve()
        again = follow_links and real in seen
        seen.add(real)
        return real != leave_out and not again

    for parent, folders, files in os.walk(folder, onerror=note, followlinks=follow_links):
        links = [] if follow_links else [name for name in folders if Path(parent, name).is_symlink()]
        linked = [name for name in links if not _inside(folder, Path(parent, name))]
        folders[:] = sorted(name for name in folders if wanted(Path(parent, name)))
        for name in files + linked:  # linked folders are named like linked files, see `read_bytes`
            if not name.startswith("."):
                yield Path(parent, name).relative_to(folder).as_posix()
    yield from locked


LINK_OUT = "a link out of the folder"
"""Why a link is not read, unless it is wanted."""

READ_ATTEMPTS = 3
"""A file that is being written is read again so often before it is given up for this build."""


def read_bytes(folder: Path, path: str, *, follow_links: bool = False, max_bytes: int = MAX_BYTES) -> bytes:
    """The bytes of one listed file, all of one moment.

    Raises:
        ArticleUnreadable: the system won't give them (permissions, vanished, not a file), it is
            a link out of the folder, it is too large, or it keeps changing.
    """
    file = folder / path
    try:
        if not follow_links and file.is_symlink() and not _inside(folder, file):
            raise ArticleUnreadable(path, LINK_OUT)
        for _attempt in range(READ_ATTEMPTS):
            before = file.stat()
            if not stat.S_ISREG(before.st_mode):
                raise ArticleUnreadable(path, "not a regular file")
            if before.st_size > max_bytes:
                raise ArticleUnreadable(path, too_large(before.st_size, max_bytes))
            data = file.read_bytes()
            after = file.stat()
            if (before.st_size, before.st_mtime_ns, len(data)) == (after.st_size, after.st_mtime_ns, after.st_size):
                return data
    except OSError as error:
        raise ArticleUnreadable(path, error.strerror or type(error).__name__) from error
    raise ArticleUnreadable(path, "the file changes while it is read; build again when it is whole")


def _inside(folder: Path, file: Path) -> bool:
    """Whether a link leads to a file of the folder; one that leads nowhere is told as that."""
    return not file.exists() or file.resolve().is_relative_to(folder.resolve())


def too_large(size: int, max_bytes: int) -> str:
    """Why a file of that size is not read."""
    return f"{size / 1e6:,.1f} MB, more than the {max_bytes / 1e6:,.1f} MB that are read"


def parse_article(path: str, data: bytes) -> Article:
    """The first article of a file's bytes; see `parse_file`.

    Raises:
        ArticleUnreadable: it can't be read.
    """
    first = next(parse_file(path, data), None)
    if first is None:
        raise ArticleUnreadable(path, "the file is empty")
    if isinstance(first, ArticleUnreadable):
        raise first
    return first


def parse_file(path: str, data: bytes, max_bytes: int = MAX_BYTES) -> Iterator[Article | ArticleUnreadable]:
    """Make `Article`s of a file's bytes with the reader for its suffix.

    A record that can't be read is given as the error that names it, among the others. Safe to use
    from several threads: HTML and PDF are then read at once, each in a process of its own.

    Raises:
        ArticleUnreadable: the whole file can't be read: unknown format, not text, or empty.
    """
    kind = format_of(path)
    reader = READERS.get(kind.removesuffix(".gz"))
    if reader is None:
        known = ", ".join(sorted(READERS))
        raise ArticleUnreadable(path, f"format {kind or 'without a suffix'} is not read ({known} are)")
    digest = sha256_of(data)
    found = 0
    try:
        for rendered in reader(path, unpack(path, data, max_bytes) if kind.endswith(".gz") else data):
            found += 1
            yield _article(path, digest, rendered) if isinstance(rendered, Rendered) else rendered
    except ArticleUnreadable:
        raise
    except Exception as error:  # what one file raises is its line in the report, and never costs a build
        raise ArticleUnreadable(path, failed(error)) from error
    if not found:
        raise ArticleUnreadable(path, "the file is empty")


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file of the folder as it was read.

    Attributes:
        path: relative to the folder.
        sha256: digest of its bytes; empty where the system doesn't give them.
        articles: those in it, and errors that name what can't be read, the file or a record. To be taken once; of
            formats that are read in the process itself, each is made when it is taken.
    """

    path: str
    sha256: str
    articles: Iterator[Article | ArticleUnreadable]


def read_many(
    paths: Iterable[str], read: Callable[[str], bytes], max_bytes: int = MAX_BYTES, at_once: int = SANDBOX.size
) -> Iterator[FileRead]:
    """Read files in their order; of those in the sandbox, the next `at_once` are read meanwhile.

    Args:
        paths: see `list_articles`.
        read: gives the bytes of one, as `read_bytes` does; called from several threads.
        max_bytes: see `parse_file`.
        at_once: how many processes read.
    """
    ahead: deque[Future[FileRead] | str] = deque()
    with ThreadPoolExecutor(at_once, "read") as pool:

        def next_of(path: str) -> Future[FileRead] | str:
            inside = format_of(path).removesuffix(".gz") in SANDBOXED
            return pool.submit(_read_whole, path, read, max_bytes) if inside else path

        def done(entry: Future[FileRead] | str) -> FileRead:
            return _read_lazily(entry, read, max_bytes) if isinstance(entry, str) else entry.result()

        try:
            for path in paths:
                ahead.append(next_of(path))
                if len(ahead) > 2 * at_once:
                    yield done(ahead.popleft())
            while ahead:
                yield done(ahead.popleft())
        except BaseException as error:
            pool.shutdown(wait=False, cancel_futures=True)
            if isinstance(error, KeyboardInterrupt):
                SANDBOX.close()  # nobody waits for files that are in it
            raise


def _read_lazily(path: str, read: Callable[[str], bytes], max_bytes: int) -> FileRead:
    try:
        data = read(path)
    except ArticleUnreadable as error:
        return FileRead(path, "", iter((error,)))
    return FileRead(path, sha256_of(data), _parse_or_name(path, data, max_bytes))


def _read_whole(path: str, read: Callable[[str], bytes], max_bytes: int) -> FileRead:
    found = _read_lazily(path, read, max_bytes)
    return replace(found, articles=iter(list(found.articles)))


def _parse_or_name(path: str, data: bytes, max_bytes: int) -> Iterator[Article | ArticleUnreadable]:
    """`parse_file`, with what it raises among what it gives."""
    try:
        yield from parse_file(path, data, max_bytes)
    except ArticleUnreadable as error:
        yield error


def _article(path: str, digest: str, rendered: Rendered) -> Article | ArticleUnreadable:
    path = record_path(path, rendered.record)
    if not rendered.text.strip():
        return ArticleUnreadable(path, "the file is empty")
    header, text = rendered.header, whole(rendered.text)
    return Article(
        path=path,
        text=text,
        hints=rendered.hints,
        language=language_of(text),
        sha256=rendered.sha256 or digest,
        title=_whole(header.title),
        author=_whole(header.author),
        published=_whole(header.published),
        pages=rendered.pages,
        record=rendered.record,
        url=whole(rendered.url),
        notice=whole(rendered.notice),
    )


def _whole(value: Field | None) -> Field | None:
    return value and replace(value, value=whole(value.value))


MAX_MEMBERS = 10_000
"""Of a gzip file; bgzip makes one of 64 kB, so that more are 640 MB."""


def unpack(path: str, data: bytes, max_bytes: int) -> bytes:
    """The content of a gzip file, given up as soon as there is more than `max_bytes` of it.

    Raises:
        ArticleUnreadable: too large, cut, or not gzip.
    """
    parts: list[bytes] = []
    size = 0
    while data:
        if len(parts) == MAX_MEMBERS:  # what is behind a member is copied for the next
            raise ArticleUnreadable(path, f"the gzip file has more than {MAX_MEMBERS:,} members")
        member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            parts.append(member.decompress(data, max_bytes - size + 1))
        except zlib.error as error:
            raise ArticleUnreadable(path, f"the gzip file is broken ({error})") from error
        size += len(parts[-1])
        if size > max_bytes:
            raise ArticleUnreadable(path, f"it unpacks to more than the {max_bytes / 1e6:,.1f} MB that are read")
        if not member.eof:
            raise ArticleUnreadable(path, "the gzip file is cut")
        data = member.unused_data.lstrip(b"\x00")
    return b"".join(parts)
