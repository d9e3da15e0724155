"""Segments: that those cut or put together in any way are the same; blocks and roles from their table."""

import itertools
import pickle
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from conftest import TINY_ARTICLES, HashEncoder
from hypothesis import given, settings
from hypothesis import strategies as st
from store_conformance import HEADED, assert_same_segment

from index.articles import parse_article
from index.drafts import make_segment
from index.segment import (
    ROLES,
    BlockColumn,
    Column,
    Segment,
    Terms,
    blocks_of,
    merge,
    roles_of,
    rows_of,
    starts_of,
)
from index.structure import structure
from index.types import Article, Block, Role

TEXTS = [
    *TINY_ARTICLES.values(),
    HEADED,
    "Alpha title\n\nThe alpha paragraph is long enough to be a passage by itself, and it has two parts. It ends.\n",
    "\ufeffÜber die Brücke 🌉\r\n\r\nÜber die Brücke geht niemand mehr, sagte die Bürgermeisterin am Montag.\r\n",
    "Bridge\n\n" + "The repairs of the harbour take long, as the engineers had told. " * 12,
    "!!! ???\n",
    "телескоп 😀\u2028beta",
    "二つ目の段落。 Ένα ακόμη μεγάλο κείμενο σε αυτή την παράγραφο, e\u0301tude\u2028fin.\n",
]
ARTICLES = [parse_article(f"{number}.txt", text.encode()) for number, text in enumerate(TEXTS)]
some_articles = st.lists(st.sampled_from(ARTICLES), min_size=1, max_size=6)


def made(articles: Sequence[Article], max_tokens: int = 30) -> Segment:
    return make_segment(articles, HashEncoder(), max_tokens)


def cut(count: int, marks: list[int]) -> list[tuple[int, int]]:
    """``[0, count)`` in pieces that end at the marks."""
    edges = sorted({0, count, *(mark % (count + 1) for mark in marks)})
    return list(itertools.pairwise(edges))


def test_a_segment_of_nothing_is_empty() -> None:
    segment = made([])
    assert (segment.articles, segment.texts, segment.terms.vocabulary) == ((), (), ())
    assert (len(segment.chunks), len(segment.sentences), segment.terms.starts.tolist()) == (0, 0, [0])
    assert segment.blocks.shape == (0, len(BlockColumn))
    assert_same_segment(merge([segment, made(ARTICLES[:2]), segment]), made(ARTICLES[:2]))
    with pytest.raises(ValueError):
        merge([])


@given(some_articles, st.lists(st.integers(0, 100), max_size=4), st.sampled_from([8, 30, 200]))
@settings(max_examples=60, deadline=None)
def test_segments_cut_anywhere_and_merged_equal_one_made_at_once(
    articles: list[Article], marks: list[int], max_tokens: int
) -> None:
    parts = [made(articles[first:last], max_tokens) for first, last in cut(len(articles), marks)]
    assert_same_segment(merge(parts), made(articles, max_tokens))


