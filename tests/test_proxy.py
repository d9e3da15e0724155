"""The chat behind nginx, with the lines of docs/security.md."""

import re
import shutil
import subprocess
import time
from pathlib import Path

import httpx
import pytest
from browsing import free_port, served
from conftest import REPOSITORY, HashEncoder, hash_build

from chat.logins import hash_password
from chat.options import Options
from qa import Assistant

ORIGIN = "https://articles.example"


def test_the_chat_is_served_behind_nginx_as_the_page_says(tmp_path: Path, tiny_articles: Path) -> None:
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        pytest.skip("nginx is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=articles.example"]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True, timeout=60)
    (server,) = re.findall(r"```nginx\n(.*?)```", (REPOSITORY / "docs/security.md").read_text("utf-8"), re.DOTALL)
    outside, inside = free_port(), free_port()
    for said, here in (
        ("listen 443", f"listen 127.0.0.1:{outside}"),
        ("/etc/ssl/articles.pem", str(certificate)),
        ("/etc/ssl/articles.key", str(key)),
        ("127.0.0.1:7860", f"127.0.0.1:{inside}"),
    ):
        assert said in server
        server = server.replace(said, here)
    temporary = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/log; worker_processes 1; events {{}}\n"
        f"http {{ access_log off; {temporary}\n{server}}}\n"
    )
    (tmp_path / "logins").write_text(f"ann:{hash_password('secret')}\n")
    (tmp_path / "logins").chmod(0o600)
    hash_build(tiny_articles, tmp_path / "index")
    options = Options(logins=tmp_path / "logins", behind_proxy=True, origins=(ORIGIN,))
    proxy = subprocess.Popen([nginx, "-c", tmp_path / "nginx.conf", "-e", tmp_path / "log"])
    try:
        with (
            served(Assistant.open(tmp_path / "index", HashEncoder(), reader=False), options, port=inside),
            httpx.Client(
                base_url=f"https://127.0.0.1:{outside}", verify=False, headers={"host": "articles.example"}
            ) as c,
        ):
            for _ in range(50):
                try:
                    c.get("/robots.txt")
                    break
                except httpx.ConnectError:
                    time.sleep(0.1)
            page = c.get("/", headers={"origin": ORIGIN})
            assert page.status_code == 200
            assert '"root":"https://articles.example"' in page.text
            assert c.get("/config").status_code == 401
            assert c.get("/", headers={"origin": "https://elsewhere.test"}).status_code == 403
            login = c.post("/login", data={"username": "ann", "password": "secret"}, headers={"origin": ORIGIN})
            cookies = login.headers.get_list("set-cookie")
            assert len(cookies) == 2 and all(cookie.endswith("SameSite=Lax; Secure") for cookie in cookies)
            sent = "; ".join(cookie.split(";")[0] for cookie in cookies)
            assert c.get("/config", headers={"cookie": sent}).status_code == 200
    finally:
        proxy.terminate()
        proxy.wait(20)
