"""The order in which a statement is judged: envelope, then its family's checks, then its effect.

Owns the order alone; the checks stand in `rules`, one file for each family, listed as data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ledger.custody.state import Change, Draft, Signed, View
from ledger.custody.subjects import Finding, Flag, Refusal, Remark

Check = Callable[[Signed, Draft], Iterable[Remark]]
"""A rule: looks at a statement and the state before it, answers with remarks."""
Effect = Callable[[Signed, Draft], None]
"""What an event does to the state once no check refused it."""


def decide(
    signed: Signed,
    view: View,
    *,
    envelope: tuple[Check, ...],
    checks: Mapping[type[Any], tuple[Check, ...]],
    effects: Mapping[type[Any], Effect],
) -> Change | Refusal:
    """Return what `signed` changes on top of `view`, or the first refusal.

    Checks run in the order of their lists; findings open after the effect, so that they stand on
    the state it leaves.
    """
    draft = Draft(view)
    flags: list[Flag] = []
    for check in (*envelope, *checks[type(signed.event)]):
        for remark in check(signed, draft):
            if isinstance(remark, Refusal):
                return remark
            flags.append(remark)
    effects[type(signed.event)](signed, draft)
    for flag in flags:
        draft.open_finding(flag.subject, _finding(flag, signed))
    return draft.change()


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
