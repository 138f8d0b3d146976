"""The composition root: a ledger's directory, founded or opened, with everything in its place.

Owns the layout of a directory (docs/operations.md):

    ledger.db         the database; ledger.db-wal and ledger.db-shm belong to it
    high-water        the newest signed head, unless `--high-water` puts it elsewhere
    places.json       where database and mark are, when they are not here (`--database`)
    checkpoint        the published signed note
    trust.json        what a verifier needs to trust this ledger
    keys/             private keys: closing, checkpoint, receipt, label, root-1 …
    lock              held by the one process that writes

It is the only place that knows which store, clock and keys go together.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from msgspec import Struct

from ledger import keys
from ledger.ambient import Clock, Entropy
from ledger.custody.parties import LedgerFounded
from ledger.errors import NotFoundError, RingmarkError, UsageError
from ledger.reference.tables import Tables, load_tables
from ledger.registrar import Registrar
from ledger.registrar.founding import Charter, RegistrarSigners, found, sign_founding
from ledger.registrar.opening import Signers
from ledger.registrar.rebuilding import rebuild
from ledger.statement import ledger_id, parse_statement
from ledger.storage.durable import sync_directory
from ledger.storage.highwater import HighWater, HighWaterMark, HighWaterMemory
from ledger.storage.keyfiles import key_names, read_key, write_key
from ledger.storage.lock import WriterLock
from ledger.storage.memory import MemoryStore
from ledger.storage.places import (
    Places,
    create_mark,
    create_store,
    local_directory,
    open_mark,
    open_store,
    read_places,
    try_mark,
    write_places,
)
from ledger.storage.protocol import Store
from ledger.storage.published import PublishedFile, PublishedNote
from ledger.storage.trustfile import first_trust, read_trust, renewed_trust, write_trust
from ledger.wire.note import ED25519, VerifierKey, make_vkey

PUBLISHED, KEYS, LOCK = "checkpoint", "keys", "lock"
PURPOSES = ("closing", "checkpoint", "receipt", "label")


class Founded(Struct, frozen=True):
    """A new ledger: its id (32 bytes), its trust file as text, and its root keys."""

    directory: Path
    ledger: bytes
    trust: str
    vkey: VerifierKey
    root: tuple[keys.PrivateKey, ...]


class OpenLedger(Struct, frozen=True):
    """A ledger opened for writing; `close` lets another process write.

    `places` says where database and mark are; where several processes share them, none locks the
    directory.
    """

    directory: Path
    ledger: bytes
    origin: str
    store: Store
    registrar: Registrar
    signers: Signers
    tables: Tables
    trust: str
    places: Places
    _lock: WriterLock | None
    _mark: HighWaterMark

    def newest_note(self) -> bytes | None:
        """Return the newest signed checkpoint, whichever process signed it."""
        return self._mark.read().note

    def close(self) -> None:
        """Publish the last checkpoint, close the store and let go of the lock."""
        self.registrar.close()
        self.store.close()
        self._mark.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> OpenLedger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ReadLedger(Struct, frozen=True):
    """A ledger opened for reading; any number of processes may, beside the one that writes."""

    directory: Path
    ledger: bytes
    store: Store
    tables: Tables
    trust: str
    published: PublishedFile
    places: Places
    _mark: HighWaterMark | None

    def newest_note(self) -> bytes | None:
        """Return the newest signed checkpoint that this process can read.

        It is the mark's, which moves with every block; where the mark is elsewhere or not ours to
        open, the published one, which may be a second behind the database.
        """
        try:
            return self._mark.read().note if self._mark else self.published.read()
        except RingmarkError:
            return self.published.read()

    def mark(self) -> HighWater | None:
        """Return the high-water mark, or None where it is not ours to open."""
        return self._mark.read() if self._mark is not None else None

    def close(self) -> None:
        """Let go of store and mark."""
        self.store.close()
        if self._mark is not None:
            self._mark.close()


def found_ledger(
    directory: Path,
    charter: Charter,
    *,
    clock: Clock,
    entropy: Entropy,
    passphrase: str | None = None,
    root: Sequence[keys.PrivateKey] = (),
    high_water: Path | str | None = None,
    database: str | None = None,
) -> Founded:
    """Found a ledger in a new directory and return what its founder must keep.

    Without `root` one root key is drawn and written beside the registrar's; keys are sealed unless
    `passphrase` is None. The directory appears whole or not at all. Raise UsageError where it is
    there already, RefusedError where a rule refuses the founding.
    """
    if directory.exists() and any(directory.iterdir()):
        raise UsageError(
            "ledger.exists",
            f"{directory} is not empty.",
            hint="Choose a new directory.",
            params={"path": str(directory)},
        )
    building = directory.with_name(f".{directory.name}.founding-{os.getpid()}")
    building.mkdir(parents=True, mode=0o700)
    try:
        (building / KEYS).mkdir(mode=0o700)
        registrar = {p: keys.PrivateKey.generate(keys.ED25519, entropy.token) for p in PURPOSES}
        for purpose, private in registrar.items():
            write_key(building / KEYS, purpose, private, passphrase=passphrase, entropy=entropy)
        roots = tuple(root) or (keys.PrivateKey.generate(keys.ED25519, entropy.token),)
        if not root:
            write_key(building / KEYS, "root-1", roots[0], passphrase=passphrase, entropy=entropy)
        signers = RegistrarSigners(**registrar)
        at = clock.now_s()
        raws = sign_founding(charter, root=roots, registrar=signers, at=at, token=entropy.token)
        places = Places(database, str(high_water) if high_water else None)
        trust = _write_ledger(building, raws, signers=signers, at=at, places=places)
        if directory.exists():
            directory.rmdir()
        building.rename(directory)
        sync_directory(directory.parent)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    vkey = make_vkey(charter.origin, ED25519, signers.checkpoint.key.public)
    return Founded(directory, ledger_id(parse_statement(raws[0])), trust, vkey, roots)


def open_ledger(
    directory: Path,
    *,
    clock: Clock,
    passphrase: str | None = None,
    clock_ok: bool = False,
    high_water: Path | str | None = None,
    copy: Path | None = None,
    wait_s: float = 5.0,
    database: str | None = None,
) -> OpenLedger:
    """Open a ledger for writing; one process at a time may, or on PostgreSQL any number.

    With `copy` every block is in a second directory too before it is acknowledged.

    Raise NotFoundError where there is none, UnavailableError `store.locked` where another process
    writes, DamagedError where database, mark and published checkpoint contradict each other.
    """
    directory = local_directory(directory)
    trust = read_trust(directory)
    mark_place = str(high_water) if high_water else None
    places = read_places(directory, database=database, mark=mark_place)
    with ExitStack() as undo:
        lock = None if places.is_shared else WriterLock(directory / LOCK, wait_s=wait_s)
        if lock is not None:
            undo.callback(lock.release)
        store = undo.enter_context(closing(open_store(directory, places, copy=copy)))
        mark = undo.enter_context(
            closing(open_mark(directory, places, ledger=_ledger_in(store, directory), copy=copy))
        )
        signers, tables = load_signers(directory, passphrase=passphrase), load_tables()
        registrar = Registrar(
            store,
            mark,
            PublishedFile(directory / PUBLISHED),
            signers=signers,
            tables=tables,
            clock=clock,
            clock_ok=clock_ok,
            room=lambda: shutil.disk_usage(directory).free,
        )
        undo.pop_all()
    renewed = renewed_trust(trust, ledger=registrar.ledger, about=registrar.about())
    if renewed != trust:
        write_trust(directory, renewed)
    return OpenLedger(
        directory=directory,
        ledger=registrar.ledger,
        origin=registrar.origin,
        store=store,
        registrar=registrar,
        signers=signers,
        tables=tables,
        trust=renewed,
        places=places,
        _lock=lock,
        _mark=mark,
    )


class MemoryLedger(Struct, frozen=True):
    """A ledger that lives in memory alone: for simulations, dry worlds and tests."""

    ledger: bytes
    origin: str
    store: MemoryStore
    registrar: Registrar
    signers: Signers
    root: tuple[keys.PrivateKey, ...]
    trust: str
    published: PublishedNote


def found_in_memory(
    charter: Charter,
    *,
    clock: Clock,
    entropy: Entropy,
    root: Sequence[keys.PrivateKey] = (),
) -> MemoryLedger:
    """Found a ledger in memory, ready to take statements; its clock may jump any way ahead."""
    registrar = {p: keys.PrivateKey.generate(keys.ED25519, entropy.token) for p in PURPOSES}
    signers = RegistrarSigners(**registrar)
    roots = tuple(root) or (keys.PrivateKey.generate(keys.ED25519, entropy.token),)
    at = clock.now_s()
    raws = sign_founding(charter, root=roots, registrar=signers, at=at, token=entropy.token)
    store, tables, published = MemoryStore(), load_tables(), PublishedNote()
    first = found(store, raws, signers=signers.by_kid(), tables=tables, at=at)
    opened = Registrar(
        store,
        HighWaterMemory(first),
        published,
        signers=signers.by_kid(),
        tables=tables,
        clock=clock,
        clock_ok=True,
    )
    trust = _trust_of(raws[0], signers)
    return MemoryLedger(
        opened.ledger, charter.origin, store, opened, signers.by_kid(), roots, trust, published
    )


def open_for_reading(directory: Path, *, database: str | None = None) -> ReadLedger:
    """Open a ledger's store for reading alone; nothing is locked and nothing is checked.

    Raise NotFoundError where there is none.
    """
    directory = local_directory(directory)
    places = read_places(directory, database=database)
    with ExitStack() as undo:
        store = undo.enter_context(closing(open_store(directory, places)))
        ledger = _ledger_in(store, directory)
        undo.pop_all()
    try:
        mark: HighWaterMark | None = open_mark(directory, places, ledger=ledger)
    except (NotFoundError, OSError):
        mark = None
    return ReadLedger(
        directory=directory,
        ledger=ledger,
        store=store,
        tables=load_tables(),
        trust=read_trust(directory),
        published=PublishedFile(directory / PUBLISHED),
        places=places,
        _mark=mark,
    )


def rebuild_tables(directory: Path, *, database: str | None = None) -> None:
    """Make the derived tables of a ledger's database anew from its leaves.

    Raise UnavailableError while another process writes, DamagedError where the leaves themselves
    contradict their closings; nothing is changed then.
    """
    directory = local_directory(directory)
    places = read_places(directory, database=database)
    with ExitStack() as at_end:
        if not places.is_shared:
            at_end.callback(WriterLock(directory / LOCK, wait_s=0).release)
        store = at_end.enter_context(closing(open_store(directory, places)))
        with store.turn():
            rebuild(store, tables=load_tables())


def server_keys(folder: Path) -> list[str]:
    """Return the names of the keys in a folder that a server signs with; root keys are none."""
    return [name for name in key_names(folder) if name.split("-")[0] in PURPOSES]


def load_signers(directory: Path, *, passphrase: str | None) -> Signers:
    """Return the registrar's private keys in a ledger's directory, by kid; root keys are left."""
    folder = directory / KEYS
    found_keys = [read_key(folder, name, passphrase=passphrase) for name in server_keys(folder)]
    return {signer.kid: signer for signer in found_keys}


def _ledger_in(store: Store, directory: Path) -> bytes:
    founding = store.leaf(0)
    if founding is None:
        raise NotFoundError(
            "ledger.not-founded",
            f"There is no ledger in {directory}.",
            hint="Found one with `ringmark init`.",
        )
    return ledger_id(parse_statement(founding.raw))


def _write_ledger(
    building: Path,
    raws: Sequence[bytes],
    *,
    signers: RegistrarSigners,
    at: int,
    places: Places,
) -> str:
    # What names the places is there before anything is in them: nothing founded is ever lost.
    write_places(building, places)
    store = create_store(building, places)
    try:
        try_mark(places)
        first = found(store, raws, signers=signers.by_kid(), tables=load_tables(), at=at)
    finally:
        store.close()
    trust = _trust_of(raws[0], signers)
    write_trust(building, trust)
    PublishedFile(building / PUBLISHED).write(first.note)
    create_mark(building, places, first, ledger=ledger_id(parse_statement(raws[0])))
    return trust


def _trust_of(leaf: bytes, signers: RegistrarSigners) -> str:
    founding = parse_statement(leaf)
    event = founding.event
    if not isinstance(event, LedgerFounded):
        raise UsageError("founding.leaf", "Leaf 0 is not a founding.")
    return first_trust(
        ledger=ledger_id(founding), origin=event.origin, hosts=event.hosts, key=signers.checkpoint
    )
