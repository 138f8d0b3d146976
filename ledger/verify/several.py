"""Several verdicts about one thing: a mark that more than one lot claims.

Owns which of them is shown. Each was made and proved on its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger.errors import UsageError
from ledger.verify.verdict import Level, Verdict

_GRAVEST_FIRST = (Level.STOP, Level.CANNOT_TELL, Level.CHECK, Level.CONSISTENT)


def gravest(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict to act on: the gravest one, the first among equals.

    A stop on one of two claims is a stop for the piece at hand: nobody can see from the mark which
    claim is its own. Raise UsageError without any verdict.
    """
    if not verdicts:
        raise UsageError("verdict.none", "There is no verdict to choose from.")
    return min(verdicts, key=lambda verdict: _GRAVEST_FIRST.index(verdict.level))
