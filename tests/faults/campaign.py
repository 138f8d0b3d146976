"""The durability campaigns, one command each; every one prints its figures as one JSON object.

    python tests/faults/campaign.py kill --kills 200 --registrations 10000
    python tests/faults/campaign.py power --cuts 200
    python tests/faults/campaign.py calls --step 1
    python tests/faults/campaign.py damage --bits 8
    python tests/faults/campaign.py syncs --syncs 40 --cuts 10
    python tests/faults/campaign.py soak --seconds 600
    python tests/faults/campaign.py flood --seconds 15 --connections 256

Ends with 1 where anything acknowledged was lost, stands at another index or twice, or an answer did
not come. What each does is said in its module; docs/operations.md (Durability) has the figures of
full runs. Short forms run with the tests.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

import actors
import failed_syncs
import flips
import flood
import io_errors
import power
import soak
import storm

BAD = ("lost", "moved", "doubled", "unreported", "silent", "crashed", "late", "refused_honest")


def kill(place: Path, options: argparse.Namespace) -> Any:
    return storm.run(
        place / "ledger",
        kills=options.kills,
        registrations=options.registrations,
        seed=options.seed,
    )


def cut(place: Path, options: argparse.Namespace) -> Any:
    alone = power.run(place / "alone", cuts=options.cuts // 2, seed=options.seed, copy=False)
    twice = power.run(place / "copy", cuts=options.cuts - alone.cuts, seed=options.seed, copy=True)
    return {"one_place": asdict(alone), "with_a_copy": asdict(twice)}


def fail_syncs(place: Path, options: argparse.Namespace) -> Any:
    syncs = range(1, options.syncs + 1)
    return failed_syncs.run(place, syncs=syncs, cuts=options.cuts, seed=options.seed)


def serve(place: Path, options: argparse.Namespace) -> Any:
    return soak.run(place / "ledger", seconds=options.seconds, seed=options.seed)


def damage(place: Path, options: argparse.Namespace) -> Any:
    actors.found_directory(place / "ledger")
    _, opened = actors.open_world(place / "ledger", settle=True)
    opened.close()
    closed = flips.furnish(place / "ledger")
    in_pages = flips.run(closed, place / "one", bits=options.bits, seed=options.seed, is_full=True)
    world, opened = actors.open_world(closed)
    world.submit(world.birth())
    shutil.copytree(closed, place / "killed")
    opened.close()
    in_wal = flips.run(
        place / "killed", place / "two", bits=options.bits, seed=options.seed, is_full=True,
        names=("ledger.db-wal",),
    )  # fmt: skip
    return {"database": asdict(in_pages), "wal": asdict(in_wal)}


def fail_calls(place: Path, options: argparse.Namespace) -> Any:
    return io_errors.run(place / "calls", None, seed=options.seed, step=options.step)


def pour(place: Path, options: argparse.Namespace) -> Any:
    return flood.run(place, seconds=options.seconds, connections=options.connections)


CAMPAIGNS: dict[str, tuple[Callable[[Path, argparse.Namespace], Any], dict[str, int]]] = {
    "kill": (kill, {"kills": 200, "registrations": 10_000}),
    "power": (cut, {"cuts": 200}),
    "calls": (fail_calls, {"step": 1}),
    "damage": (damage, {"bits": 8}),
    "soak": (serve, {"seconds": 600}),
    "syncs": (fail_syncs, {"syncs": 40, "cuts": 10}),
    "flood": (pour, {"seconds": 15, "connections": flood.CONNECTIONS}),
}


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    run, _ = CAMPAIGNS[options.campaign]
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ringmark-", dir=options.place) as place:
        found = run(Path(place), options)
    figures = asdict(found) if is_dataclass(found) and not isinstance(found, type) else found
    figures.pop("indexes", None)
    figures["seconds"] = round(time.monotonic() - begun)
    print(json.dumps({"campaign": options.campaign, "seed": options.seed, **figures}, indent=2))
    return 1 if _bad(figures) else 0


def _bad(figures: dict[str, Any]) -> int:
    inner = [value for value in figures.values() if isinstance(value, dict)]
    return sum(figures.get(name, 0) for name in BAD) + sum(map(_bad, inner))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="campaign", required=True)
    for name, (_, defaults) in CAMPAIGNS.items():
        command = commands.add_parser(name)
        command.add_argument("--seed", type=int, default=1)
        command.add_argument("--place", help="a folder of the disk to use")
        for option, default in defaults.items():
            command.add_argument(f"--{option}", type=int, default=default)
    return parser


if __name__ == "__main__":
    sys.exit(main())
