"""Write verify.json: cards with the verdicts that every verifier must reach on them.

`python tests/vectors/generate_verify.py` rewrites the file; a test regenerates it and compares. The
browser reads the same rows: bytes in base64, times in seconds, trust files as text.
"""
# ruff: noqa: E402 - the worlds stand beside the tests that also use them

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "verify"))

from proof_files import packed, rebuilt, unpacked
from trail import HOUR, PERMIT, Trail, world

from ledger.custody.control import LotHeld, LotSeized
from ledger.custody.documents import DocumentCancelled, DocumentEndorsed, Passed, Way
from ledger.custody.goods import MarkRange, Part
from ledger.custody.lots import LotDeparted, LotRetired, LotSplit
from ledger.custody.parties import KeyRevoked, PartySuspended
from ledger.custody.registrar_keys import RULE_SETS
from ledger.reference.tables import table_hashes
from ledger.reference.thresholds import threshold_tables
from ledger.verify.card import check_card
from ledger.verify.checks import Remembered
from ledger.verify.head import Asked
from ledger.verify.verdict import verdict_json

TARGET = HERE / "verify.json"


class Rows:
    """Cases as they are collected: each card once, each trust file once."""

    def __init__(self) -> None:
        self.cards: dict[str, str] = {}
        self.trusts: dict[str, str] = {}
        self.cases: list[dict[str, Any]] = []

    def add(self, name: str, trail: Trail, card: bytes, *, later: int = 0, **asked: Any) -> None:
        now_s = trail.clock.now_s() + later
        verdict = check_card(card, trust=trail.trust, now_s=now_s, asked=Asked(**asked))
        plain = verdict_json(verdict)
        text = base64.b64encode(card).decode()
        key = next((k for k, v in self.cards.items() if v == text), name)
        self.cards[key] = text
        self.trusts[trail.seed] = trail.made.trust
        remembered = asked.get("remembered")
        self.cases.append(
            {
                "name": name,
                "card": key,
                "trust": trail.seed,
                "now_s": now_s,
                "code": asked.get("code"),
                "mark": asked.get("mark"),
                "remembered": [remembered.size, remembered.root.hex()] if remembered else None,
                "outcome": plain["outcome"],
                "verdict": plain["verdict"],
                "reason": plain["reason"],
                "checks": [[check["name"], check["outcome"]] for check in plain["checks"]],
                "findings": [[f["rule"], f["on"], f["reaches"]] for f in plain["findings"]],
            }
        )


def ages(rows: Rows) -> None:
    trail, code = world("vector-ages")
    card = trail.reader.card(code)
    for later in (0, 24 * HOUR, 24 * HOUR + 1, 168 * HOUR, 168 * HOUR + 1, -600, -601):
        rows.add(f"age {later}", trail, card, later=later, code=code)
    head = trail.store.head()
    for size, root in ((head.size, head.root), (head.size, bytes(32)), (head.size + 1, head.root)):
        remembered = Remembered(size, root)
        name = f"remembered {size - head.size} {root == head.root}"
        rows.add(name, trail, card, code=code, remembered=remembered)
    rows.add("another lot asked", trail, card, code="51PB1X9SFP3J")
    rows.add("absent", trail, trail.reader.card("51PB1X9SFP3J"), code="51PB1X9SFP3J")
    rows.add("mark of the lot", trail, card, mark="ZWTAG/ZW000002")
    rows.add("mark of no lot", trail, card, mark="ZWTAG/ZW000009")


