"""Restoring a lost ledger: from a copy with its database, or from the leaves of its log alone.

Owns what a restoration is held to before anything appears under its name: the high-water mark, so
that no older copy is ever signed from; checkpoints that others saw; the trust file; and a whole
audit. Makes one new directory, whole or not at all, and signs nothing.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path

from msgspec import Struct

from ledger.desk.leaves import StoredLeaves
from ledger.errors import DamagedError, ProofError, UsageError
from ledger.log.checkpoint import parse_checkpoint
from ledger.reference.tables import load_tables
from ledger.registrar.inspecting import inspect_deep
from ledger.registrar.live import Live
from ledger.registrar.opening import check_published, examine, root_at, signer_for
from ledger.registrar.refilling import Refilled, other_leaves, refill
from ledger.statement import ledger_id, parse_statement
from ledger.storage.durable import sync_directory
from ledger.storage.highwater import HighWater
from ledger.storage.keyfiles import copy_keys, key_names
from ledger.storage.places import (
    Places,
    create_store,
    end_restoring,
    is_address,
    open_mark,
    open_store,
    write_places,
)
from ledger.storage.protocol import Store
from ledger.storage.published import PublishedFile
from ledger.storage.trustfile import write_trust
from ledger.storage.twin import MARK, restore_copy
from ledger.trust import Trust, TrustedLedger, parse_trust, trusted_ledger
from ledger.verify.audit import LeafSource, Stored, audit
from ledger.verify.verdict import Outcome
from ledger.wire.note import parse_note
from ledger.wiring import KEYS, PUBLISHED, load_signers, server_keys

CHUNK = 1_024
"""Leaves that are read at once."""
_SIGNING = ("closing", "checkpoint")
Progress = Callable[[int, int], None]


class Held(Struct, frozen=True):
    """What a restoration is held to, from the operator's side: nothing here came with the leaves.

    `trust` is the text of the trust file that has `trusted`, `mark` the newest head that was ever
    signed, `seen` are signed notes that others have.
    """

    trust: str
    trusted: TrustedLedger
    mark: HighWater
    seen: tuple[bytes, ...] = ()


class Target(Struct, frozen=True):
    """Where a ledger is restored to: a directory that is not there yet.

    `places` name database and mark outside it, `keys` is a folder with the server's private keys,
    which are copied, `passphrase` opens them.
    """

    directory: Path
    places: Places
    keys: Path | None = None
    passphrase: str | None = None


def read_mark(place: str | None, beside: Path, *, ledger: bytes) -> HighWater:
    """Return the high-water mark at a path or address, or else the one in the folder `beside`."""
    mark = open_mark(beside, Places(mark=place), ledger=ledger)
    try:
        return mark.read()
    finally:
        mark.close()


def hold(
    trust: str, *, founding: bytes, mark: HighWater, seen: Sequence[bytes], source: str
) -> Held:
    """Return what a restoration of the ledger with that leaf 0 is held to.

    Raise UndecidedError where the trust file does not have it, ProofError for a note that no
    trusted key signed, DamagedError for a mark that is another ledger's and where somebody saw more
    than the mark has. `source` is named in what is said.
    """
    trusted = parse_trust(trust).ledger(ledger_id(parse_statement(founding)))
    try:
        signed = trusted.open_checkpoint(mark.note)
    except ProofError as error:
        raise _wrong_mark(source, f"no trusted key of {trusted.origin} signed it") from error
    if (signed.size, signed.root) != (mark.size, mark.root):
        raise _wrong_mark(source, "it says another size or root than the note in it")
    for note in seen:
        trusted.open_checkpoint(note)
        check_published(note, mark)
    return Held(trust, trusted, mark, tuple(seen))


def check_reach(size: int, held: Held, *, source: str) -> None:
    """Raise DamagedError `restore.older` unless a source of `size` leaves has all that was signed.

    Nobody may sign from less: another history would begin where the old one went on.
    """
    if size < held.mark.size:
        raise DamagedError(
            "restore.older",
            f"{source} has {size:,} leaves, but {held.mark.size:,} were signed for.",
            hint="Look for a newer copy, mirror or export. Where nobody has the rest, found anew, "
            f"and clients push again: ringmark init DIR --continues {source}",
            params={"size": size, "mark": held.mark.size},
        )


def restore_from_copy(copy: Path, target: Target, held: Held, *, progress: Progress) -> Live:
    """Make the directory from a copy's database, audited to the mark, page for page.

    What the copy has beyond the mark is signed when the ledger is opened next. Raise DamagedError
    for an older or damaged copy; nothing is put in place then.
    """
    with _building(target) as building:
        restore_copy(copy, building, mark=target.places.mark is None)
        if (copy / PUBLISHED).is_file():
            shutil.copy2(copy / PUBLISHED, building / PUBLISHED)
        write_trust(building, held.trust)
        with closing(open_store(building, Places())) as store:
            head = store.head()
            size = head.size if head else 0
            check_reach(size, held, source=str(copy))
            # Pages and rows are compared with a state that the audit came to at this very size.
            look = partial(inspect_deep, store) if size == held.mark.size else None
            leaves = StoredLeaves(store, lambda: held.mark.note)
            _audit(leaves, held, stored=look, progress=progress)
            return _settle(building, store, target, held)


def restore_from_leaves(
    source: LeafSource, target: Target, held: Held, *, older: Store | None, progress: Progress
) -> Refilled:
    """Make the directory from the leaves of a log, each audited and judged again.

    `older` is a copy of any age: the bytes of refused statements are in no leaf. Raise DamagedError
    where the leaves do not lead to the mark; nothing is put in place then, but a database that was
    named keeps what was written, and the next try goes on from there.
    """
    with _building(target) as building:
        building.mkdir(parents=True, mode=0o700)
        (building / KEYS).mkdir(mode=0o700)
        write_trust(building, held.trust)
        _audit(source, held, stored=None, progress=progress)
        ledger = held.trusted.ledger
        with closing(create_store(building, target.places, restoring=ledger)) as store:
            if store.size() > held.mark.size:
                raise other_leaves()
            leaves = _leaves(source, held.mark.size, progress)
            done = refill(store, leaves, tables=load_tables(), older=older)
            for said in inspect_deep(store, done.size, done.base):
                raise _refuted("what was stored", said)
            write_places(building, target.places)
            _settle(building, store, target, held)
    end_restoring(target.places)
    return done


@contextmanager
def _building(target: Target) -> Iterator[Path]:
    """Yield a place to build in; it becomes the directory, or vanishes."""
    directory = target.directory
    if directory.exists() or directory.is_symlink():
        raise UsageError("ledger.exists", f"{directory} is there already.", hint="Name a new one.")
    building = directory.with_name(f".{directory.name}.restored-{os.getpid()}")
    try:
        yield building
        sync_directory(building)
        building.rename(directory)
        sync_directory(directory.parent)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def _settle(building: Path, store: Store, target: Target, held: Held) -> Live:
    """Bring mark and keys, and hold what was built to everything that a start is held to."""
    place = target.places.mark
    if place is not None and not is_address(place):
        # So that whoever opens the directory finds the mark, and there never are two of it.
        (building / MARK).symlink_to(Path(place).absolute())
    if target.keys is not None:
        # Whoever serves needs no root key: it stays where it is, and the fewer places the better.
        copy_keys(server_keys(target.keys), target.keys, building / KEYS)
    with ExitStack() as at_end:
        mark = open_mark(building, target.places, ledger=held.trusted.ledger)
        at_end.callback(mark.close)
        live = examine(store, mark, PublishedFile(building / PUBLISHED), tables=load_tables())
    for note in held.seen:
        seen = parse_checkpoint(parse_note(note).text)
        if root_at(store, live.edge, size=seen.size) != seen.root:
            raise DamagedError(
                "high-water.split",
                f"Two roots were signed for size {seen.size}.",
                hint="Keep both files: they are evidence. This ledger must not go on.",
                params={"size": seen.size},
            )
    if key_names(building / KEYS):
        signers = load_signers(building, passphrase=target.passphrase)
        size = live.head.size if live.head else 0
        for purpose in _SIGNING:
            signer_for(live.state, purpose=purpose, index=size, signers=signers)
    return live


def _audit(source: LeafSource, held: Held, *, stored: Stored | None, progress: Progress) -> None:
    """Raise DamagedError unless an audit verifies the source up to the mark."""
    one = held.trusted
    # The mark is ours: nobody cosigns what has not left the process yet, so no witness is asked.
    trust = trusted_ledger(ledger=one.ledger, origin=one.origin, hosts=one.hosts, log=one.log)
    marked = _Held(source, held.mark.note)
    report = audit(
        marked, tables=load_tables(), trust=Trust((trust,)), stored=stored, progress=progress
    )
    if report.outcome is not Outcome.VERIFIED:
        failure = report.first_failure
        said = failure.message if failure is not None else "The audit did not come to an end."
        raise _refuted(failure.check if failure is not None else "audit", said)


class _Held(Struct, frozen=True):
    """Leaves of any source under our own newest note, not under theirs."""

    source: LeafSource
    note: bytes

    def checkpoint_note(self) -> bytes:
        """Return the note that the leaves are held to."""
        return self.note

    def leaves(self, start: int, stop: int) -> list[bytes]:
        """Return the leaves start <= index < stop, as many as there are."""
        return self.source.leaves(start, stop)


def _leaves(source: LeafSource, size: int, progress: Progress) -> Iterator[bytes]:
    for start in range(0, size, CHUNK):
        yield from source.leaves(start, min(start + CHUNK, size))
        progress(min(start + CHUNK, size), size)


def _wrong_mark(source: str, why: str) -> DamagedError:
    return DamagedError(
        "restore.mark",
        f"The high-water mark is not that of {source}: {why}.",
        hint="Name the mark that the ledger was served with: --high-water PATH|URL",
    )


def _refuted(check: str, said: str) -> DamagedError:
    return DamagedError(
        "restore.refuted",
        f"What would be restored does not pass its audit ({check}): {said}",
        hint="Nothing was put in place. Name another copy, mirror or export.",
        params={"check": check},
    )
