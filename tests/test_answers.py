"""From candidates to an answer: ranking, the score, the quotes, the checks; weights by hand."""

import dataclasses
import math
from pathlib import Path

import pytest
from conftest import write_articles

from index.build import build
from index.encoders.protocol import SentenceEncoder
from index.errors import IndexCorrupt, ModelMismatch, QuestionRejected
from index.store import ArticleIndex, ChunkRecord
from index.types import Article
from qa import Assistant
from qa.answer import MAX_QUOTES, QUOTE_MARGIN, THRESHOLD, Answer, confidence
from qa.evidence import Evidence, SentenceEvidence
from qa.quotes import Finding, quote_finding, rank_sentences
from qa.retrieve import Candidate

CHUNK = ChunkRecord(0, 0, 0, 20, 1, 1, "One thing. Another.", ((0, 10), (11, 19)), 0)


def sentence(**values: float) -> SentenceEvidence:
    zero = dict.fromkeys((field.name for field in dataclasses.fields(SentenceEvidence)), 0.0)
    return SentenceEvidence(**{**zero, **values})


def candidate(*sentences: SentenceEvidence, **values: float) -> Candidate:
    names = (
        "cosine",
        "covers",
        "lacks_names",
        "best_cosine",
        "best_covers_with_last",
        "best_bm25",
        "best_pairs",
        "best_meets",
    )
    return Candidate(CHUNK, Evidence(sentences=sentences, **{**dict.fromkeys(names, 0.0), **values}))


def test_a_passage_is_scored_by_fixed_weights_that_add_up_to_one() -> None:
    scored = candidate(
        sentence(),
        cosine=0.5,
        best_cosine=0.6,
        covers=0.7,
        best_covers_with_last=0.8,
        best_pairs=0.9,
        best_bm25=1.0,
        best_meets=0.4,
    )
    expected = 0.113 * 0.5 + 0.287 * 0.6 + 0.107 * 0.7 + 0.071 * 0.8 + 0.051 * 0.9 + 0.039 * 1.0 + 0.332 * 0.4
    assert scored.score == pytest.approx(expected, abs=1e-12)
    everything = candidate(
        sentence(), cosine=1, best_cosine=1, covers=1, best_covers_with_last=1, best_pairs=1, best_bm25=1, best_meets=1
    )
    assert everything.score == pytest.approx(1.0)


def test_a_sentence_is_ranked_by_its_own_evidence_and_its_passages() -> None:
    weak = sentence(cosine=0.2, position=0.1, lacks_negation=1)
    strong = sentence(cosine=0.5, covers=0.4, covers_with_last=0.6, kind=1, lacks_names=0.5, meets=0.3)
    found = candidate(weak, strong, best_cosine=0.5, covers=0.8, best_pairs=0.3, lacks_names=0.25)
    passage = 5.5 * 0.5 + 2.6 * 0.8 + 1.9 * 0.3 - 1.2 * 0.25
    ranked = rank_sentences([found])
    assert [finding.number for finding in ranked] == [1, 0]
    assert ranked[0].usefulness == pytest.approx(
        passage + 6.2 * 0.5 + 1.1 * 0.4 + 3.7 * 0.6 + 2.0 * 1 + 1.1 * 0.5 + 10.2 * 0.3, abs=1e-12
    )
    assert ranked[1].usefulness == pytest.approx(passage + 6.2 * 0.2 - 0.7 - 0.02, abs=1e-12)


def test_the_score_is_about_it_times_nothing_missing() -> None:
    finding = Finding(candidate(sentence(covers_with_last=0.5), best_cosine=0.6, lacks_names=0.4), 0)
    about_it = 1 / (1 + math.exp(-(18.6 * 0.6 + 9.0 * 0.5 - 12.0)))
    nothing_missing = 1 / (1 + math.exp(-(4.15 * 0.6 - 0.95 * 0.4 - 2.1)))
    assert confidence(finding, 800) == pytest.approx(about_it * nothing_missing, abs=1e-12)
    assert confidence(finding, 1_000_000) == confidence(finding, 800)
    of_few = 1 / (1 + math.exp(-(18.6 * 0.6 + 9.0 * 0.5 - 12.0 + 0.7 * math.log(50))))
    assert confidence(finding, 16) == pytest.approx(of_few * nothing_missing, abs=1e-12)


@pytest.mark.parametrize("penalty", ["lacks_negation", "opposite"])
def test_a_sentence_that_turns_the_question_round_is_less_sure(penalty: str) -> None:
    plain = Finding(candidate(sentence(covers_with_last=0.9), best_cosine=0.7), 0)
    turned = Finding(candidate(sentence(covers_with_last=0.9, **{penalty: 1}), best_cosine=0.7), 0)
    odds = [confidence(finding, 800) for finding in (plain, turned)]
    assert odds[1] < 0.5 * odds[0]


def test_an_answer_quotes_at_most_three_sentences_the_best_first(seed_assistant: Assistant) -> None:
    answer = seed_assistant.ask("Who called for talks?")
    assert 1 <= len(answer.quotes) <= MAX_QUOTES
    assert answer.score == answer.quotes[0].score >= THRESHOLD
    assert QUOTE_MARGIN == 6.0
    assert answer.text.splitlines()[0] == f"“{answer.quotes[0].text}” ({answer.quotes[0].citation})"


