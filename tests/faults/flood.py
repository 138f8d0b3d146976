"""A flood from one address, and what an honest client sees meanwhile: is it served, how fast?

A real server with its default bounds. 256 connections of one address ask as fast as they can, or
hold their lines with half a body, endless headers or nothing at all, while another address
registers lots and looks at them, one request after another. Whatever was acknowledged must be in
the log where it was told; whoever was turned away was told when to come again.
"""

from __future__ import annotations

import http.client
import multiprocessing
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import power

sys.path.insert(0, str(power.ROOT / "tests" / "pages"))

from served import Pen, call, found, serve

from ledger import keys
from ledger.ambient import SystemClock
from ledger.custody.facilities import FacilityRegistered
from ledger.custody.goods import NewLot, Row
from ledger.custody.lots import Basis, LotRegistered
from ledger.statement import parse_statement
from ledger.storage.sqlite import SqliteStore
from ledger.wire.text import json_loads
from ledger.wiring import open_ledger

CONNECTIONS = 256
FLOOD, HONEST = "127.0.0.1", "127.0.0.2"
PAUSE_S, TRICKLE_S, ANSWER_S_MAX = 0.05, 0.5, 60
COSE = {"Content-Type": "application/cose"}
START = b"POST /api/v1/statements HTTP/1.1\r\nHost: x\r\nContent-Type: application/cose\r\n"


