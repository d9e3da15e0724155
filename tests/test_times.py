"""Times in questions, and what they do to candidates."""

import datetime

import pytest

from qa.language import ENGLISH
from qa.questions import parse_question
from qa.times import NO_WISH, When, names_time, read_times
from qa.types import Period

NEWEST = "2024-11-25"


@pytest.mark.parametrize(
    ("question", "period"),
    [
        ("What was opened in April 2023?", Period("2023-04-01", "2023-04-30", "in April 2023")),
        ("Who spoke on March 3, 2021?", Period("2021-03-03", "2021-03-03", "on March 3, 2021")),
        ("what burned on the 3rd of march 2021", Period("2021-03-03", "2021-03-03", "on the 3rd of march 2021")),
        ("Who won on 3 March?", Period("", "", "on 3 March")),
        ("Which roads were closed in 2022?", Period("2022-01-01", "2022-12-31", "in 2022")),
        ("ferry accidents 2019", Period("2019-01-01", "2019-12-31", "2019")),
        ("What passed in early August 2022?", Period("2022-08-01", "2022-08-10", "in early August 2022")),
        ("What sank in late February 2023?", Period("2023-02-21", "2023-02-28", "in late February 2023")),
        ("What ended at 11pm on 31 January 2020?", Period("2020-01-31", "2020-01-31", "on 31 January 2020")),
        ("Who resigned yesterday?", Period("2024-11-24", "2024-11-24", "yesterday")),
        ("Who resigned last week?", Period("2024-11-18", "2024-11-25", "last week")),
        ("Who resigned last month?", Period("2024-10-25", "2024-11-25", "last month")),
        ("What opened on 2021-05-03?", Period("2021-05-03", "2021-05-03", "on 2021-05-03")),
    ],
)
def test_a_time_is_read(question: str, period: Period) -> None:
    _, wish = read_times(parse_question(question), NEWEST)
    assert wish.period == period
    assert not wish.newest


@pytest.mark.parametrize(
    "question",
    [
        "What did she promise before the election?",
        "What did he say before the 2022 midterms?",
        "What changed after 3 March 2021?",
        "How much has been spent since 2019?",
        "What happened on 30 February 2021?",
        "May she resign?",
        "Who won the 2023 cup?",
        "How many of 2,500 boats sank?",
    ],
)
def test_other_words_are_left_alone(question: str) -> None:
    parsed = parse_question(question)
    assert read_times(parsed, NEWEST) == (parsed, NO_WISH)


def test_without_dated_articles_there_is_no_last_week() -> None:
    assert read_times(parse_question("Who resigned last week?"), "")[1] == NO_WISH


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("What's the latest on the Tarn bridge?", ("tarn", "bridg")),
        ("latest news on Ann Lee", ("ann", "lee")),
        ("most recent news about the ferry", ("about", "ferri")),
        ("Any news on the ferry Sirius?", ("ferri", "sirius")),
        ("Where do things stand now with the observatory?", ("observatori",)),
        ("What did the keeper say the last time he was asked?", ("keeper", "say")),
    ],
)
def test_the_newest_is_wished_for(question: str, terms: tuple[str, ...]) -> None:
    read, wish = read_times(parse_question(question), NEWEST)
    assert wish.newest
    assert set(read.terms) <= {*terms, "about"}
    assert read.terms[-1] == terms[-1]


def test_words_of_a_time_weigh_less_and_are_no_names() -> None:
    read, _ = read_times(parse_question("What did the Sirius carry on 18 January 2023?"), NEWEST)
    assert read.carried == {"18", "januari", "2023"}
    assert read.names == {"sirius"}


@pytest.mark.parametrize(
    ("when", "text", "named"),
    [
        (When(2023, 1, 18, *[datetime.date(2023, 1, 18)] * 2), "They marched on Jan. 18, in the rain.", True),
        (When(2023, 1, 18, *[datetime.date(2023, 1, 18)] * 2), "They marched on January 18, 2023.", True),
        (When(2023, 1, 18, *[datetime.date(2023, 1, 18)] * 2), "They marched on 18 January 2019.", False),
        (When(2023, 1, 18, *[datetime.date(2023, 1, 18)] * 2), "They marched on Jan. 180.", False),
        (When(None, 3, 3), "It opened on 3 March 1999.", True),
        (When(2022, 8, None, datetime.date(2022, 8, 1), datetime.date(2022, 8, 31)), "It rained in August.", True),
        (
            When(2022, 8, None, datetime.date(2022, 8, 1), datetime.date(2022, 8, 31)),
            "It rained in August 2021.",
            False,
        ),
        (When(2022, None, None, datetime.date(2022, 1, 1), datetime.date(2022, 12, 31)), "In 2022 it rained.", True),
    ],
)
def test_a_sentence_names_a_time(when: When, text: str, named: bool) -> None:
    assert bool(names_time(when, ENGLISH.times)[0].search(text)) is named


def test_a_day_has_a_weekday() -> None:
    day = datetime.date(2023, 10, 3)
    weekday = names_time(When(2023, 10, 3, day, day), ENGLISH.times)[1]
    assert weekday is not None
    assert weekday.search("He pleaded not guilty Tuesday.")
    assert names_time(When(None, 10, 3), ENGLISH.times)[1] is None


def test_patterns_take_no_longer_for_long_questions() -> None:
    for piece in ("on 3 ", "in early ", "the latest ", "1 2 3 ", "any news "):
        parsed = parse_question(("x " + piece * 600)[:1999])
        read_times(parsed, NEWEST)
