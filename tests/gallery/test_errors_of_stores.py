"""A gallery of errors: the smallest wrong mark, row, database or place for each code.

Owns the codes of ledger/storage, of the registrar's files and of readers. Knows nothing of formats.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec import structs

from ledger import keys
from ledger.ambient import SettableClock
from ledger.desk.leaves import StoredLeaves, read_folder
from ledger.errors import RingmarkError
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.reader import LiveMoments, Reader
from ledger.reader.moments import Keeper, StoredMoments
from ledger.reader.proving import require
from ledger.reference.tables import load_tables
from ledger.registrar import Registrar
from ledger.registrar.outcomes import Failed
from ledger.simulator.world import START_S, World
from ledger.storage import rows
from ledger.storage.checking import seal
from ledger.storage.highwater import NOTE_MAX, HighWater, HighWaterMemory, encode_slot
from ledger.storage.memory import MemoryStore
from ledger.storage.places import local_directory
from ledger.storage.sqlite import SqliteStore, create_sqlite
from ledger.wire import cbor
from ledger.wiring import MemoryLedger, OpenLedger, open_for_reading, open_ledger

ZERO = bytes(32)
LOG = keys.PrivateKey.from_seed(keys.ED25519, bytes(range(32)))
FIRST = HighWater(2, ZERO, b"")


def raised(act: Callable[[], object]) -> str:
    with pytest.raises(RingmarkError) as caught:
        act()
    return caught.value.code


def keeper_of_nothing() -> Keeper:
    return Keeper(StoredMoments(MemoryStore(), note=lambda: None))


ROWS: dict[str, tuple[str, Callable[[], object]]] = {
    "a mark that stays": (
        "high-water.backwards",
        lambda: HighWaterMemory(FIRST).move(expected=FIRST, new=FIRST),
    ),
    "a mark that falls": (
        "high-water.backwards",
        lambda: HighWaterMemory(FIRST).move(expected=FIRST, new=HighWater(1, ZERO, b"")),
    ),
    "a mark of no root": ("high-water.form", lambda: encode_slot(0, HighWater(1, b"", b""))),
    "a mark of a long note": (
        "high-water.form",
        lambda: encode_slot(0, HighWater(1, ZERO, bytes(NOTE_MAX + 1))),
    ),
    "an act of no leaf": (
        "store.act",
        lambda: rows.act_index(ZERO, seal(cbor.encode(["0"]), ZERO)),
    ),
    "a copy of memory": ("store.memory", lambda: MemoryStore().backup("copy.db")),
    "a place on the web": (
        "store.unsupported",
        lambda: local_directory("postgresql://localhost/ledger"),
    ),
    "a reader of nothing": ("ledger.not-founded", lambda: keeper_of_nothing().moment()),
    "a reader that never rests": ("reader.moving", lambda: keeper_of_nothing().settle(100)),
    "a server without a part": ("reader.absent", lambda: require(None, "signer of receipts")),
    "a log that published nothing": (
        "checkpoint.missing",
        lambda: StoredLeaves(MemoryStore(), lambda: None).checkpoint_note(),
    ),
    "a mirror without a tile": (
        "tile.unknown",
        lambda: read_folder(Path("nowhere"))("tile/0/000"),
    ),
}


@pytest.mark.parametrize(
    ("code", "act"), [pytest.param(*row, id=name) for name, row in ROWS.items()]
)
def test_the_smallest_wrong_input_has_its_code(code: str, act: Callable[[], object]) -> None:
    assert raised(act) == code


# -- readers of a ledger in memory


@pytest.fixture
def world() -> Iterator[World]:
    made = World(seed=7)
    made.enrol("parks", "authority")
    yield made
    made.ledger.registrar.close()


def test_what_the_log_does_not_have(world: World) -> None:
    store = world.ledger.store
    reader = Reader(store, LiveMoments(world.ledger.registrar, store))
    assert raised(lambda: reader.statement(ZERO)) == "statement.unknown"
    assert raised(lambda: reader.proof(ZERO)) == "statement.unknown"
    assert raised(lambda: reader.statement_at(1 << 20)) == "statement.unknown"
    size = reader.moment().head.size
    assert raised(lambda: reader.tile(level=0, n=1, width=1, size=size)) == "tile.unknown"


def test_a_rule_that_stumbles_takes_no_statement_along(world: World) -> None:
    """A release whose tables lack a part is at fault itself, and says so."""
    ledger = world.ledger
    assert isinstance(ledger, MemoryLedger)
    head = ledger.store.head()
    note = ledger.published.read()
    assert head is not None
    assert note is not None
    broken = Registrar(
        ledger.store,
        HighWaterMemory(HighWater(head.size, head.root, note)),
        ledger.published,
        signers=ledger.signers,
        tables=structs.replace(load_tables(), _countries=None),
        clock=world.clock,
        clock_ok=True,
    )
    (outcome,) = broken.submit([later(1)[0]])
    broken.close()
    assert isinstance(outcome, Failed)
    assert outcome.error.code == "registrar.fault"


def test_a_checkpoint_of_another_tree_than_the_store(world: World) -> None:
    store, origin = world.ledger.store, world.ledger.origin
    head = store.head()
    assert head is not None
    note = sign_checkpoint(Checkpoint(origin, head.size, ZERO), signer=LOG, name=origin)
    moments = StoredMoments(store, note=lambda: note)
    assert raised(lambda: moments.newest(None)) == "store.two-roots"


# -- a ledger in a directory, its database changed by hand


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    made = World(seed=7, directory=tmp_path / "ledger")
    made.enrol("parks", "authority")
    assert isinstance(made.ledger, OpenLedger)
    made.ledger.close()
    return tmp_path / "ledger"


def later(count: int) -> list[bytes]:
    """Statements that the same world would have made next."""
    twin = World(seed=7)
    twin.enrol("parks", "authority")
    for number in range(count):
        twin.enrol(f"farm-{number}", "farm", by="parks")
    twin.ledger.registrar.close()
    return twin.members["parks"].said


def change(directory: Path, *statements: str) -> None:
    """Change the database as nobody may: its triggers go first."""
    connection = sqlite3.connect(directory / "ledger.db")
    for trigger in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        connection.execute(f"DROP TRIGGER {trigger[0]}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def opened(directory: Path) -> str:
    clock = SettableClock(START_S + 60)
    return raised(lambda: open_ledger(directory, clock=clock, clock_ok=True, wait_s=0))


def test_a_database_without_a_ledger(tmp_path: Path) -> None:
    create_sqlite(tmp_path / "ledger.db")
    assert raised(lambda: open_for_reading(tmp_path)) == "ledger.not-founded"


def test_a_database_without_its_tables(tmp_path: Path) -> None:
    create_sqlite(tmp_path / "ledger.db")
    store = SqliteStore(tmp_path / "ledger.db")
    change(tmp_path, "DROP TABLE offers")
    assert raised(lambda: store.rebuild([])) == "store.failed"
    store.close()


def test_blocks_after_the_mark_that_do_not_follow(directory: Path) -> None:
    for name in ("high-water", "checkpoint"):
        shutil.copy(directory / name, directory / f"old-{name}")
    reopened = open_ledger(directory, clock=SettableClock(START_S + 60), clock_ok=True)
    size = reopened.registrar.head().size
    for raw in later(2):
        reopened.registrar.submit([raw])
    reopened.close()
    for name in ("high-water", "checkpoint"):
        shutil.move(directory / f"old-{name}", directory / name)
    change(directory, f"UPDATE blocks SET closing = closing - 1 WHERE closing = {size + 1}")
    assert opened(directory) == "store.tail"


# -- the desk and the commands


def test_a_last_leaf_that_is_no_closing(directory: Path) -> None:
    """The head is moved back by one: before the closing stands a statement."""
    change(directory, "DELETE FROM leaves WHERE leaf = (SELECT max(leaf) FROM leaves)")
    change(directory, "UPDATE head SET size = size - 1")
    assert opened(directory) == "store.no-closing"


def test_a_leaf_that_is_gone(town) -> None:
    code = town.register_skins()
    stored = open_for_reading(town.ledger)
    reader = Reader(stored.store, StoredMoments(stored.store, note=stored.newest_note))
    (birth,) = reader.history(code)
    change(town.ledger, f"DELETE FROM leaves WHERE leaf = {birth.index}")
    assert raised(lambda: reader.lineage(code)) == "store.leaves"
    stored.store.close()
