"""Write log.json: the state map by a plain reference implementation, with right and wrong proofs.

`python tests/vectors/generate_log.py` rewrites the file; a test regenerates it and compares. Proofs
are strict CBOR in hex, so that each reader decodes them with its own codec. The reference below is
the specification of docs/formats/state-map.md in its shortest form; it shares no code with the
product's map.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from ledger.wire import cbor

TARGET = Path(__file__).with_name("log.json")
LEDGER = sha256(b"vectors").digest()
EMPTY = bytes(32)


def path_of(kind: str, name: str) -> bytes:
    return sha256(b"\x05" + LEDGER + kind.encode() + b"\x00" + name.encode()).digest()


def bit(path: bytes, depth: int) -> int:
    return int.from_bytes(path, "big") >> (255 - depth) & 1


def reference_root(items: Mapping[bytes, bytes], depth: int = 0) -> bytes:
    if not items:
        return EMPTY
    if len(items) == 1:
        ((path, record_hash),) = items.items()
        return sha256(b"\x02" + path + record_hash).digest()
    left, right = (half(items, depth, side) for side in (0, 1))
    children = reference_root(left, depth + 1) + reference_root(right, depth + 1)
    return sha256(b"\x03" + children).digest()


def reference_proof(items: Mapping[bytes, bytes], path: bytes) -> list[object]:
    siblings: list[bytes] = []
    depth = 0
    while len(items) > 1:
        siblings.insert(0, reference_root(half(items, depth, 1 - bit(path, depth)), depth + 1))
        items = half(items, depth, bit(path, depth))
        depth += 1
    bits = "".join("0" if sibling == EMPTY else "1" for sibling in reversed(siblings))
    size = (depth + 7) // 8
    bitmap = int(bits.ljust(size * 8, "0") or "0", 2).to_bytes(size, "big")
    proof: list[object] = [depth, bitmap, [s for s in siblings if s != EMPTY]]
    if path in items:
        return proof
    return [*proof, next(([other, value] for other, value in items.items()), None)]


def half(items: Mapping[bytes, bytes], depth: int, side: int) -> dict[bytes, bytes]:
    return {path: value for path, value in items.items() if bit(path, depth) == side}


def some_items(count: int) -> dict[bytes, bytes]:
    return {
        path_of("lot", f"LOT{number:09}"): sha256(b"record %d" % number).digest()
        for number in range(count)
    }


def close_items() -> dict[bytes, bytes]:
    """Paths that someone ground: 40 bits alike, and a pair that differs in its last bit alone."""
    first = path_of("lot", "LOT000000000")
    tail = bytes([first[31] ^ 1])
    paths = [first, first[:5] + path_of("lot", "GROUND")[5:], first[:31] + tail]
    return {path: sha256(path).digest() for path in paths}


def maps() -> dict[str, dict[bytes, bytes]]:
    return {
        "empty": {},
        "one": some_items(1),
        "two": some_items(2),
        "close": close_items(),
        "twenty": some_items(20),
        "two hundred": some_items(200),
    }


def right_rows() -> Iterator[dict[str, object]]:
    for name, items in maps().items():
        for number, path in enumerate(sorted(items)[:3]):
            yield row(f"present {number}", name, items, path=path, record=items[path])
        kinds: set[str] = set()
        for number in range(200):
            path = path_of("document", f"ZW/CITES-EXPORT/{number}")
            proof = reference_proof(items, path)
            kind = "absent, empty place" if proof[3] is None else "absent, another stands there"
            if kind not in kinds:
                kinds.add(kind)
                yield row(kind, name, items, path=path, record=None)
    items = close_items()
    path = bytes([*min(items)[:31], min(items)[31] ^ 2])
    yield row("absent, 254 bits alike", "close", items, path=path, record=None)


def wrong_rows() -> Iterator[dict[str, object]]:
    items = some_items(200)
    path = sorted(items)[7]
    record = items[path]
    depth, bitmap, siblings = reference_proof(items, path)
    assert isinstance(depth, int)
    assert isinstance(bitmap, bytes)
    assert isinstance(siblings, list)
    flipped = bytes([siblings[0][0] ^ 1]) + siblings[0][1:]
    moved = int.from_bytes(bitmap, "big") & ~(1 << (8 * len(bitmap) - 1))
    wrong: dict[str, object] = {
        "sibling-flipped": [depth, bitmap, [flipped, *siblings[1:]]],
        "sibling-missing": [depth, bitmap, siblings[1:]],
        "sibling-too-many": [depth, bitmap, [*siblings, siblings[0]]],
        "siblings-from-the-root-down": [depth, bitmap, siblings[::-1]],
        "sibling-of-31-bytes": [depth, bitmap, [siblings[0][:31], *siblings[1:]]],
        "sibling-is-text": [depth, bitmap, ["0" * 32, *siblings[1:]]],
        "siblings-as-bytes": [depth, bitmap, b"".join(siblings)],
        "empty-sibling-sent": [depth, bitmap, [EMPTY, *siblings[1:]]],
        "empty-sibling-appended": [
            depth + 1,
            (int.from_bytes(bitmap, "big") | 1 << (8 * len(bitmap) - depth - 1)).to_bytes(
                len(bitmap), "big"
            ),
            [EMPTY, *siblings],
        ],
        "depth-one-less": [depth - 1, bitmap, siblings],
        "depth-one-more": [depth + 1, bitmap, siblings],
        "depth-257": [257, bytes(33), []],
        "depth-negative": [-1, b"", []],
        "depth-true": [True, b"\x80", siblings[:1]],
        "depth-is-text": [str(depth), bitmap, siblings],
        "bitmap-too-short": [depth, bitmap[:-1], siblings],
        "bitmap-too-long": [depth, bitmap + b"\x00", siblings],
        "bitmap-bit-missing": [depth, moved.to_bytes(len(bitmap), "big"), siblings],
        "bitmap-bit-and-sibling-missing": [
            depth,
            moved.to_bytes(len(bitmap), "big"),
            siblings[:-1],
        ],
        "spare-bit-set": [depth, bytes([*bitmap[:-1], bitmap[-1] | 1]), siblings],
        "spare-bit-set-with-a-sibling": [
            depth,
            bytes([*bitmap[:-1], bitmap[-1] | 1]),
            [*siblings, siblings[0]],
        ],
        "two-items": [depth, bitmap],
        "five-items": [depth, bitmap, siblings, None, None],
        "says-absent": [depth, bitmap, siblings, None],
        "says-another-stands-there": [depth, bitmap, siblings, [sorted(items)[8], record]],
        "a-map": {"depth": depth},
        "null": None,
    }
    for name, proof in wrong.items():
        yield row(name, "two hundred", items, path=path, record=record, proof=proof)
    right = reference_proof(items, path)
    other = sorted(items)[8]
    yield row("of-another-subject", "two hundred", items, path=other, record=record, proof=right)
    yield row(
        "another-record",
        "two hundred",
        items,
        path=path,
        record=items[other],
        proof=right,
    )
    yield row("record-left-out", "two hundred", items, path=path, record=None, proof=right)
    yield row("of-another-map", "twenty", some_items(20), path=path, record=record, proof=right)
    yield from wrong_absence_rows(items)
    yield from inner_node_rows(items)


def wrong_absence_rows(items: Mapping[bytes, bytes]) -> Iterator[dict[str, object]]:
    present = sorted(items)[7]
    place = reference_proof(items, present)
    absent = next(
        path
        for number in range(200)
        if reference_proof(items, path := path_of("document", f"D{number}"))[3] is not None
    )
    depth, bitmap, siblings, other = reference_proof(items, absent)
    assert isinstance(other, list)
    wrong: dict[str, tuple[bytes, object]] = {
        "present-shown-as-empty": (present, [*place, None]),
        "present-shown-as-itself": (present, [*place, [present, items[present]]]),
        "present-shown-under-another": (present, [depth, bitmap, siblings, other]),
        "absent-shown-as-present": (absent, [depth, bitmap, siblings]),
        "absent-shown-as-empty": (absent, [depth, bitmap, siblings, None]),
        "other-from-elsewhere": (absent, [depth, bitmap, siblings, [present, items[present]]]),
        "other-with-another-record": (absent, [depth, bitmap, siblings, [other[0], EMPTY]]),
        "other-path-of-31-bytes": (absent, [depth, bitmap, siblings, [other[0][:31], other[1]]]),
        "other-record-of-33-bytes": (
            absent,
            [depth, bitmap, siblings, [other[0], other[1] + b"\x00"]],
        ),
        "other-without-record": (absent, [depth, bitmap, siblings, [other[0]]]),
        "other-with-three-items": (absent, [depth, bitmap, siblings, [*other, other[1]]]),
        "other-is-false": (absent, [depth, bitmap, siblings, False]),
    }
    for name, (path, proof) in wrong.items():
        yield row(name, "two hundred", items, path=path, record=None, proof=proof)


def inner_node_rows(items: Mapping[bytes, bytes]) -> Iterator[dict[str, object]]:
    """An inner node's children as path and record: only the prefix of the hash tells them apart."""
    left, right = (reference_root(half(items, 0, side), 1) for side in (0, 1))
    proof: list[object] = [0, b"", []]
    yield row("inner-node-as-subject", "two hundred", items, path=left, record=right, proof=proof)
    absent = path_of("document", "D0")
    yield row(
        "inner-node-as-other",
        "two hundred",
        items,
        path=absent,
        record=None,
        proof=[*proof, [left, right]],
    )


