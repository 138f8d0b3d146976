"""From what an officer types at the border to the lines of a document that goods passed on.

Owns the choice of the line that covers a lot's goods, so that nobody types what the ledger knows.
The ledger judges the endorsement; this only proposes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ledger.custody.documents import DocumentRow, EndorsementWithdrawn, Passed, Way
from ledger.custody.goods import Goods, Measure, Part, Row, cut
from ledger.custody.rules.endorsements import OVERDRAWN
from ledger.custody.rules.papers import is_alike
from ledger.desk.amounts import show_quantity
from ledger.desk.desk import Desk
from ledger.desk.resolving import named
from ledger.desk.sheet_values import find_unit
from ledger.errors import MalformedError, NotFoundError, UsageError
from ledger.reference.quantities import parse_quantity
from ledger.reference.tables import load_tables
from ledger.statement import parse_statement
from ledger.wire import fields, text

DAY_S = 86_400
# N "=" QUANTITY [UNIT], lines counted from 1.
_LINE = re.compile(r"([0-9]{1,3})=(\S+)(?: +(\S+))?")


def passed_by(
    desk: Desk, document: str, *, lots: Iterable[str], lines: Iterable[str]
) -> tuple[Passed, ...]:
    """Return what passed under `document`: typed lots or parts of them, and lines without a lot.

    Raise MalformedError `endorse.no-line` where no line of the document covers a lot's goods, and
    `endorse.line` for a line that cannot be read.
    """
    rows = document_rows_of(desk.source.document(document))
    found: list[Passed] = []
    for code, part in sorted(named(desk, lots).lots.items()):
        found += _of_lot(desk, rows, code=code, part=part)
    return (*found, *(_of_line(rows, typed) for typed in lines))


def time_of_passage(
    desk: Desk, document: str, *, way: Way, passed: tuple[Passed, ...], now_s: int
) -> tuple[int | None, str | None]:
    """Return when, and on which day, goods passed under a document of which an officer says no day.

    Now, as (None, None), while it is in force; afterwards as the trader said of all of the lots,
    the last day first. Raise UsageError `endorse.day` where the document has ended and no trader
    said a day: what it covers is judged by that day.
    """
    plain = desk.source.document(document)
    kind = load_tables().document_kind(document)
    has_left = way is Way.IMPORT and kind is not None and kind.act in ("export", "re-export")
    on_way = has_left and all(_has_left(desk, item.lot, document) for item in passed)
    gone, last = plain.get("gone_day"), plain.get("last_day")
    ends = (None if on_way else gone, None if has_left else last)
    ended = min((day for day in ends if day), default=None)
    if ended is None or text.format_day(now_s // DAY_S) <= ended:
        return None, None
    told = [_as_told(desk, item.lot, document, way) for item in passed]
    known = [each for each in told if each is not None]
    if not told or len(known) != len(told):
        raise UsageError(
            "endorse.day",
            f"{document} ended on {ended}: on which day did the goods pass?",
            hint="Say it: --when YYYY-MM-DD; today's day too, where they pass today.",
            params={"document": document, "day": ended},
        )
    return max(known)


def _has_left(desk: Desk, code: str | None, document: str) -> bool:
    """Return whether a lot is on its way: it left under the document, and may arrive under it."""
    passages = desk.source.lot(code).get("passages", ()) if code is not None else ()
    left = (document, Way.EXPORT.value)
    return any((p["document"], p["way"]) == left for p in passages)


def _as_told(desk: Desk, code: str | None, document: str, way: Way) -> tuple[int, str] | None:
    """Return when a trader says that a lot passed under the document, None where none said it."""
    passages = desk.source.lot(code).get("passages", ()) if code is not None else ()
    said = next(
        (p["said_by"] for p in reversed(passages) if _is_said(p, document, way)),
        None,
    )
    if said is None:
        return None
    statement = parse_statement(desk.source.statement(bytes.fromhex(said)))
    if statement.when is None or statement.day is None:
        return None
    return statement.when, statement.day


def _is_said(passage: Mapping[str, Any], document: str, way: Way) -> bool:
    same = (passage["document"], passage["way"]) == (document, way.value)
    return same and passage.get("said_by") is not None


def document_rows_of(plain: Mapping[str, Any]) -> tuple[DocumentRow, ...]:
    """Return the rows of a document's view."""
    return tuple(fields.from_plain(DocumentRow, row) for row in plain.get("rows", ()))


def _of_lot(
    desk: Desk, rows: tuple[DocumentRow, ...], *, code: str, part: Part
) -> Iterator[Passed]:
    goods = desk.lot(code).goods
    also: tuple[Measure, ...] = ()
    if part.is_whole:
        plain = desk.source.lot(code).get("also", ())
        also = tuple(Measure(row["quantity"], row["unit"]) for row in plain)
    else:
        parted = cut(goods, part)
        # What cannot be cut is said as it was typed: the ledger words why it cannot be.
        goods = goods if isinstance(parted, str) else parted.taken
        if isinstance(parted, str) and len(goods.contents) == 1 and part.quantity:
            row = goods.contents[0]
            only = Row(row.taxon, row.term, part.quantity, row.unit, row.source, row.origin)
            goods = Goods((only,))
    quantities: dict[int, int] = {}
    for row in goods.contents:
        line, quantity = _line_for(rows, row, also, code=code)
        quantities[line] = quantities.get(line, 0) + quantity
    for line, quantity in sorted(quantities.items()):
        yield Passed(line=line, quantity=quantity, lot=code)


