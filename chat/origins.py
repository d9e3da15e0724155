"""Under which names a chat is known: a Host and an Origin in, whether they are its own out. Knows no server."""

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from index.errors import ArticleQAError


class OriginUnusable(ArticleQAError):
    """An address for readers is no origin. Seen by whoever starts the chat."""

    def __init__(self, origin: str) -> None:
        super().__init__(f"“{origin}” is no origin. Write it as https://articles.example, without a path.")
        self.origin = origin


def is_loopback(host: str) -> bool:
    """Whether only programs on this machine reach what listens on `host`."""
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def name_of(host: str) -> str:
    """The name in a Host header, in small letters and without port and brackets; empty if it is none."""
    try:
        parts = urlsplit(f"//{host}")
        plain = parts.netloc == host and "@" not in host and (parts.port is None or parts.port > 0)
    except ValueError:
        return ""
    return (parts.hostname or "") if plain else ""


def parse_origin(text: str) -> str:
    """An origin as browsers send it.

    Raises:
        OriginUnusable: it is none.
    """
    try:
        parts = urlsplit(text.strip().removesuffix("/"))
        whole = f"{parts.scheme}://{parts.netloc}".lower()
        usable = (
            parts.scheme in ("http", "https") and name_of(parts.netloc) and text.strip().lower() in (whole, f"{whole}/")
        )
    except ValueError:
        usable, whole, parts = False, "", urlsplit("")
    if not usable:
        raise OriginUnusable(text)
    usual = {"http": 80, "https": 443}[parts.scheme]
    return whole.removesuffix(f":{usual}")  # browsers leave it out


@dataclass(frozen=True, slots=True)
class Names:
    """The names that a chat answers to.

    A page from elsewhere can have its name point here (DNS rebinding), and then asks with that name as Host. So only
    names are answered to that nobody else can have; an IP address as Host can't be had by a name.

    Attributes:
        host: what the chat listens on.
        origins: addresses for readers that were named when it was started, as browsers send them.
    """

    host: str
    origins: frozenset[str] = frozenset()

    @classmethod
    def of(cls, host: str, origins: Iterable[str] = ()) -> "Names":
        """The names of a chat on `host` with these addresses for readers; see `parse_origin` for errors."""
        return cls(host.lower(), frozenset(map(parse_origin, origins)))

    def know(self, host: str) -> bool:
        """Whether a Host header has one of them."""
        name = name_of(host)
        if name in ("localhost", self.host) or name in {urlsplit(origin).hostname for origin in self.origins}:
            return bool(name)
        address = _address(name)
        if is_loopback(self.host):
            return address is not None and address.is_loopback
        return address is not None or name == socket.gethostname().lower()

    def own(self, origin: str, scheme: str, host: str) -> bool:
        """Whether an Origin header is that of the chat's own page; that of another port is not."""
        return origin in self.origins or origin == f"{scheme}://{host}".lower()
