"""The body of a request in, at most so many bytes of it out, and not later than it should be. Knows no route.

A body of JSON is read whole before anything looks at it. Files are passed on as they come, once room was found for them
where they wait to become articles.
"""

import asyncio
import time

from starlette.types import Message, Receive

from chat.doors import Door


class RequestRefused(Exception):
    """A request isn't taken, or its body is too large or isn't there in time; it says why. Seen by whoever sent it.

    Attributes:
        status: of HTTP.
    """

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def told_length(headers: list[tuple[bytes, bytes]], door: Door) -> int:
    """How many bytes a body has or may have, by its Content-Length or else by its door.

    Raises:
        RequestRefused: more than its door takes.
    """
    told = next((value for name, value in headers if name == b"content-length"), None)
    length = door.max_bytes if told is None else int(told) if told.isdigit() else door.max_bytes + 1
    if length > door.max_bytes:
        raise too_large(door)
    return length


def too_large(door: Door) -> RequestRefused:
    """What is said of a body that is too large."""
    return RequestRefused(413, f"At most {door.max_bytes:,} bytes are taken here.")


class Bounded:
    """A `receive` that passes a body on as it comes, and ends the connection where it goes over what its door takes.

    Attributes:
        refused: why it did, if it did.
    """

    def __init__(self, receive: Receive, door: Door) -> None:
        self.refused: RequestRefused | None = None
        self._receive = receive
        self._door = door
        self._left = door.max_bytes
        self._until = time.monotonic() + door.seconds
        self._whole = False

    async def __call__(self) -> Message:
        """The next piece; "http.disconnect" where there will be no more that is taken."""
        if self._whole:
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), max(0.0, self._until - time.monotonic()))
        except TimeoutError:
            self.refused = RequestRefused(408, f"A request has to be there within {self._door.seconds:.0f} s.")
            return {"type": "http.disconnect"}
        self._left -= len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._left < 0:
            self.refused = too_large(self._door)
            return {"type": "http.disconnect"}
        return message


async def read_whole(receive: Receive, door: Door) -> Receive:
    """Read a body, and give a `receive` that has it in one piece.

    Raises:
        RequestRefused: it is too large, or isn't there in time.
    """
    bounded = Bounded(receive, door)
    pieces: list[bytes] = []
    first: Message = {"type": "http.request", "more_body": True}
    while first["type"] == "http.request" and first.get("more_body", False):
        first = await bounded()
        pieces.append(first.get("body", b""))
    if bounded.refused:
        raise bounded.refused
    if first["type"] == "http.request":
        first = {"type": "http.request", "body": b"".join(pieces), "more_body": False}
    waiting = [first]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again
