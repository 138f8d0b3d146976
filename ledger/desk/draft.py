"""From an event to a signed statement.

Owns the joining of what a statement needs: number, salt, times, heads, hidden digests. Decides no
rule: the ledger judges. Nothing here writes a file.
"""

from __future__ import annotations

from msgspec import Struct

from ledger import keys
from ledger.custody.events import Event, births
from ledger.desk.disclosures import Disclosure
from ledger.desk.heads import Heads, has_day
from ledger.statement import Statement, lot_code, parse_statement, sign_statement
from ledger.wire import text

SALT_SIZE = 16
DAY_S = 86_400


class Act(Struct, frozen=True):
    """What a person wants to say: the event, when it happened, and what goes beside it.

    `when` is seconds, `day` the local date at the place; None lets the draft fill them in where
    they count. `parts` is how many lots are born beyond those that the payload alone shows
    (an acceptance of parts).
    """

    event: Event
    when: int | None = None
    day: str | None = None
    disclosures: tuple[Disclosure, ...] = ()
    parts: int = 0


class Writer(Struct, frozen=True):
    """Who signs, and on which ledger (32-byte id; None for a founding)."""

    party: str
    signer: keys.Signer
    ledger: bytes | None


class Drafted(Struct, frozen=True):
    """A signed statement that went nowhere yet, and the codes of what is born in it."""

    raw: bytes
    statement: Statement
    born: tuple[str, ...] = ()
    disclosures: tuple[bytes, ...] = ()


class Numbering(Struct, frozen=True):
    """What makes a statement its own: number of its key, 16 random bytes, time of signing."""

    seq: int
    salt: bytes
    iat: int


def sign_act(act: Act, writer: Writer, *, numbering: Numbering, heads: Heads) -> Drafted:
    """Return the signed statement of an act.

    Raise MalformedError where it would be too long or holds a forbidden text.
    """
    when, day = act.when, act.day
    if has_day(act.event):
        when = numbering.iat if when is None else when
        day = text.format_day(when // DAY_S) if day is None else day
    raw = sign_statement(
        event=act.event,
        signer=writer.signer,
        party=writer.party,
        ledger=writer.ledger,
        iat=numbering.iat,
        seq=numbering.seq,
        salt=numbering.salt,
        when=when,
        day=day,
        prev=heads.prev,
        seen=heads.seen,
        hidden=tuple(item.digest() for item in act.disclosures),
    )
    return Drafted(
        raw=raw,
        statement=parse_statement(raw),
        born=born_codes(act.event, kid=writer.signer.kid, salt=numbering.salt, parts=act.parts),
        disclosures=tuple(item.encode() for item in act.disclosures),
    )


def born_codes(event: Event, *, kid: bytes, salt: bytes, parts: int = 0) -> tuple[str, ...]:
    """Return the codes of the lots and containers that are born in a statement, in their order."""
    count = births(event) + parts
    return tuple(lot_code(kid=kid, salt=salt, i=i) for i in range(count))
