"""What the pages stand on: the reader, the registrar, what this server trusts, the clock.

Owns nothing but the bundle of them, and who asks; `create_app` is given one and views ask for it.
"""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

from flask import current_app, g, request
from msgspec import Struct
from msgspec.structs import replace

from ledger.ambient import Clock
from ledger.errors import UnavailableError
from ledger.reader import Reader
from ledger.reader.access import NOBODY, Access, Asker, identify
from ledger.registrar import Registrar
from ledger.token import SCHEME
from ledger.trust import Trust

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Stand(Struct, frozen=True):
    """The parts of a ledger that the web needs; `registrar` is None on a server that only reads.

    `is_open` says that the founding opened lists, bundles and entries to everybody, `is_shared`
    that its database is a server.
    """

    reader: Reader
    trust: Trust
    clock: Clock
    registrar: Registrar | None = None
    is_open: bool = False
    is_shared: bool = False


def own_trust(stand: Stand) -> Trust:
    """Return what `stand` trusts of its own ledger alone.

    A phone that opens its pages asks about this ledger: another may have a lot of the same code.
    """
    own = stand.reader.moment().ledger
    ledgers = tuple(one for one in stand.trust.ledgers if one.ledger == own)
    return replace(stand.trust, ledgers=ledgers)


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


def access(*, shown: str = "") -> Access:
    """Return what whoever sent the request may read; raise where its reading token does not hold.

    The token stands in the Authorization header (docs/formats/reading-token.md); a page that a
    person opens by a link gets it as `shown`.
    """
    if "access" not in g:
        g.access = Access(stand().reader, _asker(shown), is_open=stand().is_open)
    return cast(Access, g.access)


def is_unproved() -> bool:
    """Return whether a token would show more: the ledger is closed and none came."""
    return not stand().is_open and "Authorization" not in request.headers


def _asker(shown: str) -> Asker:
    ground = stand()
    token = request.headers.get("Authorization") or (f"{SCHEME} {shown}" if shown else None)
    is_ours = token is not None and token.lower().startswith(f"{SCHEME.lower()} ")
    if token is None or (ground.is_open and not is_ours):
        # What a proxy in front of an open ledger asks for is none of its business.
        return NOBODY
    return identify(ground.reader, token, hosts=_hosts(), now_s=ground.clock.now_s())


def _hosts() -> frozenset[str]:
    """Return the names of this server: those of its trust file, and its own machine's to itself."""
    ground = stand()
    ledger = ground.trust.ledger(ground.reader.moment().ledger)
    names = {urlsplit(f"//{host}").hostname or host for host in ledger.hosts}
    return frozenset(names | LOOPBACK if request.remote_addr in LOOPBACK else names)
