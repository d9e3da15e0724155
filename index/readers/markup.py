"""Pieces of text that a file's markup names (heading, item, quotation) in, their places in the rendered text out.

Readers render first and ask for the places afterwards, so that rendering needs to know nothing of roles.
"""

from collections.abc import Iterable

from index.types import LINE_END, Block, Role


def places(text: str, pieces: Iterable[tuple[Role, str]]) -> tuple[Block, ...]:
    """The lines that hold the pieces, in order; a piece that is no whole line is left out.

    Args:
        text: as it was rendered, a piece to a line, marks of lists before it.
        pieces: role and text, in the order in which they stand.
    """
    lines: dict[str, list[tuple[int, int]]] = {}
    start = 0
    for end in [*(match.end() for match in LINE_END.finditer(text)), len(text)]:
        line = text[start:end]
        if key := _letters(line):
            lines.setdefault(key, []).append((start, start + len(line.rstrip())))
        start = end
    for spans in lines.values():
        spans.reverse()  # the next one is taken from the end
    found, reached = [], 0
    for role, piece in pieces:
        spans = lines.get(_letters(piece), [])
        while spans and spans[-1][0] < reached:
            spans.pop()
        if spans:
            begin, stop = spans.pop()
            reached = stop
            found.append(Block(role, begin, stop))
    return tuple(found)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
