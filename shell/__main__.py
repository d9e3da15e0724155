"""``python -m shell`` is the command ``articleqa``."""

from shell.main import main

main()