def acts(rows: Rows) -> None:
    part = Part(marks=(MarkRange("ZWTAG", "ZW", 1, 1, 6, ""),))
    stories: dict[str, Any] = {
        "held": lambda t, c: t.tell(LotHeld(lots={c: Part()}, reason="look"), by="parks"),
        "part held": lambda t, c: t.tell(LotHeld(lots={c: part}, reason="look"), by="parks"),
        "seized": lambda t, c: t.tell(LotSeized(lots={c: Part()}, reason="look"), by="parks"),
        "departed": lambda t, c: t.tell(LotDeparted(lots={c: Part()}, how="retail"), by="farm"),
        "destroyed": lambda t, c: t.tell(LotRetired(lots={c: Part()}, why="destroyed"), by="farm"),
        "stolen": lambda t, c: t.tell(LotRetired(lots={c: Part()}, why="stolen"), by="farm"),
        "split": lambda t, c: t.tell(LotSplit(lot=c, part=part), by="farm"),
        "cancelled": lambda t, _: t.tell(
            DocumentCancelled(document=PERMIT, reason="in error"), by="parks"
        ),
        "overdrawn without a lot": lambda t, _: t.tell(
            DocumentEndorsed(PERMIT, Way.EXPORT, "ZW", (Passed(0, 101),)), by="parks"
        ),
        "suspended": lambda t, _: t.tell(PartySuspended(party="farm", reason="x"), by="parks"),
        "key stolen": lambda t, _: t.tell(
            KeyRevoked(kid=t.pens["farm"].signer.kid, reason="stolen", suspect_from=0), by="parks"
        ),
        "sold": lambda t, c: t.hand_over(c, by="farm", to="tannery"),
    }
    for name, act in stories.items():
        trail, code = world(f"vector-{name.replace(' ', '-')}")
        act(trail, code)
        rows.add(name, trail, trail.reader.card(code), code=code)
        rows.add(f"{name}, stale", trail, trail.reader.card(code), later=200 * HOUR, code=code)


def forgeries(rows: Rows) -> None:
    trail, code = world("vector-forged")
    other, _ = world("vector-foreign")
    card = trail.reader.card(code)
    for name, forged in forged_cards(trail, code, card, other):
        rows.add(f"forged: {name}", trail, forged, code=code)
    rows.add("forged: ledger not trusted", other, card, code=code)


def forged_cards(trail: Trail, code: str, card: bytes, other: Trail) -> Iterator[tuple[str, bytes]]:
    body = unpacked(card)
    flipped = bytearray(card)
    flipped[len(card) // 2] ^= 4
    yield "a bit", bytes(flipped)
    yield "cut", card[:-1]
    yield "longer", card + b"\x00"
    yield "empty", b""
    yield "code", rebuilt(card, ("code",), "51PB1X9SFP3J")
    for member in ("ledger", "checkpoint", "closing"):
        value = bytearray(body["head"][member])
        value[-2] ^= 1
        yield member, rebuilt(card, ("head", member), bytes(value))
    yield "no path", rebuilt(card, ("head", "path"), [])
    yield "no track", rebuilt(card, ("head", "track"), [])
    yield "no record", rebuilt(card, ("records",), body["records"][:-1])
    yield "one record too many", rebuilt(card, ("records",), body["records"] + body["records"][:1])
    for place in range(len(body["records"])):
        value = bytearray(body["records"][place]["record"])
        value[-1] ^= 1
        yield f"record {place}", rebuilt(card, ("records", place, "record"), bytes(value))
    foreign = unpacked(other.reader.card(code))
    for member in ("checkpoint", "closing", "own", "track"):
        moved = rebuilt(card, ("head", member), foreign["head"][member])
        yield f"{member} of another ledger", moved
    moved = rebuilt(card, ("records", 0, "proof"), body["records"][1]["proof"])
    yield "proof of another record", moved
    unknown = dict(body, more=1)
    yield "unknown member", packed(card, unknown)


def released() -> dict[str, Any]:
    tables = {name: [digest.hex()] for name, digest in sorted(table_hashes().items())}
    tables["thresholds"] = sorted(digest.hex() for digest in threshold_tables().values())
    return {"rules": list(RULE_SETS), "tables": tables}


def generate() -> str:
    rows = Rows()
    ages(rows)
    acts(rows)
    forgeries(rows)
    document = {
        "comment": "Written by generate_verify.py. Cards: docs/formats/card.md; bytes in base64.",
        "released": released(),
        "trusts": rows.trusts,
        "cards": rows.cards,
        "cases": rows.cases,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(generate(), encoding="utf-8")
