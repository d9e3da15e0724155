"""With no network at all after the install everything works: build, ask, search and the chat."""

import subprocess
import sys
from pathlib import Path

from conftest import REPOSITORY, SEEDS

SCRIPT = """
import socket, sys

LOOPBACK = ("127.", "::1", "localhost")
refused = []

def guard(name):
    real = getattr(socket.socket, name)
    def guarded(self, address, *rest):
        if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
            refused.append(address)
            raise OSError(f"no network in this test: {address}")
        return real(self, address, *rest)
    setattr(socket.socket, name, guarded)

guard("connect"); guard("connect_ex"); guard("sendto")
real_lookup = socket.getaddrinfo
def lookup(host, *rest, **more):
    if host and not str(host).startswith(LOOPBACK):
        refused.append(host)
        raise OSError(f"no network in this test: {host}")
    return real_lookup(host, *rest, **more)
socket.getaddrinfo = lookup

from qa import Assistant
assistant = Assistant.over(sys.argv[1], index=sys.argv[2])
answer = assistant.ask("How many people were killed?")
assert answer.quotes[0].start_line == 10, answer
best = assistant.search("Who called for talks?", k=1)[0]
assert best.start_line <= 27 <= best.end_line, best

import app
chat = app.make_chat(assistant)
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
address = app.launch(chat, port=port)
import json, urllib.request
call = address.rstrip("/") + "/gradio_api/call/ask"
body = json.dumps({"data": ["How many people were killed?", "", "", "", ""]}).encode()
asked = urllib.request.urlopen(urllib.request.Request(call, body, {"Content-Type": "application/json"}))
events = urllib.request.urlopen(call + "/" + json.load(asked)["event_id"]).read().decode()
served = json.loads(events.split("data: ")[-1])[0]
assert served["quotes"][0]["start_line"] == 10, served
chat.close()
print("refused:", refused)
"""


def test_build_ask_and_chat_need_no_network(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(SEEDS), str(tmp_path / "index")],
        capture_output=True, text=True, timeout=200, cwd=REPOSITORY,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    assert run.stdout.splitlines()[-1] == "refused: []"
