"""Findings at a desk: as words and as rows of a table file.

Owns the explanation of one finding. Findings are plain values as a source gives them, in its order;
what a rule's words are stands in `ledger.reference`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ledger.desk.source import FindingSource
from ledger.reference.explaining import commands, explain
from ledger.reference.wording import word
from ledger.storage.finding_list import Wanted
from ledger.wire import text

Plain = Mapping[str, Any]
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


def every(source: FindingSource, wanted: Wanted) -> Iterator[Plain]:
    """Yield all wanted findings of a ledger, page by page, in their order."""
    after = ""
    while True:
        page = source.findings(wanted, after=after)
        yield from page["findings"]
        after = page["next"]
        if not after:
            return


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
        "commands": [_naming(line, found["more"]) for line in commands(found["rule"], facts)],
    }


def _naming(command: str, more: int) -> str:
    """Return a command that closes a finding with how many others it closes, where there are."""
    return f"{command} --more {more}" if more and " finding close " in command else command


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
