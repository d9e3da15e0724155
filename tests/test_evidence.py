"""Evidence for passages and sentences, against numbers computed by hand."""

import math

import pytest

from qa.calibration import SentenceBM25
from qa.cues import Cues, find_cues
from qa.evidence import Evidence, Weights, gather, sentence_bm25
from qa.language import ENGLISH
from qa.questions import Question, parse_question

QUESTION = parse_question("Who closed the bridge over the Tarn?")
"""Terms: close, bridg, over, tarn; "Tarn" is its only name."""

IDF = {"close": 1.0, "bridg": 2.0, "over": 0.5, "tarn": 4.5}
WEIGHTS = Weights.of(IDF)
BM25 = SentenceBM25(k1=0.6, b=0.5, terms=18)


def cues_of(*sentences: str) -> list[Cues]:
    return [find_cues(sentence, ENGLISH) for sentence in sentences]


def gathered(
    question: Question,
    weights: Weights,
    title: set[str],
    cues: list[Cues],
    cosine: float,
) -> Evidence:
    return gather(question, weights, title, cues, cosine, BM25)


def test_weights_of_terms_are_shares_of_one() -> None:
    assert QUESTION.terms == tuple(IDF)
    assert WEIGHTS.total == 8.0
    assert WEIGHTS.share({"bridg", "tarn", "unknown"}) == 6.5 / 8
    assert WEIGHTS.share(frozenset()) == 0
    assert WEIGHTS.share(set(IDF)) == 1
    assert WEIGHTS.among({"tarn"}).share({"tarn"}) == 1
    assert Weights.of({}).share({"tarn"}) == 0


def test_bm25_of_a_sentence_is_the_formula() -> None:
    """Two of the question's terms, one twice, in a sentence of 9 terms: half the usual 18."""
    found = ["bridg", "tarn", "bridg", "a1", "a2", "a3", "a4", "a5", "a6"]
    norm = 0.6 * (1 - 0.5 + 0.5 * 9 / 18)
    expected = (2.0 * 2 / (2 + norm) + 4.5 * 1 / (1 + norm)) / 8
    assert sentence_bm25(found, WEIGHTS, BM25) == pytest.approx(expected, abs=1e-12)
    assert norm == pytest.approx(0.45)


def test_evidence_of_a_passage_of_two_sentences() -> None:
    cues = cues_of("Ann Lee closed it.", "The bridge is old.")
    evidence = gathered(QUESTION, WEIGHTS, {"tarn"}, cues, 0.4)
    first, second = evidence.sentences
    assert evidence.cosine == 0.4
    assert first.coverage == 1 / 8
    assert second.coverage == 2 / 8
    assert second.coverage_with_previous == 3 / 8
    assert first.coverage_with_previous == 1 / 8
    assert evidence.best_coverage_with_previous == 3 / 8
    assert evidence.coverage == (1 + 2 + 4.5) / 8
    assert evidence.lacks_names == 0  # the title has "Tarn"
    assert (first.lacks_names, second.lacks_names) == (1, 1)
    assert (first.type_match, second.type_match) == (1, 0)  # a person: "Ann Lee"
    assert [sentence.position for sentence in evidence.sentences] == [0, 0.1]


def test_pairs_count_where_they_are_near_and_in_order() -> None:
    """Pairs of the question: close+bridg (3), bridg+over (2.5), over+tarn (5); 10.5 together."""
    near = gathered(QUESTION, WEIGHTS, set(), cues_of("They close that stone bridge over there."), 0)
    assert near.best_pairs == pytest.approx(5.5 / 10.5)
    turned = gathered(QUESTION, WEIGHTS, set(), cues_of("The bridge must close."), 0)
    assert turned.best_pairs == 0


def test_a_negated_question_wants_a_negated_sentence() -> None:
    question = parse_question("Who did not agree?")
    weights = Weights.of(dict.fromkeys(question.terms, 1.0))
    cues = cues_of("Ann agreed.", "Bob did not agree.")
    assert [s.lacks_negation for s in gathered(question, weights, set(), cues, 0).sentences] == [1, 0]


def test_every_figure_lies_between_0_and_1_for_a_question_without_terms() -> None:
    question = parse_question("Who was it?")
    assert question.terms == ()
    evidence = gathered(question, Weights.of({}), set(), cues_of("Ann Lee."), 0.1)
    assert (evidence.coverage, evidence.best_bm25, evidence.best_pairs, evidence.lacks_names) == (0, 0, 0, 0)
    assert math.isfinite(evidence.sentences[0].coverage)
