"""The only map from errors and outcomes to exit codes (docs/cli.md, Exit codes).

Owns the numbers. Commands raise; nothing here prints.
"""

from __future__ import annotations

import click

from ledger import errors

YES = 0
NO = 1
USAGE = 2
CANNOT_TELL = 3
NOT_FOUND = 4
TRY_AGAIN = 5
OUR_FAULT = 70

_BY_CLASS: dict[type[BaseException], int] = {
    errors.RefusedError: NO,
    errors.ProofError: NO,
    errors.UsageError: USAGE,
    errors.MalformedError: CANNOT_TELL,
    errors.UndecidedError: CANNOT_TELL,
    errors.NotFoundError: NOT_FOUND,
    errors.UnavailableError: TRY_AGAIN,
    errors.DamagedError: OUR_FAULT,
    click.Abort: NO,
    click.FileError: NOT_FOUND,
    click.ClickException: USAGE,
    KeyboardInterrupt: NO,
}
_BY_OUTCOME = {"verified": YES, "refuted": NO, "undecided": CANNOT_TELL}


def exit_code(error: BaseException) -> int:
    """Return the exit code of an error: by its class, else it is our fault."""
    for kind, code in _BY_CLASS.items():
        if isinstance(error, kind):
            return code
    return OUR_FAULT


def by_name() -> str:
    """Return the exit codes by class of error, for a process that takes this one's place."""
    classes = {kind.__name__: code for kind, code in _BY_CLASS.items()}
    return " ".join(f"{name}={code}" for name, code in classes.items())


def outcome_code(outcome: str) -> int:
    """Return the exit code of an outcome; age and findings never count."""
    return _BY_OUTCOME.get(outcome, CANNOT_TELL)


def worst_code(outcomes: list[str]) -> int:
    """Return the exit code of many outcomes: yes only where all are verified, else the gravest."""
    codes = {outcome_code(outcome) for outcome in outcomes}
    return next((code for code in (NO, CANNOT_TELL) if code in codes), YES)
