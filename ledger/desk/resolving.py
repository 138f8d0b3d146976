"""From what people type to lots, parts and containers that an event can name.

Owns the look-up of marks and the joining of several portions of one lot. Asks the desk; decides
nothing about custody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from ledger.custody.goods import Part, compress, expand
from ledger.desk.desk import Desk
from ledger.desk.facts import LotFacts, OfferFacts
from ledger.desk.portions import Typed, part_of, read_typed
from ledger.desk.source import Source
from ledger.errors import MalformedError, NotFoundError, UsageError
from ledger.reference.mark_forms import readings


class Named(Struct, frozen=True):
    """What was named: parts of lots by code, and containers."""

    lots: Mapping[str, Part]
    containers: tuple[str, ...] = ()


def named(desk: Desk, typed: Iterable[str]) -> Named:
    """Return the lots, parts and containers that were typed.

    Raise NotFoundError for what is unknown, UsageError where one lot is named twice differently.
    """
    reads = [read_typed(value) for value in typed]
    desk.look_up([read.code for read in reads if read.code])
    lots: dict[str, Part] = {}
    containers: dict[str, None] = {}
    for read in reads:
        facts = find(desk, read)
        if facts.is_container:
            containers[facts.code] = None
            continue
        part = part_of(read, facts)
        lots[facts.code] = _joined(lots[facts.code], part, facts) if facts.code in lots else part
    return Named(lots, tuple(sorted(containers)))


def whole_lots(desk: Desk, typed: Iterable[str]) -> tuple[str, ...]:
    """Return the codes of lots that were typed, sorted; raise UsageError for a part of one."""
    found = named(desk, typed)
    for code, part in found.lots.items():
        if not part.is_whole:
            raise UsageError(
                "desk.part",
                f"Only the whole lot {code} can be named here.",
                hint=f"Split the part first: ringmark lot split {code}:…",
                params={"lot": code},
            )
    return tuple(sorted({*found.lots, *found.containers}))


def one_part(desk: Desk, typed: str) -> tuple[str, Part]:
    """Return the one lot, or part of a lot, that was typed."""
    facts = find(desk, read_typed(typed))
    return facts.code, part_of(read_typed(typed), facts)


def find(desk: Desk, read: Typed) -> LotFacts:
    """Return the lot or container that was typed, by its code or by one of its marks."""
    if read.code is not None:
        return desk.lot(read.code)
    return desk.lot(code_of_mark(desk, read.mark or ""))


def code_of_mark(desk: Desk, mark: str) -> str:
    """Return the code of the one lot that claims a mark, given with or without its scheme.

    Raise NotFoundError where no lot does, UsageError where several do.
    """
    own = [c for c in desk.memory.codes() if _has(desk, c, mark)]
    if len(own) == 1:
        return own[0]
    codes = set(codes_of_mark(desk.source, mark))
    if len(codes) > 1:
        held = {code for code in codes if desk.lot(code).holder == desk.party}
        codes = held or codes
    if len(codes) != 1:
        raise UsageError(
            "desk.mark-ambiguous",
            f"{len(codes)} lots claim the mark {mark}.",
            hint="Name the lot by its code: CODE=MARK",
            params={"mark": mark[:64], "lots": len(codes)},
        )
    return codes.pop()


def codes_of_mark(source: Source, mark: str) -> tuple[str, ...]:
    """Return the codes of all lots that claim a mark, given with or without its scheme.

    Raise NotFoundError where no lot does.
    """
    names = [str(hit["name"]) for hit in source.search(mark) if hit.get("kind") == "mark"]
    spelled = {mark, *readings(mark)}
    exact = [name for name in names if name in spelled or name.partition("/")[2] == mark]
    claims = [source.mark(name).get("lots", ()) for name in exact]
    codes = tuple(dict.fromkeys(str(code) for lots in claims for code in lots))
    if not codes:
        raise NotFoundError(
            "mark.unknown",
            f"No lot of this ledger has the mark {mark}.",
            hint="Check the mark, or name the lot by its code.",
            params={"mark": mark[:64]},
        )
    return codes


def fetch(source: Source, code: str) -> dict[str, Any]:
    """Return a lot, or else the container of that code; raise NotFoundError where there is none."""
    try:
        return source.lot(code)
    except NotFoundError as no_lot:
        try:
            return source.container(code)
        except NotFoundError:
            raise no_lot from None


def find_offer(desk: Desk, typed: str, *, sent: bool) -> OfferFacts:
    """Return the open offer that was typed: an id or its beginning, a lot in it, or a party.

    `sent` looks among the offers by this party, else among those to it. `-` is the only one open.
    """
    mine = [o for o in desk.offers() if (o.sender if sent else o.event.to) == desk.party]
    found = [offer for offer in mine if _matches(offer, typed)]
    if len(found) == 1:
        return found[0]
    side = "you made" if sent else "made to you"
    if not found:
        raise NotFoundError(
            "offer.unknown",
            f"Among the {len(mine)} open offers {side}, none is {typed}.",
            hint="See them: ringmark transfer pending",
            params={"typed": typed[:64]},
        )
    raise UsageError(
        "desk.offer-ambiguous",
        f"{len(found)} open offers {side} fit {typed}.",
        hint="Name one by its id; see: ringmark transfer pending",
        params={"typed": typed[:64], "offers": len(found)},
    )


def offer_to_withdraw(desk: Desk, typed: str) -> bytes:
    """Return the id (32 bytes) of the open offer that was typed: by this party, or of its goods.

    A keeper's offer of goods of this party is named by a lot in it.
    """
    try:
        return find_offer(desk, typed, sent=True).id
    except NotFoundError:
        code = _code_of(typed)
        plain = fetch(desk.source, code) if code is not None else {}
        if not plain.get("offer") or plain.get("owner") != desk.party:
            raise
        return bytes.fromhex(plain["offer"])


def _code_of(typed: str) -> str | None:
    try:
        return read_typed(typed).code
    except MalformedError:
        return None


def _matches(offer: OfferFacts, typed: str) -> bool:
    if typed in ("-", offer.sender, offer.event.to):
        return True
    wanted = typed.strip().lower()
    if len(wanted) >= 6 and offer.id.hex().startswith(wanted):
        return True
    code = _code_of(typed)
    return code is not None and code in (*offer.event.lots, *offer.event.containers)


def _has(desk: Desk, code: str, mark: str) -> bool:
    facts = desk.known(code)
    return any(mark in (name, name.partition("/")[2]) for name in facts.marks) if facts else False


def _joined(one: Part, other: Part, facts: LotFacts) -> Part:
    if one.marks and other.marks and one.row == other.row:
        marks = compress({*expand(one.marks), *expand(other.marks)})
        if len(expand(marks)) == len(facts.marks):
            return Part()
        return Part(marks=marks, row=one.row)
    if one == other:
        return one
    raise UsageError(
        "desk.lot-twice",
        f"Lot {facts.code} is named twice.",
        hint="Name each lot once; several marks go with commas: CODE=A..B,C",
        params={"lot": facts.code},
    )
