"""One contract for every store: each test runs in memory, on SQLite and on PostgreSQL."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from ledger import keys
from ledger.errors import UnavailableError
from ledger.log.statemap import state_path
from ledger.log.tree import leaf_hash
from ledger.registrar.founding import Charter, RegistrarSigners, sign_founding
from ledger.statement import ledger_id, parse_statement
from ledger.storage.finding_list import FindingRow
from ledger.storage.memory import MemoryStore
from ledger.storage.protocol import (
    BlockRow,
    CommitBlock,
    Derived,
    Head,
    HeldRow,
    KeyRow,
    LeafRow,
    OfferRow,
    RecordRow,
    RefusedRow,
    StepRow,
    Store,
    TileRow,
)
from ledger.storage.sqlite import SqliteStore, create_sqlite


def h(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def founding() -> bytes:
    """Return a leaf 0: paths of records follow from it."""
    signers = [keys.PrivateKey.from_seed(keys.ED25519, bytes([i]) * 32) for i in range(5)]
    return sign_founding(
        Charter(origin="ledger.example/store", hosts=("ledger.example",)),
        root=signers[:1],
        registrar=RegistrarSigners(*signers[1:]),
        at=1_000,
        token=bytes,
    )[0]


FOUNDING = founding()
LEDGER = ledger_id(parse_statement(FOUNDING))


def raw(index: int) -> bytes:
    return b"raw %d" % index if index else FOUNDING


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        made: Store = MemoryStore()
    elif request.param == "postgres":
        address = request.getfixturevalue("database")
        from ledger.storage.postgres.creating import create_postgres
        from ledger.storage.postgres.store import PostgresStore

        create_postgres(address)
        made = PostgresStore(address)
    else:
        create_sqlite(tmp_path / "ledger.db")
        made = SqliteStore(tmp_path / "ledger.db")
    yield made
    made.close()


def leaf(index: int, *, closing: bool = False) -> LeafRow:
    kind = "BlockClosed" if closing else "LotRegistered"
    return LeafRow(
        index, leaf_hash(raw(index)), h(f"id {index}"), h("kid"), None if closing else index + 1,
        "registrar" if closing else "farm-a", kind, raw(index),
    )  # fmt: skip


def record(name: str, *, n: int = 1, listed: int = 0, kind: str = "lot") -> RecordRow:
    path, body = state_path(LEDGER, kind, name), f"{name} {n}".encode()
    return RecordRow(
        kind, name, n, listed, path, hashlib.sha256(body).digest(), h("first"), body, b"i"
    )


def block(  # a block of `count` leaves and its closing
    height: int, *, first: int, count: int, expected: Head | None, derived: Derived | None = None,
    **more: object,
) -> CommitBlock:  # fmt: skip
    last = first + count
    rows = (*(leaf(i) for i in range(first, last)), leaf(last, closing=True))
    head = Head(last + 1, h(f"root {last + 1}"), height, h(f"id {last}"), 1_000 + height, last)
    return CommitBlock(
        expected=expected, head=head, block=BlockRow(last, height, first, 1_000 + height),
        leaves=rows, derived=derived or Derived(), **more,  # type: ignore[arg-type]
    )  # fmt: skip


def test_empty_store_has_no_head(store: Store) -> None:
    assert store.head() is None
    assert store.size() == 0
    assert store.leaf(0) is None
    assert store.blocks() == []


def test_leaves_are_found_by_every_name(store: Store) -> None:
    first = block(0, first=0, count=3, expected=None)
    store.commit(first)
    assert store.head() == first.head
    assert store.size() == 4
    assert store.leaf(2) == first.leaves[2]
    assert store.leaves(1, 9) == list(first.leaves[1:])
    assert store.raws(0, 2) == [FOUNDING, b"raw 1"] == store.reread(0, 2)
    assert store.leaf_hashes(3, 4) == [leaf_hash(b"raw 3")]
    assert store.index_of(h("id 1")) == 1
    assert store.index_of(h("id 9")) is None
    assert store.index_by_number(kid=h("kid"), seq=2) == 1
    assert store.index_by_number(kid=h("kid"), seq=9) is None


def test_block_of_a_leaf_is_the_one_its_closing_ends(store: Store) -> None:
    one = block(0, first=0, count=2, expected=None)
    store.commit(one)
    store.commit(block(1, first=3, count=0, expected=one.head))
    assert [store.block_of(i) for i in range(5)] == [
        BlockRow(2, 0, 0, 1_000), BlockRow(2, 0, 0, 1_000), BlockRow(2, 0, 0, 1_000),
        BlockRow(3, 1, 3, 1_001), None,
    ]  # fmt: skip
    assert store.blocks(after=2) == [BlockRow(3, 1, 3, 1_001)]
    assert store.blocks(limit=1) == [BlockRow(2, 0, 0, 1_000)]


def test_stale_head_is_refused_and_nothing_is_stored(store: Store) -> None:
    one = block(0, first=0, count=1, expected=None)
    store.commit(one)
    stale = block(1, first=2, count=1, expected=Head(9, h("other"), 0, h("x"), 0, 0))
    with pytest.raises(UnavailableError, match=r"stand|expected") as caught:
        store.commit(stale)
    assert caught.value.code == "store.conflict"
    assert (store.head(), store.size()) == (one.head, 2)


def test_second_founding_is_refused(store: Store) -> None:
    store.commit(block(0, first=0, count=1, expected=None))
    with pytest.raises(UnavailableError) as caught:
        store.commit(block(0, first=0, count=1, expected=None))
    assert caught.value.code == "store.conflict"


@pytest.mark.parametrize("same", ["id", "number", "index"])
def test_twice_the_same_leaf_is_refused_whole(store: Store, same: str) -> None:
    one = block(0, first=0, count=2, expected=None)
    store.commit(one)
    good = block(1, first=3, count=2, expected=one.head)
    twin = {
        "id": good.leaves[1]._replace(id=h("id 0")),
        "number": good.leaves[1]._replace(seq=1),
        "index": good.leaves[1]._replace(leaf=0, id=h("new"), seq=99),
    }[same]
    bad = CommitBlock(one.head, good.head, good.block, (good.leaves[0], twin), Derived())
    with pytest.raises(UnavailableError) as caught:
        store.commit(bad)
    assert caught.value.code == "store.conflict"
    assert (store.head(), store.size()) == (one.head, 3)
    store.commit(good)
    assert store.size() == 6


def test_records_steps_and_holdings_follow_the_blocks(store: Store) -> None:
    born = Derived(
        records=(record("LOT1"), record("farm-a", kind="party")),
        steps=(StepRow("lot", "LOT1", 1, 0),),
        held=(HeldRow("farm-a", "lot", "LOT1"),),
        keys=(KeyRow(h("kid"), "farm-a", b"use 1"),),
        offers=(OfferRow(h("offer"), "farm-a", "maker-b", b"body"),),
        acts=((h("act"), b"act body"),),
    )
    one = block(0, first=0, count=1, expected=None, derived=born)
    store.commit(one)
    assert [o.id for o in store.offers(party="maker-b")] == [h("offer")]
    assert store.offers(party="other") == []
    assert store.offer(h("offer")) == born.offers[0]
    assert store.acts() == [(h("act"), b"act body")]
    moved = Derived(
        records=(record("LOT1", n=2, listed=1),),
        steps=(StepRow("lot", "LOT1", 2, 2),),
        left=(HeldRow("farm-a", "lot", "LOT1"),),
        held=(HeldRow("maker-b", "lot", "LOT1"),),
        keys=(KeyRow(h("kid"), "farm-a", b"use 2"),),
        settled=(h("offer"), h("act")),
    )
    store.commit(block(1, first=2, count=1, expected=one.head, derived=moved))
    assert store.record(kind="lot", name="LOT1") == record("LOT1", n=2, listed=1)
    assert store.record(kind="lot", name="NONE") is None
    assert store.history(kind="lot", name="LOT1") == [0, 2]
    assert store.history(kind="lot", name="LOT1", after=1) == [2]
    assert store.held_by("farm-a", kind="lot") == []
    assert store.held_by("maker-b", kind="lot") == ["LOT1"]
    assert store.enrolled_keys() == [KeyRow(h("kid"), "farm-a", b"use 2")]
    assert store.enrolled_keys([h("other"), h("kid")]) == store.enrolled_keys()
    assert store.enrolled_keys([h("other")]) == store.enrolled_keys([]) == []
    assert (store.offers(), store.acts()) == ([], [])
    assert store.listed() == (0, 0, 1)
    assert dict(store.record_hashes()) == {
        state_path(LEDGER, "lot", "LOT1"): h("LOT1 2"),
        state_path(LEDGER, "party", "farm-a"): h("farm-a 1"),
    }  # fmt: skip


def test_same_step_of_a_lot_twice_is_refused(store: Store) -> None:
    step = StepRow("lot", "LOT1", 1, 0)
    one = block(0, first=0, count=1, expected=None, derived=Derived(steps=(step,)))
    store.commit(one)
    twice = block(1, first=2, count=1, expected=one.head, derived=Derived(steps=(step,)))
    with pytest.raises(UnavailableError) as caught:
        store.commit(twice)
    assert caught.value.code == "store.conflict"
    assert store.size() == 2


def test_names_are_listed_in_pages(store: Store) -> None:
    rows = tuple(record(name) for name in ("AB1", "AB2", "AC1", "B"))
    store.commit(block(0, first=0, count=1, expected=None, derived=Derived(records=rows)))
    assert store.names(kind="lot") == ["AB1", "AB2", "AC1", "B"]
    assert store.names(kind="lot", prefix="AB") == ["AB1", "AB2"]
    assert store.names(kind="lot", prefix="A", after="AB2") == ["AC1"]
    assert store.names(kind="lot", limit=2) == ["AB1", "AB2"]
    assert store.names(kind="party") == []


def row(about: str, weight: int, from_at: int, name: str, rule: str = "mark.cloned") -> FindingRow:
    return FindingRow(about, weight, from_at, rule, h("cause"), "lot", name)


def test_findings_are_listed_by_weight_and_time_from_any_place_on(store: Store) -> None:
    later, sooner, same = row("", 0, 20, "LOT1"), row("", 0, 10, "LOT2"), row("", 0, 20, "LOT0")
    light, abroad = row("", 1, 5, "LOT3"), row("ZW", 0, 20, "LOT1")
    rows = (later, sooner, same, light, abroad)
    given = Derived(opened=rows, records=(record("LOT1", listed=5),))
    one = block(0, first=0, count=1, expected=None, derived=given)
    store.commit(one)
    assert store.findings("", weight=0) == [sooner, same, later]
    assert store.findings("", weight=0, limit=1) == [sooner]
    assert store.findings("", weight=0, after=sooner, limit=1) == [same]
    assert store.findings("", weight=0, after=same) == [later]
    assert store.findings("", weight=0, since=11, until=20) == [same, later]
    assert store.findings("", weight=0, until=10) == [sooner]
    assert store.findings("ZW", weight=0) == [abroad]
    assert store.findings("", weight=2) == []
    assert list(store.finding_counts("")) == [3, 1, 0]
    assert list(store.finding_counts("", since=6, until=10)) == [1, 0, 0]
    assert sorted(store.every_finding()) == sorted(rows)
    assert store.listed() == (5, 5, 5)
    # What ends goes; a place that is not there any more is still one to go on from.
    ended = Derived(ended=(same,), records=(record("LOT1", n=2, listed=4),))
    store.commit(block(1, first=2, count=1, expected=one.head, derived=ended))
    assert store.findings("", weight=0, after=same) == [later]
    assert store.listed() == (4, 4, 4)


def test_findings_of_one_rule_are_listed_without_the_others(store: Store) -> None:
    ours = [row("", 0, at, "LOT1", "mark.late") for at in (10, 20, 30)]
    sooner, later = row("", 0, 20, "LOT1", "lot.held"), row("", 0, 20, "LOT1", "time.late")
    light, abroad = row("", 1, 5, "LOT1", "mark.late"), row("ZW", 0, 20, "LOT1", "mark.late")
    rows = (*ours, sooner, later, light, abroad)
    given = Derived(opened=rows, records=(record("LOT1", listed=len(rows)),))
    store.commit(block(0, first=0, count=1, expected=None, derived=given))
    assert store.finding_rules("") == ["lot.held", "mark.late", "time.late"]
    assert store.finding_rules("ZW") == ["mark.late"]
    assert store.finding_rules("IT") == []
    assert store.findings("", weight=0, rule="mark.late") == ours
    assert store.findings("", weight=1, rule="mark.late") == [light]
    assert store.findings("ZW", weight=0, rule="mark.late") == [abroad]
    assert store.findings("", weight=0, rule="mark.late", limit=1) == ours[:1]
    assert store.findings("", weight=0, rule="mark.late", since=11, until=20) == ours[1:2]
    assert store.findings("", weight=0, rule="mark.gone") == []
    # A place in the list is one for each rule, whichever rule stands there.
    of_rule = {
        place: store.findings("", weight=0, rule="mark.late", after=place)
        for place in (*ours[:2], sooner, later)
    }
    assert of_rule == {
        ours[0]: ours[1:],
        ours[1]: ours[2:],
        sooner: ours[1:],
        later: ours[2:],
    }


def test_tiles_are_kept_in_order(store: Store) -> None:
    tiles = (TileRow(0, h("t0"), b"0" * 8_192), TileRow(1, h("t1"), b"1" * 8_192))
    store.commit(block(0, first=0, count=1, expected=None, tiles=tiles))
    assert store.tile_roots() == [h("t0"), h("t1")]
    assert store.tile(1) == b"1" * 8_192
    assert store.tile(2) is None


def test_refused_statements_are_kept_once_with_their_bytes(store: Store) -> None:
    row = RefusedRow(h("bad"), h("kid"), 7, "custody.not-holder", b"\xa0", 0, b"raw bad")
    one = block(0, first=0, count=0, expected=None, refused=(row,))
    store.commit(one)
    again = row._replace(rule="other", height=1)
    store.commit(block(1, first=1, count=0, expected=one.head, refused=(again,)))
    assert list(store.refused()) == [row] == list(store.refused((h("kid"), 7)))
    assert [*store.refused((h("other"), 7)), *store.refused((h("kid"), 8))] == []
    assert store.refusal(h("bad")) == row
    assert store.refusal(h("good")) is None


def test_how_a_document_was_entered_is_found_behind_any_number_of_steps(store: Store) -> None:
    steps = [StepRow("document", "ZW/EXPORT/1", n, 0) for n in range(1, 10_002)]
    steps += [StepRow("document", "ZW/EXPORT/1", 10_002, 1), StepRow("document", "X", 1, 2)]
    steps += [StepRow("document", "ZW/EXPORT/1", 10_003, 3), StepRow("lot", "ZW/EXPORT/1", 1, 4)]
    made = block(0, first=0, count=5, expected=None, derived=Derived(steps=tuple(steps)))
    types = ("DocumentEndorsed", "DocumentIssued", "DocumentIssued", "DocumentReplaced")
    rows = [row._replace(type=kind) for row, kind in zip(made.leaves, types, strict=False)]
    rows += [made.leaves[4]._replace(type="DocumentIssued"), made.leaves[5]]
    store.commit(replace(made, leaves=tuple(rows)))
    assert store.entering("ZW/EXPORT/1", ["DocumentIssued", "DocumentReplaced"]) == [3, 1]
    assert store.entering("ZW/EXPORT/1", ["DocumentIssued"]) == [1]
    assert store.entering("ZW/EXPORT/2", ["DocumentIssued"]) == []


def test_rebuild_replaces_everything_derived_and_no_leaf(store: Store) -> None:
    derived = Derived(
        records=(record("LOT1"),),
        steps=(StepRow("lot", "LOT1", 1, 0),),
        held=(HeldRow("farm-a", "lot", "LOT1"),),
        keys=(KeyRow(h("kid"), "farm-a", b"use"),),
    )
    one = block(0, first=0, count=1, expected=None, derived=derived)
    store.commit(one)
    before = store.dump()
    store.rebuild([])
    assert all(rows == [] for rows in store.dump().values())
    store.rebuild(iter([derived]))
    assert store.dump() == before
    assert store.size() == 2


def test_reads_of_other_threads_see_whole_blocks(store: Store) -> None:
    one = block(0, first=0, count=3, expected=None)
    store.commit(one)
    seen: list[tuple[int, int]] = []

    def read() -> None:
        for _ in range(50):
            with store.snapshot():
                head = store.head()
                assert head is not None
                seen.append((head.size, store.size()))

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    head = one.head
    for height in range(1, 20):
        more = block(height, first=head.size, count=2, expected=head)
        store.commit(more)
        head = more.head
    for thread in threads:
        thread.join()
    assert len(seen) == 150
    assert all(size == stored for size, stored in seen)


def test_row_seen_while_its_block_is_stored_has_a_head_to_it() -> None:
    store = MemoryStore()
    seen: list[tuple[RecordRow | None, Head | None]] = []
    reader = threading.Thread(
        target=lambda: seen.append((store.record(kind="lot", name="AAA"), store.head()))
    )

    class Late(tuple[OfferRow, ...]):
        """Offers that come when the records stand already; somebody reads in between."""

        def __iter__(self) -> Iterator[OfferRow]:
            reader.start()
            reader.join(0.2)
            return super().__iter__()

    made = block(
        0, first=0, count=1, expected=None, derived=Derived((record("AAA"),), offers=Late())
    )
    store.commit(made)
    reader.join()
    assert seen == [(record("AAA"), made.head)]
