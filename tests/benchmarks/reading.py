"""What people wait for: cards, bundles, the verdict page, the start of `ringmark verify`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from flask import Flask
from measure import Figure, at_most_us, interleave, ratio, ratio_below
from yard import bare_verify, open_world, registration

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "pages"))

from stall import HTML, build_stall

from ledger.custody.goods import Part
from ledger.custody.lots import LotMeasured
from ledger.custody.transfers import Moves, TransferAccepted, TransferOffered
from ledger.reader import LiveMoments, Reader
from ledger.simulator.world import born_in
from ledger.statement import parse_statement
from ledger.trust import Trust, format_trust, parse_trust
from ledger.verify.file import verify_bytes

COMMAND = "import sys; from cli.main import main; sys.exit(main(sys.argv[1:]))"


def figures(folder: Path, quick: bool) -> list[Figure]:
    """Return the times of reading and checking one lot."""
    stall = build_stall()
    reader, stand = stall.stand.reader, stall.stand
    now = stall.world.clock.now_s()
    card = reader.card(stall.skins)
    travelled, ten_trust = _ten_events()
    client, hello = stall.client(), _hello()

    def check(data: bytes, trust: Trust) -> int:
        for _ in range(20):
            verdict = verify_bytes(data, trust=trust, now_s=now)
            assert verdict.outcome == "verified", verdict
        return 20

    def page() -> int:
        for _ in range(50):
            assert client.get(f"/i/{stall.skins}", headers=HTML).status_code == 200
        return 50

    def bare_page() -> int:
        for _ in range(50):
            assert hello.get("/").status_code == 200
        return 50

    (folder / "lot.card").write_bytes(card)
    (folder / "trust.json").write_text(format_trust(stand.trust))
    world = stall.world
    raws = [world.sign("kariba-farm", registration()) for _ in range(20)]
    world.members["farm"] = world.members["kariba-farm"]
    taken = interleave(
        {
            "card": lambda: sum(1 for _ in range(20) if reader.card(stall.skins)),
            "check card": lambda: check(card, stand.trust),
            "check bundle": lambda: check(travelled, ten_trust),
            "verify": bare_verify(raws, world),
            "page": page,
            "hello": bare_page,
            "command": lambda: _run(
                folder,
                "-c",
                COMMAND,
                "verify",
                str(folder / "lot.card"),
                "--trust",
                str(folder / "trust.json"),
            ),
            "python": lambda: _run(folder, "-c", "pass"),
        },
        rounds=3 if quick else 5,
    )
    signatures = _signatures(travelled)
    return [
        at_most_us("card made", taken["card"], bar_us=2_000),
        at_most_us("card checked", taken["check card"], bar_us=2_000),
        ratio_below(
            f"bundle checked (10 events on the lot, {signatures} signatures)",
            taken["check bundle"] / (signatures * taken["verify"]),
            beside="its signatures, bare; in processor time "
            f"{taken.cpu['check bundle'] / (signatures * taken.cpu['verify']):,.1f} ×",
            at_most=1.5,
        ),
        ratio(
            "verdict page", taken["hello"] / taken["page"], beside="bare Flask hello", at_least=0.25
        ),
        ratio_below(
            "`ringmark verify`, start to exit",
            taken["command"] / taken["python"],
            beside="bare `python -c pass`; in processor time "
            f"{taken.cpu['command'] / taken.cpu['python']:,.1f} ×",
            at_most=8,
        ),
    ]


def _signatures(bundle: bytes) -> int:
    from ledger.verify.bundle import parse_bundle

    # Those of the head's own statements, of the closing and of the checkpoint too.
    parsed = parse_bundle(bundle)
    return len(parsed.statements) + len(parsed.head.track) + 2


def _ten_events() -> tuple[bytes, Trust]:
    """Return the bundle of a lot that was registered and changed hands, 10 statements in all."""
    world = open_world()
    code = born_in(world.do("farm", registration()))
    holder, other = "farm", "tannery"
    for _ in range(4):
        until = world.clock.now_s() + 86_400
        offer = TransferOffered(to=other, moves=Moves.BOTH, expires=until, lots={code: Part()})
        given = parse_statement(world.do(holder, offer).raw).id
        world.do(other, TransferAccepted(given))
        holder, other = other, holder
    world.do(holder, LotMeasured(code, "recount", (5,)))
    reader = Reader(world.ledger.store, LiveMoments(world.ledger.registrar, world.ledger.store))
    assert len(reader.history(code)) == 10
    return reader.bundle(code), parse_trust(world.ledger.trust)


def _hello() -> object:
    app = Flask("hello")
    app.add_url_rule("/", "hello", lambda: "hello")
    return app.test_client()


def _run(folder: Path, *arguments: str) -> int:
    # Modules compiled once, as after an installation, whatever this shell says about bytecode.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment = {**kept, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=environment)
    return 1
