"""Numbers of a key: each is used once, and a missing one becomes a finding.

Owns the bookkeeping of `seq`. A statement written and thrown away is a known fraud: a number that
is still missing after 7 days of log time stands on the party until it is accounted for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from ledger.custody.gaps import count_missing, gap_of, without_number
from ledger.custody.parties import StatementDropped
from ledger.custody.rules import roles
from ledger.custody.state import Change, Draft, KeyUse, Signed, State, View, with_findings
from ledger.custody.subjects import (
    LEDGER_NAME,
    Finding,
    Kind,
    Refusal,
    Rule,
    Severity,
    Subject,
)

MISSING_AFTER_S = 7 * 86_400
AHEAD_MAX = 1_000
"""How far ahead of the last number a key may jump, and how many of its numbers may be missing."""
UNCOUNTED = frozenset({"envelope.other-ledger"})
"""Refusals that account for no number: the statement was never meant for this ledger."""
RULES = (
    Rule("seq.used", "refuse", "Each number of a key is used once."),
    Rule("seq.too-far", "refuse", "A key skips at most 1,000 numbers."),
    Rule("seq.not-given-up", "refuse", "A party gives up numbers of its own keys, in order."),
    Rule("seq.missing", "check", "A number of a key is still missing after 7 days."),
    Rule("seq.reused", "stop", "A key signed the same number twice."),
)


def is_accounted(use: KeyUse, number: int) -> bool:
    """Return whether a statement with that number is known, refused or given up."""
    return number <= use.last and gap_of(use.gaps, number) is None


def is_too_far(use: KeyUse, number: int) -> bool:
    """Return whether `number` would leave too many others missing."""
    skipped = number - use.last - 1
    if skipped <= 0:
        return False
    return skipped >= AHEAD_MAX or count_missing(use.gaps) + skipped > AHEAD_MAX


def with_accounted(use: KeyUse, numbers: Iterable[int], *, at: int) -> KeyUse:
    """Return the numbers of a key once `numbers` came at log time `at` (s), in this order."""
    if numbers == (use.last + 1,):
        return KeyUse(use.last + 1, use.gaps)
    last, gaps = use.last, use.gaps
    for number in numbers:
        if number <= last:
            gaps = without_number(gaps, number)
            continue
        if number > last + 1:
            gaps = (*gaps, (last + 1, number - 1, at + MISSING_AFTER_S))
        last = number
    return KeyUse(last, gaps)


def check_number(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """(4) The number is new to its key, and not far ahead."""
    use = draft.key_use(signed.kid)
    if is_accounted(use, signed.seq):
        yield Refusal("seq.used", {"seq": signed.seq, "last": use.last})
    if is_too_far(use, signed.seq):
        yield Refusal("seq.too-far", {"seq": signed.seq, "last": use.last})


def check_dropped(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why numbers cannot be given up: not an own key's, not in order, or not free."""
    event = signed.event
    if not isinstance(event, StatementDropped):
        return
    if draft.key_owner(event.kid) != signed.party:
        yield Refusal("key.not-own", {"party": signed.party})
    ordered = list(event.numbers) == sorted(set(event.numbers))
    if not event.numbers or not ordered or event.numbers[0] < 1 or not event.reason.strip():
        yield Refusal("seq.not-given-up", {"party": signed.party})
        return
    use = draft.key_use(event.kid)
    if event.kid == signed.kid:
        use = with_accounted(use, (signed.seq,), at=signed.at)
    for number in event.numbers:
        if is_accounted(use, number):
            yield Refusal("seq.used", {"seq": number, "last": use.last})
        if is_too_far(use, number):
            yield Refusal("seq.too-far", {"seq": number, "last": use.last})


def account(draft: Draft, signed: Signed, *, kid: bytes, numbers: Iterable[int]) -> None:
    """Note numbers of a key as accounted for; set or clear the finding on its party."""
    before = draft.key_use(kid)
    after = draft.key_uses[kid] = with_accounted(before, numbers, at=signed.at)
    # Where nothing was missing and nothing is, no finding stands and none is due.
    if before.gaps or after.gaps:
        _set_gap(draft, kid=kid, cause=signed.id)


def account_last(draft: Draft, signed: Signed, *, kid: bytes, last: int) -> None:
    """Note that a key used the numbers up to `last`: those that never came are missing."""
    use = draft.key_use(kid)
    if last > use.last:
        due = signed.at + MISSING_AFTER_S
        draft.key_uses[kid] = KeyUse(last, (*use.gaps, (use.last + 1, last, due)))
        _set_gap(draft, kid=kid, cause=signed.id)


def account_refused(
    view: View, refused: tuple[tuple[bytes, int, bytes, str], ...], *, at: int
) -> Change:
    """Return what a closing's `refused` does to keys and parties; no count and no track moves.

    Rows are kid, seq, statement id and rule, each id once in the log. The number of a refused
    statement counts as accounted for. Where it was so before, another statement has it: the key
    signed one number twice, and a stop stands on its party.
    """
    draft = Draft(view)
    for kid, seq, statement_id, rule in refused:
        use = draft.key_use(kid)
        if rule in UNCOUNTED or seq < 1 or is_too_far(use, seq):
            continue
        if is_accounted(use, seq):
            _set_reused(draft, kid=kid, seq=seq, cause=statement_id, at=at)
        else:
            draft.key_uses[kid] = with_accounted(use, (seq,), at=at)
            _set_gap(draft, kid=kid, cause=statement_id)
    return draft.change()


def _set_gap(draft: Draft, *, kid: bytes, cause: bytes) -> None:
    """Let one finding per key name its lowest missing number and its earliest deadline."""
    found = _accountable(draft, kid)
    if found is None:
        return
    subject, state = found
    use = draft.key_use(kid)
    standing = next((f for f in state.findings if f.rule == "seq.missing" and f.kid == kid), None)
    gap: Finding | None = None
    if use.gaps:
        # The lowest number was skipped first: no other one is due before it.
        first, _, due = use.gaps[0]
        gap = Finding("seq.missing", Severity.CHECK, due, cause, kid=kid, first=first)
        if standing is not None:
            gap = replace(gap, cause=standing.cause)
    if gap == standing:
        return
    others = tuple(f for f in state.findings if f is not standing)
    draft.set(subject, with_findings(state, others if gap is None else (*others, gap)))


def _set_reused(draft: Draft, *, kid: bytes, seq: int, cause: bytes, at: int) -> None:
    found = _accountable(draft, kid)
    if found is None:
        return
    subject, state = found
    if any(f.rule == "seq.reused" and f.kid == kid for f in state.findings):
        return
    reused = Finding("seq.reused", Severity.STOP, at, cause, kid=kid, first=seq)
    draft.set(subject, with_findings(state, (*state.findings, reused)))


def _accountable(draft: Draft, kid: bytes) -> tuple[Subject, State] | None:
    """Return whose record speaks of the key: its party's, the ledger's for root and registrar."""
    owner = draft.key_owner(kid)
    if owner is None:
        return None
    if owner in roles.RESERVED:
        subject = Subject(Kind.LEDGER, LEDGER_NAME)
    else:
        subject = Subject(Kind.PARTY, owner)
    state = draft.standing(subject)
    return (subject, state) if state is not None else None
