"""Lists, counts, authors, summaries and greetings, asked of an assistant; other questions go on as ever."""

from pathlib import Path

import pytest
from conftest import HashEncoder, hash_build, write_articles

from index.errors import QuestionRejected
from index.filters import Filters
from qa import Assistant
from qa.summaries import LEAD_CHARS, SUMMED_UP, WHICH, lead
from qa.types import NOT_FOUND, Answer, AnswerKind, Certainty, Listed

LONG = " ".join(f"This is sentence {number} of a paragraph that is long." for number in range(40))

ARTICLES = {
    "bridge.txt": "Old bridge closes for repairs\n\nBy Ann Lee\n2021-05-03\n\n"
    "The stone bridge over the Tarn will close on Monday for eleven weeks.\n\n"
    "Buses will use the northern bridge, the council said.\n\nTarn's mayor is glad.\n\n"
    "The repairs cost 2.4 million euros.\n",
    "ferry.txt": "Ferry returns to the harbour\n\nBy Renée Ray\n2022-11-30\n\n"
    "The ferry Sirius sails again from the old harbour.\n\n"
    "It carries 140 passengers, and crosses the Tarn at noon.\n",
    "lens.txt": "Observatory opens its dome\n\nBy Ann Lee and Bob Ray\n2023-01-02\n\n"
    "Visitors may look through the great telescope on clear evenings.\n\nIts lens was ground in Jena by hand.\n",
    "long.txt": f"A long paragraph\n\n2020-01-01\n\n{LONG}\n\nThe second paragraph names Tarnish.\n",
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("collection")
    hash_build(write_articles(folder / "articles", ARTICLES), folder / "index")
    return Assistant.open(folder / "index", HashEncoder())


def paths(answer: Answer) -> list[str]:
    return [article.path for article in answer.articles]


def test_a_list_has_every_article_with_its_lines_and_the_best_as_a_checked_quote(assistant: Assistant) -> None:
    answer = assistant.ask("Which articles are about the bridge?")
    assert (answer.kind, answer.found, answer.count, answer.quotes) == (AnswerKind.ARTICLES, True, None, ())
    assert (answer.question, answer.understood) == ("Which articles are about the bridge?",) * 2
    (listed,) = answer.articles
    assert (listed.path, listed.lines, answer.told) == ("bridge.txt", (1, 6, 8), "1 of 4 articles is about the bridge.")
    assert listed.best is not None
    assert listed.best.text == "The stone bridge over the Tarn will close on Monday for eleven weeks."
    article = assistant.article("bridge.txt")
    assert article.text[listed.best.start : listed.best.end] == listed.best.text
    assert answer.text.splitlines() == [
        answer.told,
        "Old bridge closes for repairs, bridge.txt, lines 1, 6, 8",
        f"“{listed.best.text}” (bridge.txt:6)",
    ]
    assert answer.as_json()["articles"][0]["best"]["start_line"] == 6


def test_no_article_about_something_is_no_answer(assistant: Assistant) -> None:
    answer = assistant.ask("Do you have any articles about volcanoes?")
    assert (answer.kind, answer.found, answer.score, answer.articles) == (AnswerKind.ARTICLES, False, 0.0, ())
    assert answer.text == "No article is about volcanoes."


def test_a_count_is_exact_and_can_be_made_again(assistant: Assistant) -> None:
    answer = assistant.ask("How many articles mention Tarn?")
    assert (answer.kind, answer.count, answer.certainty) == (AnswerKind.COUNT, 2, Certainty.SURE)
    assert answer.told == "2 of 4 articles hold the word Tarn, on 3 lines."
    assert {article.path: article.lines for article in answer.articles} == {"bridge.txt": (6, 10), "ferry.txt": (8,)}
    for article in answer.articles:
        lines = ARTICLES[article.path].split("\n")
        assert [number for number, line in enumerate(lines, 1) if "Tarn" in line] == list(article.lines)
    nothing = assistant.ask("How many articles mention the word zebra?")
    assert (nothing.found, nothing.count, nothing.text) == (True, 0, "No article holds the word zebra.")


def test_all_articles_are_counted_and_listed(assistant: Assistant) -> None:
    assert (assistant.ask("How many articles do you have?").count, assistant.ask("List all articles").count) == (
        4,
        None,
    )
    assert paths(assistant.ask("List all articles")) == sorted(ARTICLES)


def test_filters_hold_for_lists_counts_and_summaries(assistant: Assistant) -> None:
    since = Filters.parse(since="2022")
    assert paths(assistant.ask("Which articles mention Tarn?", filters=since)) == ["ferry.txt"]
    answer = assistant.ask("How many articles mention Tarn?", filters=since)
    assert (answer.count, answer.filters) == (1, "since 2022-01-01")
    assert answer.told == "1 of 2 articles (since 2022-01-01) holds the word Tarn, on 1 line."
    assert assistant.ask("How many articles are there?", filters=since).count == 2
    assert not assistant.ask("Which articles are about the bridge?", filters=since).found
    assert paths(assistant.ask("What has Ann Lee written?", filters=since)) == ["lens.txt"]
    only = Filters.parse(path="ferry.txt")
    assert assistant.ask("What is this article about?", filters=only).quotes[0].path == "ferry.txt"


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("What has Ann Lee written?", ["lens.txt", "bridge.txt"]),
        ("Which articles are by LEE?", ["lens.txt", "bridge.txt"]),
        ("articles by renee ray", ["ferry.txt"]),
        ("Which articles did Ann Lee write?", ["lens.txt", "bridge.txt"]),
        ("Show me articles by Ann Lee about the bridge", ["bridge.txt"]),
        ("articles by Carl Cob", []),
    ],
)
def test_authors_are_matched_by_their_names(assistant: Assistant, question: str, found: list[str]) -> None:
    answer = assistant.ask(question)
    assert (answer.kind, paths(answer), answer.found) == (AnswerKind.ARTICLES, found, bool(found))
    assert answer.remark == ""


