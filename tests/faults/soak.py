"""A served ledger under everything at once, then under one trader alone: nobody waits for ever.

Many traders, batches, dry runs, labels, cards, bundles and the log are asked of a real server for
some time; then one trader alone goes on, so that each of its statements may meet the publisher or a
heartbeat. Counted are answers that came late or not as they should; at the end all that was
acknowledged stands in the log, which is audited.
"""

from __future__ import annotations

import http.client
import random  # noqa: TID251 - who is asked next, no secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import actors
import power

from ledger.ambient import SystemClock
from ledger.custody.facilities import FacilityRegistered
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import Basis, LotRegistered
from ledger.custody.transfers import Moves, TransferOffered, TransferWithdrawn
from ledger.desk.source_remote import BATCH
from ledger.statement import lot_code, parse_statement
from ledger.wire import cbor
from ledger.wire.text import json_loads

TRADERS, BATCHERS, INSPECTORS, AUDITORS = 12, 2, 4, 2
LATE_S = 10.0
"""An answer that takes longer counts as late: the machine may be busy, a server may not hang."""
SERVE = "import sys; from cli.main import main; sys.exit(main(sys.argv[1:]))"
AWAY = (429, 503)


@dataclass
class Soak:
    """What was asked and how it was answered; times in milliseconds."""

    asked: dict[str, int] = field(default_factory=dict)
    slowest_ms: dict[str, int] = field(default_factory=dict)
    turned_away: int = 0
    late: int = 0
    crashed: int = 0
    lost: int = 0
    moved: int = 0
    size: int = 0
    indexes: dict[str, int] = field(default_factory=dict, repr=False)


class Client:
    """One that waits for each answer before it asks again, on one connection."""

    def __init__(self, stage: Stage) -> None:
        self._soak, self._lock = stage.soak, stage.lock
        self._line = http.client.HTTPConnection("127.0.0.1", stage.port, timeout=60)

    def ask(self, kind: str, path: str, *, body: bytes | None = None, media: str = "") -> Any:
        """Return the plain answer; None where it is no JSON, or where it was turned away."""
        begun = time.monotonic()
        headers = {"Content-Type": media} if media else {}
        self._line.request("GET" if body is None else "POST", path, body=body, headers=headers)
        answer = self._line.getresponse()
        said, took_s = answer.read(), time.monotonic() - begun
        with self._lock:
            soak = self._soak
            soak.asked[kind] = soak.asked.get(kind, 0) + 1
            soak.slowest_ms[kind] = max(soak.slowest_ms.get(kind, 0), int(1_000 * took_s))
            soak.late += took_s > LATE_S
            soak.turned_away += answer.status in AWAY
            soak.crashed += answer.status not in (200, 201, *AWAY)
        is_json = "json" in answer.headers.get("Content-Type", "")
        return json_loads(said) if is_json and answer.status not in AWAY else None

    def close(self) -> None:
        """Close the connection."""
        self._line.close()

    def register(self, kind: str, raw: bytes) -> None:
        """Send a statement until it is registered, and note at which index."""
        found = None
        while found is None:
            found = self.ask(kind, "/api/v1/statements", body=raw, media="application/cose")
        self.note(found)

    def note(self, found: dict[str, Any]) -> None:
        """Note what was acknowledged."""
        with self._lock:
            index = found["index"]
            self._soak.moved += self._soak.indexes.setdefault(found["statement"], index) != index


@dataclass
class Stage:
    """What the clients share: the world to sign in, the server, the lots born, and the end."""

    world: actors.World
    soak: Soak
    port: int
    codes: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)


