"""The log of a run in, the text of the model card out; figures are filled in by `evaluate`."""

from collections.abc import Sequence
from typing import Any

_CARD = """# Model card: the reader of articleqa

Reads a question and a passage together; marks the words of the passage that answer, and says how sure it is
that any do. {size:,} bytes, int8, runs by onnxruntime without torch. sha256 `{digest}`.

- **Inputs** `input_ids`, `attention_mask`, `token_type_ids`, int64 `(pairs, pieces)`:
  `[CLS] question [SEP] title. passage [SEP]`, the tokenizer is that of all-MiniLM-L6-v2, type 1 from the title on.
- **Outputs** `start`, `end`, float32 `(pairs, pieces)`: where the answer starts and ends; at `[CLS]` they stand for
  "none here". `has_answer`, float32 `(pairs,)`: a logit. Pieces of question, title and padding are no answers: leave
  them out before you take the best.
- **Which score**: `start + end` of the best span is comparable between passages of one question (it was trained by a
  softmax over all of them); less `start + end` at `[CLS]` it is comparable between questions.

## Made from

all-MiniLM-L6-v2 (Apache-2.0; 6 layers, 384 dimensions; its embeddings are frozen), trained on {groups:,} questions,
{examples:,} pairs of question and passage, {steps:,} steps, {hours:.1f} hours of two shared cores. The mean of {mean}.

| data | licence |
|---|---|
| 13 articles of SQuAD 1.1 dev, 12 of SQuAD 2.0 dev | CC BY-SA 4.0 |
| Reddit and Amazon sets of "The Effect of Natural Distribution Shift on Question Answering Models" | CC BY 4.0 |
| QED dev, on Natural Questions | CC BY-SA 3.0 |
| QAMR dev and test | MIT |

Beside these, made by program: passages that retrieval brings although they don't answer, and questions with a name or
number swapped for one that the passage does not hold.

**Not trained on, and never to be**: the articles Civil_disobedience, European_Union_law, Imperialism,
Jacksonville_Florida, Scottish_Parliament and Steam_engine of SQuAD 2.0, and news_dev d3.

## Limits

English only. A passage is read alone: what a pronoun before it meant is unknown to it. It was taught mostly by
encyclopedia paragraphs, posts and reviews; news is thin in it. It finds words, it doesn't compute, count or compare.

## Make it again

`make reader` in the repository; hours, by the clock, resumable. Two runs differ, since the rate falls by the clock.
"""


def card(log: Sequence[dict[str, Any]], snapshots: Sequence[str], digest: str, size: int) -> str:
    """The model card of a run.

    Args:
        log: the run's log.
        snapshots: names of the files whose mean the weights are.
        digest: sha256 of the int8 graph.
        size: of the same in bytes.
    """
    steps = [line for line in log if line["event"] == "step"]
    last = steps[-1] if steps else {"step": 0, "examples": 0, "seconds": 0.0}
    groups = next((line["groups"] for line in reversed(log) if line["event"] == "start"), 0)
    return _CARD.format(
        size=size,
        digest=digest,
        groups=groups,
        examples=last["examples"],
        steps=last["step"],
        hours=last["seconds"] / 3600,
        mean=", ".join(snapshots),
    )
