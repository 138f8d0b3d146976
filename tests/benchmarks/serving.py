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
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from measure import REPEATS, Figure, interleave, ratio, ratio_below
from yard import another_farm, bare_verify, open_world, registration, stock

from ledger.desk.source_remote import BATCH
from ledger.simulator.world import World
from ledger.statement import lot_code, parse_statement
from ledger.wire import cbor

CONNECTIONS = 64
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
    rounds, singles, pages = (3, 4, 10) if quick else (5, 12, 40)
    world = open_world(place)
    sample = stock(world, 200)
    world.ledger.registrar.submit(sample)
    slices = rounds * (1 + REPEATS) + 1
    single = _piles(world, "single", singles * CONNECTIONS, slices)
    batches = _piles(world, "batches", 800, slices)
    world.ledger.close()  # type: ignore[union-attr]
    born = parse_statement(sample[0])
    page = f"/i/{lot_code(kid=born.kid, salt=born.salt, i=0)}"
    with _serving(folder, place) as (port, pids):
        ours, hello = port
        waits: list[float] = []

        def pages_at_once() -> int:
            waits.extend(_storm(ours, page, pages))
            return pages * CONNECTIONS

        taken = interleave(
            {
                "single": lambda: _post_single(ours, single.pop(0)),
                "batch": lambda: _post_batches(ours, batches.pop(0)),
                "page": pages_at_once,
                "hello": lambda: len(_storm(hello, "/", pages)),
                "verify": bare_verify(sample, world),
            },
            rounds=rounds,
            pids=pids,
        )
    waits.sort()
    p50, p99 = statistics.median(waits), waits[len(waits) * 99 // 100]
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
            beside=f"{p99 * 1e3:,.1f} ms / {p50 * 1e3:,.1f} ms",
            at_most=2.5,
        ),
    ]


def _piles(world: World, farm: str, count: int, slices: int) -> list[list[bytes]]:
    another_farm(world, farm)
    event = registration(farm=farm)
    return [[world.sign(farm, event) for _ in range(count)] for _ in range(slices)]


def _post_single(port: int, raws: list[bytes]) -> int:
    def one(connection: http.client.HTTPConnection, raw: bytes) -> None:
        headers = {"Content-Type": "application/cose"}
        connection.request("POST", "/api/v1/statements", body=raw, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 201, body

    _spread(port, raws, one, connections=CONNECTIONS)
    return len(raws)


def _post_batches(port: int, raws: list[bytes]) -> int:
    def many(connection: http.client.HTTPConnection, batch: list[bytes]) -> None:
        headers = {"Content-Type": BATCH}
        connection.request("POST", "/api/v1/statements", body=cbor.encode(batch), headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status in (200, 201, 207), body
        assert body.count(b'"receipt"') == len(batch), body[:300]

    batches = [raws[start : start + 100] for start in range(0, len(raws), 100)]
    _spread(port, batches, many, connections=8)
    return len(raws)


def _storm(port: int, path: str, each: int) -> list[float]:
    """Return how long each of `each` requests on each of 64 connections waited."""
    waits: list[float] = []

    def get(connection: http.client.HTTPConnection, _: int) -> None:
        begun = time.perf_counter()
        connection.request("GET", path, headers={"Accept": "text/html"})
        answer = connection.getresponse()
        answer.read()
        waits.append(time.perf_counter() - begun)
        assert answer.status == 200

    _spread(port, list(range(each * CONNECTIONS)), get, connections=CONNECTIONS)
    return waits


def _spread(port: int, work: list[object], send: Callable[..., None], *, connections: int) -> None:
    failed: list[BaseException] = []

    def run(pile: list[object]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            for item in pile:
                send(connection, item)
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    piles = [work[place::connections] for place in range(connections)]
    threads = [threading.Thread(target=run, args=(pile,)) for pile in piles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


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
