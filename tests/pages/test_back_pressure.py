"""More than a server can take is turned away at once: nothing grows, nothing is lost."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from stall import Stall, build_stall, sign

from ledger.custody.facilities import FacilityRegistered
from ledger.statement import parse_statement
from ledger.wire.text import json_loads
from web.away import pages_of
from web.gateway import Bounds, Gateway, LineBounds, client_of, environ_of
from web.lanes import Lane, lane_of

FLOOD, HONEST = 300, 10
Answers = list[tuple[int, dict[str, str], bytes]]


class Held:
    """A store whose commits wait: each a moment, or all of them until they are let go."""

    def __init__(self, real: Any, *, moment_s: float = 0.0) -> None:
        self._real, self._moment_s = real, moment_s
        self.gate = threading.Event()
        self.gate.set()
        self.reached = threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def commit(self, block: Any) -> None:
        self.reached.set()
        assert self.gate.wait(60)
        threading.Event().wait(self._moment_s)
        self._real.commit(block)


@dataclass
class Line:
    """One request as the server's event loop hands it over (web.gateway.Scope and Exchange)."""

    client: str
    body: bytes
    method: str = "POST"
    path: str = "/api/v1/statements"
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/cose"})
    answers: Answers = field(default_factory=list)
    proto: str = "http"
    http_version: str = "1.1"
    server: str = "localhost:80"
    scheme: str = "http"
    query_string: str = ""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.body

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answers.append((status, dict(headers), body))

    @property
    def status(self) -> int:
        ((status, _, _),) = self.answers
        return status


@pytest.fixture
def stall() -> Stall:
    made = build_stall()
    yield made
    made.world.ledger.registrar.close()


def pens(stall: Stall, party: str, count: int) -> list[bytes]:
    """Return signed statements, each about another pen."""
    names = (f"{party}/pen-{n}" for n in range(count))
    return [sign(stall.world, party, FacilityRegistered(name, "farm", "ZW")) for name in names]


def hold(stall: Stall, **more: Any) -> Held:
    sequencer = stall.world.ledger.registrar._sequencer
    held = Held(sequencer._store, **more)
    sequencer._store = held
    return held


def check_turned_away(line: Line) -> None:
    ((status, headers, body),) = line.answers
    assert status in (429, 503)
    assert headers["Retry-After"].isdigit()
    assert headers["Content-Type"] == "application/problem+json"
    plain = json_loads(body)
    assert plain["status"] == status
    assert plain["code"] in ("rate.limited", "server.busy", "registrar.busy", "registrar.unknown")


def ids_in_log(stall: Stall) -> Counter[bytes]:
    store = stall.world.ledger.store
    return Counter(row.id for row in store.leaves(0, store.size()))


def test_flood_over_a_slow_store_is_turned_away_and_others_get_through(stall: Stall) -> None:
    hold(stall, moment_s=0.02)
    bounds = LineBounds(threads=8, waiting_max=48, share_max=24)
    gateway = Gateway(stall.app(), Bounds(write=bounds))
    flood = [Line("10.6.6.6:1", raw) for raw in pens(stall, "kariba-farm", FLOOD)]
    honest = [Line("10.1.1.1:1", raw) for raw in pens(stall, "harare-tannery", HONEST)]
    deepest = 0

    async def serve() -> None:
        nonlocal deepest
        tasks = [asyncio.create_task(gateway.__rsgi__(line, line)) for line in flood]
        for line in honest:
            # An honest client waits for one answer before it asks again.
            await gateway.__rsgi__(line, line)
            deepest = max(deepest, gateway.waiting)
        await asyncio.gather(*tasks)

    asyncio.run(serve())
    assert [line.status for line in honest] == [201] * HONEST
    taken = [line for line in flood if line.status == 201]
    away = [line for line in flood if line.status != 201]
    assert taken
    assert away
    for line in away:
        check_turned_away(line)
    assert 0 < deepest <= bounds.share_max + 1
    assert gateway.waiting == 0
    assert gateway.buffered == 0
    found = ids_in_log(stall)
    for line in (*taken, *honest):
        assert found[parse_statement(line.body).id] == 1
    # Nothing is lost: what was turned away is taken later, what was taken keeps its index.
    again = Gateway(stall.app(), Bounds())
    for line in (*away[:20], *taken[:5]):
        later = Line("10.6.6.6:1", line.body)
        asyncio.run(again.__rsgi__(later, later))
        assert later.status == (201 if line in away else 200)


