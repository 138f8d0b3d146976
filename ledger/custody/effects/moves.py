"""What every family does with lots: move, sign, take apart, bring to life, leave an offer.

Owns the one place where a lot's head, signers, number and parents are set (docs/formats/record.md).
Judges nothing: the rules have looked before.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Any

from msgspec.structs import replace

from ledger.custody.effects.claims import move_marks
from ledger.custody.effects.confirming import await_along
from ledger.custody.effects.parting import left_behind, taken_along
from ledger.custody.goods import PIECES, Cut, Goods, MarkRange, Part, Row, cut, expand
from ledger.custody.lots import LotState
from ledger.custody.rules.entering import ON_ENTRY
from ledger.custody.rules.unnamed import contested_on
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Finding, Kind, Severity, Signer

BIRTH_SIZE = 16


def moved(signed: Signed, lot: LotState, **changes: Any) -> LotState:
    """Return `lot` with this statement as its head and its signer noted, and `changes` made."""
    return replace(
        lot,
        head=signed.id,
        head_by=signed.party,
        signers=signers_with(lot.signers, signed),
        **changes,
    )


def touched(signed: Signed, lot: LotState, **changes: Any) -> LotState:
    """Return `lot` with the signer noted and `changes` made; its head stays."""
    return replace(lot, signers=signers_with(lot.signers, signed), **changes)


def signers_with(signers: tuple[Signer, ...], signed: Signed) -> tuple[Signer, ...]:
    """Return `signers` with one entry for this signer's key, at the last leaf index it signed.

    An act that waited was signed where it was proposed: by then its key may have ended.
    """
    last = signed.index if signed.placed is None else signed.placed
    same = (signed.party, signed.kid)
    kept = tuple(s for s in signers if (s.party, s.kid) != same)
    last = max([last, *(s.last for s in signers if (s.party, s.kid) == same)])
    return (*kept, Signer(signed.party, signed.kid, last))


def next_number(draft: Draft) -> int:
    """Return the number of the lot born next, counting it."""
    draft.lots_born += 1
    return draft.view.lots_born + draft.lots_born


def child(
    signed: Signed, draft: Draft, *, code: str, of: str, goods: Goods, **changes: Any
) -> LotState:
    """Bring a part of lot `of` to life under `code` and return it; marks move to it.

    The child has the owner, the holder, the origin story and the documents of its parent, its own
    signer only, its share of what passed borders, and the findings about the marks that it takes.
    """
    parent = draft.lot(of)
    if parent is None:
        raise LookupError(of)
    taken = frozenset(expand(goods.marks))
    born = replace(
        parent,
        **{
            "number": next_number(draft),
            "birth": signed.id[:BIRTH_SIZE],
            "born_at": signed.at,
            "born_by": signed.party,
            "contents": goods.contents,
            "marks": goods.marks,
            "also": (),
            "corrected": None,
            "taken_index": signed.index,
            "pending": (),
            "findings": (*on_entry(draft, (of,)), *_about(parent.findings, taken)),
            "held_by": (),
            "head": signed.id,
            "head_by": signed.party,
            "offer": None,
            "offer_expires": None,
            "container": None,
            "parents": (of,),
            "signers": signers_with((), signed),
            "vouched": (),
            "missing_of": None,
            "lacking": (),
            "lacking_marks": (),
            **taken_along(draft, parent, goods),
            **changes,
        },
    )
    draft.put(Kind.LOT, code, born)
    if born.findings:
        await_along(draft, (of,), code)
    move_marks(draft, goods.marks, of=of, to=code)
    return born


def rest_of(draft: Draft, lot: LotState, parted: Cut) -> LotState:
    """Return what is left of `lot` once a part was taken: other measures are no longer true."""
    gone = frozenset(expand(parted.taken.marks))
    return replace(
        lot,
        contents=parted.rest.contents,
        marks=parted.rest.marks,
        also=(),
        findings=_not_about(lot.findings, gone),
        **_lacking_of(lot, parted.rest.contents),
        **left_behind(draft, lot, parted.taken),
    )


def split_off(
    signed: Signed, draft: Draft, *, code: str, of: str, part: Part, **changes: Any
) -> None:
    """Take `part` out of lot `of` as the new lot `code`; the rest keeps its code and its head.

    Where a whole row leaves, an open offer of the lot ends: its rows no longer say what they did.
    """
    lot = draft.lot(of)
    if lot is None:
        raise LookupError(of)
    parted = cut(Goods(lot.contents, lot.marks), part)
    if isinstance(parted, str):
        raise LookupError(parted)
    child(signed, draft, code=code, of=of, goods=parted.taken, **changes)
    draft.put(Kind.LOT, of, rest_of(draft, lot, parted))
    if len(parted.rest.contents) != len(lot.contents):
        leave_offer(draft, of)


def leave_offer(draft: Draft, code: str) -> None:
    """Take a lot out of its offer; an offer that no lot and no container stands in ends."""
    lot = draft.lot(code)
    if lot is None or lot.offer is None:
        return
    offer_id = lot.offer
    draft.put(Kind.LOT, code, replace(lot, offer=None, offer_expires=None))
    end_if_empty(draft, offer_id)


def end_if_empty(draft: Draft, offer_id: bytes) -> None:
    """End the offer unless a lot or a container still stands in it."""
    offer = draft.offer(offer_id)
    if offer is None:
        return
    # Lots leave in the order of their codes: the last one tells soonest that some still stand.
    lots = (draft.lot(code) for code in reversed(tuple(offer.event.lots)))
    boxes = (draft.container(code) for code in offer.event.containers)
    stands = any(lot is not None and lot.offer == offer_id for lot in lots)
    if not stands and not any(box is not None and box.offer == offer_id for box in boxes):
        draft.offers[offer_id] = None


def leave_container(draft: Draft, code: str) -> None:
    """Take a lot out of the container that it is in; the stops on that go with it."""
    lot = draft.lot(code)
    if lot is None or lot.container is None:
        return
    held = draft.container(lot.container)
    findings = lot.findings
    if held is not None:
        lots = tuple(inside for inside in held.lots if inside != code)
        draft.put(Kind.CONTAINER, lot.container, replace(held, lots=lots))
        findings = with_stops(findings, held.findings)
    draft.put(Kind.LOT, code, replace(lot, container=None, findings=findings))


def with_stops(findings: tuple[Finding, ...], before: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the findings of what leaves a container, with the stops that stood on that.

    A seal that was broken and copied is about the goods: whoever opens the box settles nothing.
    """
    stops = (f for f in before if f.severity is Severity.STOP and f not in findings)
    return (*findings, *stops)


