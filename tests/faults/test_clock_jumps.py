"""A clock that jumps under a running server: what is refused says why, what is told stays."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import power
import pytest
from lengths import times
from werkzeug.serving import make_server

from ledger.ambient import SettableClock
from ledger.statement import parse_statement
from ledger.storage.sqlite import SqliteStore
from ledger.wire import text
from web.app import create_app
from web.limits import Rate
from web.serving import open_stand

YEAR_S, DAY_S = 365 * 86_400, 86_400
CLIENTS = 4


class Server:
    """A ledger served by HTTP in this process, on a clock that the test sets."""

    def __init__(self, directory: Path, clock: SettableClock, *, clock_ok: bool) -> None:
        self.clock = clock
        self.stand = open_stand(directory, clock=clock, clock_ok=clock_ok)
        app = create_app(self.stand, rate=Rate(per_s=1e6, burst=1_000_000))
        self._server = make_server("localhost", 0, app, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def post(self, raw: bytes) -> tuple[int, dict[str, Any], str]:
        """Send a statement; return status, what is said, and after how many seconds to try."""
        line = HTTPConnection("localhost", self._server.server_port, timeout=30)
        line.request("POST", "/api/v1/statements", raw, {"Content-Type": "application/cose"})
        answer = line.getresponse()
        plain = text.json_loads(answer.read())
        line.close()
        return answer.status, plain, answer.headers.get("Retry-After", "")

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        assert self.stand.registrar is not None
        self.stand.registrar.close()
        self.stand.reader._store.close()


@pytest.fixture
def births(actors: Any, directory: Path) -> list[bytes]:
    """Forty registrations or more, signed before the clock jumps."""
    world, opened = actors.open_world(directory)
    raws = [world.birth() for _ in range(20 + times(20))]
    opened.close()
    return raws


def test_a_clock_that_jumps_by_years_loses_nothing(
    actors: Any, directory: Path, births: list[bytes]
) -> None:
    start = actors.START + 60
    server = Server(directory, SettableClock(start), clock_ok=False)
    told: dict[bytes, int] = {}

    def say(raw: bytes) -> tuple[int, str, str]:
        status, plain, wait = server.post(raw)
        if status in (200, 201):
            told[raw] = plain["index"]
        return status, plain.get("code", ""), wait

    def phase(raws: list[bytes]) -> set[tuple[int, str, str]]:
        with ThreadPoolExecutor(CLIENTS) as clients:
            return set(clients.map(say, raws))

    taken = {(201, "", "")}
    assert phase(births[:8]) == taken
    # Five years ahead, two years behind: nothing is taken, and it says which and when to try.
    for jump, code in ((5 * YEAR_S, "clock.ahead"), (-2 * YEAR_S, "clock.behind")):
        server.clock.advance(jump)
        ((status, said, wait),) = phase(births[8:16])
        assert (status, said) == (503, code)
        assert int(wait) > 0
        server.clock.advance(-jump)
    # Right again it goes on by itself; nearly a day ahead it goes on too, and then back again not.
    assert phase(births[8:16]) == taken
    server.clock.advance(DAY_S - 120)
    assert phase(births[16:20]) == taken
    server.clock.advance(-DAY_S)
    assert {code for _, code, _ in phase(births[20:24])} == {"clock.behind"}
    server.clock.advance(DAY_S)
    # And while it jumps under the hands of four clients, who send again what was not taken.
    over = threading.Event()

    def insist(raws: list[bytes]) -> None:
        for raw in raws:
            while say(raw)[0] not in (200, 201):
                pass

    def jump_about() -> None:
        right = server.clock.now_s()
        while not over.is_set():
            for jump in (9 * YEAR_S, -9 * YEAR_S, -3 * YEAR_S, 3 * YEAR_S, 0):
                server.clock.advance(jump)
        server.clock.advance(right - server.clock.now_s())

    jumper = threading.Thread(target=jump_about)
    jumper.start()
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(insist, [births[20 + i :: CLIENTS] for i in range(CLIENTS)]))
    over.set()
    jumper.join()
    server.close()
    # Everything that was told stands once, where it was told; log time never fell.
    assert len(told) == len(births)
    store = SqliteStore(directory / "ledger.db")
    assert {raw: store.index_of(parse_statement(raw).id) for raw in births} == told
    times = [block.at for block in store.blocks()]
    assert times == sorted(times)
    assert times[-1] <= start + DAY_S + 60
    store.close()
    power.audit_clean(directory)


def test_whoever_vouches_for_a_clock_does_not_vouch_for_its_jumps(
    actors: Any, directory: Path, births: list[bytes]
) -> None:
    # Given a ledger that stood still for three days, and an operator who looked at the clock
    clock = SettableClock(actors.START + 3 * DAY_S)
    server = Server(directory, clock, clock_ok=True)
    # When it jumps before anything was said, and afterwards
    clock.advance(5 * YEAR_S)
    assert server.post(births[0])[1]["code"] == "clock.ahead"
    clock.advance(-5 * YEAR_S)
    assert server.post(births[0])[0] == 201
    clock.advance(5 * YEAR_S)
    assert server.post(births[1])[1]["code"] == "clock.ahead"
    # Then log time is still the right one
    clock.advance(-5 * YEAR_S)
    assert server.post(births[1])[0] == 201
    server.close()
    power.audit_clean(directory)