def _line_for(
    rows: tuple[DocumentRow, ...], row: Row, also: tuple[Measure, ...], *, code: str
) -> tuple[int, int]:
    measures = {measure.unit: measure.quantity for measure in also} | {row.unit: row.quantity}
    tables = load_tables()
    for line, covered in enumerate(rows):
        if covered.unit in measures and is_alike(tables, covered, row):
            return line, measures[covered.unit]
    raise MalformedError(
        "endorse.no-line",
        f"No line of the document covers the goods of lot {code}.",
        hint="Compare taxon, term, unit, source and origin; or name the line: --line 1=480",
        params={"lot": code},
    )


def _of_line(rows: tuple[DocumentRow, ...], typed: str) -> Passed:
    read = _LINE.fullmatch(typed)
    line = text.parse_decimal(read[1]) - 1 if read else -1
    if read is None or not 0 <= line < len(rows):
        raise MalformedError(
            "endorse.line",
            f"{typed!r} names no line of the document.",
            hint=f"Write N=QUANTITY UNIT, with N from 1 to {len(rows)}.",
            params={"typed": typed[:64]},
        )
    unit = find_unit(read[3]) if read[3] else rows[line].unit
    quantity, base = parse_quantity(read[2], unit or "")
    if base != rows[line].unit:
        raise MalformedError(
            "endorse.line",
            f"Line {line + 1} counts in {rows[line].unit}, not in {base}.",
            hint="Give the quantity in the unit of the line.",
            params={"typed": typed[:64]},
        )
    return Passed(line=line, quantity=quantity)


def withdrawal(
    desk: Desk, document: str, *, statement: bytes | None, reason: str
) -> tuple[EndorsementWithdrawn, Mapping[str, Any]]:
    """Return the event that takes an endorsement back, and what the ledger keeps of it.

    Without its id (32 bytes) it is the desk's own last one. Raise NotFoundError `endorse.none`
    where the document has no such endorsement.
    """
    plain = desk.source.document(document)
    kept = plain.get("endorsements", ())
    wanted = statement.hex() if statement is not None else None
    own = [e for e in kept if e["id"] == wanted or (wanted is None and e["by"] == desk.party)]
    if not own:
        raise NotFoundError(
            "endorse.none",
            f"{document} has no endorsement of that kind.",
            hint=f"See which it has: ringmark document show {document}",
            params={"document": document},
        )
    known = own[-1]
    codes = plain.get("lots", ())
    named = tuple(code for code in codes if _saw(desk, code, known["id"]))
    rest = (code for code in codes if code not in named)
    settled = tuple(code for code in rest if _is_too_much(desk, code, document, known["way"]))
    event = EndorsementWithdrawn(document, bytes.fromhex(known["id"]), reason, named, settled)
    return event, known


def told_endorsement(known: Mapping[str, Any]) -> str:
    """Return in words what an endorsement said: day, side, country, by whom, and what it drew."""
    amounts = [
        f"{show_quantity(line['row']['quantity'], line['row']['unit'])} {line['row']['term']}"
        for line in known.get("drawn", ())
    ]
    drew = ", ".join(amounts) or "as much as the trader said, or less"
    return f"{known['day']} {known['way']} {known['country']} by {known['by']}: {drew}"


def endorsement_lines(plain: Mapping[str, Any]) -> list[str]:
    """Return what officers endorsed under a document, one line each, with the statement's id."""
    kept = plain.get("endorsements", ())
    return [f"endorsed {told_endorsement(known)}  {known['id']}" for known in kept]


def _saw(desk: Desk, code: str, statement: str) -> bool:
    passages = desk.source.lot(code).get("passages", ())
    return any(passage.get("seen_by") == statement for passage in passages)


def _is_too_much(desk: Desk, code: str, document: str, way: str) -> bool:
    """Return whether a lot was found too much for the document on that side."""
    plain = desk.source.lot(code)
    words = {
        word
        for passage in plain.get("passages", ())
        if (passage["document"], passage["way"]) == (document, way)
        for word in (passage.get("said_by"), passage.get("seen_by"))
    }
    found = plain.get("findings", ())
    return any(f["rule"] == OVERDRAWN and f["cause"] in words for f in found)


def drawn_lines(plain: Mapping[str, Any]) -> list[str]:
    """Return what passed under a document on each side, one line each, in words."""
    return [
        f"{way}: {show_quantity(row['quantity'], row['unit'])} {row['term']} of {row['taxon']}"
        for way, rows in sorted(plain.get("drawn", {}).items())
        for row in rows
    ]
