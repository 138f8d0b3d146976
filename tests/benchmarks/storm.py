"""Many connections at once, driven by one thread, so that what waits is the server.

Sixty-four threads of this language take turns at one interpreter: a reply that has come waits until
its thread is let on, and the slowest hundredth says more of the client than of the server.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator, Sequence

from msgspec import Struct

Answer = tuple[int, bytes]
RECEIVED_MAX = 262_144
TIMEOUT_S = 60


class Reply(Struct):
    """What came for one request: status, body, and how long that took in seconds."""

    status: int
    body: bytes
    waited_s: float


class _Line:
    """One connection: it sends its requests one after another."""

    def __init__(self, port: int, requests: Sequence[bytes]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._requests: Iterator[bytes] = iter(requests)
        self._received = b""
        self._sent_at = 0.0

    def send_next(self) -> bool:
        """Send the next request; False where none is left."""
        request = next(self._requests, None)
        if request is None:
            return False
        self._sent_at = time.perf_counter()
        self.socket.sendall(request)
        return True

    def receive(self) -> Reply | None:
        """Return the reply, once it is here whole."""
        more = self.socket.recv(RECEIVED_MAX)
        if not more:
            raise ConnectionError("the server closed the connection")
        self._received += more
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return None
        self._received = b""
        return Reply(int(head[9:12]), body, time.perf_counter() - self._sent_at)


def storm(port: int, piles: Sequence[Sequence[bytes]]) -> list[Reply]:
    """Send each pile of requests on a connection of its own, all at once; return all replies."""
    replies: list[Reply] = []
    with selectors.DefaultSelector() as ready:
        lines = [_Line(port, pile) for pile in piles]
        try:
            for line in lines:
                if line.send_next():
                    ready.register(line.socket, selectors.EVENT_READ, line)
            while ready.get_map():
                for key, _ in ready.select(TIMEOUT_S) or _nobody():
                    reply = key.data.receive()
                    if reply is not None:
                        replies.append(reply)
                        if not key.data.send_next():
                            ready.unregister(key.fileobj)
        finally:
            for line in lines:
                line.socket.close()
    return replies


def request(method: str, path: str, *, kind: str = "", body: bytes = b"") -> bytes:
    """Return the bytes of an HTTP/1.1 request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n"
    if body:
        head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    raise ValueError("a reply that does not say how long it is")


def _nobody() -> list[tuple[selectors.SelectorKey, int]]:
    raise TimeoutError(f"no reply within {TIMEOUT_S} s")
