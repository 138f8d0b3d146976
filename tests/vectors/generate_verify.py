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
sys.path.insert(0, str(HERE.parent / "gallery"))
sys.path.insert(0, str(HERE.parent / "verify"))
sys.path.insert(0, str(HERE))

from labels_to_judge import label_case, labelled, paper
from liar import Liar
from odds_to_judge import signed_odds
from out_of_time import changed, lies
from parted import STORIES
from proof_files import packed, rebuilt, unpacked
from trail import DAY, HOUR, PERMIT, Trail, world
from witnesses_to_judge import witnessed

from ledger.custody.control import LotHeld, LotInspected, LotSeized
from ledger.custody.decide import ALIKE_MAX
from ledger.custody.documents import (
    DocumentAttested,
    DocumentCancelled,
    DocumentEndorsed,
    DocumentIssued,
    DocumentRecorded,
    DocumentReplaced,
    DocumentRow,
    DocumentSuspended,
    Paper,
    Passed,
    ReferenceEnd,
    ReferenceWithdrawn,
    Way,
)
from ledger.custody.goods import MarkRange, Part
from ledger.custody.lots import LotDeparted, LotRetired, LotSplit
from ledger.custody.parties import (
    ApprovalGiven,
    KeyRevoked,
    PartySuspended,
    RegistrarKeyChanged,
)
from ledger.statement import public_key
from ledger.trust import Trust, format_trust
from ledger.verify.card import check_card
from ledger.verify.checks import Remembered
from ledger.verify.head import Asked
from ledger.verify.verdict import verdict_json
from ledger.wire.text import parse_day
from web.known import released

TARGET = HERE / "verify.json"
COPY = "ZW/PERMIT/7"
REFERENCE = "ZW/DDS/24ZWIOBORU2228"


