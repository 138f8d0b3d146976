"""Write blocks.json: the whole of a small ledger, its closings, its records, and disclosures.

`python tests/vectors/generate_blocks.py` rewrites the file; a test regenerates it and compares. All
bytes are hex. The leaves found a ledger, enrol, trade, hold a lot, and have one statement refused.
"""
# ruff: noqa: E402 - the worlds stand beside the tests that also use them

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "verify"))

from trail import Counter, Trail, trade

from ledger.custody.control import LotHeld
from ledger.custody.events import BlockClosed
from ledger.custody.goods import Part
from ledger.custody.lots import LotRetired
from ledger.desk.disclosures import make_disclosure
from ledger.registrar import Registered
from ledger.statement import parse_statement

TARGET = HERE / "blocks.json"
FORMATS = HERE.parents[1] / "docs" / "formats"


def grown() -> tuple[Trail, list[Any]]:
    """Return a ledger in which all that the pages speak of has happened, and its disclosures."""
    trail, code = trade("vector-blocks")
    entropy = Counter("disclosures")
    price = make_disclosure(field=f"lots/{code}/price", value=125_000, entropy=entropy)
    buyer = make_disclosure(field="to/name", value="Maison Exemple", entropy=entropy)
    hidden = (price.digest(), buyer.digest())
    trail.clock.advance(60)
    held = LotHeld(lots={code: Part()}, reason="papers missing")
    trail.tell(held, by="parks", hidden=hidden)
    trail.clock.advance(60)
    refused = trail.say(LotRetired(lots={code: Part()}, why="lost"), by="farm")
    assert not isinstance(refused, Registered)
    trail.registrar.heartbeat()
    return trail, [price, buyer]


def rows(trail: Trail) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the leaves, and what each closing among them says."""
    leaves, closings = [], []
    size = trail.store.head().size
    for leaf in trail.store.leaves(0, size):
        statement = parse_statement(leaf.raw)
        event = statement.event
        name = type(event).__name__
        leaves.append({"id": statement.id.hex(), "type": name, "raw": leaf.raw.hex()})
        if isinstance(event, BlockClosed):
            closings.append(
                {
                    "height": event.height,
                    "at": event.at,
                    "first": event.first,
                    "count": event.count,
                    "root": event.root.hex(),
                    "last": event.last.hex(),
                    "state": event.state.hex(),
                    "refused": [
                        [kid.hex(), seq, of.hex(), rule] for kid, seq, of, rule in event.refused
                    ],
                }
            )
    return leaves, closings


def records(trail: Trail) -> list[dict[str, Any]]:
    """Return every record of the state map after the last closing."""
    found = []
    for row in trail.store.records():
        found.append(
            {
                "kind": row.kind,
                "name": row.name,
                "path": row.path.hex(),
                "record": row.record.hex(),
                "inner": row.inner.hex(),
                "first": row.first.hex(),
            }
        )
    return sorted(found, key=lambda row: (row["kind"], row["name"]))


def generate() -> str:
    """Return the text of blocks.json."""
    trail, disclosures = grown()
    leaves, closings = rows(trail)
    document = {
        "comment": "A small ledger, whole; see docs/formats/block.md and record.md",
        "ledger": trail.ledger.hex(),
        "leaves": leaves,
        "closings": closings,
        "records": records(trail),
        "disclosures": [
            {
                "field": one.field,
                "value": one.value,
                "bytes": one.encode().hex(),
                "commitment": one.digest().hex(),
            }
            for one in disclosures
        ],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def illustrate(page: str, raw: str, *, words: dict[str, str]) -> str:
    """Return a page of docs/formats with `raw` as its example, 120 hex digits in a line.

    `words` are the hashes that its sentences name, each by the words before it.
    """
    lines = "\n".join(raw[at : at + 120] for at in range(0, len(raw), 120))
    page = re.sub(r"(?<=```hex\n)[0-9a-f\n]+(?=```)", f"{lines}\n", page)
    for before, word in words.items():
        page = re.sub(rf"(?<={re.escape(before)} `)[0-9a-f]{{64}}(?=`)", word, page)
    return page


def write() -> None:
    """Write the vectors, and the examples of the pages that show them."""
    text = generate()
    TARGET.write_text(text, encoding="utf-8")
    made = json.loads(text)
    lot = next(row for row in made["records"] if row["kind"] == "lot")
    shown = {
        "block": (made["leaves"][-1]["raw"], {"`state` is": made["closings"][-1]["state"]}),
        "record": (
            lot["record"],
            {"Its path is": lot["path"], "Its first statement is": lot["first"]},
        ),
    }
    for name, (raw, words) in shown.items():
        page = FORMATS / f"{name}.md"
        told = illustrate(page.read_text(encoding="utf-8"), raw, words=words)
        page.write_text(told, encoding="utf-8")


if __name__ == "__main__":
    write()
