"""Two servers on one database, as on two hosts: nobody is told anything false, one may die."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ledger.wire.text import json_loads

CLIENTS, EACH = 4, 20
START_S_MAX = 60
PATHS = ("statements", "ledger")
UNREACHABLE = ("store.unreachable", "store.failed", "registrar.unknown")


@dataclass
class Host:
    """A server process with its own copy of the ledger's folder."""

    address: str
    process: subprocess.Popen[bytes] = field(repr=False)


@contextmanager
def host(directory: Path, *flags: str) -> Iterator[Host]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "web.serving", str(directory), "--port", str(port), *flags]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, start_new_session=True)
    made = Host(f"http://127.0.0.1:{port}", process)
    try:
        until = time.monotonic() + START_S_MAX
        while ask(f"{made.address}/healthz")[0] != 200:
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        yield made
    finally:
        process.terminate()
        process.wait(30)
        # Workers of a server that was killed outlive it; they are of its session.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def ask(url: str, body: bytes | None = None) -> tuple[int, bytes]:
    headers = {"Content-Type": "application/cose"} if body is not None else {}
    request = urllib.request.Request(url, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
    except OSError:
        return 0, b""


def insist(url: str, body: bytes | None = None) -> tuple[int, bytes]:
    """Ask until a server answers: a worker that is still starting may let a line wait too long."""
    until = time.monotonic() + START_S_MAX
    while True:
        status, answer = ask(url, body)
        if status or time.monotonic() > until:
            return status, answer


@pytest.fixture
def statements(actors: Any, directory: Path) -> list[bytes]:
    world, opened = actors.open_world(directory)
    made = [world.birth() for _ in range(CLIENTS * EACH)]
    opened.close()
    return made


def test_two_hosts_under_load_and_one_of_them_killed(
    actors: Any, directory: Path, statements: list[bytes], tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(directory, other)
    acknowledged: dict[str, int] = {}
    by_host: dict[str, int] = {}
    wrong: list[Any] = []
    with (
        host(directory, "--clock-ok", "--rate", "10000") as one,
        host(other, "--clock-ok", "--rate", "10000") as two,
    ):

        def client(number: int) -> None:
            hosts = [one.address, two.address]
            for n, raw in enumerate(statements[number::CLIENTS]):
                tries = 0
                while True:
                    asked = hosts[(n + tries) % 2]
                    status, body = ask(f"{asked}/api/v1/statements", raw)
                    tries += 1
                    if status in (200, 201):
                        break
                    if status not in (0, 429, 503) or tries > 400:
                        wrong.append((status, body))
                        return
                    time.sleep(0.01)
                plain = json_loads(body)
                acknowledged[plain["statement"]] = plain["index"]
                by_host[asked] = by_host.get(asked, 0) + 1
                # What one host acknowledged the other one shows at once.
                (code,) = plain["labels"]
                shown = ask(f"{hosts[(n + tries) % 2]}/api/v1/lots/{code}")[0]
                if shown not in (200, 0):
                    wrong.append((code, shown))

        threads = [threading.Thread(target=client, args=(n,)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        while len(acknowledged) < CLIENTS * EACH // 2 and any(t.is_alive() for t in threads):
            time.sleep(0.01)
        two.process.send_signal(signal.SIGKILL)
        for thread in threads:
            thread.join(120)
        assert not any(thread.is_alive() for thread in threads)
    assert wrong == []
    assert len(acknowledged) == CLIENTS * EACH
    assert min(by_host.get(one.address, 0), by_host.get(two.address, 0)) > 0
    _, opened = actors.open_world(directory)
    actors.check_log(opened.store, opened.trust, published=opened.newest_note())
    found = {name: opened.store.index_of(bytes.fromhex(name)) for name in acknowledged}
    assert found == acknowledged
    opened.close()


def test_workers_of_one_server_share_its_port(directory: Path, statements: list[bytes]) -> None:
    with host(directory, "--clock-ok", "--workers", "2") as served:
        for raw in statements[:6]:
            status, body = insist(f"{served.address}/api/v1/statements", raw)
            assert status in (200, 201), body
            (code,) = json_loads(body)["labels"]
            # Each request may meet the other worker.
            shown = [insist(f"{served.address}/api/v1/lots/{code}")[0] for _ in range(4)]
            assert shown == [200] * 4


def test_a_server_outlives_its_database(
    actors: Any, directory: Path, database: str, statements: list[bytes], postgres: Any
) -> None:
    (directory / "places.json").unlink()
    with host(directory, "--clock-ok", "--database", database) as served:
        assert ask(f"{served.address}/api/v1/statements", statements[0])[0] == 201
        postgres.stop("immediate")
        for body in (statements[1], None):
            status, answer = ask(f"{served.address}/api/v1/{PATHS[body is None]}", body)
            assert status == 503
            assert json_loads(answer)["code"] in UNREACHABLE
        assert ask(f"{served.address}/healthz")[0] == 503
        postgres.start()
        tries = [ask(f"{served.address}/api/v1/statements", statements[1])[0] for _ in range(3)]
        assert tries[-1] in (200, 201)
        assert ask(f"{served.address}/healthz")[0] == 200
        with host(directory, "--read-only", "--database", database) as reading:
            assert ask(f"{reading.address}/api/v1/ledger")[0] == 200
            status, answer = ask(f"{reading.address}/api/v1/statements", statements[2])
            assert (status, json_loads(answer)["code"]) == (503, "registrar.read-only")
