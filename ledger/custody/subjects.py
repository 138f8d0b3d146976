"""Subjects, findings and remarks: the words that every family of the trade shares.

Owns the kinds of subject (docs/formats/state-map.md) and the values that rules answer with.
Knows no bytes: ids and key ids are opaque values here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, NamedTuple, TypeVar, get_type_hints

from msgspec import Meta, Struct, field

LEDGER_NAME = ""

T = TypeVar("T")
_INNER = Meta(extra={"inner": True})
Inner = Annotated[T, _INNER]
"""A field of a state that a record does not show: only its `inner` commits to it."""
Digest = Annotated[bytes, Meta(min_length=32, max_length=32)]
"""A hash, 32 bytes."""


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


@lru_cache(maxsize=64)
def inner_fields(state: type[Struct]) -> frozenset[str]:
    """Return which fields of a type of state are `Inner`."""
    hints = get_type_hints(state, include_extras=True)
    return frozenset(
        name for name, hint in hints.items() if _INNER in getattr(hint, "__metadata__", ())
    )


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


class Finding(Struct, frozen=True):
    """An open remark on a subject.

    `from_at` is log time in seconds and may lie ahead (a deadline). `cause` is the 32-byte id of
    the statement that caused it. `marks` names the marks it is about, or `kid` and `first` the key
    and the first leaf index (or number) it is about; with neither it is about all of the subject.
    `more` counts those of its rule and weight that are not listed for themselves but stand with it,
    the first of them said at leaf index `since`.
    """

    rule: str
    severity: Severity
    from_at: int
    cause: bytes
    marks: tuple[str, ...] = ()
    kid: bytes | None = None
    first: int | None = None
    more: int = 0
    since: int | None = None


class Refusal(Struct, frozen=True):
    """Why a statement is kept out: the stable name of the rule and the facts for its sentence."""

    rule: str
    params: Mapping[str, str | int] = field(default_factory=dict)


class Flag(Struct, frozen=True):
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


class Rule(Struct, frozen=True):
    """A rule as listed in docs/rules.md: `effect` is refuse, stop, check or note."""

    name: str
    effect: str
    summary: str


class PendingAct(Struct, frozen=True):
    """An act that waits for approvals, as it stands in the record it is about.

    Anybody may see a record, so it says how many approved so far, the proposer included, and not
    who.
    """

    id: bytes
    type: str
    lapses_at: int
    given: int


class Signer(Struct, frozen=True):
    """Who signed for a lot or document, with which key, and at which leaf index last."""

    party: str
    kid: bytes
    last: int
