"""Open findings, few and many: a page of a hundred, the first and the last, and what waits."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "reader"))

from crowd import Crowd
from measure import Figure, interleave, plain, ratio_below

from ledger.reader import LiveMoments, Reader
from ledger.reader.listing import format_place
from ledger.storage.finding_list import Wanted

PAGE = 100
CROSSINGS = 20


def figures(folder: Path, quick: bool) -> list[Figure]:
    """Return processor times of pages among 1,000 and among 20,000 findings (quick: 5,000)."""
    few, many = 1_000, 5_000 if quick else 20_000
    cases: dict[str, Callable[[], int]] = {}
    for count in (few, many):
        crowd = Crowd(folder / str(count))
        codes = crowd.late(count)
        crowd.hold(codes[::10])
        crowd.export(codes[-CROSSINGS:])
        ledger = crowd.world.ledger
        reader = Reader(ledger.store, LiveMoments(ledger.registrar, ledger.store))
        light = ledger.store.findings("", weight=1, limit=count - PAGE)
        cases[f"first of {count}"] = _page(reader, "")
        cases[f"last of {count}"] = _page(reader, format_place(light[-1]))
        cases[f"waiting of {count}"] = _waiting(reader)
    cpu = interleave(cases).cpu
    growth = cpu[f"last of {many}"] / cpu[f"first of {few}"]
    waits = cpu[f"waiting of {many}"] / cpu[f"waiting of {few}"]
    return [
        *(plain(f"a page of {PAGE}, the {n}", cpu[n]) for n in cases if not n.startswith("w")),
        plain(f"what waits, with {few:,} findings", cpu[f"waiting of {few}"]),
        plain(f"what waits, with {many:,} findings", cpu[f"waiting of {many}"]),
        ratio_below("growth of a page", growth, beside=f"{many // few} times as many", at_most=2.0),
        ratio_below(
            "growth of what waits", waits, beside=f"{many // few} times as many", at_most=2.0
        ),
    ]


def _page(reader: Reader, place: str) -> Callable[[], int]:
    def read() -> int:
        assert len(reader.findings(Wanted(), after=place, limit=PAGE).findings) == PAGE
        return 1

    return read


def _waiting(reader: Reader) -> Callable[[], int]:
    def read() -> int:
        sections = reader.waiting("zw-parks").sections
        assert sections["findings"]
        assert len(sections["endorsements"]) == CROSSINGS
        return 1

    return read
