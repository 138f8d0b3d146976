"""Other people's tools on what we write: tlog-scales on a log, scitt-cose on receipts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from scitt_cose import statement as scitt_statement
from scitt_cose.receipt import verify_receipt
from tlog_scales import reader as scales
from tlog_scales.backend import LocalBackend
from tlog_scales.signing import Vkey, VkeySet

from ledger.keys import ED25519, PrivateKey
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.frontier import LevelStore, prove_consistency, prove_inclusion
from ledger.log.receipt import ReceiptClaims, sign_inclusion_receipt
from ledger.log.tiles import ENTRIES, encode_bundle, hash_tile, tile_path, tiles_of
from ledger.log.tree import leaf_hash, root_of
from ledger.wire import cbor, cose
from ledger.wire.note import format_vkey, make_vkey

ORIGIN = "ledger.example/demo"
COUNT = 600
LOG_KEY = PrivateKey.from_seed(ED25519, b"\x01" * 32)
RECEIPT_KEY = PrivateKey.from_seed(ED25519, b"\x04" * 32)
PARTY_KEY = PrivateKey.from_seed(ED25519, b"\x05" * 32)


def legacy_statement() -> bytes:
    """A statement with the old number -8: the only one that scitt-cose takes."""
    claims = {1: "maker", 2: "51PB1X9SFP3J", 6: 1_790_000_000}
    protected = cbor.encode({1: -8, 3: "application/cbor", 4: PARTY_KEY.kid, 15: claims})
    payload = cbor.encode({"type": "LotRegistered"})
    signature = PARTY_KEY.sign(cose.sig_structure(protected=protected, payload=payload))
    return cose.encode_sign1(cose.Sign1(protected, payload, signature))


STATEMENT = legacy_statement()
NOT_LEGACY = b"\xd2\x84" + bytes(40)
LEAVES = [b"entry %d" % number for number in range(COUNT - 2)] + [STATEMENT, NOT_LEGACY]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
READER = LevelStore()
for start in range(0, COUNT - 255, 256):
    READER.append(root_of(HASHES[start : start + 256]))


def pem(key: PrivateKey) -> bytes:
    public = Ed25519PublicKey.from_public_bytes(key.key.public)
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def log_folder(tmp_path: Path) -> Path:
    nodes = READER.reader(lambda low, high: HASHES[low:high], size=COUNT)
    for tile in tiles_of(COUNT):
        first = tile.n * 256
        file = tmp_path / tile_path(*tile)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(
            encode_bundle(LEAVES[first : first + tile.width])
            if tile.level == ENTRIES
            else hash_tile(nodes, tile)
        )
    checkpoint = Checkpoint(ORIGIN, COUNT, root_of(HASHES))
    note = sign_checkpoint(checkpoint, signer=LOG_KEY, name=ORIGIN)
    (tmp_path / "checkpoint").write_bytes(note)
    return tmp_path


def agrees(folder: Path) -> bool:
    """Whether tlog-scales finds signature, root, every inclusion and some consistency in order."""
    log = scales.TilesReader(LocalBackend(folder))
    checkpoint = log.get_checkpoint()
    vkey = Vkey.from_string(format_vkey(make_vkey(ORIGIN, 1, LOG_KEY.key.public)))
    if len(VkeySet(vkey).verify(checkpoint.signatures, checkpoint)) != 1:
        return False
    if log.calculate_root_hash() != checkpoint.root_hash:
        return False
    try:
        for index in range(0, COUNT, 13):
            leaf = leaf_hash(log.get_entry(index))
            log.get_inclusion_proof(index, COUNT).check(leaf, checkpoint.root_hash)
        for size in (1, 255, 256, 300, COUNT):
            proof = log.get_consistency_proof(size, COUNT)
            proof.check(root_of(HASHES[:size]), checkpoint.root_hash)
    except Exception:  # its errors have no common base
        return False
    return True


def test_tlog_scales_reads_our_log(log_folder: Path) -> None:
    assert agrees(log_folder)


def test_tlog_scales_makes_the_same_proofs(log_folder: Path) -> None:
    log = scales.TilesReader(LocalBackend(log_folder))
    log.set_size(COUNT)
    nodes = READER.reader(lambda low, high: HASHES[low:high], size=COUNT)
    for index in range(0, COUNT, 37):
        theirs = log.get_inclusion_proof(index, COUNT).node_hashes
        assert theirs == prove_inclusion(nodes, index=index, size=COUNT)
    for size in range(1, COUNT, 41):
        theirs = log.get_consistency_proof(size, COUNT).node_hashes
        assert theirs == prove_consistency(nodes, old_size=size, size=COUNT)


@pytest.mark.parametrize(
    ("path", "at"),
    [
        ("checkpoint", 21),
        ("checkpoint", 40),
        ("checkpoint", 110),
        ("tile/0/000", 0),
        ("tile/0/002.p/88", 88 * 32 - 1),
        ("tile/1/000.p/2", 40),
        ("tile/entries/000", 5),
    ],
)
def test_tlog_scales_disagrees_after_one_byte(log_folder: Path, path: str, at: int) -> None:
    file = log_folder / path
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(bytes(content))
    try:
        held = agrees(log_folder)
    except Exception:  # a note that it cannot parse
        held = False
    assert not held


def receipt_of(index: int) -> bytes:
    nodes = READER.reader(lambda low, high: HASHES[low:high], size=COUNT)
    return sign_inclusion_receipt(
        signer=RECEIPT_KEY,
        claims=ReceiptClaims("https://ledger.example/demo", "51PB1X9SFP3J", 1_790_000_000),
        index=index,
        size=COUNT,
        path=prove_inclusion(nodes, index=index, size=COUNT),
        root=root_of(HASHES),
    )


def verified(receipt: bytes, leaf: bytes) -> Any:
    key = pem(RECEIPT_KEY)
    return verify_receipt(receipt, leaf_entry_hex=leaf.hex(), log_public_key_pem=key)


@pytest.mark.parametrize("index", [0, 255, 256, COUNT - 2, COUNT - 1])
def test_scitt_cose_verifies_our_receipts(index: int) -> None:
    result = verified(receipt_of(index), LEAVES[index])
    assert (result.ok, result.errors) == (True, [])
    assert (result.issuer, result.subject) == ("https://ledger.example/demo", "51PB1X9SFP3J")


def test_scitt_cose_makes_a_transparent_statement_of_ours() -> None:
    receipt = receipt_of(COUNT - 2)
    transparent = scitt_statement.attach_receipts(STATEMENT, [receipt])
    parsed = scitt_statement.parse_signed_statement(transparent, public_key_pem=pem(PARTY_KEY))
    assert parsed["signature_verified"] is True
    assert parsed["subject"] == "51PB1X9SFP3J"
    assert scitt_statement.extract_receipts(transparent) == [receipt]


def test_scitt_cose_refuses_every_changed_byte() -> None:
    receipt, leaf = receipt_of(COUNT - 2), STATEMENT
    assert not verified(receipt, leaf + b"\x00").ok
    assert not verified(receipt, LEAVES[COUNT - 1]).ok
    # Bytes of size and index stand before the path and are not signed: they are left out here.
    protected = cbor.decode(receipt[1:])
    assert isinstance(protected, list)
    path_from = receipt.index(prove_first_sibling())
    for at in [*range(3, 3 + len(protected[0])), *range(path_from, len(receipt))]:
        mutated = bytearray(receipt)
        mutated[at] ^= 1
        assert not verified(bytes(mutated), leaf).ok, at


def prove_first_sibling() -> bytes:
    nodes = READER.reader(lambda low, high: HASHES[low:high], size=COUNT)
    return prove_inclusion(nodes, index=COUNT - 2, size=COUNT)[0]
