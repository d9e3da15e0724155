"""Exports of models: the same vectors as the original, checked on the disk, and no torch when asking."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from conftest import REPOSITORY, SEEDS, HashEncoder

from index.build import build
from index.encoders import exporting
from index.encoders.exporting import PARITY_TEXTS, check_parity
from index.encoders.exports import ExportSettings, new_export, open_export
from index.encoders.load import load_encoder, load_exported
from index.encoders.models import Model, find_model
from index.encoders.onnx import OnnxEncoder, threads
from index.encoders.protocol import Progress, SentenceEncoder, Vectors
from index.encoders.transformers import TransformerEncoder
from index.errors import ExportDiffers, IndexMissing, NotExportable
from index.places import open_store
from shell.messages import message


@pytest.fixture(scope="module")
def original() -> TransformerEncoder:
    return TransformerEncoder.load(find_model())


@pytest.fixture
def copied_cache(tmp_path: Path, real_encoder: SentenceEncoder, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the packaged model's export in a cache that a test may damage."""
    source = open_export(real_encoder.fingerprint)
    assert source
    monkeypatch.setenv("ARTICLEQA_CACHE", str(tmp_path / "cache"))
    home = tmp_path / "cache" / "exports" / source.folder.name
    home.mkdir(parents=True)
    for path in source.folder.iterdir():
        (home / path.name).write_bytes(path.read_bytes())
    return home


def test_an_export_gives_the_vectors_of_sentence_transformers(real_encoder: SentenceEncoder) -> None:
    from sentence_transformers import SentenceTransformer

    assert isinstance(real_encoder, OnnxEncoder)
    reference = SentenceTransformer(str(find_model().folder), device="cpu")
    texts = [*PARITY_TEXTS, "bridge " * 600]
    expected = reference.encode(texts, normalize_embeddings=True)
    rows = real_encoder.encode_passages(texts)
    assert np.abs(rows - expected).max() < 1e-6
    questions = np.array([real_encoder.encode_question(text) for text in texts])
    assert np.abs(questions - expected).max() < 1e-6


def test_vectors_and_counts_of_an_export_are_those_of_the_original(
    original: TransformerEncoder, real_encoder: SentenceEncoder
) -> None:
    assert check_parity(original, real_encoder) < 2e-6
    assert (real_encoder.dimension, real_encoder.max_tokens) == (original.dimension, original.max_tokens)
    for text in PARITY_TEXTS:
        assert real_encoder.count_tokens(text) == original.count_tokens(text)


