"""How checks are asked and what becomes of their remarks.

Owns the two types of a rule set, checks and effects, and the turn of a remark into a refusal or a
finding. The rules themselves stand in `rules`, one file for each family, listed as data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Finding, Flag, Refusal, Remark

Check = Callable[[Signed, Draft], Iterable[Remark]]
"""A rule: looks at a statement and the state before it, answers with remarks."""
Effect = Callable[[Signed, Draft], None]
"""What an event does to the state once no check refused it."""
ALIKE_MAX = 50
"""How many findings of one rule and weight stand on all of one subject at most."""


def refusal_of(
    signed: Signed, draft: Draft, checks: Iterable[Check], flags: list[Flag]
) -> Refusal | None:
    """Return the first refusal of `checks` in their order, or None; collect flags on the way."""
    for check in checks:
        for remark in check(signed, draft):
            if isinstance(remark, Refusal):
                return remark
            flags.append(remark)
    return None


def open_flags(signed: Signed, draft: Draft, flags: Iterable[Flag]) -> None:
    """Open the findings that checks asked for, on the state that the effect left.

    Of one that says the same as `ALIKE_MAX` that stand there already there is no more: whoever says
    an odd thing again and again must not make the record of goods or papers of others grow.
    """
    for flag in flags:
        if not _is_said_enough(flag, draft, at=signed.at):
            draft.open_finding(flag.subject, _finding(flag, signed))


def _is_said_enough(flag: Flag, draft: Draft, *, at: int) -> bool:
    state = draft.standing(flag.subject)
    is_whole = not flag.marks and flag.kid is None and flag.from_at is None
    if state is None or not is_whole or len(state.findings) < ALIKE_MAX:
        return False
    alike = (flag.rule, flag.severity)
    standing = (f for f in state.findings if (f.rule, f.severity) == alike and not f.marks)
    return sum(f.kid is None and f.from_at <= at for f in standing) >= ALIKE_MAX


def _finding(flag: Flag, signed: Signed) -> Finding:
    return Finding(
        rule=flag.rule,
        severity=flag.severity,
        from_at=signed.at if flag.from_at is None else flag.from_at,
        cause=signed.id,
        marks=flag.marks,
        kid=flag.kid,
        first=flag.first,
    )
