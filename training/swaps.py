"""A question that a passage answers in, the same question about another name or number out.

The passage then answers nothing: what was put in does not occur in it, not even a word of it.
"""

import random
import re
from collections.abc import Sequence

from training.negatives import fold

_NAME = re.compile(r"(?<=\s)[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)*")
"""Runs of capitalised words, not at the start, where every word is capitalised."""

_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:,\d{3})*(?![\w-]|[.,]\d)")

_YEARS = range(1000, 2101)

_TRIES = 20


def names_of(questions: Sequence[str]) -> list[str]:
    """All names in the questions, each once, in order: what `swapped` draws from."""
    return list(dict.fromkeys(_bare(name) for question in questions for name in _NAME.findall(question)))


def swapped(question: str, passage: str, names: Sequence[str], chance: random.Random) -> str | None:
    """The question about something else that the passage does not name.

    Args:
        question: one that the passage answers.
        passage: with its title.
        names: what a name is replaced by.
        chance: draws the place and what is put there.

    Returns:
        The new question, or None where it has no name or number that the passage has too.
    """
    held = fold(passage)
    places = [match for match in _NAME.finditer(question) if fold(_bare(match[0])) in held]
    numbers = [match for match in _NUMBER.finditer(question) if fold(match[0]) in held]
    places += numbers * 2  # a wrong number is what readers miss most
    if not places:
        return None
    place = chance.choice(places)
    for _ in range(_TRIES):
        other = _other_number(place[0], chance) if place in numbers else chance.choice(names) if names else ""
        if other and not any(f" {word} " in held for word in fold(other).split()):
            tail = "'s" if place[0].endswith(("'s", "’s")) else ""
            return question[: place.start()] + other + tail + question[place.end() :]
    return None


def _bare(name: str) -> str:
    return re.sub(r"['’]s$", "", name)


def _other_number(number: str, chance: random.Random) -> str:
    """A number of the same look: a year some years off, else as many digits."""
    value = int(number.replace(",", ""))
    if value in _YEARS and "," not in number:
        return str(value + chance.choice([-1, 1]) * chance.randint(1, 30))
    digits = len(str(value))
    other = chance.randint(10 ** (digits - 1) if digits > 1 else 1, 10**digits - 1)
    return f"{other:,}" if "," in number else str(other)
