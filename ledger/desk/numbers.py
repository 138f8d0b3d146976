"""Numbers of this desk's keys: what others say of them counts as far as the keys' signatures go.

Owns the one way in which a ledger, or a file from elsewhere, moves the next number of a key. A desk
that took it from anybody's word could be led to skip numbers, and each stands on its party as if a
statement had been written and thrown away.
"""

from __future__ import annotations

from collections.abc import Iterable

from ledger.desk.source import Source
from ledger.errors import MalformedError, NotFoundError, ProofError
from ledger.statement import Statement, parse_statement, verify_statement
from ledger.wire.cose import CoseKey, thumbprint


def check_spoken(source: Source, *, party: str, key: CoseKey, ledger: bytes, number: int) -> None:
    """Raise ProofError unless the ledger shows a statement that `key` signed with that number.

    `ledger` is the ledger id: what was signed for another one proves nothing of this one.
    """
    try:
        raw = source.numbered(party, kid=thumbprint(key), number=number)
        statement = parse_statement(raw)
        if (statement.seq, statement.aud) == (number, ledger.hex()):
            verify_statement(statement, key)
            return
    except (NotFoundError, MalformedError, ProofError) as error:
        raise _unproved(number) from error
    raise _unproved(number)


def check_own(statement: Statement, own: Iterable[CoseKey]) -> None:
    """Raise ProofError where a statement names one of these keys, which did not sign it."""
    for key in own:
        if thumbprint(key) == statement.kid:
            verify_statement(statement, key)


def _unproved(number: int) -> ProofError:
    return ProofError(
        "desk.number-unproved",
        f"The ledger says that number {number} of your key is used, and shows no statement with it"
        " that your key signed. Nothing was signed now.",
        hint="If another key of yours gave numbers up: ringmark key numbers --take. Else ask the"
        " authority, and do not trust this ledger's word.",
        params={"number": number},
    )
