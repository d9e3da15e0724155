"""Fitting the numbers of a calibration again, on a sample of the questions that the shipped ones were fitted on."""

import json

import numpy as np
import pytest
from conftest import SHARED

from evaluation.fit import FOLDS, Data, cross_validated, figures, fit, fit_odds, gather
from evaluation.gathered import Cases
from evaluation.listwise import Lists
from evaluation.questions import read_questions
from index.encoders.protocol import SentenceEncoder
from qa import Assistant
from qa.calibration import Calibration, WeightedSum, calibration_for
from qa.evidence import Evidence, SentenceEvidence
from qa.ranking import Weighed


def case(cosine: float, coverage: float, smallness: float = 0.5) -> Weighed:
    evidence = Evidence(cosine, 0, 0, (), 0, 0, 0)
    return Weighed(evidence, SentenceEvidence(0, coverage, 0, 0, 0, 0, 0, 0), smallness)


def test_odds_are_fitted_but_for_what_is_set_by_hand() -> None:
    random = np.random.default_rng(0)
    features = random.random((20_000, 2))
    right = random.random(20_000) < 1 / (1 + np.exp(-(4 * features[:, 0] + 2 * features[:, 1] - 3)))
    cases = Cases([case(*row) for row in features.tolist()], right, np.zeros(20_000, dtype=np.int64))
    total = WeightedSum({"passage.cosine": 1.0, "sentence.coverage_with_previous": 1.0, "smallness": 0.7}, 0.0)
    found = fit_odds(cases, total)
    assert found.weights["passage.cosine"] == pytest.approx(4, abs=0.2)
    assert found.weights["sentence.coverage_with_previous"] == pytest.approx(2, abs=0.2)
    assert found.weights["smallness"] == 0.7
    assert found.constant == pytest.approx(-3 - 0.7 * 0.5, abs=0.15)


def made_up(size: int, features: int) -> Lists:
    """Lists of four, in which the right entry is better in every feature."""
    random = np.random.default_rng(features)
    return Lists.of(
        [
            [(random.random(features).tolist() if at else [0.9] * features, at == 0) for at in range(4)]
            for _ in range(size)
        ]
    )


def test_every_number_is_fitted_and_groups_are_left_out_in_turn() -> None:
    base = calibration_for("")
    folds = np.arange(60) % FOLDS
    pairs = Cases(
        [case(*row) for row in ((0.9, 0.8), (0.2, 0.1)) * 60], np.tile([True, False], 60), np.repeat(folds, 2)
    )
    data = Data(made_up(60, 5), made_up(60, 11), folds, pairs, pairs)
    fitted = fit(data, base)
    assert fitted == fit(data, base)
    assert sum(fitted.passage.weights.values()) == pytest.approx(1, abs=1e-3)
    assert min(fitted.sentence.weights.values()) > 0
    assert fitted.about_it.weights["passage.cosine"] > 0
    assert (fitted.threshold, fitted.quote_margin, fitted.sentence_bm25) == (
        base.threshold, base.quote_margin, base.sentence_bm25
    )  # fmt: skip
    assert Calibration.of(json.loads(json.dumps(fitted.as_json()))) == fitted
    left, rest = data.only(fold=2, left_out=False), data.only(fold=2, left_out=True)
    assert (len(left.folds), len(rest.folds)) == (10, 50)
    assert set(left.other_world.folds.tolist()) == {2}
    assert len(rest.looks_answerable.weighed) == 100
    found = cross_validated(data, base)
    assert found.keys() == figures([(data, base)]).keys()
    assert (found["passages_R@1"], found["auroc_other_world"]) == (1.0, 1.0)


@pytest.fixture(scope="module")
def base(real_encoder: SentenceEncoder) -> Calibration:
    return calibration_for(real_encoder.fingerprint)


@pytest.fixture(scope="module")
def data(library_assistant: Assistant, base: Calibration) -> Data:
    questions = read_questions(SHARED / "eval" / "encyclopedia_dev" / "questions.jsonl", 200)
    return gather(library_assistant, questions, base)


@pytest.mark.slow
def test_the_numbers_are_fitted_again_and_alike(data: Data, base: Calibration) -> None:
    fitted = fit(data, base)
    assert list(fitted.passage.weights) == list(base.passage.weights)
    for name in ("cosine", "best_bm25"):
        assert fitted.passage.weights[name] == pytest.approx(base.passage.weights[name], abs=0.15)
    assert fitted.sentence.weights["passage.cosine"] > 5
    assert fitted.about_it.weights["smallness"] == base.about_it.weights["smallness"]
    assert sorted(set(data.folds.tolist())) == list(range(FOLDS))
    now, again = figures([(data, base)]), cross_validated(data, base)
    for name in ("passages_R@1", "passages_R@5", "passages_R@20", "auroc_other_world"):
        assert again[name] == pytest.approx(now[name], abs=0.03)
    assert now["passages_R@1"] >= 0.83
