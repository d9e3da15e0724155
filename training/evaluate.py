"""Recorded candidates and an exported reader in, figures out; asks no product and learns nothing.

Six kept-apart articles and the parts of news_dev are reported apart. Weights of a mixture with the
product's score are shown for several values and chosen by nobody here.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation.measures import exact, f1
from training.candidates import FEW, Candidates, Window, read_candidates
from training.heldout import auroc
from training.onnx_reader import OnnxReader, Reading

PLAIN = frozenset({"fact", "why", "how", "definition", "said", "yesno", "answer"})
"""Kinds whose right answer is one sentence; of news_dev its "plain" ones."""

UNANSWERED = frozenset({"nearmiss", "otherworld", "looks answerable"})


@dataclass(frozen=True, slots=True)
class Mixture:
    """A way to score a passage: a weighted sum of what the reader says and of the product's own score.

    The product's lies between 0 and 1, the reader's logits spread over some tens.
    """

    span: float = 0.0
    null: float = 0.0
    has_answer: float = 0.0
    product: float = 0.0

    def __call__(self, reading: Reading, product: float) -> float:
        """The score, higher is better."""
        own = self.span * reading.span + self.null * reading.null + self.has_answer * reading.has_answer
        return own + self.product * product


SCORES: Mapping[str, Mixture] = {
    "product": Mixture(product=1),
    "span": Mixture(span=1),
    "span - null": Mixture(span=1, null=-1),
    "has answer": Mixture(has_answer=1),
    "span - null/2 + has/2": Mixture(span=1, null=-0.5, has_answer=0.5),
    "span + 10 product": Mixture(span=1, product=10),
    "span + 20 product": Mixture(span=1, product=20),
    "span + 40 product": Mixture(span=1, product=40),
    "span - null + 20 product": Mixture(span=1, null=-1, product=20),
    "span - null/2 + has/2 + 20 product": Mixture(span=1, null=-0.5, has_answer=0.5, product=20),
}
"""Ways to rank the passages of a question."""

Read = Sequence[tuple[Candidates, Sequence[Reading]]]


def evaluate(
    reader: Path, recorded: Sequence[Path], output: Path, threads: int = 1, limit: int = 0
) -> dict[str, dict[str, float]]:
    """Read all candidates and write the figures as JSON.

    Args:
        reader: an exported graph.
        recorded: files of `candidates.record`.
        output: a .json file.
        threads: of onnxruntime.
        limit: read at most so many plain and so many unanswered questions of a set; 0: all.

    Returns:
        Figures by set: see `figures`.
    """
    graph = OnnxReader(reader, threads)
    candidates = _chosen([candidate for path in recorded for candidate in read_candidates(path)], limit)
    read: list[tuple[Candidates, list[Reading]]] = []
    for number, candidate in enumerate(candidates):
        passages = [(window.title, window.text) for window in candidate.windows]
        read.append((candidate, graph.read(candidate.question, passages) if passages else []))
        if number % 20 == 0:
            print(f"\rread {number:,} of {len(candidates):,}", end="", flush=True)
    print()
    sets = sorted({candidate.set for candidate in candidates})
    found = {name: figures([(c, r) for c, r in read if c.set == name]) for name in sets}
    output.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found


def _chosen(candidates: Sequence[Candidates], limit: int) -> list[Candidates]:
    """The questions that figures are of, the first of each set and sort."""
    chosen: list[Candidates] = []
    counts: Counter[tuple[str, bool]] = Counter()
    for candidate in candidates:
        if candidate.kind in PLAIN | UNANSWERED:
            counts[key := (candidate.set, candidate.kind in PLAIN)] += 1
            if not limit or counts[key] <= limit:
                chosen.append(candidate)
    return chosen


def figures(read: Read) -> dict[str, float]:
    """Figures of one set.

    Returns:
        For each way to rank (`SCORES`): ``R@1`` (the gold line is in the first passage), ``first``
        (the sentence that holds the first passage's span is a right one), ``one of three``,
        ``exact`` and ``F1`` of the first span, and ``AUROC`` of the best score among the first
        passages, answerable questions against others. Then the same of spans ``on gold`` passages.
    """
    plain = [(c, r) for c, r in read if c.kind in PLAIN]
    none = [(c, r) for c, r in read if c.kind in UNANSWERED]
    found: dict[str, float] = {"plain": len(plain), "none": len(none)}
    for name, score in SCORES.items():
        for figure, value in _ranked(plain, score).items():
            found[f"{figure} | {name}"] = value
        best = [np.asarray([_best(c, r, score) for c, r in some if r], dtype=np.float32) for some in (plain, none)]
        found[f"AUROC | {name}"] = round(auroc(best[0], best[1]), 3)
    return found | _on_gold(plain)


def _ranked(plain: Read, score: Mixture) -> dict[str, float]:
    hits: dict[str, list[float]] = {}
    for candidate, readings in plain:
        pairs = list(zip(candidate.windows, readings, strict=True))
        pairs.sort(key=lambda pair: -score(pair[1], pair[0].score))
        sentences = [right_sentence(candidate, window, reading) for window, reading in pairs[:3]]
        hits.setdefault("R@1", []).append(bool(pairs) and holds_gold(candidate, pairs[0][0]))
        hits.setdefault("first", []).append(bool(sentences) and sentences[0])
        hits.setdefault("one of three", []).append(any(sentences))
        if candidate.answers:
            text = pairs[0][0].text[pairs[0][1].start : pairs[0][1].end] if pairs else ""
            hits.setdefault("exact", []).append(exact(text, candidate.answers))
            hits.setdefault("F1", []).append(f1(text, candidate.answers))
    return {name: round(float(np.mean(values)), 3) for name, values in hits.items()}


def _best(candidate: Candidates, readings: Sequence[Reading], score: Mixture) -> float:
    """The best score among the product's first passages: as many for every question."""
    return max(score(r, w.score) for w, r in list(zip(candidate.windows, readings, strict=True))[:FEW])


def _on_gold(plain: Read) -> dict[str, float]:
    """Spans and sentences where the right passage is given."""
    sentences: list[float] = []
    exacts: list[float] = []
    f1s: list[float] = []
    for candidate, readings in plain:
        gold = [(w, r) for w, r in zip(candidate.windows, readings, strict=True) if holds_gold(candidate, w)]
        if not gold:
            continue
        window, reading = gold[0]
        sentences.append(right_sentence(candidate, window, reading))
        if candidate.answers:
            text = window.text[reading.start : reading.end]
            exacts.append(exact(text, candidate.answers))
            f1s.append(f1(text, candidate.answers))
    found = {"among candidates": round(len(sentences) / max(1, len(plain)), 3)}
    named: dict[str, list[float]] = {"sentence": sentences, "exact": exacts, "F1": f1s}
    return found | {f"{name} | on gold": round(float(np.mean(values)), 3) for name, values in named.items() if values}


def holds_gold(candidate: Candidates, window: Window) -> bool:
    """Whether a gold line is in the passage."""
    lines = {line for _, _, line in window.sentences}
    return any(window.path.endswith(article) and line in lines for article, line, _ in candidate.gold)


def right_sentence(candidate: Candidates, window: Window, reading: Reading) -> bool:
    """Whether the sentence that the span starts in lies on a gold line and holds a right string."""
    own = [(a, b, line) for a, b, line in window.sentences if a <= reading.start < b]
    return any(
        window.path.endswith(article)
        and line == own[0][2]
        and any(_plain(s) in _plain(_text(window, own[0])) for s in strings)
        for article, line, strings in candidate.gold
        if own
    )


def _text(window: Window, sentence: tuple[int, int, int]) -> str:
    return window.text[sentence[0] : sentence[1]]


def _plain(text: str) -> str:
    """As score_news.py compares: case, white space and typographic quotation marks aside."""
    return " ".join(text.lower().replace("’", "'").replace("“", '"').replace("”", '"').split())
