"""Mending the outbox: sign a refused statement again, and all own ones that rest on it.

Owns which numbers are used and given up: a number that left this desk is never signed twice, one
that the ledger does not count is named in a StatementDropped. Salts stay, and codes on labels too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from msgspec import Struct, field, structs

from ledger.ambient import Clock, Entropy
from ledger.custody import lots
from ledger.custody.events import Event
from ledger.custody.parties import StatementDropped
from ledger.custody.rules.numbers import UNCOUNTED
from ledger.desk.desk import Desk
from ledger.desk.disclosures import parse_disclosure
from ledger.desk.draft import SALT_SIZE, Act, Drafted, Numbering, sign_act
from ledger.desk.heads import Heads, heads_of
from ledger.desk.outbox import Entry, State
from ledger.desk.sending import rests_on
from ledger.errors import UsageError

REPLACED = "document.not-in-force"
"""The rule that keeps out what names a document that was replaced."""
NOT_COUNTED = UNCOUNTED | {"key.unknown"}
"""Rules by which a ledger refuses a statement without taking its number as used."""


class Mended(Struct, frozen=True):
    """What a fix made: new entries for old ones, and the one that gives numbers up, if any.

    `instead` are the documents that were replaced meanwhile, with those named in their place.
    """

    entries: tuple[Entry, ...]
    dropped: Entry | None = None
    instead: Mapping[str, str] = field(default_factory=dict)


def fix(
    desk: Desk, place: int, *, clock: Clock, entropy: Entropy, event: Event | None = None
) -> Mended:
    """Sign entry `place` again with fresh heads, or with `event`, and all that rest on it.

    Raise UsageError where something in the way left this desk and nobody knows what became of it.
    """
    made: list[Entry] = []
    ids: dict[bytes, bytes] = {}
    with desk.lock():
        # Under the lock: a push at the same time may send what was read before.
        target, chain = mendable(desk, place)
        instead = _instead(target) if event is None else {}
        for old in chain:
            # The lots of a refused statement are as they were before it: ask again.
            fresh = desk.head if old is target else None
            what = event if old is target and event is not None else None
            again = _Again(ids, instead, event=what, fresh=fresh)
            drafted = _sign_again(desk, old, again, iat=clock.now_s())
            entry = desk.keep(drafted, said=old.said)
            ids[old.id] = entry.id
            desk.outbox.put(old.with_(state=State.GIVEN_UP, fixed_by=entry.place))
            made.append(entry)
        dropped = _drop(desk, chain, clock=clock, entropy=entropy, reason="signed again")
    return Mended(tuple(made), dropped, instead)


def preview(
    desk: Desk, place: int, *, clock: Clock, event: Event | None = None
) -> tuple[tuple[Entry, ...], Drafted]:
    """Return what `fix` would sign again, oldest first, and the first of it as it would be then."""
    target, chain = mendable(desk, place)
    again = _Again({}, _instead(target), event=event, fresh=desk.head)
    return chain, _sign_again(desk, target, again, iat=clock.now_s())


def give_up(
    desk: Desk, place: int, *, clock: Clock, entropy: Entropy, reason: str
) -> tuple[tuple[Entry, ...], Entry | None]:
    """Drop entry `place` and all that rest on it; return them and the StatementDropped, if any."""
    with desk.lock():
        _, chain = mendable(desk, place)
        given = tuple(desk.outbox.put(old.with_(state=State.GIVEN_UP)) for old in chain)
        for old in chain:
            for code in (*old.statement.prev, *old.born):
                desk.memory.drop_lot(code)
        dropped = _drop(desk, chain, clock=clock, entropy=entropy, reason=reason)
    return given, dropped


def mendable(desk: Desk, place: int) -> tuple[Entry, tuple[Entry, ...]]:
    """Return an entry with all that rest on it; raise UsageError unless each can be mended."""
    target = _target(desk, place)
    chain = dependants(desk, target)
    for entry in chain:
        _check_mendable(desk, entry)
    return target, chain


def dependants(desk: Desk, target: Entry) -> tuple[Entry, ...]:
    """Return `target` and every later own entry that rests on it, oldest first."""
    chain = [target]
    for entry in desk.outbox.entries():
        waits = entry.state in (State.QUEUED, State.SENT, State.REFUSED)
        if entry.place > target.place and waits and rests_on(entry, chain):
            chain.append(entry)
    return tuple(chain)


def _target(desk: Desk, place: int) -> Entry:
    entry = desk.outbox.entry(place)
    if entry.state not in (State.REFUSED, State.QUEUED):
        raise UsageError(
            "outbox.not-open",
            f"Statement {place} is {entry.state.value}: there is nothing to fix.",
            hint="See what can be fixed: ringmark outbox list",
            params={"place": place, "state": entry.state.value},
        )
    return entry


def _check_mendable(desk: Desk, entry: Entry) -> None:
    if entry.state is State.SENT:
        raise UsageError(
            "outbox.unknown-fate",
            f"What became of statement {entry.place} is not known yet.",
            hint="First: ringmark outbox push",
            params={"place": entry.place},
        )
    if entry.statement.kid != desk.kid:
        raise UsageError(
            "outbox.other-key",
            f"Statement {entry.place} was signed by another key.",
            hint=f"Use that key: --as {entry.statement.party}",
            params={"place": entry.place},
        )


class _Again(Struct, frozen=True):
    """What changes in a statement that is signed again: ids, documents, or all of it.

    `fresh` asks the ledger for heads, None keeps the old ones.
    """

    ids: Mapping[bytes, bytes]
    instead: Mapping[str, str]
    event: Event | None = None
    fresh: Any = None


def _sign_again(desk: Desk, old: Entry, again: _Again, *, iat: int) -> Drafted:
    statement, ids = old.statement, again.ids
    # An outbox takes no closing: what lies in it is an event.
    what = again.event
    if what is None:
        what = in_place_of(_renamed(cast(Event, statement.event), ids), again.instead)
    if again.fresh is not None:
        heads = heads_of(what, again.fresh)
    else:
        heads = Heads(
            {code: ids.get(head, head) for code, head in statement.prev.items()},
            {code: ids.get(head, head) for code, head in statement.seen.items()},
        )
    act = Act(
        event=what,
        when=statement.when,
        day=statement.day,
        disclosures=tuple(parse_disclosure(item) for item in old.disclosures),
    )
    numbering = Numbering(seq=desk.next_number(), salt=statement.salt, iat=iat)
    return sign_act(act, desk.writer, numbering=numbering, heads=heads)


def _instead(target: Entry) -> Mapping[str, str]:
    """Return what was refused because it was replaced, with what the ledger named in its place."""
    old, new = target.params.get("document"), target.params.get("instead")
    return {str(old): str(new)} if target.rule == REPLACED and old and new else {}


def in_place_of(event: Event, instead: Mapping[str, str]) -> Event:
    """Return what a trader says of goods with other documents in the place of some.

    An officer's endorsement speaks of lines of a document: it is written anew.
    """
    if not instead:
        return event
    changes: dict[str, Any] = {}
    if isinstance(event, lots.LotExported | lots.LotImported):
        changes["document"] = instead.get(event.document, event.document)
    if isinstance(named := getattr(event, "documents", None), tuple):
        changes["documents"] = _named(named, instead)
    for place in ("lots", "outputs"):
        if isinstance(born := getattr(event, place, None), tuple) and not _are_codes(born):
            changes[place] = tuple(
                structs.replace(lot, documents=_named(lot.documents, instead)) for lot in born
            )
    return structs.replace(event, **changes) if changes else event


def _are_codes(values: tuple[Any, ...]) -> bool:
    return any(isinstance(value, str) for value in values)


def _named(names: tuple[str, ...], instead: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(instead.get(name, name) for name in names))


def _renamed(event: Event, ids: Mapping[bytes, bytes]) -> Event:
    """Return an event that names statements by id, with the new ids of those signed again."""
    changes: dict[str, Any] = {}
    for name in ("offer", "of"):
        value = getattr(event, name, None)
        if isinstance(value, bytes) and value in ids:
            changes[name] = ids[value]
    return structs.replace(event, **changes) if changes else event


def _drop(
    desk: Desk, chain: tuple[Entry, ...], *, clock: Clock, entropy: Entropy, reason: str
) -> Entry | None:
    lost = (e for e in chain if not e.counted or e.rule in NOT_COUNTED)
    numbers = tuple(sorted(e.statement.seq for e in lost))
    if not numbers:
        return None
    event = StatementDropped(kid=desk.kid, numbers=numbers, reason=reason)
    numbering = Numbering(seq=desk.next_number(), salt=entropy.token(SALT_SIZE), iat=clock.now_s())
    drafted = sign_act(Act(event), desk.writer, numbering=numbering, heads=Heads({}, {}))
    said = f"Give up number {', '.join(str(number) for number in numbers)}"
    return desk.keep(drafted, said=said)
