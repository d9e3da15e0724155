"""The blocks of an article in, its lists out: runs of parallel lines, and what leads to each.

A list is told by its form alone: by the roles of its lines, by how they begin, or by a line before them that ends in a
colon. Nothing of a question is known here, see `qa.lists`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.types import ANSWERING, Block, Role

FEWEST = 3
"""Lines that look alike are a list from so many on; behind a colon two are."""

PLAIN = 4
"""From so many on, lines that begin alike are the whole list, whatever stands behind them."""

SHORT = 160
"""Characters of a line; a name and an address have 120 in news_dev. What is longer is a paragraph."""

LONGEST = 300
"""Characters of an item that nothing but a colon before the list marks."""

GROWTH = 2.5
"""So many times as wide as all before it, or as `NAME`, is the first line that is no more of such a list."""

NAME = 30
"""Characters of a name."""

WORDS = 4
"""Of a heading with a colon that leads to paragraphs: "Erin Mansfield:" only says who speaks."""

_MARKED = frozenset((Role.LIST_ITEM, Role.TABLE_ROW))
_PASSED = frozenset((Role.CAPTION, Role.BOILERPLATE))
"""Pictures and teasers stand between the lines of a list and belong to none."""

_MARKS = frozenset(("marked", "counted", "label"))
_COUNTED = re.compile(r"[#*_ \t]*\d{1,3}[.):]")
_LABEL = re.compile(r"[#*_ \t]*[^\W\d_][^:!?\n]{1,80}:[* ]")
_FIRST_WORD = re.compile(r"[#*_ \t\-•“\"']*(\w+\.?)")
_LEADS = re.compile(r"(?<!\W)[^\w:：]*[:：]\W*\Z")


@dataclass(frozen=True, slots=True)
class Run:
    """A list of an article.

    Attributes:
        items: its blocks, in order.
        lead: the line right before them, which may say what they are; None if there is none.
        heading: the heading that both stand under; None if there is none.
        loose: whether nothing marks its items, so that any sentence of one may be what it says.
    """

    items: tuple[Block, ...]
    lead: Block | None
    heading: Block | None
    loose: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    """A block as it looks.

    Attributes:
        block: it.
        forms: how it looks, in every way that makes it an item beside others that look so.
        width, words: how many characters and words it has.
        leads: whether it ends in a colon.
        apart: whether a picture or a teaser stands before it.
    """

    block: Block
    forms: frozenset[str]
    width: int
    words: int
    leads: bool
    apart: bool


def runs(text: str, blocks: Sequence[Block]) -> list[Run]:
    """The lists of an article, in order; no line is in two of them.

    Args:
        text: of the article.
        blocks: of every line of it, see `index.structure`.
    """
    lines = [*_lines(text, blocks)]
    found: list[Run] = []
    number = 0
    while number < len(lines):
        length = _length(lines, number)
        if length:
            items = lines[number : number + length]
            loose = not any(line.forms & _MARKS for line in items) and any(line.width > SHORT for line in items)
            found.append(Run(tuple(line.block for line in items), *_above(lines[:number]), loose))
        number += length or 1
    return found


def _lines(text: str, blocks: Sequence[Block]) -> Iterator[_Line]:
    apart = False
    for block in blocks:
        if block.role in _PASSED:
            apart = True
            continue
        said = text[block.start : block.end]
        yield _Line(block, _forms(block.role, said), len(said), len(said.split()), bool(_LEADS.search(said)), apart)
        apart = False


def _forms(role: Role, said: str) -> frozenset[str]:
    if role not in ANSWERING and role is not Role.HEADING:
        return frozenset()
    forms = {"marked"} if role in _MARKED else set[str]()
    if _COUNTED.match(said):
        forms.add("counted")
    if _LABEL.match(said):
        forms.add("label")
    word = _FIRST_WORD.match(said)
    if word and len(said) <= SHORT:
        forms.add(f"begins {word[1].casefold()}")
    return frozenset(forms)


def _length(lines: Sequence[_Line], first: int) -> int:
    """How many lines from this one on are one list; 0 if it begins none."""
    line = lines[first]
    lead = lines[first - 1] if first and lines[first - 1].leads else None
    if line.leads:
        return 0
    plain = {form: _count(lines[first:], form) for form in line.forms - {"marked"}}
    longest = max((count for form, count in plain.items() if lead or _tells(form)), default=0)
    if longest >= PLAIN:
        return longest
    longest = max(longest, _count(lines[first:], "marked"))
    if lead and line.block.role in ANSWERING:
        longest = max(longest, _behind_colon(lead, lines[first:]))
    return longest if longest >= FEWEST - bool(lead) else 0


def _tells(form: str) -> bool:
    """Whether lines of this form are a list without a colon before them: "Sen. …" thrice, but not "The …"."""
    return not form.startswith("begins ") or form.endswith(".")


def _count(lines: Sequence[_Line], form: str) -> int:
    """How many lines from the first on look so: headings that do among them, and one that doesn't between two."""
    count = 0
    for number, line in enumerate(lines):
        torn = number > 0 and line.apart and form == "marked"
        if torn or line.leads or (form not in line.forms and not _slips(lines[number - 1 : number + 2], form)):
            break
        count += 1
    return count


def _slips(three: Sequence[_Line], form: str) -> bool:
    """Whether a short line stands between two that have a form: "30 A title" among "29. …" and "31. …"."""
    if len(three) < 3 or form not in _MARKS or three[1].block.role not in ANSWERING or three[1].width > SHORT:
        return False
    return form in three[0].forms and form in three[2].forms


def _behind_colon(lead: _Line, lines: Sequence[_Line]) -> int:
    """How many lines are what a colon leads to: short ones, or behind a heading with one all up to the next."""
    headed = lead.block.role is Role.HEADING and lines[0].width > SHORT
    if headed and lead.words < WORDS:
        return 0
    widest = NAME
    for number, line in enumerate(lines):
        torn = number > 0 and line.apart
        wide = line.width > (GROWTH * widest if number else LONGEST) or line.width > LONGEST
        after = lines[number + 1] if number + 1 < len(lines) else line
        heading = line.block.role not in ANSWERING and (number == 0 or headed or after.block.role not in ANSWERING)
        if heading or line.leads or (not headed and (torn or wide)):
            return number
        widest = max(widest, line.width)
    return len(lines)


def _above(lines: Sequence[_Line]) -> tuple[Block | None, Block | None]:
    """What leads to a list, and the heading over it."""
    lead = lines[-1].block if lines else None
    if lead is None or lead.role not in ANSWERING | {Role.HEADING}:
        return None, None
    headings = (line.block for line in reversed(lines[:-1]) if line.block.role is Role.HEADING)
    return lead, next(headings, None)
