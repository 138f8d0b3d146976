"""How a command proves to a closed ledger who asks: with the key of the party in use.

Owns when that is possible. The form of the token is `ledger.token`'s.
"""

from __future__ import annotations

from cli.context import Session
from ledger.errors import NotFoundError, UsageError


def reading_token(session: Session, host: str) -> str | None:
    """Return a token with which the party in use reads a closed ledger, or None without one.

    Raise UsageError or NotFoundError where a party was named whose key cannot be used here.
    """
    from ledger.token import make_token

    try:
        party, signer = session.party, session.private_key(session.key_name)
    except (UsageError, NotFoundError):
        if session.options.party is not None:
            raise
        return None
    ledger = session.trusted.ledger
    return make_token(signer, ledger=ledger, party=party, host=host, iat=session.clock.now_s())