def test_json_has_every_field_of_quotes_and_passages(seed_assistant: Assistant) -> None:
    answer = seed_assistant.ask("Who called for talks?")
    told = answer.as_json()
    assert told["quotes"][0] == dataclasses.asdict(answer.quotes[0])
    assert told["passages"][0] == dataclasses.asdict(answer.passages[0])
    assert told["found"] is True


def test_search_gives_as_many_passages_as_asked_best_first(seed_assistant: Assistant) -> None:
    assert [len(seed_assistant.search("talks", k=k)) for k in (1, 5, 16, 100)] == [1, 5, 16, 16]
    scores = [passage.score for passage in seed_assistant.search("talks", k=16)]
    assert scores == sorted(scores, reverse=True)
    with pytest.raises(ValueError, match="not 0"):
        seed_assistant.search("talks", k=0)
    with pytest.raises(ValueError, match="1 to 100, not 101"):
        seed_assistant.search("talks", k=101)


def test_every_passage_is_a_slice_of_its_article_at_its_lines(seed_assistant: Assistant) -> None:
    for passage in seed_assistant.search("What happened in Yerevan?", k=16):
        article = seed_assistant.article(passage.path)
        assert article.text[passage.start : passage.end] == passage.text
        assert article.lines.lines(passage.start, passage.end) == (passage.start_line, passage.end_line)
        assert passage.location == f"{passage.path}:{passage.start_line}-{passage.end_line}"


@pytest.mark.parametrize("question", ["", "  \n", "?", "x" * 100_000])
def test_a_bad_question_is_rejected_before_anything_is_loaded(seed_index: Path, question: str) -> None:
    assistant = Assistant.open(seed_index)
    with pytest.raises(QuestionRejected):
        assistant.ask(question)
    with pytest.raises(QuestionRejected):
        assistant.search(question)


def test_a_changed_model_is_an_error_that_names_the_command(seed_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assistant = Assistant.open(seed_index)
    changed = dataclasses.replace(assistant.index.settings, fingerprint="0" * 64)
    monkeypatch.setattr(assistant.index, "settings", changed)
    with pytest.raises(ModelMismatch, match="articleqa build --index"):
        assistant.ask("Who called for talks?")


def test_a_quote_that_is_not_what_was_ranked_is_refused(seed_assistant: Assistant) -> None:
    """Contract 1 is checked when the answer is made: here the chunk's text is made to differ."""
    chunk = seed_assistant.index.chunk(2)
    altered = dataclasses.replace(chunk, text=chunk.text.replace("25", "26"))
    finding = Finding(Candidate(altered, candidate(sentence(), sentence()).evidence), 0)
    with pytest.raises(IndexCorrupt, match=r"000_883b0ecb052fe686\.txt:10"):
        quote_finding(seed_assistant.index, finding, 1.0)


def test_an_answer_that_found_nothing_says_so(seed_assistant: Assistant) -> None:
    answer = seed_assistant.ask("What is the capital of Peru?")
    expected = Answer(answer.question, False, answer.score, (), answer.passages[:3], answer.question)
    assert answer == expected
    assert len(answer.passages) == 3


def test_an_unknown_article_is_a_key_error(seed_assistant: Assistant) -> None:
    with pytest.raises(KeyError):
        seed_assistant.article("no-such.txt")
    assert isinstance(seed_assistant.article("000_883b0ecb052fe686.txt"), Article)


def test_over_builds_what_is_missing_and_opens_it(tmp_path: Path) -> None:
    articles = write_articles(tmp_path / "articles", {"a.txt": "Ferry\n\nBy Bob Ray\n\nThe ferry sails at noon."})
    assistant = Assistant.over(articles, index=tmp_path / "index")
    assert assistant.ask("Who wrote this?").quotes[0].text == "By Bob Ray"
    assert assistant.ask("When does the ferry sail?").quotes[0].start_line == 5
    assert assistant.ask("When was this published?").found is False


@pytest.mark.parametrize("question", ["What did Baku launch?", "What does Baku demand?", "Did Karabakh surrender?"])
def test_a_title_is_no_quote_of_its_own(question: str, seed_assistant: Assistant) -> None:
    """It stands under every quote already."""
    answer = seed_assistant.ask(question)
    title = answer.passages[0].title
    assert title.startswith("Baku launches")
    assert title not in [quote.text for quote in answer.quotes]
    assert seed_assistant.ask("What is the title of this article?").quotes[0].text == title


@pytest.mark.parametrize("only", ["The mill of Ys grinds rye on Mondays.", "Mill of Ys grinds rye on Mondays"])
def test_a_first_line_that_says_it_all_is_quoted(only: str, tmp_path: Path, real_encoder: SentenceEncoder) -> None:
    build(write_articles(tmp_path / "a", {"a.txt": only}), tmp_path / "i", loader=lambda _model: real_encoder)
    answer = Assistant(ArticleIndex.open(tmp_path / "i"), real_encoder).ask("What does the mill grind?")
    assert [quote.text for quote in answer.quotes] == [only]
