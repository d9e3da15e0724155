"""What the page shows: questions and answers, articles with their marked lines, uploads. Knows no search.

Reading order: ``session`` → ``turns`` → ``talk`` → ``render``, ``quoted``, ``lines`` → ``blocks`` → ``serve``;
``page/`` is what the browser gets.
"""

import os

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # Gradio reads it wherever it would report or look for updates
