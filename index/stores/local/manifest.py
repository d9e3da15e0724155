"""A manifest in, what it says of a generation out: every value of the kind that was written, or an error."""

import datetime
import re
import typing
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from index.stores.local.files import FileDigest
from index.stores.types import About, Settings

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")

_FILE = re.compile(r"[a-z0-9_]+\.[a-z]+")
"""Names of files; a path would lead out of the generation."""


def files_of(manifest: Mapping[str, Any]) -> Iterator[tuple[str, FileDigest]]:
    """Names of the files, and what they have to be.

    Raises:
        AttributeError, KeyError, TypeError, ValueError: it makes no sense.
    """
    for name, entry in manifest["files"].items():
        if not _FILE.fullmatch(name):
            raise ValueError(f"{name!r:.60} is no name of a file")
        yield name, FileDigest.of_json(entry)


def about_of(place: str, generation: str, manifest: Mapping[str, Any], chunks: int, sentences: int) -> About:
    """What a snapshot is of.

    Raises:
        AttributeError, KeyError, TypeError, ValueError: it makes no sense.
    """
    facts = manifest["about"]
    settings = Settings(**_of_kind(Settings, manifest["settings"]))
    if not _FINGERPRINT.fullmatch(settings.fingerprint):
        raise ValueError("the fingerprint of the model is none")
    about = About(
        place=place,
        generation=generation,
        articles_folder=Path(_text(manifest["articles_folder"])),
        settings=settings,
        chunks=chunks,
        sentences=sentences,
        **_of_kind(About, {**facts, "created": manifest["created"], "languages": tuple(facts["languages"])}),
    )
    for language in about.languages:
        _text(language)
    for date in (about.first_date, about.last_date):
        if date:
            datetime.date.fromisoformat(date)
    return about


def _of_kind(kind: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values for a data class, each text, number or truth where it has one."""
    hints = typing.get_type_hints(kind)
    for field in fields(kind):
        wanted = hints[field.name]
        if field.name not in values or wanted not in (str, int, bool):
            continue
        value = values[field.name]
        if type(value) is not wanted or (wanted is int and value < 0):
            raise TypeError(f"its {field.name} is {value!r:.60}")
        if wanted is str:
            _text(value)
    return dict(values)


def _text(value: object) -> str:
    """A text that can be written and can name a file.

    Raises:
        TypeError, ValueError: it can't.
    """
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.60} is no text")
    if "\0" in value:
        raise ValueError("a text has a zero in it")
    value.encode("utf-8", "surrogateescape")
    return value
