"""A host that is cut off from the database: packets vanish, in the middle of commits, and return.

Two servers on two hosts, PostgreSQL on a third. Nobody is told anything false, the log does not
fork, the other host takes over within TAKEOVER_S_MAX, and clients of the host that was cut off get
503 with Retry-After within ANSWER_S_MAX. In full length, with its figures:

    RINGMARK_CUTS=20 python -m pytest -s tests/postgres/test_network.py
"""

from __future__ import annotations

import os
import random  # noqa: TID251 - when the cable is pulled, no secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import power
import pytest
from network import Network, needs_network

from ledger.registrar import Registered
from ledger.storage.postgres import statements as sql
from ledger.storage.postgres.connecting import connect
from ledger.wire.text import json_loads

CUTS = int(os.environ.get("RINGMARK_CUTS", "1"))
CLIENTS, PORT = 2, 8_000
START_S_MAX, ANSWER_S_MAX, TAKEOVER_S_MAX, BACK_S_MAX = 60, 45, 20, 30
HOSTS = ("one", "two")


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    needs_network()
    with Network("db", *HOSTS) as made:
        yield made


@pytest.fixture(scope="module")
def server(network: Network, postgres: Any) -> Iterator[Any]:
    """A PostgreSQL server on a host of its own; the tests reach it by its socket too."""
    found = sys.modules["postgres_server"].Server()
    with (found.data / "pg_hba.conf").open("a", encoding="utf-8") as rules:
        rules.write("host all all 10.77.0.0/24 trust\n")
    try:
        with network.inside("db"):
            found.start(f"listen_addresses={network.address('db')}")
        yield found
    finally:
        found.__exit__()


@dataclass
class Place:
    """A ledger in that server: its address by the socket and over the network, and a folder."""

    near: str
    far: str
    folder: Path


@pytest.fixture
def place(actors: Any, network: Network, server: Any, tmp_path: Path) -> Place:
    near = server.new_database()
    far = f"postgresql://owner@{network.address('db')}:5432/{near.partition('@/')[2].partition('?')[0]}"
    actors.found_directory(tmp_path / "ledger", database=near)
    _, opened = actors.open_world(tmp_path / "ledger", settle=True)
    opened.close()
    return Place(near, far, tmp_path / "ledger")


@pytest.mark.slow
def test_host_that_is_cut_off_in_a_transaction_holds_nobody_up(
    actors: Any, network: Network, place: Place
) -> None:
    world, opened = actors.open_world(place.folder)
    with network.inside("one"):
        line = connect(place.far, read_only=False)
    # The worst moment: it has the turn, and the head's row, and its COMMIT is on the way.
    line.execute(sql.TAKE_TURN)
    line.execute("BEGIN")
    line.execute("UPDATE head SET at = at")
    network.unplug("one")
    begun_s = time.monotonic()
    try:
        raw = world.birth()
        while not isinstance(world.registrar.submit([raw])[0], Registered):
            assert time.monotonic() - begun_s < START_S_MAX
    finally:
        network.plug("one")
    taken_s = time.monotonic() - begun_s
    print(f"\ncut off with turn and row lock: another host had written after {taken_s:.1f} s")
    assert taken_s < TAKEOVER_S_MAX
    line.close()
    actors.check_log(opened.store, opened.trust, published=opened.newest_note())
    opened.close()


@dataclass
class Seen:
    """What the clients of one host were told."""

    acknowledged: dict[str, int] = field(default_factory=dict)
    moved: int = 0
    odd: list[Any] = field(default_factory=list)
    away: Counter[str] = field(default_factory=Counter)
    waits_s: list[float] = field(default_factory=list)

    def take(self, status: int, headers: Any, body: bytes, waited_s: float) -> bool:
        """Note an answer; True where it says that the statement is registered."""
        self.waits_s.append(waited_s)
        if status in (200, 201):
            plain = json_loads(body)
            known = self.acknowledged.setdefault(plain["statement"], plain["index"])
            self.moved += known != plain["index"]
            return True
        if status != 503 or not headers["Retry-After"].isdigit():
            self.odd.append((status, body[:300]))
        else:
            self.away[json_loads(body)["code"]] += 1
        return False


class Clients:
    """Clients of every host, each sending the same bytes until they are registered."""

    def __init__(self, network: Network, world: Any) -> None:
        self.seen = {name: Seen() for name in HOSTS}
        self.pages = {name: Seen() for name in HOSTS}
        self._network, self._world = network, world
        self._signing, self._stop = threading.Lock(), threading.Event()
        works = [(self._write, name) for name in HOSTS for _ in range(CLIENTS)]
        works += [(self._read, name) for name in HOSTS]
        self._threads = [threading.Thread(target=work, args=(name,)) for work, name in works]

    def __enter__(self) -> Clients:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(2 * ANSWER_S_MAX)
        assert not any(thread.is_alive() for thread in self._threads)

    def count(self, name: str) -> int:
        return len(self.seen[name].acknowledged)

    def _write(self, name: str) -> None:
        while not self._stop.is_set():
            with self._signing:
                raw = self._world.birth()
            while not self._ask(self.seen[name], name, "/api/v1/statements", raw):
                if self._stop.wait(0.2):
                    return

    def _read(self, name: str) -> None:
        while not self._stop.wait(0.2):
            begun_s = time.monotonic()
            status, headers, body = ask(self._network, name, "/healthz")
            waited_s = time.monotonic() - begun_s
            if status != 200:
                self.pages[name].take(status, headers, body, waited_s)

    def _ask(self, seen: Seen, name: str, path: str, raw: bytes) -> bool:
        begun_s = time.monotonic()
        return seen.take(*ask(self._network, name, path, raw), time.monotonic() - begun_s)


