"""The vectors of blocks and records, against a second, plain implementation of their pages.

What docs/formats/block.md, record.md and disclosure.md say is computed here from the bytes alone,
with a decoder and a hash: no line of the ledger's own log, state map or records is used.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ledger.wire import cbor

Plain = dict[str, Any]
START = bytes(32)


@pytest.fixture(scope="module")
def vectors(project_root: Path) -> Plain:
    path = project_root / "tests" / "vectors" / "blocks.json"
    found: Plain = json.loads(path.read_text(encoding="utf-8"))
    return found


def payload(raw: bytes) -> Plain:
    parts: Any = cbor.decode(raw[1:])
    plain: Any = cbor.decode(parts[2])
    return dict(plain)


def statement_id(raw: bytes) -> bytes:
    parts: Any = cbor.decode(raw[1:])
    return sha256(cbor.encode(["Signature1", parts[0], b"", parts[2]])).digest()


def tree_root(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\x01" + tree_root(leaves[:split]) + tree_root(leaves[split:])).digest()


def map_root(subjects: list[tuple[bytes, bytes]], depth: int = 0) -> bytes:
    if not subjects:
        return START
    if len(subjects) == 1:
        path, record = subjects[0]
        return sha256(b"\x02" + path + sha256(record).digest()).digest()
    right = [s for s in subjects if s[0][depth // 8] >> (7 - depth % 8) & 1]
    left = [s for s in subjects if s not in right]
    return sha256(b"\x03" + map_root(left, depth + 1) + map_root(right, depth + 1)).digest()


def raw_leaves(vectors: Plain) -> list[bytes]:
    return [bytes.fromhex(leaf["raw"]) for leaf in vectors["leaves"]]


def test_the_file_is_what_its_generator_writes(
    generated: Callable[[str], str], project_root: Path
) -> None:
    path = project_root / "tests" / "vectors" / "blocks.json"
    assert generated("generate_blocks") == path.read_text(encoding="utf-8")


def test_ids_and_the_ledger_follow_from_the_bytes(vectors: Plain) -> None:
    leaves = raw_leaves(vectors)
    assert [statement_id(raw).hex() for raw in leaves] == [leaf["id"] for leaf in vectors["leaves"]]
    parts: Any = cbor.decode(leaves[0][1:])
    assert sha256(parts[2]).hexdigest() == vectors["ledger"]


def test_every_closing_follows_from_the_leaves_before_it(vectors: Plain) -> None:
    leaves, first, last = raw_leaves(vectors), 0, vectors["ledger"]
    places = [i for i, raw in enumerate(leaves) if payload(raw)["type"] == "BlockClosed"]
    assert places[-1] == len(leaves) - 1
    for height, (place, said) in enumerate(zip(places, vectors["closings"], strict=True)):
        plain = payload(leaves[place])
        members = {"type", "v", "height", "at", "first", "count", "root", "last", "state"}
        assert set(plain) in (members, members | {"refused"})
        assert (plain["height"], plain["first"], plain["count"]) == (height, first, place - first)
        assert plain["root"] == tree_root(leaves[:place])
        assert plain["last"].hex() == last
        assert {name: said[name] for name in ("root", "last", "state")} == {
            name: plain[name].hex() for name in ("root", "last", "state")
        }
        first, last = place + 1, statement_id(leaves[place]).hex()


def test_one_closing_names_the_statement_that_was_refused(vectors: Plain) -> None:
    ((kid, seq, _, rule),) = [row for one in vectors["closings"] for row in one["refused"]]
    assert (seq, rule) == (3, "custody.not-holder")
    assert kid not in {leaf["id"] for leaf in vectors["leaves"]}


def test_the_last_state_is_the_root_of_all_records(vectors: Plain) -> None:
    subjects = [
        (bytes.fromhex(row["path"]), bytes.fromhex(row["record"])) for row in vectors["records"]
    ]
    assert map_root(subjects).hex() == vectors["closings"][-1]["state"]
    for row in vectors["records"]:
        named = f"{row['kind']}\0{row['name']}".encode()
        path = sha256(b"\x05" + bytes.fromhex(vectors["ledger"]) + named).hexdigest()
        assert path == row["path"]


def test_records_count_and_chain_the_statements_that_touched_them(vectors: Plain) -> None:
    ids = [bytes.fromhex(v["id"]) for v in vectors["leaves"] if v["type"] != "BlockClosed"]
    for row in vectors["records"]:
        record: Any = cbor.decode(bytes.fromhex(row["record"]))
        assert record["v"] == 1
        fitting = [
            touched
            for touched in itertools.combinations(ids, record["n"])
            if track(touched) == record["track"]
        ]
        assert len(fitting) == 1, row["name"]
        assert fitting[0][0].hex() == row["first"]


def track(ids: tuple[bytes, ...]) -> bytes:
    found = START
    for one in ids:
        found = sha256(b"\x04" + found + one).digest()
    return found


def test_inner_is_bound_to_the_first_statement(vectors: Plain) -> None:
    hiding = [row for row in vectors["records"] if row["inner"]]
    assert {row["kind"] for row in hiding} >= {"lot"}
    for row in hiding:
        record: Any = cbor.decode(bytes.fromhex(row["record"]))
        inner = bytes.fromhex(row["inner"])
        bound = sha256(b"\x06" + bytes.fromhex(row["first"]) + inner).digest()
        assert record["inner"] == bound
        assert isinstance(cbor.decode(inner), dict)


def test_commitments_stand_sorted_in_the_statement(vectors: Plain) -> None:
    found = []
    for row in vectors["disclosures"]:
        data = bytes.fromhex(row["bytes"])
        plain: Any = cbor.decode(data)
        assert plain[1:] == [row["field"], row["value"]]
        assert len(plain[0]) == 16
        assert sha256(data).hexdigest() == row["commitment"]
        found.append(bytes.fromhex(row["commitment"]))
    hidden = [p["hidden"] for p in map(payload, raw_leaves(vectors)) if "hidden" in p]
    assert hidden == [sorted(found)]


@pytest.mark.parametrize("name", ["block", "record", "disclosure"])
def test_the_example_of_the_page_is_in_the_vectors(
    vectors: Plain, project_root: Path, name: str
) -> None:
    page = (project_root / "docs" / "formats" / f"{name}.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```hex\n(.*?)```", page, re.DOTALL)
    shown = "".join(re.findall(r"^([0-9a-f]+)", block, re.MULTILINE))
    lot = next(row for row in vectors["records"] if row["kind"] == "lot")
    expected = {
        "block": vectors["leaves"][-1]["raw"],
        "record": lot["record"],
        "disclosure": vectors["disclosures"][0]["bytes"],
    }
    assert shown == expected[name]
    for words in re.findall(r"`([0-9a-f]{64})`", page):
        assert words in json.dumps(vectors)
