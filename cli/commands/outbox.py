"""`ringmark outbox`: what you signed and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from cli.context import Session, write_bytes
from cli.files import event_in, parsed
from cli.lazy import NearGroup
from cli.output import many
from cli.remarking import remark_lines
from cli.typed import pass_session, to_file
from cli.writing import (
    check_answer,
    check_entry,
    confirm,
    deliver,
    entry_json,
    would_remark,
)
from ledger.errors import UsageError

if TYPE_CHECKING:
    from ledger.desk.desk import Desk
    from ledger.desk.outbox import Entry, Outbox


@click.group(cls=NearGroup)
def outbox() -> None:
    """Signed statements wait here until the ledger has them; sending twice is safe.

    \b
    Examples:
      ringmark outbox list
      ringmark outbox push
      ringmark outbox fix 3
    """


@outbox.command("list")
@click.option("--all", "everything", is_flag=True, help="Registered and given up ones too.")
@pass_session
def list_(session: Session, everything: bool) -> None:
    """List what waits, and what was refused.

    \b
    Examples:
      ringmark outbox list
      ringmark outbox list --all --json
    """
    from ledger.desk.outbox import State

    quiet = (State.REGISTERED, State.GIVEN_UP)
    entries = [e for e in _outbox(session).entries() if everything or e.state not in quiet]
    lines = _table(session, entries)
    plain = [{**entry_json(entry), **_why(entry)} for entry in entries]
    session.output.result({"entries": plain}, lines if entries else ["nothing waits"])


@outbox.command("push")
@click.option("--dry-run", is_flag=True, help="Ask the ledger what it would answer to the first.")
@pass_session
def push(session: Session, dry_run: bool) -> None:
    """Send everything that waits, oldest first; receipts are checked before it counts.

    A ledger that is busy and says for how long is asked again then, at most five times.

    \b
    Example:
      ringmark outbox push
    """
    from ledger.desk.sending import push as send

    box = _outbox(session)
    if dry_run:
        waiting = box.open_entries()
        found = check_answer(session.source.dry_run(waiting[0].raw)) if waiting else ()
        _would(session, [entry.place for entry in waiting], "send", found)
        return
    with session.home.lock(), session.output.progress("Sending") as progress:
        done = send(box, session.source, session.trusted, progress=progress, wait=session.wait)
    plain = [{**entry_json(entry), **_why(entry)} for entry in done]
    refused = [entry for entry in done if entry.state.value != "registered"]
    lines = _table(session, done) if done else ["nothing waits"]
    lines += remark_lines(session, (found for entry in done for found in entry.findings))
    if not refused:
        session.output.result({"entries": plain}, lines)
        return
    for line in lines:
        session.output.say(line)
    check_entry(refused[0])


@outbox.command("fix")
@click.argument("place", type=int, metavar="NUMBER")
@click.option("--drop", metavar="REASON", help="Give it up, and all that rests on it.")
@click.option("--with", "file", metavar="FILE", help="Sign this event (JSON) in its place.")
@click.option("--push/--no-push", default=True, show_default=True, help="Send at once.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Ask the ledger what it would answer.")
@pass_session
def fix(
    session: Session,
    /,
    *,
    place: int,
    drop: str | None,
    file: str | None,
    push: bool,
    yes: bool,
    dry_run: bool,
) -> None:
    """Sign a refused statement again as things stand now, and all yours that rest on it.

    Codes stay as they are, so labels do too. Numbers that never left this desk are given up. Where
    a document was replaced meanwhile, the one in its place is named.

    \b
    Examples:
      ringmark outbox fix 3
      ringmark outbox fix 3 --with corrected.json
      ringmark outbox fix 3 --drop "typed twice"
    """
    from ledger.desk.fixing import fix as mend
    from ledger.desk.fixing import give_up, preview

    if drop is not None and file is not None:
        raise UsageError("cli.usage", "Either --drop or --with.", hint="See --help.")
    desk = session.desk()
    event = event_in(file) if file else None
    if dry_run:
        chain, drafted = preview(desk, place, clock=session.clock, event=event)
        found = check_answer(desk.dry_run(drafted)) if drop is None else ()
        verb = "give up" if drop else "sign again"
        _would(session, [entry.place for entry in chain], verb, found)
        return
    confirm(session, event, yes=yes, question=_given_up(desk, place) if drop is not None else "")
    if drop is not None:
        _, dropped = give_up(desk, place, clock=session.clock, entropy=session.entropy, reason=drop)
        made = (dropped,) if dropped else ()
    else:
        mended = mend(desk, place, clock=session.clock, entropy=session.entropy, event=event)
        made = (*mended.entries, *((mended.dropped,) if mended.dropped else ()))
        for old, new in mended.instead.items():
            session.output.say(f"names {new} in place of {old}")
    done = deliver(session, desk, made) if push and made else list(made)
    plain = [entry_json(entry) for entry in done]
    lines = _table(session, done) or ["given up"]
    lines += remark_lines(session, (found for entry in done for found in entry.findings))
    session.output.result({"entries": plain, "next": []}, lines)


@outbox.command("export")
@click.argument("file", metavar="FILE", callback=to_file)
@pass_session
def export(session: Session, file: str) -> None:
    """Write everything that waits to FILE, to be pushed from another machine.

    It counts as sent from then on. Push here too when you can: that brings the receipts.

    \b
    Example:
      ringmark outbox export /media/stick/outbox.bin
    """
    with session.home.lock():
        box = _outbox(session)
        count = len(box.open_entries())
        write_bytes(file, box.export())
    session.output.result(
        {"file": file, "count": count}, [f"{many(count, 'statement')} written to {file}"]
    )
    session.output.next(f"ringmark outbox import {file}", "ringmark outbox push")


@outbox.command("import")
@click.argument("file", metavar="FILE")
@pass_session
def import_(session: Session, file: str) -> None:
    """Take over the statements of an exported FILE; those that are here already stay.

    \b
    Example:
      ringmark outbox import /media/stick/outbox.bin
    """
    own = tuple(session.home.public_keys())
    hint = "Export it again where it was signed: ringmark outbox export FILE"
    with session.home.lock():
        take = partial(_outbox(session).import_, own=own)
        taken = parsed(file, take, what="exported outbox", hint=hint)
    plain = [entry_json(entry) for entry in taken]
    session.output.result({"entries": plain}, [f"{many(len(taken), 'statement')} in the outbox"])
    session.output.next("ringmark outbox push")


def _given_up(desk: Desk, place: int) -> str:
    """Return what is asked before a statement is given up; raise where it cannot be."""
    from ledger.desk.fixing import mendable

    rests = len(mendable(desk, place)[1]) - 1
    more = f", and {many(rests, 'statement')} that rest on it" if rests else ""
    return f"Give up statement {place}{more}."


def _outbox(session: Session) -> Outbox:
    from ledger.desk.desk import outbox_of

    return outbox_of(session.home, session.trusted)


def _would(
    session: Session, places: list[int], what: str, found: Sequence[Mapping[str, Any]]
) -> None:
    """Say what a dry run found: the first was asked about, what rests on it was not."""
    numbers = ", ".join(map(str, places)) or "nothing"
    session.output.result(
        {"dry_run": True, "places": places, "would": what, "findings": list(found)},
        [f"would {what}: {numbers}", *would_remark(session, found)],
    )


def _why(entry: Entry) -> dict[str, str | None]:
    return {"said": entry.said, "rule": entry.rule, "error": entry.error}


def _table(session: Session, entries: list[Entry]) -> list[str]:
    if not entries:
        return []
    rows = [
        (str(e.place), e.state.value, e.statement.party, e.said[:60], e.error or "")
        for e in entries
    ]
    return session.output.table(("number", "state", "by", "what", "why not"), rows)
