"""Write files.json, and the examples on the pages of the files that carry proof.

    python tests/vectors/generate_files.py

One small ledger, one lot that a farm sold to a tannery: its card, its bundle, the mark of its
newest head, what an auditor keeps of it; what a liar with its keys is accused by; and the card of a
permit that was issued last. Tests generate all of it again and compare, and verify every file as
its page says.
"""
# ruff: noqa: E402 - the worlds stand beside the tests that also use them

from __future__ import annotations

import base64
import json
import sys
import textwrap
from pathlib import Path
from typing import Any

from msgspec import structs

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "verify"))

from hostile import honest, note_of, rewritten
from proof_files import unpacked
from trail import PERMIT, SKIN, Trail, trade

from ledger.custody.documents import DocumentIssued, DocumentRow, Paper
from ledger.reference.tables import load_tables
from ledger.storage.highwater import HighWater, encode_slot
from ledger.verify.accusing import accuse_of_fork
from ledger.verify.audit import audit
from ledger.verify.contradiction import build_contradiction
from ledger.wire import cbor

TARGET = HERE / "files.json"
PAGES = HERE.parents[1] / "docs" / "formats"
BEGIN = "<!-- begin: made by tests/vectors/generate_files.py -->"
END = "<!-- end -->"
WIDTH = 120
SHORT = 20
"""Byte strings up to this long stand in an outline as they are."""


def made() -> dict[str, Any]:
    """Return the files of one small ledger, as bytes, with what a verifier needs beside them."""
    trail, code = trade("example")
    head, note = trail.store.head(), trail.reader.checkpoint_note()
    mark = HighWater(head.size, head.root, note)
    kept = audit(honest(trail), tables=load_tables(), trust=trail.trust, keep=True).state
    files = {
        "trust": trail.made.trust,
        "now_s": trail.clock.now_s(),
        "code": code,
        "card": trail.reader.card(code),
        "bundle": trail.reader.bundle(code),
        "contradiction": contradiction(trail),
        "fork": fork(trail),
        "remembered": bytes(kept),
        "high_water": encode_slot(7, mark),
    }
    row = DocumentRow(SKIN.taxon, SKIN.term, 100, SKIN.unit, SKIN.source, SKIN.origin)
    issued = Paper(rows=(row,), from_day="2027-01-01", until_day="2027-06-30", purpose="T")
    trail.tell(DocumentIssued(PERMIT, issued), by="parks")
    return {**files, "document": PERMIT, "document_card": trail.reader.document_card(PERMIT)}


def contradiction(trail: Trail) -> bytes:
    """The founding, and a first closing that states an empty state map."""
    founded = Trail("example")
    liar = rewritten(founded, forge=lambda event: structs.replace(event, state=bytes(32)))
    return build_contradiction(
        ledger=founded.ledger, checkpoint=liar.note, leaves=liar.leaves, path=()
    )


def fork(trail: Trail) -> bytes:
    """A note for all leaves but the last two, and a newer one over others."""
    raw = honest(trail).raw
    hidden = note_of(trail, [raw[0], b"", *raw[2:-2]])
    proof = accuse_of_fork(honest(trail), note=hidden, trust=trail.trust)
    assert proof is not None
    return proof


def document(files: dict[str, Any]) -> str:
    plain = {
        name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for name, value in files.items()
    }
    comment = "Written by generate_files.py; files in base64. See docs/formats."
    return json.dumps({"comment": comment, **plain}, indent=1, ensure_ascii=False) + "\n"


def sections(files: dict[str, Any]) -> dict[str, str]:
    """Return what stands between the marks of each page."""
    trust = json.dumps(json.loads(files["trust"]), indent=1, ensure_ascii=False)
    asked = (
        f"It is verified with the trust file of [trust.md](trust.md) at the time {files['now_s']}."
    )
    return {
        "card": (
            f"The card of lot `{files['code']}`. {asked}\n\n{shown(files['card'])}\n"
            f"The card of document `{files['document']}` of the same ledger, two statements later:"
            f"\n\n{shown(files['document_card'])}"
        ),
        "bundle": f"The bundle of lot `{files['code']}`. {asked}\n\n{shown(files['bundle'])}",
        "contradiction": (
            "A founding whose closing states an empty state map. It is verified with the trust file"
            f" of [trust.md](trust.md).\n\n{shown(files['contradiction'])}\nA fork of the same"
            f" ledger:\n\n{shown(files['fork'])}"
        ),
        "remembered": (
            f"What an auditor keeps of the ledger of [card.md](card.md):"
            f" {len(files['remembered']):,} bytes.\n\n{in_base64(files['remembered'])}"
        ),
        "trust": f"```json\n{trust}\n```\n",
        "high-water": slot(files["high_water"]),
    }


def shown(data: bytes) -> str:
    """Return a framed file as an outline and in base64."""
    name, version, digest, _ = cbor.decode(data, size_max=len(data))
    outline = "\n".join(lines(unpacked(data), 1))
    return (
        f"```text\n[\"{name}\", {version}, h'{digest.hex()}',\n{outline}]   ({len(data):,} bytes)\n"
        f"```\n\n{in_base64(data)}"
    )


def in_base64(data: bytes) -> str:
    """Return a file as a block of base64."""
    encoded = "\n".join(textwrap.wrap(base64.b64encode(data).decode(), WIDTH))
    return f"```base64\n{encoded}\n```\n"


def lines(value: Any, depth: int) -> list[str]:
    """Return a value as indented lines; long byte strings by their beginning and length."""
    pad = " " * depth
    if isinstance(value, dict):
        inner = [_joined(f"{pad} {_plain(key)}: ", lines(v, depth + 1)) for key, v in value.items()]
        return [f"{pad}{{", *(line for rows in inner for line in rows), f"{pad}}}"]
    if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        return [f"{pad}[", *(line for item in value for line in lines(item, depth + 1)), f"{pad}]"]
    return [pad + _plain(value)]


def _joined(head: str, rows: list[str]) -> list[str]:
    return [head + rows[0].lstrip(), *rows[1:]]


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        if len(value) <= SHORT:
            return f"h'{value.hex()}'"
        return f"h'{value[:8].hex()}…' ({len(value):,})"
    if isinstance(value, list):
        return "[" + ", ".join(_plain(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def slot(data: bytes) -> str:
    """Return a slot as hex, its zeros counted."""
    length = int.from_bytes(data[64:68], "big")
    note = data[68 : 68 + length].decode()
    fixed = "\n".join(data[at : min(at + 16, 68)].hex(" ") for at in range(0, 68, 16))
    return (
        f"Generation 7, so the second slot: its first 68 bytes,\n\n```hex\n{fixed}\n```\n\n"
        f"the note ({length} bytes),\n\n```text\n{note}```\n\n"
        f"{4_064 - 68 - length:,} zero bytes, and the checksum `{data[4_064:].hex()}`.\n"
    )


def page(text: str, section: str) -> str:
    """Return a page with what stands between its two marks made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{section}\n{END}{after}"


def main() -> None:
    """Write the vectors and the pages."""
    files = made()
    TARGET.write_text(document(files), encoding="utf-8")
    for name, section in sections(files).items():
        place = PAGES / f"{name}.md"
        place.write_text(page(place.read_text(encoding="utf-8"), section), encoding="utf-8")


if __name__ == "__main__":
    main()
