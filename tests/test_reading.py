"""How questions are read over a small town's news: times, the newest, slips, other languages, follow-ups."""

from pathlib import Path

import pytest
from conftest import write_articles

from index.build import build
from index.encoders.protocol import SentenceEncoder
from qa import Answer, Assistant
from qa.types import Period

TOWN = {
    "2021/flood.txt": (
        "Flood in Lindtal\n\nBy Ann Lee\n20 July 2021\n\n"
        "The Varna flood destroyed forty homes in Lindtal on July 17. The mayor, Ines Kessler, called for help.\n\n"
        "The flood began on a Saturday night and ended two days later. Sixty acres of wheat were lost.\n"
    ),
    "2022/flood.txt": (
        "Second flood in Lindtal\n\nBy Ann Lee\n12 August 2022\n\n"
        "A flood destroyed nine homes in Lindtal on Wednesday. The mayor, Ines Kessler, said that the dam had held.\n"
    ),
    "2023/dam.txt": (
        "Dam in Lindtal is raised\n\nBy Bob Ray\n3 April 2023\n\n"
        "The dam above Lindtal will be raised by four metres, the mayor said. Work on the dam starts in May.\n"
    ),
    "2024/dam.txt": (
        "Dam in Lindtal is finished\n\nBy Bob Ray\n9 September 2024\n\n"
        "The dam above Lindtal was finished on Friday, a year late. It cost eleven million euros.\n"
    ),
    "2024/bakery.txt": (
        "Bakery wins a prize\n\nBy Bob Ray\n2 October 2024\n\n"
        "The bakery Kornmann in Oberlind won the national prize for its rye bread. Its owner, Paul Kornmann, was "
        "surprised. The restaurant next door celebrated with him in February.\n"
    ),
}

GERMAN = {
    "bruecke.txt": (
        "Brücke wird gesperrt\n\n3. Mai 2021\n\n"
        "Die alte Brücke über den Fluss wird am Montag für elf Wochen gesperrt, teilte die Stadt mit. Die Arbeiten "
        "kosten zwei Millionen Euro, und die Busse fahren in dieser Zeit über die nördliche Brücke.\n"
    ),
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, real_encoder: SentenceEncoder) -> Assistant:
    return _over(tmp_path_factory.mktemp("town"), TOWN, real_encoder)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory, real_encoder: SentenceEncoder) -> Assistant:
    return _over(tmp_path_factory.mktemp("mixed"), TOWN | GERMAN, real_encoder)


def _over(folder: Path, articles: dict[str, str], encoder: SentenceEncoder) -> Assistant:
    build(write_articles(folder / "articles", articles), folder / "index", loader=lambda _model: encoder)
    return Assistant.open(folder / "index", encoder)


def _path(answer: Answer) -> str:
    return answer.quotes[0].path


@pytest.mark.parametrize(
    ("question", "path"),
    [
        ("How many homes did the flood in Lindtal destroy in July 2021?", "2021/flood.txt"),
        ("How many homes did the flood in Lindtal destroy on 10 August 2022?", "2022/flood.txt"),
        ("How many homes did the flood in Lindtal destroy on July 17?", "2021/flood.txt"),
    ],
)
def test_a_time_prefers_what_is_of_it(town: Assistant, question: str, path: str) -> None:
    answer = town.ask(question)
    assert _path(answer) == path
    assert answer.period


def test_the_time_is_told_and_lifted(town: Assistant) -> None:
    question = "How many homes did the flood in Lindtal destroy in August 2022?"
    assert town.ask(question).period == Period("2022-08-01", "2022-08-31", "in August 2022")
    literal = town.ask(question, literally=True)
    assert (literal.period, literal.understood) == (None, question)


def test_the_newest_article_about_it_is_quoted(town: Assistant) -> None:
    answer = town.ask("What's the latest on the dam in Lindtal?")
    assert {quote.path for quote in answer.quotes} == {"2024/dam.txt"}
    assert answer.remark == "The newest article about it is of 2024-09-09."
    assert town.ask("What's the latest on the dam in Lindtal?", literally=True).remark == ""


