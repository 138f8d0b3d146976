"""Proofs as files: tlog-proof and RFC 9942 receipts, against the worked example."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import MalformedError, ProofError, UsageError
from ledger.keys import ED25519, ESP256, PrivateKey
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.frontier import LevelStore, prove_inclusion
from ledger.log.proof import TlogProof, check_tlog_proof, format_tlog_proof, parse_tlog_proof
from ledger.log.receipt import (
    ReceiptClaims,
    check_inclusion_receipt,
    sign_inclusion_receipt,
)
from ledger.log.tree import leaf_hash, root_of
from ledger.wire import cbor
from ledger.wire.note import make_vkey

ORIGIN = "ledger.example/demo"
ISS, SUB, IAT = "https://ledger.example/demo", "51PB1X9SFP3J", 1_790_000_000
CLAIMS = ReceiptClaims(ISS, SUB, IAT)
LOG_KEY = PrivateKey.from_seed(ED25519, b"\x01" * 32)
RECEIPT_KEY = PrivateKey.from_seed(ED25519, b"\x04" * 32)
VKEYS = [make_vkey(ORIGIN, 1, LOG_KEY.key.public)]
ENTRIES = [b"entry %d" % number for number in range(7)]
HASHES = [leaf_hash(entry) for entry in ENTRIES]
ROOT = root_of(HASHES)
READER = LevelStore().reader(lambda low, high: HASHES[low:high], size=7)
PATH = prove_inclusion(READER, index=5, size=7)
NOTE = sign_checkpoint(Checkpoint(ORIGIN, 7, ROOT), signer=LOG_KEY, name=ORIGIN)
PROOF = format_tlog_proof(TlogProof(5, tuple(PATH), NOTE))


def inclusion(**changed: Any) -> bytes:
    arguments = {"index": 5, "size": 7, "path": PATH, "root": ROOT, "claims": CLAIMS}
    return sign_inclusion_receipt(**{"signer": RECEIPT_KEY, **arguments, **changed})


def check_inclusion_of(receipt: bytes, **changed: Any) -> Any:
    arguments = {"entry": ENTRIES[5], "iss": ISS, "sub": SUB, "key": RECEIPT_KEY.key}
    return check_inclusion_receipt(receipt, **{**arguments, **changed})


def test_tlog_proof_of_the_worked_example(log_example: Path) -> None:
    written = (log_example / "p5.tlog-proof").read_bytes()
    proof = parse_tlog_proof(written)
    assert format_tlog_proof(proof) == written
    entry = (log_example / "leaf5.cose").read_bytes()
    checkpoint = check_tlog_proof(proof, entry=entry, origin=ORIGIN, vkeys=VKEYS)
    assert (checkpoint.size, proof.index, len(proof.hashes)) == (7, 5, 3)
    with pytest.raises(ProofError):
        check_tlog_proof(proof, entry=entry + b"\x00", origin=ORIGIN, vkeys=VKEYS)


def test_receipts_of_the_worked_example(log_example: Path) -> None:
    entry = (log_example / "leaf5.cose").read_bytes()
    written = (log_example / "receipt5.cose").read_bytes()
    checked = check_inclusion_of(written, entry=entry)
    assert (checked.claims, checked.claimed_size, checked.claimed_index) == (CLAIMS, 7, 5)
    proof = parse_tlog_proof((log_example / "p5.tlog-proof").read_bytes())
    assert inclusion(path=proof.hashes, root=checked.root) == written


@given(st.integers(0, 2**53 - 2), st.lists(st.binary(min_size=32, max_size=32), max_size=63))
def test_tlog_proofs_go_both_ways(index: int, hashes: list[bytes]) -> None:
    for extra in (None, b"", b"\x00extra"):
        proof = TlogProof(index, tuple(hashes), NOTE, extra)
        assert parse_tlog_proof(format_tlog_proof(proof)) == proof


@given(st.integers(0, 8 * len(PROOF) - 1))
def test_every_flipped_bit_of_a_tlog_proof_is_refused(at: int) -> None:
    mutated = bytearray(PROOF)
    mutated[at // 8] ^= 1 << at % 8
    with pytest.raises((MalformedError, ProofError)):
        check_tlog_proof(
            parse_tlog_proof(bytes(mutated)), entry=ENTRIES[5], origin=ORIGIN, vkeys=VKEYS
        )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"tlog-proof@v1", b"tlog-proof@v2"),
        (b"index 5\n", b""),
        (b"index 5\n", b"index 05\n"),
        (b"index 5\n", b"index -5\n"),
        (b"index 5\n", b"index 5\nindex 5\n"),
        (b"index 5\n", b"index 9007199254740991\n"),
        (b"index 5\n", b"index 5\nextra AAAA\n"),
        (b"index 5\n", b"extra !\nindex 5\n"),
        (b"index 5\n", b"index 5\nAAAA\n"),
        (b"index 5\n", b"index 5\r\n"),
        (b"\n\n", b"\n"),
        (b"index", "índex".encode()),
    ],
)
def test_other_spellings_of_a_tlog_proof_are_refused(before: bytes, after: bytes) -> None:
    with pytest.raises((MalformedError, ProofError)):
        check_tlog_proof(
            parse_tlog_proof(PROOF.replace(before, after)),
            entry=ENTRIES[5],
            origin=ORIGIN,
            vkeys=VKEYS,
        )


def test_a_tlog_proof_that_is_too_long_is_refused() -> None:
    with pytest.raises(MalformedError):
        parse_tlog_proof(PROOF + bytes(700_000))
    with pytest.raises(MalformedError):
        parse_tlog_proof(format_tlog_proof(TlogProof(0, (ROOT,) * 64, NOTE)))


def test_receipts_verify() -> None:
    assert check_inclusion_of(inclusion()).root == ROOT


@given(st.data())
def test_every_flipped_bit_of_a_receipt_is_refused(data: st.DataObject) -> None:
    mutated = bytearray(inclusion())
    at = data.draw(st.integers(0, 8 * len(mutated) - 1))
    mutated[at // 8] ^= 1 << at % 8
    try:
        claimed = check_inclusion_of(bytes(mutated))
    except (MalformedError, ProofError):
        return
    # Size and index are not signed: a receipt may claim another place under the same root.
    assert claimed.root == ROOT
    assert (claimed.claimed_size, claimed.claimed_index) != (7, 5)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"entry": b"entry 4"}, "signature.mismatch"),
        ({"iss": "https://ledger.example/other"}, "receipt.claims"),
        ({"sub": "51PB1X9SFP3K"}, "receipt.claims"),
        ({"key": LOG_KEY.key}, "receipt.kid"),
    ],
)
def test_receipts_of_something_else_are_refused(changed: dict[str, Any], code: str) -> None:
    with pytest.raises(ProofError) as caught:
        check_inclusion_of(inclusion(), **changed)
    assert caught.value.code.split(".")[0] == code.split(".")[0]


def members(message: bytes) -> list[Any]:
    decoded = cbor.decode(message[1:])
    assert isinstance(decoded, list)
    return decoded


def reshaped(**changed: Any) -> bytes:
    """A receipt with one part replaced and the signature left as it was."""
    protected, unprotected, payload, signature = members(inclusion())
    header = cbor.decode(protected)
    assert isinstance(header, dict)
    header = {**header, **changed.get("header", {})}
    for label in changed.get("without", ()):
        del header[label]
    tag: bytes = changed.get("tag", b"\xd2")
    return tag + cbor.encode(
        [
            cbor.encode(header),
            changed.get("unprotected", unprotected),
            changed.get("payload", payload),
            signature,
            *changed.get("more", ()),
        ]
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"tag": b""},
        {"tag": b"\xd1"},
        {"payload": ROOT},
        {"payload": 1},
        {"more": [None]},
        {"header": {1: -19}},
        {"header": {1: -7}},
        {"header": {4: "kid"}},
        {"header": {395: 2}},
        {"header": {395: True}},
        {"header": {2: [394]}},
        {"header": {15: {1: ISS, 2: SUB}}},
        {"header": {15: {1: ISS, 2: SUB, 6: IAT, 7: b""}}},
        {"header": {15: {1: ISS, 2: SUB, 6: True}}},
        {"without": [395]},
        {"without": [4]},
        {"unprotected": {}},
        {"unprotected": {396: []}},
        {"unprotected": {396: {-1: []}}},
        {"unprotected": {396: {-1: [[7, 5, PATH]]}}},
        {"unprotected": {396: {-1: [cbor.encode([7, 5, PATH])] * 2}}},
        {"unprotected": {396: {-2: [cbor.encode([3, 7, PATH])]}}},
        {"unprotected": {396: {-1: [cbor.encode([7, 5, PATH])]}, 395: 1}},
        {"unprotected": {396: {-1: [cbor.encode([7, 5])]}}},
        {"unprotected": {396: {-1: [cbor.encode([7, True, PATH])]}}},
        {"unprotected": {396: {-1: [cbor.encode([7, 5, [b"short"]])]}}},
        {"unprotected": {396: {-1: [cbor.encode([7, 5, b"path"])]}}},
        {"unprotected": {396: {-1: [cbor.encode({})]}}},
        {"unprotected": {396: {-1: [cbor.encode([5, 5, PATH])]}}},
        {"unprotected": {396: {-1: [cbor.encode([7, -1, PATH])]}}},
    ],
)
def test_receipts_of_another_shape_are_refused(changed: dict[str, Any]) -> None:
    assert reshaped() == inclusion()
    with pytest.raises((MalformedError, ProofError)):
        check_inclusion_of(reshaped(**changed))


def test_receipts_that_cannot_be_are_not_signed() -> None:
    with pytest.raises(UsageError):
        inclusion(size=1, index=0, path=[])
    with pytest.raises(UsageError):
        inclusion(signer=PrivateKey.from_seed(ESP256, b"\x04" * 32))
