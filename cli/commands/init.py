"""`ringmark init`: found a ledger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.auditing import find_place
from cli.context import Session
from cli.typed import pass_session
from ledger.errors import DamagedError, RefusedError, UsageError
from ledger.wire.note import format_vkey

if TYPE_CHECKING:
    from ledger.custody.parties import Continuation
    from ledger.keys import PrivateKey
    from ledger.wiring import Founded

WEAK = (
    "The high-water mark stands beside the database: weak, for both are restored together. "
    "Put it elsewhere with --high-water."
)
NEXT = (
    "ringmark --as AUTHORITY key create",
    "ringmark --as root party enrol AUTHORITY.request.json --country CC --role authority",
    "ringmark backup DIR2",
)

if TYPE_CHECKING:
    from ledger.wiring import Founded


@click.command()
@click.argument("directory", metavar="DIR")
@click.option("--origin", required=True, help="A name like an address: ledger.example.org/zw")
@click.option("--host", "hosts", multiple=True, required=True, help="A host of its labels.")
@click.option("--two-person", is_flag=True, help="Grave acts need two officers.")
@click.option("--closed", is_flag=True, help="Lists and bundles are not for everybody.")
@click.option("--high-water", metavar="PATH|URL", help="Where the high-water mark is kept.")
@click.option("--continues", metavar="COPY", help="What is left of a ledger that ended.")
@click.option("--seal-server-keys", is_flag=True, help="Seal the registrar's keys too.")
@pass_session
def init(
    session: Session,
    /,
    *,
    directory: str,
    origin: str,
    hosts: tuple[str, ...],
    two_person: bool,
    closed: bool,
    high_water: str | None,
    continues: str | None,
    seal_server_keys: bool,
) -> None:
    """Found a ledger in DIR: its root key in your home, its server keys and trust file in DIR.

    With --database postgresql://HOST/NAME the log is kept there; DIR remembers where. With
    --continues COPY it names the ledger of which a COPY, tiles or a mirror are left, but not its
    high-water mark: nobody may sign for that one any more, and clients push again what they hold
    receipts for.

    \b
    Examples:
      ringmark init ./ledger --origin ledger.example.org/zw --host ledger.example.org
      ringmark init ./ledger --origin ledger.example/demo --host localhost --two-person
      ringmark init ./ledger --origin ledger.example/gh --host ledger.example \\
        --database postgresql://db.example.org/ledger --high-water postgresql://other.example.org/mark
    """
    from ledger.reference.thresholds import ONE_PERSON, TWO_PERSONS
    from ledger.registrar.founding import Charter
    from ledger.storage.places import is_address, local_directory
    from ledger.wiring import found_ledger

    named = session.options.database
    database = named if named is not None and is_address(named) else None
    place = local_directory(named) if named and not database else Path(directory)
    if place.exists() and any(place.iterdir()):
        raise UsageError("ledger.exists", f"{place} is not empty.", hint="Choose a new directory.")
    if continues is None:
        _check_home(session)
    phrase = session.passphrase("root", is_new=True)
    root, name = _root_key(session, phrase)
    with _dropped_if_refused(session, name):
        founded = found_ledger(
            place,
            Charter(
                origin=origin,
                hosts=hosts,
                thresholds=TWO_PERSONS if two_person else ONE_PERSON,
                read="closed" if closed else "open",
                continues=_ended(session, continues) if continues is not None else None,
            ),
            clock=session.clock,
            entropy=session.entropy,
            passphrase=phrase if seal_server_keys else None,
            root=(root,),
            high_water=high_water,
            database=database,
        )
    _settle(session, founded, place, root=root, name=name)
    _show(session, founded, place, name=name)
    _warn(session, place, is_closed=closed, is_two_person=two_person)
    session.output.next(*NEXT)


def _warn(session: Session, place: Path, *, is_closed: bool, is_two_person: bool) -> None:
    """Say what the founder should think of before the ledger is used."""
    from ledger.storage.places import read_places

    if read_places(place).is_mark_weak(place):
        session.output.say(WEAK)
    if is_closed:
        session.output.say(
            "A closed ledger needs an auditor outside its operator: enrol one with --role auditor."
        )
    if not is_two_person:
        session.output.say("One-person authority: one officer alone may do grave acts.")


def _check_home(session: Session) -> None:
    """Raise UsageError where this home is root of a ledger: the new one would sign in its place.

    A ledger that ended needs its root no more: the one that continues it is founded from its home.
    """
    name = session.settings.get("keys", {}).get("root")
    if name not in session.home.key_names():
        return
    known = session.settings.get("ledger")
    raise UsageError(
        "init.root-taken",
        f"The home {session.home.path} signs as root with its key {name} already"
        + (f"; its ledger is {known}." if known else "."),
        hint="A home has one root. Found it from another one: ringmark --home DIR init …",
        params={"home": str(session.home.path), "key": name},
    )


def _ended(session: Session, named: str) -> Continuation:
    """Return how far a ledger came of which a copy, its tiles or a mirror is left."""
    from ledger.custody.parties import Continuation
    from ledger.reference.tables import load_tables
    from ledger.statement import ledger_id, parse_statement
    from ledger.verify.audit import audit
    from ledger.verify.verdict import Outcome

    place = find_place(named, checkpoint=None)
    session.on_close(place)
    opened = place.open()
    session.on_close(opened)
    if opened.store is not None and (head := opened.store.head()) is not None:
        # Its mark is lost, and its last blocks may never have been signed: they count all the same.
        founding = opened.store.raws(0, 1)[0]
        return Continuation(ledger_id(parse_statement(founding)), head.size, head.root)
    report = audit(opened.source, tables=load_tables())
    if report.outcome is not Outcome.VERIFIED or report.ledger is None:
        raise DamagedError(
            "init.continues",
            f"What is left of the ledger in {named} does not pass its audit.",
            hint=f"Look at it with: ringmark audit {named}",
        )
    return Continuation(report.ledger, report.size, report.root)


def _root_key(session: Session, phrase: str) -> tuple[PrivateKey, str]:
    """Make the root key and keep it before anything rests on it."""
    from ledger import keys

    root = keys.PrivateKey.generate(keys.ED25519, session.entropy.token)
    name = f"root-{root.kid.hex()[:8]}"
    session.home.save_key(name, root, passphrase=phrase, entropy=session.entropy)
    return root, name


@contextmanager
def _dropped_if_refused(session: Session, name: str) -> Iterator[None]:
    """Drop the new root key where nothing was founded; whatever else went wrong, it stays."""
    try:
        yield
    except (RefusedError, UsageError):
        session.home.drop_key(name)
        raise


def _settle(
    session: Session, founded: Founded, place: Path, *, root: PrivateKey, name: str
) -> None:
    from ledger.desk.desk import memory_of
    from ledger.trust import parse_trust

    session.home.use_key("root", name)
    session.home.remember(ledger=str(place.absolute()))
    memory = memory_of(session.home, parse_trust(founded.trust).ledgers[0])
    # The founding itself was number 1 of the root key.
    memory.use_number(root.kid, 1)
    memory.save()


def _show(session: Session, founded: Founded, place: Path, *, name: str) -> None:
    trust = place / "trust.json"
    session.output.result(
        {
            "ledger": founded.ledger.hex(),
            "origin": founded.vkey.name,
            "directory": str(place),
            "trust": str(trust),
            "vkey": format_vkey(founded.vkey),
            "root_key": name,
            "next": list(NEXT),
        },
        [
            f"founded: ledger {founded.ledger.hex()}",
            f"trust file: {trust} (give it to everybody who verifies)",
            f"root key: {name} in {session.home.path} (keep a copy offline)",
        ],
    )
    session.output.say("There is no second copy yet: one broken disk is the end of this ledger.")