def run(place: Path, *, seconds: int, seed: int) -> Soak:
    """Ask a server of the new ledger in `place` for so long, two thirds of it all together."""
    actors.found_directory(place)
    world, opened = actors.open_world(place, settle=True)
    names = [f"farm-{number}" for number in range(TRADERS + BATCHERS + 1)]
    for name in names:
        world.submit(world.sign("ma-zw", world.enrol("ma-zw", name, "farm")))
        world.submit(world.sign(name, FacilityRegistered(f"{name}/main", "farm", "ZW")))
    opened.close()
    soak = Soak()
    world.clock.set(SystemClock().now_s())
    with serving(place) as port:
        *many, alone = names
        _play(Stage(world, soak, port), many, seconds=seconds * 2 // 3, seed=seed)
        _play(Stage(world, soak, port), [alone], seconds=seconds // 3, seed=seed)
    check(soak, place)
    return soak


def _play(stage: Stage, names: list[str], *, seconds: int, seed: int) -> None:
    parts: list[tuple[Callable[..., None], str]] = [(trade, name) for name in names]
    if len(names) > 1:
        parts = [(trade, name) for name in names[:TRADERS]]
        parts += [(batch, name) for name in names[TRADERS:]]
        parts += [(inspect, f"inspector-{n}") for n in range(INSPECTORS)]
        parts += [(download, f"auditor-{n}") for n in range(AUDITORS)]
    failed: list[BaseException] = []

    def play(part: Callable[..., None], name: str) -> None:
        chance = random.Random(f"{seed} {name}")
        try:
            with closing(Client(stage)) as client:
                while not stage.over.is_set():
                    part(stage, client, name, chance)
        except BaseException as error:
            failed.append(error)
            stage.over.set()

    threads = [threading.Thread(target=play, args=part) for part in parts]
    for thread in threads:
        thread.start()
    stage.over.wait(seconds)
    stage.over.set()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def trade(stage: Stage, client: Client, name: str, chance: random.Random) -> None:
    """Register a lot, offer it, take the offer back; now and then only ask what would become."""
    world = stage.world
    for _ in range(20):
        raw = birth(world, name)
        if chance.random() < 0.1:
            path = "/api/v1/statements?dry_run=1"
            client.ask("dry run", path, body=raw, media="application/cose")
        client.register("statement", raw)
        born = parse_statement(raw)
        code = lot_code(kid=born.kid, salt=born.salt, i=0)
        stage.codes.append(code)
        event = TransferOffered(
            "maker-b", Moves.BOTH, world.clock.now_s() + 86_400, lots={code: Part()}
        )
        offer = world.sign(name, event, prev={code: born.id})
        client.register("statement", offer)
        taken_back = TransferWithdrawn(parse_statement(offer).id, "no buyer")
        client.register("statement", world.sign(name, taken_back))
        if stage.over.is_set():
            return


def batch(stage: Stage, client: Client, name: str, _: random.Random) -> None:
    """Register fifty lots at once."""
    raws = [birth(stage.world, name) for _ in range(50)]
    found = None
    while found is None:
        found = client.ask("batch", "/api/v1/statements", body=cbor.encode(raws), media=BATCH)
    for result in found["results"]:
        client.note(result)


def inspect(stage: Stage, client: Client, _: str, chance: random.Random) -> None:
    """Look at a label, and fetch the card that proves it."""
    code = chance.choice(stage.codes) if stage.codes else None
    client.ask("checkpoint", "/log/checkpoint")
    if code is not None:
        client.ask("page", f"/i/{code}")
        client.ask("card", f"/api/v1/lots/{code}/card")


def download(stage: Stage, client: Client, _: str, chance: random.Random) -> None:
    """Fetch bundles and lists, as an auditor or an authority does."""
    code = chance.choice(stage.codes) if stage.codes else None
    client.ask("list", "/api/v1/findings")
    if code is not None:
        client.ask("bundle", f"/api/v1/lots/{code}/bundle")


def birth(world: actors.World, name: str) -> bytes:
    row = Row("Crocodylus niloticus", "SKI", 1, "NAR", "C", "ZW")
    lot = NewLot(contents=(row,), facility=f"{name}/main", year=2025)
    return world.sign(name, LotRegistered(Basis.BRED, (lot,)))


@contextmanager
def serving(place: Path) -> Iterator[int]:
    """Serve the ledger as `ringmark serve` does, and yield the port."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    words = (
        "--ledger",
        str(place),
        "serve",
        "--port",
        str(port),
        "--rate",
        "1000000",
        "--clock-ok",
    )
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen([sys.executable, "-c", SERVE, *words], **quiet)  # type: ignore[call-overload]
    try:
        _await(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def _await(port: int) -> None:
    for _ in range(600):
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            line.request("GET", "/healthz")
            if line.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            line.close()
    raise TimeoutError(f"nobody serves on port {port}")


def check(soak: Soak, place: Path) -> None:
    """Compare the log with what was acknowledged, and audit it."""
    _, opened = actors.open_world(place, clock_ok=True)
    soak.size = opened.store.size()
    stored = {row.id.hex(): row.leaf for row in opened.store.leaves(0, soak.size)}
    opened.close()
    for name, index in soak.indexes.items():
        soak.lost += name not in stored
        soak.moved += stored.get(name, index) != index
    power.audit_clean(place)