def ask(
    network: Network, name: str, path: str, body: bytes | None = None
) -> tuple[int, Any, bytes]:
    """Ask a host's server, from the host itself: its clients are not cut off from it."""
    headers = {"Content-Type": "application/cose"} if body is not None else {}
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", data=body, headers=headers)
    with network.inside(name):
        try:
            with urllib.request.urlopen(request, timeout=2 * ANSWER_S_MAX) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()
        except OSError as error:
            return 0, {"Retry-After": ""}, str(error).encode()


@contextmanager
def serving(network: Network, name: str, folder: Path, place: Place) -> Iterator[None]:
    """Serve the ledger on a host, with that host's own copy of the folder."""
    words = [sys.executable, "-m", "web.serving", str(folder), "--port", str(PORT), "--clock-ok",
             "--rate", "10000", "--database", place.far]  # fmt: skip
    with network.inside(name):
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        until_s = time.monotonic() + START_S_MAX
        while ask(network, name, "/healthz")[0] != 200:
            assert process.poll() is None
            assert time.monotonic() < until_s
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(START_S_MAX)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def seconds_until(true: Callable[[], bool], *, at_most: float) -> float:
    begun_s = time.monotonic()
    while not true():
        waited_s = time.monotonic() - begun_s
        assert waited_s < at_most, "it did not come in time"
        time.sleep(0.02)
    return time.monotonic() - begun_s


@pytest.mark.slow
def test_cut_off_in_the_middle_of_commits_nobody_is_told_anything_false(
    actors: Any, network: Network, place: Place, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(place.folder, other)
    world, opened = actors.open_world(place.folder)
    takeovers: list[float] = []
    returns: list[float] = []
    chance = random.Random(CUTS)
    with (
        serving(network, "one", place.folder, place),
        serving(network, "two", other, place),
        Clients(network, world) as clients,
    ):
        for _ in range(CUTS):
            for name in HOSTS:
                before = clients.count(name)
                seconds_until(lambda b=before, n=name: clients.count(n) > b + 5, at_most=60)
            time.sleep(chance.uniform(0, 0.3))
            network.unplug("one")
            away, before = clients.seen["one"].away.total(), clients.count("two")
            is_taken_over = lambda b=before: clients.count("two") > b + 2  # noqa: E731
            takeovers.append(seconds_until(is_taken_over, at_most=TAKEOVER_S_MAX))
            # Everybody who waits there is answered meanwhile, and more than once.
            is_answered = lambda a=away: clients.seen["one"].away.total() >= a + 2 * CLIENTS  # noqa: E731
            seconds_until(is_answered, at_most=2 * ANSWER_S_MAX)
            assert clients.count("two") > before + 2
            network.plug("one")
            before = clients.count("one")
            returns.append(
                seconds_until(lambda b=before: clients.count("one") > b, at_most=BACK_S_MAX)
            )
    opened.close()
    print(told(clients, takeovers, returns))
    check(actors, place, clients)


def check(actors: Any, place: Place, clients: Clients) -> None:
    seen = {**clients.seen, **{f"pages of {name}": one for name, one in clients.pages.items()}}
    assert {name: one.odd for name, one in seen.items() if one.odd} == {}
    assert [one.moved for one in seen.values()] == [0] * len(seen)
    assert max(max(one.waits_s, default=0) for one in seen.values()) < ANSWER_S_MAX
    _, opened = actors.open_world(place.folder)
    actors.check_log(opened.store, opened.trust, published=opened.newest_note())
    acknowledged = {**clients.seen["one"].acknowledged, **clients.seen["two"].acknowledged}
    found = {name: opened.store.index_of(bytes.fromhex(name)) for name in acknowledged}
    assert found == acknowledged
    assert len(set(found.values())) == len(found)
    opened.close()
    power.audit_clean(place.folder)


def told(clients: Clients, takeovers: list[float], returns: list[float]) -> str:
    one, two = clients.seen["one"], clients.seen["two"]
    slowest = max(max(seen.waits_s) for seen in (one, two))
    page = max(clients.pages["one"].waits_s, default=0.0)
    return (
        f"\n{len(takeovers)} cuts: {len(one.acknowledged)} and {len(two.acknowledged)} "
        f"acknowledged, 0 lost, 0 twice; the other host went on after {max(takeovers):.1f} s at "
        f"most, the one that was cut off {max(returns):.1f} s after its return; answers there "
        f"meanwhile: {dict(one.away)}; slowest answer {slowest:.1f} s, page {page:.1f} s"
    )
