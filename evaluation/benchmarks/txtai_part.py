"""txtai's side of ``make bench-txtai``, run by the Python that has it; imports nothing of articleqa.

``python txtai_part.py build|ask FOLDER``, with ``texts.json``, ``questions.json`` and ``model.txt`` in FOLDER.
"""

import json
import resource
import statistics
import sys
import time
from pathlib import Path


def main(step: str, folder: Path) -> None:
    """Build and save an index, or open it and ask."""
    from txtai import Embeddings

    found = {}
    if step == "build":
        model = (folder / "model.txt").read_text()
        embeddings = Embeddings(path=model, hybrid=True, content=True, gpu=False)
        embeddings.index(json.loads((folder / "texts.json").read_text()))
        embeddings.save(str(folder / "txtai"))
    else:
        embeddings = Embeddings()
        embeddings.load(str(folder / "txtai"))
        first, *questions = json.loads((folder / "questions.json").read_text())
        embeddings.search(first, 5)
        times = []
        for question in questions:
            started = time.perf_counter()
            embeddings.search(question, 5)
            times.append(time.perf_counter() - started)
        found = {"search_ms": statistics.median(times) * 1e3}
    print(json.dumps({**found, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
