"""Rules on the permits of origin that re-exports name: for such goods, and for so many.

Owns what box 12 is held against: the permit of that number, where its country entered it or an
officer confirmed a copy. Whoever brings in goods in other ways names a permit long used up. What is
not in the ledger, or stands there on a trader's word, says nothing. Sources: CITES Res. Conf. 12.3;
frauds F05 and F14.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ledger.custody.documents import (
    DOCUMENT_NAME,
    DocumentIssued,
    DocumentRecorded,
    DocumentReplaced,
    DocumentRow,
    DocumentState,
    Way,
)
from ledger.custody.references import NumberedPapers
from ledger.custody.rules.days import day_of
from ledger.custody.rules.goods import same_taxon
from ledger.custody.rules.lines import Line, balance_of, line_of, lines_of
from ledger.custody.rules.near_numbers import is_in_force, numbers_of
from ledger.custody.rules.validity import last_day
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject

_AGAIN, _LEAVE = "re-export", "export"

RULES = (
    Rule("document.origin-differs", "check", "A re-export names a permit of origin for its goods."),
    Rule(
        "document.origin-overdrawn",
        "check",
        "Re-exports of one country name no more of a permit of origin than it covers.",
    ),
)


def check_origin_permits(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield what is wrong about the permits of origin that a re-export certificate names.

    (1) it stood, for goods of that taxon, source and origin, (2) and for as many as its country's
    re-exports of them name together, in the form in which it lists them.
    """
    event = signed.event
    if not isinstance(event, DocumentIssued | DocumentRecorded | DocumentReplaced):
        return
    if not is_re_export(draft, event.document):
        return
    gone = event.replaces if isinstance(event, DocumentReplaced) else ""
    subject = Subject(Kind.DOCUMENT, event.document)
    found: set[str] = set()
    for key, rows in named_by(event.paper.rows).items():
        permits = _permits(draft, key)
        standing = [state for state in permits if state.status != "cancelled"]
        if permits and not all(_is_covered(draft, standing, row) for row in rows):
            found.add("document.origin-differs")
        elif any(
            named > covered
            for named, covered in _sums(
                draft, event.document, key, rows, standing, gone=gone, today=day_of(signed)
            )
        ):
            found.add("document.origin-overdrawn")
    yield from (Flag(subject, rule, Severity.CHECK) for rule in sorted(found))


def is_re_export(draft: Draft, document: str) -> bool:
    """Return whether goods are re-exported under documents of this kind."""
    kind = draft.tables.document_kind(document)
    return kind is not None and kind.act == _AGAIN


def named_by(rows: tuple[DocumentRow, ...]) -> dict[str, tuple[DocumentRow, ...]]:
    """Return the rows of a re-export by the key of the permit of origin that they name."""
    found: dict[str, tuple[DocumentRow, ...]] = {}
    for row in rows:
        if row.origin_permit is not None:
            key = numbers_of(_name_of(row.origin, row.origin_permit))
            found[key] = (*found.get(key, ()), row)
    return found


def re_exports_of(document: str, key: str) -> str:
    """Return the name of what keeps the re-exports of one country of a permit of origin."""
    return f"numbers/{document.partition('/')[0]}/{key.partition('/')[2]}"


def _name_of(origin: str, number: str) -> str:
    """Return the name of a permit by box 12, where people write a number or the whole name."""
    if DOCUMENT_NAME.fullmatch(number) is not None and number.startswith(f"{origin}/"):
        return number
    return f"{origin}/EXPORT/{number}"


def _permits(draft: Draft, key: str) -> list[DocumentState]:
    known = draft.reference(key, NumberedPapers)
    names = known.numbered if known is not None else ()
    states = [draft.document(name) for name in names if _lets_out(draft, name)]
    return [state for state in states if state is not None and state.status != "recorded"]


def _lets_out(draft: Draft, name: str) -> bool:
    kind = draft.tables.document_kind(name)
    return kind is None or kind.act == _LEAVE


def _is_covered(draft: Draft, permits: list[DocumentState], row: DocumentRow) -> bool:
    """Return whether a permit is of such goods, in whatever form: a bag is made of a skin."""
    return any(
        (own.source, own.origin) == (row.source, row.origin)
        and same_taxon(draft.tables, own.taxon, row.taxon)
        for state in permits
        for own in state.rows
    )


def _sums(
    draft: Draft,
    document: str,
    key: str,
    rows: tuple[DocumentRow, ...],
    permits: list[DocumentState],
    *,
    gone: str,
    today: str,
) -> Iterator[tuple[int, int]]:
    """Yield by line what re-exports of a permit name together, and how much it covers.

    Of certificates that have ended only what left under them counts: the rest was never used.
    """
    covered: Counter[Line] = Counter()
    for state in permits:
        covered |= lines_of(state.rows)
    named: Counter[Line] = Counter()
    known = draft.reference(re_exports_of(document, key), NumberedPapers)
    for name in known.numbered if known is not None else ():
        other = draft.document(name)
        if other is not None and name not in (document, gone) and is_in_force(draft, name):
            own = lines_of(named_by(other.rows).get(key, ()))
            is_over = (last_day(draft, name, other) or today) < today
            named += own & balance_of(other, Way.EXPORT) if is_over else own
    named += lines_of(rows)
    yield from ((named[line], covered[line]) for line in map(line_of, rows) if covered[line])
