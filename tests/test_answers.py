"""From candidates to an answer: the quotes, the checks, the parts that can be passed in."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from conftest import write_articles

from index.build import build
from index.encoders.protocol import SentenceEncoder
from index.errors import IndexCorrupt, ModelMismatch, QuestionRejected
from index.types import Article
from qa import Assistant
from qa.answer import MAX_QUOTES
from qa.calibration import calibration_for
from qa.evidence import Evidence, SentenceEvidence
from qa.quotes import Finding, quote_finding
from qa.ranking import WeighingAbstainer, WeighingRanker
from qa.retrieve import Candidate
from qa.types import Answer
from shell.messages import message

ZEROS: dict[str, Any] = {field.name: 0.0 for field in dataclasses.fields(SentenceEvidence) if field.name != "answer"}
NOTHING = SentenceEvidence(**ZEROS)


def test_an_answer_quotes_at_most_three_sentences_the_best_first(seed_assistant: Assistant) -> None:
    answer = seed_assistant.ask("Who called for talks?")
    assert 1 <= len(answer.quotes) <= MAX_QUOTES
    assert answer.score == answer.quotes[0].score >= 0.1
    assert answer.text.splitlines()[0] == f"“{answer.quotes[0].text}” ({answer.quotes[0].citation})"


def test_search_gives_as_many_passages_as_asked_best_first(seed_assistant: Assistant) -> None:
    assert [len(seed_assistant.search("talks", k=k)) for k in (1, 4, 5, 100)] == [1, 4, 5, 5]
    scores = [passage.score for passage in seed_assistant.search("talks", k=5)]
    assert scores == sorted(scores, reverse=True)
    with pytest.raises(ValueError, match="not 0"):
        seed_assistant.search("talks", k=0)
    with pytest.raises(ValueError, match="1 to 100, not 101"):
        seed_assistant.search("talks", k=101)


def test_every_passage_is_a_slice_of_its_article_at_its_lines(seed_assistant: Assistant) -> None:
    for passage in seed_assistant.search("What happened in Yerevan?", k=5):
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
    about = assistant.snapshot.about
    changed = dataclasses.replace(about, settings=dataclasses.replace(about.settings, fingerprint="0" * 64))
    monkeypatch.setattr(assistant.snapshot, "about", changed)
    with pytest.raises(ModelMismatch) as caught:
        assistant.ask("Who called for talks?")
    assert "articleqa build --index" in message(caught.value)


def test_a_quote_that_is_not_what_was_ranked_is_refused(seed_assistant: Assistant) -> None:
    """Contract 1 is checked when the answer is made: here the chunk's text is made to differ."""
    (chunk,) = [chunk for chunk in seed_assistant.snapshot.sample(100) if chunk.start_line <= 10 <= chunk.end_line]
    (number,) = [n for n, said in enumerate(chunk.sentence_texts) if said.startswith("At least 25 people")]
    altered = dataclasses.replace(chunk, text=chunk.text.replace("At least 25", "At least 26"))
    evidence = Evidence(0.0, 0.0, 0.0, (NOTHING,) * len(chunk.sentences), 0.0, 0.0, 0.0)
    finding = Finding(Candidate(altered, evidence, 0.0), number, 0.0, (number, number))
    with pytest.raises(IndexCorrupt, match=r"000_883b0ecb052fe686\.txt:10"):
        quote_finding(seed_assistant.snapshot, finding, 1.0)


def test_an_answer_that_found_nothing_says_so(seed_assistant: Assistant) -> None:
    answer = seed_assistant.ask("What is the capital of Peru?")
    nearest, generation = answer.passages[:3], seed_assistant.snapshot.about.generation
    expected = Answer(answer.question, False, answer.score, (), nearest, answer.question, "", generation)
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
    answer = Assistant.open(tmp_path / "i", real_encoder).ask("What does the mill grind?")
    assert [quote.text for quote in answer.quotes] == [only]


def test_what_every_article_says_is_no_answer(tmp_path: Path, real_encoder: SentenceEncoder) -> None:
    # BUG: where it was a passage by itself, it was quoted.
    ask = "The editors of this paper remind their readers that letters are printed on Fridays."
    told = "\n\n{} is told of in these few words, and that is all.\n\nTO OUR READERS\n\n{}\n"
    texts = {
        f"{title[:4]}.txt": title + told.format(title, ask) for title in ("Bridge closes", "Ferry sails", "Dome opens")
    }
    build(write_articles(tmp_path / "a", texts), tmp_path / "i", loader=lambda _model: real_encoder)
    question = "When are letters printed?"
    answer = Assistant.open(tmp_path / "i", real_encoder).ask(question)
    assert [quote.text for quote in answer.quotes if "letters" in quote.text] == []
    (tmp_path / "a" / "Dome.txt").unlink()
    build(tmp_path / "a", tmp_path / "i", loader=lambda _model: real_encoder)
    assert Assistant.open(tmp_path / "i", real_encoder).ask(question).quotes[0].text == ask


class Backwards(WeighingRanker):
    """Ranks the worst first."""

    def passage_score(self, evidence: Evidence) -> float:
        return -super().passage_score(evidence)


class Silent(WeighingAbstainer):
    """Is never sure."""

    def confidence(self, passage: Evidence, sentence: SentenceEvidence, chunks: int) -> float:
        return 0.1 * chunks


def test_a_ranker_and_an_abstainer_can_be_passed_in(seed_assistant: Assistant) -> None:
    live, encoder = seed_assistant.live, seed_assistant.encoder
    calibration = calibration_for(encoder.fingerprint)
    question = "Who called for talks?"
    usual, turned = (
        Assistant(live, encoder, ranker=ranker, reader=False).search(question, k=100)
        for ranker in (None, Backwards(calibration))
    )
    assert [passage.start for passage in turned] == [passage.start for passage in reversed(usual)]
    answer = Assistant(live, encoder, abstainer=Silent(calibration)).ask(question)
    assert (answer.found, answer.score) == (True, 0.5)  # of 5 chunks
    loose, strict = Silent(calibration), Silent(calibration)
    loose.threshold, strict.threshold = 0.5, 0.6
    assert Assistant(live, encoder, abstainer=loose).ask(question).found
    assert not Assistant(live, encoder, abstainer=strict).ask(question).found
