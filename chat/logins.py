"""Who may come in: a file of names with passwords or tokens in, a check of what somebody typed out.

``articleqa passwd NAME`` prints the line of a login.
"""

import base64
import hashlib
import hmac
import re
import secrets
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from index.errors import ArticleQAError

_SCHEME = "scrypt"
_COST = (2**14, 8, 5)
"""n, r and p: 16 MB and 0.3 s a guess, as OWASP recommends for scrypt where 16 MB are to be enough."""

_TOKEN = "token"

_MAX_BYTES = 2**28
"""Memory that a login may take, whatever its line says."""


class LoginUnusable(ArticleQAError):
    """A name or a password that no login can have. Seen by whoever makes one."""


class LoginsUnreadable(ArticleQAError):
    """The file of logins is not there or not one. Seen by whoever starts the chat."""


def hash_password(password: str) -> str:
    """What a file of logins has behind ``name:`` so that it doesn't tell the password.

    Returns:
        ``scrypt$n$r$p$salt$hash`` (RFC 7914), salt and hash in base64.
    """
    salt = secrets.token_bytes(16)
    kept = (base64.b64encode(part).decode() for part in (salt, _digest(password, *_COST, salt)))
    return "$".join([_SCHEME, *map(str, _COST), *kept])


def is_hashed(password: str) -> bool:
    """Whether that is what `hash_password` makes, and no password as it is typed."""
    return password.startswith(f"{_SCHEME}$")


def make_token() -> tuple[str, str]:
    """A token for a program, and what a file of logins has behind ``name:`` so that it doesn't tell it.

    Returns:
        256 random bits, and ``token$`` with their SHA-256: who has the file can't guess them, however fast.
    """
    token = secrets.token_urlsafe(32)
    return token, f"{_TOKEN}${digest_of_token(token)}"


def digest_of_token(token: str) -> str:
    """What is kept of a token: its SHA-256 in hexadecimal digits."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def is_token(password: str) -> bool:
    """Whether that is what `make_token` makes."""
    return password.startswith(f"{_TOKEN}$")


def is_plain(password: str) -> bool:
    """Whether that is a password as it is typed, which whoever reads the file can come in with."""
    return not is_hashed(password) and not is_token(password)


def login_line(name: str, kept: str) -> str:
    """The line of a login in a file of them.

    Raises:
        LoginUnusable: its name can't stand there.
    """
    if not name.strip() or name != name.strip() or name.startswith("#") or ":" in name or not name.isprintable():
        raise LoginUnusable(f"“{name}” can't be the name of a login: no colon, no # in front, no space around it.")
    return f"{name}:{kept}"


def programs(logins: Mapping[str, str]) -> dict[str, str]:
    """The names that have a token, by its digest."""
    return {kept.removeprefix(f"{_TOKEN}$"): name for name, kept in logins.items() if is_token(kept)}


def read_logins(path: Path) -> dict[str, str]:
    """Names and passwords of a file with one ``name:password`` a line; blank lines and ``#`` lines are skipped.

    A password is plain or as `hash_password` makes it; a program has what `make_token` makes.

    Raises:
        LoginsUnreadable: it can't be read, others can read it too, it holds no login, or a name twice.
    """
    try:
        shared = path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LoginsUnreadable(f"The logins in {path} can't be read: {error}.") from error
    if shared:
        raise LoginsUnreadable(f"Other users of this machine may read the passwords in {path}: chmod 600 {path}")
    logins: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, password = line.partition(":")
        if not (colon and name.strip() and password):
            raise LoginsUnreadable(f"{path}:{number} is no login. Write one name:password a line.")
        if name.strip() in logins:
            raise LoginsUnreadable(f"{path}:{number}: there is a login of this name above.")
        logins[name.strip()] = _checked(password, path, number)
    if not logins:
        raise LoginsUnreadable(f"{path} holds no login. Write one name:password a line.")
    return logins


def _checked(password: str, path: Path, number: int) -> str:
    """A password as it stands in the file; a hash without the space around it."""
    if is_token(password.strip()):
        if not re.fullmatch("[0-9a-f]{64}", password.strip().removeprefix(f"{_TOKEN}$")):
            raise LoginsUnreadable(f"{path}:{number} is no login: its token is damaged.")
        return password.strip()
    if not is_hashed(password.strip()):
        return password
    try:
        _parts(password.strip())
    except ValueError as error:
        raise LoginsUnreadable(f"{path}:{number} is no login: its hash is damaged ({error}).") from error
    return password.strip()


def _parts(kept: str) -> tuple[int, int, int, bytes, bytes]:
    """n, r, p, salt and hash of a password that is kept as a hash; a `ValueError` if it is damaged."""
    _, *costs, salt, digest = kept.split("$")
    n, r, p = map(int, costs)
    if not (n > 1 and n & (n - 1) == 0 and r > 0 and p > 0 and 128 * r * (n + p) < _MAX_BYTES):
        raise ValueError(f"scrypt can't be run with n={n}, r={r}, p={p} here")
    return n, r, p, base64.b64decode(salt, validate=True), base64.b64decode(digest, validate=True)


def _digest(password: str, n: int, r: int, p: int, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=2 * _MAX_BYTES, dklen=32)


def login_check(logins: Mapping[str, str]) -> Callable[[str, str], bool]:
    """A check of a name and a password that takes as long for a wrong one as for a right one."""
    nobody = hash_password("")

    def check(name: str, password: str) -> bool:
        kept = logins.get(name, nobody)
        n, r, p, salt, digest = _parts(kept if is_hashed(kept) else nobody)
        proved = hmac.compare_digest(_digest(password, n, r, p, salt), digest)
        same = hmac.compare_digest(kept.encode(), password.encode())  # where it is kept as it is typed
        return name in logins and not is_token(kept) and (proved if is_hashed(kept) else same)

    return check
