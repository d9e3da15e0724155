"""Files that a reader dropped in, articles in the articles folder and a rebuilt index out.

Every name is taken apart and put together again below the articles folder; a file is read as an
article before it is kept, and nothing that is there already is written over.
"""

import os
import queue
import re
import threading
import time
import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pathvalidate import ValidationError, validate_filename
from pathvalidate.error import ErrorReason

from chat.messages import page_message
from index.articles import parse_article, parse_file
from index.build import BuildReport
from index.errors import ArticleQAError, ArticleUnreadable
from index.types import Article

MAX_FILE_BYTES = 20_000_000
MAX_FILES = 2_000
MAX_BYTES = 200_000_000
"""Of one upload. Larger folders are for the command line: articleqa build FOLDER."""

_MAX_NAME_BYTES = 200
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Of the writing direction: a name with one reads as another. All else that won't do is known to pathvalidate."""

_NOT_EVERYWHERE = "its name holds characters that a file name can't have everywhere"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file on its way in.

    Attributes:
        name: as the browser tells it, with the folders it was dropped with.
        file: where its bytes lie until then.
    """

    name: str
    file: Path


@dataclass(frozen=True, slots=True)
class UploadStep:
    """How far an upload has come.

    Attributes:
        name: what is going on.
        done, total: of that; a total of 0 if it can't be told.
        file: the one in hand, or nothing.
    """

    name: str
    done: int
    total: int
    file: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an upload.

    Attributes:
        added: paths of new articles.
        refused: names that were not added, each with the reason.
        error: what went wrong with the rebuild, if it did.
        articles: how many the index holds now; 0 where it wasn't rebuilt.
    """

    added: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]
    error: str = ""
    articles: int = 0


Rebuild = Callable[[Callable[[str, int, int], None]], BuildReport]
"""Brings the index up to date, given a callback for (step, done, total)."""


def safe_path(name: str) -> str:
    """The relative path for a name from elsewhere.

    Raises:
        ArticleUnreadable: it is no plain path downwards.
    """
    parts = name.replace("\\", "/").split("/")
    for part in parts:
        if refused := _refused(part):
            raise ArticleUnreadable(name, refused)
    if len(parts) > 20:
        raise ArticleUnreadable(name, "it lies more than 20 folders deep")
    return "/".join(parts)


def _refused(part: str) -> str:
    """Why a part of a path won't do; empty if it will."""
    if part in ("", ".", "..") or part != part.strip() or part.endswith("."):
        return "its name leads elsewhere"
    if part.startswith("."):
        return "hidden files are not articles"
    try:
        validate_filename(part, platform="universal", max_len=_MAX_NAME_BYTES, fs_encoding="utf-8")
    except ValidationError as error:
        if error.reason == ErrorReason.INVALID_LENGTH:
            return f"its name is longer than {_MAX_NAME_BYTES} bytes"
        return _NOT_EVERYWHERE
    except UnicodeEncodeError:  # half a character
        return _NOT_EVERYWHERE
    return _NOT_EVERYWHERE if _OVERRIDES.search(part) else ""


def add_article(folder: Path, dropped: Dropped, leave_out: Path | None = None) -> str:
    """Put a file among the articles; returns its path there.

    Args:
        folder: the articles folder.
        dropped: the file.
        leave_out: a folder that nothing is put into, the index's.

    Raises:
        ArticleUnreadable: it is too large, no article, its name won't do, or there is another of that name.
    """
    path = safe_path(dropped.name)
    target = folder / path
    try:
        size = dropped.file.stat().st_size
        if size > MAX_FILE_BYTES:
            raise ArticleUnreadable(dropped.name, f"it is larger than {MAX_FILE_BYTES // 1_000_000} MB")
        data = dropped.file.read_bytes()
        if not any(isinstance(found, Article) for found in parse_file(path, data)):
            parse_article(path, data)  # says why
        home = target.parent.resolve()
        if not home.is_relative_to(folder.resolve()) or (leave_out and home.is_relative_to(leave_out.resolve())):
            raise ArticleUnreadable(dropped.name, "its name leads elsewhere")
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_new(target, data, dropped.name)
    except OSError as error:
        raise ArticleUnreadable(dropped.name, error.strerror or type(error).__name__) from error
    return path


