"""Reader for JSON Lines: one article per line, rendered from its fields.

A record is known by its line in the file, from 1: the article ``news.jsonl#3`` is on line 3.
"""

import datetime
import json
import re
from collections.abc import Iterator
from typing import Any

from index.digests import sha256_of
from index.errors import ArticleUnreadable
from index.headers import iso_date
from index.readers.encodings import decode
from index.readers.rendered import Rendered, failed, render

FIELDS = {
    "text": "text body content articlebody articletext maintext fulltext article".split(),
    "title": "title headline name".split(),
    "author": "author authors byline creator writer by".split(),
    "date": """
        date published publishedat publishdate publisheddate publicationdate datepublished datepublish pubdate
        created createdat timestamp
    """.split(),
    "url": "url link sourceurl uri href canonicalurl".split(),
}
"""Common spellings of a field, the first that says something counts; case and ``_`` and ``-`` don't."""

_SPACERS = re.compile(r"[\W_]+")
_BY = re.compile(r"\A\s*by\s+", re.IGNORECASE)


def record_path(path: str, record: int) -> str:
    """The path of the article on a line of a file; the file's own where it holds one article."""
    return f"{path}#{record}" if record else path


def read_json_lines(path: str, data: bytes) -> Iterator[Rendered | ArticleUnreadable]:
    """The articles of a file, line by line; blank lines are passed over.

    Raises:
        ArticleUnreadable: the file is no text.
    """
    text, notice = decode(path, data)
    lines = re.finditer(r"[^\r\n]*(?:\r\n|\r|\n)?", text)
    for number, match in enumerate(lines, 1):
        line = match[0].strip()
        if not line:
            continue
        digest = sha256_of(line.encode())
        try:
            yield _render(path, number, line, digest, notice)
        except ArticleUnreadable as error:
            yield error
        except RecursionError:
            yield ArticleUnreadable(record_path(path, number), "not JSON that is read (nested too deep)")
        except Exception as error:  # of one record, which costs no other
            yield ArticleUnreadable(record_path(path, number), failed(error))


def _render(path: str, number: int, line: str, digest: str, notice: str) -> Rendered:
    fields = _fields(record_path(path, number), line)
    date = _date(fields["date"])
    author = _BY.sub("", _words(fields["author"], ", "))
    day = iso_date(date)
    text, header = render(_words(fields["text"], "\n\n"), _words(fields["title"], " "), author, date, day)
    return Rendered(text, header, record=number, sha256=digest, url=_words(fields["url"], " "), notice=notice)


def _fields(path: str, line: str) -> dict[str, Any]:
    """The fields of a record by our names, None where it says nothing.

    Raises:
        ArticleUnreadable: the line is not a JSON object, or has no text.
    """
    try:
        record = json.loads(line)
    except ValueError as error:
        raise ArticleUnreadable(path, f"not JSON ({str(error)[:100]})") from error
    if not isinstance(record, dict):
        raise ArticleUnreadable(path, f"a JSON {type(record).__name__} where an object was expected")
    known = {_SPACERS.sub("", key).lower(): value for key, value in reversed(record.items())}
    found = {field: next((known[name] for name in names if known.get(name)), None) for field, names in FIELDS.items()}
    if not _words(found["text"], "\n\n").strip():
        raise ArticleUnreadable(path, f"no text in it (looked for {', '.join(FIELDS['text'][:3])} and the like)")
    return found


def _words(value: Any, between: str) -> str:
    """A field as text: a string, a number, an object with a name or a text, or a list of these."""
    if isinstance(value, list):
        return between.join(filter(None, (_words(part, between) for part in value)))
    if isinstance(value, dict):
        return _words(value.get("name") or value.get("text") or "", between)
    return "" if value is None or isinstance(value, bool) else str(value)


def _date(value: Any) -> str:
    """A date as it is said; seconds or milliseconds since 1970 as an ISO date."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            seconds = value / 1000 if abs(value) > 1e11 else value
            return datetime.datetime.fromtimestamp(seconds, datetime.UTC).date().isoformat()
        except (OverflowError, OSError, ValueError):
            return str(value)
    return _words(value, " ")
