"""Between the server's event loop and the Flask application (RSGI, github.com/emmett-framework).

Owns waiting for request bodies, so that a client that sends slowly, or never, holds up nobody, and
the threads: quick reads are answered one after another on the loop (of a database that is a server,
by a few threads), statements each in a thread, so that the registrar finds many that wait and takes
them into one block, and what takes long by few threads aside (`lanes.py`). Each line is bounded,
one client has but a share of it, and every request is answered in time.
"""

from __future__ import annotations

import asyncio
import io
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes

from msgspec import Struct

from web.away import Answer, Away, Pages, answer_of
from web.lanes import READS, Lane, lane_of

BODY_BYTES_MAX = 12 * 1024 * 1024 + 65_536
"""The largest body of any request: a photo. Smaller limits stand at each address."""
BODY_S_MAX = 20
"""A body must be here after so many seconds."""
BUFFER_BYTES_MAX = 64 * 1024 * 1024
"""All bodies that are being received or answered together."""
BUFFER_SHARE_MAX = BUFFER_BYTES_MAX // 4
"""How much of that may come from one client address: a photo at least."""
WRITERS = 32
"""Threads that take statements; most of them wait for one durable commit."""
WAITING_MAX = 256
"""Requests that are being answered or wait for a thread; who comes then is turned away at once."""
SHARE_MAX = 64
"""How many of those may come from one client address."""
LONG_THREADS = 2
"""Threads for what takes long; more of them would only take turns, and keep the loop waiting."""
LONG_WAITING_MAX = 64
LONG_SHARE_MAX = 8
QUICK_THREADS = 6
"""Threads for quick reads of a database that is a server: where that stands still, they wait."""
QUICK_S_MAX = 3.0
"""After so many seconds such a read is answered: somebody stands there with a phone."""
ANSWER_S_MAX = 45
"""After so many seconds a request is answered, whatever became of it."""

FORWARDED_FOR = "x-forwarded-for"
Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Scope(Protocol):
    """A request as the server gives it (RSGI 1.5), without its body."""

    proto: str
    http_version: str
    server: str
    client: str
    scheme: str
    method: str
    path: str
    query_string: str
    headers: Any


class Exchange(Protocol):
    """The body of a request, and the way to answer it."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Answer the request."""
        ...


class LineBounds(Struct, frozen=True):
    """How many threads serve a line, how many may wait in it, and how many of one client.

    `begin` is called once in each of its threads; who waits longer than `answer_s_max` is told.
    """

    threads: int
    waiting_max: int
    share_max: int
    answer_s_max: float = ANSWER_S_MAX
    begin: Callable[[], None] | None = None


class Bounds(Struct, frozen=True):
    """How much a gateway takes on at once; `proxies` stand in front and name the client.

    Without a line for quick reads the event loop answers them itself.
    """

    write: LineBounds = LineBounds(WRITERS, WAITING_MAX, SHARE_MAX)
    long: LineBounds = LineBounds(LONG_THREADS, LONG_WAITING_MAX, LONG_SHARE_MAX)
    quick: LineBounds | None = None
    proxies: int = 0


class _Line:
    """Requests that wait for a thread, and those that are being answered by one."""

    def __init__(self, bounds: LineBounds, name: str) -> None:
        self.pool = ThreadPoolExecutor(
            bounds.threads, thread_name_prefix=f"ringmark-{name}", initializer=bounds.begin
        )
        self.answer_s_max = bounds.answer_s_max
        self._bounds = bounds
        self._lock = threading.Lock()
        self._waiting: Counter[str] = Counter()

    @property
    def waiting(self) -> int:
        """Return how many stand in line."""
        with self._lock:
            return self._waiting.total()

    def enter(self, client: str) -> Away | None:
        """Take a place in line for `client`, or return why there is none."""
        with self._lock:
            if self._waiting.total() >= self._bounds.waiting_max:
                return Away("server.busy", "Too many requests wait already.")
            if self._waiting[client] >= self._bounds.share_max:
                return Away("rate.limited", "Too many requests of this address wait.")
            self._waiting[client] += 1
        return None

    def leave(self, client: str) -> None:
        """Give the place up."""
        with self._lock:
            self._waiting[client] -= 1
            if not self._waiting[client]:
                del self._waiting[client]


