"""What the shell prints of an answer: all quotes, articles, notes and how sure; nothing that steers a terminal."""

import pytest

from index.types import Source
from qa import Answer, Quote
from qa.types import AnswerKind, Certainty, Listed, Period
from shell.answers import print_answer

SOURCE = Source("a.txt", "5" * 64, "Old bridge closes", "Ann Lee", "2021-05-03")


def quote(text: str, start: int = 0, line: int = 3, answer: tuple[int, int] = (0, 0)) -> Quote:
    return Quote(SOURCE, text, start, start + len(text), line, line, 0.9, answer=answer)


def printed(answer: Answer, capsys: pytest.CaptureFixture[str]) -> list[str]:
    print_answer(answer)
    return capsys.readouterr().out.splitlines()


def test_all_quotes_are_printed_and_how_sure_that_is(capsys: pytest.CaptureFixture[str]) -> None:
    quotes = tuple(quote(f"Quote {number}.", line=number) for number in range(1, 13))
    lines = printed(Answer("Why?", True, 0.9, quotes, (), certainty=Certainty.SURE), capsys)
    assert [line for line in lines if line.endswith(".")] == [
        *(f"{number}. Quote {number}." for number in range(1, 13)),
        "Sure.",
    ]
    assert lines[1] == "   a.txt:1 · Old bridge closes · Ann Lee · 2021-05-03"


def test_how_the_question_was_read_is_told_first(capsys: pytest.CaptureFixture[str]) -> None:
    answer = Answer(
        *("When did the brigde close in 2021?", True, 0.9, (quote("In May."),), ()),
        understood="When did the bridge close in 2021?",
        corrected=(("brigde", "bridge"),),
        period=Period("2021-01-01", "2021-12-31", "in 2021"),
        remark="One article is of 2021.",
    )
    assert printed(answer, capsys)[:6] == [
        "(Read as: When did the bridge close in 2021?)",
        "(Preferring articles of 2021.)",
        "(One article is of 2021.)",
        "(--literally takes the question as it stands.)",
        "",
        "1. In May.",
    ]


def test_articles_are_printed_with_their_dates_and_lines(capsys: pytest.CaptureFixture[str]) -> None:
    listed = (
        Listed(SOURCE, (3, 8, 9), quote("The bridge is closed.", line=8)),
        Listed(Source("b.txt", "", "Ferry", "", "2022-11-30"), tuple(range(1, 15))),
        Listed(Source("c.txt", "")),
    )
    answer = Answer("q", True, 1.0, (), (), kind=AnswerKind.COUNT, articles=listed, count=3, certainty=Certainty.SURE)
    assert printed(answer, capsys) == [
        "3 articles",
        "",
        "1. The bridge is closed.",
        "   a.txt:8 · Old bridge closes · Ann Lee · 2021-05-03 · also lines 3, 9",
        "",
        "2. Ferry",
        "   b.txt · 2022-11-30 · lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 2 more",
        "",
        "3. c.txt",
        "   c.txt",
        "",
        "Sure.",
    ]


def test_the_product_speaks_without_certainty(capsys: pytest.CaptureFixture[str]) -> None:
    answer = Answer("Hello", True, 1.0, (), (), kind=AnswerKind.PRODUCT, told="Hello. Ask something.")
    assert printed(answer, capsys) == ["Hello. Ask something.", ""]


def test_nothing_of_an_answer_steers_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "\x1b[2J\u202eevil\x07"
    source = Source(evil, "", evil, evil, evil)
    best = Quote(source, evil, 0, len(evil), 1, 1, 0.9, answer=(0, 3))
    told = {"understood": evil, "corrected": ((evil, evil),), "remark": evil, "told": evil, "filters": evil}
    period = Period("", "", evil)
    for answer in (
        Answer("q", True, 0.9, (best,), (), period=period, **told),  # type: ignore[arg-type]
        Answer("q", True, 0.9, (), (), kind=AnswerKind.ARTICLES, articles=(Listed(source, (1,), best), Listed(source))),
        Answer("q", False, 0.0, (), (), told=evil),
    ):
        print_answer(answer)
        out = capsys.readouterr().out
        assert "evil" in out
        assert not {"\x1b", "\u202e", "\x07"} & set(out)


@pytest.mark.parametrize("terminal", [True, False])
def test_the_words_that_answer_are_bold_in_a_terminal_only(
    terminal: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    if terminal:
        monkeypatch.setenv("FORCE_COLOR", "1")
    else:
        monkeypatch.delenv("FORCE_COLOR", raising=False)
    words = quote("At least\x1b 25 people died.", start=100, answer=(109, 119))
    assert words.answer_text == " 25 people"
    print_answer(Answer("q", True, 0.9, (words,), ()))
    out = capsys.readouterr().out
    assert ("At least\\x1b\x1b[1m 25 people\x1b[0m died." in out) == terminal
    assert ("At least\\x1b 25 people died." in out) != terminal
