"""One hierarchy of errors with stable codes.

Owns what can go wrong, in eight classes. Knows nothing of HTTP statuses (web/problems.py) and exit
codes (cli/exits.py). `docs/errors.md` has one row for each code.
"""

from __future__ import annotations

from collections.abc import Mapping

Parameter = str | int


class RingmarkError(Exception):
    """The base of every error that Ringmark raises on purpose.

    `code` is stable and dotted (`cbor.trailing-bytes`), `message` says what and which one, `hint`
    what to do next, `params` holds the facts for a translated message.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hint: str = "",
        params: Mapping[str, Parameter] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.params: Mapping[str, Parameter] = dict(params or {})


class MalformedError(RingmarkError):
    """Bytes or text that do not have the form which the format demands."""


class ProofError(RingmarkError):
    """A signature, link or proof that does not hold."""


class RefusedError(RingmarkError):
    """A rule keeps a statement or a request out; `code` is the rule's name."""


class UndecidedError(RingmarkError):
    """A question that cannot be answered here: unknown version, rule set, ledger or key."""


class NotFoundError(RingmarkError):
    """A subject, statement or file that does not exist."""


class UnavailableError(RingmarkError):
    """A passing state: offline, busy, conflict, outcome unknown. Trying again is right."""


class UsageError(RingmarkError):
    """A request that contradicts itself or lacks something, before any rule is asked."""


class DamagedError(RingmarkError):
    """Stored data that contradict themselves or the mark; nothing is written or signed."""
