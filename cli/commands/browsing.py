"""`ringmark lot show|list|history|find`: looking at lots."""

from __future__ import annotations

from typing import Any

import click

from cli.commands.references_kept import conditions_of, quota_line
from cli.context import Session
from cli.output import many
from cli.typed import pass_session
from ledger.wire import text


@click.command("show")
@click.argument("name", metavar="LOT")
@pass_session
def show(session: Session, name: str) -> None:
    """Show a lot or container, by code or mark, and the quotas under which it passed.

    \b
    Examples:
      ringmark lot show 7K3M-9QXF-2W50
      ringmark lot show ZW-2026-000017-NIL
    """
    plain = look_up(session, name)
    quotas = [session.source.entry("account", account) for account in _quotas(session, plain)]
    lines = lot_lines(plain, now_s=session.clock.now_s())
    for quota in quotas:
        lines += [f"  quota: {quota_line(quota)}", *(f"  {n}" for n in conditions_of(quota))]
    session.output.result({"lot": plain, "quotas": quotas}, lines)


def _quotas(session: Session, plain: dict[str, Any]) -> list[str]:
    """Return the accounts on which a lot was counted, and those that its documents reserved."""
    names = {*plain.get("accounts", ()), *plain.get("arrived", ())}
    for document in plain.get("documents", ()):
        names.update(session.source.document(document).get("reserved", {}))
    return sorted(names)


@click.command("list")
@click.option("--of", "party", metavar="PARTY", help="Whose (yours).")
@click.option("--all", "everything", is_flag=True, help="Ended lots too.")
@pass_session
def list_(session: Session, party: str | None, everything: bool) -> None:
    """List the lots that you hold or own.

    \b
    Examples:
      ringmark --as kariba-farm lot list
      ringmark lot list --of kariba-farm --all
    """
    from ledger.desk.portions import show_code

    now_s = session.clock.now_s()
    rows = [
        row
        for page in session.source.lots_pages(party or session.party)
        for row in page
        if everything or row["status"] == "live"
    ]
    cells = [
        (show_code(r["code"]), r["status"], r.get("holder", ""), _goods(r), _open(r, now_s))
        for r in rows
    ]
    lines = session.output.table(("lot", "status", "holder", "goods", "findings"), cells)
    session.output.result({"lots": rows}, lines if rows else ["no lots"])


@click.command("history")
@click.argument("name", metavar="LOT")
@pass_session
def history(session: Session, name: str) -> None:
    """Show every statement that touched a lot, oldest first.

    \b
    Example:
      ringmark lot history 7K3M-9QXF-2W50
    """

    code = look_up(session, name)["code"]
    rows = list(session.source.history(code))
    cells = [
        (str(r["index"]), text.format_time(r["at"]), r["type"], r["party"], r["id"]) for r in rows
    ]
    lines = session.output.table(("index", "registered", "event", "by", "statement"), cells)
    session.output.result({"code": code, "history": rows}, lines)


@click.command("find")
@click.argument("words", metavar="WORDS")
@pass_session
def find(session: Session, words: str) -> None:
    """Find lots, marks, documents, parties and facilities by what you can read of them.

    \b
    Examples:
      ringmark lot find 7K3M9QXF2W50
      ringmark lot find ZW-2026-0000
    """
    rows = list(session.source.search(words))
    lines = session.output.table(
        ("kind", "name", ""), [(r["kind"], r["name"], r.get("words", "")) for r in rows]
    )
    session.output.result({"results": rows}, lines if rows else ["nothing found"])


def look_up(session: Session, name: str) -> dict[str, Any]:
    """Return the lot or container that was typed, as the ledger shows it."""
    from ledger.desk.portions import read_typed
    from ledger.desk.resolving import codes_of_mark, fetch

    typed = read_typed(name)
    if typed.code is not None:
        return fetch(session.source, typed.code)
    return fetch(session.source, codes_of_mark(session.source, typed.mark or "")[0])


def lot_lines(plain: dict[str, Any], *, now_s: int) -> list[str]:
    """Return a lot as lines for people; a finding that lies ahead at `now_s` (s) says from when."""
    from ledger.desk.amounts import show_row
    from ledger.desk.facts import lot_facts
    from ledger.desk.portions import show_code, show_marks

    facts = lot_facts(plain["code"], plain)
    lines = [f"{show_code(facts.code)}  {plain['status']}"]
    lines += [f"  {show_row(row)}" for row in facts.goods.contents]
    if facts.goods.marks:
        lines.append(f"  {many(len(facts.marks), 'mark')}: {show_marks(facts.goods.marks[:8])}")
    for name in ("holder", "owner", "facility", "container", "year", "claim", "how"):
        if plain.get(name):
            lines.append(f"  {name}: {plain[name]}")
    for name in ("documents", "lots", "parents"):
        if plain.get(name):
            lines.append(f"  {name}: {', '.join(plain[name])}")
    for found in plain.get("findings", ()):
        ahead = f" from {text.format_time(found['from_at'])}" if found["from_at"] > now_s else ""
        lines.append(f"  {found['severity']}{ahead}: {found['rule']}")
    return lines


def _goods(plain: dict[str, Any]) -> str:
    from ledger.desk.amounts import show_quantity

    rows = plain.get("contents", ())
    return "; ".join(
        f"{show_quantity(row['quantity'], row['unit'])} {row['term']} {row['taxon']}"
        for row in rows
    )


def _open(plain: dict[str, Any], now_s: int) -> str:
    counting = [f for f in plain.get("findings", ()) if f["from_at"] <= now_s]
    return ", ".join(f"{f['severity']}: {f['rule']}" for f in counting)
