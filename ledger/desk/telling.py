"""What a statement says, in plain words, before it is signed.

Owns sentences about events for the person who signs. They are never signed, stored or judged; the
payload is what counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ledger.custody import (
    control,
    documents,
    facilities,
    lots,
    parties,
    references,
    transfers,
)
from ledger.custody.events import Event
from ledger.custody.goods import MarkRange, NewLot, Part, count
from ledger.desk.amounts import show_quantity, show_row
from ledger.desk.portions import show_code, show_marks
from ledger.desk.telling_facts import office_lines, paper_lines, place_lines, reference_lines
from ledger.wire import fields, text

SHOWN_MAX = 8
"""More lines of one kind than this are counted instead of shown."""
SENTENCES: Mapping[str, str] = {
    "LedgerFounded": "You found a ledger.",
    "RootChanged": "You set the root keys anew.",
    "RegistrarKeyChanged": "You replace a key of the registrar.",
    "RuleSetAdopted": "You adopt rules and tables, from the next block on.",
    "PartyScopeChanged": "You set a party's roles and scope anew.",
    "PartySuspended": "You suspend a party: it may sign nothing new.",
    "PartyRestored": "You restore a suspended party.",
    "KeyAdded": "You give your party one more key.",
    "KeyRotated": "You hand over to a new key; the one that signs here ends.",
    "KeyRevoked": "You end a key for good.",
    "KeyRecovered": "You give a party that lost its keys a new one; it waits 72 hours.",
    "KeyRecoveryVetoed": "You stop a recovery of your own keys.",
    "CustodyRecovered": "You move lots of one party to another.",
    "ApprovalGiven": "You approve a pending act.",
    "StatementDropped": "You give up numbers that were never sent.",
    "QuotaSet": "You set quotas.",
    "SuspensionDeclared": "You suspend trade, or say when it was.",
    "ListingChanged": "You say in which Appendix taxa stand.",
    "BanDeclared": "You say what a country forbids.",
    "YieldSet": "You set figures of yield and biology.",
    "MarksAllotted": "You allot marks to a party.",
    "MarksReturned": "You say that unused marks came back.",
    "MarkReplaced": "You replace marks on goods; an officer approves it.",
    "DocumentAttested": "You confirm a copy of a document that you saw.",
    "DocumentCancelled": "You cancel a document: what rests on it is stopped.",
    "DocumentSuspended": "You suspend a document: nothing new may rest on it meanwhile.",
    "DocumentReinstated": "You reinstate a document that was suspended.",
    "DocumentEndorsed": "You state what really passed a border under a document.",
    "EndorsementWithdrawn": "You take an endorsement back: what it drew is given back.",
    "ReferenceWithdrawn": "You say that a due-diligence reference covers nothing any more.",
    "ReferenceRestored": "You say that a due-diligence reference stands.",
    "BlanksReported": "You say that stamps or blank forms are stolen, or found.",
    "FacilityAttested": "You say as an officer what you found of a place.",
    "StockDeclared": "You say what became of the animals of your farm.",
    "StockAttested": "You say as an officer how many animals you counted.",
    "LotSplit": "You take a part out of a lot as a new lot.",
    "LotMeasured": "You say what a lot measures now.",
    "LotExported": "You say that lots left a country.",
    "LotImported": "You say that lots entered a country.",
    "LotFound": "You say that a lot is found again.",
    "TransferDispatched": "You say that the goods of an offer left.",
    "TransferDeclined": "You decline an offer: you take nothing.",
    "TransferWithdrawn": "You take your offer back.",
    "ContainerPacked": "You pack a new container.",
    "ContainerOpened": "You open a container: its lots stand alone again.",
    "LotInspected": "You say what you saw when you looked at goods.",
    "LotReleased": "You lift the holds on lots.",
    "LotConfiscated": "You pass title of seized lots to the authority.",
    "EvidenceAttached": "You tie a file to lots by its hash.",
    "FindingClosed": "You close a finding.",
    "StatementCorrected": "You correct what a statement said of a lot, from now on.",
    "StatementDisputed": "You say that a statement about your lots is not true.",
    "DisclosureWithdrawn": "You say that disclosures were erased.",
}
"""First sentences of the events that need no others; the rest have functions here."""
_SILENT = frozenset({"proof", "key"})
_AMOUNT = frozenset({"quantity", "unit"})
_TIMES = frozenset({"due", "expires"})
_NAMES = {"of": "statement", "kid": "key"}
NO_UNITS: Mapping[str, tuple[str, ...]] = {}


def tell(
    event: Event, *, born: tuple[str, ...] = (), units: Mapping[str, tuple[str, ...]] = NO_UNITS
) -> list[str]:
    """Return what an event says, one line a fact; the first line is a whole sentence.

    `units` are the units of the rows of lots that are known, by code: parts are shown in them.
    """
    match event:
        case lots.LotRegistered() | lots.LotTransformed():
            return _births(event, born, units)
        case transfers.TransferOffered():
            return _offer(event, units)
        case transfers.TransferAccepted():
            return _acceptance(event, units)
        case lots.LotDeparted():
            where = f", in {event.country}" if event.country else ""
            first = f"Custody ends here ({event.how}{where}):"
            return [first, *_portions(event.lots, units), *_under(event.documents)]
        case lots.LotRetired():
            return [f"These goods end ({event.why}):", *_portions(event.lots, units)]
        case control.LotHeld() | control.LotSeized():
            verb = "hold" if isinstance(event, control.LotHeld) else "seize"
            return [f"You {verb}, because: {event.reason}", *_portions(event.lots, units)]
        case documents.DocumentIssued() | documents.DocumentRecorded():
            return _document(event)
        case control.SeizureRecorded():
            rows = [f"  {show_row(row)}" for row in event.rows]
            return [f"You record {event.document}, because: {event.reason}", *rows]
        case _:
            return _named(event, units)


def show_part(code: str, part: Part, units: Sequence[str] = ()) -> str:
    """Return a lot or part of a lot as people read it; `units` are those of its rows, if known."""
    if part.is_whole:
        return show_code(code)
    if part.marks:
        return f"{show_code(code)}: {_counted(part.marks)} {show_marks(part.marks)}"
    row = f", row {part.row + 1}" if part.row is not None else ""
    place = part.row if part.row is not None else 0
    known = place < len(units) and (part.row is not None or len(units) == 1)
    if known and part.quantity is not None:
        return f"{show_code(code)}: {show_quantity(part.quantity, units[place])}{row}"
    return f"{show_code(code)}: {part.quantity} (smallest units){row}"


def _births(
    event: lots.LotRegistered | lots.LotTransformed,
    born: tuple[str, ...],
    units: Mapping[str, tuple[str, ...]],
) -> list[str]:
    if isinstance(event, lots.LotRegistered):
        first = f"You register {_lots(len(event.lots))} on the basis {event.basis.value}:"
        made = [f"  made before {event.made_before}"] if event.made_before else []
        was = [f"  before: {event.reference}"] if event.reference else []
        return [first, *_new_lots(event.lots, born), *made, *was]
    first = f"You turn these goods into new lots by {event.process}:"
    waste = [f"  waste: {show_row(row)}" for row in event.waste]
    return [
        first,
        *_portions(event.inputs, units),
        "into:",
        *_new_lots(event.outputs, born),
        *waste,
    ]


def _new_lots(new: tuple[NewLot, ...], born: tuple[str, ...]) -> list[str]:
    lines: list[str] = []
    for place, lot in enumerate(new[:SHOWN_MAX]):
        code = f"{show_code(born[place])}: " if place < len(born) else ""
        goods = "; ".join(show_row(row) for row in lot.contents)
        lines.append(f"  {code}{goods}{_details(lot)}")
    return lines + _more(len(new))


def _details(lot: NewLot) -> str:
    found = [
        f"{_counted(lot.marks)} {_short_marks(lot.marks)}" if lot.marks else "",
        f"of {lot.year}" if lot.year is not None else "",
        f"from {lot.facility}" if lot.facility else "",
        f"claimed {lot.claim}" if lot.claim else "",
        f"widest belly {lot.width_mm} mm" if lot.width_mm is not None else "",
        f"under {', '.join(lot.documents)}" if lot.documents else "",
    ]
    kept = [detail for detail in found if detail]
    return f" ({'; '.join(kept)})" if kept else ""


def _lots(number: int) -> str:
    return "1 lot" if number == 1 else f"{number} lots"


def _counted(ranges: tuple[MarkRange, ...]) -> str:
    number = count(ranges)
    return "1 mark" if number == 1 else f"{number} marks"


def _short_marks(ranges: tuple[MarkRange, ...]) -> str:
    return show_marks(ranges) if len(ranges) <= 3 else f"{show_marks(ranges[:3])}, …"


def _portions(lots_named: Mapping[str, Part], units: Mapping[str, tuple[str, ...]]) -> list[str]:
    first = sorted(lots_named.items())[:SHOWN_MAX]
    shown = [f"  {show_part(code, part, units.get(code, ()))}" for code, part in first]
    return shown + _more(len(lots_named))


def _offer(event: transfers.TransferOffered, units: Mapping[str, tuple[str, ...]]) -> list[str]:
    what = {"both": "custody and title", "custody": "custody only", "title": "title only"}
    lines = [f"You offer to {event.to} ({what[event.moves.value]}):", *_portions(event.lots, units)]
    lines += [f"  container {show_code(code)}" for code in event.containers]
    if event.allows:
        lines.append(f"  {event.to} may {', '.join(event.allows)}")
    lines += _under(event.documents)
    lines += [f"  {show_code(code)} claimed {said}" for code, said in _first(event.claims.items())]
    return [*lines, f"  open until {text.format_time(event.expires)}"]


def _acceptance(
    event: transfers.TransferAccepted, units: Mapping[str, tuple[str, ...]]
) -> list[str]:
    lines = [f"You accept offer {event.offer.hex()[:16]}…, all of it except:"]
    for code, short in sorted(event.short.items()):
        part = Part(short.quantity, short.marks, short.row)
        lines.append(f"  short {show_part(code, part, units.get(code, ()))}")
    lines += [f"  refused {show_code(code)}" for code in event.refused]
    return lines if len(lines) > 1 else [lines[0].replace(", all of it except:", ": all of it.")]


def _document(event: documents.DocumentIssued | documents.DocumentRecorded) -> list[str]:
    verb = "issue" if isinstance(event, documents.DocumentIssued) else "record"
    first = f"You {verb} {event.document}, {_days(event.paper)}:"
    return [first, *paper_lines(event.paper)]


def _days(paper: documents.Paper) -> str:
    return f"from {paper.from_day or '…'} until {paper.until_day or '…'}"


def _endorsement(
    event: documents.DocumentEndorsed, units: Mapping[str, tuple[str, ...]]
) -> list[str]:
    way = "leave" if event.way is documents.Way.EXPORT else "enter"
    lines = [
        SENTENCES["DocumentEndorsed"],
        f"  {event.document}: goods {way} {event.country}",
    ]
    for passed in event.passed[:SHOWN_MAX]:
        whose = show_code(passed.lot) if passed.lot else "goods without a lot"
        known = units.get(passed.lot or "", ())
        one = known[0] if len(set(known)) == 1 else None
        amount = show_quantity(passed.quantity, one) if one else f"{passed.quantity} smallest units"
        lines.append(f"  {whose}: {amount} on line {passed.line + 1}")
    said = {"port": event.port, "transport": event.transport}
    shown = [f"  {name}: {value}" for name, value in said.items() if value]
    return [*lines, *_more(len(event.passed)), *shown]


def _named(event: Event, units: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return what an event about one party, place, lot, document or table says."""
    match event:
        case parties.PartyEnrolled():
            roles = ", ".join(event.roles)
            first = f"You enrol {event.party} ({event.country}) as {roles}."
            return [first, *office_lines(event.scope, event.acts_for)]
        case facilities.FacilityRegistered():
            first = f"You register {event.facility}, a {event.kind} in {event.country}."
            return [first, *place_lines(event)]
        case lots.LotSplit():
            own = units.get(event.lot, ())
            return [SENTENCES["LotSplit"], f"  {show_part(event.lot, event.part, own)}"]
        case documents.DocumentReplaced():
            first = f"You issue {event.document} in place of {event.replaces}: {event.reason}"
            return [first, f"  {_days(event.paper)}", *paper_lines(event.paper)]
        case documents.DocumentEndorsed():
            return _endorsement(event, units)
        case references.QuotaSet() | references.SuspensionDeclared():
            return [SENTENCES[type(event).__name__], *reference_lines(event, SHOWN_MAX)]
        case references.ListingChanged() | references.BanDeclared():
            return [SENTENCES[type(event).__name__], *reference_lines(event, SHOWN_MAX)]
        case _:
            return _general(event, units)


