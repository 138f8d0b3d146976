"""Rules on claims: never raised on the way, and sold under a certificate that covers the goods.

Owns what a claim may become, and the certificate of whoever sells. Accounts of credit are in
`credits`. Sources: FSC-STD-40-004 V3-1 and PEFC ST 2002 (docs/formats/reference-tables.md, claims);
fraud F30.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction

from msgspec import Struct

from ledger.custody.certification import CertificateScope, ProductGroup
from ledger.custody.documents import DocumentState
from ledger.custody.goods import NewLot, Row
from ledger.custody.lots import LotState, LotTransformed
from ledger.custody.rules.days import day_of
from ledger.custody.rules.listings import is_listed
from ledger.custody.rules.validity import is_suspended
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject
from ledger.custody.transfers import Moves, TransferOffered
from ledger.reference.rows import Claim
from ledger.reference.tables import Tables

TRANSFER = "transfer"
PERCENTAGE = "percentage"
_CLAIM_MAX = 64
_SCHEMES = re.compile(r"\b(?:FSC|PEFC)\b", re.IGNORECASE)

RULES = (
    Rule(
        "claim.form",
        "refuse",
        "A claim is a short text, and one of a scheme as the scheme writes it.",
    ),
    Rule("claim.mass-balance", "refuse", "Listed taxa are never claimed by credit or percentage."),
    Rule("claim.raised", "refuse", "An offer lowers a claim, or leaves it."),
    Rule("claim.upgrade", "stop", "A claim comes out no higher than it went in."),
    Rule("claim.outsourced", "check", "A contractor claims under the owner's certificate."),
    Rule("claim.no-certificate", "check", "A claim is sold under the seller's certificate."),
    Rule("claim.expired", "check, stop", "A claim is sold on the days of the certificate."),
    Rule(
        "claim.suspended", "check, stop", "A claim is not sold while its certificate is suspended."
    ),
    Rule("claim.outside-group", "check, stop", "A claim is sold of what the certificate covers."),
)
OFFERING = frozenset(
    {"claim.no-certificate", "claim.expired", "claim.suspended", "claim.outside-group"},
)
"""What an offer may leave on its lots: a new offer by the same party says it anew."""


class _Sale(Struct, frozen=True):
    """One lot that an offer sells under a claim, on a day, and the documents it names."""

    code: str
    lot: LotState
    claim: Claim
    day: str
    documents: tuple[str, ...]


def check_form(tables: Tables, lots: Iterable[NewLot]) -> Iterator[Refusal]:
    """Yield a refusal for each claim that no account could be named by, or that passes for another.

    `fsc 100 %` would be read as the scheme's claim, and be held to none of its rules.
    """
    for lot in lots:
        claim = lot.claim
        if claim is None:
            continue
        lookalike = tables.claim(claim) is None and _SCHEMES.search(claim) is not None
        if not 0 < len(claim) <= _CLAIM_MAX or "/" in claim or lookalike:
            yield Refusal("claim.form", {"claim": claim[:_CLAIM_MAX]})


def may_lower(tables: Tables, have: str | None, want: str) -> bool:
    """Return whether goods with the claim `have` may be called `want`."""
    if have == want:
        return True
    mine, theirs = tables.claim(have or ""), tables.claim(want)
    if mine is None or theirs is None or mine.scheme != theirs.scheme:
        return False
    if mine.grade == theirs.grade and theirs.system == PERCENTAGE:
        return mine.system == "credit" or share_of(have or "") >= share_of(want)
    return mine.grade > theirs.grade


def check_transformed_claims(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield what is wrong about the claims of outputs, by those of what went in."""
    event = signed.event
    if not isinstance(event, LotTransformed):
        return
    yield from check_form(draft.tables, event.outputs)
    lots = [lot for lot in map(draft.lot, sorted(event.inputs)) if lot is not None]
    for i, out in enumerate(event.outputs):
        if out.claim is None:
            continue
        subject = Subject(Kind.LOT, signed.code_of(i))
        known = draft.tables.claim(out.claim)
        if known is None:
            if {lot.claim for lot in lots} != {out.claim}:
                yield Flag(subject, "transform.claim", Severity.CHECK)
        elif not all(may_lower(draft.tables, lot.claim, out.claim) for lot in lots):
            yield from _check_mixed(signed, draft, out, known, subject)
        yield from _check_contractor(signed, draft, out, lots, subject)


def check_offered_claims(signed: Signed, draft: Draft, codes: Iterable[str]) -> Iterator[Remark]:
    """Yield what is wrong about the claims under which an offer sells the lots of `codes`."""
    event = signed.event
    if not isinstance(event, TransferOffered) or event.moves is Moves.CUSTODY:
        if isinstance(event, TransferOffered) and event.claims:
            yield Refusal("claim.raised", {"lot": min(event.claims)})
        return
    offered = set(codes)
    for code in sorted(set(event.claims) - offered):
        yield Refusal("transfer.not-offered", {"lot": code})
    for code in sorted(offered):
        lot = draft.lot(code)
        if lot is None:
            continue
        claim = event.claims.get(code, lot.claim)
        if claim is None:
            continue
        if not may_lower(draft.tables, lot.claim, claim):
            yield Refusal("claim.raised", {"lot": code})
        known = draft.tables.claim(claim)
        if known is not None:
            sale = _Sale(code, lot, known, day_of(signed), event.documents)
            yield from _check_certificate(draft, sale)


