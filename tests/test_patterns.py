"""Every pattern of the package reads hostile text in linear time: it meets articles, questions, names and uploads."""

import ast
import contextlib
import functools
import importlib
import itertools
import re
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from types import FrameType
from typing import Any

import pytest
from conftest import REPOSITORY
from pumped import pumped

PACKAGES = ("index", "qa", "chat", "shell")

MOST_TIMES_AS_LONG = 15
"""Of what is ten times as long. A cost that grows with the square is a hundred times as much."""

NOISE_SECONDS = 0.0005
"""Less can't be compared. Where each of 10,000 characters looks at all others, it takes a hundred times as long."""

HOPELESS_SECONDS = 0.2
"""For 10,000 characters; the slowest pattern takes a tenth of it."""

SECONDS = 10.0
"""For one text; the slowest pattern takes a twentieth of it for the longest."""

ENDS = ("\x01", "x")
"""Where a pattern that has come so far fails, and tries all other ways: one is a letter, one is none."""

Way = Callable[[Any], object]


class Written(ast.NodeVisitor):
    """What a module's source says of patterns: those that stand in a call, and how those with a name are used."""

    def __init__(self) -> None:
        self.patterns: list[re.Pattern[Any]] = []
        self.uses: dict[str, set[str]] = defaultdict(set)

    def visit_Call(self, node: ast.Call) -> None:
        match node:
            case ast.Call(ast.Attribute(ast.Name("re"), _), [ast.Constant(str() | bytes() as text), *_], keywords):
                flags = [keyword.value for keyword in keywords if keyword.arg == "flags"]
                flags += [value for value in node.args[1:] if isinstance(value, ast.Attribute | ast.BinOp)]
                named = [eval(ast.unparse(flag), {"re": re}) for flag in flags if ast.unparse(flag).startswith("re.")]
                self.patterns.append(re.compile(text, *named))
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        match node.value:
            case ast.Name(name) | ast.Attribute(_, name):
                self.uses[name].add(node.attr)
        self.generic_visit(node)


@functools.cache
def written() -> dict[str, Written]:
    """By module."""
    found = {}
    for package in PACKAGES:
        for path in sorted((REPOSITORY / package).rglob("*.py")):
            parts = path.relative_to(REPOSITORY).with_suffix("").parts
            found[".".join(part for part in parts if part != "__init__")] = visitor = Written()
            visitor.visit(ast.parse(path.read_text(encoding="utf-8")))
    return found


def patterns_in(name: str, value: object) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Patterns in a value and in what it holds, each with the name that it is used by; empty where it has none."""
    if isinstance(value, re.Pattern):
        yield name, value
    elif isinstance(value, dict):
        yield from patterns_in("", (*value, *value.values()))
    elif isinstance(value, tuple | list | set | frozenset):
        for part in value:
            yield from patterns_in("", part)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from patterns_in(field.name, getattr(value, field.name))


def ways(pattern: re.Pattern[Any], name: str, module: str) -> list[Way]:
    """How a pattern is used, if its name tells that; else every way."""

    def everywhere(text: Any) -> None:
        for _match in pattern.finditer(text):
            pass

    sources = [written()[module]] if name.startswith("_") else [*written().values()]
    uses = {use for source in sources for use in source.uses[name]} & {*dir(pattern)} - {"pattern"}
    found: list[Way] = [getattr(pattern, use) for use in ("match", "fullmatch") if use in uses or not uses]
    return found if uses and uses <= {"match", "fullmatch"} else [everywhere, *found]


@functools.cache
def gathered() -> dict[str, dict[re.Pattern[Any], list[Way]]]:
    """The patterns of the package by module, each where it is first met, with the ways in which it is used."""
    found: dict[str, dict[re.Pattern[Any], list[Way]]] = {}
    seen: set[re.Pattern[Any]] = set()
    for module, source in written().items():
        if module.endswith("__main__"):
            continue
        values = vars(importlib.import_module(module)).items()
        named = [found for name, value in values for found in patterns_in(name, value)]
        found[module] = {}
        for name, pattern in [*named, *(("", pattern) for pattern in source.patterns)]:
            if pattern not in seen:
                found[module][pattern] = ways(pattern, name, module)
                seen.add(pattern)
    return {module: patterns for module, patterns in found.items() if patterns}


def cost(way: Way, text: str | bytes, times: int) -> float:
    """Processor time in seconds, the least of several."""
    seconds = []
    for _ in range(times):
        began = time.thread_time()
        way(text)
        seconds.append(time.thread_time() - began)
    return min(seconds)


def grows_too_fast(way: Way, make: Callable[[int], str | bytes]) -> bool:
    """Whether ten times as long a text costs more than `MOST_TIMES_AS_LONG`; most need not be asked so much."""
    for times in (1, 3):
        short = cost(way, make(10_000), times)
        if short > HOPELESS_SECONDS:
            return True
        if short <= 8 * max(NOISE_SECONDS / 8, cost(way, make(2_500), times)):
            return False
    most = MOST_TIMES_AS_LONG * max(NOISE_SECONDS, short)
    return cost(way, make(100_000), 1) > most and cost(way, make(100_000), 2) > most


def slow_texts(pattern: re.Pattern[Any], used: list[Way]) -> Iterator[str]:
    for (lead, unit), end in itertools.product(pumped(pattern), ENDS):

        def make(size: int, lead: str = lead, unit: str = unit, end: str = end) -> str | bytes:
            text = lead + unit * (size // len(unit)) + end
            return text.encode() if isinstance(pattern.pattern, bytes) else text

        for way in used:
            if grows_too_fast(way, make):
                yield f"{getattr(way, '__name__', '')} of {pattern.pattern!r:.200} on {lead!r} + {unit!r} * n + {end!r}"


class TooSlow(Exception):
    """A pattern that would not end."""


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Processor time; a pattern that is at work looks for signals now and then."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="nothing ends a pattern that is at work")
@pytest.mark.parametrize("module", gathered())
def test_ten_times_as_long_a_text_takes_no_more_than_fifteen_times_as_long(module: str) -> None:
    for pattern, used in gathered()[module].items():
        try:
            with within(SECONDS):
                assert list(itertools.islice(slow_texts(pattern, used), 3)) == [], module
        except TooSlow:
            raise AssertionError(f"{module}: {pattern.pattern!r:.200} takes more than {SECONDS:.0f} s") from None


@pytest.mark.parametrize("costly", [r"\s+$", r"(?:[*_]|\w{1,9})+(?=\s)", r"a\s*\s*b"])
def test_a_costly_pattern_is_found(costly: str) -> None:
    pattern = re.compile(costly)
    with pytest.raises((AssertionError, TooSlow)), within(0.3):
        assert not [*slow_texts(pattern, ways(pattern, "", "index.sentences"))]


def test_patterns_are_gathered_from_names_tables_and_calls() -> None:
    held = {module: {pattern.pattern for pattern in patterns} for module, patterns in gathered().items()}
    assert any(text.startswith("(?:[*_”’»") for text in held["index.sentences"])
    assert r"\b(?:Jr|Sr|\w)\.$" in held["index.headers"]  # in a call
    assert sum(map(len, held.values())) > 200
    assert any(text.startswith(r"\A(?:how are you") for text in held["qa.language"])  # in a tuple of a data class