def _general(event: Event, units: Mapping[str, tuple[str, ...]]) -> list[str]:
    plain = fields.to_plain(event)
    if isinstance(event, lots.LotMeasured) and isinstance(plain, dict):
        known = units.get(event.lot, ())
        if len(known) == len(event.quantities):
            shown_as = map(show_quantity, event.quantities, known)
            plain = {**plain, "quantities": list(shown_as)}
    lines = [SENTENCES[type(event).__name__]]
    if isinstance(plain, dict):
        shown = {name: value for name, value in plain.items() if name not in _SILENT}
        lines += [f"  {_NAMES.get(name, name)}: {_fact(name, v)}" for name, v in shown.items()]
    return lines


def _fact(name: str, value: Any) -> str:
    if name in _TIMES and isinstance(value, int):
        return text.format_time(value)
    if name in ("lots", "lot", "container", "containers"):
        codes = [value] if isinstance(value, str) else list(value)
        return ", ".join(show_code(code) for code in codes[:SHOWN_MAX]) + (
            f" and {len(codes) - SHOWN_MAX} more" if len(codes) > SHOWN_MAX else ""
        )
    return _short(value)


def _short(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return ", ".join(_short(item) for item in value[:SHOWN_MAX]) + (
            f" and {len(value) - SHOWN_MAX} more" if len(value) > SHOWN_MAX else ""
        )
    if isinstance(value, dict) and value.keys() == set(MarkRange.__struct_fields__):
        return f"{value['scheme']} {show_marks((MarkRange(**value),))}"
    if isinstance(value, dict):
        quantity, unit = value.get("quantity"), value.get("unit")
        if isinstance(quantity, int) and isinstance(unit, str):
            amount = show_quantity(quantity, unit)
            value = {"": amount, **{k: v for k, v in value.items() if k not in _AMOUNT}}
        return ", ".join(f"{key} {_short(item)}".strip() for key, item in _first(value.items()))
    return str(value)


def _under(names: Sequence[str]) -> list[str]:
    return [f"  under {', '.join(names)}"] if names else []


def _first(items: Iterable[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    return list(items)[:SHOWN_MAX]


def _more(total: int) -> list[str]:
    return [f"  … and {total - SHOWN_MAX} more"] if total > SHOWN_MAX else []