def is_certified_by(draft: Draft, names: Iterable[str], claim: str, *, day: str, but: str) -> bool:
    """Return whether one of the documents is a certificate under which `claim` was made.

    That is one of its scheme, in force on the day, of another holder than `but`. A claim of no
    scheme needs none.
    """
    known = draft.tables.claim(claim)
    if known is None:
        return True
    found = (_certificate(draft, name, scheme=known.scheme) for name in names)
    return any(
        paper is not None
        and _runs_on(paper, day)
        and (paper.paper is None or paper.paper.holder != but)
        for paper in found
    )


def weight(tables: Tables, claim: str | None, scheme: str) -> Fraction:
    """Return how much of goods with that claim counts as certified material of the scheme.

    All of it, none, or the percentage that was claimed of them.
    """
    known = tables.claim(claim or "")
    if known is None or known.scheme != scheme or not known.contributes:
        return Fraction(0)
    return Fraction(share_of(claim or ""), 100) if known.system == PERCENTAGE else Fraction(1)


def share_of(claim: str) -> int:
    """Return the percentage at the end of a claim, 0 where there is none."""
    tail = claim.rpartition(" ")[2]
    return int(tail[:-1]) if tail.endswith("%") and tail[:-1].isdigit() else 0


def _check_mixed(
    signed: Signed, draft: Draft, out: NewLot, known: Claim, subject: Subject
) -> Iterator[Remark]:
    """Not all that went in has the claim: only a system of percentage or credit allows that."""
    if known.system == TRANSFER:
        yield Flag(subject, "claim.upgrade", Severity.STOP)
        return
    if is_listed(draft, out.contents, day=day_of(signed)):
        yield Refusal("claim.mass-balance", {"claim": out.claim or ""})


def _check_contractor(
    signed: Signed, draft: Draft, out: NewLot, lots: list[LotState], subject: Subject
) -> Iterator[Flag]:
    owner = lots[0].owner if lots else signed.party
    known = draft.tables.claim(out.claim or "")
    if owner == signed.party or known is None:
        return
    day = day_of(signed)
    for name in out.documents:
        paper = _certificate(draft, name, scheme=known.scheme)
        holder = paper.paper.holder if paper is not None and paper.paper is not None else None
        if paper is None or not _runs_on(paper, day):
            continue
        if holder == signed.party or (holder == owner and _scope(paper).outsourcing):
            return
    yield Flag(subject, "claim.outsourced", Severity.CHECK)


def _check_certificate(draft: Draft, sale: _Sale) -> Iterator[Flag]:
    subject = Subject(Kind.LOT, sale.code)
    found = (_certificate(draft, name, scheme=sale.claim.scheme) for name in sale.documents)
    own = [p for p in found if p is not None and p.paper and p.paper.holder == sale.lot.owner]
    if not own:
        yield Flag(subject, "claim.no-certificate", Severity.CHECK)
        return
    day = sale.day
    valid = [p for p in own if _is_dated(p, day)]
    active = [p for p in valid if not is_suspended(p, day)]
    if not valid:
        yield Flag(subject, "claim.expired", _weight(own[0]))
    elif not active:
        yield Flag(subject, "claim.suspended", _weight(valid[0]))
    elif not any(_covers(draft.tables, _scope(p), sale.claim, sale.lot.contents) for p in active):
        yield Flag(subject, "claim.outside-group", _weight(active[0]))


def _certificate(draft: Draft, name: str, *, scheme: str) -> DocumentState | None:
    """Return the certificate of that name, or None where it is none of the scheme's."""
    kind = name.split("/")[1] if name.count("/") > 1 else ""
    return draft.document(name) if kind.startswith(scheme) else None


def _is_dated(paper: DocumentState, day: str) -> bool:
    return (paper.from_day or day) <= day <= (paper.until_day or day)


def _runs_on(paper: DocumentState, day: str) -> bool:
    return _is_dated(paper, day) and not is_suspended(paper, day)


def _scope(paper: DocumentState | None) -> CertificateScope:
    said = paper.paper.scope if paper is not None and paper.paper is not None else None
    return said or CertificateScope()


def _covers(tables: Tables, scope: CertificateScope, known: Claim, rows: tuple[Row, ...]) -> bool:
    if known.system != TRANSFER and known.system not in scope.systems:
        return False
    groups = scope.groups
    return not groups or all(any(_is_in(tables, group, row) for group in groups) for row in rows)


def _is_in(tables: Tables, group: ProductGroup, row: Row) -> bool:
    if group.term != row.term:
        return False
    wide = tables.taxon(group.taxon) if group.taxon is not None else None
    taxon = tables.taxon(row.taxon)
    return group.taxon is None or (
        wide is not None and taxon is not None and tables.within(taxon, wide)
    )


def _weight(paper: DocumentState) -> Severity:
    """What its issuer entered or an officer confirmed is a stop; a copy may be out of date."""
    return Severity.CHECK if paper.status == "recorded" else Severity.STOP