class Rows:
    """Cases as they are collected: each card once, each trust file once."""

    def __init__(self) -> None:
        self.cards: dict[str, str] = {}
        self.trusts: dict[str, str] = {}
        self.cases: list[dict[str, Any]] = []

    def add(
        self,
        name: str,
        trail: Trail,
        card: bytes,
        trust: Trust | None = None,
        *,
        later: int = 0,
        **asked: Any,
    ) -> None:
        now_s = trail.clock.now_s() + later
        verdict = check_card(card, trust=trust or trail.trust, now_s=now_s, asked=Asked(**asked))
        plain = verdict_json(verdict)
        text = base64.b64encode(card).decode()
        key = next((k for k, v in self.cards.items() if v == text), name)
        self.cards[key] = text
        told = trail.made.trust if trust is None else format_trust(trust)
        whose = next((k for k, v in self.trusts.items() if v == told), None)
        whose = whose or (trail.seed if trust is None else name)
        self.trusts[whose] = told
        remembered = asked.get("remembered")
        self.cases.append(
            {
                "name": name,
                "card": key,
                "trust": whose,
                "now_s": now_s,
                "code": asked.get("code"),
                "mark": asked.get("mark"),
                "document": asked.get("document"),
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


def many(rows: Rows) -> None:
    """Goods of which an officer said the same oftener than findings are listed."""
    trail, code = world("vector-many")
    for _ in range(ALIKE_MAX + 2):
        trail.tell(LotInspected((code,), "differs", "wet"), by="parks")
    rows.add("found more often than is listed", trail, trail.reader.card(code), code=code)


def parts(rows: Rows) -> None:
    for name, story in STORIES.items():
        trail, code, _ = story()
        rows.add(name, trail, trail.reader.card(code), code=code)


def papers(rows: Rows) -> None:
    """The cards of documents: in force, ended in every way, unknown, asked for by other names."""
    stories: dict[str, Any] = {
        "issued": lambda t: None,
        "copy": lambda t: t.tell(DocumentRecorded(COPY, paper()), by="farm"),
        "confirmed": confirmed,
        "reference withdrawn": lambda t: ended(t, ReferenceEnd.WITHDRAWN, by="farm"),
        "reference rejected": lambda t: ended(t, ReferenceEnd.REJECTED, by="parks"),
        "cancelled": lambda t: t.tell(DocumentCancelled(PERMIT, "in error"), by="parks"),
        "replaced": lambda t: t.tell(
            DocumentReplaced("ZW/PERMIT/2", PERMIT, "lost", paper()), by="parks"
        ),
        "suspended": lambda t: t.tell(DocumentSuspended(PERMIT, "audit"), by="parks"),
        "suspended for days": lambda t: t.tell(
            DocumentSuspended(PERMIT, "audit", "2027-01-16"), by="parks"
        ),
        "left": lambda t: t.tell(
            DocumentEndorsed(PERMIT, Way.EXPORT, "ZW", (Passed(0, 100),)), by="parks"
        ),
        "arrived": lambda t: t.tell(
            DocumentEndorsed(PERMIT, Way.IMPORT, "ZW", (Passed(0, 100),)), by="parks"
        ),
        "overdrawn": lambda t: t.tell(
            DocumentEndorsed(PERMIT, Way.EXPORT, "ZW", (Passed(0, 101),)), by="parks"
        ),
        "copy of a suspended party": lambda t: (
            t.tell(DocumentRecorded(COPY, paper()), by="farm"),
            t.tell(PartySuspended("farm", "audit"), by="parks"),
        ),
        "issuer suspended": lambda t: t.tell(PartySuspended("parks", "audit"), by="root-0"),
        "key of the issuer stolen": lambda t: t.tell(
            KeyRevoked(kid=t.pens["parks"].signer.kid, reason="stolen", suspect_from=0), by="root-0"
        ),
    }
    for name, act in stories.items():
        trail, _ = world(f"vector-paper-{name.replace(' ', '-')}")
        act(trail)
        document = COPY if name.startswith(("copy", "confirmed")) else PERMIT
        document = REFERENCE if name.startswith("reference") else document
        card = trail.reader.document_card(document)
        rows.add(f"document {name}", trail, card, document=document)
        if name in ("issued", "cancelled", "arrived"):
            rows.add(f"document {name}, stale", trail, card, later=200 * HOUR, document=document)
        if "suspended" not in name:
            continue
        trail.clock.advance(3 * DAY)
        trail.registrar.heartbeat()
        card = trail.reader.document_card(document)
        rows.add(f"document {name}, three days on", trail, card, document=document)


def ended(trail: Trail, status: ReferenceEnd, *, by: str) -> None:
    row = DocumentRow("Khaya anthotheca", "LOG", 50_000_000, "CMQ", "W", "ZW")
    trail.tell(DocumentRecorded(REFERENCE, Paper(holder="farm", rows=(row,))), by="farm")
    trail.tell(ReferenceWithdrawn(REFERENCE, status, "wrong plots"), by=by)


def confirmed(trail: Trail) -> None:
    trail.enrol("gate", "authority")
    trail.tell(DocumentRecorded(COPY, paper()), by="farm")
    trail.tell(DocumentAttested(COPY, "original"), by="gate")


def terms(rows: Rows) -> None:
    """First and last days to the day, and those that only the kind of a document sets."""
    trail, code = world("vector-terms")
    dated = paper(from_day="2027-02-01", until_day="2027-03-31")
    trail.tell(DocumentIssued("ZW/PERMIT/2", dated), by="parks")
    trail.tell(DocumentIssued("ZW/EXPORT/2027-1", paper(until_day="2027-03-31")), by="parks")
    trail.tell(DocumentIssued("ZW/EXPORT/2027-2", paper()), by="parks")
    names = ("ZW/PERMIT/2", "ZW/EXPORT/2027-1", "ZW/EXPORT/2027-2")
    card = trail.reader.document_card("ZW/PERMIT/2")
    absent = trail.reader.document_card("ZW/PERMIT/9")
    rows.add("document absent", trail, absent, document="ZW/PERMIT/9")
    rows.add("document absent, stale", trail, absent, later=200 * HOUR)
    rows.add("another document asked", trail, card, document="ZW/PERMIT/9")
    rows.add("a lot asked of a document's card", trail, card, code=code)
    rows.add("a mark asked of a document's card", trail, card, mark="ZWTAG/ZW000002")
    rows.add("a document asked of a lot's card", trail, trail.reader.card(code), document=PERMIT)
    head = trail.store.head()
    for size, root in ((head.size, head.root), (head.size, bytes(32)), (head.size + 1, head.root)):
        remembered = Remembered(size, root)
        name = f"document remembered {size - head.size} {root == head.root}"
        rows.add(name, trail, card, remembered=remembered)
    for day in ("2027-01-31", "2027-04-02", "2027-07-17"):
        trail.clock.advance(parse_day(day) * DAY - 1 - trail.clock.now_s())
        trail.registrar.heartbeat()
        for name in names:
            card = trail.reader.document_card(name)
            for later in (0, 1):
                rows.add(f"{name} on {day} {later - 1}", trail, card, later=later)


def false_papers(rows: Rows) -> None:
    trail, code = world("vector-false-paper")
    other, _ = world("vector-foreign")
    card, lot = trail.reader.document_card(PERMIT), trail.reader.card(code)
    absent = trail.reader.document_card("ZW/PERMIT/9")
    for name, forged in forged_cards(trail, code, card, other):
        if name != "code":
            rows.add(f"forged document: {name}", trail, forged, document=PERMIT)
    body, foreign = unpacked(card), unpacked(other.reader.document_card(PERMIT))
    moved = dict(body, records=foreign["records"])
    rows.add("forged document: records of another ledger", trail, packed(card, moved))
    renamed = rebuilt(card, ("document",), "ZW/PERMIT/9")
    rows.add("forged document: another name", trail, renamed, document="ZW/PERMIT/9")
    for name in ("zw/permit/1", "ZW/PERMIT/1 ", "ZW/PERMIT/", ""):
        title = f"forged document: proof of absence as {name!r}"
        rows.add(title, trail, rebuilt(absent, ("document",), name))
    rest = {name: value for name, value in body.items() if name != "document"}
    rows.add("forged document: as a lot", trail, packed(card, {**rest, "code": code}))
    rows.add("forged document: of both", trail, packed(card, {**body, "code": code}))
    rows.add("forged document: of neither", trail, packed(card, rest))
    taken = {**body, "records": unpacked(lot)["records"]}
    rows.add("forged document: records of a lot", trail, packed(card, taken))
    hidden = {**body, "records": unpacked(absent)["records"]}
    rows.add("forged document: hidden", trail, packed(card, hidden), document=PERMIT)


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


def late_roots(rows: Rows) -> None:
    """A root act that was signed off line 40 days before the second root key approved it."""
    trail = Trail("vector-late-root", roots=2, threshold=2)
    trail.registrar.vouch_for_clock()
    event = RegistrarKeyChanged("label", public_key(trail.key("label-2").key))
    raw = trail.sign(event, by="root-0")
    trail.clock.advance(20 * DAY)
    (proposed,) = trail.registrar.submit([raw])
    trail.clock.advance(20 * DAY)
    trail.tell(ApprovalGiven(proposed.id), by="root-1")
    absent = "51PB1X9SFP3J"
    rows.add("root act sent late", trail, trail.reader.card(absent), code=absent)


def keys_out_of_time(rows: Rows) -> None:
    """Every key changed once: the card of an honest ledger, and those that a key of before made."""
    trail, code = changed("vector-changed")
    rows.add("keys that changed", trail, trail.reader.card(code), code=code)
    for name, lie in lies(trail).items():
        rows.add(f"forged: {name}", trail, Liar(trail, code, lie).card(), code=code)


def labels(rows: Rows) -> list[dict[str, Any]]:
    trail, cases = labelled()
    rows.trusts[trail.seed] = trail.made.trust
    judged = [label_case(trail, name, *case) for name, case in cases.items()]
    rows.cards.update((case["card"], base64.b64encode(card).decode()) for case, card in judged)
    return [case for case, _ in judged]


def generate() -> str:
    rows = Rows()
    told = (ages, acts, many, parts, papers, terms, forgeries, false_papers, late_roots)
    for tell in (*told, keys_out_of_time):
        tell(rows)
    for case in signed_odds():
        rows.add(*case)
    for name, trail, card, trust in witnessed():
        rows.add(name, trail, card, trust)
    label_cases = labels(rows)
    document = {
        "comment": "Written by generate_verify.py. Cards: docs/formats/card.md; bytes in base64.",
        "released": released(),
        "trusts": rows.trusts,
        "cards": rows.cards,
        "cases": rows.cases,
        "labels": label_cases,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(generate(), encoding="utf-8")