@pytest.mark.parametrize(
    ("question", "corrected"),
    [
        ("waht did the flod destroy", (("waht", "what"), ("flod", "flood"))),
        ("Who owns the bakery Kornman?", (("Kornman", "Kornmann"),)),
        ("where is the restuarant", (("restuarant", "restaurant"),)),
        ("how much dose it cost", (("dose", "does"),)),
        ("hwo many homes were destroyd", (("hwo", "how"), ("destroyd", "destroyed"))),
    ],
)
def test_a_slip_is_read_and_told(town: Assistant, question: str, corrected: tuple[tuple[str, str], ...]) -> None:
    answer = town.ask(question)
    assert answer.corrected == corrected
    assert (answer.question, answer.understood) == (question, _replaced(question, corrected))
    literal = town.ask(question, literally=True)
    assert (literal.corrected, literal.understood) == ((), question)


def _replaced(text: str, corrected: tuple[tuple[str, str], ...]) -> str:
    for written, read in corrected:
        text = text.replace(written, read)
    return text


@pytest.mark.parametrize(
    "question",
    [
        "Who wrote One Hundred Years of Solitude by Gabriel García Márquez?",
        "Who is the mayor of Limburg?",
        "What did Kessel say about the treaty?",
        "Where was Paula Hoffmann born?",
        "What did the singer protect?",
        "Summarise this article.",
        "What does UNHCR want?",
    ],
)
def test_what_is_not_there_is_not_turned_into_something_else(town: Assistant, question: str) -> None:
    answer = town.ask(question)
    assert answer.corrected == ()
    assert answer.understood == question


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("¿Cuántas casas destruyó la inundación?", "Spanish"),
        ("Wie viele Häuser wurden bei der Flut zerstört?", "German"),
        ("Combien de maisons ont été détruites par la crue ?", "French"),
        ("Сколько домов было разрушено?", "Russian"),
    ],
)
def test_another_language_is_told_and_never_quoted_for_silently(town: Assistant, question: str, language: str) -> None:
    answer = town.ask(question)
    assert answer.remark == (
        f"The question looks {language}; the articles are in English, so these are only the nearest passages."
    )
    assert (answer.found, answer.quotes) == (False, ())
    assert 0 < len(answer.passages) <= 3


@pytest.mark.parametrize("question", ["latest on the dam", "Kornmann Oberlind prize", "rio de janeiro carnival 2022"])
def test_a_short_english_question_is_english(town: Assistant, question: str) -> None:
    assert "looks" not in town.ask(question).remark


def test_a_mixed_folder_is_asked_in_both_languages(mixed: Assistant) -> None:
    german = mixed.ask("Wie lange wird die alte Brücke gesperrt?")
    assert (german.remark, german.quotes[0].path) == ("", "bruecke.txt")
    english = mixed.ask("How many homes did the flood in Lindtal destroy in July 2021?")
    assert (english.remark, english.quotes[0].path) == ("", "2021/flood.txt")
    assert mixed.ask("¿Cuántas casas destruyó la inundación?").remark.startswith("The question looks Spanish;")


@pytest.mark.parametrize(
    ("first", "second", "understood"),
    [
        ("When did the Varna flood begin?", "When did it end?", "When did the Varna flood end?"),
        ("Who is Ines Kessler?", "What did she say?", "What did Ines Kessler say?"),
        ("Who is Paul Kornmann?", "Where is his bakery?", "Where is Paul Kornmann’s bakery?"),
        (
            "How many homes were destroyed?",
            "And how many were lost?",
            "And how many were lost? (after “How many homes were destroyed?”)",
        ),
        ("Who called for help?", "Why did she?", "Why did she? (after “Who called for help?”)"),
    ],
)
def test_a_follow_up_is_told_as_a_person_would_ask_it(
    town: Assistant, first: str, second: str, understood: str
) -> None:
    assert town.ask(second, history=[first]).understood == understood


def test_a_question_that_names_nothing_stays_with_the_last_articles(town: Assistant) -> None:
    before = town.ask("How many homes did the flood in Lindtal destroy in August 2022?")
    assert _path(before) == "2022/flood.txt"
    assert _path(town.ask("How many homes were destroyed by the flood?", history=[before])) == "2022/flood.txt"
