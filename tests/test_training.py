"""Training on tiny data: what a mistake in it would cost hours to notice."""

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from evaluation.questions import KEPT_APART  # noqa: E402
from qa.reader.marks import best_span  # noqa: E402
from qa.reader.network import minilm_tokenizer  # noqa: E402
from training.batches import assemble, round_of, window  # noqa: E402
from training.checkpoints import averaged_weights, snapshots, trained_weights  # noqa: E402
from training.corpus import KINDS, Corpus, answer_pieces  # noqa: E402
from training.export import quantize, trace  # noqa: E402
from training.heldout import auroc  # noqa: E402
from training.model import Marks, ReaderModel, losses  # noqa: E402
from training.negatives import fold, retrieved_negatives  # noqa: E402
from training.prepare import prepare  # noqa: E402
from training.sources import KeptApart, read_contexts  # noqa: E402
from training.swaps import names_of, swapped  # noqa: E402
from training.train import Plan, train  # noqa: E402

TEXTS = {
    "Bridge": (
        "The stone bridge over the Tarn was built in 1911 by Ann Lee.",
        "Who built the bridge over the Tarn?",
        "Ann Lee",
    ),
    "Ferry": (
        "The ferry Sirius carries 140 passengers and was built in Jena.",
        "How many does the Sirius carry?",
        "140",
    ),
    "Dome": (
        "The dome of Jena has a lens of 66 centimetres, ground by Bob Ray.",
        "Who ground the lens of Jena?",
        "Bob Ray",
    ),
    "Mill": ("The mill at Albi grinds 30 tonnes a day; Eve Moss owns it.", "Who owns the mill at Albi?", "Eve Moss"),
}


def squad_file(folder: Path, texts: dict[str, tuple[str, str, str]] = TEXTS) -> Path:
    data = [
        {
            "title": title,
            "paragraphs": [
                {
                    "context": context,
                    "qas": [
                        {"question": question, "answers": [{"text": answer, "answer_start": context.index(answer)}]},
                        {"question": f"Who sold {title}?", "answers": [], "is_impossible": True},
                    ],
                }
            ],
        }
        for title, (context, question, answer) in texts.items()
    ]
    path = folder / "tiny.json"
    path.write_text(json.dumps({"version": "v2.0", "data": data}), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = tmp_path_factory.mktemp("corpus")
    return prepare([squad_file(folder)], folder, dense=False)


def test_both_kinds_of_file_say_the_same(tmp_path: Path) -> None:
    context, question, answer = TEXTS["Ferry"]
    start = context.index(answer)
    row = {
        "context": context,
        "source": "squad",
        "article": "Ferry",
        "questions": [
            {"question": question, "answer": [start, start + len(answer)], "kind": "answer"},
            {"question": "Who sold Ferry?", "answer": None, "kind": "adversarial"},
        ],
    }
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps(row) + "\n", encoding="utf-8")
    assert read_contexts([rows]) == read_contexts([squad_file(tmp_path, {"Ferry": TEXTS["Ferry"]})])


@pytest.mark.parametrize(
    "title", [*sorted(KEPT_APART), "Jacksonville,_Florida", "Jacksonville, Florida", "Steam engine"]
)
def test_articles_that_figures_are_reported_on_are_refused(tmp_path: Path, title: str) -> None:
    with pytest.raises(KeptApart, match="kept apart"):
        read_contexts([squad_file(tmp_path, {title: TEXTS["Ferry"]})])


def test_an_answer_comes_back_from_its_word_pieces() -> None:
    tokenizer = minilm_tokenizer()
    text = "Ctenophora (from Greek κτείς) – 1,230 km, the “comb-jellies”, cost £2.4m; naïve café in Zürich."
    for answer in ("Ctenophora", "1,230 km", "comb-jellies", "£2.4m", "naïve café", "Zürich", "Greek κτείς"):
        start = text.index(answer)
        encoding = tokenizer.encode(text, add_special_tokens=False)
        pieces = answer_pieces(encoding.offsets, (start, start + len(answer)))
        assert pieces is not None
        assert text[encoding.offsets[pieces[0]][0] : encoding.offsets[pieces[1]][1]] == answer


