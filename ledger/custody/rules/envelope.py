"""The envelope of every statement: who, with which key, which number, when, on which heads.

Owns the checks that come before any family's rules, in their order, and what every admitted
statement does: it names its subjects and accounts for its number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

from ledger.custody.events import (
    containers_named,
    documents_named,
    facilities_named,
    lots_named,
    marks_named,
)
from ledger.custody.goods import count, expand
from ledger.custody.lots import LotTransformed
from ledger.custody.parties import LedgerFounded
from ledger.custody.rules import roles
from ledger.custody.rules.numbers import account, account_refused, check_number
from ledger.custody.rules.offices import TRADERS
from ledger.custody.state import Draft, Signed, key_in_force
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject

AHEAD_MAX_S = 600
LATE_AFTER_S = 72 * 3_600
SUBJECTS_MAX = 1_000
DAY_S = 86_400

RULES = (
    Rule("envelope.closing", "refuse", "Only the registrar closes a block."),
    Rule("envelope.other-ledger", "refuse", "A statement counts on the ledger it was signed for."),
    Rule("envelope.field-not-allowed", "refuse", "A field does not belong to this event."),
    Rule("envelope.too-many-subjects", "refuse", "A statement names at most 1,000 subjects."),
    Rule("text.not-nfc", "refuse", "Texts are in Unicode normalisation form C."),
    Rule("party.unknown", "refuse", "The signer is enrolled."),
    Rule("party.not-entitled", "refuse", "The signer's role permits the event."),
    Rule("party.suspended", "refuse", "A suspended party signs nothing new."),
    Rule("key.unknown", "refuse", "The key was enrolled for the party that signs."),
    Rule("key.not-in-force", "refuse", "The key is in force at this place of the log."),
    Rule("time.ahead", "refuse", "The time of signing is not ahead of the log."),
    Rule("time.late", "check", "A statement was registered more than 72 hours after signing."),
    Rule("time.day", "refuse", "The stated day fits the stated time."),
    Rule("custody.prev-missing", "refuse", "A statement names the head of all that it moves."),
    Rule("custody.head-moved", "refuse", "What moves goods rests on their newest statement."),
)


def check_signer(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """(1) The key was enrolled for the party that signs, (2) in force, (3) not suspended."""
    if isinstance(signed.event, LedgerFounded):
        return
    owner = draft.key_owner(signed.kid)
    if owner != signed.party:
        yield Refusal("key.unknown", {"party": signed.party})
    if signed.party == roles.FOUNDER:
        ledger = draft.ledger()
        if ledger is None or signed.kid not in ledger.root:
            yield Refusal("key.not-in-force", {"party": signed.party})
        return
    party = draft.party(signed.party)
    if party is None:
        yield Refusal("party.unknown", {"party": signed.party})
        return
    if not key_in_force(party, signed.kid, index=signed.index, at=signed.at):
        yield Refusal("key.not-in-force", {"party": signed.party})
    if party.status != "active" and type(signed.event) not in roles.WHILE_SUSPENDED:
        yield Refusal("party.suspended", {"party": signed.party})


def check_times(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """(5) Signed neither ahead of the log nor unnoticed long before; (6) the day fits the time."""
    if signed.iat > signed.at + AHEAD_MAX_S:
        yield Refusal("time.ahead", {"iat": signed.iat, "at": signed.at})
    if signed.when is not None and signed.when > signed.at + AHEAD_MAX_S:
        yield Refusal("time.ahead", {"iat": signed.when, "at": signed.at})
    if signed.day is not None:
        if signed.when is None:
            yield Refusal("envelope.field-not-allowed", {"field": "day"})
        else:
            utc = datetime.fromtimestamp(signed.when, UTC).date()
            if abs(date.fromisoformat(signed.day).toordinal() - utc.toordinal()) > 1:
                yield Refusal("time.day", {"day": signed.day, "utc": utc.isoformat()})
    if signed.at - signed.iat > LATE_AFTER_S:
        for subject in _late_subjects(signed, draft):
            yield Flag(subject, "time.late", Severity.CHECK)


def check_entitled(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """(7) The signer's role, or its power of office, permits the event."""
    kind = type(signed.event)
    refusal = Refusal("party.not-entitled", {"party": signed.party, "event": kind.__name__})
    if kind is LedgerFounded:
        if draft.ledger() is not None or signed.party != roles.FOUNDER:
            yield refusal
        return
    if signed.party == roles.FOUNDER:
        if kind not in roles.ROOT_ONLY and kind not in roles.ROOT_TOO:
            yield refusal
        return
    party = draft.party(signed.party)
    if party is None or kind in roles.ROOT_ONLY:
        yield refusal
        return
    held = set(party.roles)
    if kind in roles.BY_POWER:
        has = "authority" in held or (
            "officer" in held
            and party.scope is not None
            and roles.BY_POWER[kind] in party.scope.powers
        )
        if not has:
            yield refusal
    elif kind in roles.BY_TRADERS and held.isdisjoint(TRADERS | roles.OFFICES):
        yield refusal


