"""Rows that changed on the disk: what is read from them is refused by name, never told."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cli.context import Session
from cli.main import main
from ledger.errors import RingmarkError, UnavailableError
from ledger.log.tree import leaf_hash
from ledger.reader import Reader, StoredMoments
from ledger.storage.finding_list import Wanted
from ledger.storage.queries import SqliteReads
from ledger.storage.rows import offer_of, use_of
from ledger.storage.sqlite import SqliteStore
from ledger.wiring import open_for_reading, rebuild_tables


def change(directory: Path, statement: str) -> None:
    """Change the database as nobody may: its triggers go first, and come back."""
    connection = sqlite3.connect(directory / "ledger.db")
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    triggers = connection.execute(query).fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    assert connection.execute(statement).rowcount > 0
    for _, made in triggers:
        connection.execute(made)
    connection.commit()
    connection.close()


@pytest.fixture
def lot(actors: Any, directory: Path) -> str:
    """A lot of the ledger, offered to the maker; the ledger is closed again."""
    world, opened = actors.open_world(directory)
    (done,) = world.submit(world.birth())
    (code,) = done.labels
    world.submit(world.offer(code, done.id))
    opened.close()
    return str(code)


@pytest.fixture
def late(actors: Any, directory: Path) -> str:
    """A lot whose registration came late: a check stands on it."""
    world, opened = actors.open_world(directory, clock_ok=True)
    raw = world.birth()
    world.clock.advance(4 * 86_400)
    (done,) = world.submit(raw)
    (code,) = done.labels
    opened.close()
    return str(code)


def reader(directory: Path) -> Reader:
    opened = open_for_reading(directory)
    return Reader(opened.store, StoredMoments(opened.store, note=opened.newest_note))


def code_of(act: Any) -> str:
    with pytest.raises(RingmarkError) as caught:
        act()
    return caught.value.code


def test_leaf_whose_bytes_changed_is_not_told(directory: Path, lot: str) -> None:
    change(directory, "UPDATE leaves SET raw = x'00' WHERE leaf = 3")
    assert code_of(lambda: reader(directory).statement_at(3)) == "store.leaf-bytes"


@pytest.mark.parametrize("set_to", ["record = x'a0'", "hash = zeroblob(32)", "path = zeroblob(32)"])
def test_record_that_changed_is_not_told(directory: Path, lot: str, set_to: str) -> None:
    store = SqliteStore(directory / "ledger.db")
    change(directory, f"UPDATE records SET {set_to} WHERE name = '{lot}'")
    assert code_of(lambda: store.record(kind="lot", name=lot)) == "store.record-bytes"
    store.close()


def test_record_that_is_not_found_is_not_called_unknown(directory: Path, lot: str) -> None:
    reading, warm = reader(directory), reader(directory)
    assert warm.lot(lot).code == lot
    assert reading.moment().head.size
    change(directory, f"UPDATE records SET name = 'elsewhere' WHERE name = '{lot}'")
    # What was read and proved before is told still.
    assert warm.lot(lot).code == lot
    for act in (reading.lot, reading.card, reading.bundle, reading.kind_of):
        assert code_of(lambda act=act: act(lot)) == "store.record-missing"


def test_entries_that_do_not_lead_to_the_root_are_not_served(directory: Path, lot: str) -> None:
    # The leaf's own hash is changed along: only the tree knows.
    raw = open_for_reading(directory).store.raws(3, 4)[0]
    other = leaf_hash(raw[:-1]).hex()
    change(directory, f"UPDATE leaves SET raw = x'{raw[:-1].hex()}' WHERE leaf = 3")
    change(directory, f"UPDATE leaves SET hash = x'{other}' WHERE leaf = 3")
    size = reader(directory)._store.size()
    entries = partial(reader(directory).tile, level=-1, n=0, width=size, size=size)
    assert code_of(entries) == "store.root"
    reading = reader(directory)
    change(directory, f"UPDATE leaves SET hash = x'{leaf_hash(raw).hex()}' WHERE leaf = 3")
    reading.moment()
    entries = partial(reading.tile, level=-1, n=0, width=size, size=size)
    assert code_of(entries) == "store.leaf-bytes"


def test_leaf_hashes_that_do_not_lead_to_the_root_are_not_served(directory: Path, lot: str) -> None:
    reading = reader(directory)
    size = reading.moment().head.size
    assert reading.proof(reading.statement_at(2).id)
    change(directory, "UPDATE leaves SET hash = zeroblob(32) WHERE leaf = 3")
    for act in (
        partial(reading.tile, level=0, n=0, width=size, size=size),
        partial(reading.proof, reading.statement_at(2).id),
        partial(reading.bundle, lot),
    ):
        assert code_of(act) == "tile.leaf-hashes"


def test_record_that_no_closing_states_is_not_told(directory: Path, lot: str) -> None:
    """Somebody wrote a record that is whole in itself, while a server runs."""
    other = open_for_reading(directory).store.names(kind="party")[0]
    reading = reader(directory)
    reading.moment()
    row = open_for_reading(directory).store.record(kind="party", name=other)
    assert row is not None
    record = row.record.replace(b"ZW", b"ZZ")
    assert record != row.record
    hashed = hashlib.sha256(record).hexdigest()
    words = f"record = x'{record.hex()}', hash = x'{hashed}'"
    change(directory, f"UPDATE records SET {words} WHERE kind = 'party' AND name = '{other}'")
    assert code_of(lambda: reading.party(other)) == "store.record-missing"


def test_a_command_tells_no_record_that_no_closing_states(
    directory: Path, lot: str, capsys: pytest.CaptureFixture[str]
) -> None:
    row = open_for_reading(directory).store.record(kind="party", name="maker-b")
    assert row is not None
    record = row.record.replace(b"ZW", b"ZZ")
    hashed = hashlib.sha256(record).hexdigest()
    words = f"record = x'{record.hex()}', hash = x'{hashed}'"
    looks = (("party", "show", "maker-b"), ("party", "list"), ("lot", "list", "--of", "maker-b"))
    for look in looks:
        assert main(["--ledger", str(directory), *look], Session()) == 0
    change(directory, f"UPDATE records SET {words} WHERE kind = 'party' AND name = 'maker-b'")
    for look in looks[:2]:
        capsys.readouterr()
        assert main(["--ledger", str(directory), "--json", *look], Session()) == 70
        assert "ZZ" not in capsys.readouterr().out


def test_steps_that_a_record_does_not_count_are_not_told(directory: Path, lot: str) -> None:
    reading = reader(directory)
    assert len(reading.history(lot)) == len(reading.timeline(lot)) == 2
    change(directory, f"UPDATE steps SET leaf = 2 WHERE name = '{lot}' AND n = 1")
    for act in (reading.history, reading.timeline, reading.bundle):
        assert code_of(lambda act=act: act(lot)) == "store.derived"
    change(directory, f"DELETE FROM steps WHERE name = '{lot}' AND n = 2")
    assert code_of(lambda: reading.history(lot)) == "store.derived"


def test_time_of_a_block_that_its_closing_does_not_state_is_not_told(
    directory: Path, lot: str
) -> None:
    reading = reader(directory)
    at = reading.statement_at(3).at
    change(directory, "UPDATE blocks SET at = at + 86400")
    assert reader(directory).statement_at(3).at == at
    change(directory, "UPDATE blocks SET closing = 2 WHERE closing = 3")
    assert code_of(lambda: reader(directory).statement_at(2)) == "store.derived"


def test_list_of_holdings_that_names_what_is_not_held_is_not_told(
    directory: Path, lot: str
) -> None:
    reading = reader(directory)
    assert [view.code for view in reading.lots_of("farm-a")] == [lot]
    change(directory, "UPDATE held SET party = 'maker-b'")
    assert code_of(lambda: reading.lots_of("maker-b")) == "store.derived"


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM findings WHERE about = ''",
        "DELETE FROM findings WHERE about = 'ZW'",
        "UPDATE records SET listed = listed + 1 WHERE listed > 0",
        "UPDATE findings SET weight = 0",
        "UPDATE findings SET from_at = from_at - 1",
        "UPDATE findings SET rule = 'mark.cloned'",
        "UPDATE findings SET name = '51PB1X9SFP3J'",
    ],
)
def test_list_of_findings_that_no_record_has_is_not_told(
    directory: Path, late: str, statement: str
) -> None:
    found = reader(directory).findings(Wanted()).findings
    assert (late, "time.late") in [(view.name, view.finding.rule) for view in found]
    change(directory, statement)
    assert code_of(partial(reader(directory).findings, Wanted())) == "store.derived"
    assert code_of(reader(directory).waiting) == "store.derived"


def test_finding_about_another_country_is_not_told(directory: Path, late: str) -> None:
    change(directory, "UPDATE findings SET about = 'BR' WHERE about = 'ZW'")
    assert code_of(partial(reader(directory).findings, Wanted(country="BR"))) == "store.derived"


def test_no_list_is_told_of_a_database_that_is_older_than_what_was_signed(
    actors: Any, directory: Path, lot: str, tmp_path: Path
) -> None:
    shutil.copy(directory / "ledger.db", tmp_path / "old.db")
    world, opened = actors.open_world(directory)
    world.submit(world.birth())
    opened.close()
    shutil.copy(tmp_path / "old.db", directory / "ledger.db")
    reading = reader(directory)
    acts = (reading.parties, reading.offers, reading.ledger, partial(reading.findings, Wanted()))
    for act in acts:
        assert code_of(act) == "store.behind-mark"
    for act in (reading.lots_of, reading.offers_for, reading.facilities_of, reading.search):
        assert code_of(lambda act=act: act("farm-a")) == "store.behind-mark"
    size = reading._store.size()
    entries = partial(reading.tile, level=-1, n=0, width=size, size=size)
    assert code_of(entries) == "store.behind-mark"


def test_subject_that_an_index_lost_is_not_called_unknown(directory: Path, lot: str) -> None:
    reading = reader(directory)
    reading.moment()
    change(directory, f"UPDATE records SET name = 'elsewhere' WHERE name = '{lot}'")
    change(directory, "DELETE FROM keys WHERE owner = 'farm-a'")
    assert code_of(lambda: reading.search(lot)) == "store.record-missing"
    assert code_of(lambda: reading.party("farm-a")) == "store.derived"


def test_schema_that_is_no_text_any_more_is_damage(directory: Path) -> None:
    path = directory / "ledger.db"
    data = bytearray(path.read_bytes())
    at = data.index(b"BEFORE UPDATE ON leaves")
    data[at + 4] = 0xD2
    path.write_bytes(bytes(data))
    assert code_of(lambda: SqliteStore(path)) == "store.unreadable"


def test_records_that_no_closing_states_are_not_told(directory: Path, lot: str) -> None:
    change(directory, "UPDATE records SET hash = zeroblob(32) WHERE kind = 'lot'")
    assert code_of(reader(directory).moment) == "store.no-moment"


@pytest.mark.parametrize(
    ("table", "read"),
    [
        (
            "offers SET body = CAST(x'00' || body AS BLOB)",
            lambda store: [offer_of(r) for r in store.offers()],
        ),
        ("offers SET receiver = 'farm-a'", lambda store: [offer_of(r) for r in store.offers()]),
        ("keys SET owner = 'farm-b'", lambda store: [use_of(r) for r in store.enrolled_keys()]),
    ],
)
def test_row_that_nothing_else_covers_has_a_checksum(
    directory: Path, lot: str, table: str, read: Any
) -> None:
    store = SqliteStore(directory / "ledger.db")
    change(directory, f"UPDATE {table}")
    assert code_of(lambda: read(store)) == "store.derived"
    store.close()


def test_disk_at_fault_is_no_damage(directory: Path, tmp_path: Path) -> None:
    shutil.copy(directory / "ledger.db", tmp_path / "ledger.db")
    store = SqliteReads(tmp_path / "ledger.db")
    store.close()
    (tmp_path / "ledger.db").unlink()
    (tmp_path / "ledger.db").mkdir()
    with pytest.raises(UnavailableError) as caught:
        store.head()
    assert caught.value.code == "store.unread"


def lose_a_name(directory: Path) -> None:
    """Take the last entry out of the index on names, as a torn page would; its table keeps it."""
    file = directory / "ledger.db"
    connection = sqlite3.connect(file)
    query = "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_records_1'"
    ((root,),) = connection.execute(query)
    ((size,),) = connection.execute("PRAGMA page_size")
    connection.close()
    raw = bytearray(file.read_bytes())
    page = (root - 1) * size
    assert raw[page] == 0x0A, "the index has more than one page"
    count = int.from_bytes(raw[page + 3 : page + 5], "big")
    raw[page + 3 : page + 5] = (count - 1).to_bytes(2, "big")
    file.write_bytes(raw)


def test_name_that_an_index_lost_is_missed_before_a_list_is_told(
    actors: Any, directory: Path, lot: str
) -> None:
    assert len(reader(directory).parties()) == 3
    lose_a_name(directory)
    for act in (reader(directory).parties, reader(directory).ledger):
        assert code_of(act) == "store.derived"
    assert code_of(partial(actors.open_world, directory)) == "store.derived"
    rebuild_tables(directory)
    assert len(reader(directory).parties()) == 3
    actors.open_world(directory)[1].close()