def row(
    name: str,
    map_name: str,
    items: Mapping[bytes, bytes],
    *,
    path: bytes,
    record: bytes | None,
    proof: object = ...,
) -> dict[str, object]:
    is_right = proof is ...
    proof = reference_proof(items, path) if is_right else proof
    return {
        "name": name,
        "map": map_name,
        "path": path.hex(),
        "record_hash": None if record is None else record.hex(),
        "proof": cbor.encode(proof).hex(),
        "holds": is_right,
    }


def generate() -> str:
    subjects = [
        ("ledger", ""),
        ("lot", "51PB1X9SFP3J"),
        ("document", "ZW/CITES-EXPORT/123"),
        ("mark", "CITES-SKIN/ZW 2026 CNI 000123"),
        ("account", "quota/ÉLÉPHANT"),
    ]
    document = {
        "comment": "Written by generate_log.py. State map: docs/formats/state-map.md.",
        "ledger": LEDGER.hex(),
        "paths": [
            {"kind": kind, "name": name, "path": path_of(kind, name).hex()}
            for kind, name in subjects
        ],
        "maps": [
            {
                "name": name,
                "items": [[path.hex(), items[path].hex()] for path in sorted(items)],
                "root": reference_root(items).hex(),
            }
            for name, items in maps().items()
        ],
        "proofs": [*right_rows(), *wrong_rows()],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(generate(), encoding="utf-8")