@dataclass
class Seen:
    """What one client, or all connections of a flood, were told."""

    statuses: Counter[int] = field(default_factory=Counter)
    waits_ms: list[float] = field(default_factory=list)
    told: dict[bytes, int] = field(default_factory=dict)
    unreported: int = 0

    def take(self, answer: tuple[int, Any, bytes], begun_s: float, raw: bytes | None) -> None:
        status, headers, body = answer
        self.statuses[status] += 1
        self.waits_ms.append(1_000 * (time.monotonic() - begun_s))
        if status in (429, 503):
            self.unreported += not headers.get("Retry-After", "").isdigit()
        if raw is not None and status in (200, 201):
            self.told[raw] = json_loads(body)["index"]

    def figures(self) -> dict[str, Any]:
        every = sorted(self.waits_ms) or [0.0]
        found = {"p50": every[len(every) // 2], "p99": every[len(every) * 99 // 100]}
        return {
            **{f"{name}_ms": round(value, 1) for name, value in found.items()},
            "longest_ms": round(every[-1], 1),
            "answers": {str(status): count for status, count in sorted(self.statuses.items())},
        }


@dataclass
class Floods:
    """Figures of each kind of flood; `refused_honest` requests were turned away or broken off."""

    kinds: dict[str, Any] = field(default_factory=dict)
    acknowledged: int = 0
    refused_honest: int = 0
    lost: int = 0
    moved: int = 0
    unreported: int = 0
    server_mb: int = 0


class Client:
    """A client with one line, from an address of its own."""

    def __init__(self, port: int, source: str) -> None:
        self._port, self._source = port, source
        self._line: http.client.HTTPConnection | None = None

    def close(self) -> None:
        """End the line."""
        if self._line is not None:
            self._line.close()

    def ask(self, seen: Seen, path: str, raw: bytes | None = None) -> tuple[int, Any, bytes]:
        """Ask, and note the answer; its status is 0 where the line broke."""
        begun_s = time.monotonic()
        if self._line is None:
            self._line = http.client.HTTPConnection(
                "127.0.0.1", self._port, timeout=ANSWER_S_MAX, source_address=(self._source, 0)
            )
        try:
            self._line.request("POST" if raw else "GET", path, raw, COSE if raw else {})
            given = self._line.getresponse()
            answer: tuple[int, Any, bytes] = (given.status, given.headers, given.read())
        except (OSError, http.client.HTTPException):
            self._line.close()
            self._line, answer = None, (0, {}, b"")
        seen.take(answer, begun_s, raw if path == STATEMENTS else None)
        return answer


STATEMENTS = "/api/v1/statements"


def run(place: Path, *, seconds: int, connections: int = CONNECTIONS) -> Floods:
    """Let each kind of flood run for so long, and the same time without one; check the log."""
    directory = found(place / "ledger")
    pens = [directory.enrolment(name, "farm") for name in ("honest", "flood")]
    floods, told = Floods(), {}
    with serve(directory.path) as address:
        port = int(address.rpartition(":")[2])
        for pen, enrolment in pens:
            facility = pen.sign(FacilityRegistered(f"{pen.party}/main", "farm", "ZW"))
            for raw in (enrolment, facility):
                assert call(address + STATEMENTS, raw)[0] == 201
        for kind in (None, *KINDS):
            found_out = during(kind, port, pens[0][0], pens[1][0], seconds, connections)
            floods.kinds[kind or "no flood"] = {
                who: seen.figures() for who, seen in found_out.items()
            }
            floods.refused_honest += sum(
                count
                for status, count in found_out["honest"].statuses.items()
                if status not in (200, 201)
            )
            for seen in found_out.values():
                told.update(seen.told)
                floods.unreported += seen.unreported
        floods.server_mb = memory_mb(directory.path)
    check(floods, directory.path, told)
    return floods


def during(
    kind: str | None, port: int, honest: Pen, other: Pen, seconds: int, connections: int
) -> dict[str, Seen]:
    """Return what an honest client sees during a flood, and what the flood sees."""
    if kind is None:
        return {"honest": be_honest(port, honest, seconds)}
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(1, mp_context=fork) as beside:
        # A private key does not travel between processes; its seed does.
        known = (other.ledger, other.party, other.signer.seed, other.seq)
        flood = beside.submit(flood_with, kind, port, known, seconds + 1, connections)
        seen = be_honest(port, honest, seconds)
        told, other.seq = flood.result()
    return {"honest": seen, "flood": told}


def be_honest(port: int, pen: Pen, seconds: int) -> Seen:
    """Register a lot and look at it, one after another, as a trader's desk does."""
    seen, until_s = Seen(), time.monotonic() + seconds
    with closing(Client(port, HONEST)) as client:
        while time.monotonic() < until_s:
            status, _, body = client.ask(seen, STATEMENTS, pen.sign(birth(pen.party)))
            if status == 201:
                (code,) = json_loads(body)["labels"]
                client.ask(seen, f"/i/{code}")
            time.sleep(PAUSE_S)
    return seen


def birth(party: str) -> LotRegistered:
    """Return the registration of one skin."""
    row = Row("Crocodylus niloticus", "SKI", 1, "NAR", "C", "ZW")
    return LotRegistered(Basis.BRED, (NewLot((row,), facility=f"{party}/main", year=2025),))


def flood_with(
    kind: str, port: int, known: tuple[bytes, str, bytes, int], seconds: int, connections: int
) -> tuple[Seen, int]:
    """Run one kind of flood on so many connections; return what they were told, and the number."""
    ledger, party, seed, number = known
    pen = Pen(ledger, party, keys.PrivateKey.from_seed(keys.ED25519, seed), number)
    seen, signing = Seen(), threading.Lock()
    until_s = time.monotonic() + seconds

    def sign() -> bytes:
        with signing:
            return pen.sign(birth(pen.party))

    threads = [
        threading.Thread(target=KINDS[kind], args=(port, until_s, sign, seen), daemon=True)
        for _ in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + ANSWER_S_MAX)
    return seen, pen.seq


Sign = Callable[[], bytes]


def statements(port: int, until_s: float, sign: Sign, seen: Seen) -> None:
    """Register as fast as it goes."""
    with closing(Client(port, FLOOD)) as client:
        while time.monotonic() < until_s:
            client.ask(seen, STATEMENTS, sign())


def rubbish(port: int, until_s: float, sign: Sign, seen: Seen) -> None:
    """Send bytes that are nothing."""
    with closing(Client(port, FLOOD)) as client:
        while time.monotonic() < until_s:
            client.ask(seen, STATEMENTS, bytes(1_000))


def pages(port: int, until_s: float, sign: Sign, seen: Seen) -> None:
    """Read as fast as it goes."""
    with closing(Client(port, FLOOD)) as client:
        while time.monotonic() < until_s:
            client.ask(seen, "/api/v1/ledger")


def slow_bodies(port: int, until_s: float, sign: Sign, seen: Seen) -> None:
    """Announce a body and send it byte by byte."""
    hold(port, until_s, START + b"Content-Length: 60000\r\n\r\n", b"x", seen)


def endless_headers(port: int, until_s: float, sign: Sign, seen: Seen) -> None:
    """Send one header after another, each of eight kilobytes, twenty at a time."""
    hold(port, until_s, START, 20 * (b"X-More: " + b"x" * 8_000 + b"\r\n"), seen)


def slow_headers(port: int, until_s: float, sign: Sign, seen: Seen) -> None:
    """Send one header after another, byte by byte."""
    hold(port, until_s, b"GET / HTTP/1.1\r\n", b"x", seen)


def silent(port: int, until_s: float, sign: Sign, seen: Seen) -> None:
    """Open a line and say nothing."""
    hold(port, until_s, b"", b"", seen)


def hold(port: int, until_s: float, first: bytes, more: bytes, seen: Seen) -> None:
    """Hold a line, sending `more` now and then; begin again where the server ends it."""
    while time.monotonic() < until_s:
        begun_s = time.monotonic()
        with (
            suppress(OSError),
            socket.create_connection(("127.0.0.1", port), source_address=(FLOOD, 0)) as line,
        ):
            line.settimeout(TRICKLE_S)
            line.sendall(first)
            while time.monotonic() < until_s:
                line.sendall(more)
                with suppress(TimeoutError):
                    said = line.recv(200)
                    status = int(said[9:12]) if said.startswith(b"HTTP/1.1 ") else 0
                    seen.statuses[status] += 1
                    seen.waits_ms.append(1_000 * (time.monotonic() - begun_s))
                    break


KINDS: dict[str, Callable[[int, float, Sign, Seen], None]] = {
    "statements": statements,
    "rubbish": rubbish,
    "pages": pages,
    "slow bodies": slow_bodies,
    "endless headers": endless_headers,
    "slow headers": slow_headers,
    "silent lines": silent,
}


def check(floods: Floods, directory: Path, told: dict[bytes, int]) -> None:
    """Look for everything that was acknowledged, and audit the ledger."""
    store = SqliteStore(directory / "ledger.db")
    for raw, index in told.items():
        stored = store.index_of(parse_statement(raw).id)
        floods.lost += stored is None
        floods.moved += stored not in (None, index)
    floods.acknowledged = len(told)
    store.close()
    # A server that was stopped in the flood may not have published its last checkpoint.
    open_ledger(directory, clock=SystemClock()).close()
    power.audit_clean(directory)


def memory_mb(directory: Path) -> int:
    """Return the most memory that a process serving `directory` ever had, megabytes."""
    found_kb = [0]
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and str(directory).encode() in (entry / "cmdline").read_bytes():
                text = (entry / "status").read_text(encoding="utf-8")
                found_kb += [int(line.split()[1]) for line in text.splitlines() if "VmHWM" in line]
    return max(found_kb) // 1_024
