"""Subjects, findings and remarks: the words that every family of the trade shares.

Owns the kinds of subject (docs/formats/state-map.md) and the values that rules answer with.
Knows no bytes: ids and key ids are opaque values here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

LEDGER_NAME = ""


class Kind(StrEnum):
    """The kind of a subject, as written in its path."""

    LEDGER = "ledger"
    PARTY = "party"
    DOCUMENT = "document"
    FACILITY = "facility"
    ACCOUNT = "account"
    REFERENCE = "reference"
    MARK = "mark"
    CONTAINER = "container"
    LOT = "lot"


class Subject(NamedTuple):
    """Whatever has a record in the state map: a kind and a name."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind.value}/{self.name}"


class Severity(StrEnum):
    """How much a finding weighs in a verdict."""

    STOP = "stop"
    CHECK = "check"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """An open remark on a subject.

    `from_at` is log time in seconds and may lie ahead (a deadline). `cause` is the 32-byte id of
    the statement that caused it. `marks` names the marks it is about, or `kid` and `first` the key
    and the first leaf index (or number) it is about; with neither it is about all of the subject.
    """

    rule: str
    severity: Severity
    from_at: int
    cause: bytes
    marks: tuple[str, ...] = ()
    kid: bytes | None = None
    first: int | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a statement is kept out: the stable name of the rule and the facts for its sentence."""

    rule: str
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flag:
    """A finding that a check wants to open on a subject when the statement is admitted."""

    subject: Subject
    rule: str
    severity: Severity
    from_at: int | None = None
    """Log time from which it counts, seconds; None means at once."""
    marks: tuple[str, ...] = ()
    kid: bytes | None = None
    first: int | None = None


Remark = Refusal | Flag


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as listed in docs/rules.md: `effect` is refuse, stop, check or note."""

    name: str
    effect: str
    summary: str


@dataclass(frozen=True, slots=True)
class PendingAct:
    """An act that waits for approvals, as it stands in the record it is about."""

    id: bytes
    type: str
    lapses_at: int
    given: tuple[str, ...]
    """Parties (for root acts: key ids in hex) that approved so far, the proposer first."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed for a lot or document, with which key, and at which leaf index last."""

    party: str
    kid: bytes
    last: int
