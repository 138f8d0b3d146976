"""`ringmark statement` and `ringmark disclosure`: what was signed, said again, or taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli.context import Session, read_id, write_bytes
from cli.files import event_in, statement_in
from cli.lazy import NearGroup
from cli.remarking import remark_lines
from cli.typed import (
    act_options,
    goods_options,
    lot_names,
    pass_session,
    read_drafts,
    to_file,
    to_seconds,
)
from cli.writing import (
    Manner,
    Words,
    check_answer,
    confirm,
    deliver,
    entry_json,
    say,
    would_remark,
    write,
    writing_options,
)
from ledger.errors import UsageError
from ledger.statement import parse_statement
from ledger.wire import text

if TYPE_CHECKING:
    from ledger.custody.goods import Row
    from ledger.statement import Statement


@click.group(cls=NearGroup)
def statement() -> None:
    """Statements: sign any event, read one, correct, dispute, drop.

    \b
    Examples:
      ringmark statement decode receipt-of-lot.cose
      ringmark statement sign event.json
      ringmark statement correct 9b1f… --lot 7K3M-9QXF-2W50 --year 2025 --reason "typing error"
    """


@statement.command("sign")
@click.argument("file", metavar="FILE")
@click.option(
    "--out", metavar="FILE", callback=to_file, help="Write the signed bytes there; nothing is sent."
)
@act_options
@writing_options
@pass_session
def sign(
    session: Session,
    /,
    *,
    file: str,
    out: str | None,
    when: str | None,
    day: str | None,
    manner: Manner,
) -> None:
    """Sign the event in FILE, a JSON object with its `type`; bytes are hex.

    \b
    Examples:
      ringmark statement sign event.json
      ringmark statement sign event.json --out event.cose
    """
    from ledger.desk.draft import Act

    act = Act(event_in(file), to_seconds(when), day)
    if out is None:
        write(session, act, manner)
        return
    desk = session.desk()
    drafted = desk.prepare(act)
    confirm(session, act.event, yes=manner.yes)
    entry = desk.keep(drafted, said=f"Signed for {out}")
    write_bytes(out, drafted.raw)
    session.output.result(
        {**entry_json(entry), "file": out}, [f"statement {entry.id.hex()} in {out}"]
    )
    session.output.next(f"ringmark statement append {out}")


@statement.command("append")
@click.argument("file", metavar="FILE")
@click.option("--dry-run", is_flag=True, help="Ask the ledger what it would answer.")
@pass_session
def append(session: Session, file: str, dry_run: bool) -> None:
    """Send the signed statement in FILE, by whomever it is.

    \b
    Example:
      ringmark statement append event.cose
    """
    from ledger.desk.draft import Drafted
    from ledger.desk.numbers import check_own

    statement = statement_in(file)
    if dry_run:
        found = check_answer(session.source.dry_run(statement.raw))
        would = {"dry_run": True, "would": "register", "statement": statement.id.hex()}
        lines = ["The ledger would register this.", *would_remark(session, found)]
        session.output.result({**would, "findings": list(found)}, lines)
        return
    desk = session.desk()
    check_own(statement, session.home.public_keys())
    entry = desk.keep(Drafted(statement.raw, statement), said=f"From {file}")
    done = deliver(session, desk, [entry])
    plain = entry_json(done[0])
    lines = [f"registered at index {plain['index']}", *remark_lines(session, plain["findings"])]
    session.output.result(plain, lines)


@statement.command("decode")
@click.argument("what", metavar="FILE|STATEMENT")
@pass_session
def decode(session: Session, what: str) -> None:
    """Show what a statement says: a file, or one of the ledger by its id.

    The signature is not checked here; `verify` does that.

    \b
    Examples:
      ringmark statement decode event.cose
      ringmark statement decode 9b1f…
    """
    from ledger.desk.event_json import statement_json

    found = _statement(session, what)
    plain = statement_json(found)
    lines = [f"{name}: {text.json_dumps(value)}" for name, value in plain.items() if value]
    session.output.result({"decoded": plain, "cose": text.encode_base64(found.raw)}, lines)


@statement.command("correct")
@click.argument("of", metavar="STATEMENT")
@click.option("--lot", required=True, metavar="LOT")
@click.option("--reason", required=True)
@click.option("--add-marks", metavar="A..B,C", help="Marks that were there all along.")
@click.option("--remove-marks", metavar="A..B,C", help="Marks that never were.")
@goods_options
@writing_options
@pass_session
def correct(
    session: Session,
    /,
    *,
    of: str,
    lot: str,
    reason: str,
    add_marks: str | None,
    remove_marks: str | None,
    manner: Manner,
    **goods: Any,
) -> None:
    """Correct what STATEMENT said of one lot; it counts from its own place on.

    Name only what changes. More quantity, another taxon, source, origin or mark needs an officer.

    \b
    Examples:
      ringmark statement correct 9b1f… --lot 7K3M-9QXF-2W50 --year 2025 --reason "typing error"
      ringmark statement correct 9b1f… --lot 7K3M-9QXF-2W50 --remove-marks ZW-17 --reason "torn"
    """
    from ledger.custody.control import StatementCorrected
    from ledger.desk.portions import read_marks, read_typed
    from ledger.desk.resolving import find

    facts = find(session.desk(), read_typed(lot))
    event = StatementCorrected(
        of=read_id(of),
        lot=facts.code,
        reason=reason,
        contents=_contents(session, goods, facts.goods.contents),
        remove=read_marks(remove_marks, facts) if remove_marks else (),
        add=read_marks(add_marks, facts) if add_marks else (),
        year=text.parse_decimal(goods["year"]) if goods["year"] else None,
    )
    following = ("ringmark approve {statement}   (the counterparty or an officer)",)
    say(session, event, manner, Words(next=following))


@statement.command("dispute")
@click.argument("of", metavar="STATEMENT")
@click.argument("lots", nargs=-1, required=True, metavar="LOT...")
@click.option("--reason", required=True)
@writing_options
@pass_session
def dispute(
    session: Session, /, *, of: str, lots: tuple[str, ...], reason: str, manner: Manner
) -> None:
    """Say that STATEMENT is not true about your lots; an officer must look.

    \b
    Example:
      ringmark statement dispute 9b1f… 7K3M-9QXF-2W50 --reason "never delivered to us"
    """
    from ledger.custody.control import StatementDisputed
    from ledger.desk.resolving import whole_lots

    codes = whole_lots(session.desk(), lot_names(lots))
    say(session, StatementDisputed(read_id(of), codes, reason), manner)


@statement.command("drop")
@click.argument("numbers", nargs=-1, required=True, type=int, metavar="NUMBER...")
@click.option("--reason", required=True)
@click.option("--of-key", metavar="KID", help="Another key of yours (64 hex digits).")
@writing_options
@pass_session
def drop(
    session: Session,
    /,
    *,
    numbers: tuple[int, ...],
    reason: str,
    of_key: str | None,
    manner: Manner,
) -> None:
    """Give up numbers of a key that were never sent, so that nobody asks where they are.

    \b
    Example:
      ringmark statement drop 17 18 --reason "phone fell into the lake"
    """
    from ledger.custody.parties import StatementDropped

    kid = read_id(of_key) if of_key else session.desk().kid
    event = StatementDropped(kid, tuple(sorted(set(numbers))), reason)
    say(session, event, manner)


@click.group(cls=NearGroup)
def disclosure() -> None:
    """What a statement hides: names, addresses, prices, exact places.

    \b
    Example:
      ringmark disclosure withdraw 9b1f… --digest 7d2e… --reason "erasure asked for"
    """


@disclosure.command("list")
@click.argument("of", metavar="STATEMENT")
@pass_session
def list_hidden(session: Session, of: str) -> None:
    """List what your own STATEMENT hides, ready to be handed over.

    \b
    Example:
      ringmark disclosure list 9b1f…
    """
    from ledger.desk.desk import outbox_of
    from ledger.desk.disclosures import parse_disclosure

    wanted = read_id(of)
    kept = outbox_of(session.home, session.trusted).entries()
    items = [item for entry in kept if entry.id == wanted for item in entry.disclosures]
    rows = [
        {
            "field": found.field,
            "value": found.value.hex() if isinstance(found.value, bytes) else found.value,
            "digest": found.digest().hex(),
            "disclosure": text.encode_base64(item),
        }
        for item, found in ((item, parse_disclosure(item)) for item in items)
    ]
    lines = [f"{row['field']}: {row['value']}\n  {row['disclosure']}" for row in rows]
    session.output.result({"disclosures": rows}, lines or ["nothing is hidden"])


@disclosure.command("check")
@click.argument("disclosed", metavar="DISCLOSURE")
@click.argument("of", metavar="FILE|STATEMENT")
@pass_session
def check(session: Session, disclosed: str, of: str) -> None:
    """Check a disclosure, base64, that somebody handed you against its statement.

    \b
    Example:
      ringmark disclosure check g1Bz… statement.cose
    """
    from ledger.desk.disclosures import check_disclosure

    statement = _statement(session, of)
    found = check_disclosure(text.decode_base64(disclosed), hidden=statement.hidden)
    value = found.value.hex() if isinstance(found.value, bytes) else found.value
    plain = {"field": found.field, "value": value, "statement": statement.id.hex()}
    session.output.result(plain, [f"{found.field}: {value}"])


@disclosure.command("withdraw")
@click.argument("of", metavar="STATEMENT")
@click.option("--digest", "digests", multiple=True, required=True, metavar="SHA256")
@click.option("--reason", required=True)
@writing_options
@pass_session
def withdraw(
    session: Session,
    /,
    *,
    of: str,
    digests: tuple[str, ...],
    reason: str,
    manner: Manner,
) -> None:
    """Say that disclosures of STATEMENT were erased, lawfully.

    \b
    Example:
      ringmark disclosure withdraw 9b1f… --digest 7d2e… --reason "erasure asked for"
    """
    from ledger.custody.control import DisclosureWithdrawn

    hashes = tuple(sorted(read_id(digest) for digest in digests))
    say(session, DisclosureWithdrawn(read_id(of), hashes, reason), manner)


def _statement(session: Session, what: str) -> Statement:
    """Return a statement: of a file, or of the ledger by its id."""
    is_id = len(what) == 64 and all(digit in "0123456789abcdefABCDEF" for digit in what)
    return parse_statement(session.source.statement(read_id(what))) if is_id else statement_in(what)


def _contents(session: Session, goods: dict[str, Any], known: tuple[Row, ...]) -> tuple[Row, ...]:
    """Return the new contents: what was not named stays as it was, for lots of one row."""
    from msgspec.structs import replace

    from ledger.custody.goods import Row
    from ledger.reference.quantities import display, parse_quantity

    if goods["file"]:
        return tuple(
            Row(d.taxon, d.term, d.quantity, d.unit, d.source, d.origin)
            for d in read_drafts(session, goods)
        )
    named = ("taxon", "term", "source", "origin")
    changes: dict[str, Any] = {name: goods[name] for name in named if goods[name]}
    if not changes and not goods["quantity"]:
        return ()
    if len(known) != 1:
        raise UsageError(
            "desk.row",
            f"The lot has {len(known)} rows.",
            hint="Give all of them with --from FILE.",
        )
    row = known[0]
    if goods["quantity"]:
        unit = (goods["unit"] or display(row.quantity, row.unit)[1]).upper()
        changes["quantity"], changes["unit"] = parse_quantity(goods["quantity"], unit)
    return (replace(row, **changes),)
