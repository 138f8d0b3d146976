"""What a statement says, in plain words, before it is signed.

Owns sentences about events for the person who signs. They are never signed, stored or judged; the
payload is what counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ledger.custody import control, documents, facilities, lots, parties, transfers
from ledger.custody.events import Event
from ledger.custody.goods import MarkRange, NewLot, Part, Row, count
from ledger.desk.portions import show_code, show_marks
from ledger.reference.quantities import display
from ledger.wire import fields, text

SHOWN_MAX = 8
"""More lines of one kind than this are counted instead of shown."""
_UNITS = {"NAR": "pieces", "KGM": "kg", "MTQ": "m3", "MTK": "m2", "MTR": "m", "LTR": "L"}


def tell(event: Event, *, born: tuple[str, ...] = ()) -> list[str]:
    """Return what an event says, one line a fact; the first line is a whole sentence."""
    match event:
        case lots.LotRegistered() | lots.LotTransformed():
            return _births(event, born)
        case transfers.TransferOffered():
            return _offer(event)
        case transfers.TransferAccepted():
            return _acceptance(event)
        case lots.LotDeparted():
            return [f"Custody ends here ({event.how}):", *_portions(event.lots)]
        case lots.LotRetired():
            return [f"These goods end ({event.why}):", *_portions(event.lots)]
        case control.LotHeld() | control.LotSeized():
            verb = "hold" if isinstance(event, control.LotHeld) else "seize"
            return [f"You {verb}, because: {event.reason}", *_portions(event.lots)]
        case documents.DocumentIssued() | documents.DocumentRecorded():
            return _document(event)
        case _:
            return _general(event)


def show_row(row: Row | documents.DocumentRow) -> str:
    """Return one row of goods: `500 pieces SKI of Crocodylus niloticus, source R, from ZW`."""
    amount = show_quantity(row.quantity, row.unit)
    return f"{amount} {row.term} of {row.taxon}, source {row.source}, from {row.origin}"


def show_quantity(quantity: int, unit: str) -> str:
    """Return a quantity of the ledger as people read it."""
    number, shown = display(quantity, unit)
    return f"{number} {_UNITS.get(shown, shown)}"


def show_part(code: str, part: Part) -> str:
    """Return a lot or part of a lot as people read it."""
    if part.is_whole:
        return show_code(code)
    if part.marks:
        return f"{show_code(code)}: {count(part.marks)} marks {show_marks(part.marks)}"
    row = f", row {part.row + 1}" if part.row is not None else ""
    return f"{show_code(code)}: {part.quantity} (smallest units){row}"


def _births(event: lots.LotRegistered | lots.LotTransformed, born: tuple[str, ...]) -> list[str]:
    if isinstance(event, lots.LotRegistered):
        first = f"You register {len(event.lots)} lot(s) on the basis {event.basis.value}:"
        return [first, *_new_lots(event.lots, born)]
    first = f"You turn these goods into new lots by {event.process}:"
    waste = [f"  waste: {show_row(row)}" for row in event.waste]
    return [first, *_portions(event.inputs), "into:", *_new_lots(event.outputs, born), *waste]


def _new_lots(new: tuple[NewLot, ...], born: tuple[str, ...]) -> list[str]:
    lines: list[str] = []
    for place, lot in enumerate(new[:SHOWN_MAX]):
        code = f"{show_code(born[place])}: " if place < len(born) else ""
        goods = "; ".join(show_row(row) for row in lot.contents)
        lines.append(f"  {code}{goods}{_details(lot)}")
    return lines + _more(len(new))


def _details(lot: NewLot) -> str:
    found = [
        f"{count(lot.marks)} marks {_short_marks(lot.marks)}" if lot.marks else "",
        f"from {lot.facility}" if lot.facility else "",
        f"under {', '.join(lot.documents)}" if lot.documents else "",
    ]
    kept = [detail for detail in found if detail]
    return f" ({'; '.join(kept)})" if kept else ""


def _short_marks(ranges: tuple[MarkRange, ...]) -> str:
    return show_marks(ranges) if len(ranges) <= 3 else f"{show_marks(ranges[:3])}, …"


def _portions(lots_named: Mapping[str, Part]) -> list[str]:
    shown = [f"  {show_part(c, p)}" for c, p in list(sorted(lots_named.items()))[:SHOWN_MAX]]
    return shown + _more(len(lots_named))


def _offer(event: transfers.TransferOffered) -> list[str]:
    what = {"both": "custody and title", "custody": "custody only", "title": "title only"}
    lines = [f"You offer to {event.to} ({what[event.moves.value]}):", *_portions(event.lots)]
    lines += [f"  container {show_code(code)}" for code in event.containers]
    if event.allows:
        lines.append(f"  {event.to} may {', '.join(event.allows)}")
    return [*lines, f"  open until {text.format_time(event.expires)}"]


def _acceptance(event: transfers.TransferAccepted) -> list[str]:
    lines = [f"You accept offer {event.offer.hex()[:16]}…, all of it except:"]
    for code, short in sorted(event.short.items()):
        lines.append(f"  short {show_part(code, Part(short.quantity, short.marks, short.row))}")
    lines += [f"  refused {show_code(code)}" for code in event.refused]
    return lines if len(lines) > 1 else [lines[0].replace(", all of it except:", ": all of it.")]


def _document(event: documents.DocumentIssued | documents.DocumentRecorded) -> list[str]:
    verb = "issue" if isinstance(event, documents.DocumentIssued) else "record"
    paper = event.paper
    days = f", from {paper.from_day or '…'} until {paper.until_day or '…'}"
    lines = [f"You {verb} {event.document}{days}:"]
    return lines + [f"  {show_row(row)}" for row in paper.rows]


def _general(event: Event) -> list[str]:
    if isinstance(event, parties.PartyEnrolled):
        roles = ", ".join(event.roles)
        return [f"You enrol {event.party} ({event.country}) as {roles}."]
    if isinstance(event, facilities.FacilityRegistered):
        return [f"You register {event.facility}, a {event.kind} in {event.country}."]
    words = re.sub(r"(?<!^)([A-Z])", r" \1", type(event).__name__).lower()
    plain = fields.to_plain(event)
    lines = [f"You say: {words}."]
    if isinstance(plain, dict):
        lines += [f"  {name}: {_short(value)}" for name, value in plain.items() if name != "proof"]
    return lines


def _short(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return ", ".join(_short(item) for item in value[:SHOWN_MAX]) + (
            f" and {len(value) - SHOWN_MAX} more" if len(value) > SHOWN_MAX else ""
        )
    if isinstance(value, dict):
        return ", ".join(f"{key} {_short(item)}".strip() for key, item in _first(value.items()))
    return str(value)


def _first(items: Iterable[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    return list(items)[:SHOWN_MAX]


def _more(total: int) -> list[str]:
    return [f"  … and {total - SHOWN_MAX} more"] if total > SHOWN_MAX else []
