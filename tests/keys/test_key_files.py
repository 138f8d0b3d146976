"""Private keys, key files and proofs of possession."""

from __future__ import annotations

import pickle
from hashlib import sha256

import pytest

from ledger import keys
from ledger.errors import MalformedError, ProofError, RingmarkError, UndecidedError, UsageError
from ledger.wire import cbor, cose, frame

ALGS = [keys.ED25519, keys.ESP256]


def counted(start: int = 0):
    """A source of bytes that are all different and always the same."""
    calls = iter(range(start, start + 1_000))

    def token(size: int) -> bytes:
        return sha256(b"token" + bytes([next(calls)])).digest()[:size]

    return token


@pytest.fixture(scope="module")
def sealed() -> tuple[keys.PrivateKey, bytes]:
    private = keys.PrivateKey.generate(keys.ED25519, counted())
    return private, keys.seal(private, passphrase="tree frog", token=counted(10))


@pytest.mark.parametrize("alg", ALGS)
def test_a_sealed_key_opens_with_its_passphrase(alg: int) -> None:
    private = keys.PrivateKey.generate(alg, counted())
    data = keys.seal(private, passphrase="caf\u00e9", token=counted(10))
    assert private.seed not in data
    assert keys.sealed_key(data) == private.key
    # The same word, typed on a keyboard that composes letters in another way.
    opened = keys.unseal(data, passphrase="cafe\u0301")
    assert (opened.seed, opened.key, opened.kid) == (private.seed, private.key, private.kid)


def test_two_seals_of_one_key_differ(sealed: tuple[keys.PrivateKey, bytes]) -> None:
    private, data = sealed
    assert keys.seal(private, passphrase="tree frog", token=counted(50)) != data


@pytest.mark.parametrize("passphrase", ["Tree frog", "tree frog ", "tree"])
def test_another_passphrase_does_not_open(
    sealed: tuple[keys.PrivateKey, bytes], passphrase: str
) -> None:
    with pytest.raises(ProofError) as caught:
        keys.unseal(sealed[1], passphrase=passphrase)
    assert caught.value.code == "key.passphrase"


def test_an_empty_passphrase_is_refused(sealed: tuple[keys.PrivateKey, bytes]) -> None:
    private, data = sealed
    with pytest.raises(UsageError):
        keys.seal(private, passphrase="", token=counted())
    with pytest.raises(UsageError):
        keys.unseal(data, passphrase="")


def test_any_flipped_bit_of_a_key_file_is_refused(sealed: tuple[keys.PrivateKey, bytes]) -> None:
    data = sealed[1]
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises((MalformedError, UndecidedError)):
            # The frame alone refuses all of them: no guess of a passphrase is spent.
            keys.sealed_key(bytes(changed))
    for length in range(len(data)):
        with pytest.raises(MalformedError):
            keys.sealed_key(data[:length])


def test_a_rebuilt_key_file_with_another_key_does_not_open(
    sealed: tuple[keys.PrivateKey, bytes],
) -> None:
    _, body = frame.unframe(sealed[1], name=keys.KEY_FILE, size_max=1_024)
    value = cbor.decode(body)
    assert isinstance(value, list)
    other = keys.PrivateKey.generate(keys.ED25519, counted(99))
    value[0] = cose.cose_key_map(other.key)
    garbled = frame.frame(keys.KEY_FILE, 1, cbor.encode(value))
    with pytest.raises(ProofError):
        keys.unseal(garbled, passphrase="tree frog")


@pytest.mark.parametrize(
    ("at", "part"), [(1, b"short"), (2, bytes(13)), (3, bytes(47)), (1, "text"), (0, {1: 1})]
)
def test_a_member_of_another_form_is_refused(
    sealed: tuple[keys.PrivateKey, bytes], at: int, part: object
) -> None:
    _, body = frame.unframe(sealed[1], name=keys.KEY_FILE, size_max=1_024)
    value = cbor.decode(body)
    assert isinstance(value, list)
    value[at] = part
    with pytest.raises(MalformedError):
        keys.unseal(frame.frame(keys.KEY_FILE, 1, cbor.encode(value)), passphrase="tree frog")


def test_another_version_or_shape_is_refused(sealed: tuple[keys.PrivateKey, bytes]) -> None:
    _, body = frame.unframe(sealed[1], name=keys.KEY_FILE, size_max=1_024)
    with pytest.raises(UndecidedError):
        keys.unseal(frame.frame(keys.KEY_FILE, 2, body), passphrase="tree frog")
    with pytest.raises(MalformedError):
        keys.unseal(frame.frame("ringmark.card", 1, body), passphrase="tree frog")
    with pytest.raises(MalformedError):
        keys.unseal(frame.frame(keys.KEY_FILE, 1, b"\x80"), passphrase="tree frog")


@pytest.mark.parametrize("alg", ALGS)
def test_signatures_hold_and_never_change(alg: int) -> None:
    private = keys.PrivateKey.from_seed(alg, sha256(b"seed").digest())
    for n in range(40):
        message = bytes([n]) * n
        signature = private.sign(message)
        assert signature == private.sign(message)
        keys.check_signature(
            alg=alg, public_key=private.key.public, message=message, signature=signature
        )


def test_a_p256_key_is_taken_in_both_forms() -> None:
    private = keys.PrivateKey.from_seed(keys.ESP256, sha256(b"seed").digest())
    for public in (private.key.public, b"\x04" + private.key.public):
        keys.check_signature(
            alg=keys.ESP256, public_key=public, message=b"m", signature=private.sign(b"m")
        )
    with pytest.raises(ProofError):
        keys.check_public_key(alg=keys.ESP256, public_key=b"\x02" + private.key.public[:32])


@pytest.mark.parametrize(
    ("alg", "seed"),
    [
        (keys.ED25519, bytes(31)),
        (keys.ED25519, bytes(33)),
        (keys.ESP256, bytes(32)),
        (keys.ESP256, b"\xff" * 32),
    ],
)
def test_seeds_out_of_range_are_refused(alg: int, seed: bytes) -> None:
    with pytest.raises(MalformedError):
        keys.PrivateKey.from_seed(alg, seed)


def test_an_unknown_algorithm_makes_no_key() -> None:
    with pytest.raises(UndecidedError):
        keys.PrivateKey.from_seed(-8, bytes(32))


def test_a_scalar_out_of_range_is_drawn_again() -> None:
    drawn = iter([bytes(32), b"\xff" * 32, bytes(31) + b"\x07"])
    assert keys.PrivateKey.generate(keys.ESP256, lambda _: next(drawn)).seed[-1] == 7


def test_the_secret_is_not_in_the_text_of_a_key() -> None:
    private = keys.PrivateKey.generate(keys.ED25519, counted())
    assert repr(private.seed) not in repr(private)
    assert private.seed.hex() not in repr(private)
    with pytest.raises(TypeError):
        pickle.dumps(private)


@pytest.mark.parametrize("alg", ALGS)
def test_any_flipped_bit_of_a_key_proof_is_refused(alg: int) -> None:
    private = keys.PrivateKey.generate(alg, counted())
    ledger = sha256(b"ledger").digest()
    proof = keys.make_key_proof(private, ledger=ledger, party="maker-7")
    keys.check_key_proof(proof, key=private.key, ledger=ledger, party="maker-7")
    for bit in range(len(proof) * 8):
        changed = bytearray(proof)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(RingmarkError):
            keys.check_key_proof(bytes(changed), key=private.key, ledger=ledger, party="maker-7")
