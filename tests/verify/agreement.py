"""Python and the browser's modules on the same changed cards: how often do they differ?

    python tests/verify/agreement.py --seed 71 --cases 300000

changes cards as anybody can (bits, members, whole parts) and as only the registrar can (odd values
in a record or a closing under its own signatures), has both judge them, and prints each case that
they answer differently. The tests beside it run a share of the same.
"""

from __future__ import annotations

import argparse
import base64
import copy
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from parted import STORIES
from proof_files import packed, rebuilt, unpacked
from signed_odds import Forger
from test_odd_values import ODD, every_place
from trail import PERMIT, Trail, bred, trade, world

from ledger.custody.control import LotHeld
from ledger.custody.goods import Part
from ledger.custody.lots import Basis, LotRegistered
from ledger.custody.parties import PartySuspended
from ledger.verify.card import check_card
from ledger.verify.verdict import verdict_json
from ledger.wire import cbor

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
VECTORS = HERE.parent / "vectors" / "verify.json"
BATCH = 1_000
MORE_ODD = (
    1,
    2,
    -(2**53) + 1,
    2**31,
    "lot",
    "stop",
    "active",
    "cancelled",
    "2027-02-29",
    "0000-01-01",
    "9999-12-31",
    "__proto__",
    "constructor",
    "I",
    "\u0130",
    b"\x00" * 31,
    b"\xff" * 32,
    [1, 2],
    ["a"],
    {"status": "rejected"},
    {1: 1},
)
READ = ("n", "track", "findings", "on", "status")
"""What the browser looks at in every record (docs/formats/card.md)."""
CLOSING = ("v", "height", "at", "first", "count", "root", "last", "state", "refused", "more")
READ_OF_THE_LEDGER = (
    *("n", "track", "findings", "origin", "rules", "tables", "root", "threshold", "keys"),
)
READ_OF_PAPERS = ("from_day", "until_day", "ended_day", "issued_day")
READ_OF_LOTS = ("born_at", "ended_at", "taken_index", "how")
WHOLE = {"party": ("roles", "keys"), "document": ("withdrawn", "suspended")}
"""What a verdict looks into, and the browser holds to no form (card.md): changed in good form."""
RULES = (
    *("control.held", "control.differs", "stock.below-zero", "key.suspect", "party.suspended"),
    *("document.overdrawn", "key.brought-by-suspect", "mark.cloned", "rule.of-tomorrow"),
)
WORDS = (
    *RULES,
    *("live", "used", "departed", "retired", "returned", "lost", "authority", "officer", "farm"),
    *("active", "suspended", "issued", "recorded", "attested", "rejected", "withdrawn"),
    *("2027-01-14", "2027-01-15", "2027-01-16", "stop", "check", "note"),
)
"""What a verdict compares texts with, and the days around those of the scenes."""
PARTED = (
    *(
        "part of what was held",
        "part of what is held later",
        "back under another code than the one that differs",
    ),
    *("part of what uses a paper later that is cancelled", "part of what a stolen key signed for"),
    *("made of a portion of what is held later", "part of what is beyond the animals"),
)
"""Stories of goods whose verdict rests on where they were cut from others."""


def compare(node: str, vectors: Path) -> subprocess.CompletedProcess[str]:
    """Have the browser's modules judge a file of vectors; the exit code tells of differences."""
    table = ROOT / "ledger" / "reference" / "data" / "verdict.json"
    modules = ROOT / "web" / "static" / "verify"
    return subprocess.run(
        [node, str(HERE / "check_vectors.mjs"), str(vectors), str(table), str(modules)],
        capture_output=True,
        text=True,
        timeout=1_200,
        check=False,
    )


def empty_document() -> Any:
    """A file of vectors without a case, with the tables that the browser knows."""
    document = json.loads(VECTORS.read_text(encoding="utf-8"))
    return document | {"cards": {}, "cases": [], "trusts": {}, "labels": []}


