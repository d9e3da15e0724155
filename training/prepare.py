"""Files of questions in, a `Corpus` out: with retrieved negatives and with swapped questions.

The answer to which passages a reader meets in the product: those that retrieval brings. So a question
that can't stand alone ("How long has the owner had it?") gets no negatives from other articles, since
those may well answer it.
"""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from qa.reader.network import MAX_CONTEXT_PIECES, MAX_QUESTION_PIECES, minilm_tokenizer
from training.corpus import KINDS, Corpus, Ints, Ragged, answer_pieces
from training.negatives import Vectors, embed, retrieved_negatives
from training.sources import Context, read_contexts
from training.swaps import names_of, swapped

NEGATIVES = 8
"""Kept for each question; a batch draws from them."""

NEIGHBOURS = 3
"""Of these at most so many that came with the data."""

STANDS_ALONE = 3
"""A question whose own passage retrieval ranks this high among all is one that can be asked of a folder."""

SWAPPED_SHARE = 0.3
"""Of the answerable questions so many get a swapped one beside them, where they have a name or number."""

HELD_OUT_PERCENT = 3


@dataclass(slots=True)
class Draft:
    """A group before it is in word pieces: see `Corpus`."""

    question: str
    passage: int
    answer: tuple[int, int] | None
    kind: str
    negatives: Sequence[int] = ()


def prepare(paths: Sequence[Path], output: Path, seed: int = 1, dense: bool = True) -> Corpus:
    """Read, find negatives, swap, tokenise and write ``output/corpus.npz``.

    Args:
        paths: SQuAD's JSON or our rows, see `read_contexts`.
        output: the run's folder; embeddings are kept there too.
        seed: of what is drawn.
        dense: mix the cosine of MiniLM into the ranking of negatives; takes minutes.

    Raises:
        KeptApart: see `read_contexts`.
    """
    output.mkdir(parents=True, exist_ok=True)
    contexts = _merged(read_contexts(paths))
    drafts = _drafts(contexts)
    _add_negatives(drafts, contexts, output if dense else None)
    drafts += _swapped_drafts(drafts, contexts, seed)
    corpus = to_corpus(drafts, contexts)
    corpus.save(output / "corpus.npz")
    return corpus


def _merged(contexts: Sequence[Context]) -> list[Context]:
    """Each passage once, with all that was asked about it."""
    merged: dict[str, Context] = {}
    for context in contexts:
        known = merged.get(context.text)
        questions = (*known.questions, *context.questions) if known else context.questions
        first = known or context
        merged[context.text] = Context(first.text, first.source, first.article, first.title, questions)
    return list(merged.values())


def _drafts(contexts: Sequence[Context]) -> list[Draft]:
    """Answerable questions with the neighbours that came with them, and the unanswerable ones.

    A neighbour whose question has its own passage here becomes a negative of that; the rest stand alone.
    """
    drafts: list[Draft] = []
    owner: dict[tuple[str, str, str], Draft] = {}
    for row, context in enumerate(contexts):
        for asked in context.questions:
            if asked.answer or asked.kind == "adversarial":
                drafts.append(draft := Draft(asked.text, row, asked.answer, asked.kind))
                if asked.answer:
                    owner.setdefault((context.source, context.article, asked.text), draft)
    for row, context in enumerate(contexts):
        for asked in context.questions:
            if asked.kind == "neighbour" and not asked.answer:
                own = owner.get((context.source, context.article, asked.text))
                if own is None:
                    drafts.append(Draft(asked.text, row, None, "neighbour"))
                elif own.passage != row:
                    own.negatives = (*own.negatives, row)
    return drafts


