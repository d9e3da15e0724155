"""Bytes to characters, never with errors ignored; the only importer of charset_normalizer.

What is not plain UTF-8 comes with a notice that says how it was read, so that whoever built
the index can look at it.
"""

import codecs
import re

from index.errors import ArticleUnreadable

_MARKS = {codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32", codecs.BOM_UTF16_LE: "utf-16"} | {
    codecs.BOM_UTF16_BE: "utf-16"
}
"""Byte order marks. The first is longer than the third, which it starts with."""

MOSTLY_UTF8 = 4
"""So many characters in UTF-8 beyond ASCII for each broken byte, and a file counts as damaged
UTF-8. Chinese in GB 18030 comes to 0.5, other encodings to less."""

SAMPLE_BYTES = 1_000_000
"""Enough to tell an encoding by; charset-normalizer reads slowly."""

SHORT_BYTES = 200
"""In less, a few accents look like Big5 or UTF-16: mostly ASCII means letters with accents."""

_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*+=\s*+["']?+\s*+([\w.:-]{2,40})""", re.IGNORECASE
)
_SEEN_AS = {"iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030"}
"""What browsers read for what pages declare (WHATWG Encoding Standard)."""

_NOT_FOR_PAGES = ("utf-8", "punycode", "idna", "unicode-escape", "raw-unicode-escape", "utf-7", "undefined")
"""UTF-8 is read as that anyhow; of the rest none is a page's, and punycode costs the square of its length."""

_NOT_FOR_ARTICLES = [
    *(f"cp{page}" for page in (437, 720, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 869)),
    *("mac_latin2", "mac_iceland", "mac_roman", "mac_turkish", "mac_greek", "mac_cyrillic", "cp1006", "cp1125"),
    *("ptcp154", "kz1048", "hp_roman8", "iso8859_10", "iso8859_14"),
]
"""Pages of DOS and of old Macs, and of few readers; in short texts they pass for what is common."""

_LATIN = frozenset(("cp1250", "cp1252", "cp1254", "cp1257", "cp1258", "latin_1")) | {
    f"iso8859_{part}" for part in (1, 2, 3, 4, 9, 13, 15, 16)
}
"""Pages that differ in a few letters: of short texts charset-normalizer holds several for equally likely and takes
the first by name, cp1250. Of 17 sentences that were not looked at when the rule was made 14 are read right with
`_latin`, 8 without (tests/test_encodings.py)."""

_EASTERN = re.compile(
    r"[šžŠŽ]|(?<=[^\W\d_])[¹³¿¢£¥¦±¶¼¾µ](?=[^\W\d_])|(?<!\w)[¹³¾](?=[^\W\d_])|(?<=[^\W\d_]{2})[³¾](?!\w)"
    r"|[ºþìùý](?=[^\W\d_])|õ(?!e)"
)
"""What the letters of Czech, Polish, Hungarian, Romanian and Turkish look like when read as cp1252, and Western
languages have hardly: "zosta³a", "pøíští", "hétfõn"."""

_OTHER_EASTERN = ("cp1254", "iso8859_9", "cp1257", "iso8859_13", "cp1258")
"""Turkish, Baltic and Vietnamese; the others are for the languages of cp1250."""

_EASTERN_SHARE = 0.1
"""Of all letters beyond ASCII; an English article about Dubček, Škoda and crème brûlée has less."""

_JAPANESE = ["cp932", "shift_jis", "shift_jis_2004", "shift_jisx0213"]
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
"""Half-width kana: rare in Japanese, but what the letters of KOI8-R look like in Shift-JIS."""


def decode(path: str, data: bytes) -> tuple[str, str]:
    """A file's text without byte order mark, and a notice where it is not plain UTF-8.

    Raises:
        ArticleUnreadable: the bytes are no text in any encoding that can be told.
    """
    try:
        text, notice = data.decode("utf-8-sig"), ""
        if "\x00" in text:
            text, notice = _decode_wide(path, data)
    except UnicodeDecodeError:
        text, notice = _decode_other(path, data)
    if "\x00" in text:
        raise ArticleUnreadable(path, "not a text file (it holds NUL bytes)")
    return text, notice