def test_a_batch_marks_the_answer_in_its_own_passage(corpus: Corpus) -> None:
    tokenizer = minilm_tokenizer()
    answers = {answer.lower() for _, _, answer in TEXTS.values()}
    seen = set()
    for pieces in (24, 176):
        for number, draws in enumerate(round_of(corpus, seed=1, number=0, size=4)):
            batch = assemble(corpus, draws, pieces, [1, number])
            assert batch.input_ids.shape[1] <= pieces
            for ids, first, last, body in zip(batch.input_ids, batch.first, batch.last, batch.body, strict=True):
                if first:
                    seen.add(tokenizer.decode(ids[first : last + 1].tolist()))
                    assert body[first : last + 1].all()
                assert not body[0]
                assert tokenizer.decode(ids[~body].tolist()).count("?") == 1
    assert seen <= answers
    assert len(seen) >= 3  # one may be held out


def test_a_round_draws_no_held_out_group_and_every_other_one(corpus: Corpus) -> None:
    drawn = [group for batch in round_of(corpus, 1, 0, 4) for group, _ in batch]
    assert sorted(drawn) == np.flatnonzero(~corpus.held_out).tolist()


@pytest.mark.parametrize("answer", [(0, 3), (50, 55), (97, 99), (10, 60), (-1, -1)])
def test_a_window_holds_the_answer(answer: tuple[int, int]) -> None:
    chance = np.random.default_rng(0)
    for _ in range(50):
        at = window(100, 40, answer, chance)
        assert 0 <= at <= 60
        if answer[0] >= 0:
            assert at <= answer[0]
            assert answer[1] < at + 40 or (at == answer[0] and answer[1] - answer[0] >= 40)


def test_swapped_questions_have_no_answer() -> None:
    names = names_of([question for _, question, _ in TEXTS.values()] + ["Did he see Mount Blanc in Nova Scotia?"])
    made = []
    for context, question, _ in TEXTS.values():
        for seed in range(20):
            if other := swapped(question, context, names, random.Random(seed)):
                new = set(fold(other).split()) - set(fold(question).split())
                assert new
                assert not new & set(fold(context).split())
                made.append(other)
    assert len(made) >= 60


def test_swapped_numbers_keep_their_look() -> None:
    context = "In 1911 it cost 1,200 francs."
    assert all(
        1881
        <= int((swapped("What happened in 1911?", context, [], random.Random(seed)) or "0").split()[-1][:-1])
        <= 1941
        for seed in range(20)
    )
    other = swapped("Who paid 1,200 francs?", context, [], random.Random(0)) or ""
    assert len(other) == len("Who paid 1,200 francs?")
    assert "1,200" not in other
    assert swapped("Who paid it?", context, ["Ann"], random.Random(0)) is None


def test_negatives_are_near_and_do_not_hold_the_answer() -> None:
    passages = ["Ann Lee built the bridge.", "The bridge was sold by Bob.", "Ann Lee likes the bridge.", "Fish swim."]
    rows, ranks = retrieved_negatives(passages, ["Who built the bridge?"], [0], ["Ann Lee"], None, keep=3)
    assert rows.tolist() == [[1, -1, -1]]
    assert ranks.tolist() == [0]


def test_the_shared_loss_compares_passages_of_one_question_only() -> None:
    start = torch.tensor([[0.0, 2.0, 1.0], [0.0, 5.0, 5.0], [0.0, 9.0, 9.0]])
    body = torch.tensor([[False, True, True]] * 3)
    first = torch.tensor([1, 0, 0])
    marks = Marks(body, first, first, torch.tensor([0, 0, 1]))
    parts = losses((start, start, torch.zeros(3)), marks, pairs=3, answered=1)
    expected = float(torch.logsumexp(torch.tensor([2.0, 1.0, 5.0, 5.0]), 0) - 2.0)
    assert parts["shared"].item() == pytest.approx(expected, abs=1e-5)


