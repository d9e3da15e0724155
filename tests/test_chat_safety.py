"""Nothing from an article or a question is more than text, and who may ask is who should."""

import base64
import hashlib
import json
import re
import socket
import stat
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import gradio as gr
import pytest
from browsing import assistant_of, findings, free_port, page_of, served, serving, visiting
from conftest import REPOSITORY, write_articles
from injections import INJECTIONS
from playwright.sync_api import Browser, expect
from test_cli import articleqa

import app
from chat.logins import (
    LoginsUnreadable,
    LoginUnusable,
    hash_password,
    is_hashed,
    login_check,
    make_token,
    programs,
    read_logins,
)
from chat.options import Options
from chat.rate_limit import RateLimiter, TooManyQuestions
from chat.ratings import RatingsFull, rate
from chat.serve import McpMissing
from chat.session import Session
from chat.talk import Talk
from chat.turns import Turn
from index.encoders.protocol import SentenceEncoder
from index.errors import AddressUnusable
from qa import Assistant
from shell.serving import passwd

FOREIGN = (
    ":is(script, img, iframe, object, embed, link, style, base, meta, a, video, audio, math, marquee, template, "
    "svg:not(.icon), form, [onerror], [onload], [onfocus], [onmouseover], [style*=position])"
)


def file_name(text: str, number: int) -> str:
    """A file name as near to `text` as the system allows."""
    safe = text.replace("/", "_")
    return f"{number:02}{safe}".encode()[:200].decode(errors="ignore") + ".txt"


def test_there_are_enough_injections() -> None:
    assert len(set(INJECTIONS)) >= 60


def injected_article(text: str, number: int) -> str:
    """An article with a text in its header and in its words."""
    if number % 2:
        return f"---\ntitle: {text!r}\nauthor: {text!r}\n---\n{text} A harbour has {number} ferries.\n"
    return f"{text}\n\nBy Ann {text[:30]}\n\nA harbour has {number} ferries {text}.\n"


def test_articles_and_questions_stay_text(browser: Browser, tmp_path: Path, real_encoder: SentenceEncoder) -> None:
    articles = {file_name(text, number): injected_article(text, number) for number, text in enumerate(INJECTIONS)}
    assistant = assistant_of(tmp_path, articles, real_encoder)
    options = Options(questions_a_minute=10_000, allow_upload=True)
    with served(assistant, options) as url, visiting(browser, url, width=390, height=844) as visit:
        page = visit.page
        page.on("dialog", lambda dialog: visit.errors.append(f"dialog: {dialog.message}"))

        def check() -> None:
            assert page.locator(f":is(.source, .turns, .welcome, .composer) {FOREIGN}").count() == 0
            assert page.evaluate("typeof hacked") == "undefined"
            assert page.evaluate("document.documentElement.scrollWidth") == 390

        page.locator("[data-do=browse]").click()
        rows = page.locator("#source tbody tr")
        expect(rows).to_have_count(len(INJECTIONS))
        check()
        for number in range(0, len(INJECTIONS), 8):
            rows.nth(number).locator("[data-do=open-article]").click()
            expect(page.locator(".lines li").first).to_be_attached()
            check()
            page.keyboard.press("Escape")
            page.locator("[data-do=browse]").click()
            expect(rows).to_have_count(len(INJECTIONS))
        page.keyboard.press("Escape")

        for start in range(0, len(INJECTIONS), 13):
            asked = [text for text in INJECTIONS[start : start + 13] if any(map(str.isalnum, text))]
            for text in asked:
                page.evaluate("text => window.articleqa.ask(text)", text)
            expect(page.locator(".turn .rating")).to_have_count(len(asked), timeout=60_000)
            assert page.locator(".question").all_text_contents() == asked
            check()
            page.locator(".turn:last-child .citation").first.click()
            expect(page.locator("#source li.cited").first).to_be_visible()
            check()
            page.keyboard.press("Escape")
            page.locator("[data-do=clear]").click()
            expect(page.locator(".welcome")).to_be_visible()


