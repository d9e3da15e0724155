"""Which requests are taken at all: a table of doors. Gradio has more; what isn't in the table is closed.

`chat.walls` holds requests against it, and tests/test_doors.py holds it against the routes that Gradio really has.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chat.options import Options
from chat.uploads import MAX_BYTES

MAX_JSON_BYTES = 2_000_000
"""Of what the page and programs send: the names of the 2,000 files of an upload fit in."""

MAX_FORM_BYTES = 20_000
"""Of a login."""

BODY_SECONDS = 60
UPLOAD_SECONDS = 900
"""Within which a body has to be there: 200 MB by 2 Mbit/s."""

_JSON = ("application/json",)
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


@dataclass(frozen=True, slots=True)
class Door:
    """A kind of request that is taken.

    Attributes:
        methods: of HTTP.
        path: pattern of the whole path.
        kinds: media types that its body may have; empty if it has none.
        max_bytes: of its body.
        seconds: within which that has to be there.
        before_login: whether it is open to those who have yet to log in.
        counted: whether it counts for how fast one may ask; what the browser keeps doesn't.
        upload: whether it takes files.
    """

    methods: frozenset[str]
    path: re.Pattern[str]
    kinds: tuple[str, ...] = ()
    max_bytes: int = 0
    seconds: float = BODY_SECONDS
    before_login: bool = False
    counted: bool = True
    upload: bool = False


def _get(path: str, *, before_login: bool = False, counted: bool = True) -> Door:
    return Door(frozenset({"GET", "HEAD"}), re.compile(path), before_login=before_login, counted=counted)


def _post(path: str) -> Door:
    return Door(frozenset({"POST"}), re.compile(path), _JSON, MAX_JSON_BYTES)


_API = "/gradio_api"
_NAMES = "(?:ask|search)"
_ID = "[A-Za-z0-9_-]{1,100}"

_ALWAYS = (
    _get("/", before_login=True),
    _get("/(?:assets|static)/.+", before_login=True, counted=False),
    _get("/(?:theme\\.css|favicon\\.ico|robots\\.txt)", before_login=True, counted=False),
    _get("/config/?"),
    _get(f"{_API}/info/?"),
    _post(f"{_API}/queue/join/?"),
    _get(f"{_API}/queue/data"),
    _post(f"{_API}/component_server/?"),
    _get(f"{_API}/heartbeat/{_ID}"),
    _post(f"{_API}/call/{_NAMES}/?"),
    _get(f"{_API}/call/{_NAMES}/{_ID}"),
)
_LOGIN = (
    Door(frozenset({"POST"}), re.compile("/login/?"), _FORMS, MAX_FORM_BYTES, before_login=True),
    _get("/logout"),
)
_UPLOADS = (
    Door(
        frozenset({"POST"}), re.compile(f"{_API}/upload/?"), _FORMS[:1], MAX_BYTES + 2_000_000, UPLOAD_SECONDS,
        upload=True,
    ),
    _get(f"{_API}/upload_progress", counted=False),
)  # fmt: skip
_MCP = (
    Door(frozenset({"GET", "DELETE"}), re.compile(f"{_API}/mcp/?")),
    _post(f"{_API}/mcp/?"),
)


def doors(options: Options) -> tuple[Door, ...]:
    """The doors that are open with these options."""

    def opened() -> Iterator[Door]:
        yield from _ALWAYS
        yield from _LOGIN if options.logins else ()
        yield from _UPLOADS if options.allow_upload else ()
        yield from _MCP if options.mcp else ()

    return tuple(opened())


def door_for(method: str, path: str, opened: tuple[Door, ...]) -> Door | None:
    """The door that a request goes through, if there is one."""
    return next((door for door in opened if method in door.methods and door.path.fullmatch(path)), None)