def check_fields(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """(8) Only fields that belong to the event; (9) no more subjects than one may name."""
    moves = type(signed.event) in roles.MOVING
    if signed.prev and not moves:
        yield Refusal("envelope.field-not-allowed", {"field": "prev"})
    if signed.seen and moves:
        yield Refusal("envelope.field-not-allowed", {"field": "seen"})
    named = len(lots_named(signed.event)) + count(marks_named(signed.event)) + len(signed.seen)
    if named > SUBJECTS_MAX:
        yield Refusal("envelope.too-many-subjects", {"count": named, "max": SUBJECTS_MAX})


def check_heads(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """(10) `prev` names exactly what moves, and each head is the newest."""
    if type(signed.event) not in roles.MOVING:
        return
    if isinstance(signed.event, LotTransformed):
        moved = {*signed.event.inputs}
    else:
        moved = {*lots_named(signed.event), *containers_named(signed.event)}
    if set(signed.prev) != moved:
        other = min(set(signed.prev) ^ moved)
        yield Refusal("custody.prev-missing", {"lot": other})
    for code, head in sorted(signed.prev.items()):
        lot = draft.lot(code)
        if lot is not None:
            if lot.head != head:
                yield Refusal("custody.head-moved", {"lot": code, "by": lot.head_by})
            continue
        container = draft.container(code)
        if container is None:
            yield Refusal("lot.unknown", {"lot": code})
        elif container.head != head:
            yield Refusal("custody.head-moved", {"lot": code, "by": container.holder})


def take_effect(signed: Signed, draft: Draft) -> None:
    """Name every subject of the payload, and account for the statement's number."""
    event = signed.event
    for code in (*lots_named(event), *signed.seen, *signed.prev):
        kind = Kind.LOT if draft.lot(code) is not None else Kind.CONTAINER
        draft.name(kind, code)
    for code in containers_named(event):
        draft.name(Kind.CONTAINER, code)
    for name in documents_named(event):
        draft.name(Kind.DOCUMENT, name)
    for name in facilities_named(event):
        draft.name(Kind.FACILITY, name)
    for name in expand(marks_named(event)):
        draft.name(Kind.MARK, name)
    account(draft, signed, kid=signed.kid, numbers=(signed.seq,))


def _late_subjects(signed: Signed, draft: Draft) -> Iterator[Subject]:
    lots = [code for code in lots_named(signed.event) if draft.lot(code) is not None]
    for code in lots:
        yield Subject(Kind.LOT, code)
    if not lots and draft.party(signed.party) is not None:
        yield Subject(Kind.PARTY, signed.party)


ENVELOPE: tuple[Callable[[Signed, Draft], Iterator[Remark]], ...] = (
    check_signer,
    check_number,
    check_times,
    check_entitled,
    check_fields,
    check_heads,
)

__all__ = ["ENVELOPE", "RULES", "account_refused", "take_effect"]
