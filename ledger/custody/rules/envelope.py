"""The envelope of every statement: who, with which key, which number, when, on which heads.

Owns the checks that come before any family's rules, in their order, and what every admitted
statement does: it names its subjects and accounts for its number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache

from ledger.custody.control import FindingClosed
from ledger.custody.events import births
from ledger.custody.goods import count, expand, is_sound
from ledger.custody.parties import ApprovalGiven, LedgerFounded, LedgerState
from ledger.custody.rules import roles
from ledger.custody.rules.numbers import account, account_refused, check_number
from ledger.custody.rules.offices import has_power, has_role
from ledger.custody.state import Draft, Signed, key_in_force
from ledger.custody.subjects import (
    LEDGER_NAME,
    Flag,
    Kind,
    Refusal,
    Remark,
    Rule,
    Severity,
    Subject,
)
from ledger.custody.transfers import ContainerPacked

AHEAD_MAX_S = 600
LATE_AFTER_S = 72 * 3_600
SUBJECTS_MAX = 1_000
DAY_S = 86_400
_EPOCH = date(1970, 1, 1).toordinal()

RULES = (
    Rule("envelope.closing", "refuse", "Only the registrar closes a block."),
    Rule("envelope.other-ledger", "refuse", "A statement counts on the ledger it was signed for."),
    Rule("envelope.field-not-allowed", "refuse", "A field does not belong to this event."),
    Rule("envelope.too-many-subjects", "refuse", "A statement names at most 1,000 subjects."),
    Rule("text.not-nfc", "refuse", "Texts are in Unicode normalisation form C."),
    Rule("party.unknown", "refuse", "A party that signs or is named is enrolled."),
    Rule("party.not-entitled", "refuse", "The signer's role permits the event."),
    Rule("party.suspended", "refuse, stop", "A suspended party signs nothing new."),
    Rule("key.unknown", "refuse", "The key was enrolled for the party that signs."),
    Rule("key.not-in-force", "refuse", "The key is in force at this place of the log."),
    Rule("time.ahead", "refuse", "The time of signing is not ahead of the log."),
    Rule("time.late", "check", "A statement was registered more than 72 hours after signing."),
    Rule("time.day", "refuse", "The stated day fits the stated time."),
    Rule("custody.prev-missing", "refuse", "A statement names the head of exactly what it moves."),
    Rule("custody.seen-other", "refuse", "A statement names heads of what it is about alone."),
    Rule("custody.head-moved", "refuse", "What moves goods rests on their newest statement."),
)


def check_signer(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """(1) The key was enrolled for the party that signs, (2) is in force, (3) nor suspended."""
    if isinstance(signed.event, LedgerFounded):
        return
    owner = draft.key_owner(signed.kid)
    if owner != signed.party:
        yield Refusal("key.unknown", {"party": signed.party})
    if signed.party == roles.FOUNDER:
        ledger = draft.ledger()
        if ledger is None or signed.kid not in _root_keys(signed, ledger):
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
    """(5) Signed and done not ahead of the log, (6) nor unnoticed long before; (7) on that day."""
    for claimed in (signed.iat, signed.when):
        if claimed is not None and claimed > signed.at + AHEAD_MAX_S:
            yield Refusal("time.ahead", {"claimed": claimed, "at": signed.at})
    if signed.at - signed.iat > LATE_AFTER_S:
        for subject in _late_subjects(signed, draft):
            yield Flag(subject, "time.late", Severity.CHECK)
    if signed.when is not None and signed.when < 0:
        # The days of the log begin in 1970: before them no calendar is asked.
        yield Refusal("time.day", {"day": signed.day or "", "utc": str(signed.when)})
        return
    if signed.day is not None and signed.when is not None:
        utc = _EPOCH + signed.when // DAY_S
        near = _days_near(utc)
        if signed.day not in near:
            yield Refusal("time.day", {"day": signed.day, "utc": near[1]})


def check_entitled(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """(8) The signer's role, or its power of office, permits the event."""
    if not is_entitled(signed, draft):
        facts = {"party": signed.party, "event": type(signed.event).__name__}
        yield Refusal("party.not-entitled", facts)


def is_entitled(signed: Signed, draft: Draft) -> bool:
    """Return whether the signer's role, or its power of office, permits the event."""
    kind = type(signed.event)
    if kind is LedgerFounded:
        return signed.party == roles.FOUNDER
    if signed.party == roles.FOUNDER:
        return kind in roles.ROOT_ONLY or kind in roles.ROOT_TOO
    if kind in roles.ROOT_ONLY:
        return False
    if kind in roles.BY_POWER:
        return has_power(draft, signed.party, roles.BY_POWER[kind])
    return kind not in roles.BY_TRADERS or has_role(draft, signed.party, roles.HANDLERS)