def test_a_run_that_was_stopped_ends_like_one_that_was_not(corpus: Corpus, tmp_path: Path) -> None:
    plan = Plan(steps=4, warm_up=2, size=4, part=2, pieces=(48, 32), measure_steps=1000)
    whole = trained_weights(train(corpus, tmp_path / "whole", plan))
    train(corpus, tmp_path / "parts", plan, stop_after=2)
    parts = trained_weights(train(corpus, tmp_path / "parts", plan))
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    steps = [json.loads(line)["step"] for line in (tmp_path / "parts" / "log.jsonl").read_text().splitlines()]
    assert steps == [0, 2, 2, 4]
    averaged = averaged_weights(snapshots(tmp_path / "parts"))
    name = "span.weight"
    assert torch.allclose(averaged[name], (parts[name] + torch.load(snapshots(tmp_path / "parts")[0])[name]) / 2)


def test_layers_that_are_let_be_from_now_on_stay_and_are_kept(corpus: Corpus, tmp_path: Path) -> None:
    plan = Plan(steps=4, warm_up=2, size=4, part=2, pieces=(48, 32), measure_steps=1000)
    before = trained_weights(train(corpus, tmp_path, plan, stop_after=2))
    after = trained_weights(train(corpus, tmp_path, replace(plan, frozen=3)))
    again = trained_weights(train(corpus, tmp_path, plan))  # from what the frozen sitting left
    name = "encoder.encoder.layer.{}.output.dense.weight"
    assert torch.equal(before[name.format(2)], after[name.format(2)])
    assert not torch.equal(before[name.format(3)], after[name.format(3)])
    assert after.keys() == before.keys() == torch.load(snapshots(tmp_path)[-1]).keys()
    assert all(torch.equal(after[key], again[key]) for key in after)


def test_the_rate_falls_to_nothing_by_the_clock() -> None:
    from training.checkpoints import Position

    plan = Plan(hours=1, rate=1e-3, warm_up=10)
    assert plan.rate_at(Position(step=4)) == pytest.approx(0.5e-3)
    assert plan.rate_at(Position(step=100, seconds=1800)) == pytest.approx(0.5e-3)
    assert plan.done(Position(step=100, seconds=4000)) == 1


@pytest.mark.filterwarnings("ignore")
def test_an_exported_graph_says_what_the_model_says(tmp_path: Path) -> None:
    import onnxruntime
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=2100, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64
    )
    model = ReaderModel(BertModel(config, add_pooling_layer=False), 32).eval()
    trace(model, tmp_path / "full.onnx")
    quantize(tmp_path / "full.onnx", tmp_path / "small.onnx")
    ids = torch.randint(1, 200, (3, 17))
    mask = torch.ones_like(ids)
    mask[1, 9:] = 0
    types = torch.zeros_like(ids)
    types[:, 5:] = 1
    with torch.inference_mode():
        expected = [value.numpy() for value in model(ids, mask, types)]
    feed = {"input_ids": ids.numpy(), "attention_mask": mask.numpy(), "token_type_ids": types.numpy()}
    for name, tolerance in (("full", 1e-5), ("small", 0.05)):
        session = onnxruntime.InferenceSession(str(tmp_path / f"{name}.onnx"), providers=["CPUExecutionProvider"])
        for got, value in zip(session.run(None, feed), expected, strict=True):
            assert np.abs(got - value)[0].max() < tolerance


def test_auroc_and_the_best_span_are_counted_right() -> None:
    assert auroc(np.asarray([2.0, 3.0], np.float32), np.asarray([1.0, 2.0], np.float32)) == 0.875
    first, last, value = best_span(np.asarray([0, 5, 0], np.float32), np.asarray([9, 0, 2], np.float32))
    assert (first, last, value) == (0, 0, 9.0)


def test_kinds_are_kept(corpus: Corpus) -> None:
    kinds = [KINDS[kind] for kind in corpus.kind]
    assert kinds.count("answer") == kinds.count("adversarial") == 4
    assert (corpus.first[corpus.kind != 0] == -1).all()