def add(document: Any, trail: Trail, card: bytes, name: str) -> None:
    """Add a card with the verdict that Python reaches."""
    now_s = trail.clock.now_s()
    plain = verdict_json(check_card(card, trust=trail.trust, now_s=now_s))
    document["trusts"][trail.seed] = trail.made.trust
    document["cards"][name] = base64.b64encode(card).decode()
    document["cases"].append(
        {
            "name": name,
            "card": name,
            "trust": trail.seed,
            "now_s": now_s,
            "code": None,
            "mark": None,
            "document": None,
            "remembered": None,
            "outcome": plain["outcome"],
            "verdict": plain["verdict"],
            "reason": plain["reason"],
            "checks": [[check["name"], check["outcome"]] for check in plain["checks"]],
            "findings": [[f["rule"], f["on"], f["reaches"]] for f in plain["findings"]],
        }
    )


def draw(seed: str) -> int:
    """Eight bytes of SHA-256 as a number: the same everywhere."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")


def mutated(card: bytes, count: int, *, seed: str = "", odd: tuple[Any, ...] = ODD):
    """Cards with one change each: in the frame, in a member, in bytes inside a fresh frame."""
    body = unpacked(card)
    places = [path for path in every_place(body) if path]
    for number in range(count):
        drawn = draw(f"{seed}{number}")
        path = places[drawn % len(places)]
        value = body
        for key in path:
            value = value[key]
        if number % 8 == 0:
            flipped = bytearray(card)
            flipped[drawn % len(card)] ^= 1 << (drawn >> 40) % 8
            yield bytes(flipped)
        elif isinstance(value, bytes) and value and number % 4:
            flipped = bytearray(value)
            flipped[(drawn >> 16) % len(value)] ^= 1 << (drawn >> 40) % 8
            yield rebuilt(card, path, bytes(flipped))
        elif isinstance(value, list) and len(value) > 1:
            yield rebuilt(card, path, value[1:] if drawn & 1 else value[::-1])
        else:
            yield rebuilt(card, path, odd[(drawn >> 8) % len(odd)])
    yield packed(card, {**body, "more": 1})


def odd_records(forger: Forger, count: int, *, seed: str) -> Iterator[bytes]:
    """Cards whose registrar signed one odd value in what a browser reads of a record on the walk.

    The member's own place or any place inside it; left out, doubled, turned round or replaced.
    """
    for number in range(count):
        drawn = draw(f"{seed}odd{number}")
        if drawn >> 56 < 32:
            yield odd_head(forger, drawn)
            continue
        place = drawn % len(forger.paths)
        plain = forger.record(place)
        if drawn >> 48 & 3 == 0:
            plain["findings"] = sorted(
                [*plain["findings"], finding(forger, drawn)], key=cbor.encode
            )
            yield forger.with_record(place, plain)
            continue
        whole, names = whole_of(plain), read_of(plain)
        name = (*whole, *names)[(drawn >> 8) % len((*whole, *names))]
        if name in whole or name not in plain:
            plain = {**plain, name: in_form(name, plain, near(forger.born_at(), drawn >> 16))}
        if name in whole or (name not in READ and drawn >> 40 & 1):
            yield forger.with_record(place, plain)
            continue
        inside = [(name, *path) for path in every_place(plain[name])]
        path = inside[(drawn >> 16) % len(inside)]
        yield forger.with_record(place, changed(plain, path, drawn >> 24))


def read_of(plain: Any) -> list[str]:
    """The members of a record that a browser reads, those of its kind that may be absent too."""
    of_kind = READ_OF_LOTS if "birth" in plain else READ_OF_PAPERS if is_paper(plain) else ()
    return [*(name for name in READ if name in plain), *of_kind]


def whole_of(plain: Any) -> tuple[str, ...]:
    """The members of a record that are changed in good form alone."""
    kind = "party" if "roles" in plain else "document" if is_paper(plain) else ""
    return WHOLE.get(kind, ())


def is_paper(plain: Any) -> bool:
    """Whether a record is a document's: that alone has these days or states."""
    states = ("issued", "recorded", "attested", "cancelled", "replaced")
    return plain.get("status") in states and not {"birth", "kind"} & {*plain}


