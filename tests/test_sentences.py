"""Sentences: each language by its own abbreviations, English ones that the library lacks, closing marks."""

import time

import pytest
from conftest import chunks_of

from index.articles import parse_article
from index.chunks import Budget
from index.sentences import WINDOW_CHARS, language_among, language_of, split_line
from index.types import Article


def sentences(line: str, language: str = "en") -> list[str]:
    return [line[start:end].strip() for start, end in split_line(line, language)]


@pytest.mark.parametrize(
    "line",
    [
        "The contract was given to Ms. Vasquez in May.",
        "The chairman, Cdr. F. W. Ashe, left the house at 8 p.m. Tuesday.",
        "It opened at 9 a.m. EST and closed at 11 a.m. local time.",
        "He lives in Ft. Worth, near Mt. Bonnell.",
        "See vol. 3, pp. 12 to 14, and fig. 2 of it.",
        "It costs approx. 3 euros, incl. the tax.",
        "It is open on Mon. and Tue. from nine to five.",
        "The U.S. Senate heard Gen. Smith and Lt. Col. Jones.",
        "Sen. Ann Ray, D-N.H.",
        "It was Sen. Bo Lund, D-W.Va., who said no.",
        "Loaf Brewing Co. (16 Mill St., Dover): A new one is to open.",
    ],
)
def test_an_english_abbreviation_ends_no_sentence(line: str) -> None:
    assert sentences(f"{line} It rained.") == [line, "It rained."]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("He left at 8 p.m. The next day was fine.", ["He left at 8 p.m.", "The next day was fine."]),
        ("“Did he come?” No. He stayed away.", ["“Did he come?”", "No.", "He stayed away."]),
        ("The dog sat. Then it ran.", ["The dog sat.", "Then it ran."]),
    ],
)
def test_what_only_looks_like_one_does(line: str, expected: list[str]) -> None:
    assert sentences(line) == expected


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("de", "Das Rathaus von Orlingen wurde am 3. Oktober 1790 eröffnet und kostete 2,5 Mio. Taler."),
        ("ru", "Мост через реку Оку построил инженер А. В. Крылов в 1935 г. в Рязани."),
        ("es", "La Sra. Gómez abrió la biblioteca de la ciudad en el mes de mayo."),
        ("fr", "M. Roche a ouvert la bibliothèque de la ville avec Mme Petit au mois de mai."),
    ],
)
def test_other_languages_are_told_and_have_their_own(language: str, line: str) -> None:
    assert language_of(line) == language
    assert sentences(f"{line} Gut. Хорошо. Bien.", language)[0] == line


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("**The cloister.** Built in 1214.", ["**The cloister.**", "Built in 1214."]),
        ("She was elected.[^1] He was not.", ["She was elected.[^1]", "He was not."]),
        ("_It fell._ Nobody was hurt.", ["_It fell._", "Nobody was hurt."]),
        ("**Never.**", ["**Never.**"]),
    ],
)  # fmt: skip
def test_closing_marks_stay_with_what_they_close(line: str, expected: list[str]) -> None:
    assert sentences(line) == expected


@pytest.mark.parametrize("line", ["", "  ", "Ms.", "A. B. C.", "?!", "…", "** **", "1. 2. 3."])
def test_spans_are_whole_and_in_order(line: str) -> None:
    assert "".join(line[start:end] for start, end in split_line(line, "en")) == line


def sentences_of(article: Article) -> list[str]:
    budget = Budget(200, 254, lambda text: len(text.split()))
    return [article.text[start:end] for chunk in chunks_of(article, budget) for start, end in chunk.sentences]


def test_a_markdown_list_and_a_block_quote_have_whole_sentences() -> None:
    text = (
        "# Sights of the abbey and the town around it\n"
        "\n"
        "1. **The cloister.** Built between 1190 and 1214, it has 72 columns.\n"
        "2. **The cheese.** Monks have made it since 1621 in the cellar below the kitchen.\n"
        "\n"
        "> The old book says that the town had the finest port in\n"
        "> the north and that its lighthouse was built in 1844 by\n"
        "> the engineer Hans Quade of Bergen. It burned in 1901.\n"
    )
    assert sentences_of(parse_article("a.md", text.encode())) == [
        "1. **The cloister.**",
        "Built between 1190 and 1214, it has 72 columns.",
        "2. **The cheese.**",
        "Monks have made it since 1621 in the cellar below the kitchen.",
        "> The old book says that the town had the finest port in\n"
        "> the north and that its lighthouse was built in 1844 by\n"
        "> the engineer Hans Quade of Bergen.",
        "It burned in 1901.",
    ]


def test_an_article_is_split_by_its_own_language() -> None:
    text = (
        "Das alte Rathaus\n\nDas Rathaus von Orlingen wurde am 3. Oktober 1790 eröffnet. Es steht am Markt, und "
        "jeder kennt es.\n"
    )
    assert "Das Rathaus von Orlingen wurde am 3. Oktober 1790 eröffnet." in sentences_of(
        parse_article("a.txt", text.encode())
    )


@pytest.mark.parametrize(
    ("text", "languages", "language"),
    [
        ("Wo liegt Berlin?", ("en", "de"), "de"),
        ("Where is Berlin?", ("en", "de"), "en"),
        ("Berlin?", ("en", "de"), "en"),
        ("Berlin?", ("de", "en"), "de"),
        ("Qui a gagné ?", ("en", "de", "fr"), "fr"),
        ("Wo liegt Berlin?", ("en",), "en"),
        ("Where is Berlin?", ("xx", "en"), "en"),
    ],
)
def test_the_language_of_a_question_is_told_among_those_of_the_articles(
    text: str, languages: tuple[str, ...], language: str
) -> None:
    assert language_among(text, languages) == language


@pytest.mark.parametrize("sign", ["_", "*", "[^a]", "_*"])
def test_a_line_of_marks_takes_time_by_its_length(sign: str) -> None:
    def seconds(size: int) -> float:
        line = "Sign here. " + sign * (size // len(sign)) + "x end."
        began = time.perf_counter()
        assert [*split_line(line, "en")][-1][1] == len(line)
        return time.perf_counter() - began

    seconds(1_000)
    assert seconds(100_000) <= 15 * max(seconds(10_000), 0.01)


@pytest.mark.parametrize("sign", ["“", "«", "`", "'", '?"', "‘", '". '])
def test_a_line_of_quotation_marks_costs_what_it_is_long(sign: str) -> None:
    """sentencex looks from each at all others: ten times as many took a hundred times as long."""

    def seconds(length: int) -> float:
        began = time.thread_time()
        spans = list(split_line((sign * length)[:length], "en"))
        assert (spans[0][0], spans[-1][1]) == (0, length)
        return time.thread_time() - began

    assert seconds(100_000) <= 15 * max(0.01, seconds(10_000))


def test_a_long_line_is_cut_where_its_sentences_end() -> None:
    sentence = "Mr. Smith of the U.S. said that “the bridge is closed. It is old.” on Monday. "
    line = sentence * 600 + "The end"
    cut = list(split_line(line, "en"))
    short = list(split_line(sentence * 3, "en"))
    assert len(line) > 4 * WINDOW_CHARS
    assert [stop for _, stop in cut[:-1]] == [start for start, _ in cut[1:]]  # no gaps
    assert {line[a:b] for a, b in cut} == {(sentence * 3)[a:b] for a, b in short} | {"The end"}
