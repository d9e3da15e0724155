"""Bars of the months and years in which articles are from, and how a screen reader hears them."""

import re

import pytest

from chat import render
from chat.timeline import MOST_MONTHS, Bar, bars
from chat.turns import Turn
from index.types import Source
from qa import Answer
from qa.types import AnswerKind, Listed


def shown(answer: Answer) -> str:
    return render.render_conversation((Turn("q", answer=answer),))


def test_bars_are_months_and_of_a_long_time_years() -> None:
    assert bars(["2022-11-30", "", "2023-01-01", "2023-01-31", "no date"]) == [
        Bar("November 2022", 1, 50),
        Bar("December 2022", 0, 0),
        Bar("January 2023", 2, 100),
    ]
    assert len(bars(["2021-01-01", "2022-12-31"])) == MOST_MONTHS
    assert bars(["2021-01-31", "2023-01-01"]) == [Bar("2021", 1, 100), Bar("2022", 0, 0), Bar("2023", 1, 100)]


@pytest.mark.parametrize("dates", [[], ["", "x"], ["2021-05-01", "2021-05-31"]])
def test_without_two_times_there_are_no_bars(dates: list[str]) -> None:
    assert bars(dates) == []
    listed = tuple(Listed(Source("a.txt", "", published=date)) for date in dates)
    rendered = shown(Answer("q", True, 1.0, (), (), kind=AnswerKind.ARTICLES, articles=listed))
    assert "timeline" not in rendered


def test_the_timeline_is_a_list_for_a_screen_reader() -> None:
    dates = ("2021-05-03", "2021-07-01", "2021-07-02")
    listed = tuple(Listed(Source("a.txt", "", published=date)) for date in dates)
    rendered = shown(Answer("q", True, 1.0, (), (), kind=AnswerKind.COUNT, articles=listed, count=3))
    assert '<ol role="list" aria-label="Articles by month">' in rendered
    assert re.findall(r'<span class="unseen">(\w+ 2021: [^<]*)', rendered) == [
        "May 2021: 1 article",
        "July 2021: 2 articles",
    ]
    assert re.findall(r"--at: (\d+); --share: (\d+)", rendered) == [("1", "50"), ("3", "100")]
