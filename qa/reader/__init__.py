"""The reader: a question and passages in, the words of each sentence that answer best and what they score out.

Reading order: ``network`` (the graph: pieces in, logits out) → ``marks`` (logits to words of sentences) → ``packaged``
(the file that comes with the package). How it was trained is told in training/README.md.
"""