def test_bodies_of_one_address_leave_room_for_others(stall: Stall) -> None:
    gateway = Gateway(stall.app(), Bounds())
    mine = pens(stall, "harare-tannery", 1)[0]

    @dataclass
    class Slow(Line):
        """A client that sends megabyte after megabyte, until it is told to stop."""

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for _ in range(12):
                yield bytes(1 << 20)
                await asyncio.sleep(0)
            await done.wait()

    done = asyncio.Event()
    slow = [Slow("10.6.6.6:1", b"", path="/find") for _ in range(9)]
    honest = Line("10.1.1.1:1", mine)

    async def serve() -> None:
        tasks = [asyncio.create_task(gateway.__rsgi__(line, line)) for line in slow]
        for _ in range(60):
            await asyncio.sleep(0)
        await gateway.__rsgi__(honest, honest)
        done.set()
        await asyncio.gather(*tasks)

    asyncio.run(serve())
    gateway.close()
    assert honest.status == 201
    away = [line for line in slow if line.status == 429]
    assert away
    for line in away:
        check_turned_away(line)
    assert gateway.buffered == 0


def test_stalled_sequencer_leaves_nobody_without_an_answer(stall: Stall) -> None:
    held = hold(stall)
    line = LineBounds(threads=4, waiting_max=32, share_max=4, answer_s_max=0.5)
    gateway = Gateway(stall.app(), Bounds(write=line))
    raws = pens(stall, "kariba-farm", 40)
    lines = [Line(f"10.0.0.{n}:1", raw) for n, raw in enumerate(raws)]
    seen = Line("10.9.9.9:1", b"", method="GET", path="/healthz", headers={})

    async def serve() -> None:
        held.gate.clear()
        tasks = [asyncio.create_task(gateway.__rsgi__(line, line)) for line in lines]
        while not held.reached.is_set():
            await asyncio.sleep(0.001)
        # Reading goes on while nothing can be written.
        await gateway.__rsgi__(seen, seen)
        await asyncio.gather(*tasks)
        assert gateway.waiting <= 4
        held.gate.set()

    asyncio.run(serve())
    gateway.close()
    assert seen.status == 200
    codes = Counter(json_loads(line.answers[0][2])["code"] for line in lines)
    assert {line.status for line in lines} == {503}
    assert codes["server.slow"] == 4
    assert codes["server.busy"] == 36
    found = ids_in_log(stall)
    again = Gateway(stall.app(), Bounds())
    for line in lines:
        later = Line("10.0.0.1:1", line.body)
        asyncio.run(again.__rsgi__(later, later))
        known = found[parse_statement(line.body).id]
        assert later.status == (200 if known else 201)
    assert set(ids_in_log(stall).values()) == {1}


def test_a_label_is_not_kept_waiting_by_a_long_list() -> None:
    begun, gate = threading.Semaphore(0), threading.Event()
    order: list[str] = []

    def app(environ: dict[str, Any], start: Any) -> list[bytes]:
        path = environ["PATH_INFO"]
        if path.endswith("/bundle"):
            begun.release()
            gate.wait(30)
        order.append(path)
        start("200 OK", [])
        return [path.encode()]

    line = LineBounds(threads=2, waiting_max=4, share_max=3)
    gateway = Gateway(app, Bounds(long=line))
    bundles = [
        Line(f"10.0.0.{n // 3}:1", b"", method="GET", path=f"/api/v1/lots/{n}/bundle", headers={})
        for n in range(6)
    ]
    label = Line("10.0.0.9:1", b"", method="GET", path="/i/51PB1X9SFP3J", headers={})

    async def serve() -> None:
        tasks = [asyncio.create_task(gateway.__rsgi__(each, each)) for each in bundles]
        await asyncio.to_thread(lambda: [begun.acquire() for _ in range(line.threads)])
        await gateway.__rsgi__(label, label)
        gate.set()
        await asyncio.gather(*tasks)

    asyncio.run(serve())
    gateway.close()
    assert order[0] == label.path
    assert label.answers[0][2] == label.path.encode()
    # Of one client three stand in line, of all four; the others are turned away at once.
    assert [each.status for each in bundles] == [200, 200, 200, 200, 503, 503]
    assert gateway.waiting == 0


@pytest.mark.parametrize(
    ("method", "path", "lane"),
    [
        ("GET", "/", Lane.FIXED),
        ("GET", "/static/verify.js", Lane.FIXED),
        ("GET", "/i/51PB1X9SFP3J", Lane.QUICK),
        ("HEAD", "/healthz", Lane.QUICK),
        ("GET", "/api/v1/lots/51PB1X9SFP3J/card", Lane.QUICK),
        ("GET", "/log/tile/0/000", Lane.QUICK),
        ("GET", "/api/v1/lots/51PB1X9SFP3J/bundle", Lane.LONG),
        ("GET", "/waiting", Lane.LONG),
        ("GET", "/anything/else", Lane.LONG),
        ("POST", "/api/v1/verify", Lane.LONG),
        ("POST", "/api/v1/statements", Lane.WRITE),
        ("POST", "/photo", Lane.WRITE),
    ],
)
def test_where_requests_are_answered(method: str, path: str, lane: Lane) -> None:
    assert lane_of(method, path) is lane


