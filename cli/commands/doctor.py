"""`ringmark doctor`: a look over this desk and this ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import click

from cli.context import Session
from cli.exits import exit_code
from cli.output import failure, many
from cli.typed import pass_session
from ledger.errors import (
    DamagedError,
    NotFoundError,
    RingmarkError,
    UnavailableError,
    UsageError,
)

Check = Callable[[Session], Iterator[str]]


@click.command()
@click.option("--deep", is_flag=True, help="Hash and compare every stored page, leaf and row.")
@click.option("--rebuild", is_flag=True, help="Make the derived tables anew from the leaves.")
@pass_session
@click.pass_context
def doctor(ctx: click.Context, session: Session, /, *, deep: bool, rebuild: bool) -> None:
    """Look over your home, your keys, what you trust, the outbox and the ledger.

    Of a ledger's folder it says in plain words what is wrong and what to do; nothing is changed
    unless --rebuild asks for it.

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
    rows = [look(session, name, check) for name, check in checks]
    with session.output.progress("Looking at the folder"):
        rows += _folder(session, deep=deep)
    failed = [row for row in rows if row["outcome"] == "failed"]
    errors = [row.pop("error") for row in rows]
    lines = [line for names, row in _together(rows) for line in _lines(names, row)]
    if not failed:
        session.output.result({"checks": rows}, lines)
        return
    error = _gravest(failed[0], [one for one in errors if one is not None])
    session.output.result({"checks": rows, **failure(error)}, lines, ok=False)
    ctx.exit(exit_code(error))


def look(session: Session, name: str, check: Check) -> dict[str, Any]:
    """Return what one check found; an error is a finding of the doctor, not its end."""
    try:
        detail = "; ".join(check(session))
    except UsageError as error:
        # No ledger was named: what is asked of one stays open. A file that was named is none, and
        # whoever asks for a rebuilding is not told that all is well where there was none.
        if error.code == "cli.ledger-file" or check is _rebuild:
            raise
        return _row(name, "open", error)
    except RingmarkError as error:
        return _row(name, "failed", error)
    return {"name": name, "outcome": "passed", "code": "", "detail": detail, "hint": "",
            "error": None}  # fmt: skip


def _row(name: str, outcome: str, error: RingmarkError) -> dict[str, Any]:
    kept = error if outcome == "failed" else None
    return {"name": name, "outcome": outcome, "code": error.code, "detail": error.message,
            "hint": error.hint, "error": kept}  # fmt: skip


def _together(rows: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Return rows with the names of their checks: what several found alike is said once."""
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in rows:
        same = row["name"] if row["outcome"] == "passed" else ""
        found.setdefault((row["outcome"], same, row["detail"]), []).append(row)
    return [(", ".join(row["name"] for row in alike), alike[-1]) for alike in found.values()]


def _lines(names: str, row: dict[str, Any]) -> list[str]:
    first = f"{row['outcome']:<7} {names:<8} {row['detail']}"
    return [first, f"{'':<16} {row['hint']}"] if row["hint"] else [first]


def _folder(session: Session, *, deep: bool) -> list[dict[str, Any]]:
    """Return what is found in the ledger's own folder, where the ledger is one of this machine."""
    from ledger.diagnosing import diagnose

    try:
        directory = session.directory
    except UsageError:
        return []
    if not directory.is_dir():
        return []
    found = diagnose(
        directory,
        clock=session.clock,
        clock_ok=session.options.clock_ok,
        deep=deep,
        database=session.database,
    )
    return [
        {"name": one.name, "outcome": one.outcome, "code": one.code, "detail": one.detail,
         "hint": one.hint, "error": one.error}
        for one in found
    ]  # fmt: skip


def _gravest(first: dict[str, Any], errors: list[RingmarkError]) -> RingmarkError:
    """Return the one error of a visit: damage before what is missing before what passes."""
    said, params = f"{first['name']}: {first['detail']}", {"failed": len(errors)}
    hint = str(first["hint"])
    if all(isinstance(one, UnavailableError) for one in errors):
        return UnavailableError("doctor.later", said, hint=hint, params=params)
    if all(isinstance(one, UnavailableError | NotFoundError) for one in errors):
        return NotFoundError("doctor.missing", said, hint=hint, params=params)
    return DamagedError("doctor.found", said, hint=hint, params=params)


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


def _rebuild(session: Session) -> Iterator[str]:
    from ledger.wiring import rebuild_tables

    with session.output.progress("Rebuilding"):
        rebuild_tables(session.directory, database=session.database)
    yield "derived tables made anew from the leaves"
