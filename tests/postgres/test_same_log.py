"""The same statements in the same blocks give the same log in PostgreSQL as in SQLite (T10)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ledger.custody.parties import PartySuspended
from ledger.log.frontier import LevelStore, prove_inclusion
from ledger.reader import Reader, StoredMoments
from ledger.registrar import Refused, Registered
from ledger.statement import lot_code, parse_statement
from ledger.wiring import open_for_reading

STATEMENTS = 2_000
SIZES = (1, 3, 40, 156)
"""Statements of successive blocks; a round of them has 200."""


def play(actors: Any, directory: Path) -> list[Any]:
    """Send 2,000 signed statements in fixed blocks and return every outcome."""
    world, opened = actors.open_world(directory, settle=True)
    outcomes: list[Any] = []
    for _ in range(STATEMENTS // sum(SIZES)):
        for size in SIZES:
            world.clock.advance(7)
            outcomes += world.registrar.submit(block(world, size))
    opened.close()
    return outcomes


def block(world: Any, size: int) -> list[bytes]:
    """Return statements of which some are offered, accepted, refused or sent twice."""
    raws: list[bytes] = []
    while len(raws) < size:
        left = size - len(raws)
        birth = world.birth()
        raws.append(birth)
        if left >= 4:
            statement = parse_statement(birth)
            code = lot_code(kid=statement.kid, salt=statement.salt, i=0)
            offer = world.offer(code, statement.id)
            raws += [offer, world.accept(offer)]
            raws.append(world.sign("farm-a", PartySuspended("maker-b", f"no power {len(raws)}")))
    return raws


def told(outcome: Any) -> Any:
    match outcome:
        case Registered():
            return outcome.id, outcome.index, outcome.receipt, outcome.at, outcome.labels
        case Refused():
            return outcome.id, outcome.rule, dict(outcome.params)
    return outcome.error.code


def test_two_thousand_statements_give_the_same_leaves_roots_and_proofs(
    actors: Any, database: str, tmp_path: Path
) -> None:
    lite, full = tmp_path / "lite", tmp_path / "full"
    actors.found_directory(lite)
    actors.found_directory(full, database=database)
    ours, theirs = play(actors, lite), play(actors, full)
    assert len(ours) == STATEMENTS
    assert [told(one) for one in ours] == [told(one) for one in theirs]
    assert {type(one) for one in ours} == {Registered, Refused}
    one, two = open_for_reading(lite), open_for_reading(full)
    size = actors.check_log(one.store, one.trust, published=one.newest_note())
    assert actors.check_log(two.store, two.trust, published=two.newest_note()) == size
    assert one.store.leaves(0, size) == two.store.leaves(0, size)
    assert one.store.head() == two.store.head()
    assert one.newest_note() == two.newest_note()
    assert one.store.blocks(limit=10_000) == two.store.blocks(limit=10_000)
    assert list(one.store.refused()) == list(two.store.refused())
    assert one.store.dump() == two.store.dump()
    assert proofs(one.store, size) == proofs(two.store, size)
    assert cards(one) == cards(two)
    one.close()
    two.close()


def proofs(store: Any, size: int) -> list[Any]:
    levels = LevelStore()
    for root in store.tile_roots():
        levels.append(root)
    reader = levels.reader(store.leaf_hashes, size=size)
    return [prove_inclusion(reader, index=i, size=size) for i in range(0, size, 97)]


def cards(opened: Any) -> list[bytes]:
    reader = Reader(opened.store, StoredMoments(opened.store, note=opened.newest_note))
    codes = opened.store.names(kind="lot", limit=5)
    return [reader.card(code) for code in codes] + [reader.bundle(code) for code in codes]


def test_a_copy_in_sqlite_says_the_same(actors: Any, directory: Path, tmp_path: Path) -> None:
    from ledger.storage.sqlite import SqliteStore

    world, opened = actors.open_world(directory)
    world.submit(*(world.birth() for _ in range(300)))
    opened.store.backup(str(tmp_path / "copy.db"))
    copy = SqliteStore(tmp_path / "copy.db")
    size = actors.check_log(copy, opened.trust)
    assert copy.leaves(0, size) == opened.store.leaves(0, size)
    assert copy.dump() == opened.store.dump()
    assert copy.tile_roots() == opened.store.tile_roots()
    copy.close()
    opened.close()
