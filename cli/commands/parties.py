"""`ringmark party` and `ringmark approve`: who takes part, and pending acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli.context import Session, read_id
from cli.files import request_in
from cli.lazy import NearGroup
from cli.typed import lot_names, party_id, pass_session
from cli.writing import Manner, Words, say, writing_options
from ledger.errors import UsageError

if TYPE_CHECKING:
    from ledger.custody.parties import Scope


@click.group(cls=NearGroup)
def party() -> None:
    """Parties: traders, authorities, officers, auditors, labs, devices.

    \b
    Examples:
      ringmark --as root party enrol parks.request.json --country ZW --role authority
      ringmark --as parks party enrol kariba-farm.request.json --country ZW --role farm
    """


@party.command("enrol")
@click.argument("request", metavar="REQUEST")
@click.option("--country", required=True, metavar="CC", help="Alpha-2 code.")
@click.option("--role", "roles", multiple=True, required=True, help="farm, tannery, officer, …")
@click.option("--power", "powers", multiple=True, help="For officers: control, documents, …")
@click.option(
    "--for-country",
    "countries",
    multiple=True,
    metavar="CC",
    help="Where an office decides (its own country); XV: everywhere.",
)
@click.option("--acts-for", metavar="PARTY", help="The authority of an officer (you).")
@writing_options
@pass_session
def enrol(
    session: Session,
    /,
    *,
    request: str,
    country: str,
    roles: tuple[str, ...],
    powers: tuple[str, ...],
    countries: tuple[str, ...],
    acts_for: str | None,
    manner: Manner,
) -> None:
    """Enrol the party of REQUEST, the file that its `key create` made.

    \b
    Examples:
      ringmark --as parks party enrol kariba-farm.request.json --country ZW --role farm
      ringmark --as parks party enrol moyo.request.json --country ZW --role officer \\
          --acts-for parks --power control --power findings
    """
    from ledger.custody.parties import PartyEnrolled

    wanted = request_in(request)
    if wanted.ledger != session.trusted.ledger:
        raise UsageError(
            "request.other-ledger",
            f"{wanted.party} made this request for another ledger.",
            hint="Ask for a new one, made with the trust file of this ledger.",
        )
    event = PartyEnrolled(
        party=wanted.party,
        country=country.upper(),
        roles=tuple(sorted(set(roles))),
        key=wanted.public,
        proof=wanted.proof,
        scope=_scope(powers, countries),
        acts_for=acts_for or (session.party if "officer" in roles else None),
    )
    session.output.say(f"Fingerprint, read it out by phone: {wanted.fingerprint}")
    following = (f"ringmark party show {wanted.party}",)
    plain = {"party": wanted.party, "fingerprint": wanted.fingerprint}
    say(session, event, manner, Words(next=following, plain=plain))


@party.command("show")
@click.argument("name", metavar="PARTY")
@pass_session
def show(session: Session, name: str) -> None:
    """Show a party: roles, status, keys, findings.

    \b
    Example:
      ringmark party show kariba-farm
    """
    plain = session.source.party(name)
    session.output.result({"party": plain}, party_lines(plain))


@party.command("list")
@click.option("--role", help="Only those with this role.")
@pass_session
def list_(session: Session, role: str | None) -> None:
    """List all parties.

    \b
    Examples:
      ringmark party list
      ringmark party list --role officer
    """
    rows = [p for p in session.source.parties() if role is None or role in p.get("roles", ())]
    lines = session.output.table(
        ("party", "country", "roles", "status"),
        [(p["party"], p["country"], ", ".join(p.get("roles", ())), p["status"]) for p in rows],
    )
    session.output.result({"parties": rows}, lines if rows else ["no parties yet"])


@party.command("suspend")
@click.argument("name", metavar="PARTY")
@click.option("--reason", required=True)
@writing_options
@pass_session
def suspend(session: Session, /, *, name: str, reason: str, manner: Manner) -> None:
    """Suspend a party: it may sign nothing new until it is restored.

    \b
    Example:
      ringmark --as parks party suspend kariba-farm --reason "false stock returns"
    """
    from ledger.custody.parties import PartySuspended

    say(session, PartySuspended(name, reason), manner)


@party.command("restore")
@click.argument("name", metavar="PARTY")
@click.option("--reason", required=True)
@writing_options
@pass_session
def restore(session: Session, /, *, name: str, reason: str, manner: Manner) -> None:
    """Restore a suspended party.

    \b
    Example:
      ringmark --as parks party restore kariba-farm --reason "stock was recounted"
    """
    from ledger.custody.parties import PartyRestored

    following = ("ringmark approve {statement}   (where two officers are needed)",)
    say(session, PartyRestored(name, reason), manner, Words(next=following))


@party.command("scope")
@click.argument("name", metavar="PARTY")
@click.option("--role", "roles", multiple=True, required=True)
@click.option("--power", "powers", multiple=True)
@click.option(
    "--for-country",
    "countries",
    multiple=True,
    metavar="CC",
    help="Where an office decides (its own country); XV: everywhere.",
)
@writing_options
@pass_session
def scope(
    session: Session,
    /,
    *,
    name: str,
    roles: tuple[str, ...],
    powers: tuple[str, ...],
    countries: tuple[str, ...],
    manner: Manner,
) -> None:
    """Set a party's roles and an officer's scope anew.

    \b
    Example:
      ringmark --as parks party scope moyo --role officer --power control --power documents
    """
    from ledger.custody.parties import PartyScopeChanged

    roles = tuple(sorted(set(roles)))
    say(session, PartyScopeChanged(name, roles, _scope(powers, countries)), manner)


@party.command("recover")
@click.argument("name", metavar="PARTY")
@click.argument("lots", nargs=-1, required=True, metavar="LOT...")
@click.option("--to", type=party_id, required=True, metavar="PARTY", help="Who gets the lots.")
@click.option("--reason", required=True)
@writing_options
@pass_session
def recover(
    session: Session,
    /,
    *,
    name: str,
    lots: tuple[str, ...],
    to: str,
    reason: str,
    manner: Manner,
) -> None:
    """Move lots of a dead or lost party to another one; visible for ever.

    \b
    Example:
      ringmark --as parks party recover old-mill 7K3M-9QXF-2W50 --to new-mill --reason "heir"
    """
    from ledger.custody.parties import CustodyRecovered
    from ledger.desk.resolving import whole_lots

    codes = whole_lots(session.desk(), lot_names(lots))
    event = CustodyRecovered(name, to, codes, reason)
    following = ("ringmark approve {statement}   (where two officers are needed)",)
    say(session, event, manner, Words(next=following))


@click.command()
@click.argument("statement", metavar="STATEMENT")
@writing_options
@pass_session
def approve(session: Session, /, *, statement: str, manner: Manner) -> None:
    """Approve the pending act STATEMENT: look at it first with `statement decode`.

    \b
    Example:
      ringmark --as moyo approve 9b1f…
    """
    from ledger.custody.parties import ApprovalGiven

    say(session, ApprovalGiven(read_id(statement)), manner)


def party_lines(plain: dict[str, Any]) -> list[str]:
    """Return a party as lines for people."""
    lines = [
        f"{plain['party']}  {plain['country']}  {plain['status']}",
        f"roles: {', '.join(plain.get('roles', ()))}",
    ]
    for kid, number in (plain.get("next_numbers") or {}).items():
        lines.append(f"key {kid[:16]}…, next number {number}")
    for finding in plain.get("findings", ()):
        lines.append(f"{finding['severity']}: {finding['rule']}")
    return lines


def _scope(powers: tuple[str, ...], countries: tuple[str, ...]) -> Scope | None:
    from ledger.custody.parties import Scope

    if not powers and not countries:
        return None
    named = tuple(sorted({country.upper() for country in countries}))
    return Scope(powers=tuple(sorted(set(powers))), countries=named)