def without_rule(findings: tuple[Finding, ...], *rules: str) -> tuple[Finding, ...]:
    """Return `findings` but those of the named rules."""
    return tuple(finding for finding in findings if finding.rule not in rules)


def without_cause(
    findings: tuple[Finding, ...], causes: AbstractSet[bytes], *rules: str
) -> tuple[Finding, ...]:
    """Return `findings` but those that one of these statements caused, by any or the named rules.

    One that counts others leaves its place to one of them: they stand as they did.
    """
    kept: list[Finding] = []
    for found in findings:
        if found.cause not in causes or (rules and found.rule not in rules):
            kept.append(found)
        elif found.more:
            since = found.since if found.more > 1 else None
            kept.append(replace(found, more=found.more - 1, since=since))
    return tuple(kept)


def on_entry(draft: Draft, codes: Iterable[str]) -> tuple[Finding, ...]:
    """Return the open checks that go with goods of these lots, each once, sorted.

    They are about how the goods entered, or stand in place of a stop (`rules.unnamed`): else a
    split, or a process that changes nothing, would settle what waits for an officer.
    """
    found: set[Finding] = set()
    for code in codes:
        lot = draft.lot(code)
        if lot is not None and lot.findings:
            found.update(f for f in lot.findings if f.rule in ON_ENTRY and not f.marks)
            found.update(contested_on(draft, code))
    return tuple(sorted(found, key=lambda f: (f.rule, f.cause)))


def with_marked(findings: tuple[Finding, ...], about: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return `findings` with others about marks, joined to those of the same rule and cause."""
    kept = list(findings)
    for new in about:
        same = next((f for f in kept if f.marks and replace(f, marks=new.marks) == new), None)
        if same is None:
            kept.append(new)
        else:
            marks = tuple(sorted({*same.marks, *new.marks}))
            kept[kept.index(same)] = replace(same, marks=marks)
    return tuple(kept)


def stops_drawn(lot: LotState, drawn: tuple[MarkRange, ...]) -> tuple[Finding, ...]:
    """Return the stops about marks that are drawn from a lot, each about those alone.

    They go with what is made of the pieces: what is left of the lot is rid of them.
    """
    about = _about(lot.findings, frozenset(expand(drawn))) if lot.findings else ()
    return tuple(f for f in about if f.severity is Severity.STOP)


def _lacking_of(lot: LotState, rest: tuple[Row, ...]) -> dict[str, Any]:
    """Return what the rows that stay still lack: a row that left takes along what it lacked."""
    if len(rest) == len(lot.contents) or not lot.lacking:
        return {}
    left = list(rest)
    lacking: list[int] = []
    pieces = 0
    for row, lack in zip(lot.contents, lot.lacking, strict=True):
        if left and replace(row, quantity=left[0].quantity) == left[0]:
            lacking.append(lack)
            pieces += lack if left.pop(0).unit == PIECES else 0
    marks = lot.lacking_marks if pieces else ()
    return {"lacking": tuple(lacking) if any(lacking) else (), "lacking_marks": marks}


def _about(findings: tuple[Finding, ...], marks: frozenset[str]) -> tuple[Finding, ...]:
    scoped = [(f, tuple(m for m in f.marks if m in marks)) for f in findings if f.marks]
    return tuple(replace(f, marks=kept) for f, kept in scoped if kept)


def _not_about(findings: tuple[Finding, ...], marks: frozenset[str]) -> tuple[Finding, ...]:
    if not marks:
        return findings
    kept: list[Finding] = []
    for finding in findings:
        left = tuple(m for m in finding.marks if m not in marks)
        if left or not finding.marks:
            kept.append(replace(finding, marks=left) if left != finding.marks else finding)
    return tuple(kept)
