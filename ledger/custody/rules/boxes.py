"""Rules on what a document says in its boxes, by its kind.

Owns the forms of CITES papers, FLEGT licences and due-diligence references. What an issuer may not
write is refused; a copy that says the same is admitted with a check, for the paper exists. Sources:
CITES Art. III to VI; Res. Conf. 12.3; Reg. (EC) 865/2006; EU Reference Guide 3.3 and 8.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from ledger.custody.documents import DocumentRow, Paper
from ledger.custody.references import ListingTaxon
from ledger.custody.rules.days import days_between, months_after
from ledger.custody.rules.goods import NOWHERE, country_of
from ledger.custody.state import Draft
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject
from ledger.reference.rows import DocumentKind

WORKED_BEFORE = "1947-03-03"
"""Worked specimens acquired before this day may have a retrospective paper (EU Guide 8.3)."""
ENTERED_DAYS_MAX = 3
VERIFICATION = re.compile(r"[0-9A-Za-z]{5,35}")
_AS_APPENDIX_II = frozenset("DCA")
"""Sources whose Appendix I specimens count as Appendix II (CITES Art. VII(4) and (5))."""

RULES = (
    Rule("document.too-long", "refuse, check", "A document is valid no longer than its kind."),
    Rule("document.retrospective", "refuse, check", "A late paper says why; never Appendix I."),
    Rule("document.origin-permit", "refuse, check", "A re-export names the permit of origin."),
    Rule("document.operation", "refuse, check", "Source D names the breeding operation."),
    Rule("document.acquired", "refuse, check", "Source O was acquired before the first listing."),
    Rule(
        "document.quota-figures", "refuse, check", "Box 11a counts this document, within the quota."
    ),
    Rule("document.number-form", "refuse, check", "A number has the form of its register."),
    Rule("document.kind-country", "refuse, check", "Some kinds are issued by one country alone."),
    Rule("document.verification", "refuse, check", "A verification number has 5 to 35 characters."),
    Rule(
        "document.origin-side", "check", "An export is of the issuer's country, a re-export is not."
    ),
    Rule("document.same-country", "check", "A border paper names two countries."),
    Rule("document.import-first", "check", "Appendix I: the import permit comes first."),
    Rule("document.operation-unknown", "note", "A breeding operation stands in the ledger."),
    Rule("document.entered-late", "check", "A document is entered within three days of its issue."),
    Rule("pair.term-purpose", "check", "The purpose is one with which the term is reported."),
)


class Boxes(Struct, frozen=True):
    """A paper on its way into the ledger: its name and kind, and the day on which it was issued.

    `issued_day` is None for a copy that does not say it.
    """

    name: str
    kind: DocumentKind | None
    paper: Paper
    issued_day: str | None


def check_boxes(
    draft: Draft, boxes: Boxes, *, by_issuer: bool, entered_day: str
) -> Iterator[Remark]:
    """Yield what is wrong (a refusal to the issuer, a check on a copy) and what is only odd."""
    subject = Subject(Kind.DOCUMENT, boxes.name)
    for rule, is_wrong in _WRONGS:
        if is_wrong(draft, boxes):
            if by_issuer and not _is_estimate(rule, boxes):
                yield Refusal(rule, {"document": boxes.name})
            else:
                yield Flag(subject, rule, Severity.CHECK)
    for rule, is_odd in _ODDITIES:
        if is_odd(draft, boxes):
            yield Flag(subject, rule, Severity.CHECK)
    if any(_is_operation_unknown(draft, row) for row in boxes.paper.rows):
        yield Flag(subject, "document.operation-unknown", Severity.NOTE)
    claimed = boxes.paper.issued_day
    late = claimed is not None and days_between(claimed, entered_day) > ENTERED_DAYS_MAX
    if by_issuer and late and boxes.paper.retrospective is None:
        yield Flag(subject, "document.entered-late", Severity.CHECK)


def is_grave(draft: Draft, row: DocumentRow) -> bool:
    """Return whether a row is of Appendix I, and not of a source that counts as Appendix II."""
    if row.source in _AS_APPENDIX_II:
        return False
    taxon = draft.tables.taxon(row.taxon)
    return row.appendix == "I" or (taxon is not None and taxon.appendix == "I")


def _too_long(_draft: Draft, boxes: Boxes) -> bool:
    kind, until, issued = boxes.kind, boxes.paper.until_day, boxes.issued_day
    if kind is None or kind.months is None or until is None or issued is None:
        return False
    return until > months_after(issued, kind.months)


def _retrospective(draft: Draft, boxes: Boxes) -> bool:
    reason = boxes.paper.retrospective
    if reason is None:
        return False
    if not reason.strip():
        return True
    again = boxes.kind is not None and boxes.kind.act == "re-export"
    return not again and any(
        is_grave(draft, row) and (row.acquired or "9") >= WORKED_BEFORE for row in boxes.paper.rows
    )


def _origin_permit(_draft: Draft, boxes: Boxes) -> bool:
    if boxes.kind is None or boxes.kind.act != "re-export":
        return False
    return any(
        not (row.origin_permit and row.origin_day) and not (row.origin_unknown or "").strip()
        for row in boxes.paper.rows
    )


def _operation(_draft: Draft, boxes: Boxes) -> bool:
    return _crosses(boxes) and any(r.source == "D" and not r.operation for r in boxes.paper.rows)


def _acquired(draft: Draft, boxes: Boxes) -> bool:
    return _crosses(boxes) and any(
        row.source == "O" and _is_listed(draft, row) for row in boxes.paper.rows
    )


def _is_listed(draft: Draft, row: DocumentRow) -> bool:
    """Return whether the specimen was acquired on no known day, or once the species was listed."""
    if row.acquired is None:
        return True
    # A species is listed by its own name or by that of its genus: the first of them counts.
    names = draft.tables.names_covering(row.taxon)
    listed = (draft.reference(f"listings/{name}", ListingTaxon) for name in names)
    days = [
        listing.from_day
        for state in listed
        if state is not None
        for listing in state.listed
        if listing.appendix != "NC"
    ]
    return bool(days) and row.acquired >= min(days)


def _quota_figures(_draft: Draft, boxes: Boxes) -> bool:
    return any(
        (row.quota_used is not None and row.quota_used < row.quantity)
        or (row.quota_total is not None and (row.quota_used or row.quantity) > row.quota_total)
        for row in boxes.paper.rows
    )


def _number_form(_draft: Draft, boxes: Boxes) -> bool:
    if boxes.kind is None or not boxes.kind.number_form:
        return False
    country, _, rest = boxes.name.partition("/")
    found = re.fullmatch(boxes.kind.number_form, rest.partition("/")[2])
    return found is None or (bool(found.groups()) and found[1] != country)


def _kind_country(_draft: Draft, boxes: Boxes) -> bool:
    only = boxes.kind.country if boxes.kind is not None else ""
    return bool(only) and country_of(boxes.name) != only


def _verification(_draft: Draft, boxes: Boxes) -> bool:
    number = boxes.paper.verification
    return number is not None and VERIFICATION.fullmatch(number) is None


def _origin_side(_draft: Draft, boxes: Boxes) -> bool:
    country = country_of(boxes.name)
    act = boxes.kind.act if boxes.kind is not None else ""
    known = boxes.kind is not None and boxes.kind.kind in ("EXPORT", "RE-EXPORT")
    rows = boxes.paper.rows
    if act == "export":
        return known and any(r.origin != country and not _is_old_of_nowhere(r) for r in rows)
    return known and any(row.origin == country for row in rows)


def _is_old_of_nowhere(row: DocumentRow) -> bool:
    """Return whether nobody knows the country of what was acquired long ago: no foreign one."""
    return row.origin in NOWHERE and row.acquired is not None


def _same_country(_draft: Draft, boxes: Boxes) -> bool:
    paper = boxes.paper
    return (
        _crosses(boxes)
        and paper.to_country is not None
        and paper.to_country
        in (paper.from_country or (country_of(boxes.name) if _leaves(boxes) else None),)
    )


def _import_first(draft: Draft, boxes: Boxes) -> bool:
    if not _leaves(boxes) or not any(is_grave(draft, row) for row in boxes.paper.rows):
        return False
    kinds = (draft.tables.document_kind(name) for name in boxes.paper.rests_on)
    return not any(kind is not None and kind.act == "import" for kind in kinds)


def _term_purpose(draft: Draft, boxes: Boxes) -> bool:
    purpose = boxes.paper.purpose
    if purpose is None or draft.tables.purpose(purpose) is None:
        return False
    return not all(draft.tables.purpose_allowed(r.term, purpose) for r in boxes.paper.rows)


def _is_operation_unknown(draft: Draft, row: DocumentRow) -> bool:
    if row.source != "D" or not row.operation:
        return False
    return draft.document(f"{row.origin}/FARM/{row.operation}") is None


def _is_estimate(rule: str, boxes: Boxes) -> bool:
    """A form that nobody confirmed keeps nothing out."""
    return rule == "document.number-form" and (boxes.kind is None or not boxes.kind.confirmed)


def _crosses(boxes: Boxes) -> bool:
    return boxes.kind is not None and boxes.kind.act != ""


def _leaves(boxes: Boxes) -> bool:
    return boxes.kind is not None and boxes.kind.act in ("export", "re-export")


_Question = Callable[[Draft, Boxes], bool]
_WRONGS: tuple[tuple[str, _Question], ...] = (
    ("document.too-long", _too_long),
    ("document.retrospective", _retrospective),
    ("document.origin-permit", _origin_permit),
    ("document.operation", _operation),
    ("document.acquired", _acquired),
    ("document.quota-figures", _quota_figures),
    ("document.number-form", _number_form),
    ("document.kind-country", _kind_country),
    ("document.verification", _verification),
)
_ODDITIES: tuple[tuple[str, _Question], ...] = (
    ("document.origin-side", _origin_side),
    ("document.same-country", _same_country),
    ("document.import-first", _import_first),
    ("pair.term-purpose", _term_purpose),
)
