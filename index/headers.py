"""The top of an article's text in, title, author and date out, each with its span.

Reads YAML and TOML front matter, a first line that is a title, a "By …" line and a date line. It
takes only what is plainly there: a value that has to be guessed is left out, because it
would be quoted as if the article said it.
"""

import datetime
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

from index.types import LINE_END, Field

HEAD_LINES = 12
"""Non-empty lines looked at: a byline or date further down belongs to the story."""

MAX_TITLE_CHARS = 200
"""A longer first line is a paragraph. Headlines of the html_pages set end at 150."""

MAX_HEADER_CHARS = 1000
"""A longer line is no byline and no date, and is not searched for parts (a million spaces would take hours)."""

MAX_FRONT_MATTER_CHARS = 20_000
"""More between two lines of dashes is text; YAML is parsed at 100 kB a second."""

_BYLINE = re.compile(
    r"^[*_]{0,3}(?:by|written by|reported by|authors?|von|par|por|autore?|di)(?:\s*:\s*|\s+)(?P<name>\S.*?)[*_]{0,3}$",
    re.IGNORECASE,
)
_DATE_LABEL = re.compile(
    r"^(?:first published|published|posted|date|updated|last updated|created)(?:\s+on)?\s*:?\s+",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_DIGIT_DATE = re.compile(r"(?<![\d/.-])(\d{1,2})([/. -])(\d{1,2})\2\d{4}\b")
_DAY = re.compile(r"(?<!\d)[0-3]?\d(?!\d)")
_PART_BREAK = re.compile(r"(?<!\s)\s+[|·•—–-]\s+")
_FRONT_MATTER = re.compile(r"\A---[ \t]*(?:\r\n|\n|\r)(?P<source>.*?)(?<=[\r\n])(?:---|\.\.\.)[ \t]*(?=\r|\n|\Z)", re.S)
_TOML_FRONT_MATTER = re.compile(r"\A\+\+\+[ \t]*(?:\r\n|\n|\r)(?P<source>.*?)(?<=[\r\n])\+\+\+[ \t]*(?=\r|\n|\Z)", re.S)
_TOML_LINE = re.compile(r"[ \t]*(?:(?P<key>[A-Za-z]+)[ \t]*=[ \t]*(?P<value>\S(?:.*\S)?)\s*|(?P<table>\[.*))", re.S)
_DECLARED = {
    "title": "title",
    "author": "author",
    "authors": "author",
    "by": "author",
    "date": "published",
    "published": "published",
    "pubdate": "published",
}
"""Names in front matter, and what they are here."""
_LINE = re.compile(r"[^\r\n]+")


@dataclass(frozen=True, slots=True)
class Header:
    """What the top of an article says of it; `published` holds an ISO date."""

    title: Field | None = None
    author: Field | None = None
    published: Field | None = None


def read_header(text: str) -> Header:
    """Title, author and date of an article, from front matter where there is any."""
    front = _FRONT_MATTER.match(text) or _TOML_FRONT_MATTER.match(text)
    declared = _declared(text[0], front["source"], front.start("source")) if front else {}
    top = _top_lines(text, front.end() if front else 0)
    author = declared.get("author") or _first(_bylines([*top[1:], *top[:1]]))  # the first line is mostly a title
    published = declared.get("published") or _first(_dates(top))
    title = declared.get("title") or _title(top, author, published)
    return Header(title, author, published)


def _first(fields: Iterator[Field]) -> Field | None:
    return next(fields, None)


def _top_lines(text: str, start: int) -> list[Field]:
    """The first non-blank lines after `start`, stripped, as fields."""
    lines: list[Field] = []
    for match in _LINE.finditer(text, start):
        value = match[0].strip()
        if len(value) > MAX_HEADER_CHARS:
            lines.append(Field("", match.start(), match.start()))
        elif value:
            begin = match.start() + match[0].index(value)
            lines.append(Field(value, begin, begin + len(value)))
        if len(lines) == HEAD_LINES:
            break
    return lines


def _parts(line: Field) -> Iterator[Field]:
    """The pieces of a line like ``By A. Writer | 19 Sep 2023``."""
    begin = 0
    for gap in _PART_BREAK.finditer(line.value):
        yield Field(line.value[begin : gap.start()], line.start + begin, line.start + gap.start())
        begin = gap.end()
    yield Field(line.value[begin:], line.start + begin, line.end)


def _title(top: list[Field], author: Field | None, published: Field | None) -> Field | None:
    if not top:
        return None
    first = top[0]
    marks = len(first.value) - len(first.value.lstrip("#"))
    value = first.value[marks:].strip()
    taken = {field.start for field in (author, published) if field}
    if not value or len(value) > MAX_TITLE_CHARS or any(first.start <= at < first.end for at in taken):
        return None
    begin = first.start + first.value.index(value, marks)
    return Field(value, begin, begin + len(value))


def _bylines(top: list[Field]) -> Iterator[Field]:
    for line in top:
        for part in _parts(line):
            match = _BYLINE.match(part.value)
            if match and _is_name(match["name"]):
                yield Field(match["name"], part.start + match.start("name"), part.start + match.end("name"))


def _is_name(text: str) -> bool:
    """Whether what follows "By" is a name and not the start of a sentence."""
    words = text.split()
    capitals = sum(1 for word in words if word[0].isupper() or not word[0].islower())
    ends_like_a_sentence = text[-1] in ".!?:;" and not re.search(r"\b(?:Jr|Sr|\w)\.$", text)
    return (
        len(words) <= 12
        and len(text) <= 100
        and capitals * 2 >= len(words)
        and not (ends_like_a_sentence or words[0][0].islower() or _YEAR.search(text))
    )


def _dates(top: list[Field]) -> Iterator[Field]:
    for line in top:
        for part in _parts(line):
            day = parse_date(part.value)
            if day:
                yield Field(day, part.start, part.end)
                break
        else:
            day = parse_date(line.value)
            if day:
                yield Field(day, line.start, line.end)


def parse_date(text: str) -> str | None:
    """The ISO date that `text` states and nothing else, or None.

    Day, month and year must all be there; ``03/04/2023`` is refused because it means two
    different days on the two sides of the Atlantic.
    """
    bare = _DATE_LABEL.sub("", text.strip())
    if len(bare) > 60 or not (_YEAR.search(bare) and _DAY.search(bare)):
        return None
    digits = _DIGIT_DATE.search(bare)
    if digits and int(digits[1]) <= 12 and int(digits[3]) <= 12 and digits[1] != digits[3]:
        return None
    import dateparser  # 0.3 s to import, and most lines never get here

    moment = dateparser.parse(
        bare,
        settings={"STRICT_PARSING": True, "REQUIRE_PARTS": ["day", "month", "year"], "PARSERS": ["absolute-time"]},
    )
    return moment.date().isoformat() if moment else None


def _declared(mark: str, source: str, offset: int) -> dict[str, Field]:
    """Title, author and date of front matter behind ``---`` or ``+++``; their spans point into the whole text."""
    if len(source) > MAX_FRONT_MATTER_CHARS:
        return {}
    found: dict[str, Field] = {}
    for key, value, begin, end in (_yaml_entries if mark == "-" else _toml_entries)(source):
        name = _DECLARED.get(key.lower())
        if name == "published":
            value = iso_date(value)
        if name and value and name not in found:
            found[name] = Field(value, offset + begin, offset + end)
    return found


def _yaml_entries(source: str) -> Iterator[tuple[str, str, int, int]]:
    """Names and values of YAML, each with the span of the value."""
    import yaml

    try:
        root = yaml.compose(source, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return  # not front matter after all: the lines stay ordinary text
    for key, node in root.value if isinstance(root, yaml.MappingNode) else ():
        begin, end = node.start_mark.index, node.end_mark.index
        yield str(key.value), _scalar(node), begin, begin + len(source[begin:end].rstrip())


def _toml_entries(source: str) -> Iterator[tuple[str, str, int, int]]:
    """The same of TOML, as far as a value stands on the line of its name."""
    try:
        values = tomllib.loads(LINE_END.sub("\n", source))
    except (ValueError, RecursionError):  # also a number of 5,000 digits
        return
    for line in _LINE.finditer(source):
        entry = _TOML_LINE.fullmatch(line[0])
        if entry and entry["table"]:
            return
        value = values.get(entry["key"]) if entry else None
        if entry and isinstance(value, str | list | datetime.date):
            parts = value if isinstance(value, list) else [value]
            text = ", ".join(str(part).strip() for part in parts if isinstance(part, str | datetime.date))
            yield entry["key"], text, line.start() + entry.start("value"), line.start() + entry.end("value")


def _scalar(node: object) -> str:
    import yaml

    if isinstance(node, yaml.ScalarNode):
        return "" if node.tag == "tag:yaml.org,2002:null" else str(node.value).strip()
    if isinstance(node, yaml.SequenceNode):
        return ", ".join(str(part.value).strip() for part in node.value if isinstance(part, yaml.ScalarNode))
    return ""


def iso_date(text: str) -> str:
    """The ISO date of what should be a date, with a time or without; empty if it is none."""
    try:
        return datetime.datetime.fromisoformat(text.strip()).date().isoformat()
    except ValueError:
        return parse_date(text) or ""
