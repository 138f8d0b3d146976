"""Rules on the seals of a load: each closes one, once; the same goods may travel on under it.

Owns what of a consignment a seal is known by: its containers and lots. A seal that was closed on
other goods, or stood on a container that was opened, stops what it is said to close now; goods that
are still under way under it are looked at, so that whoever copies a number locks nobody out. Where
the seal was allotted to who closes it now, it is the other way round. Source: house rule; fraud
F22.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ledger.custody import standing
from ledger.custody.goods import compress, expand
from ledger.custody.marks import MarkState
from ledger.custody.rules.marks import allotted_to
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Severity, Subject
from ledger.custody.transfers import Offer, TransferDispatched

KNOWN_BY_MAX = 100
"""By how many of its containers and lots a seal of a consignment is known."""
REUSED = "seal.reused"
ARRIVED = "arrived"
"""Why a seal stands on nothing any more: its goods were counted at the other end."""


def check_sealed(signed: Signed, draft: Draft, offer: Offer) -> Iterator[Flag]:
    """Yield a stop on goods whose seal closed others before, a check on those under way still."""
    event = signed.event
    if not isinstance(event, TransferDispatched) or not event.seals:
        return
    own = known_by(draft, offer)
    reused: dict[str, MarkState] = {}
    for name in expand(event.seals):
        state = draft.mark(name)
        is_new = state is None or not (state.lots or state.ended)
        if state is not None and not is_new and not is_same(draft, own, state):
            reused[name] = state
    if reused:
        closes = tuple(Subject(Kind.LOT, p.code) for p in standing.parcels(draft, offer))
        yield from check_reused(draft, reused, party=signed.party, closes=closes)


def check_reused(
    draft: Draft, reused: Mapping[str, MarkState], *, party: str, closes: tuple[Subject, ...]
) -> Iterator[Flag]:
    """Yield the findings on what `party` closes with seals that were used, and on what they close.

    A stop on the later and a check on the earlier of two; where the later seal was allotted to its
    party, and the earlier one put on by somebody else, a note and a stop. What stands on a subject
    already is not said again: whoever closes others with a seal once more adds nothing.
    """
    found: dict[tuple[Subject, Severity], set[str]] = {}
    told: dict[Subject, frozenset[tuple[str, Severity]]] = {}
    for name, state in reused.items():
        earlier = [_subject(draft, code) for code in state.lots if state.ended is None]
        is_own = _is_allotted(draft, name, party) and _others(draft, earlier, party)
        later, before = (
            (Severity.NOTE, Severity.STOP) if is_own else (Severity.STOP, Severity.CHECK)
        )
        for subjects, severity in ((closes, later), (earlier, before)):
            for subject in subjects:
                if subject not in told:
                    told[subject] = _told(draft, subject)
                if (name, severity) not in told[subject]:
                    found.setdefault((subject, severity), set()).add(name)
    for (subject, severity), names in sorted(found.items()):
        yield Flag(subject, REUSED, severity, marks=tuple(sorted(names)))


def _told(draft: Draft, subject: Subject) -> frozenset[tuple[str, Severity]]:
    state = draft.standing(subject)
    findings = state.findings if state is not None else ()
    return frozenset((m, f.severity) for f in findings if f.rule == REUSED for m in f.marks)


def known_by(draft: Draft, offer: Offer) -> tuple[str, ...]:
    """Return the codes by which seals of an offer's consignment are known: containers first."""
    boxes = [code for code, _ in standing.containers_standing(draft, offer)]
    lots = [parcel.code for parcel in standing.parcels(draft, offer)]
    return tuple([*boxes, *lots][:KNOWN_BY_MAX])


def is_same(draft: Draft, codes: tuple[str, ...], state: MarkState) -> bool:
    """Return whether a seal stands on some of these goods already, or on what they were part of."""
    lots = (draft.lot(code) for code in codes)
    before = {parent for lot in lots if lot is not None for parent in lot.parents}
    return not before.union(codes).isdisjoint(state.lots)


def _is_allotted(draft: Draft, name: str, party: str) -> bool:
    return name in allotted_to(draft, (compress((name,)),), party=party)


def _others(draft: Draft, earlier: list[Subject], party: str) -> bool:
    """Return whether what is under way under a seal is all in hands of others than `party`."""
    for kind, code in earlier:
        lot, box = draft.lot(code), draft.container(code)
        state = lot if kind is Kind.LOT else box
        if state is None or state.holder == party:
            return False
    return bool(earlier)


def _subject(draft: Draft, code: str) -> Subject:
    return Subject(Kind.LOT if draft.lot(code) is not None else Kind.CONTAINER, code)