class _Buffer:
    """The bodies that lie here until they are answered, in bytes, by client."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()

    @property
    def taken(self) -> int:
        """Return how many bytes lie here."""
        with self._lock:
            return self._taken.total()

    def add(self, client: str, size: int) -> Away | None:
        """Make room for `size` more bytes (below 0: less), or return why there is none.

        They are counted also where there is none: the caller gives back all that it added.
        """
        with self._lock:
            self._taken[client] += size
            own, all_of_them = self._taken[client], self._taken.total()
            if not own:
                del self._taken[client]
        if all_of_them > BUFFER_BYTES_MAX:
            return Away("server.busy", "Too much is being received.")
        if own > BUFFER_SHARE_MAX:
            return Away("rate.limited", "Too much of this address is being received.")
        return None


class Gateway:
    """A WSGI application as the server's event loop sees it."""

    def __init__(self, wsgi: Wsgi, bounds: Bounds, pages: Pages | None = None) -> None:
        self._wsgi = wsgi
        self._pages = pages or {}
        self._bounds = bounds
        self._lines = {
            Lane.WRITE: _Line(bounds.write, "write"),
            Lane.LONG: _Line(bounds.long, "long"),
        }
        if bounds.quick is not None:
            self._lines[Lane.QUICK] = _Line(bounds.quick, "quick")
        self._buffer = _Buffer()

    @property
    def buffered(self) -> int:
        """Return how many bytes of bodies are being received or answered."""
        return self._buffer.taken

    @property
    def waiting(self) -> int:
        """Return how many requests are being answered by threads, or wait for one."""
        return sum(line.waiting for line in self._lines.values())

    def close(self) -> None:
        """Let the threads finish what they have begun, and end them."""
        for line in self._lines.values():
            line.pool.shutdown()

    def __rsgi_del__(self, _loop: object) -> None:
        """Drop what only waits for a thread: nobody is there any more to be answered."""
        for line in self._lines.values():
            line.pool.shutdown(wait=False, cancel_futures=True)

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        """Answer one request."""
        if scope.proto != "http":
            return
        lane = lane_of(scope.method, scope.path)
        if lane not in self._lines:
            exchange.response_bytes(*self._answer(environ_of(scope, b"")))
            return
        client = client_of(scope, proxies=self._bounds.proxies)
        if scope.method in READS:
            answer = await self._hand_over(environ_of(scope, b""), client, self._lines[lane])
        else:
            answer = await self._receive(scope, exchange, client, self._lines[lane])
        if isinstance(answer, Away):
            answer = answer_of(answer, scope, self._pages)
        exchange.response_bytes(*answer)

    async def _receive(
        self, scope: Scope, exchange: Exchange, client: str, line: _Line
    ) -> Answer | Away:
        taken = 0
        chunks: list[bytes] = []
        try:
            async with asyncio.timeout(BODY_S_MAX):
                async for chunk in exchange:
                    taken += len(chunk)
                    no_room = self._buffer.add(client, len(chunk))
                    if taken > BODY_BYTES_MAX:
                        return Away("request.too-large", "The request is too large.")
                    if no_room is not None:
                        return no_room
                    chunks.append(chunk)
            environ = environ_of(scope, b"".join(chunks))
            chunks.clear()
        except TimeoutError:
            return Away("request.slow", "The request did not arrive in time.")
        finally:
            self._buffer.add(client, -taken)
        return await self._hand_over(environ, client, line)

    async def _hand_over(self, environ: Environ, client: str, line: _Line) -> Answer | Away:
        refused = line.enter(client)
        if refused is not None:
            return refused
        size = int(environ["CONTENT_LENGTH"])
        self._buffer.add(client, size)

        def leave(_: Future[Answer]) -> None:
            self._buffer.add(client, -size)
            line.leave(client)

        work = line.pool.submit(self._answer, environ)
        work.add_done_callback(leave)
        return await self._in_time(work, line.answer_s_max)

    async def _in_time(self, work: Future[Answer], answer_s_max: float) -> Answer | Away:
        answer = asyncio.wrap_future(work)
        done, _ = await asyncio.wait((answer,), timeout=answer_s_max)
        if done:
            return answer.result()
        # Cancelling tells whether it had begun: what only waited for a thread did nothing.
        if work.cancel():
            return Away("server.busy", "The server is too busy; nothing was done.")
        return Away("server.slow", "What became of this is not known yet: send it again.")

    def _answer(self, environ: Environ) -> Answer:
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], *_failed: Any) -> Any:
            begun.append((status, headers))

        parts = self._wsgi(environ, start)
        try:
            body = b"".join(parts)
        finally:
            close = getattr(parts, "close", None)
            if close is not None:
                close()
        status, headers = begun[-1]
        return int(status[:3]), headers, body


def client_of(scope: Scope, *, proxies: int) -> str:
    """Return the client's address: the line's other end, or what the trusted proxies say it is."""
    if proxies:
        # A proxy may add a line of its own below the one that the client sent: the last one counts.
        lines = [value for name, value in scope.headers.items() if name.lower() == FORWARDED_FOR]
        named = [one.strip() for one in ",".join(lines).split(",")]
        if len(named) >= proxies and named[-proxies]:
            return named[-proxies]
    return scope.client.rpartition(":")[0]


def environ_of(scope: Scope, body: bytes) -> Environ:
    """Return a request as WSGI has it (PEP 3333)."""
    host, _, port = scope.server.rpartition(":")
    environ: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope.path).decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if "_" in name:
            # WSGI could not tell it from the one with hyphens, which only a proxy may write.
            continue
        key = name.upper().replace("-", "_")
        if key == "CONTENT_TYPE":
            environ[key] = value
        elif key not in ("CONTENT_LENGTH", "TRANSFER_ENCODING"):
            known = environ.get(f"HTTP_{key}")
            environ[f"HTTP_{key}"] = f"{known},{value}" if known else value
    return environ
