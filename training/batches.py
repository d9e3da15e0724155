"""A `Corpus` in, batches of padded arrays out, in an order that hangs on nothing but the seed.

Batch n of round r is the same whether or not a run was killed in between: that is all there is to
resuming the data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qa.reader.network import CLS, SEP
from training.corpus import Corpus, Ints

SHARES: Mapping[str, float] = {"squad": 1.0, "squad1": 1.0, "squad2": 1.0, "nq": 1.0, "reddit": 0.5, "amazon": 0.5}
"""Part of a source's groups that one round draws. People's articles are nearer to the first four."""

OTHER_SHARE = 0.17
"""QAMR: easy questions on single sentences, and many of them."""

NEGATIVES_DRAWN = (0.5, 0.3, 0.2)
"""Chances of one, two or three negatives beside a question's own passage."""

TITLE_DROPPED = 0.2
"""So often a passage comes without its title: not every article has one."""

POOL = 256
"""Groups that are put in order of length together: more saves padding, less mixes better."""

Draws = Sequence[tuple[int, tuple[int, ...]]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Question and passage pairs; n pairs of at most m pieces.

    Attributes:
        input_ids, token_type_ids: ``(n, m)`` int64.
        attention_mask: ``(n, m)`` int64, 0 where a row is padded.
        body: ``(n, m)`` bool, pieces that an answer may be made of: the passage without its title.
        first, last: ``(n,)`` int64, places of the answer's first and last piece, 0 for none.
        group: ``(n,)`` int64, pairs of one question have the same number.
    """

    input_ids: npt.NDArray[np.int64]
    token_type_ids: npt.NDArray[np.int64]
    attention_mask: npt.NDArray[np.int64]
    body: npt.NDArray[np.bool_]
    first: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]
    group: npt.NDArray[np.int64]


def round_of(corpus: Corpus, seed: int, number: int, size: int) -> list[Draws]:
    """One round through the corpus as batches of group numbers with the negatives drawn for each.

    Args:
        corpus: what to draw from; groups that are held out are never drawn.
        seed: of the run.
        number: of the round, from 0.
        size: pairs a batch at most.
    """
    chance = np.random.default_rng([seed, number])
    drawn = [(group, _draw_negatives(corpus.negatives[group], chance)) for group in _groups(corpus, seed, number)]
    length = corpus.passages.lengths
    batches: list[Draws] = []
    for at in range(0, len(drawn), POOL):
        pool = sorted(
            drawn[at : at + POOL],
            key=lambda draw: max(int(length[row]) for row in (corpus.passage[draw[0]], *draw[1])),
        )
        packed = pack(pool, size)
        batches += [packed[place] for place in chance.permutation(len(packed))]
    return batches


def _groups(corpus: Corpus, seed: int, number: int) -> list[int]:
    """Each source's share of this round. Over several rounds every group has its turn equally often."""
    picked: list[int] = []
    for place, name in enumerate(corpus.sources):
        own = np.flatnonzero((corpus.source == place) & ~corpus.held_out)
        take = int(np.ceil(len(own) * SHARES.get(name, OTHER_SHARE)))
        for at in range(number * take, (number + 1) * take):
            cycle, within = divmod(at, len(own))
            if within == 0 or at == number * take:
                order = np.random.default_rng([seed, place, cycle]).permutation(own)
            picked.append(int(order[within]))
    return [picked[place] for place in np.random.default_rng([seed, number, 1]).permutation(len(picked))]


def _draw_negatives(negatives: Ints, chance: np.random.Generator) -> tuple[int, ...]:
    """One to three of those there are, the better ones more often."""
    there = negatives[negatives >= 0]
    if not len(there):
        return ()
    many = min(len(there), 1 + int(chance.choice(len(NEGATIVES_DRAWN), p=NEGATIVES_DRAWN)))
    weights = 1.0 / (2 + np.arange(len(there)))
    rows = chance.choice(there, many, replace=False, p=weights / weights.sum())
    return tuple(int(row) for row in rows)


def pack(draws: Draws, size: int) -> list[Draws]:
    """Draws in order, cut into batches of at most `size` pairs."""
    batches: list[list[tuple[int, tuple[int, ...]]]] = [[]]
    room = size
    for draw in draws:
        pairs = 1 + len(draw[1])
        if pairs > room and batches[-1]:
            batches.append([])
            room = size
        batches[-1].append(draw)
        room -= pairs
    return list(batches)


def assemble(corpus: Corpus, draws: Draws, pieces: int, seed: Sequence[int], exact: bool = False) -> Batch:
    """A batch as padded arrays.

    Args:
        corpus: what the draws are of.
        draws: groups and the negatives drawn for each.
        pieces: longer pairs are cut to a window of the passage that holds the answer.
        seed: of windows and dropped titles.
        exact: always with titles and, where nothing is asked for, the passage's start.
    """
    chance = np.random.default_rng(list(seed))
    rows: list[list[int]] = []
    marks: list[tuple[int, int, int, int, int]] = []
    for number, (group, negatives) in enumerate(draws):
        question = corpus.questions.row(int(corpus.question[group])).tolist()
        span = int(corpus.first[group]), int(corpus.last[group])
        for passage, answer in [(int(corpus.passage[group]), span), *((row, (-1, -1)) for row in negatives)]:
            titled = exact or chance.random() >= TITLE_DROPPED
            title = corpus.titles.row(passage).tolist() if titled else []
            body = corpus.passages.row(passage).tolist()
            room = pieces - len(question) - len(title) - 3
            at = 0 if exact and answer[0] < 0 else window(len(body), room, answer, chance)
            start = len(question) + 2
            rows.append([CLS, *question, SEP, *title, *body[at : at + room], SEP])
            offset = start + len(title)
            first, last = (offset + answer[0] - at, offset + answer[1] - at) if answer[0] >= 0 else (0, 0)
            marks.append((start, offset, first, min(last, len(rows[-1]) - 2), number))
    return _padded(rows, marks)


def window(length: int, room: int, answer: tuple[int, int], chance: np.random.Generator) -> int:
    """Where in a passage of `length` pieces a window of `room` begins: anywhere that holds the answer.

    An answer longer than the window is held from its first piece on.
    """
    if length <= room:
        return 0
    lowest, highest = 0, length - room
    if answer[0] >= 0:
        lowest = max(0, min(answer[1] - room + 1, answer[0]))
        highest = min(highest, answer[0])
        lowest = min(lowest, highest)
    return int(chance.integers(lowest, highest + 1))


def _padded(rows: Sequence[Sequence[int]], marks: Sequence[tuple[int, int, int, int, int]]) -> Batch:
    shape = len(rows), max(len(row) for row in rows)
    input_ids, types, mask = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    body = np.zeros(shape, dtype=np.bool_)
    for number, (row, (start, offset, *_)) in enumerate(zip(rows, marks, strict=True)):
        input_ids[number, : len(row)] = row
        mask[number, : len(row)] = 1
        types[number, start : len(row)] = 1
        body[number, offset : len(row) - 1] = True
    first, last, group = (np.asarray([mark[n] for mark in marks], dtype=np.int64) for n in (2, 3, 4))
    return Batch(input_ids, types, mask, body, first, last, group)
