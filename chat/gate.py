"""Who sends a request: its headers in, the name of a login out, by the cookie of the page or the token of a program."""

import secrets
from collections.abc import Mapping, MutableMapping

from starlette.requests import cookie_parser

from chat.logins import digest_of_token

Headers = list[tuple[bytes, bytes]]
"""As ASGI has them, names in small letters."""


class TokenUnknown(Exception):
    """A bearer token that no login has. Seen by the program that sent it."""


class Gate:
    """Tells who sends a request.

    A program sends ``Authorization: Bearer TOKEN``. Gradio knows cookies only, so such a request gets one of a session
    that is never told to anybody.

    Args:
        programs: names by the digests of their tokens.
        sessions: names by session, those of Gradio.
        cookies: names of the cookies that hold a session, most trusted first.
    """

    def __init__(
        self, programs: Mapping[str, str], sessions: MutableMapping[str, str], cookies: tuple[str, ...]
    ) -> None:
        self._programs = programs
        self._sessions = sessions
        self._cookies = cookies
        self._own = {name: secrets.token_urlsafe(32) for name in programs.values()}

    def admit(self, headers: Headers) -> tuple[str, Headers]:
        """The name of who sends this, empty for nobody, and the headers for those behind the gate.

        Raises:
            TokenUnknown: it has a bearer token of nobody.
        """
        sent = next((value for name, value in headers if name == b"authorization"), b"")
        scheme, _, token = sent.decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return self._by_cookie(headers), headers
        name = self._programs.get(digest_of_token(token.strip()))
        if name is None:
            raise TokenUnknown("Nobody has this token.")
        session = self._own[name]
        self._sessions[session] = name  # anew each time: a logout ends all sessions of a name
        kept = [header for header in headers if header[0] not in (b"authorization", b"cookie")]
        return name, [*kept, (b"cookie", f"{self._cookies[-1]}={session}".encode("latin-1"))]

    def _by_cookie(self, headers: Headers) -> str:
        for name, value in headers:
            if name == b"cookie":
                sent = cookie_parser(value.decode("latin-1"))
                for cookie in self._cookies:
                    if cookie in sent:
                        return self._sessions.get(sent[cookie], "")
        return ""
