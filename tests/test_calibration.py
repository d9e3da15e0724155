"""The fitted numbers: the file, the sums, and the notice for a model that nothing was fitted for."""

import json
import logging
from pathlib import Path
from types import SimpleNamespace

import pytest

from index.encoders.protocol import SentenceEncoder
from qa.calibration import Calibration, CalibrationUnreadable, WeightedSum, calibration_for

FILE = Path(__file__).parents[1] / "qa" / "calibration" / "all-MiniLM-L6-v2.json"


def test_the_packaged_numbers_are_of_the_packaged_model(real_encoder: SentenceEncoder) -> None:
    found = calibration_for(real_encoder.fingerprint)
    assert (found.model, found.fitted_for) == (real_encoder.name, real_encoder.fingerprint)
    assert (found.threshold, found.quote_margin, found.usual_chunks) == (0.1, 6.0, 800)
    assert (found.sentence_bm25.k1, found.sentence_bm25.b, found.sentence_bm25.terms) == (0.6, 0.5, 18)
    assert "evaluation.fit" in found.fitted_with


def test_a_model_that_nothing_was_fitted_for_gets_a_notice_once(caplog: pytest.LogCaptureFixture) -> None:
    calibration_for.cache_clear()
    with caplog.at_level(logging.WARNING):
        found = calibration_for("ab" * 32)
        assert calibration_for("ab" * 32) is found
    assert found.model == "all-MiniLM-L6-v2"
    assert found.fitted_for != "ab" * 32
    assert ["abababababab…" in record.getMessage() for record in caplog.records] == [True]


def test_the_file_is_read_and_written_as_it_is() -> None:
    assert Calibration.read(FILE).as_json() == json.loads(FILE.read_text("utf-8"))
    assert Calibration.of(json.loads(json.dumps(Calibration.read(FILE).as_json()))) == Calibration.read(FILE)


@pytest.mark.parametrize(
    "damage",
    [
        lambda entry: entry.pop("threshold"),
        lambda entry: entry.update(more=1),
        lambda entry: entry["passage"].update(weights={"cosine": 1.0}),
        lambda entry: entry["sentence"].update(weights={"a": "x", "b": "y"}),
        lambda entry: entry.clear(),
    ],
)
def test_what_holds_no_fitted_numbers_is_named(tmp_path: Path, damage: object) -> None:
    entry = json.loads(FILE.read_text("utf-8"))
    damage(entry)  # type: ignore[operator]
    (tmp_path / "bad.json").write_text(json.dumps(entry))
    with pytest.raises(CalibrationUnreadable, match=r"bad\.json holds no fitted numbers"):
        Calibration.read(tmp_path / "bad.json")
    with pytest.raises(CalibrationUnreadable, match="No such file"):
        Calibration.read(tmp_path / "none.json")


def test_a_weighted_sum_reaches_into_its_parts_and_adds_in_order() -> None:
    weighed = SimpleNamespace(a=0.1, part=SimpleNamespace(b=0.2), c=0.3)
    total = WeightedSum({"a": 3.0, "part.b": -2.0, "c": 0.7}, -1.5)
    assert total(weighed) == 3.0 * 0.1 - 2.0 * 0.2 + 0.7 * 0.3 - 1.5
    assert total.as_json() == {"weights": {"a": 3.0, "part.b": -2.0, "c": 0.7}, "constant": -1.5}