def test_the_rate_limit_is_kept_and_told() -> None:
    now = [0.0]
    limiter = RateLimiter(2, clock=lambda: now[0])
    limiter.check("a")
    now[0] = 10
    limiter.check("a")
    limiter.check("b")
    with pytest.raises(TooManyQuestions, match=r"At most 2 questions a minute .* Ask again in 50 s"):
        limiter.check("a")
    now[0] = 60.5
    limiter.check("a")


def test_of_many_askers_those_are_forgotten_that_have_stopped() -> None:
    now = [0.0]
    limiter = RateLimiter(1, clock=lambda: now[0])
    for asker in range(60_000):  # 600 in a minute
        now[0] = asker / 10
        limiter.check(str(asker))
    assert len(limiter._asked) <= 10_000
    with pytest.raises(TooManyQuestions):
        limiter.check("59999")


def test_too_many_and_too_long_questions_go_back_to_the_box(browser: Browser, seed_assistant: Assistant) -> None:
    with served(seed_assistant, Options(questions_a_minute=2)) as url, visiting(browser, url) as visit:
        page = visit.page
        visit.ask("long " * 500)
        expect(page.get_by_role("alert")).to_contain_text("at most 2,000 are read")
        expect(page.locator("#question-text")).to_have_value("long " * 500)
        visit.hear("How many people were killed?")
        visit.ask("Who called for talks?")
        expect(page.get_by_role("alert")).to_contain_text("At most 2 questions a minute")
        expect(page.locator("#question-text")).to_have_value("Who called for talks?")
        expect(page.locator(".question")).to_have_count(1)


def logins_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / "logins"
    file.write_text(text, "utf-8")
    file.chmod(mode)
    return file


def test_logins_are_read_and_checked(tmp_path: Path) -> None:
    logins = read_logins(logins_file(tmp_path, "# readers\nann:a:b c\n\nbob:secret\n"))
    assert logins == {"ann": "a:b c", "bob": "secret"}
    check = login_check(logins)
    assert check("ann", "a:b c")
    assert not check("ann", "secret")
    assert not check("nobody", "")


def test_a_password_is_kept_as_a_hash(tmp_path: Path) -> None:
    kept = hash_password("b c$d:é")
    assert re.fullmatch(r"scrypt\$16384\$8\$5\$[\w+/]{22}==\$[\w+/]{43}=", kept)
    assert kept != hash_password("b c$d:é"), "each has a salt of its own"
    logins = read_logins(logins_file(tmp_path, f"ann: {kept} \nbob:secret\n"))
    assert logins == {"ann": kept, "bob": "secret"}
    assert [is_hashed(password) for password in logins.values()] == [True, False]
    check = login_check(logins)
    assert check("ann", "b c$d:é")
    assert not check("ann", "b c$d:e")
    assert not check("ann", kept), "who reads the file can't come in with it"
    assert check("bob", "secret")
    assert not check("bob", "b c$d:é")
    assert not check("nobody", "")


def test_a_hash_is_what_another_implementation_makes() -> None:
    """The second test vector of RFC 7914, its first 32 bytes."""
    salt = base64.b64encode(b"NaCl").decode()
    digest = base64.b64encode(
        bytes.fromhex("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162")
    ).decode()
    check = login_check({"ann": f"scrypt$1024$8$16${salt}${digest}"})
    assert check("ann", "password")
    assert not check("ann", "passwore")


def test_the_line_of_a_login_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("getpass.getpass", lambda: "secret")
    passwd("ann")
    name, _, kept = capsys.readouterr().out.strip().partition(":")
    assert name == "ann"
    assert login_check({"ann": kept})("ann", "secret")


