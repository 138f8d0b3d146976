"""Bytes on a line to the served process that no honest client sends: each is answered in its way.

One statement travels in every way that HTTP knows; requests that two servers could read in two
ways are refused or end the line, so that nothing behind them is taken for a request of its own.
"""

from __future__ import annotations

import gzip
import re
import socket
from collections.abc import Iterator

import pytest
from served import call, found, serve, stock

from web.headers import HEADERS

LINE_S_MAX = 30
HOST = b"Host: localhost\r\n"
LAST = HOST + b"Connection: close\r\n"
POST = b"POST /api/v1/statements HTTP/1.1\r\n" + LAST + b"Content-Type: application/cose\r\n"
NEXT = b"GET /healthz HTTP/1.1\r\n" + LAST + b"\r\n"
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
BOMB_BYTES = 30_000_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, bytes]]:
    """A served ledger and a statement that it has not seen."""
    directory = found(tmp_path_factory.mktemp("raw") / "ledger")
    pen, enrolment = directory.enrolment("farm", "farm")
    with serve(directory.path) as address:
        assert call(f"{address}/api/v1/statements", enrolment)[0] == 201
        yield address, pen.sign(stock())


def told(address: str, *parts: bytes) -> bytes:
    """What comes back until the server ends the line."""
    place = ("127.0.0.1", int(address.rpartition(":")[2]))
    answer = b""
    with socket.create_connection(place, timeout=LINE_S_MAX) as line:
        for part in parts:
            line.sendall(part)
        while more := line.recv(65_536):
            answer += more
    return answer


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in STATUS.findall(answer)]


def sized(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunked(body: bytes, trailers: bytes = b"") -> bytes:
    head = b"Transfer-Encoding: chunked\r\n\r\n"
    return head + b"%x\r\n" % len(body) + body + b"\r\n0\r\n" + trailers + b"\r\n"


def test_a_statement_is_the_same_however_it_travels(server: tuple[str, bytes]) -> None:
    address, raw = server
    trailers = b"Content-Type: text/html\r\nX-Forwarded-For: 1.1.1.1\r\n"
    first = told(address, POST + chunked(raw, trailers))
    assert statuses(first) == [201]
    assert statuses(told(address, POST + b"Expect: 100-continue\r\n" + sized(raw))) == [100, 200]
    pieces = [bytes([byte]) for byte in POST + sized(raw)]
    assert statuses(told(address, *pieces)) == [200]


def test_requests_behind_each_other_are_answered_in_their_order(server: tuple[str, bytes]) -> None:
    address, _ = server
    ahead = [
        b"GET /%s HTTP/1.1\r\n%s\r\n" % (path, HOST) for path in (b"nothing", b"log/checkpoint")
    ]
    answer = told(address, b"".join(ahead) + b"HEAD / HTTP/1.1\r\n" + HOST + b"\r\n" + NEXT)
    assert statuses(answer) == [404, 200, 200, 200]
    for name, value in HEADERS.items():
        # The checkpoint and what is JSON are told as pages are: no kind of answer goes without.
        assert answer.lower().count(f"{name}: {value}".lower().encode()) == 4, name


def test_what_is_packed_is_not_unpacked(server: tuple[str, bytes]) -> None:
    address, raw = server
    bomb = gzip.compress(bytes(BOMB_BYTES))
    for body in (bomb, gzip.compress(raw), raw):
        for name in (b"gzip", b"deflate", b"identity, br"):
            answer = told(address, POST + b"Content-Encoding: " + name + b"\r\n" + sized(body))
            assert statuses(answer) == [415], (name, answer[:200])


UNREADABLE = {
    "two lengths": POST + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde" + NEXT,
    "a length with a sign": POST + b"Content-Length: +5\r\n\r\nabcde" + NEXT,
    "an unknown transfer coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n" + NEXT,
    "a chunk beyond numbers": POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"F" * 17 + b"\r\nabc",
    "an endless chunk extension": POST
    + b"Transfer-Encoding: chunked\r\n\r\n3;a="
    + b"x" * 30_000
    + b"\r\nabc\r\n0\r\n\r\n",
    "a folded header": b"GET /healthz HTTP/1.1\r\n" + LAST + b"X: a\r\n b\r\n\r\n",
    "NUL in a header": b"GET /healthz HTTP/1.1\r\n" + LAST + b"X: a\x00b\r\n\r\n",
    "a space before a colon": b"GET /healthz HTTP/1.1\r\n" + LAST + b"X : a\r\n\r\n",
    "NUL in the path": b"GET /i/\x00 HTTP/1.1\r\n" + LAST + b"\r\n",
    "a byte beyond ASCII in the path": b"GET /i/\xff HTTP/1.1\r\n" + LAST + b"\r\n",
    "a byte beyond ASCII in the method": b"B\x80EW /healthz HTTP/1.1\r\n" + LAST + b"\r\n",
    "no version": b"GET /healthz\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(90),
    "a path without end": b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n" + LAST + b"\r\n",
    "300 headers": b"GET /healthz HTTP/1.1\r\n" + LAST + b"X: a\r\n" * 300 + b"\r\n",
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_ends_the_line(server: tuple[str, bytes], name: str) -> None:
    answer = told(server[0], UNREADABLE[name])
    (status,) = statuses(answer)
    assert 400 <= status < 500, answer[:200]


def test_of_a_length_and_chunks_the_chunks_count_and_nothing_after(
    server: tuple[str, bytes],
) -> None:
    address, raw = server
    both = POST.replace(LAST, HOST) + b"Content-Length: 4\r\n" + chunked(raw)
    assert len(statuses(told(address, both + NEXT))) == 1


ODD = {
    "another server's address": (b"GET http://evil.example/healthz HTTP/1.1\r\n" + LAST, 200),
    "a tunnel": (b"CONNECT evil.example:443 HTTP/1.1\r\n" + LAST, 404),
    "a star": (b"OPTIONS * HTTP/1.1\r\n" + LAST, 404),
    "a method of its own": (b"BREW /healthz HTTP/1.1\r\n" + LAST, 405),
    "no host": (b"GET /healthz HTTP/1.0\r\n", 200),
    "a typed NUL": (b"GET /i/%00 HTTP/1.1\r\n" + LAST, 400),
    "a way up": (b"GET /s/../../etc/passwd HTTP/1.1\r\n" + LAST, 404),
    "a long question": (b"GET /find?code=" + b"a" * 60_000 + b" HTTP/1.1\r\n" + LAST, 400),
    "a long header": (b"GET /healthz HTTP/1.1\r\n" + LAST + b"X: " + b"a" * 90_000 + b"\r\n", 200),
    "headers beyond ASCII": (
        b"GET /healthz HTTP/1.1\r\n" + LAST + b"Accept: \xff\r\nAuthorization: Ringmark \xe9\r\n",
        200,
    ),
    "a part of a tile": (
        b"GET /log/tile/0/000.p/3 HTTP/1.1\r\n" + LAST + b"Range: bytes=0-1\r\n",
        200,
    ),
    "a socket": (
        b"GET /healthz HTTP/1.1\r\n"
        + HOST
        + b"Connection: Upgrade, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
        200,
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_answered_with_every_header(server: tuple[str, bytes], name: str) -> None:
    request, status = ODD[name]
    answer = told(server[0], request + b"\r\n")
    assert statuses(answer) == [status], answer[:300]
    for header, value in HEADERS.items():
        assert f"{header}: {value}".lower().encode() in answer.lower(), header