def decode_page(path: str, data: bytes) -> tuple[str, str]:
    """The same for a web page, which may declare its encoding.

    Raises:
        ArticleUnreadable: see `decode`.
    """
    declared = _DECLARED.search(data, 0, 4096)
    marked = data.startswith((codecs.BOM_UTF8, *_MARKS)) or b"\x00" in data
    if declared and not marked and (data.isascii() or not _is_utf8(data)):  # pages lie often enough
        name = declared[1].decode().lower()
        try:
            encoding = codecs.lookup(_SEEN_AS.get(name, name)).name
            if encoding not in _NOT_FOR_PAGES:
                return data.decode(encoding), "" if data.isascii() else f"read as {encoding}"
        except (LookupError, ValueError):
            return decode(path, data)  # no such encoding, or not in it
    return decode(path, data)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decode_other(path: str, data: bytes) -> tuple[str, str]:
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            try:
                return data.decode(encoding), f"read as {encoding}"
            except UnicodeDecodeError as error:
                raise ArticleUnreadable(path, f"not a text file (broken {encoding.upper()}: {error.reason})") from error
    if b"\x00" in data:
        return _decode_wide(path, data)
    return _decode_damaged(data) or _decode_legacy(path, data)


def _decode_wide(path: str, data: bytes) -> tuple[str, str]:
    """UTF-16 without a byte order mark: every second byte of Western text is NUL."""
    sample = data[:4096]
    for encoding, high in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[::2])):
        if len(data) % 2 == 0 and high.count(0) > len(high) / 2 and high.count(0) == sample.count(0):
            try:
                return data.decode(encoding), f"read as {encoding}"
            except UnicodeDecodeError:
                continue
    raise ArticleUnreadable(path, "not a text file (it holds NUL bytes)")


def _decode_damaged(data: bytes) -> tuple[str, str] | None:
    """UTF-8 in which some bytes are broken, each shown as U+FFFD; None if it is something else."""
    text = data.decode("utf-8-sig", errors="replace")
    whole = data.count(b"\xef\xbf\xbd")
    broken = text.count("\ufffd") - whole
    beyond_ascii = sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", text)))
    if beyond_ascii < MOSTLY_UTF8 * broken:
        return None
    return text, f"{broken} broken UTF-8 {'sequence' if broken == 1 else 'sequences'} shown as U+FFFD"


def _decode_legacy(path: str, data: bytes) -> tuple[str, str]:
    for sample in (_sample(data), data):
        encoding = _guess(sample, []) or ""
        try:
            return data.decode(encoding).removeprefix("\ufeff"), f"read as {encoding}"
        except (UnicodeDecodeError, LookupError):
            continue  # the sample did not hold what the whole file does
    raise ArticleUnreadable(path, "not a text file (no encoding fits its bytes)")


def _guess(sample: bytes, besides: list[str]) -> str | None:
    """The encoding that the bytes most likely have."""
    import charset_normalizer  # 50 ms to import, and most articles are UTF-8

    best = charset_normalizer.from_bytes(sample, cp_exclusion=[*_NOT_FOR_ARTICLES, *besides]).best()
    if best is None:
        return None
    if not besides and best.encoding in _JAPANESE and len(_HALF_WIDTH.findall(str(best))) > len(str(best)) / 4:
        return _guess(sample, _JAPANESE) or best.encoding
    few = len(sample) < SHORT_BYTES and sum(byte > 127 for byte in sample) < len(sample) / 3
    return _latin(sample, best.encoding) if few or best.encoding in _LATIN else best.encoding


def _latin(sample: bytes, guessed: str) -> str:
    """Which of the Latin pages it is; cp1252 unless the letters say otherwise."""
    try:
        western = sample.decode("cp1252")
    except UnicodeDecodeError:
        return guessed  # it uses one of five bytes that cp1252 has no character for
    beyond_ascii = sum(map(len, re.findall(r"[^\x00-\x7f‘’“”„«»–—…€ ]+", western)))
    if len(_EASTERN.findall(western)) <= _EASTERN_SHARE * beyond_ascii:
        return "cp1252"
    if guessed in _OTHER_EASTERN:
        return guessed
    if re.search(rb"[\x80-\x9f]", sample):
        return "cp1250"  # ISO-8859-2 has only control characters there
    only_iso = "±¼¶" if "³" in western or "¿" in western else "±¼¶¹¾»"  # ³ is the Polish ł; there ¹ is ą of cp1250
    return "iso8859_2" if any(letter in western for letter in only_iso) else "cp1250"


def _sample(data: bytes) -> bytes:
    """The beginning of a file up to a line end, so that no character is cut."""
    if len(data) <= SAMPLE_BYTES:
        return data
    end = data.rfind(b"\n", 0, SAMPLE_BYTES)
    return data[: end if end > 0 else SAMPLE_BYTES]