def in_form(name: str, plain: Any, at: int) -> Any:
    """Another value of a member, or one that this record lacks, in good form; `at` is a time, s."""
    word, day = WORDS[at % len(WORDS)], f"2027-01-{14 + at % 3}"
    if name == "keys":
        held = [[kid, {**key}] for kid, key in plain["keys"]]
        member = ("first", "end", "from_at", "suspect_from")[at % 4]
        held[at % len(held)][1][member] = at if member == "from_at" else at % 40
        return held
    good = {
        "roles": [*plain.get("roles", ())[at & 1 :], word],
        "ended_at": at,
        "taken_index": at % 40,
        "how": ("returned", "lost", "retail")[at % 3],
        "withdrawn": {"day": day, "status": ("withdrawn", "rejected")[at & 1]},
        "suspended": [{"from_day": day, **({"until_day": "2027-01-16"} if at & 1 else {})}],
    }
    return good.get(name, day)


def finding(forger: Forger, drawn: int) -> list[Any]:
    """A finding in good form, of a rule that reaches goods in a way of its own, near their cut."""
    kids = [row[1] for row in forger.record(0)["on"] if isinstance(row, list)]
    kid = [kids[drawn % len(kids)], (drawn >> 8) % 40] if kids else []
    scope = ([], kid, ["ZWTAG/ZW000001"], [])[(drawn >> 3) % 4]
    from_at = near(forger.born_at(), drawn >> 16)
    rule = RULES[(drawn >> 24) % len(RULES)]
    severity = ("stop", "stop", "check", "note")[(drawn >> 32) % 4]
    return [rule, severity, from_at, drawn.to_bytes(32), scope]


def near(value: Any, drawn: int) -> Any:
    """A value of the same kind that a verdict might take for the other."""
    if isinstance(value, str):
        return WORDS[drawn % len(WORDS)]
    if isinstance(value, int) and not isinstance(value, bool):
        return value + (-3_600, -1, 0, 1, 3_600, 300_000, -value, 7 - value)[drawn % 8]
    return (*ODD, *MORE_ODD)[drawn % len((*ODD, *MORE_ODD))]


def odd_head(forger: Forger, drawn: int) -> bytes:
    """A card whose registrar signed one odd value in its closing or in the ledger's own record."""
    odd = (*ODD, *MORE_ODD)
    if drawn & 1:
        name = CLOSING[(drawn >> 8) % len(CLOSING)]
        return forger.with_closing({name: odd[(drawn >> 16) % len(odd)]}, iat=1)
    plain = forger.own()
    name = READ_OF_THE_LEDGER[(drawn >> 8) % len(READ_OF_THE_LEDGER)]
    inside = [(name, *path) for path in every_place(plain[name])]
    return forger.with_own(changed(plain, inside[(drawn >> 16) % len(inside)], drawn >> 24))


def changed(plain: Any, path: tuple[Any, ...], drawn: int) -> Any:
    """A plain value with one change at `path`."""
    plain = copy.deepcopy(plain)
    holder = plain
    for key in path[:-1]:
        holder = holder[key]
    value, odd = holder[path[-1]], (*ODD, *MORE_ODD)
    way = drawn % 8
    if way == 0 and len(path) > 1:
        del holder[path[-1]]
    elif way == 1 and isinstance(value, list):
        holder[path[-1]] = [*value, *value[:1]]
    elif way == 2 and isinstance(value, list):
        holder[path[-1]] = value[::-1]
    elif way == 3 and isinstance(value, bytes) and value:
        flipped = bytearray(value)
        flipped[(drawn >> 8) % len(value)] ^= 1 << (drawn >> 16) % 8
        holder[path[-1]] = bytes(flipped)
    elif way == 4 and isinstance(value, list):
        holder[path[-1]] = [*value, odd[(drawn >> 8) % len(odd)]]
    elif way in (5, 6):
        holder[path[-1]] = near(value, drawn >> 8)
    else:
        holder[path[-1]] = odd[(drawn >> 8) % len(odd)]
    return plain