_PART = ".upload-"
"""How the name of a file begins while it is written: hidden, so that no build takes it for an article."""

_LEFT_BEHIND_SECONDS = 3600.0


def _write_new(target: Path, data: bytes, name: str) -> None:
    """Write a file where none is, all of it at once: a build beside it sees the whole or nothing."""
    for left in target.parent.glob(f"{_PART}*"):  # by a chat that was killed
        if time.time() - left.stat().st_mtime > _LEFT_BEHIND_SECONDS:
            left.unlink(missing_ok=True)
    part = target.parent / f"{_PART}{uuid.uuid4().hex}"
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _move_new(part, target)
    except FileExistsError:
        same = target.is_file() and target.read_bytes() == data
        reason = "it is there already" if same else "another article has this name"
        raise ArticleUnreadable(name, reason) from None
    finally:
        part.unlink(missing_ok=True)


def _move_new(part: Path, target: Path) -> None:
    """Give a file its name, unless there is one of that name."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError as error:  # a disk without links
        if os.path.lexists(target):
            raise FileExistsError from error
        part.rename(target)


def take_in(
    files: Sequence[Dropped], folder: Path, rebuild: Rebuild, leave_out: Path | None = None
) -> Iterator[UploadStep | Outcome]:
    """Add files one by one, then rebuild the index; tells how it goes, at last the `Outcome`.

    Args:
        files: what was dropped.
        folder: the articles folder.
        rebuild: brings the index up to date.
        leave_out: a folder that nothing is put into, the index's.
    """
    added: list[str] = []
    refused: list[tuple[str, str]] = []
    budget = MAX_BYTES
    for number, dropped in enumerate(files):
        yield UploadStep("Adding", number, len(files), dropped.name)
        try:
            budget -= dropped.file.stat().st_size if dropped.file.is_file() else 0
            if number >= MAX_FILES or budget < 0:
                raise ArticleUnreadable(
                    dropped.name,
                    f"at most {MAX_FILES:,} files and {MAX_BYTES // 1_000_000} MB are taken at once",
                )
            added.append(add_article(folder, dropped, leave_out))
        except ArticleUnreadable as error:
            refused.append((dropped.name, error.reason))
    if not added:
        yield Outcome((), tuple(refused))
        return
    try:
        report = yield from _watched(rebuild)
    except ArticleQAError as error:
        yield Outcome(tuple(added), tuple(refused), page_message(error))
        return
    unread = [entry for entry in report.unread if (entry.file or entry.path) in added]  # files, or records of one
    refused += [(entry.path, entry.reason) for entry in unread]
    lost = {entry.path for entry in unread}
    yield Outcome(tuple(path for path in added if path not in lost), tuple(refused), "", report.articles)


def _watched(rebuild: Rebuild) -> Generator[UploadStep, None, BuildReport]:
    """Rebuild in a thread and pass on how far it has come; returns the report."""
    news: queue.SimpleQueue[UploadStep | BuildReport | BaseException] = queue.SimpleQueue()

    def work() -> None:
        try:
            news.put(rebuild(lambda step, done, total: news.put(UploadStep(step.capitalize(), done, total))))
        except BaseException as error:  # raised again where the news are read
            news.put(error)
            if not isinstance(error, Exception):
                raise

    threading.Thread(target=work, name="articleqa-rebuild", daemon=True).start()
    while True:
        told = news.get()
        while isinstance(told, UploadStep) and not news.empty():
            told = news.get()  # only the latest is worth showing
        if isinstance(told, BaseException):
            raise told
        if isinstance(told, BuildReport):
            return told
        yield told
