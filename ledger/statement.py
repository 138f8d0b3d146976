"""Statements: what a party signed, as bytes and as an event.

Owns the headers and the common fields of a payload (docs/formats/statement.md), the statement id
and the codes of what is born in it. What was signed is kept and hashed as it arrived.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct, field

from ledger import keys
from ledger.custody import parties
from ledger.custody.events import (
    BlockClosed,
    Event,
    births,
    containers_named,
    documents_named,
    lots_named,
)
from ledger.custody.state import Signed
from ledger.custody.transfers import ContainerPacked
from ledger.errors import MalformedError, ProofError, RingmarkError
from ledger.form import CONTENT_TYPE, SIZE_MAX, Decode, Form, open_form
from ledger.payload import read_payload
from ledger.wire import cbor, cose, fields, text
from ledger.wire.members import Doubts

FOUNDER = "root"
REGISTRAR = "registrar"
_CARRYING = frozenset(
    (
        parties.LedgerFounded,
        parties.RootChanged,
        parties.RegistrarKeyChanged,
        parties.PartyEnrolled,
        parties.KeyAdded,
        parties.KeyRotated,
        parties.KeyRecovered,
    )
)
CARRYING = frozenset(kind.__name__ for kind in _CARRYING)
"""The names of the events whose payload carries keys."""


class Statement(Struct, frozen=True):
    """A parsed statement; its signature is not checked yet.

    `raw` is the leaf. `id` is SHA-256 of `message`, the Sig_structure that was signed. `aud` is the
    ledger id in hex, empty in leaf 0 only. `seq` is 0 and `salt` empty where the type has none.
    """

    raw: bytes
    id: bytes
    message: bytes
    signature: bytes
    alg: int
    kid: bytes
    party: str
    sub: str
    aud: str
    iat: int
    event: Event | BlockClosed
    seq: int = 0
    salt: bytes = b""
    when: int | None = None
    day: str | None = None
    prev: Mapping[str, bytes] = field(default_factory=dict)
    seen: Mapping[str, bytes] = field(default_factory=dict)
    hidden: tuple[bytes, ...] = ()
    payload: bytes = b""
    plain: Mapping[str, Any] = field(default_factory=dict)
    """The payload as plain values."""
    foreign: tuple[str, ...] = ()
    """The texts of the payload beyond printable ASCII, for rules about their form."""

    @property
    def type(self) -> str:
        """Return the name of the event type."""
        return type(self.event).__name__


class Verified(Struct, frozen=True):
    """A statement whose signature holds under `key`, whose thumbprint is its kid."""

    statement: Statement
    key: cose.CoseKey


def parse_statement(raw: bytes, *, decode: Decode = cbor.decode) -> Statement:
    """Return the statement in `raw`, at most 61,440 bytes.

    Raise MalformedError where bytes, headers, fields or `sub` are not of the form, UndecidedError
    for a type, version or field that this version does not know. The signature is not checked; with
    another `decode`, neither is that the payload is strict CBOR.
    """
    usual = _usual(raw) if decode is cbor.decode else None
    return usual or statement_of(raw, open_form(raw, decode=decode))


def _usual(raw: bytes) -> Statement | None:
    """Return the statement if reading its fields already shows that its payload is strict CBOR.

    What the fields leave open, and why something is refused, is left to the strict codec.
    """
    doubts = Doubts()
    try:
        form = open_form(raw, decode=cbor.decode_known)
        statement = statement_of(raw, form, doubts=doubts)
        for found in doubts.texts:
            text.check_text(found)
        is_strict = doubts.is_settled and cbor.dumps(form.plain) == form.sign1.payload
    except RingmarkError:
        return None
    return statement if is_strict else None


def statement_of(raw: bytes, form: Form, *, doubts: Doubts | None = None) -> Statement:
    """Return the statement in `raw`, whose form is opened already; errors as `parse_statement`."""
    sign1, kid, claims, plain = form.sign1, form.kid, form.claims, form.plain
    doubts = Doubts() if doubts is None else doubts
    event, common = read_payload(plain, doubts)
    message = form.message
    statement = Statement(
        raw=raw,
        id=hashlib.sha256(message).digest(),
        message=message,
        signature=sign1.signature,
        alg=form.alg,
        kid=kid,
        party=claims[1],
        sub=claims[2],
        aud=claims[3],
        iat=claims[6],
        event=event,
        payload=sign1.payload,
        plain=plain,
        foreign=tuple(doubts.texts),
        **common,
    )
    expected = subject_of(event, kid=kid, salt=statement.salt, party=statement.party)
    if statement.sub != expected:
        raise MalformedError(
            "statement.sub", f"The claim sub is {statement.sub!r}, the payload says {expected!r}."
        )
    return statement


def verify_statement(statement: Statement, key: cose.CoseKey) -> Verified:
    """Return the statement as verified; raise ProofError unless `key` signed it.

    The caller finds `key` in the state by the statement's kid (`policy.key_for`).
    """
    if cose.thumbprint(key) != statement.kid:
        raise ProofError("signature.kid", "The key is not the one that the statement names.")
    if statement.alg != key.alg:
        raise ProofError("signature.alg", "The algorithm is not the enrolled key's.")
    keys.check_signature(
        alg=key.alg,
        public_key=key.public,
        message=statement.message,
        signature=statement.signature,
    )
    return Verified(statement, key)


def sign_statement(
    *,
    event: Event | BlockClosed,
    signer: keys.Signer,
    party: str,
    ledger: bytes | None,
    iat: int,
    seq: int = 0,
    salt: bytes = b"",
    when: int | None = None,
    day: str | None = None,
    prev: Mapping[str, bytes] | None = None,
    seen: Mapping[str, bytes] | None = None,
    hidden: tuple[bytes, ...] = (),
) -> bytes:
    """Return a signed statement: tagged COSE_Sign1.

    `ledger` is the 32-byte ledger id, None for leaf 0 alone. `iat` and `when` are seconds, `salt`
    16 random bytes, `hidden` the 32-byte digests of disclosures. Raise MalformedError where the
    statement would be too long or have a forbidden text.
    """
    common: dict[str, Any] = {"type": type(event).__name__, "v": 1}
    optional = {"when": when, "day": day, "prev": prev, "seen": seen}
    common.update({name: value for name, value in optional.items() if value})
    if seq:
        common["seq"] = seq
    if salt:
        common["salt"] = salt
    if hidden:
        common["hidden"] = sorted(set(hidden))
    own = fields.to_plain(event)
    if not isinstance(own, dict):
        raise MalformedError("statement.payload", "The event is not a map.")
    payload = cbor.encode({**own, **common})
    protected = cbor.encode(
        {
            1: signer.key.alg,
            3: CONTENT_TYPE,
            4: signer.kid,
            15: {
                1: party,
                2: subject_of(event, kid=signer.kid, salt=salt, party=party),
                3: ledger.hex() if ledger is not None else "",
                6: iat,
            },
        }
    )
    signature = signer.sign(cose.sig_structure(protected=protected, payload=payload))
    raw = cose.encode_sign1(cose.Sign1(protected, payload, signature))
    if len(raw) > SIZE_MAX:
        raise MalformedError(
            "statement.size",
            f"The statement has {len(raw):,} bytes, at most {SIZE_MAX:,} fit.",
            hint="Split it into several statements.",
        )
    return raw


def as_signed(statement: Statement, *, index: int, at: int) -> Signed:
    """Return the statement as the rules see it at leaf `index` in a block of time `at` (s)."""
    if isinstance(statement.event, BlockClosed):
        raise MalformedError("statement.closing", "A closing is not judged by the rules.")
    return Signed(
        id=statement.id,
        party=statement.party,
        kid=statement.kid,
        index=index,
        iat=statement.iat,
        at=at,
        event=statement.event,
        code_of=_Codes(statement.kid, statement.salt),
        seq=statement.seq,
        when=statement.when,
        day=statement.day,
        prev=statement.prev,
        seen=statement.seen,
        new_kids=tuple(cose.thumbprint(key) for key in carried_keys(statement.event)),
    )


class _Codes(Struct, frozen=True):
    """The codes of what is born by a statement, by place; equal where the statements are."""

    kid: bytes
    salt: bytes

    def __call__(self, i: int) -> str:
        return lot_code(kid=self.kid, salt=self.salt, i=i)


@lru_cache(maxsize=4_096)
def lot_code(*, kid: bytes, salt: bytes, i: int) -> str:
    """Return the code of what is born at place `i` of a statement: 12 symbols.

    The first 50 bits of SHA-256(kid ‖ salt ‖ i), i as 2 bytes big-endian (docs/formats/
    lot-code.md).
    """
    digest = hashlib.sha256(kid + salt + i.to_bytes(2, "big")).digest()
    return text.code_symbols(int.from_bytes(digest[:8], "big") >> 14)


def subject_of(event: Event | BlockClosed, *, kid: bytes, salt: bytes, party: str) -> str:
    """Return what the claim `sub` must be for this event."""
    if isinstance(event, BlockClosed):
        return party
    packed = isinstance(event, ContainerPacked)
    if births(event) and not packed:
        return lot_code(kid=kid, salt=salt, i=0)
    born = (lot_code(kid=kid, salt=salt, i=0),) if packed else ()
    for named in (lots_named(event), born, containers_named(event), documents_named(event)):
        if named:
            return named[0]
    return party


def carried_keys(event: Event) -> tuple[cose.CoseKey, ...]:
    """Return the keys that the payload of `event` carries, in the order of its fields."""
    if type(event) not in _CARRYING:
        return ()
    match event:
        case parties.LedgerFounded():
            purposes = (event.keys.closing, event.keys.checkpoint, event.keys.receipt)
            carried = (*event.root, *purposes, event.keys.label)
        case parties.RootChanged():
            carried = event.root
        case (
            parties.RegistrarKeyChanged()
            | parties.PartyEnrolled()
            | parties.KeyAdded()
            | parties.KeyRotated()
            | parties.KeyRecovered()
        ):
            carried = (event.key,)
        case _:
            return ()
    return tuple(cose_key(key) for key in carried)


@lru_cache(maxsize=4_096)
def cose_key(key: parties.PublicKey) -> cose.CoseKey:
    """Return a key of an event as a COSE_Key; raise MalformedError unless it is of a known kind."""
    return cose.parse_cose_key(fields.to_plain(key))


def public_key(key: cose.CoseKey) -> parties.PublicKey:
    """Return a COSE_Key as events carry it."""
    return fields.from_plain(parties.PublicKey, cose.cose_key_map(key))


def ledger_id(founding: Statement) -> bytes:
    """Return the ledger id: SHA-256 of the payload of leaf 0, 32 bytes."""
    return hashlib.sha256(founding.payload).digest()
