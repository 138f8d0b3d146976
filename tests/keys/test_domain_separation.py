"""T23: what one key signed as one thing holds as no other thing, and for no other ledger.

One key signs everything here, though in a ledger each has a purpose of its own. Each thing is shown
to the verifiers of all others, as it is and with its signature put under what they would read.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from msgspec import Struct
from msgspec.structs import replace

from ledger import keys
from ledger.custody.lots import LotFound
from ledger.custody.parties import LedgerState, RegistrarKey
from ledger.errors import RingmarkError
from ledger.log.checkpoint import Checkpoint, format_checkpoint, open_checkpoint, sign_checkpoint
from ledger.log.receipt import (
    ReceiptClaims,
    check_inclusion_receipt,
    sign_inclusion_receipt,
)
from ledger.log.tree import leaf_hash, node_hash
from ledger.log.witness import COSIGNATURE, check_cosignature
from ledger.statement import (
    parse_statement,
    public_key,
    sign_statement,
    verify_statement,
)
from ledger.token import SCHEME, check_token, make_token, parse_token
from ledger.verify.label import open_label, open_sealed
from ledger.wire import cose, text
from ledger.wire.label import (
    DOCUMENT_BYTES_MAX,
    DOCUMENT_CONTEXT,
    LABEL_CONTEXT,
    DocumentPayload,
    LabelPayload,
    decode_document,
    encode_document,
    encode_label,
    label_aad,
    label_headers,
)
from ledger.wire.note import Note, NoteSignature, format_note, make_vkey, parse_note

KEY = keys.PrivateKey.from_seed(keys.ED25519, b"one key for everything, 32 bytes")
LEDGERS = tuple(bytes([number]) * 32 for number in (1, 2, 3))
AT = 1_800_000_000
OTHER_LEAF = leaf_hash(b"the leaf before")


class Thing(Struct, frozen=True):
    """One signed thing: how it is made, how it is checked, and where its signature stands."""

    make: Callable[[bytes], bytes]
    check: Callable[[bytes, bytes], object]
    signature: Callable[[bytes], bytes]
    resigned: Callable[[bytes, bytes], bytes]


def origin(ledger: bytes) -> str:
    return f"ledger.example/{ledger[0]}"


# -- statements and proofs of possession


def statement(ledger: bytes) -> bytes:
    return sign_statement(
        event=LotFound(lot="51PB1X9SFP3J"),
        signer=KEY,
        party="farm",
        ledger=ledger,
        iat=AT,
        seq=1,
        salt=bytes(16),
        prev={"51PB1X9SFP3J": bytes(32)},
        when=AT,
        day="2027-01-15",
    )


def check_statement(data: bytes, ledger: bytes) -> None:
    read = parse_statement(data)
    verify_statement(read, KEY.key)
    assert read.aud == ledger.hex()


def key_proof(ledger: bytes) -> bytes:
    return keys.make_key_proof(KEY, ledger=ledger, party="farm")


def check_key_proof(data: bytes, ledger: bytes) -> None:
    keys.check_key_proof(data, key=KEY.key, ledger=ledger, party="farm")


# -- labels


def lot_label(ledger: bytes) -> bytes:
    payload = LabelPayload(1, 1, bytes(16), 1, 1, 1, 1, 1, 1, mark="A/B")
    return label(encode_label(payload), LABEL_CONTEXT, ledger)


def document_label(ledger: bytes) -> bytes:
    payload = DocumentPayload("ZW/PERMIT/1", bytes(16), None, ((1, 1, 1, 1, 1),))
    return label(encode_document(payload), DOCUMENT_CONTEXT, ledger)


def label(payload: bytes, context: bytes, ledger: bytes) -> bytes:
    protected = label_headers(keys.ED25519, KEY.kid)
    aad = label_aad(ledger, context=context)
    message = cose.sig_structure(protected=protected, payload=payload, external_aad=aad)
    return cose.encode_sign1(cose.Sign1(protected, payload, KEY.sign(message)), tagged=False)


def check_lot_label(data: bytes, ledger: bytes) -> None:
    open_label(data, state=state(ledger), ledger=ledger)


def check_document_label(data: bytes, ledger: bytes) -> None:
    payload = open_sealed(
        data,
        state=state(ledger),
        ledger=ledger,
        size_max=DOCUMENT_BYTES_MAX,
        context=DOCUMENT_CONTEXT,
        since=None,
    )
    decode_document(payload)


def state(ledger: bytes) -> LedgerState:
    held = {KEY.kid: RegistrarKey("label", public_key(KEY.key), 0)}
    return LedgerState(
        origin(ledger), ("localhost",), "open", "ringmark-1", {}, {}, threshold=1, keys=held
    )


# -- notes


def checkpoint(ledger: bytes) -> bytes:
    return sign_checkpoint(seen(ledger), signer=KEY, name=origin(ledger))


def seen(ledger: bytes) -> Checkpoint:
    return Checkpoint(origin(ledger), 2, node_hash(OTHER_LEAF, leaf_hash(statement(ledger))))


def check_checkpoint(data: bytes, ledger: bytes) -> None:
    vkey = make_vkey(origin(ledger), 1, KEY.key.public)
    open_checkpoint(data, origin=origin(ledger), vkeys=[vkey])


def cosigned(ledger: bytes) -> bytes:
    said = format_checkpoint(seen(ledger))
    signature = KEY.sign(f"cosignature/v1\ntime {AT}\n{said}".encode())
    vkey = make_vkey("witness.example", COSIGNATURE, KEY.key.public)
    blob = AT.to_bytes(8, "big") + signature
    return format_note(Note(said, (NoteSignature(vkey.name, vkey.key_id, blob),)))


def check_cosigned(data: bytes, ledger: bytes) -> None:
    note = parse_note(data)
    vkey = make_vkey("witness.example", COSIGNATURE, KEY.key.public)
    check_cosignature(note, vkey=vkey, blob=note.signatures[0].signature)
    assert note.text == format_checkpoint(seen(ledger))


def note_signature(data: bytes) -> bytes:
    return parse_note(data).signatures[0].signature[-64:]


def note_resigned(data: bytes, signature: bytes) -> bytes:
    note = parse_note(data)
    (line,) = note.signatures
    other = replace(line, signature=line.signature[:-64] + signature)
    return format_note(replace(note, signatures=(other,)))


# -- receipts and reading tokens


def receipt(ledger: bytes) -> bytes:
    return sign_inclusion_receipt(
        signer=KEY,
        claims=ReceiptClaims(origin(ledger), "51PB1X9SFP3J", AT),
        index=1,
        size=2,
        path=[OTHER_LEAF],
        root=seen(ledger).root,
    )


def check_receipt(data: bytes, ledger: bytes) -> None:
    entry, sub = statement(ledger), "51PB1X9SFP3J"
    check_inclusion_receipt(data, entry=entry, iss=origin(ledger), sub=sub, key=KEY.key)


def token(ledger: bytes) -> bytes:
    value = make_token(KEY, ledger=ledger, party="farm", host="localhost", iat=AT)
    return text.decode_base64url(value.removeprefix(f"{SCHEME} "))


def check_reading_token(data: bytes, ledger: bytes) -> None:
    read = parse_token(f"{SCHEME} {text.encode_base64url(data)}")
    check_token(read, KEY.key, ledger=ledger, hosts={"localhost"}, now_s=AT)


# -- COSE_Sign1 of any kind: the signature is its last member


def last_signature(data: bytes) -> bytes:
    return data[-64:]


def last_resigned(data: bytes, signature: bytes) -> bytes:
    return data[:-64] + signature


def of_cose(make: Callable[[bytes], bytes], check: Callable[[bytes, bytes], object]) -> Thing:
    return Thing(make, check, last_signature, last_resigned)


THINGS = {
    "statement": of_cose(statement, check_statement),
    "proof of possession": of_cose(key_proof, check_key_proof),
    "label of a lot": of_cose(lot_label, check_lot_label),
    "label of a document": of_cose(document_label, check_document_label),
    "receipt": of_cose(receipt, check_receipt),
    "reading token": of_cose(token, check_reading_token),
    "checkpoint": Thing(checkpoint, check_checkpoint, note_signature, note_resigned),
    "cosignature": Thing(cosigned, check_cosigned, note_signature, note_resigned),
}


RECEIPTS = {"receipt", "receipt of growth"}
"""What is signed in both is the root alone (RFC 9942): the same words about the same log. The proof
beside it must lead there by itself."""


def holds(check: Callable[[bytes, bytes], object], data: bytes, ledger: bytes) -> bool:
    try:
        check(data, ledger)
    except (RingmarkError, AssertionError):
        return False
    return True


@pytest.mark.parametrize("name", THINGS)
def test_each_thing_holds_as_itself_for_its_own_ledger(name: str) -> None:
    thing = THINGS[name]
    for here, there in product(LEDGERS, LEDGERS):
        assert holds(thing.check, thing.make(here), there) == (here == there)
        moved = thing.resigned(thing.make(there), thing.signature(thing.make(here)))
        assert holds(thing.check, moved, there) == (here == there)


@pytest.mark.parametrize("name", THINGS)
def test_no_thing_holds_as_another(name: str) -> None:
    thing = THINGS[name]
    for other, reader in THINGS.items():
        if other == name:
            continue
        for here, there in product(LEDGERS, LEDGERS):
            made = thing.make(here)
            moved = reader.resigned(reader.make(there), thing.signature(made))
            assert not holds(reader.check, made, there), other
            says_the_same = {name, other} == RECEIPTS and here == there
            assert holds(reader.check, moved, there) == says_the_same, other
