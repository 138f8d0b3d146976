"""The state map against the reference implementation, and every right and wrong proof of it."""

from __future__ import annotations

from hashlib import sha256
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.errors import MalformedError, ProofError, UsageError
from ledger.log.statemap import StateMap, check_state_proof, state_path
from ledger.log.subtrees import EMPTY
from ledger.wire import cbor

shared = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def digest(number: int) -> bytes:
    return sha256(b"%d" % number).digest()


@st.composite
def paths(draw: st.DrawFn) -> bytes:
    """Paths of which many share long prefixes, as if someone had ground them."""
    tail = digest(draw(st.integers(0, 30)))
    alike = draw(st.sampled_from([0, 0, 0, 1, 8, 17, 31]))
    path = bytearray(digest(-1)[:alike] + tail[alike:])
    if draw(st.booleans()):
        path[31] = digest(-1)[31] ^ draw(st.integers(0, 3))
    return bytes(path)


changes = st.lists(st.tuples(paths(), st.integers(0, 5).map(digest)), max_size=40)


def test_vectors_are_what_the_generator_writes(
    log_generator: ModuleType, project_root: Any
) -> None:
    written = (project_root / "tests" / "vectors" / "log.json").read_text(encoding="utf-8")
    assert log_generator.generate() == written


def test_paths_of_vectors(log_vectors: dict[str, Any]) -> None:
    ledger = bytes.fromhex(log_vectors["ledger"])
    for row in log_vectors["paths"]:
        assert state_path(ledger, row["kind"], row["name"]).hex() == row["path"]


def test_roots_of_vectors(log_vectors: dict[str, Any]) -> None:
    for row in log_vectors["maps"]:
        items = [(bytes.fromhex(path), bytes.fromhex(record)) for path, record in row["items"]]
        assert StateMap.from_items(items).root().hex() == row["root"]
        grown = StateMap()
        for path, record in items:
            grown.apply({path: record})
        assert grown.root().hex() == row["root"]
        assert list(grown.items()) == items


def test_proofs_of_vectors(log_vectors: dict[str, Any]) -> None:
    roots = {row["name"]: bytes.fromhex(row["root"]) for row in log_vectors["maps"]}
    items = {row["name"]: row["items"] for row in log_vectors["maps"]}
    accepted = {True: 0, False: 0}
    for row in log_vectors["proofs"]:
        record = row["record_hash"]
        path = bytes.fromhex(row["path"])
        try:
            check_state_proof(
                path=path,
                record_hash=None if record is None else bytes.fromhex(record),
                proof=cbor.decode(bytes.fromhex(row["proof"])),
                root=roots[row["map"]],
            )
        except (MalformedError, ProofError):
            assert not row["holds"], row["name"]
        else:
            assert row["holds"], row["name"]
            pairs = [(bytes.fromhex(one), bytes.fromhex(two)) for one, two in items[row["map"]]]
            made = StateMap.from_items(pairs).prove(path)
            assert cbor.encode(made).hex() == row["proof"]
        accepted[row["holds"]] += 1
    assert accepted[True] >= 20
    assert accepted[False] >= 40


@shared
@given(changes, changes)
def test_map_equals_the_reference(
    log_generator: ModuleType,
    first: list[tuple[bytes, bytes]],
    second: list[tuple[bytes, bytes]],
) -> None:
    statemap = StateMap.from_items(dict(first).items())
    before = statemap.root()
    overlay = statemap.overlay()
    for path, record in second:
        overlay.set(path, record)
    merged = {**dict(first), **dict(second)}
    assert overlay.root() == log_generator.reference_root(merged)
    assert statemap.root() == before == log_generator.reference_root(dict(first))
    overlay.commit()
    assert statemap.root() == overlay.root()
    assert list(statemap.items()) == sorted(merged.items())
    for path, record in merged.items():
        assert statemap.get(path) == record