def test_the_line_of_a_program_is_printed_and_its_token_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    passwd("bot", token=True)
    printed = capsys.readouterr()
    name, _, kept = printed.out.strip().partition(":")
    token = printed.err.strip().rpartition(" ")[2]
    assert (name, len(token)) == ("bot", 43)
    assert kept == f"token${hashlib.sha256(token.encode()).hexdigest()}"
    assert programs({"bot": kept, "ann": "x"}) == {kept.removeprefix("token$"): "bot"}
    assert not login_check({"bot": kept})("bot", kept), "who reads the file can't come in with it"
    assert not login_check({"bot": kept})("bot", token), "a token is for programs"
    assert make_token() != make_token()


@pytest.mark.parametrize("name", ["", " ann", "#ann", "a:b", "a\nb"])
def test_a_name_that_no_login_can_have_is_told(name: str) -> None:
    with pytest.raises(LoginUnusable, match="can't be the name of a login"):
        passwd(name, token=True)


def test_an_empty_password_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda: "")
    with pytest.raises(LoginUnusable, match="An empty password keeps nobody out"):
        passwd("ann")


@pytest.mark.parametrize(
    ("text", "mode", "told"),
    [
        ("ann:scrypt$16384$8$1$nobase64$x", 0o600, ":1 is no login: its hash is damaged"),
        ("ann:scrypt$16384$8", 0o600, "hash is damaged"),
        ("ann:scrypt$1000$8$1$AAAA$AAAA", 0o600, "hash is damaged"),
        ("ann:scrypt$1073741824$8$1$AAAA$AAAA", 0o600, "hash is damaged"),
        ("bot:token$abc", 0o600, ":1 is no login: its token is damaged"),
        ("ann:x\nann:y", 0o600, ":2: there is a login of this name above"),
        ("ann:x", 0o644, "chmod 600"),
        ("ann", 0o600, ":1 is no login"),
        ("ann:", 0o600, ":1 is no login"),
        ("#\n", 0o600, "holds no login"),
    ],
)
def test_a_file_of_logins_that_will_not_do(text: str, mode: int, told: str, tmp_path: Path) -> None:
    with pytest.raises(LoginsUnreadable, match=told):
        read_logins(logins_file(tmp_path, text, mode))


def test_the_command_asks_for_a_login_and_takes_uploads(tmp_path: Path, browser: Browser) -> None:
    """`--auth-file` and `--allow-upload` as they are started, up to an article that was added and answers."""
    write_articles(tmp_path / "articles", {"harbour.txt": "The harbour of Ys has nine ferries.\n"})
    articleqa("build", str(tmp_path / "articles"), index=tmp_path / "index")
    logins = logins_file(tmp_path, "ann:secret word\n")
    command = [sys.executable, "-m", "shell", "chat", "--allow-upload", "--auth-file", str(logins)]
    with serving(command, REPOSITORY, tmp_path / "index") as (url, _), browser.new_context() as context:
        page_of(url)
        for door in ("config", "gradio_api/info", "gradio_api/mcp/"):
            with pytest.raises(HTTPError) as refused:
                urlopen(f"{url}/{door}")
            assert refused.value.code in (401, 404), door
        with pytest.raises(HTTPError, match="401"):
            urlopen(Request(f"{url}/gradio_api/upload", b"", {"Content-Type": "multipart/form-data; boundary=x"}))
        page = context.new_page()
        page.goto(url)
        expect(page).to_have_title("articleqa")
        assert findings(page) == []
        page.get_by_label("username").fill("ann")
        page.get_by_label("password").fill("wrong")
        page.get_by_role("button", name="Login").click()
        expect(page.get_by_text("Incorrect")).to_be_visible()
        expect(page.locator(".welcome")).to_have_count(0)
        page.get_by_label("username").fill("ann")
        page.get_by_label("password").fill("secret word")
        page.get_by_role("button", name="Login").click()
        expect(page.locator(".welcome")).to_be_visible()
        page.get_by_role("button", name="Add").click()
        new = write_articles(tmp_path / "new", {"mill.txt": "The mill of Ys grinds rye on Mondays.\n"})
        page.get_by_label("Choose files").set_input_files([new / "mill.txt"])
        expect(page.locator(".added")).to_have_text("mill.txt", timeout=60_000)
        page.locator("#question-text").fill("What does the mill grind?")
        page.keyboard.press("Enter")
        expect(page.locator(".quote").first).to_have_text("The mill of Ys grinds rye on Mondays.")
        assert (tmp_path / "articles/mill.txt").exists()


