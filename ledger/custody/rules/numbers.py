"""Numbers of a key: each is used once, and a missing one becomes a finding.

Owns the bookkeeping of `seq`. A statement written and thrown away is a known fraud: a number that
is still missing after 7 days of log time stands on the party until it is accounted for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ledger.custody.parties import StatementDropped
from ledger.custody.state import Change, Draft, KeyUse, Signed, View
from ledger.custody.subjects import Finding, Kind, Refusal, Rule, Severity

MISSING_AFTER_S = 7 * 86_400
AHEAD_MAX = 1_000
"""How far ahead of the last number a key may jump."""
RULES = (
    Rule("seq.used", "refuse", "Each number of a key is used once."),
    Rule("seq.too-far", "refuse", "A number is at most 1,000 above the last one."),
    Rule("seq.missing", "check", "A number of a key is still missing after 7 days."),
    Rule("seq.reused", "stop", "A key signed the same number twice."),
)


def check_number(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why the statement's number cannot be used."""
    use = draft.key_use(signed.kid)
    params: dict[str, str | int] = {"seq": signed.seq, "last": use.last}
    if signed.seq <= use.last and signed.seq not in use.missing:
        yield Refusal("seq.used", params)
    if signed.seq > use.last + AHEAD_MAX:
        yield Refusal("seq.too-far", params)


def account(draft: Draft, signed: Signed, *, kid: bytes, numbers: Iterable[int]) -> None:
    """Note numbers of a key as accounted for; set or clear the finding on its party."""
    before = draft.key_use(kid)
    after = _account(before, numbers, at=signed.at)
    draft.key_uses[kid] = after
    party = draft.key_owner(kid)
    state = draft.party(party) if party else None
    if party is None or state is None:
        return
    findings = _with_gap(state.findings, kid=kid, use=after, cause=signed.id)
    if findings != state.findings:
        draft.put(Kind.PARTY, party, replace(state, findings=findings))


def account_refused(
    view: View, refused: tuple[tuple[bytes, int, bytes, str], ...], *, at: int
) -> Change:
    """Return what a closing's `refused` does to parties: numbers count, reuse is a stop.

    Rows are kid, seq, statement id and rule. Moves no count and no track.
    """
    draft = Draft(view)
    for kid, seq, statement_id, rule in refused:
        party = draft.key_owner(kid)
        state = draft.party(party) if party else None
        if rule != "seq.too-far" and seq:
            draft.key_uses[kid] = _account(draft.key_use(kid), (seq,), at=at)
        if party is None or state is None:
            continue
        use = draft.key_use(kid)
        findings = _with_gap(state.findings, kid=kid, use=use, cause=statement_id)
        if rule == "seq.used":
            reused = Finding("seq.reused", Severity.STOP, at, statement_id, kid=kid, first=seq)
            findings = (*findings, reused)
        if findings != state.findings:
            draft.put(Kind.PARTY, party, replace(state, findings=findings))
    return draft.change()


def check_dropped(signed: Signed, draft: Draft) -> Iterator[Refusal]:
    """Yield why numbers cannot be given up: not the signer's key, or used already."""
    event = signed.event
    if not isinstance(event, StatementDropped):
        return
    if draft.key_owner(event.kid) != signed.party:
        yield Refusal("key.not-own", {"party": signed.party})
    use = draft.key_use(event.kid)
    top = use.last + AHEAD_MAX
    for number in event.numbers:
        used = number <= use.last and number not in use.missing
        if number < 1 or number > top or used or (event.kid, number) == (signed.kid, signed.seq):
            yield Refusal("seq.used", {"seq": number, "last": use.last})


def _account(use: KeyUse, numbers: Iterable[int], *, at: int) -> KeyUse:
    last, missing = use.last, dict(use.missing)
    for number in numbers:
        if number > last:
            due = at + MISSING_AFTER_S
            missing.update(dict.fromkeys(range(last + 1, number), due))
            last = number
        else:
            missing.pop(number, None)
    return KeyUse(last, missing)


def _with_gap(
    findings: tuple[Finding, ...], *, kid: bytes, use: KeyUse, cause: bytes
) -> tuple[Finding, ...]:
    standing = next((f for f in findings if f.rule == "seq.missing" and f.kid == kid), None)
    if not use.missing:
        return tuple(f for f in findings if f is not standing) if standing else findings
    due, first = min(use.missing.values()), min(use.missing)
    if standing is not None and (standing.from_at, standing.first) == (due, first):
        return findings
    gap = Finding("seq.missing", Severity.CHECK, due, cause, kid=kid, first=first)
    return (*(f for f in findings if f is not standing), gap)