@shared
@given(changes, paths())
def test_proofs_equal_the_reference(
    log_generator: ModuleType, rows: list[tuple[bytes, bytes]], path: bytes
) -> None:
    items = dict(rows)
    statemap = StateMap.from_items(items.items())
    proof = statemap.prove(path)
    assert proof == log_generator.reference_proof(items, path)
    record = items.get(path)
    check_state_proof(path=path, record_hash=record, proof=proof, root=statemap.root())
    other = None if record else digest(99)
    with pytest.raises(ProofError):
        check_state_proof(path=path, record_hash=other, proof=proof, root=statemap.root())


@settings(max_examples=30)
@given(st.data())
def test_every_flipped_bit_of_a_proof_is_refused(data: st.DataObject) -> None:
    statemap = StateMap.from_items((digest(n), digest(n + 1)) for n in range(50))
    number = data.draw(st.sampled_from([3, 1_000, 1_001, 1_002]))
    record = digest(number + 1) if number < 50 else None
    encoded = cbor.encode(statemap.prove(digest(number)))
    at = data.draw(st.integers(0, 8 * len(encoded) - 1))
    mutated = bytearray(encoded)
    mutated[at // 8] ^= 1 << at % 8
    with pytest.raises((MalformedError, ProofError)):
        check_state_proof(
            path=digest(number),
            record_hash=record,
            proof=cbor.decode(bytes(mutated)),
            root=statemap.root(),
        )


def test_empty_map() -> None:
    assert StateMap().root() == EMPTY == bytes(32)
    assert StateMap().prove(digest(1)) == [0, b"", [], None]
    assert StateMap().get(digest(1)) is None


def test_a_dropped_overlay_leaves_no_trace() -> None:
    statemap = StateMap.from_items([(digest(1), digest(2))])
    before = statemap.root()
    overlay = statemap.overlay()
    overlay.set(digest(3), digest(4))
    assert overlay.root() != before
    assert overlay.get(digest(3)) == digest(4)
    del overlay
    assert statemap.root() == before
    assert statemap.get(digest(3)) is None


def test_a_reader_keeps_the_map_it_copied() -> None:
    statemap = StateMap.from_items([(digest(1), digest(2))])
    reader, before = statemap.copy(), statemap.root()
    statemap.apply({digest(3): digest(4)})
    assert reader.root() == before != statemap.root()


def test_an_overlay_of_an_older_map_is_refused() -> None:
    statemap = StateMap()
    stale = statemap.overlay()
    stale.set(digest(1), digest(2))
    root = statemap.apply({digest(3): digest(4)})
    with pytest.raises(UsageError, match="moved"):
        stale.commit()
    assert statemap.root() == root


def test_an_overlay_goes_on_after_its_commit() -> None:
    statemap = StateMap()
    overlay = statemap.overlay()
    for number in range(3):
        overlay.set(digest(number), digest(number))
        overlay.commit()
    assert statemap.root() == StateMap.from_items((digest(n), digest(n)) for n in range(3)).root()


@pytest.mark.parametrize(("path", "record"), [(31, 32), (33, 32), (32, 31), (0, 32)])
def test_sizes_are_checked(path: int, record: int) -> None:
    with pytest.raises(MalformedError):
        StateMap().overlay().set(bytes(path), bytes(record))
    with pytest.raises(MalformedError):
        StateMap.from_items([(bytes(path), bytes(record))])


def test_a_path_that_comes_twice_is_refused() -> None:
    with pytest.raises(MalformedError, match="twice"):
        StateMap.from_items([(digest(1), digest(2)), (digest(1), digest(3))])


def test_ground_paths_do_not_hurt() -> None:
    """A thousand paths that share 64 bits: each change still touches one short chain."""
    alike = digest(0)[:8]
    statemap = StateMap()
    for number in range(1_000):
        statemap.apply({alike + digest(number)[8:]: digest(number)})
    proof = statemap.prove(alike + digest(7)[8:])
    check_state_proof(
        path=alike + digest(7)[8:], record_hash=digest(7), proof=proof, root=statemap.root()
    )
    assert isinstance(proof[2], list)
    assert len(proof[2]) < 30
