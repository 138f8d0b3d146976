"""What an audit came to: from its checks and its first failure to the report.

Owns the outcome. Must not make a check itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ledger.custody.parties import LedgerState
from ledger.errors import ProofError, RingmarkError, UndecidedError
from ledger.log.checkpoint import Checkpoint
from ledger.reference.thresholds import is_one_person
from ledger.verify.accusing import Source, accuse
from ledger.verify.checks import Remembered
from ledger.verify.replay import ContradictionError, Replay
from ledger.verify.report import CHECKS, AuditCheck, AuditReport, Failure, Kept
from ledger.verify.resuming import State
from ledger.verify.verdict import CheckOutcome, Outcome


class WholeError(ProofError):
    """A named check that fails on the whole ledger, not at one leaf."""

    def __init__(self, check: str, code: str, message: str) -> None:
        super().__init__(code, message)
        self.check = check


class Run(Protocol):
    """An audit that was made, or that stopped at its first failure."""

    @property
    def source(self) -> Source:
        """Return where the leaves came from."""
        ...

    @property
    def replay(self) -> Replay:
        """Return the ledger as far as it was replayed."""
        ...

    @property
    def checkpoint(self) -> Checkpoint | None:
        """Return the checkpoint, if it could be read."""
        ...

    @property
    def note(self) -> bytes:
        """Return the checkpoint's signed note."""
        ...

    @property
    def passed(self) -> Mapping[str, str]:
        """Return what the checks that passed have to say, by name."""
        ...

    @property
    def processes(self) -> int:
        """Return how many processes took part."""
        ...

    @property
    def lost(self) -> int:
        """Return how many of them ended early."""
        ...


def conclude(
    run: Run,
    error: RingmarkError | None,
    *,
    keep: bool,
    rules: bool,
) -> AuditReport:
    """Return the report of an audit that ended with `error`, or with none.

    Without `rules` nothing is ever verified. With `keep` the report has the state to resume from.
    """
    replay, checkpoint = run.replay, run.checkpoint
    failure = _failure(error)
    outcome = Outcome.VERIFIED if rules else Outcome.UNDECIDED
    if error is not None:
        outcome = Outcome.UNDECIDED if isinstance(error, UndecidedError) else Outcome.REFUTED
    begun = replay.position is not None
    state = replay.ledger if begun and replay.size else None
    good = checkpoint is not None and error is None and rules
    return AuditReport(
        outcome=outcome,
        size=checkpoint.size if checkpoint else 0,
        root=checkpoint.root if checkpoint else bytes(32),
        checks=_checks(run, failure, rules=rules),
        first_failure=failure,
        ledger=replay.base.ledger if begun else None,
        origin=checkpoint.origin if checkpoint else None,
        at=replay.at if begun else None,
        authority=_authority(state) if state else "",
        contradiction=_contradiction(run, error),
        remember=Remembered(checkpoint.size, checkpoint.root, replay.base.ledger)
        if checkpoint and good
        else None,
        state=State(replay) if keep and good else None,
        kept=Kept(
            live=replay.base.lots_live, ended=replay.base.lots_ended, subjects=replay.base.subjects
        )
        if begun
        else None,
        findings=replay.base.open_findings() if begun and good else {},
        processes=run.processes,
        lost=run.lost,
    )


def _failure(error: RingmarkError | None) -> Failure | None:
    if error is None:
        return None
    if isinstance(error, ContradictionError):
        return Failure(error.check, error.index, error.code, error.message)
    check = error.check if isinstance(error, WholeError) else error.code
    return Failure(check, None, error.code, error.message)


def _checks(run: Run, failure: Failure | None, *, rules: bool) -> tuple[AuditCheck, ...]:
    made: list[AuditCheck] = []
    # A ledger that refused nothing has none to count, but each closing was looked at.
    looked = ("closings.refused",) if rules and failure is None else ()
    for name in CHECKS:
        count, detail = run.replay.counts[name], run.passed.get(name, "")
        if failure is not None and failure.check == name:
            made.append(AuditCheck(name, CheckOutcome.FAILED, count, failure.message))
        elif count or detail or name in looked:
            made.append(AuditCheck(name, CheckOutcome.PASSED, count or 1, detail))
        else:
            made.append(AuditCheck(name, CheckOutcome.OPEN, 0, "not made"))
    if failure is not None and failure.check not in CHECKS:
        made.append(AuditCheck(failure.check, CheckOutcome.FAILED, 0, failure.message))
    return tuple(made)


def _authority(state: LedgerState) -> str:
    if state.threshold == 1 or is_one_person(state.tables.get("thresholds", b"")):
        return "one-person authority"
    return f"{state.threshold} of {len(state.root)} root keys"


def _contradiction(run: Run, error: RingmarkError | None) -> bytes | None:
    checkpoint = run.checkpoint
    if not isinstance(error, ContradictionError) or checkpoint is None:
        return None
    if not run.passed.get("checkpoint.signed"):
        return None
    return accuse(run.source, note=run.note, checkpoint=checkpoint, index=error.index)
