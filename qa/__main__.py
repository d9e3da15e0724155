"""``python -m qa``: the same as the command ``articleqa``."""

from qa.cli import main

main()
