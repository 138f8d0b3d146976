"""What other people's machines see: registration over HTTP, and the verdict page under load.

A real server (granian, as `ringmark serve` starts it) in a process of its own; a bare Flask hello
on the same server beside it.
"""

from __future__ import annotations

import http.client
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from measure import REPEATS, Figure, interleave, ratio, ratio_below
from storm import request, storm
from yard import another_farm, bare_verify, open_world, registration, stock, writers_piles

from ledger.desk.source_remote import BATCH
from ledger.simulator.world import World
from ledger.statement import lot_code, parse_statement
from ledger.wire import cbor

CONNECTIONS = 64
BATCH_CONNECTIONS = 8
WARMING = 10
"""Requests on each connection before anything is measured: templates and pages are made once."""
STATEMENTS = "/api/v1/statements"
COMMAND = "import sys; from cli.main import main; sys.exit(main(sys.argv[1:]))"
HELLO = """
import sys
from flask import Flask
from granian import Granian
from granian.constants import Interfaces

app = Flask("hello")
app.add_url_rule("/", "hello", lambda: "hello")

if __name__ == "__main__":
    Granian("hello:app", port=int(sys.argv[1]), interface=Interfaces.WSGI, blocking_threads=1,
            log_enabled=False).serve()
"""


def figures(folder: Path, quick: bool) -> list[Figure]:
    """Return single posts, batches of 100, and the verdict page at 64 connections."""
    place = folder / "ledger"
    rounds, singles, pages = (3, 4, 40) if quick else (5, 12, 200)
    world = open_world(place)
    sample = stock(world, 200)
    world.ledger.registrar.submit(sample)
    slices = rounds * (1 + REPEATS) + 1
    single = writers_piles(world, CONNECTIONS, singles * slices)
    batches = _piles(world, "batches", 800, slices)
    world.ledger.close()  # type: ignore[union-attr]
    born = parse_statement(sample[0])
    page = f"/i/{lot_code(kid=born.kid, salt=born.salt, i=0)}"
    with _serving(folder, place) as (port, pids):
        ours, hello = port
        waits: dict[int, list[float]] = {ours: [], hello: []}

        def read(port: int, path: str) -> int:
            waits[port] += _read(port, path, pages)
            return pages * CONNECTIONS

        for port, path in ((ours, page), (hello, "/")):
            _read(port, path, WARMING)
        taken = interleave(
            {
                "single": lambda: _post_single(ours, [[*islice(pile, singles)] for pile in single]),
                "batch": lambda: _post_batches(ours, batches.pop(0)),
                "page": lambda: read(ours, page),
                "hello": lambda: read(hello, "/"),
                "verify": bare_verify(sample, world),
            },
            rounds=rounds,
            pids=pids,
        )
    (p50, p99), (hello_p50, hello_p99) = _tail(waits[ours]), _tail(waits[hello])
    us = {name: f"{seconds * 1e6:,.0f} µs" for name, seconds in taken.items()}
    return [
        ratio(
            "single statements over HTTP, 64 connections",
            taken["verify"] / taken["single"],
            beside=f"bare PyNaCl verify, one core: {us['single']} / {us['verify']}",
            at_least=0.08,
        ),
        ratio(
            "batches of 100 over HTTP, 8 connections",
            taken["verify"] / taken["batch"],
            beside=f"bare PyNaCl verify, one core: {us['batch']} / {us['verify']}",
            at_least=0.4,
        ),
        ratio(
            "verdict page, 64 connections",
            taken["hello"] / taken["page"],
            beside=f"bare Flask hello on the same server: {us['page']} / {us['hello']}",
            at_least=0.25,
        ),
        ratio_below(
            "its p99 beside its p50",
            p99 / p50,
            beside=f"{p99 * 1e3:,.1f} ms / {p50 * 1e3:,.1f} ms; "
            f"the hello's {hello_p99 / hello_p50:.2f}",
            at_most=2.5,
        ),
    ]


def _tail(waits: list[float]) -> tuple[float, float]:
    """Return p50 and p99 in seconds."""
    waits.sort()
    return statistics.median(waits), waits[len(waits) * 99 // 100]


def _piles(world: World, farm: str, count: int, slices: int) -> list[list[bytes]]:
    another_farm(world, farm)
    event = registration(farm=farm)
    return [[world.sign(farm, event) for _ in range(count)] for _ in range(slices)]


def _post_single(port: int, piles: list[list[bytes]]) -> int:
    kind = "application/cose"
    posts = [[request("POST", STATEMENTS, kind=kind, body=raw) for raw in pile] for pile in piles]
    replies = storm(port, posts)
    for reply in replies:
        assert reply.status == 201, reply.body
    return len(replies)


def _post_batches(port: int, raws: list[bytes]) -> int:
    batches = [raws[start : start + 100] for start in range(0, len(raws), 100)]
    posts = [request("POST", STATEMENTS, kind=BATCH, body=cbor.encode(batch)) for batch in batches]
    registered = 0
    for reply in storm(
        port, [posts[place::BATCH_CONNECTIONS] for place in range(BATCH_CONNECTIONS)]
    ):
        assert reply.status in (200, 201, 207), reply.body
        registered += reply.body.count(b'"receipt"')
    assert registered == len(raws)
    return registered


def _read(port: int, path: str, each: int) -> list[float]:
    """Return how long each of `each` requests on each of 64 connections waited, in seconds."""
    replies = storm(port, [[request("GET", path)] * each] * CONNECTIONS)
    assert all(reply.status == 200 for reply in replies)
    return [reply.waited_s for reply in replies]


@contextmanager
def _serving(folder: Path, place: Path) -> Iterator[tuple[tuple[int, int], list[int]]]:
    """Serve the ledger and the bare hello; yield both ports and all process ids."""
    (folder / "hello.py").write_text(HELLO)
    ours, hello = _free_port(), _free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    words = ("serve", "--port", str(ours), "--rate", "1000000", "--clock-ok")
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", COMMAND, "--ledger", str(place), *words],
            **quiet,  # type: ignore[call-overload]
        ),
        subprocess.Popen(
            [sys.executable, str(folder / "hello.py"), str(hello)],
            env={**os.environ, "PYTHONPATH": str(folder)},
            **quiet,
        ),
    ]
    try:
        _await(ours, "/healthz")
        _await(hello, "/")
        yield (ours, hello), _family([process.pid for process in processes])
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


def _await(port: int, path: str) -> None:
    for _ in range(300):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
    raise TimeoutError(f"nobody serves {path} on port {port}")


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _family(pids: list[int]) -> list[int]:
    """Return processes with their children, of all of which the work is ours."""
    found = list(pids)
    for pid in found:
        try:
            text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        except OSError:
            continue
        found += [int(child) for child in text.split()]
    return found