@given(st.lists(some_articles, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_taking_from_what_was_merged_gives_back_the_parts(groups: list[list[Article]]) -> None:
    parts = [made(group) for group in groups]
    whole, first = merge(parts), 0
    for part in parts:
        last = first + len(part.articles)
        assert_same_segment(whole.take(first, last), part)
        first = last


@given(some_articles, st.lists(st.integers(0, 100), max_size=4))
@settings(max_examples=60, deadline=None)
def test_merging_what_was_taken_gives_back_the_whole(articles: list[Article], marks: list[int]) -> None:
    whole = made(articles)
    parts = [whole.take(first, last) for first, last in cut(len(articles), marks)]
    assert_same_segment(merge(parts), whole)
    for part, (first, last) in zip(parts, cut(len(articles), marks), strict=True):
        assert_same_segment(part, made(articles[first:last]))


@given(some_articles, st.lists(st.integers(0, 100), max_size=4))
@settings(max_examples=60, deadline=None)
def test_blocks_are_those_of_each_article_however_segments_were_cut(articles: list[Article], marks: list[int]) -> None:
    whole = merge([made(articles[first:last]) for first, last in cut(len(articles), marks)])
    assert np.array_equal(whole.blocks[:, BlockColumn.ARTICLE], np.sort(whole.blocks[:, BlockColumn.ARTICLE]))
    for number, article in enumerate(articles):
        rows = whole.blocks[whole.blocks[:, BlockColumn.ARTICLE] == number]
        assert blocks_of(rows) == structure(article) == blocks_of(whole.take(number, number + 1).blocks)


def test_a_role_is_stored_as_its_place() -> None:
    """Another order is another format, see `generations.FORMAT`."""
    assert [str(role) for role in ROLES] == [
        *("title", "byline", "dateline", "heading", "body"),
        *("list item", "table row", "caption", "quotation", "boilerplate"),
    ]
    rows = np.array([[7, 3, 0, 5, -(2**63)], [7, 4, 6, 20, 2**63 - 1], [8, 9, 0, 1, 0]])
    assert blocks_of(rows) == (
        Block(Role.HEADING, 0, 5, -(2**63)),
        Block(Role.BODY, 6, 20, 2**63 - 1),
        Block(Role.BOILERPLATE, 0, 1),
    )
    assert blocks_of(rows[:0]) == ()


def test_a_span_has_the_role_of_the_block_that_it_begins_in() -> None:
    blocks = (Block(Role.TITLE, 2, 10), Block(Role.QUOTATION, 12, 30), Block(Role.CAPTION, 30, 40))
    spans = [(2, 10), (9, 20), (12, 15), (29, 35), (30, 31), (39, 50)]
    assert roles_of(spans, blocks) == (
        *(Role.TITLE, Role.TITLE, Role.QUOTATION, Role.QUOTATION, Role.CAPTION, Role.CAPTION),
    )
    assert roles_of([(0, 5), (10, 14), (40, 41)], blocks) == (Role.BODY,) * 3  # in none
    assert (roles_of([], blocks), roles_of([(0, 1)], ())) == ((), (Role.BODY,))


def test_taking_nothing_gives_nothing() -> None:
    whole = made(ARTICLES)
    for at in range(len(ARTICLES) + 1):
        assert_same_segment(whole.take(at, at), made([]))


def without_chunks(number: int) -> Segment:
    """A segment of one article that has no chunks, as a store may keep it."""
    return replace(made([]), articles=(replace(ARTICLES[0], path=f"empty{number}"),), texts=(b"",))


def test_articles_without_chunks_stay_where_they_are() -> None:
    parts = [without_chunks(1), made(ARTICLES[:1]), without_chunks(2), without_chunks(3), made(ARTICLES[1:3])]
    whole = merge([*parts, without_chunks(4)])
    assert np.bincount(whole.chunks[:, Column.ARTICLE], minlength=7).tolist()[0::3] == [0, 0, 0]
    for first, last in ((0, 1), (0, 2), (1, 3), (2, 4), (3, 6), (6, 7), (0, 7)):
        part = whole.take(first, last)
        assert part.articles == whole.articles[first:last]
        assert_same_segment(merge([whole.take(0, first), part, whole.take(last, 7)]), whole)


def test_a_segment_can_be_sent_and_renamed() -> None:
    segment = made(ARTICLES)
    assert_same_segment(pickle.loads(pickle.dumps(segment)), segment)
    infos = [replace(info, path=f"moved/{info.path}") for info in segment.articles]
    renamed = segment.renamed(infos)
    assert renamed.articles == tuple(infos)
    assert_same_segment(renamed.renamed(segment.articles), segment)
    with pytest.raises(ValueError, match="2 articles, 10 texts"):
        segment.renamed(infos[:2])


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"texts": (b"",)}, "10 articles, 1 texts"),
        ({"vectors": np.zeros((1, 64), np.float32)}, r"\d\d chunks, 1 vectors, \d\d rows of terms"),
        ({"terms": Terms.of([["a"]])}, r"\d\d chunks, \d\d vectors, 1 rows of terms"),
        ({"sentences": np.zeros((1, 2), np.int64)}, r"1 sentences, \d\d sentences of the chunks"),
    ],
)
def test_parts_that_do_not_belong_together_are_refused_with_their_numbers(changed: dict[str, Any], found: str) -> None:
    with pytest.raises(ValueError, match=found):
        replace(made(ARTICLES), **changed)


words = st.text("abcß🌉é", min_size=1, max_size=3)
rows_of_words = st.lists(st.lists(words, max_size=6), max_size=8)


@given(rows_of_words)
def test_terms_give_back_their_rows(rows: list[list[str]]) -> None:
    found = Terms.of(rows)
    assert found.rows() == rows
    assert list(found.vocabulary) == sorted({word for row in rows for word in row})


@given(rows_of_words, st.data())
def test_rows_that_are_taken_are_numbered_as_if_they_were_alone(rows: list[list[str]], data: st.DataObject) -> None:
    first, last = sorted(data.draw(st.tuples(st.integers(0, len(rows)), st.integers(0, len(rows)))))
    found, expected = Terms.of(rows).take(first, last), Terms.of(rows[first:last])
    assert found.vocabulary == expected.vocabulary
    assert np.array_equal(found.ids, expected.ids)
    assert np.array_equal(found.starts, expected.starts)


@given(st.permutations(["a", "b", "ß", "zz", "é"]), st.lists(st.integers(0, 4), max_size=12))
def test_numbers_into_any_vocabulary_become_the_same_terms(vocabulary: list[str], numbers: list[int]) -> None:
    found = Terms.using(vocabulary, np.array(numbers, dtype=np.int32), starts_of([len(numbers)]))
    expected = Terms.of([[vocabulary[number] for number in numbers]])
    assert (found.vocabulary, found.ids.tolist()) == (expected.vocabulary, expected.ids.tolist())
    assert found.ids.dtype == np.int32


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 5)), max_size=8))
def test_rows_of_blocks_are_those_of_ranges(blocks: list[tuple[int, int]]) -> None:
    expected = [row for first, count in blocks for row in range(first, first + count)]
    found = rows_of([first for first, _ in blocks], [count for _, count in blocks])
    assert found.dtype == np.int64
    assert found.tolist() == expected
