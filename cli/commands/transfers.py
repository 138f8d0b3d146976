"""`ringmark transfer`: offers and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli.context import Session
from cli.lazy import NearGroup
from cli.typed import after, document_name, lot_names, party_id, pass_session
from cli.writing import Manner, Words, say, writing_options

if TYPE_CHECKING:
    from ledger.custody.transfers import Short
    from ledger.desk.desk import Desk
    from ledger.desk.facts import OfferFacts


@click.group(cls=NearGroup)
def transfer() -> None:
    """One offer moves many lots, parts and containers to one party; one answer settles it.

    \b
    Examples:
      ringmark --as kariba-farm transfer offer 7K3M-9QXF-2W50 --to limpopo-tannery
      ringmark --as limpopo-tannery transfer pending
      ringmark --as limpopo-tannery transfer accept kariba-farm --short 7K3M-9QXF-2W50=A-17,A-203
    """


@transfer.command("offer")
@click.argument("lots", nargs=-1, required=True, metavar="LOT...")
@click.option("--to", type=party_id, required=True, metavar="PARTY")
@click.option("--moves", type=click.Choice(["both", "custody", "title"]), default="both")
@click.option("--allow", "allows", multiple=True, help="With custody: store, carry, process, sell.")
@click.option("--expires", default="14d", show_default=True, help="14d, 36h, or a time.")
@click.option(
    "--document", "documents", type=document_name, multiple=True, metavar="CC/KIND/NUMBER"
)
@click.option("--claim", help="Sell under this claim, where it is lower than their own.")
@writing_options
@pass_session
def offer(
    session: Session,
    /,
    *,
    lots: tuple[str, ...],
    to: str,
    moves: str,
    allows: tuple[str, ...],
    expires: str,
    documents: tuple[str, ...],
    claim: str | None,
    manner: Manner,
) -> None:
    """Offer lots, parts (CODE:12, CODE=A..B) or containers to a party.

    \b
    Examples:
      ringmark transfer offer 7K3M-9QXF-2W50 --to limpopo-tannery
      ringmark transfer offer 7K3M-9QXF-2W50:120 --to limpopo-tannery --expires 30d
      ringmark transfer offer 51PB-1X9S-FP3J --to rotterdam-wood --document PE/FSC-COC/C-0101
      ringmark transfer offer @lots.txt --to harare-haulage --moves custody --allow carry
    """
    from ledger.custody.transfers import Moves, TransferOffered
    from ledger.desk.resolving import named

    found = named(session.desk(), lot_names(lots))
    event = TransferOffered(
        to=to,
        moves=Moves(moves),
        expires=after(expires, now_s=session.clock.now_s()),
        lots=found.lots,
        containers=found.containers,
        allows=tuple(sorted(allows)),
        documents=tuple(sorted(documents)),
        claims=dict.fromkeys(found.lots, claim) if claim else {},
    )
    following = (
        "ringmark transfer dispatch {statement} --due 7d",
        f"ringmark --as {to} transfer accept {session.party}",
    )
    say(session, event, manner, Words(next=following))


@transfer.command("dispatch")
@click.argument("which", metavar="OFFER")
@click.option("--due", default="7d", show_default=True, help="When the goods are due.")
@click.option("--carrier", metavar="PARTY")
@click.option("--seals", metavar="A..B,C", help="Seals on the vehicle.")
@writing_options
@pass_session
def dispatch(
    session: Session,
    /,
    *,
    which: str,
    due: str,
    carrier: str | None,
    seals: str | None,
    manner: Manner,
) -> None:
    """Say that the goods of your OFFER left: its id, its receiver, or a lot in it.

    \b
    Examples:
      ringmark transfer dispatch limpopo-tannery --carrier harare-haulage --due 5d
      ringmark transfer dispatch 7K3M-9QXF-2W50 --seals S-0041
    """
    from ledger.custody.transfers import TransferDispatched
    from ledger.desk.portions import read_marks
    from ledger.desk.resolving import find_offer

    found = find_offer(session.desk(), which, sent=True)
    event = TransferDispatched(
        offer=found.id,
        due=after(due, now_s=session.clock.now_s()),
        carrier=carrier,
        seals=read_marks(seals) if seals else (),
    )
    say(session, event, manner, Words(next=("ringmark transfer pending",)))


@transfer.command("accept")
@click.argument("which", metavar="OFFER", default="-")
@click.option("--short", "short", multiple=True, metavar="LOT", help="CODE:2, CODE=A,B or a mark.")
@click.option(
    "--refuse", "refuse", multiple=True, metavar="LOT", help="A lot that you do not take."
)
@writing_options
@pass_session
def accept(
    session: Session,
    /,
    *,
    which: str,
    short: tuple[str, ...],
    refuse: tuple[str, ...],
    manner: Manner,
) -> None:
    """Accept an OFFER as it was made, except what is short or refused.

    OFFER is its id, its sender, or a lot in it; without one, the only one that is open.

    \b
    Examples:
      ringmark transfer accept
      ringmark transfer accept kariba-farm --short 7K3M-9QXF-2W50=ZW-17-NIL,ZW-203-NIL
      ringmark transfer accept kariba-farm --short 7K3M-9QXF-2W50:2 --refuse 51PB-1X9S-FP3J
    """
    from cli.writing import write
    from ledger.custody.transfers import TransferAccepted
    from ledger.desk.draft import Act
    from ledger.desk.resolving import find_offer, whole_lots

    desk = session.desk()
    found = find_offer(desk, which, sent=False)
    missing, absent = _shorts(session, desk, lot_names(short)) if short else ({}, set())
    refused = whole_lots(desk, lot_names(refuse)) if refuse else ()
    event = TransferAccepted(
        offer=found.id, short=missing, refused=tuple(sorted({*refused, *absent}))
    )
    parts = sum(
        not part.is_whole and code not in event.refused for code, part in found.event.lots.items()
    )
    words = Words(next=("ringmark lot list",), plain={"offer": found.id.hex()})
    write(session, Act(event, parts=parts), manner, words)


@transfer.command("decline")
@click.argument("which", metavar="OFFER", default="-")
@click.option("--reason", required=True)
@writing_options
@pass_session
def decline(session: Session, /, *, which: str, reason: str, manner: Manner) -> None:
    """Decline an OFFER that was made to you: you take nothing.

    \b
    Example:
      ringmark transfer decline kariba-farm --reason "wrong species"
    """
    from ledger.custody.transfers import TransferDeclined

    say(session, TransferDeclined(_offer_id(session, which, sent=False), reason), manner)


@transfer.command("withdraw")
@click.argument("which", metavar="OFFER", default="-")
@click.option("--reason", required=True)
@writing_options
@pass_session
def withdraw(session: Session, /, *, which: str, reason: str, manner: Manner) -> None:
    """Take your own open OFFER back, or your goods out of the offer of their keeper.

    Of a keeper's offer name your lot: it leaves the offer, others stay in it.

    \b
    Examples:
      ringmark transfer withdraw limpopo-tannery --reason "sold elsewhere"
      ringmark transfer withdraw 7K3M-9QXF-2W50 --reason "not to be moved"
    """
    from ledger.custody.transfers import TransferWithdrawn
    from ledger.desk.resolving import offer_to_withdraw

    say(session, TransferWithdrawn(offer_to_withdraw(session.desk(), which), reason), manner)


def _offer_id(session: Session, which: str, *, sent: bool) -> bytes:
    from ledger.desk.resolving import find_offer

    return find_offer(session.desk(), which, sent=sent).id


@transfer.command("pending")
@pass_session
def pending(session: Session) -> None:
    """List the open offers to you and by you.

    \b
    Example:
      ringmark --as limpopo-tannery transfer pending
    """
    from ledger.desk.facts import offer_facts

    party = session.party
    plain = list(session.source.offers(party))
    found = [offer_facts(row) for row in plain]
    lines = [line for one in found for line in _offer_lines(one, party)]
    session.output.result({"offers": plain}, lines or ["no open offers"])
    if any(one.event.to == party for one in found):
        session.output.next("ringmark transfer accept OFFER")


def _shorts(session: Session, desk: Desk, typed: list[str]) -> tuple[dict[str, Short], set[str]]:
    """Return what is short of each lot, and the lots of which nothing came: those are refused."""
    from ledger.custody.transfers import Short
    from ledger.desk.portions import show_code
    from ledger.desk.resolving import named

    short: dict[str, Short] = {}
    absent: set[str] = set()
    for code, part in named(desk, typed).lots.items():
        if part.is_whole:
            absent.add(code)
            session.output.say(f"All of {show_code(code)} is missing: it is refused as a whole.")
        else:
            short[code] = Short(part.quantity, part.marks, part.row)
    return short, absent


def _offer_lines(found: OfferFacts, party: str) -> list[str]:
    from ledger.desk.telling import show_part
    from ledger.wire import text

    side = f"from {found.sender}" if found.event.to == party else f"to {found.event.to}"
    facts: list[Any] = [f"until {text.format_time(found.event.expires)}"]
    facts += ["expired"] if found.is_expired else []
    facts += ["dispatched"] if found.is_dispatched else []
    lines = [f"{found.id.hex()[:16]}  {side}  {found.event.moves.value}  ({', '.join(facts)})"]
    shown = list(found.event.lots.items())
    lines += [f"  {show_part(code, part)}" for code, part in shown[:20]]
    lines += [f"  … and {len(shown) - 20} more lots"] if len(shown) > 20 else []
    return lines
