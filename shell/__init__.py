"""The command ``articleqa``: what is typed in, what is printed and an exit code out.

It stands on top: it imports all the rooms below, and nothing imports it. Reading order: ``main`` (the commands put
together) → ``options`` (what several of them take) → ``printing`` → ``messages`` (an error in, what to do about it
out) → ``building``, ``asking``, ``checking``, ``serving``, ``evaluating`` (the commands).
"""
