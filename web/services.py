"""What the pages stand on: the reader, the way to submit, what this server trusts, the clock.

Owns nothing but the bundle of them; `create_app` is given one and views ask for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from flask import current_app

from ledger.ambient import Clock
from ledger.reader import Reader
from ledger.registrar import Outcome
from ledger.trust import Trust


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of a ledger that the web needs; `submit` is None on a read-only server."""

    reader: Reader
    trust: Trust
    clock: Clock
    submit: Callable[[Sequence[bytes]], list[Outcome]] | None = None
    dry_run: Callable[[bytes], Outcome] | None = None


def services() -> Services:
    """Return the services of the present application."""
    return cast(Services, current_app.extensions["ringmark"])
