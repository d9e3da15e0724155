"""Lists of an article, told by their form: marked lines, lines that begin alike, lines behind a colon."""

import pytest

from index.articles import parse_article
from index.structure import structure
from index.types import Article
from qa.runs import Run, runs

FILLER = "The council met on Tuesday evening and heard everybody who had come to speak about the harbour."


def read(*lines: str) -> tuple[Article, list[Run]]:
    text = "\n\n".join(["Harbour votes", FILLER, *lines, FILLER])
    article = parse_article("a.txt", text.encode())
    return article, runs(article.text, structure(article))


def items_of(*lines: str) -> list[list[str]]:
    article, found = read(*lines)
    return [[article.text[block.start : block.end] for block in run.items] for run in found]


COUNCILLORS = [
    "Sen. Ann Ray, D-N.H.",
    "Sen. Bo Lund, R-Ariz.",
    "Sen. Cy Dole, I-Maine (once a Democrat)",
    "Sen. Di Fox",
]
BAKERIES = [
    f"{name} ({street}): It opened a month ago and sells bread, cakes and much else that the town had to do without"
    for name, street in [("Crumb", "1 Mill Lane"), ("Loaf & Co.", "22 Quay St."), ("Rye", "Fish Square")]
]


@pytest.mark.parametrize(
    "lines",
    [
        ["- Apples", "- Pears", "- Plums"],
        ["1. Apples", "2. Pears", "3. Plums", "4. Figs"],
        COUNCILLORS,
        [f"{line}." for line in BAKERIES],
        ["Part 1: Fog", "Part 2: Sleet", "Part 3: Hail", "Part 4: Thaw"],
    ],
)
def test_lines_that_look_alike_are_a_list(lines: list[str]) -> None:
    assert items_of("Here is what is new in the town this year, in the order of the alphabet.", *lines) == [lines]


def test_short_lines_behind_a_colon_are_a_list_up_to_the_next_paragraph() -> None:
    clinics = ["Paws at 12 High Road; open at night.", "Claws at 3 Low Road; closed on Sundays."]
    assert items_of("Emergency vets in the town include:", *clinics, FILLER * 2) == [clinics]
    assert items_of("Emergency vets in the town are not many.", *clinics) == []


def test_a_list_knows_what_leads_to_it_and_its_heading() -> None:
    article, (run,) = read("Eating out", "These places are new in the town:", "Paws on the quay.", "Claws on the hill.")
    assert run.lead is not None and run.heading is not None
    assert article.text[run.lead.start : run.lead.end] == "These places are new in the town:"
    assert article.text[run.heading.start : run.heading.end] == "Eating out"
    assert not run.loose


def test_a_heading_with_a_colon_leads_to_all_paragraphs_up_to_the_next_heading() -> None:
    said = [f"The {name} said it would drop the column. {FILLER} {FILLER}" for name in ("Echo", "Mail", "Times")]
    article, found = read("Other papers did the same:", *said, "What comes next", FILLER)
    (run,) = found
    assert [article.text[block.start : block.end] for block in run.items] == said
    assert run.loose
    assert read("Erin Ray:", *said)[1] == []


def test_a_line_that_lacks_its_number_does_not_end_a_list() -> None:
    lines = ["1. Apples", "2. Pears", "3 Plums", "4. Figs", "5. Nuts"]
    assert items_of("Fruit of the year", *lines) == [lines]


def test_paragraphs_are_no_list() -> None:
    assert items_of("The boat came.", "The boat left.", "The boat sank.", "The crew swam.") == []