def scenes() -> list[tuple[Trail, bytes]]:
    """Trails with cards of every kind: in order, held, sold on, of two root changes, of a paper."""
    held, code = world("agreeing")
    held.tell(LotHeld(lots={code: Part()}, reason="look"), by="parks")
    sold, skins = trade("agreeing-roots", roots=3)
    last, born = world("agreeing-suspended")
    done = last.tell(LotRegistered(basis=Basis.BRED, lots=(bred(50, 3),)), by="farm")
    last.hand_over(born, by="farm", to="tannery")
    last.tell(PartySuspended("tannery", "audit"), by="root-0")
    assert done.labels
    return [
        (held, held.reader.card(code)),
        (sold, sold.reader.card(skins)),
        (held, held.reader.document_card(PERMIT)),
        (last, last.reader.card(born)),
        (last, last.reader.card("000000000001")),
        (last, last.reader.document_card("ZW/PERMIT/2")),
        *((trail, trail.reader.card(part)) for trail, part, _ in map(call, PARTED)),
    ]


def call(name: str) -> tuple[Trail, str, tuple[str, str]]:
    """Play one story of goods that were taken apart."""
    return STORIES[name]()


def forged(seed: str, count: int) -> Iterator[tuple[Trail, bytes, str]]:
    """Yield changed cards, round after round over all scenes, half of them signed anew."""
    made = scenes()
    forgers = [Forger(trail, card) for trail, card in (*made[:4], *made[6:])]
    share = BATCH // (len(made) + len(forgers))
    rounds = 1 + count // BATCH
    for turn in range(rounds):
        for place, (trail, card) in enumerate(made):
            name = f"{seed}/{turn}/{place}/"
            for data in mutated(card, share, seed=name, odd=(*ODD, *MORE_ODD)):
                yield trail, data, "anybody"
        for place, forger in enumerate(forgers):
            for data in odd_records(forger, share, seed=f"{seed}/{turn}/{place}/"):
                yield forger.trail, data, "registrar"


def judged_alike(node: str, cases: list[tuple[Trail, bytes, str]], first: int) -> list[str]:
    """Return a line for each case of which the two verifiers say different things."""
    document = empty_document()
    for number, (trail, data, by) in enumerate(cases, start=first):
        add(document, trail, data, f"{by} {number}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cases.json"
        file.write_text(json.dumps(document), encoding="utf-8")
        done = compare(node, file)
    lines = done.stdout.splitlines()[:-1]
    if done.returncode not in (0, 1) or (done.returncode and not lines):
        lines.append(f"node ended with {done.returncode}: {done.stderr[-500:]}")
    for line in lines:
        name = line.split(" | ")[0]
        if name in document["cards"]:
            print(f"{line} | {document['cards'][name]}", flush=True)
    return lines


def main() -> int:
    """Run the campaign; the exit code is 1 where the verifiers differed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--cases", type=int, default=300_000)
    parser.add_argument("--node", default="node")
    given = parser.parse_args()
    drawn = forged(given.seed, given.cases)
    total: Counter[str] = Counter()
    different, begun = 0, time.monotonic()
    while total.total() < given.cases and (batch := list(islice(drawn, BATCH))):
        different += len(judged_alike(given.node, batch, total.total()))
        total.update(by for _, _, by in batch)
        spent = time.monotonic() - begun
        print(f"{dict(total)}: {different} different, {spent:.0f} s", file=sys.stderr, flush=True)
    return 1 if different else 0


if __name__ == "__main__":
    raise SystemExit(main())
