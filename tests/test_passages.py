"""Passages from blocks: whole paragraphs under their headings, inside the budget, nothing but text lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.articles import parse_article
from index.chunks import Budget
from index.passages import passages
from index.structure import structure
from index.types import ANSWERING, Article, Role

SENTENCE = "The council had said before that the bridge would stay open until the end of the summer."
TEXT = "\n\n".join(
    [
        "Bridge to close",
        *(f"{SENTENCE} Number {number} said so." for number in (1, 2)),
        "More:Ferry captains ask who pays for the long way round",
        f"{SENTENCE} Number 3 said so.",
        "COSTS",
        "Who pays",
        SENTENCE,
        "What comes next",
        SENTENCE,
    ]
)


def budget(max_tokens: int) -> Budget:
    return Budget(max_tokens, 1_000_000, len)


def cut(text: str, max_tokens: int) -> list[tuple[str, list[str]]]:
    article = parse_article("a.txt", text.encode())
    return [
        (found.context, [article.text[start:end] for start, end in found.chunk.sentences])
        for found in passages(article, structure(article), budget(max_tokens))
    ]


def test_a_section_is_filled_and_a_teaser_is_left_out() -> None:
    told = [sentence for number in (1, 2, 3) for sentence in (SENTENCE, f"Number {number} said so.")]
    assert cut(TEXT, 200) == [
        ("Bridge to close. ", told),
        ("Bridge to close. COSTS. Who pays. ", [SENTENCE]),
        ("Bridge to close. What comes next. ", [SENTENCE]),
    ]


def test_a_paragraph_that_does_not_fit_begins_a_passage_and_a_long_one_is_cut_at_sentences() -> None:
    assert [len(sentences) for _, sentences in cut(TEXT, 60)] == [4, 2, 1, 1]
    long = f"Bridge to close\n\n{' '.join([SENTENCE] * 6)}\n\n{SENTENCE}"
    assert [len(sentences) for _, sentences in cut(long, 50)] == [2, 2, 2, 1]


def test_a_long_title_leaves_room_for_the_text() -> None:
    ((context, sentences), *_more) = cut(f"{'Bridge ' * 26}closed\n\n{SENTENCE}\n\n{SENTENCE}", 100)
    assert len(context) <= 242
    assert sentences[0] == SENTENCE


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.sampled_from([SENTENCE, "What now?", "COSTS", "- by road", "Tak. Nie.", "More:Than", "a" * 700]), max_size=12
    )
)
def test_passages_fit_and_hold_all_that_can_answer(written: list[str]) -> None:
    article = Article(path="a.txt", sha256="", text="\n\n".join(written), language="en")
    blocks = structure(article)
    found = passages(article, blocks, budget(60))
    said = "".join(article.text[start:end] for placed in found for start, end in placed.chunk.sentences)
    roles = {block.role for block in blocks}
    counted = ANSWERING | {Role.CAPTION} if roles & (ANSWERING | {Role.CAPTION}) else roles
    kept = "".join(article.text[block.start : block.end] for block in blocks if block.role in counted)
    assert "".join(said.split()) == "".join(kept.split())
    for placed in found:
        text = " ".join(article.text[start:end] for start, end in placed.chunk.sentences)
        assert budget(60).behind(placed.context).share(text) <= 1
        assert (placed.chunk.start, placed.chunk.end) == (placed.chunk.sentences[0][0], placed.chunk.sentences[-1][1])


@pytest.mark.parametrize(("text", "said"), [("", []), ("Bridge to close", ["Bridge to close"])])
def test_an_article_of_a_title_can_be_found(text: str, said: list[str]) -> None:
    article = Article(path="a.txt", sha256="", text=text, language="en")
    found = passages(article, structure(article), budget(60))
    assert [text[placed.chunk.start : placed.chunk.end] for placed in found] == said