def check_fields(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """(9) Only fields that belong to the event; (10) at most 1,000 subjects, each counted once."""
    kind = type(signed.event)
    misplaced = ""
    if signed.prev and kind not in roles.MOVING:
        misplaced = "prev"
    elif signed.seen and kind not in roles.SEEING:
        misplaced = "seen"
    elif signed.when is not None and kind not in roles.HAPPENING:
        misplaced = "when"
    elif signed.day is not None and signed.when is None:
        # A day is the day of some moment: alone it could not be checked.
        misplaced = "day"
    if misplaced:
        yield Refusal("envelope.field-not-allowed", {"field": misplaced, "event": kind.__name__})
    names = draft.names(signed.event)
    marks = names.marks
    if not is_sound(marks):
        yield Refusal(
            "mark.form", {"mark": next(m.before for m in marks if not is_sound((m,)))[:64]}
        )
    goods = {*names.lots, *names.containers, *signed.seen}
    named = len(goods) + len(names.documents) + len(names.facilities) + count(marks)
    if named > SUBJECTS_MAX:
        facts = {"subjects": named, "subjects_max": SUBJECTS_MAX}
        yield Refusal("envelope.too-many-subjects", facts)


def check_heads(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """(11) `prev` names exactly what moves, and (12) each head is the newest; (13) `seen` no more.

    Whoever could name any lot in `seen` would stretch the history of goods of others at will.
    """
    names = draft.names(signed.event)
    if signed.seen:
        others = set(signed.seen).difference(names.lots, names.containers, _closed(signed))
        if others:
            yield Refusal("custody.seen-other", {"lot": min(others)})
    if type(signed.event) not in roles.MOVING:
        return
    moved = {*names.lots, *names.containers}
    if set(signed.prev) != moved:
        yield Refusal("custody.prev-missing", {"lot": min(set(signed.prev) ^ moved)})
    for code, head in sorted(signed.prev.items()):
        # What does not exist is refused by its family, which knows what it should have been.
        lot = draft.lot(code)
        container = draft.container(code) if lot is None else None
        if lot is not None and lot.head != head:
            yield Refusal("custody.head-moved", {"lot": code, "by": lot.head_by})
        if container is not None and container.head != head:
            yield Refusal("custody.head-moved", {"lot": code, "by": container.holder})


def check_founded(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """(0) Leaf 0 founds the ledger, and until every root key approved it nothing else counts."""
    ledger = draft.ledger()
    is_founding = isinstance(signed.event, LedgerFounded)
    if is_founding != (ledger is None) or is_founding != (signed.index == 0):
        yield Refusal("founding.leaf", {"index": signed.index})
    if ledger is None or not ledger.pending or isinstance(signed.event, ApprovalGiven):
        return
    if any(act.type == LedgerFounded.__name__ for act in ledger.pending):
        yield Refusal("founding.not-approved", {})


def take_effect(signed: Signed, draft: Draft) -> None:
    """Name every subject of the payload, and account for the statement's number."""
    names = draft.names(signed.event)
    for code in (*names.lots, *signed.seen):
        draft.name(Kind.CONTAINER if draft.lot(code) is None else Kind.LOT, code)
    for code in names.containers:
        draft.name(Kind.CONTAINER, code)
    for name in names.documents:
        draft.name(Kind.DOCUMENT, name)
    for name in names.facilities:
        draft.name(Kind.FACILITY, name)
    for name in expand(names.marks):
        draft.name(Kind.MARK, name)
    account(draft, signed, kid=signed.kid, numbers=(signed.seq,))


def _closed(signed: Signed) -> tuple[str, ...]:
    """Return the lot or container whose finding is closed: named by its path alone."""
    event = signed.event
    if not isinstance(event, FindingClosed):
        return ()
    kind, _, name = event.subject.partition("/")
    return (name,) if kind in (Kind.LOT.value, Kind.CONTAINER.value) else ()


@lru_cache(maxsize=64)
def _days_near(ordinal: int) -> tuple[str, str, str]:
    before, same, after = (date.fromordinal(ordinal + shift) for shift in (-1, 0, 1))
    return before.isoformat(), same.isoformat(), after.isoformat()


def _root_keys(signed: Signed, ledger: LedgerState) -> set[bytes]:
    waiting = ledger.root_next if isinstance(signed.event, ApprovalGiven) else {}
    return {*ledger.root, *waiting}


def _late_subjects(signed: Signed, draft: Draft) -> tuple[Subject, ...]:
    """Return on what a late statement is noted: lots, else other goods, else its party."""
    event = signed.event
    offer = getattr(event, "offer", None)
    answered = draft.offer(offer) if isinstance(offer, bytes) else None
    born = 0 if isinstance(event, ContainerPacked) else births(event)
    names = draft.names(event)
    codes = {*names.lots, *(signed.code_of(i) for i in range(born))}
    codes.update(answered.event.lots if answered is not None else ())
    others = [Subject(Kind.CONTAINER, code) for code in names.containers]
    others += [Subject(Kind.DOCUMENT, name) for name in names.documents]
    others += [Subject(Kind.FACILITY, name) for name in names.facilities]
    if codes:
        return tuple(Subject(Kind.LOT, code) for code in sorted(codes))
    if others:
        return tuple(others)
    is_root = signed.party in roles.RESERVED
    return (Subject(Kind.LEDGER, LEDGER_NAME) if is_root else Subject(Kind.PARTY, signed.party),)


ENVELOPE: tuple[Callable[[Signed, Draft], Iterator[Remark]], ...] = (
    check_founded,
    check_signer,
    check_number,
    check_times,
    check_entitled,
    check_fields,
    check_heads,
)

__all__ = ["ENVELOPE", "RULES", "account_refused", "take_effect"]
