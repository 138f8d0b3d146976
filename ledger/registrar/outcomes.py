"""What comes back for a submitted statement: registered, refused, or not judged at all.

Owns three values; an outcome is never a bool. Errors of a statement's form are values here, so that
one bad statement in a batch does not hide what became of the others.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from ledger.custody.subjects import Severity
from ledger.errors import RingmarkError


class Opened(Struct, frozen=True):
    """A finding that a statement opened, on one subject or on several alike.

    `from_at` is when it counts from, seconds: later than the block where it is a deadline. `on` are
    the subjects as `KIND/NAME`, `marks` the marks that it is about.
    """

    rule: str
    severity: Severity
    from_at: int
    on: tuple[str, ...]
    marks: tuple[str, ...] = ()


class Registered(Struct, frozen=True):
    """A statement in the log.

    `index` is its 0-based leaf index and `raw` the registered bytes, which may differ from what was
    sent in the signature alone. `receipt` is its `.tlog-proof` at the size after its own block,
    empty after a dry run. `at` is the block's time, seconds. `labels` maps the code of each lot
    born in it to its label URL. `again` says that it had been there before. `findings` are what
    the rules remarked on it and its signer is told; sent again: what of it still stands on lots
    and documents.
    """

    id: bytes
    index: int
    raw: bytes
    receipt: bytes
    at: int
    labels: Mapping[str, str] = field(default_factory=dict)
    again: bool = False
    findings: tuple[Opened, ...] = ()


class Refused(Struct, frozen=True):
    """A statement that a rule keeps out: the rule's stable name and the facts for its sentence."""

    id: bytes
    rule: str
    params: Mapping[str, str | int] = field(default_factory=dict)


class Failed(Struct, frozen=True):
    """A statement that was not judged: malformed, badly signed, unknown here, or try again.

    UnavailableError `registrar.unknown` means: it may be in the log or not; sending the same bytes
    again is safe and tells.
    """

    error: RingmarkError
    id: bytes | None = None


Outcome = Registered | Refused | Failed
