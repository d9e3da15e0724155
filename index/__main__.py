"""``python -m index build``: rebuild the index."""

from index.cli import app, run

run(app)
