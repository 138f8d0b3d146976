"""What people wait for: cards, bundles, the verdict page, the start of `ringmark verify`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from flask import Flask
from measure import Figure, interleave, plain, ratio, ratio_below
from yard import bare_verify, registration

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "pages"))

from stall import HTML, build_stall

from ledger.trust import format_trust
from ledger.verify.file import verify_bytes

COMMAND = "import sys; from cli.main import main; sys.exit(main(sys.argv[1:]))"


def figures(folder: Path, quick: bool) -> list[Figure]:
    """Return the times of reading and checking one lot."""
    stall = build_stall()
    reader, stand = stall.stand.reader, stall.stand
    now = stall.world.clock.now_s()
    bundle, card = reader.bundle(stall.skins), reader.card(stall.skins)
    statements = len(reader.history(stall.skins))
    client, hello = stall.client(), _hello()

    def check(data: bytes) -> int:
        for _ in range(20):
            verdict = verify_bytes(data, trust=stand.trust, now_s=now)
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
            "check card": lambda: check(card),
            "check bundle": lambda: check(bundle),
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
    signatures = _signatures(bundle)
    return [
        plain("card made", taken["card"], beside="bar: < 2,000 µs"),
        plain("card checked", taken["check card"]),
        ratio_below(
            f"bundle checked ({statements} events on the lot, {signatures} signatures)",
            taken["check bundle"] / (signatures * taken["verify"]),
            beside="its signatures, bare",
            at_most=1.5,
        ),
        ratio(
            "verdict page", taken["hello"] / taken["page"], beside="bare Flask hello", at_least=0.25
        ),
        ratio_below(
            "`ringmark verify`, start to exit",
            taken["command"] / taken["python"],
            beside="bare `python -c pass`",
            at_most=8,
        ),
    ]


def _signatures(bundle: bytes) -> int:
    from ledger.verify.bundle import parse_bundle

    return len(parse_bundle(bundle).statements)


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
