"""Articles to a segment: what is kept of them, what is embedded, and in which blocks."""

import numpy as np
import pytest
from conftest import HashEncoder
from store_conformance import HEADED, assert_same_segment
from test_segment import ARTICLES, made

from index import drafts
from index.analysis import terms
from index.articles import parse_article
from index.drafts import make_segment
from index.passages import context_of
from index.segment import BlockColumn, Column, blocks_of
from index.structure import structure
from index.types import ArticleInfo


def vector_of(text: str) -> np.ndarray:
    return HashEncoder().encode_question(text)


def test_a_segment_holds_what_its_articles_say() -> None:
    segment = made(ARTICLES)
    assert segment.articles == tuple(
        ArticleInfo(**{name: getattr(article, name) for name in ArticleInfo.__slots__}) for article in ARTICLES
    )
    assert [type(info) for info in segment.articles] == [ArticleInfo] * len(ARTICLES)
    assert [text.decode() for text in segment.texts] == [article.text for article in ARTICLES]
    numbers = segment.chunks[:, Column.ARTICLE].tolist()
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(len(ARTICLES)))
    blocks = [blocks_of(segment.blocks[segment.blocks[:, BlockColumn.ARTICLE] == n]) for n in range(len(ARTICLES))]
    assert blocks == [structure(article) for article in ARTICLES]
    sentence = 0
    for row in segment.chunks.tolist():
        article = ARTICLES[row[Column.ARTICLE]]
        text = article.text[row[Column.START] : row[Column.END]]
        encoded = segment.texts[row[Column.ARTICLE]][row[Column.BYTE_START] : row[Column.BYTE_END]]
        assert encoded.decode() == text
        lines = article.lines.lines(row[Column.START], row[Column.END])
        assert (row[Column.START_LINE], row[Column.END_LINE]) == lines
        assert row[Column.SENTENCE_START] == sentence
        sentence = row[Column.SENTENCE_END]
    assert sentence == len(segment.sentences)


def test_vectors_and_terms_are_of_the_chunk_behind_what_it_stands_under() -> None:
    segment = made(ARTICLES)
    rows = segment.terms.rows()
    for number, row in enumerate(segment.chunks.tolist()):
        article = ARTICLES[row[Column.ARTICLE]]
        heading = segment.texts[row[Column.ARTICLE]][row[Column.HEADING_START] : row[Column.HEADING_END]].decode()
        said = segment.sentences[row[Column.SENTENCE_START] : row[Column.SENTENCE_END]].tolist()
        text = context_of(article.value("title"), heading.splitlines())
        text += " ".join(article.text[start:end] for start, end in said)
        assert np.array_equal(segment.vectors[number], vector_of(text))
        assert rows[number] == terms(text, article.language)


def test_headings_are_kept_in_bytes_and_embedded_without_their_marks() -> None:
    encoder = HashEncoder()
    segment = make_segment([parse_article("a.md", HEADED.encode())], encoder, 40)
    spans = segment.chunks[:, Column.HEADING_START : Column.HEADING_END + 1].tolist()
    assert [HEADED.encode()[start:end].decode() for start, end in spans] == [
        "",
        "## Über die Kosten",
        "## Umwege\n\n### By road",
    ]
    assert spans[0] == [0, 0]
    assert encoder.texts == [
        "Brücke 🌉 gesperrt. The bridge over the river is closed from Monday on, says the council.",
        "Brücke 🌉 gesperrt. Über die Kosten. It costs 3 million francs to repair all of it. - half from the town "
        "- half from others",
        "Brücke 🌉 gesperrt. Umwege. By road. The way over the dam takes twenty minutes longer. Photo: the dam in May",
    ]


def test_passages_of_one_section_keep_its_heading() -> None:
    section = "\n\n".join(
        f"The {word} bridge over the river is closed from Monday on." for word in ("old", "new", "red")
    )
    text = f"Grüße\n\n{section}\n\nÜber Umwege\n\n{section}\n\nWas es kostet\n\n{section}\n"
    segment = make_segment([parse_article("a.txt", text.encode())], HashEncoder(), 28)
    spans = segment.chunks[:, Column.HEADING_START : Column.HEADING_END + 1].tolist()
    headings = [text.encode()[start:end].decode() for start, end in spans]
    assert headings == [*[""] * 2, *["Über Umwege"] * 3, *["Was es kostet"] * 3]


def test_types_are_those_that_are_told() -> None:
    for segment in (made(ARTICLES), made([])):
        assert [table.dtype.name for table in (segment.chunks, segment.sentences, segment.blocks)] == ["int64"] * 3
        assert (segment.vectors.dtype.name, segment.terms.ids.dtype.name) == ("float32", "int32")
        assert (segment.chunks.shape[1:], segment.blocks.shape[1:]) == ((len(Column),), (len(BlockColumn),))
        assert (segment.sentences.shape[1:], segment.vectors.shape[1:]) == ((2,), (HashEncoder.dimension,))


def test_blocks_that_are_embedded_together_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, told = made(ARTICLES), []
    encoder = HashEncoder()
    monkeypatch.setattr(drafts, "EMBEDDING_BLOCK", 2)
    parts = make_segment(ARTICLES, encoder, 30, lambda done, total: told.append((done, total)))
    assert_same_segment(parts, whole)
    count = len(whole.chunks)
    assert encoder.calls == len(told) == -(-count // 2) > 3
    assert told == [(min(at, count), min(at, count)) for at in range(2, count + 2, 2)]
