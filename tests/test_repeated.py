"""Lines that stand alike in several articles: values written out, and a plain count as the oracle."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.repeated import MANY_ARTICLES, MIN_ARTICLES, MIN_CHARS, line_key, repeated, without_repeated
from index.types import Block, Role


def found(rows: Sequence[tuple[int, int]], titles: Sequence[str]) -> list[int]:
    """The repeated keys of ``(article, key)`` rows."""
    articles, keys = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    kept = repeated(articles, keys, titles.__getitem__)
    assert (kept.dtype.name, kept.ndim) == ("int64", 1)
    return kept.tolist()  # type: ignore[no-any-return]


def test_a_key_is_a_hash_that_leaves_out_case_and_space() -> None:
    assert line_key("Read also this") == line_key("  Read\u00a0ALSO\r\n this ") == -5609062121728308489
    assert line_key("Zaćmienie rano") == 7392988633852488436
    assert line_key("Read also that") != line_key("Read also this")
    assert line_key("half of it \udcff") == line_key("half of it ?")


def test_a_short_line_has_no_key() -> None:
    assert MIN_CHARS == 8
    assert line_key("Erie, PA") != 0
    assert [line_key(line) for line in ("", " ", "Yes", "Erie, P", "  Erie,   P  ")] == [0] * 5


def test_three_articles_about_different_things_make_boilerplate_and_two_do_not() -> None:
    assert MIN_ARTICLES == 3
    titles = ["Bridge closes", "Ferry returns", "Dome opens"]
    assert found([(0, 7), (1, 7), (2, 7), (0, 5), (2, 5)], titles) == [7]


def test_what_articles_about_one_thing_share_is_what_they_tell() -> None:
    rows = [(0, 7), (1, 7), (2, 7)]
    assert found(rows, ["Eclipse today", "The ECLIPSE in pictures", "Who sees an eclipse?"]) == []
    assert found(rows, ["The sun", "The moon", "The sky"]) == [7]  # words of three letters say little
    assert found([*rows, (3, 7)], ["Eclipse today", "The eclipse", "An eclipse", "Bridge closes"]) == [7]


@pytest.mark.parametrize(("title", "expected"), [("Go on", []), ("港口大桥将关闭十一周", []), ("", [])])
def test_copies_of_an_article_are_about_one_thing(title: str, expected: list[int]) -> None:
    # BUG: three copies of an article whose title has short words only were boilerplate from end to end.
    assert found([(0, 7), (1, 7), (2, 7)], [title, title, title]) == expected


def test_what_stands_in_very_many_is_boilerplate_whatever_they_are_about() -> None:
    assert MANY_ARTICLES == 30
    titles = ["Eclipse today"] * 30
    assert found([(number, 7) for number in range(29)], titles) == []
    assert found([(number, 7) for number in range(30)], titles) == [7]


def test_an_article_that_says_a_line_often_counts_once_and_no_key_is_none() -> None:
    titles = ["Bridge closes", "Ferry returns", "Dome opens"]
    assert found([(0, 7), (0, 7), (0, 7), (1, 7), (1, 7)], titles) == []
    assert found([(0, 0), (1, 0), (2, 0)], titles) == []
    assert found([], []) == []


KEYS = st.sampled_from([-(2**63), -7, -1, 0, 1, 7, 2**63 - 1])
TITLES = st.lists(
    st.sampled_from(["Bridge closes", "Bridge opens", "Ferry", "Go", "Go on", ""]), min_size=6, max_size=6
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), KEYS), max_size=40), TITLES)
def test_keys_are_those_that_counting_one_by_one_finds(rows: list[tuple[int, int]], titles: list[str]) -> None:
    expected = []
    for key in sorted({key for _, key in rows} - {0}):
        of = [titles[number].casefold() for number in {number for number, other in rows if other == key}]
        of = [title for title in of if title]
        holders = len(of)
        words = [{word for word in [*title.split(), title] if len(word) >= 4 or word == title} for title in of]
        if holders >= 3 and not set.intersection(*words):
            expected.append(key)
    assert found(rows, titles) == expected


def test_only_what_would_answer_becomes_boilerplate() -> None:
    blocks = [Block(role, 10 * number, 10 * number + 8, 7) for number, role in enumerate(Role)]
    kept = without_repeated([*blocks, Block(Role.BODY, 200, 210, 5)], {7})
    changed = {before.role for before, after in zip(blocks, kept, strict=False) if before != after}
    assert changed == {Role.BODY, Role.LIST_ITEM, Role.TABLE_ROW, Role.QUOTATION}
    assert kept[4] == Block(Role.BOILERPLATE, 40, 48, 7)
    assert kept[-1] == Block(Role.BODY, 200, 210, 5)
    assert without_repeated(blocks, ()) == tuple(blocks)
