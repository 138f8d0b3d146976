"""Findings at a desk: which are wanted, in which order, as words and as rows of a table file.

Owns the filters of `ringmark finding list` and the explanation of one finding. Findings are plain
values as a source gives them; what a rule's words are stands in `ledger.reference`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from ledger.reference.explaining import commands, explain
from ledger.reference.wording import word
from ledger.wire import text

Plain = Mapping[str, Any]
WEIGHTS = ("stop", "check", "note")
"""Severities, the heaviest first."""
COLUMNS = (
    "severity",
    "rule",
    "subject",
    "finding",
    "what to do",
    "innocent explanation",
    "ended by",
    "command",
    "counts from",
    "caused at",
    "caused by",
    "statement",
    "parties",
    "countries",
)
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Wanted(Struct, frozen=True):
    """Which findings are wanted; what is None filters nothing. Times are seconds.

    `party` is one that the finding speaks of or that caused it. `since`: caused at or after it.
    `due`: a deadline that lies ahead of `now`, the newest closing's time, but not after `due`.
    """

    subject: str | None = None
    rule: str | None = None
    severity: str | None = None
    party: str | None = None
    country: str | None = None
    since: int | None = None
    due: int | None = None
    now: int = 0


def choose(rows: Iterable[Plain], wanted: Wanted, *, sort: str) -> list[Plain]:
    """Return the wanted findings, sorted by `weight` (heaviest first) or `age` (oldest first)."""
    found = [row for row in rows if _is_wanted(row, wanted)]
    return sorted(found, key=_weight if sort == "weight" else _age)


def facts_of(row: Plain, lang: str) -> dict[str, Any]:
    """Return a finding with its words in `lang` and the commands that end it, beside its own."""
    found = row["finding"]
    subject = f"{row['kind']}/{row['name']}"
    message, hint = word(found["rule"], {"on": row["kind"]}, lang)
    innocent, ended = explain(found["rule"], lang)
    facts = {
        "subject": subject,
        "name": row["name"],
        "rule": found["rule"],
        "cause": found["cause"],
        "key": found["kid"] or "",
    }
    return {
        **row,
        "sentence": message,
        "next": hint,
        "innocent": innocent,
        "ended_by": ended,
        "commands": list(commands(found["rule"], facts)),
    }


def said_by(entry: Plain | None) -> str:
    """Return who caused a finding, in plain words: what, who, where, and when."""
    if entry is None:
        return ""
    where = f"{entry['role']} {entry['party']}".strip()
    country = f" ({entry['country']})" if entry["country"] else ""
    refused = ", refused" if entry["index"] < 0 else ""
    return f"{phrase(entry['type'])} by {where}{country}, {minute(entry['at'])}{refused}"


def phrase(event: str) -> str:
    """Return an event's name as words: `LotRegistered` is "lot registered"."""
    return _CAPITAL.sub(" ", event).lower()


def minute(seconds: int) -> str:
    """Return a time to the minute: `2026-11-24 01:53 UTC`."""
    return f"{text.format_time(seconds)[:16].replace('T', ' ')} UTC"


def table_rows(rows: Iterable[Plain], lang: str) -> list[tuple[str, ...]]:
    """Return findings as rows of a table file, in the order of COLUMNS."""
    return [_cells(facts_of(row, lang)) for row in rows]


def _cells(row: Plain) -> tuple[str, ...]:
    found, caused = row["finding"], row.get("caused")
    return (
        found["severity"],
        found["rule"],
        f"{row['kind']}/{row['name']}",
        row["sentence"],
        row["next"],
        row["innocent"],
        row["ended_by"],
        " ; ".join(row["commands"]),
        text.format_time(found["from_at"]),
        text.format_time(caused["at"]) if caused else "",
        said_by(caused),
        found["cause"],
        _joined(row.get("parties", ())),
        _joined(row.get("countries", ())),
    )


def _joined(names: Sequence[str]) -> str:
    return " ".join(names)


def _is_wanted(row: Plain, wanted: Wanted) -> bool:
    found, caused = row["finding"], row.get("caused") or {}
    subject, due_at = f"{row['kind']}/{row['name']}", found["from_at"]
    parties = {*row.get("parties", ()), caused.get("party")}
    return all(
        (
            wanted.subject in (None, subject),
            wanted.rule is None or is_rule(found["rule"], wanted.rule),
            wanted.severity in (None, found["severity"]),
            wanted.party is None or wanted.party in parties,
            wanted.country is None or wanted.country in row.get("countries", ()),
            wanted.since is None or _caused_at(row) >= wanted.since,
            wanted.due is None or wanted.now < due_at <= wanted.due,
        )
    )


def is_rule(rule: str, wanted: str) -> bool:
    """Return whether a rule is the wanted one, or of the wanted family (`mark.*`)."""
    return rule == wanted or (wanted.endswith(".*") and rule.startswith(wanted[:-1]))


def _caused_at(row: Plain) -> int:
    caused = row.get("caused")
    return int(caused["at"] if caused else row["finding"]["from_at"])


def _weight(row: Plain) -> tuple[int, int, str, str]:
    severity = row["finding"]["severity"]
    heavy = WEIGHTS.index(severity) if severity in WEIGHTS else len(WEIGHTS)
    return (heavy, *_age(row))


def _age(row: Plain) -> tuple[int, str, str]:
    return (_caused_at(row), f"{row['kind']}/{row['name']}", row["finding"]["rule"])