def test_authors_of_one_name_are_told_apart(assistant: Assistant) -> None:
    answer = assistant.ask("What has Ray written?")
    assert paths(answer) == ["lens.txt", "ferry.txt"]
    assert answer.remark == "Authors that are called so: Ann Lee and Bob Ray, Renée Ray."


@pytest.mark.parametrize(
    ("question", "quoted", "line"),
    [
        ("Who wrote the article about the old bridge?", "By Ann Lee", 3),
        ("What is the headline of the story on the ferry Sirius?", "Ferry returns to the harbour", 1),
        ("When was the piece about the telescope published?", "2023-01-02", 4),
        ("Who wrote “Ferry returns”?", "By Renée Ray", 3),
    ],
)
def test_the_header_of_a_named_article_is_quoted(assistant: Assistant, question: str, quoted: str, line: int) -> None:
    answer = assistant.ask(question)
    assert [(quote.text, quote.start_line) for quote in answer.quotes] == [(quoted, line)]


def test_a_summary_is_the_beginning_of_the_article_that_is_meant(assistant: Assistant) -> None:
    first = "The ferry Sirius sails again from the old harbour."
    second = "It carries 140 passengers, and crosses the Tarn at noon."
    named = assistant.ask("What is the article about the ferry about?")
    assert (named.kind, [quote.text for quote in named.quotes]) == (AnswerKind.SUMMARY, [first, second])
    listed = assistant.ask("Which articles are about the ferry?")
    assert assistant.ask("Summarise it", [listed]).quotes == assistant.ask("Summarise it", [named]).quotes
    nothing = assistant.ask("What is this article about?")
    assert (nothing.found, nothing.text) == (False, WHICH)


def test_several_articles_are_summed_up_by_their_first_paragraphs(assistant: Assistant) -> None:
    answer = assistant.ask("Summarise the articles about Tarn")
    assert answer.told == "The beginning of each of 2 articles about Tarn."
    assert [quote.start_line for quote in answer.quotes] == [6, 6]
    assert len(answer.quotes) == len(answer.articles) == 2 <= SUMMED_UP


def test_a_long_paragraph_is_cut_behind_a_sentence(assistant: Assistant) -> None:
    (quote,) = lead(assistant.snapshot, "long.txt", 1.0)
    assert 0 < LEAD_CHARS - len(quote.text) < 60
    assert quote.text == LONG[: len(quote.text)] and quote.text.endswith("is long.")


@pytest.mark.parametrize(
    ("question", "begins"),
    [("Hello!", "Hello. Ask what 4 articles of 2020-01-01 to 2023-01-02 say"), ("What can you do?", "Ask what 4 "),
     ("Thanks a lot", "You are welcome."), ("Bye", "Goodbye.")],
)  # fmt: skip
def test_greetings_are_answered_by_the_product_itself(assistant: Assistant, question: str, begins: str) -> None:
    answer = assistant.ask(question)
    assert (answer.kind, answer.found, answer.quotes, answer.passages) == (AnswerKind.PRODUCT, True, (), ())
    assert answer.text.startswith(begins)


def test_other_questions_are_answered_as_ever(assistant: Assistant) -> None:
    for question in ("Who wrote “Hamlet”?", "What has Shakespeare written?", "How many passengers does it carry?"):
        assert assistant.ask(question).kind is AnswerKind.QUOTES


def test_find_lists_what_holds_the_words(assistant: Assistant) -> None:
    found = assistant.find("tarn")
    assert [(article.path, article.lines) for article in found] == [("bridge.txt", (6, 10)), ("ferry.txt", (8,))]
    assert (
        assistant.find("northern  Bridge")[0].best
        == assistant.ask("Which articles mention northern bridge").articles[0].best
    )
    assert assistant.find("tarn", Filters.parse(author="Ray"))[0].path == "ferry.txt"
    assert assistant.find("bridge northern") == []
    with pytest.raises(QuestionRejected):
        assistant.find("?!")


def test_a_title_keeps_its_marks_out_of_the_way_of_citations(assistant: Assistant) -> None:
    source = assistant.article("ferry.txt").source(0)
    assert Listed(source).text == "Ferry returns to the harbour, ferry.txt"
    assert NOT_FOUND not in assistant.ask("articles about nothing at all").text


def test_the_index_says_what_it_finds_without_a_model(tmp_path: Path, assistant: Assistant) -> None:
    def refuse() -> HashEncoder:
        raise AssertionError("the model was loaded")

    from index.filters import NO_FILTERS
    from qa.asking import Asking

    asking = Asking(assistant.snapshot, refuse)
    assert asking.ask("How many articles mention Tarn?", [], NO_FILTERS).count == 2
    assert len(asking.find("Tarn", NO_FILTERS)) == 2
    assert asking.ask("Which articles are about the ferry?", [], NO_FILTERS).found
