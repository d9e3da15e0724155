"""The four contracts of the project as properties of generated articles.

Offsets and lines are compared with oracles that share no code with the package: a loop that
counts line ends by hand, and `sed -n`.
"""

import hashlib
import subprocess
import tempfile
from pathlib import Path

import pytest
from conftest import (
    SEED_NAME,
    SEEDS,
    TINY_ARTICLES,
    HashEncoder,
    chunks_of,
    hash_build,
    plain_article,
    write_articles,
)
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from index.articles import parse_article
from index.chunks import Budget, count_tokens, joined
from index.passages import passages
from index.structure import structure
from index.types import ANSWERING, Article, Chunk, LineTable, Role
from qa import Assistant, Passage, Quote

BYTE_ORDER_MARK = "\ufeff"

WORDS = st.sampled_from(
    [
        "harbour", "The", "bridge", "Mr.", "Dr.", "U.S.", "2.4", "1,230", "(see", "p.", "12)", "“quoted”", "end.",
        "Why?", "Go!", "said:", "…", "—", "-", "*", "#", "1.", "Ереван", "Կամուրջ։", "平和。", "東京", "مرحبا",
        "हिन्दी।", "😀", "👩‍💻", "🇦🇲", "e\u0301te\u0301", "Straße", "\u200b", "x" * 40, "https://example.org/a?b=c#d",
    ]
)  # fmt: skip
SPACES = st.sampled_from(
    [" ", " ", " ", " ", "  ", "\t", "\u00a0", "\u3000", "\u2028", "\u2029", "\x0b", "\x0c", "\x85"]
)
LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@st.composite
def lines(draw: st.DrawFn) -> str:
    words = draw(st.lists(WORDS, min_size=1, max_size=25))
    return "".join(word + draw(SPACES) for word in words[:-1]) + words[-1]


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Paragraphs of mixed scripts, some of them repeated, between every kind of line end."""
    known = draw(st.lists(lines(), min_size=1, max_size=5))
    parts = draw(st.lists(st.sampled_from(known), min_size=1, max_size=8))
    gaps = st.lists(LINE_ENDS, min_size=1, max_size=3).map("".join)
    text = draw(st.sampled_from(["", "\n", "\r\n\r\n", "  "])) + draw(gaps).join(parts[:2])
    for part in parts[2:]:
        text += draw(gaps) + part
    return text + draw(st.sampled_from(["", "\n", "\r\n", "\r", " \n\n"]))


ANY_TEXT = st.one_of(
    texts(), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff"), max_size=200)
).filter(lambda text: bool(text.strip()))


def line_by_counting(text: str, offset: int) -> int:
    """The line of a character, by walking over every character before it."""
    line, at = 1, 0
    while at < offset:
        pair = text[at : at + 2]
        if pair == "\r\n":
            if at + 2 > offset:
                break  # the offset is the line feed, still on the line that it ends
            line, at = line + 1, at + 2
        elif pair[0] in "\r\n":
            line, at = line + 1, at + 1
        else:
            at += 1
    return line


def split(article: Article, max_tokens: int = 200, max_model_tokens: int = 254) -> list[Chunk]:
    budget = Budget(max_tokens, max_model_tokens, HashEncoder().count_tokens)
    return chunks_of(article, budget)


@given(ANY_TEXT, st.booleans())
@settings(max_examples=150, deadline=None)
def test_the_text_of_an_article_is_what_its_file_says(text: str, marked: bool) -> None:
    data = (BYTE_ORDER_MARK * marked + text).encode()
    assert parse_article("a.txt", data).text == text


@given(ANY_TEXT)
@example("\r\n")
@example("a\r\n\rb\n\r\nc\u2028d\x85e\x0bf\x0cg")
@settings(max_examples=150, deadline=None)
def test_lines_are_those_that_counting_by_hand_gives(text: str) -> None:
    table = LineTable(text)
    assert [table.line(at) for at in range(len(text))] == [line_by_counting(text, at) for at in range(len(text))]


@given(ANY_TEXT)
@settings(max_examples=150, deadline=None)
def test_header_fields_are_spans_of_the_text(text: str) -> None:
    article = parse_article("a.txt", text.encode())
    for field in (article.title, article.author, article.published):
        if field:
            assert 0 <= field.start < field.end <= len(text)
            assert text[field.start : field.end] == text[field.start : field.end].strip()
    if article.title:
        assert text[article.title.start : article.title.end] == article.title.value


@given(ANY_TEXT)
@example("The same line of text.\n\nThe same line of text.\n\nThe same line of text.")
@example("a\r\n\u2028b\x0b\r\rc")
@settings(max_examples=300, deadline=None)
def test_sentences_hold_every_word_that_can_answer_once_in_order_and_chunks_hold_whole_sentences(text: str) -> None:
    article = parse_article("a.txt", text.encode())
    chunks = split(article)
    assert chunks, "every article can be found"
    left_out = without_answers(article)
    at = 0
    for chunk in chunks:
        assert chunk.sentences
        assert (chunk.start, chunk.end) == (chunk.sentences[0][0], chunk.sentences[-1][1])
        for start, end in chunk.sentences:
            sentence = article.text[start:end]
            assert sentence and sentence == sentence.strip()
            between = "".join(text[place] for place in range(at, start) if place not in left_out)
            assert between.strip() == "", "what lies between two sentences answers nothing"
            assert start >= at, "sentences do not overlap"
            at = end
    assert "".join(text[place] for place in range(at, len(text)) if place not in left_out).strip() == ""


def without_answers(article: Article) -> set[int]:
    """Offsets that no sentence need have: of title, headings, boilerplate and so on, unless there is nothing else."""
    blocks = structure(article)
    kept = ANSWERING | {Role.CAPTION}
    if not any(block.role in kept for block in blocks):
        return set()
    return {place for block in blocks if block.role not in kept for place in range(block.start, block.end)}


@given(ANY_TEXT)
@settings(max_examples=150, deadline=None)
def test_the_lines_of_a_sentence_begin_and_end_where_counting_by_hand_says(text: str) -> None:
    article = parse_article("a.txt", text.encode())
    for chunk in split(article):
        for start, end in [(chunk.start, chunk.end), *chunk.sentences]:
            expected = (line_by_counting(text, start), line_by_counting(text, end - 1))
            assert article.lines.lines(start, end) == expected


@given(texts(), st.sampled_from([(40, 254), (200, 12), (60, 20)]))
@settings(max_examples=150, deadline=None)
def test_a_chunk_fits_both_budgets_with_what_it_stands_under(body: str, budget: tuple[int, int]) -> None:
    article = parse_article("a.txt", f"A short title\n\n{body}".encode())
    both = Budget(*budget, HashEncoder().count_tokens)
    for placed in passages(article, structure(article), both):
        assert placed.context.startswith("A short title")
        embedded = placed.context + joined(article.text, placed.chunk.sentences)
        assume(count_tokens(placed.context) < budget[0] // 2 and len(placed.context.split()) < budget[1] // 2)
        assert count_tokens(embedded) <= budget[0]
        assert len(embedded.split()) <= budget[1]


@given(texts())
@settings(max_examples=100, deadline=None)
def test_a_sentence_that_fits_a_small_budget_stays_whole_in_it(body: str) -> None:
    article = plain_article(body)
    small = {span for chunk in split(article, 30, 20) for span in chunk.sentences}
    for placed in passages(article, structure(article), Budget(10_000, 10_000, HashEncoder().count_tokens)):
        for start, end in placed.chunk.sentences:
            embedded = placed.context + body[start:end]
            if count_tokens(embedded) <= 30 and len(embedded.split()) <= 20 and end - start <= 240:
                assert (start, end) in small


@given(st.integers(min_value=1, max_value=3000), st.sampled_from(["x", "ab", "é", "語", "0", "-", "e\u0301"]))
@settings(max_examples=50, deadline=None)
def test_a_word_of_any_length_is_cut_to_the_budget(count: int, unit: str) -> None:
    word = unit * count
    chunks = split(plain_article(word), 40)
    assert "".join(word[chunk.start : chunk.end] for chunk in chunks) == word
    assert all(count_tokens(joined(word, chunk.sentences)) <= 40 for chunk in chunks)


@given(texts())
@settings(max_examples=60, deadline=None)
def test_splitting_is_the_same_every_time(text: str) -> None:
    assert split(plain_article(text)) == split(plain_article(text))


LINE_FEED_TEXTS = {
    SEED_NAME: (SEEDS / SEED_NAME).read_text(encoding="utf-8"),
    **TINY_ARTICLES,
    "odd.txt": "Odd title\n\nFirst\u2028line 😀 here.\x0bStill the\x0cfirst\x85one.\nA second line.\n\n\nLast one.",
}


@given(texts(), st.data())
@settings(max_examples=40, deadline=None)
def test_quotes_and_passages_are_verbatim_at_their_lines(text: str, data: st.DataObject) -> None:
    """Contracts 1 and 2 to the end: two articles with the same text, any of its sentences as the question."""
    article = parse_article("a.txt", text.encode())
    spans = [span for chunk in split(article) for span in chunk.sentences]
    start, end = data.draw(st.sampled_from(spans))
    asked = article.text[start:end][:500]
    assume(any(character.isalnum() for character in asked))
    with tempfile.TemporaryDirectory() as folder:
        articles = write_articles(Path(folder, "articles"), {"a.txt": text, "deep/b.md": text})
        hash_build(articles, Path(folder, "index"))
        assistant = Assistant.open(Path(folder, "index"), HashEncoder())
        answer = assistant.ask(asked)
        pieces: list[Quote | Passage] = [*answer.quotes, *answer.passages, *assistant.search(asked, k=50)]
        for piece in pieces:
            data_now = (articles / piece.path).read_bytes()
            shown = data_now.decode("utf-8-sig")
            assert shown[piece.start : piece.end] == piece.text != ""
            assert piece.start_line == line_by_counting(shown, piece.start)
            assert piece.end_line == line_by_counting(shown, piece.end - 1)
            assert piece.sha256 == hashlib.sha256(data_now).hexdigest()


def sed(path: Path, first: int, last: int) -> str:
    """What ``sed -n first,lastp`` shows of a file."""
    shown = subprocess.run(["sed", "-n", f"{first},{last}p", path.name], cwd=path.parent, stdout=-1, check=True)
    return shown.stdout.decode()


@pytest.mark.parametrize("name", LINE_FEED_TEXTS)
def test_sed_shows_each_sentence_in_its_lines_and_not_in_fewer(name: str, tmp_path: Path) -> None:
    path = tmp_path / Path(name).name
    path.write_bytes(LINE_FEED_TEXTS[name].encode())
    article = parse_article(path.name, path.read_bytes())
    checked = 0
    for chunk in split(article)[:6]:
        for start, end in [(chunk.start, chunk.end), *chunk.sentences[:3]]:
            first, last = article.lines.lines(start, end)
            text = article.text[start:end]
            assert text in sed(path, first, last)
            if first < last:
                assert text not in sed(path, first + 1, last)
                assert text not in sed(path, first, last - 1)
            checked += 1
    assert checked >= 3
