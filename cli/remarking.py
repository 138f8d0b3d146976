"""What the ledger remarked on statements as it took them, told to who signed them.

Owns the lines and the order: the heaviest first, alike ones once. Nothing is undone by it: the
statement stands, and a command says how to see or end each remark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cli.context import Session

Plain = Mapping[str, Any]
SHOWN_MAX = 3
"""Subjects, and marks, that one remark names; the rest is counted."""


def remark_lines(session: Session, findings: Iterable[Plain]) -> list[str]:
    """Return what is said of findings as an answer tells them; nothing where there are none."""
    return [line for found in merged(findings) for line in _lines(session, found)]


def merged(findings: Iterable[Plain]) -> list[dict[str, Any]]:
    """Return findings with those that differ in their subjects alone as one, the heaviest first."""
    from ledger.storage.finding_list import WEIGHTS

    alike: dict[tuple[int, str, int], dict[str, Any]] = {}
    for found in findings:
        key = (WEIGHTS.index(found["severity"]), found["rule"], found["from_at"])
        known = alike.setdefault(key, {**found, "on": [], "marks": []})
        for name in ("on", "marks"):
            known[name] += [word for word in found[name] if word not in known[name]]
    return [alike[key] for key in sorted(alike)]


def _lines(session: Session, found: Plain) -> list[str]:
    from ledger.desk.remarks import minute
    from ledger.reference.explaining import explain
    from ledger.reference.wording import word

    rule, severity, on = found["rule"], found["severity"], found["on"]
    sentence, hint = word(rule, {"on": on[0].partition("/")[0]}, session.lang)
    # What counts from later on is a deadline, and ends if it is met.
    is_ahead = found["from_at"] > session.clock.now_s()
    due = f" unless it is settled by {minute(found['from_at'])}" if is_ahead else ""
    weight = severity.upper() if severity == "stop" else severity
    lines = [session.output.heading(f"{weight}{due} ({rule}) on {_some(on)}: {sentence}")]
    if found["marks"]:
        lines.append(f"  about: {_some(found['marks'])}")
    if severity == "note":
        return lines
    innocent, _ = explain(rule, session.lang)
    lines += [f"  {hint}"] if hint else []
    lines += [f"  innocent explanation: {innocent}"] if innocent else []
    return [*lines, f"  what ends it: ringmark finding show {on[0]}"]


def _some(words: Sequence[str]) -> str:
    more = len(words) - SHOWN_MAX
    shown = ", ".join(words[:SHOWN_MAX])
    return f"{shown} and {more:,} more" if more > 0 else shown
