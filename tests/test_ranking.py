"""Scores from evidence, computed once more by hand."""

import dataclasses
import math
from typing import Any

import pytest

from index.stores.types import StoredChunk
from index.types import ArticleInfo, Role
from qa.calibration import WeightedSum, calibration_for
from qa.evidence import Evidence, SentenceEvidence
from qa.quotes import rank_sentences
from qa.ranking import WeighingAbstainer, WeighingRanker
from qa.retrieve import Candidate

NUMBERS = dataclasses.replace(
    calibration_for("c4a57a7f2011f2562b4fb34246d45976f6bb611ae1810569e0bd235637e8475f"),
    passage=WeightedSum({"cosine": 0.4, "best_bm25": 0.2, "coverage": 0.3, "best_pairs": 0.1}),
    sentence=WeightedSum({"passage.cosine": 5.5, "sentence.coverage": 1.1, "sentence.position": -0.2}),
    about_it=WeightedSum({"passage.cosine": 18.6, "sentence.coverage_with_previous": 9.0, "smallness": 0.7}, -12.0),
    nothing_missing=WeightedSum({"passage.cosine": 4.15, "passage.lacks_names": -0.95}, -2.1),
    threshold=0.1,
    quote_margin=6.0,
    sure=0.9,
    likely=0.5,
)
RANKER = WeighingRanker(NUMBERS)
ABSTAINER = WeighingAbstainer(NUMBERS)
INFO = ArticleInfo(path="a.txt", sha256="0" * 64)
CHUNK = StoredChunk(0, INFO, 0, 20, 1, 1, "One thing. Another.", ((0, 10), (11, 19)), (Role.BODY, Role.BODY))


def sentence(**values: float) -> SentenceEvidence:
    zero = dict.fromkeys((field.name for field in dataclasses.fields(SentenceEvidence)), 0.0)
    given: dict[str, Any] = {**zero, **values}
    return SentenceEvidence(**given)


def passage(*sentences: SentenceEvidence, **values: float) -> Evidence:
    names = [field.name for field in dataclasses.fields(Evidence) if field.name != "sentences"]
    return Evidence(sentences=sentences, **{**dict.fromkeys(names, 0.0), **values})


def test_a_passage_is_scored_by_the_weights_of_its_evidence() -> None:
    scored = passage(cosine=0.5, best_bm25=0.6, coverage=0.7, best_pairs=0.9, lacks_names=1.0)
    # to the last bit: the order of the additions is kept
    assert RANKER.passage_score(scored) == 0.4 * 0.5 + 0.2 * 0.6 + 0.3 * 0.7 + 0.1 * 0.9
    assert RANKER.passage_score(passage(cosine=1, best_bm25=1, coverage=1, best_pairs=1)) == pytest.approx(1.0)


def test_a_sentence_is_ranked_by_its_own_evidence_and_its_passages() -> None:
    weak, strong = sentence(coverage=0.2, position=0.1), sentence(coverage=0.8, bonus=0.25)
    ranked = rank_sentences([Candidate(CHUNK, passage(weak, strong, cosine=0.5), 0.0)], RANKER)
    assert [finding.number for finding in ranked] == [1, 0]
    assert ranked[0].score == pytest.approx(5.5 * 0.5 + 1.1 * 0.8 + 0.25, abs=1e-12)
    assert ranked[1].score == pytest.approx(5.5 * 0.5 + 1.1 * 0.2 - 0.2 * 0.1, abs=1e-12)
    assert RANKER.quote_margin == 6.0


@pytest.mark.parametrize(
    ("roles", "quoted"),
    [
        ((Role.BODY, Role.BODY), [True, True]),
        ((Role.LIST_ITEM, Role.CAPTION), [True, False]),
        ((Role.QUOTATION, Role.BOILERPLATE), [True, False]),
        ((Role.TITLE, Role.BYLINE), [True, True]),
        ((Role.CAPTION, Role.BOILERPLATE), [True, False]),
        (
            (Role.BOILERPLATE, Role.BOILERPLATE),
            [False, False],
        ),  # BUG: such a passage was quoted as if it said something
    ],
)
def test_what_an_article_says_may_be_quoted_and_boilerplate_never(roles: tuple[Role, Role], quoted: list[bool]) -> None:
    found = Candidate(dataclasses.replace(CHUNK, roles=roles), passage(sentence(), sentence()), 0.0)
    ranked = sorted(rank_sentences([found], RANKER), key=lambda finding: finding.number)
    assert [finding.may_be_quoted for finding in ranked] == quoted


def test_the_score_is_about_it_times_nothing_missing() -> None:
    found, said = passage(cosine=0.6, lacks_names=0.4), sentence(coverage_with_previous=0.5)
    about_it = 1 / (1 + math.exp(-(18.6 * 0.6 + 9.0 * 0.5 - 12.0)))
    nothing_missing = 1 / (1 + math.exp(-(4.15 * 0.6 - 0.95 * 0.4 - 2.1)))
    assert ABSTAINER.confidence(found, said, 800) == pytest.approx(about_it * nothing_missing, abs=1e-12)
    assert ABSTAINER.confidence(found, said, 1_000_000) == ABSTAINER.confidence(found, said, 800)
    of_few = 1 / (1 + math.exp(-(18.6 * 0.6 + 9.0 * 0.5 - 12.0 + 0.7 * math.log(50))))
    assert ABSTAINER.confidence(found, said, 16) == pytest.approx(of_few * nothing_missing, abs=1e-12)
    assert ABSTAINER.threshold == 0.1


def test_a_sentence_that_lacks_the_negation_of_the_question_is_less_sure() -> None:
    packaged = WeighingAbstainer(calibration_for(NUMBERS.fitted_for))
    plain, turned = (
        packaged.confidence(passage(cosine=0.7), sentence(coverage_with_previous=0.9, lacks_negation=lacking), 800)
        for lacking in (0.0, 1.0)
    )
    assert turned < 0.5 * plain
