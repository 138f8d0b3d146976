"""What the pages stand on: the reader, the registrar, what this server trusts, the clock.

Owns nothing but the bundle of them; `create_app` is given one and views ask for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from ledger.ambient import Clock
from ledger.errors import RefusedError, UnavailableError
from ledger.reader import Reader
from ledger.registrar import Registrar
from ledger.trust import Trust


@dataclass(frozen=True, slots=True)
class Stand:
    """The parts of a ledger that the web needs; `registrar` is None on a server that only reads.

    `is_open` says that the founding opened lists, bundles and entries to everybody.
    """

    reader: Reader
    trust: Trust
    clock: Clock
    registrar: Registrar | None = None
    is_open: bool = False


def stand() -> Stand:
    """Return what the present application stands on."""
    return cast(Stand, current_app.extensions["ringmark"])


def writer() -> Registrar:
    """Return the registrar, or raise UnavailableError where this server only reads."""
    registrar = stand().registrar
    if registrar is None:
        raise UnavailableError(
            "registrar.read-only",
            "This server only reads.",
            hint="Send statements to the server that writes.",
        )
    return registrar


def demand_open() -> None:
    """Raise RefusedError `access.denied` unless the ledger is open for everybody to read."""
    if not stand().is_open:
        raise RefusedError(
            "access.denied",
            "This ledger shows lists, bundles and entries to its own parties and auditors only.",
            hint="The card of a lot is open to everybody: ask for that, by its code.",
        )