def _add_negatives(drafts: Sequence[Draft], contexts: Sequence[Context], cache: Path | None) -> None:
    """Give each answerable question its neighbours and what retrieval brings, neighbours first."""
    answerable = [draft for draft in drafts if draft.answer]
    passages = [context.text for context in contexts]
    questions = list(dict.fromkeys(draft.question for draft in answerable))
    vectors: tuple[Vectors, Vectors] | None = None
    if cache:
        number = {question: n for n, question in enumerate(questions)}
        vectors = embed(passages, cache / "passages.npy"), embed(questions, cache / "questions.npy")
        vectors = vectors[0], vectors[1][[number[draft.question] for draft in answerable]]
    found, ranks = retrieved_negatives(
        [f"{context.title} {context.text}" for context in contexts],
        [draft.question for draft in answerable],
        [draft.passage for draft in answerable],
        [_answer_text(draft, contexts) for draft in answerable],
        vectors,
        NEGATIVES,
        progress=lambda done: print(f"\rnegatives for {done:,} of {len(answerable):,}", end="", flush=True),
    )
    print()
    for draft, rows, rank in zip(answerable, found.tolist(), ranks.tolist(), strict=True):
        alone = rank < STANDS_ALONE
        neighbours = draft.negatives[:NEIGHBOURS] if alone or contexts[draft.passage].title else ()
        retrieved = [row for row in rows if row >= 0 and row not in neighbours] if alone else []
        draft.negatives = [*neighbours, *retrieved][:NEGATIVES]


def _answer_text(draft: Draft, contexts: Sequence[Context]) -> str:
    return contexts[draft.passage].text[slice(*draft.answer)] if draft.answer else ""


def _swapped_drafts(drafts: Sequence[Draft], contexts: Sequence[Context], seed: int) -> list[Draft]:
    chance = random.Random(seed)
    names: dict[str, list[str]] = {}
    for source in {context.source for context in contexts}:
        names[source] = names_of([d.question for d in drafts if contexts[d.passage].source == source])
    made: list[Draft] = []
    for draft in drafts:
        context = contexts[draft.passage]
        if draft.answer and chance.random() < SWAPPED_SHARE:
            text = f"{context.title}. {context.text}"
            if question := swapped(draft.question, text, names[context.source], chance):
                made.append(Draft(question, draft.passage, None, "swapped"))
    return made


def to_corpus(drafts: Sequence[Draft], contexts: Sequence[Context]) -> Corpus:
    """Drafts in word pieces; those whose answer no word piece touches are left out."""
    tokenizer = minilm_tokenizer()
    encoded = tokenizer.encode_batch([context.text for context in contexts], add_special_tokens=False)
    spans = [answer_pieces(encoded[d.passage].offsets, d.answer) if d.answer else (-1, -1) for d in drafts]
    kept = [(draft, span) for draft, span in zip(drafts, spans, strict=True) if span]
    texts = list(dict.fromkeys(draft.question for draft, _ in kept))
    number = {text: n for n, text in enumerate(texts)}
    sources = tuple(sorted({context.source for context in contexts}))
    owners = [contexts[draft.passage] for draft, _ in kept]
    negatives = np.full((len(kept), NEGATIVES), -1, dtype=np.int32)
    for row, (draft, _) in enumerate(kept):
        negatives[row, : len(draft.negatives)] = draft.negatives
    titles = [f"{context.title}." if context.title else "" for context in contexts]
    return Corpus(
        questions=_pieces(tokenizer, texts, MAX_QUESTION_PIECES),
        passages=Ragged.of([encoding.ids for encoding in encoded]),
        titles=_pieces(tokenizer, titles, MAX_CONTEXT_PIECES),
        question=_ints([number[draft.question] for draft, _ in kept]),
        passage=_ints([draft.passage for draft, _ in kept]),
        first=_ints([span[0] for _, span in kept]),
        last=_ints([span[1] for _, span in kept]),
        negatives=negatives,
        source=np.asarray([sources.index(context.source) for context in owners], dtype=np.int16),
        kind=np.asarray([KINDS.index(draft.kind) for draft, _ in kept], dtype=np.int16),
        held_out=_held_out(owners),
        sources=sources,
    )


def _pieces(tokenizer: Any, texts: Sequence[str], most: int) -> Ragged:
    return Ragged.of(
        [encoding.ids[:most] for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False)]
    )


def _ints(values: Sequence[int]) -> Ints:
    return np.asarray(values, dtype=np.int32)


def _held_out(owners: Sequence[Context]) -> npt.NDArray[np.bool_]:
    """By whole articles where a source has many, else by passages; the same in every run."""
    articles: dict[str, set[str]] = {}
    for context in owners:
        articles.setdefault(context.source, set()).add(context.article)
    keys = [c.article if len(articles[c.source]) > 100 else c.text for c in owners]
    return np.asarray([hashlib.sha256(key.encode()).digest()[0] * 100 < HELD_OUT_PERCENT * 256 for key in keys])
