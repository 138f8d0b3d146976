"""`ringmark doctor`: a look over this desk and this ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import click

from cli.context import Session
from cli.output import many
from cli.typed import pass_session
from ledger.errors import DamagedError, RingmarkError, UsageError

Check = Callable[[Session], Iterator[str]]


@click.command()
@click.option("--deep", is_flag=True, help="Hash every stored leaf and record again.")
@click.option("--rebuild", is_flag=True, help="Make the derived tables anew from the leaves.")
@pass_session
def doctor(session: Session, deep: bool, rebuild: bool) -> None:
    """Look over your home, your keys, what you trust, the outbox and the ledger.

    \b
    Examples:
      ringmark doctor
      ringmark --ledger ./ledger doctor --deep
    """
    checks: list[tuple[str, Check]] = [
        ("keys", _keys),
        ("trust", _trust),
        ("outbox", _outbox),
        ("ledger", _ledger),
        ("readers", _readers),
    ]
    if rebuild:
        checks.append(("rebuilt", _rebuild))
    if deep:
        checks.append(("stored", _stored))
    rows = [look(session, name, check) for name, check in checks]
    broken = [row for row in rows if row["outcome"] == "failed"]
    lines = [f"{r['outcome']:<7} {r['name']:<8} {r['detail']}" for r in rows]
    if broken:
        for line in lines:
            session.output.say(line)
        first = broken[0]
        raise DamagedError(
            "doctor.found",
            f"{first['name']}: {first['detail']}",
            hint=str(first["hint"]),
            params={"failed": len(broken)},
        )
    session.output.result({"checks": rows}, lines)


def look(session: Session, name: str, check: Check) -> dict[str, Any]:
    """Return what one check found; an error is a finding of the doctor, not its end."""
    try:
        detail = "; ".join(check(session))
    except UsageError as error:
        return {"name": name, "outcome": "open", "detail": error.message, "hint": error.hint}
    except RingmarkError as error:
        return {"name": name, "outcome": "failed", "detail": error.message, "hint": error.hint}
    return {"name": name, "outcome": "passed", "detail": detail, "hint": ""}


def _keys(session: Session) -> Iterator[str]:
    names = session.home.key_names()
    for name in names:
        session.home.public_key(name)
    yield f"{many(len(names), 'key')} in {session.home.path}, readable by you alone"


def _trust(session: Session) -> Iterator[str]:
    yield ", ".join(one.origin for one in session.trust().ledgers)


def _outbox(session: Session) -> Iterator[str]:
    from ledger.desk.desk import outbox_of

    entries = outbox_of(session.home, session.trusted).entries()
    states: dict[str, int] = {}
    for entry in entries:
        states[entry.state.value] = states.get(entry.state.value, 0) + 1
    yield ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "empty"


def _ledger(session: Session) -> Iterator[str]:
    found = session.trusted.open_checkpoint(session.source.checkpoint())
    yield f"{found.origin}, {found.size} leaves, signed by the trusted key"


def _readers(session: Session) -> Iterator[str]:
    """A closed ledger is held to its word by an auditor who is not its operator."""
    from ledger.reader.access import outside_auditors

    if session.source.about().get("read") == "open":
        yield "open to everybody"
        return
    if session.is_remote:
        yield "closed: its parties, officers, auditors and mirrors prove themselves"
        return
    known = [(view.party, view.state) for view in session.reader.parties()]
    named = outside_auditors(known)
    if not named:
        raise UsageError(
            "doctor.auditor",
            "This closed ledger names no auditor outside its operator.",
            hint="Enrol one: ringmark party enrol REQUEST --country CC --role auditor",
        )
    yield f"closed; audited by {', '.join(named)}"


def _stored(session: Session) -> Iterator[str]:
    from ledger.registrar.inspecting import inspect_store
    from ledger.wiring import open_for_reading

    opened = open_for_reading(session.directory, database=session.database)
    session.on_close(opened)
    found = list(inspect_store(opened.store))
    if found:
        raise DamagedError("doctor.stored", "; ".join(found), hint="Restore from a copy.")
    yield "every leaf, tile and record hashed again"


def _rebuild(session: Session) -> Iterator[str]:
    from ledger.wiring import rebuild_tables

    rebuild_tables(session.directory, database=session.database)
    yield "derived tables made anew from the leaves"