def test_an_address_that_will_not_do_is_told_with_its_reason(seed_index: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressUnusable, match=r"Address already in use\.$") as told:
            app.serve(seed_index, port=port)
        assert (told.value.port, told.value.taken) == (port, True)
    with pytest.raises(AddressUnusable, match=r"can't listen at 192\.0\.2\.1, port 7860: Cannot assign[^.]*\.$"):
        app.serve(seed_index, host="192.0.2.1")


def test_tools_without_their_package_are_told(seed_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(McpMissing, match=r"pip install 'articleqa\[mcp\]'"):
        app.serve(seed_index, options=Options(mcp=True))


@pytest.mark.parametrize(("host", "logins", "warned"), [("0.0.0.0", 0, 1), ("0.0.0.0", 1, 0), ("127.0.0.1", 0, 0)])
def test_listening_elsewhere_without_logins_is_warned_of(
    host: str, logins: int, warned: int, tmp_path: Path, seed_index: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr("gradio.Blocks.block_thread", lambda _chat: _chat.close())
    file = logins_file(tmp_path, "ann:secret\n") if logins else None
    app.serve(seed_index, host, free_port(), Options(logins=file))
    printed = capsys.readouterr().out
    assert (
        printed.count("Everyone who reaches 0.0.0.0 can read these articles. To ask for a login: --auth-file") == warned
    )
    assert printed.count("holds passwords as they are typed. A line with a hash: articleqa passwd NAME") == logins
    assert "The chat is at http://" in printed


@pytest.fixture
def rated(tmp_path: Path, seed_assistant: Assistant) -> tuple[Path, Turn]:
    """A file of ratings with one thumb, and the turn that it is of."""
    turn = Turn("Why?", answer=seed_assistant.ask("Why?"), rating="up")
    rate(tmp_path / "r.jsonl", turn)
    return tmp_path / "r.jsonl", turn


def test_ratings_are_for_their_owner_only(rated: tuple[Path, Turn]) -> None:
    file, _turn = rated
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_one_thumb_writes_is_bounded(rated: tuple[Path, Turn], monkeypatch: pytest.MonkeyPatch) -> None:
    file, turn = rated
    assert json.loads(file.read_text("utf-8"))["answer"]["passages"]
    whole = file.stat().st_size
    file.unlink()
    monkeypatch.setattr("chat.ratings.MAX_LINE_BYTES", whole - 1)
    rate(file, turn)
    line = json.loads(file.read_text("utf-8"))
    assert (line["rating"], line["question"]) == ("up", "Why?")
    assert line["answer"] == {"found": turn.answer.found if turn.answer else None, "left_out_bytes": whole}


def test_a_file_of_ratings_that_is_full_takes_no_more(
    rated: tuple[Path, Turn], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, turn = rated
    size = file.stat().st_size
    monkeypatch.setattr("chat.ratings.MAX_FILE_BYTES", 2 * size - 1)
    with pytest.raises(RatingsFull, match="No more thumbs are written down"):
        rate(file, turn)
    assert file.stat().st_size == size


def test_thumbs_have_a_pace(tmp_path: Path, seed_assistant: Assistant) -> None:
    talk = Talk(Session(seed_assistant, Options(ratings=tmp_path / "r.jsonl", questions_a_minute=2)))
    turns = (Turn("Why?", answer=seed_assistant.ask("Why?")),)
    event = gr.EventData(None, {"turn": 0, "rating": "up"})
    request = gr.Request()
    assert talk.rate(turns, event, request)[0].rating == "up"
    talk.rate(turns, event, request)
    with pytest.raises(gr.Error, match="At most 2 thumbs a minute are answered here"):
        talk.rate(turns, event, request)
    assert len((tmp_path / "r.jsonl").read_text("utf-8").splitlines()) == 2
