"""Which names a chat is known by, and which pages are its own."""

import socket

import pytest

from chat.origins import Names, OriginUnusable, is_loopback, name_of, parse_origin

NAMED = "https://articles.example"


@pytest.mark.parametrize(
    ("listens", "host", "known"),
    [
        ("127.0.0.1", "127.0.0.1:7860", True),
        ("127.0.0.1", "localhost:7860", True),
        ("127.0.0.1", "LOCALHOST", True),
        ("127.0.0.2", "127.0.0.2:7860", True),
        ("::1", "[::1]:7860", True),
        ("127.0.0.1", "rebound.elsewhere.test", False),
        ("127.0.0.1", "192.0.2.7:7860", False),
        ("127.0.0.1", "articles.example", True),
        ("0.0.0.0", "192.0.2.7:7860", True),
        ("0.0.0.0", "[2001:db8::7]:7860", True),
        ("0.0.0.0", "articles.example", True),
        ("0.0.0.0", "rebound.elsewhere.test", False),
        ("0.0.0.0", socket.gethostname(), True),
        ("0.0.0.0", "127.0.0.1.elsewhere.test", False),
        ("0.0.0.0", "articles.example.elsewhere.test", False),
        ("0.0.0.0", "", False),
        ("0.0.0.0", "articles.example@elsewhere.test", False),
        ("0.0.0.0", "articles.example/x", False),
        ("newsroom", "newsroom:7860", True),
    ],
)
def test_only_names_that_nobody_else_can_have_are_known(listens: str, host: str, known: bool) -> None:
    assert Names.of(listens, (NAMED,)).know(host) is known


@pytest.mark.parametrize(
    ("origin", "scheme", "host", "own"),
    [
        ("http://127.0.0.2:7860", "http", "127.0.0.2:7860", True),
        ("http://localhost:7860", "http", "LOCALHOST:7860", True),
        ("http://127.0.0.2:7861", "http", "127.0.0.2:7860", False),
        ("https://127.0.0.2:7860", "http", "127.0.0.2:7860", False),
        ("http://localhost:7860", "http", "127.0.0.1:7860", False),
        ("null", "http", "127.0.0.2:7860", False),
        ("", "http", "127.0.0.2:7860", False),
        ("http://elsewhere.test", "http", "127.0.0.2:7860", False),
        (NAMED, "http", "127.0.0.1:7860", True),
        (f"{NAMED}:8443", "http", "127.0.0.1:7860", False),
        (f"{NAMED}.elsewhere.test", "http", "127.0.0.1:7860", False),
    ],
)
def test_only_a_page_of_exactly_this_origin_is_its_own(origin: str, scheme: str, host: str, own: bool) -> None:
    assert Names.of("127.0.0.2", (NAMED,)).own(origin, scheme, host) is own


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://Articles.Example/", NAMED),
        ("https://articles.example:443", NAMED),
        (" http://articles.example:8080 ", "http://articles.example:8080"),
        ("http://[::1]:80", "http://[::1]"),
    ],
)
def test_an_origin_is_written_as_browsers_send_it(text: str, origin: str) -> None:
    assert parse_origin(text) == origin


@pytest.mark.parametrize(
    "text",
    ["articles.example", "null", "*", "", "https://", "https://a.example/path", "ftp://a.example", "https://a:b"],
)
def test_what_is_no_origin_is_told(text: str) -> None:
    with pytest.raises(OriginUnusable, match=r"is no origin\. Write it as https://articles\.example"):
        parse_origin(text)


@pytest.mark.parametrize(
    ("host", "name"), [("a.test:80", "a.test"), ("[::1]:7860", "::1"), ("a:b:c", ""), ("a.test:x", ""), ("[::1", "")]
)
def test_the_name_in_a_host_header(host: str, name: str) -> None:
    assert name_of(host) == name


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.2", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False), ("a.test", False)],
)
def test_what_only_this_machine_reaches(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
