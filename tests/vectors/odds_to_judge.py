"""Cards for verify.json whose odd forms the registrar itself signed, and the names that deceive.

No hash is wrong in them. Names such as `constructor` are there in every object of JavaScript.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from signed_odds import Forger
from trail import PERMIT, Trail, born_of, world

from ledger.custody.goods import MarkRange, Part
from ledger.custody.lots import LotSplit
from ledger.log.statemap import state_path

INHERITED = ("constructor", "__proto__", "toString", "hasOwnProperty")


def signed_odds() -> Iterator[tuple[str, Trail, bytes]]:
    """Yield by name cards of a lot, of a part of it, and of its permit."""
    trail, code = world("vector-signed-odds")
    part = Part(marks=(MarkRange("ZWTAG", "ZW", 1, 1, 6, ""),))
    (child,) = born_of(trail.tell(LotSplit(lot=code, part=part), by="farm"), 1)
    lot = Forger(trail, trail.reader.card(child))
    paper = Forger(trail, trail.reader.document_card(PERMIT))
    for name, change in OF_THE_LEDGER.items():
        own = copy.deepcopy(lot.own())
        change(own)
        yield f"ledger record: {name}", trail, lot.with_own(own)
    (parent,) = [n for n in range(1, len(lot.paths)) if "birth" in lot.record(n)]
    for word in ("", "lost", *INHERITED):
        for place, whose in ((0, "lot"), (parent, "parent")):
            plain = {**lot.record(place), "status": word}
            yield f"status of the {whose}: {word!r}", trail, lot.with_record(place, plain)
    for word in INHERITED:
        finding = [word, "stop", 1, bytes(32), []]
        plain = {**lot.record(0), "findings": [finding]}
        yield f"rule {word!r}", trail, lot.with_record(0, plain)
        party = lot.paths.index(state_path(trail.ledger, "party", "farm"))
        plain = {**lot.record(party), "status": word}
        yield f"status of the farm: {word!r}", trail, lot.with_record(party, plain)
        plain = {**paper.record(0), "status": word}
        yield f"status of the document: {word!r}", trail, paper.with_record(0, plain)


def _key(own: Any) -> Any:
    return own["keys"][0][1]


def _two_tables_in_a_name(own: Any) -> None:
    (first, one), (last, _) = list(own["tables"].items())[-2:]
    own["tables"][f"{first}:{one.hex()},{last}"] = own["tables"].pop(last)
    del own["tables"][first]


def _two_keys_in_a_purpose(own: Any) -> None:
    """Written one after another, with commas, this row reads as two."""
    (kid, held), (other, later) = own["keys"][-2:]
    key = ",".join(
        f"{name}:{value.hex() if isinstance(value, bytes) else value}"
        for name, value in held["key"].items()
    )
    purpose = f"{held['purpose']},{key},{held['first']},,{other.hex()} {later['purpose']}"
    own["keys"][-2:] = [[kid, {**later, "purpose": purpose}]]


OF_THE_LEDGER: dict[str, Any] = {
    "two tables in the name of one": _two_tables_in_a_name,
    "two keys in the purpose of one": _two_keys_in_a_purpose,
    "a key that ended at a text": lambda own: _key(own).update(ended_at="1"),
    "a key with a member more": lambda own: _key(own).update(more=1),
    "keys out of order": lambda own: own["keys"].reverse(),
    "a key twice": lambda own: own["keys"].insert(0, own["keys"][0]),
    "a key of an unknown curve": lambda own: _key(own)["key"].update({-1: 7}),
    "keys as a map": lambda own: own.update(keys={"a": 1}),
    "root keys as a text": lambda own: own.update(root="x"),
    "a threshold of text": lambda own: own.update(threshold="1"),
    "a table more": lambda own: own["tables"].update({"constructor": bytes(32)}),
    "a table of text": lambda own: own["tables"].update(taxa="x"),
    "rules of a name that every object has": lambda own: own.update(rules="constructor"),
}