def test_full_queue_of_the_registrar_is_said_as_429(stall: Stall) -> None:
    held = hold(stall)
    registrar = stall.world.ledger.registrar
    registrar._waiting.limit = 2
    raws = pens(stall, "kariba-farm", 4)
    held.gate.clear()
    first = threading.Thread(target=registrar.submit, args=(raws[:1],))
    first.start()
    assert held.reached.wait(20)
    waiting = threading.Thread(target=registrar.submit, args=(raws[1:3],))
    waiting.start()
    while registrar.waiting < 2:
        threading.Event().wait(0.001)
    answer = stall.client().post(
        "/api/v1/statements", data=raws[3], content_type="application/cose"
    )
    held.gate.set()
    first.join(20)
    waiting.join(20)
    assert (answer.status_code, answer.json["code"]) == (429, "registrar.busy")
    assert answer.headers["Retry-After"].isdigit()
    answer = stall.client().post(
        "/api/v1/statements", data=raws[3], content_type="application/cose"
    )
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("named", "proxies", "client"),
    [
        (None, 0, "10.0.0.1"),
        ("1.2.3.4", 0, "10.0.0.1"),
        ("1.2.3.4", 1, "1.2.3.4"),
        ("6.6.6.6, 1.2.3.4", 1, "1.2.3.4"),
        ("6.6.6.6, 1.2.3.4, 10.0.0.7", 2, "1.2.3.4"),
        (None, 1, "10.0.0.1"),
        ("1.2.3.4", 2, "10.0.0.1"),
    ],
)
def test_client_is_who_the_trusted_proxies_say(
    named: str | None, proxies: int, client: str
) -> None:
    line = Line("10.0.0.1:77", b"", headers={"x-forwarded-for": named} if named else {})
    assert client_of(line, proxies=proxies) == client


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        ("/waiting", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("/waiting", "application/json", "application/problem+json"),
        ("/waiting", "", "application/problem+json"),
        ("/api/v1/findings", "text/html", "application/problem+json"),
    ],
)
def test_people_who_are_turned_away_are_shown_a_page(
    stall: Stall, path: str, accept: str, kind: str
) -> None:
    app = stall.app()
    full = Gateway(app, Bounds(long=LineBounds(1, waiting_max=0, share_max=1)), pages_of(app))
    share = Gateway(app, Bounds(long=LineBounds(1, waiting_max=1, share_max=0)), pages_of(app))
    for gateway, status, words in (
        (full, 503, "Trop de demandes à la fois"),
        (share, 429, "Trop de demandes depuis cette adresse."),
    ):
        headers = {"accept": accept, "accept-language": "fr-CM"}
        line = Line("10.0.0.1:7", b"", method="GET", path=path, headers=headers)
        asyncio.run(gateway.__rsgi__(line, line))
        gateway.close()
        if "html" not in kind:
            check_turned_away(line)
            continue
        ((told, named, body),) = line.answers
        assert (told, named["Content-Type"]) == (status, kind)
        assert (named["Retry-After"], named["Cache-Control"]) == ("5", "no-store")
        assert named["Vary"] == "Accept, Accept-Language"
        assert named["Content-Security-Policy"]
        page = body.decode()
        assert '<html lang="fr">' in page
        assert 'data-level="cannot-tell"' in page
        assert words in page


def test_every_reason_to_turn_people_away_has_a_page_in_every_language(stall: Stall) -> None:
    pages = pages_of(stall.app())
    assert {lang for _, lang in pages} == {"en", "fr", "es"}
    words = {page.split(b'class="why">')[1].split(b"</p>")[0] for page in pages.values()}
    assert len(words) == len(pages) == 15


def test_only_a_proxy_says_who_the_client_is() -> None:
    spoofed = {"x_forwarded_for": "6.6.6.6", "x-forwarded-for": "1.1.1.1"}
    line = Line("10.0.0.9:7", b"", headers=spoofed)
    environ = environ_of(line, b"")
    assert environ["HTTP_X_FORWARDED_FOR"] == "1.1.1.1"
    assert client_of(line, proxies=1) == "1.1.1.1"


def test_the_line_that_the_proxy_added_below_counts() -> None:
    class Lines(dict[str, str]):
        def items(self) -> Any:
            return [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "1.1.1.1")]

    line = Line("10.0.0.9:7", b"", headers=Lines())
    assert client_of(line, proxies=1) == "1.1.1.1"
    assert environ_of(line, b"")["HTTP_X_FORWARDED_FOR"] == "6.6.6.6,1.1.1.1"
