"""Texts that make a regular expression work as much as it can: what it repeats, many times, behind what leads there."""

import functools
import importlib
import itertools
import re
from collections.abc import Iterator
from typing import Any

parser: Any = importlib.import_module("re._parser")

ALL_KINDS = ' \n\taA1_-.,:“"é\u0301'
"""Characters of every kind that patterns tell apart; those that a pattern names come on top."""

REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
MOST_SAMPLES = 3


def pumped(pattern: re.Pattern[Any]) -> list[tuple[str, str]]:
    """Pairs of what leads and what is to be repeated behind it."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    tree = parser.parse(text, pattern.flags & (re.VERBOSE | re.IGNORECASE))
    letters = "".join(dict.fromkeys([*ALL_KINDS, *_literals(tree)]))
    runs = [("", letter) for letter in letters]
    wholes = [("", sample) for sample in _samples(tree, letters)]
    return [*dict.fromkeys((lead, unit) for lead, unit in [*runs, *wholes, *_repeats(tree, letters, "")] if unit)]


def _literals(tree: Any) -> Iterator[str]:
    for op, value in tree:
        if str(op) == "LITERAL":
            yield chr(value)
        elif str(op) == "IN":
            yield from itertools.islice(_literals(value), 12)
        for part in _inside(op, value):
            yield from _literals(part)


def _inside(op: Any, value: Any) -> list[Any]:
    """The parts of which a part of a pattern is made."""
    match str(op):
        case "SUBPATTERN":
            return [value[-1]]
        case "ATOMIC_GROUP":
            return [value]
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return [value[2]]
        case "BRANCH":
            return list(value[1])
        case "ASSERT" | "ASSERT_NOT":
            return [value[1]]
    return []


def _samples(tree: Any, letters: str, most: int = MOST_SAMPLES) -> list[str]:
    """A few strings that the parts take, one after the other; what looks around is passed over."""
    found = [""]
    for op, value in tree:
        ways = _ways(op, value, letters, most)
        found = [before + way for way in ways for before in found][:most] or found
    return found


def _ways(op: Any, value: Any, letters: str, most: int) -> list[str]:
    match str(op):
        case "LITERAL":
            return [chr(value)]
        case "NOT_LITERAL" | "ANY" | "IN":
            return [letter for letter in letters if _takes(op, value, letter)][:most] or ["x"]
        case "BRANCH":
            return [sample for branch in value[1] for sample in _samples(branch, letters, 1)][:most]
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return [sample * max(1, min(value[0], 300)) for sample in _samples(value[2], letters, most)]
        case "SUBPATTERN" | "ATOMIC_GROUP":
            return _samples(_inside(op, value)[0], letters, most)
    return [""]


def _repeats(tree: Any, letters: str, before: str) -> Iterator[tuple[str, str]]:
    """What each repetition of a pattern repeats, behind what leads there and together with it."""
    for at, (op, value) in enumerate(tree):
        lead = before + _samples(tree[:at], letters, 1)[0]
        if str(op) in REPEATS and value[1] > 8:
            for unit in _samples(value[2], letters, 2 * MOST_SAMPLES):
                yield from ((lead, unit), ("", lead + unit))
        for part in _inside(op, value):
            yield from _repeats(part, letters, lead)


def _takes(op: Any, value: Any, letter: str) -> bool:
    """Whether a place of a pattern takes a letter."""
    match str(op):
        case "ANY":
            return letter != "\n"
        case "LITERAL":
            return bool(ord(letter) == value)
        case "NOT_LITERAL":
            return bool(ord(letter) != value)
        case "RANGE":
            return bool(value[0] <= ord(letter) <= value[1])
        case "CATEGORY":
            return _category(str(value)).match(letter) is not None
        case "IN":
            taken = any(_takes(kind, part, letter) for kind, part in value if str(kind) != "NEGATE")
            return taken != (str(value[0][0]) == "NEGATE")
    return False


@functools.cache
def _category(name: str) -> re.Pattern[str]:
    sign = {"DIGIT": "d", "SPACE": "s", "WORD": "w"}[name.rpartition("_")[2]]
    return re.compile("\\" + (sign.upper() if "_NOT_" in name else sign))