class Turned(HashEncoder):
    """An encoder whose questions or passages are not those of a `HashEncoder`."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what

    def encode_question(self, question: str) -> Vectors:
        return super().encode_question(question) * (-1 if self.what == "questions" else 1)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        rows = super().encode_passages(texts, progress)
        if self.what == "nan":
            rows[0, 0] = np.nan
        return rows + np.float32(2e-4 if self.what == "passages" else 0)

    def count_tokens(self, text: str) -> int:
        return super().count_tokens(text) + (self.what == "tokens")


@pytest.mark.parametrize("what", ["questions", "passages", "nan", "tokens"])
def test_an_export_that_is_off_is_refused(what: str) -> None:
    assert check_parity(HashEncoder(), HashEncoder()) == 0
    with pytest.raises(ExportDiffers) as caught:
        check_parity(HashEncoder(), Turned(what))
    assert "ARTICLEQA_EXPORT=off articleqa build" in message(caught.value)


def test_a_build_refuses_an_export_that_is_off_and_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTICLEQA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(exporting, "MAX_DIFFERENCE", 0.0)
    with pytest.raises(ExportDiffers, match="nothing was built"):
        build(SEEDS, tmp_path / "index")
    assert [path.name for path in (tmp_path / "cache" / "exports").iterdir()] == [".lock"]
    with pytest.raises(IndexMissing):
        open_store(tmp_path / "index").snapshot()


def test_there_is_no_export_of_a_model_that_was_never_met() -> None:
    assert open_export("0" * 64) is None
    assert load_exported("mine", "0" * 64) is None


@pytest.mark.parametrize("name", ["model.onnx", "model.onnx.data", "tokenizer.json"])
def test_one_changed_byte_of_an_export_is_found(copied_cache: Path, name: str) -> None:
    path = copied_cache / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(NotExportable, match=f"{name} is damaged: its sha256 is"):
        open_export(find_model().fingerprint)


@pytest.mark.parametrize("record", ["", "{}", "[]", '{"files": {}, "settings": {}}', '{"files": {"gone": ""}}'])
def test_a_damaged_record_of_an_export_is_found(copied_cache: Path, record: str) -> None:
    (copied_cache / "export.json").write_text(record)
    with pytest.raises(NotExportable):
        open_export(find_model().fingerprint)


def test_a_damaged_export_is_made_again_with_a_warning(
    copied_cache: Path, caplog: pytest.LogCaptureFixture, real_encoder: SentenceEncoder
) -> None:
    (copied_cache / "model.onnx.data").write_bytes(b"cut")
    mended = load_encoder(find_model())
    assert isinstance(mended, OnnxEncoder)
    assert "is made again" in caplog.text
    assert open_export(mended.fingerprint)
    assert sorted(path.name for path in copied_cache.parent.iterdir()) == [".lock", copied_cache.name]
    assert np.array_equal(mended.encode_question("bridge"), real_encoder.encode_question("bridge"))


def test_a_model_that_cannot_be_exported_goes_on_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, original: TransformerEncoder
) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("no such operator")

    monkeypatch.setenv("ARTICLEQA_CACHE", str(tmp_path))
    monkeypatch.setattr("torch.onnx.export", refuse)
    encoder = load_encoder(find_model())
    assert isinstance(encoder, TransformerEncoder)
    assert "can't be exported" in caplog.text
    assert "no such operator" in caplog.text
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert check_parity(original, encoder) == 0


def test_a_cache_that_cannot_be_written_leaves_the_slower_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("ARTICLEQA_CACHE", str(tmp_path / "file"))
    assert isinstance(load_encoder(find_model()), TransformerEncoder)
    assert "can't be" in caplog.text


def test_exports_can_be_switched_off(monkeypatch: pytest.MonkeyPatch, real_encoder: SentenceEncoder) -> None:
    assert load_exported("mine", real_encoder.fingerprint)
    monkeypatch.setenv("ARTICLEQA_EXPORT", "off")
    assert load_exported("mine", real_encoder.fingerprint) is None
    assert isinstance(load_encoder(find_model()), TransformerEncoder)


def small_model(folder: Path, prompts: dict[str, str], **pooling: object) -> Model:
    """A model of two random layers with the packaged tokenizer, saved as sentence-transformers does."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Pooling, Transformer
    from transformers import AutoTokenizer, BertConfig, BertModel

    torch.manual_seed(1)
    config = BertConfig(
        hidden_size=48, num_hidden_layers=2, num_attention_heads=4, intermediate_size=96, max_position_embeddings=64
    )
    BertModel(config).save_pretrained(folder / "bert")
    AutoTokenizer.from_pretrained(find_model().folder).save_pretrained(folder / "bert")
    transformer = Transformer(str(folder / "bert"), max_seq_length=40)
    modules = [transformer, Pooling(48, **pooling), Dense(48, 24)]
    SentenceTransformer(modules=modules, prompts=prompts, device="cpu").save(str(folder / "model"))
    return find_model(str(folder / "model"))


