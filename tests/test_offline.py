"""With no network at all after the install everything works: build, ask, search and the chat; and nothing looks for it.

Native code looks names up where no guard in Python sees it. So all of it runs in a network of its own, whose only
server of names writes down what it is asked, and with a home folder that is looked at afterwards.
"""

import functools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
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


TRAP = """
import fcntl, json, socket, struct, subprocess, sys, threading
interface = struct.pack("16sh", b"lo", 1)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
    fcntl.ioctl(control, 0x8914, interface)  # SIOCSIFFLAGS: up
asked, server = [], socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))

def name_in(query):
    at, parts = 12, []
    while query[at]:
        parts.append(query[at + 1 : at + 1 + query[at]].decode("latin-1"))
        at += 1 + query[at]
    return ".".join(parts)

def answer():
    while True:
        query, sender = server.recvfrom(4096)
        asked.append(name_in(query))
        server.sendto(query[:2] + bytes([0x81, 0x83]) + query[4:], sender)  # there is no such name

threading.Thread(target=answer, daemon=True).start()
run = subprocess.run(sys.argv[2:], capture_output=True, text=True)
seen = sorted(set(asked))
subprocess.run([sys.executable, "-c", "import socket; socket.getaddrinfo('trap.invalid', 80)"], capture_output=True)
with open(sys.argv[1], "w") as file:
    json.dump({"code": run.returncode, "errors": run.stderr[-3000:], "asked": seen, "last": sorted(set(asked))}, file)
"""


@functools.cache
def own_network() -> list[str]:
    """The beginning of a command that runs in a network of its own; empty where the system allows none."""
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    command = ["unshare", *as_root, "--net", "--mount"]
    if not shutil.which("unshare") or subprocess.run([*command, "true"], capture_output=True).returncode:
        return []
    return command


@pytest.mark.parametrize(
    "start",
    [
        ["-c", SCRIPT, "SEEDS", "INDEX"],
        ["-m", "shell", "build", "SEEDS", "--index", "INDEX", "--workers", "1"],
    ],
    ids=["python and chat", "shell with workers"],
)
def test_no_name_is_looked_up_and_nothing_but_the_export_is_written_at_home(tmp_path: Path, start: list[str]) -> None:
    command = own_network()
    if not command:
        pytest.skip("the system allows no network of one's own (unshare --net --mount)")
    (tmp_path / "home").mkdir()
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    given = {"SEEDS": str(SEEDS), "INDEX": str(tmp_path / "index")}
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ARTICLEQA_", "ORT_"))
    }
    told = tmp_path / "told.json"
    inner = [sys.executable, "-c", TRAP, str(told), sys.executable, *(given.get(part, part) for part in start)]
    outer = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
    run = subprocess.run(
        [*command, "sh", "-c", outer, str(tmp_path / "resolv.conf"), *inner],
        capture_output=True, text=True, timeout=250, cwd=REPOSITORY,
        env=environment | {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    found = json.loads(told.read_text())
    assert found["code"] == 0, found["errors"]
    assert found["asked"] == []
    assert found["last"] == ["trap.invalid"], "the trap itself"
    written = [path.relative_to(tmp_path / "home") for path in (tmp_path / "home").rglob("*") if path.is_file()]
    files = [".lock", "export.json", "model.onnx", "model.onnx.data", "tokenizer.json"]
    assert sorted({path.name for path in written}) == files
    assert {path.parts[:3] for path in written} == {(".cache", "articleqa", "exports")}


def test_every_way_in_turns_reports_of_libraries_off_before_they_are_imported() -> None:
    """The file that imports a library is in a package that has set this before; nobody else's import comes first."""
    script = "import os, sys, {}; print(os.environ.get('ORT_DISABLE_TELEMETRY'), os.environ.get('{}'))"
    for module, name, expected in (
        ("qa", "ORT_DISABLE_TELEMETRY", "1 1"),
        ("app", "GRADIO_ANALYTICS_ENABLED", "1 False"),
        ("shell.main", "HF_HUB_DISABLE_TELEMETRY", "1 1"),
        ("evaluation.evaluate", "HF_HUB_DISABLE_TELEMETRY", "1 1"),
        ("index.readers.sandbox_process", "HF_HUB_DISABLE_TELEMETRY", "1 1"),
        ("training.export", "ORT_DISABLE_TELEMETRY", "1 1"),
    ):
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("ORT_", name))}
        run = subprocess.run(
            [sys.executable, "-c", script.format(module, name)],
            capture_output=True, text=True, cwd=REPOSITORY, env=environment, timeout=100,
        )  # fmt: skip
        assert run.stdout.strip() == expected, (module, run.stderr[-500:])
