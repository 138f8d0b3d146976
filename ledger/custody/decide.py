"""How checks are asked and what becomes of their remarks.

Owns the two types of a rule set, checks and effects, and the turn of a remark into a refusal or a
finding. The rules themselves stand in `rules`, one file for each family, listed as data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from ledger.custody.state import Draft, Signed, with_findings
from ledger.custody.subjects import Finding, Flag, Refusal, Remark

Check = Callable[[Signed, Draft], Iterable[Remark]]
"""A rule: looks at a statement and the state before it, answers with remarks."""
Effect = Callable[[Signed, Draft], None]
"""What an event does to the state once no check refused it."""
ALIKE_MAX = 50
"""How many findings of one rule and weight stand on one subject at most."""


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

    Beside `ALIKE_MAX` that say the same there is no more, but one of them counts those that come:
    whoever says an odd thing again and again must not make the record of others grow, and whoever
    closes them says how many of them he closes.
    """
    for flag in flags:
        found = _finding(flag, signed)
        state = draft.standing(flag.subject)
        alike = _alike(found, state.findings) if state is not None else ()
        if state is None or len(alike) < ALIKE_MAX or found in alike:
            draft.open_finding(flag.subject, found)
            continue
        counting = max(alike, key=lambda f: (f.more > 0, f.from_at, f.cause))
        counted = _counted(counting, found, index=signed.index)
        findings = tuple(counted if f is counting else f for f in state.findings)
        draft.set(flag.subject, with_findings(state, findings))


def _alike(found: Finding, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the findings of the same rule and weight; one about a key is like no other."""
    if found.kid is not None or len(findings) < ALIKE_MAX:
        return ()
    same = (found.rule, found.severity, None)
    return tuple(f for f in findings if (f.rule, f.severity, f.kid) == same)


def _counted(counting: Finding, found: Finding, *, index: int) -> Finding:
    """Return a finding that stands for one more: as early, and about its marks too."""
    marks: tuple[str, ...] = ()
    if counting.marks and found.marks:
        marks = tuple(sorted({*counting.marks, *found.marks}))
    return replace(
        counting,
        from_at=min(counting.from_at, found.from_at),
        marks=marks,
        more=counting.more + 1,
        since=index if counting.since is None else counting.since,
    )


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