def test_prompts_layers_and_lengths_of_another_model_are_kept(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    model = small_model(tmp_path, {"query": "query: ", "document": "passage: "}, pooling_mode="cls")
    encoder = load_encoder(model)
    assert isinstance(encoder, OnnxEncoder)
    assert (encoder.dimension, encoder.max_tokens) == (24, 36)  # of 40, two special ones and "passage:"
    reference = SentenceTransformer(str(model.folder), device="cpu")
    texts = ["The bridge closes.", "bridge " * 100]
    expected = reference.encode_query(texts, normalize_embeddings=True)
    assert np.abs(np.array([encoder.encode_question(text) for text in texts]) - expected).max() < 1e-6
    documents = reference.encode_document(texts, normalize_embeddings=True)
    rows = encoder.encode_passages(texts)
    assert np.abs(rows - documents).max() < 1e-6
    assert np.abs(documents - expected).max() > 1e-3


def test_a_model_that_leaves_its_prompts_out_is_not_exported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    model = small_model(tmp_path, {"query": "query: "}, pooling_mode="mean", include_prompt=False)
    assert isinstance(load_encoder(model), TransformerEncoder)
    assert "leaves its prompts out" in caplog.text


def test_asking_in_the_shell_imports_neither_torch_nor_transformers(seed_index: Path) -> None:
    script = (
        "import json, sys; from qa import Assistant\n"
        f"answer = Assistant.open({str(seed_index)!r}).ask('How many people were killed?')\n"
        "print(json.dumps([answer.quotes[0].start_line, sorted(sys.modules)]))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, check=True, timeout=60)
    line, modules = json.loads(done.stdout)
    assert line == 10
    assert "onnxruntime" in modules
    unwanted = {"torch", "transformers", "sentence_transformers", "huggingface_hub", "gradio"}
    assert sorted(unwanted & set(modules)) == []


def test_as_many_threads_encode_as_there_are_cores_or_as_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert 1 <= threads() <= (os.cpu_count() or 1)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert threads() == 3


def settings_of(graph: Path, tokenizer: Path) -> ExportSettings:
    for path in (graph, graph.with_name("model.onnx.data"), tokenizer):
        path.write_bytes(b"made")
    return ExportSettings(2, 8, 6, "", "", (), {})


def test_leftovers_of_a_killed_export_are_removed_and_an_export_is_the_users_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTICLEQA_CACHE", str(tmp_path))
    (tmp_path / "exports" / ".new-killed" / "export").mkdir(parents=True)  # just now
    (tmp_path / "exports" / ".new-killed" / "export" / "model.onnx.data").write_bytes(b"half")
    made = new_export("model", "fingerprint", settings_of, lambda export: None)
    assert [path.name for path in (tmp_path / "exports").iterdir() if path.name.startswith(".new-")] == []
    assert made.folder.stat().st_mode & 0o777 == 0o700


def test_an_export_that_others_could_have_put_there_is_not_loaded(
    copied_cache: Path, real_encoder: SentenceEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its checksums lie beside it, so that they say nothing about who has written it."""
    assert open_export(real_encoder.fingerprint)
    for place in (copied_cache, copied_cache.parent):
        mode = place.stat().st_mode
        for others in (0o020, 0o002):
            place.chmod(mode | others)
            with pytest.raises(NotExportable, match=r"Others can write to .*: chmod 700 "):
                open_export(real_encoder.fingerprint)
            assert load_exported("any", real_encoder.fingerprint) is None
        place.chmod(mode)
    monkeypatch.setattr(os, "geteuid", lambda: copied_cache.stat().st_uid + 1)
    with pytest.raises(NotExportable, match="belongs to another user"):
        open_export(real_encoder.fingerprint)


def test_a_new_cache_is_the_user_s_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARTICLEQA_CACHE", str(tmp_path / "cache"))
    before = os.umask(0)
    try:
        load_encoder(find_model())
    finally:
        os.umask(before)
    exports = tmp_path / "cache" / "exports"
    (home,) = (place for place in exports.iterdir() if place.is_dir())
    assert [place.stat().st_mode & 0o777 for place in (exports, home)] == [0o700, 0o700]
