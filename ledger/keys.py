"""Keys: the signature policy, signers, proofs of possession and key files as bytes.

The only home of cryptography and PyNaCl. Engines differ on edge cases, so every signature passes
one pre-check of our own before any engine is asked (docs/formats/signature-policy.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import nacl.bindings
import nacl.exceptions
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from ledger.errors import MalformedError, ProofError
from ledger.wire import cbor, cose
from ledger.wire.cose import CoseKey

ED25519 = -19
ESP256 = -9
PROOF_TYPE = "application/vnd.ringmark.key-proof+cbor"
KEY_FILE = "ringmark.key"
_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_LOW_ORDER = frozenset(
    bytes.fromhex(point + sign)
    for point, signs in (
        ("00" * 31, ("00", "80")),
        ("01" + "00" * 30, ("00", "80")),
        ("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc", ("05", "85")),
        ("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03", ("7a", "fa")),
        ("ec" + "ff" * 30, ("7f", "ff")),
        ("ed" + "ff" * 30, ("7f", "ff")),
        ("ee" + "ff" * 30, ("7f", "ff")),
    )
    for sign in signs
)
"""The 14 encodings of points of low order."""
_ARGON2_MEMORY_KIB = 65_536
_ARGON2_PASSES = 3
_ARGON2_LANES = 4


class Signer(Protocol):
    """Whatever can sign for one key: a key file, later a token."""

    @property
    def key(self) -> CoseKey:
        """Return the public key."""
        ...

    @property
    def kid(self) -> bytes:
        """Return the 32-byte thumbprint of the public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of `message`."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class PrivateKey:
    """A private key in memory: `seed` is the 32-byte Ed25519 seed or P-256 scalar."""

    alg: int
    seed: bytes
    key: CoseKey
    kid: bytes

    def __repr__(self) -> str:
        return f"PrivateKey({self.kid.hex()[:16]})"

    @classmethod
    def from_seed(cls, alg: int, seed: bytes) -> PrivateKey:
        """Return the private key of a 32-byte seed; raise MalformedError for an unfit one."""
        if len(seed) != 32:
            raise MalformedError("key.seed", "A private key has 32 bytes.")
        if alg == ED25519:
            public, _ = nacl.bindings.crypto_sign_seed_keypair(seed)
        elif alg == ESP256:
            public = _p256_public(seed)
        else:
            raise MalformedError("key.alg", f"The algorithm {alg} is not allowed.")
        key = CoseKey(alg, public)
        return cls(alg, seed, key, cose.thumbprint(key))

    @classmethod
    def generate(cls, alg: int, token: Callable[[int], bytes]) -> PrivateKey:
        """Return a new private key from `token`, a source of random bytes."""
        while True:
            seed = token(32)
            if alg == ED25519 or 0 < int.from_bytes(seed, "big") < _N:
                return cls.from_seed(alg, seed)

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of `message`; ESP256 is low-S."""
        if self.alg == ED25519:
            signed = nacl.bindings.crypto_sign(message, self.seed + self.key.public)
            return signed[:64]
        private = ec.derive_private_key(int.from_bytes(self.seed, "big"), ec.SECP256R1())
        r, s = decode_dss_signature(private.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + min(s, _N - s).to_bytes(32, "big")


def check_signature(*, alg: int, public_key: bytes, message: bytes, signature: bytes) -> None:
    """Raise ProofError unless `signature` (64 bytes) of `message` holds under `public_key`.

    `alg` is -19 (Ed25519, 32-byte key) or -9 (ESP256, 64 bytes x ‖ y or 65 bytes SEC1). The caller
    takes `alg` from the enrolled key, never from the message. Steps: docs/formats/
    signature-policy.md.
    """
    if alg == ED25519:
        _check_ed25519(public_key, message, signature)
    elif alg == ESP256:
        _check_esp256(public_key, message, signature)
    else:
        raise ProofError("signature.alg", f"The algorithm {alg} is not allowed.")


def check_public_key(*, alg: int, public_key: bytes) -> None:
    """Raise ProofError unless a key may be enrolled: on its curve, of full order, canonical."""
    if alg == ED25519:
        _check_point(public_key, "key")
        if not _is_torsion_free(public_key):
            raise ProofError("key.order", "The public key is not of prime order.")
    elif alg == ESP256:
        _p256_key(public_key)
    else:
        raise ProofError("signature.alg", f"The algorithm {alg} is not allowed.")


def make_key_proof(signer: Signer, *, ledger: bytes, party: str) -> bytes:
    """Return a proof that `signer` is in hand: tagged COSE_Sign1 over ledger, party and kid."""
    protected = cbor.encode({1: signer.key.alg, 3: PROOF_TYPE})
    payload = cbor.encode({"ledger": ledger, "party": party, "kid": signer.kid})
    signature = signer.sign(cose.sig_structure(protected=protected, payload=payload))
    return cose.encode_sign1(cose.Sign1(protected, payload, signature))


def check_key_proof(proof: bytes, *, key: CoseKey, ledger: bytes, party: str) -> None:
    """Raise ProofError or MalformedError unless `key` signed that it is `party`'s on `ledger`."""
    sign1 = cose.decode_sign1(proof, size_max=1_024)
    if sign1.protected != cbor.encode({1: key.alg, 3: PROOF_TYPE}):
        raise ProofError("key.proof", "The proof of possession has other headers.")
    said = {"ledger": ledger, "party": party, "kid": cose.thumbprint(key)}
    if sign1.payload != cbor.encode(said):
        raise ProofError(
            "key.proof", "The proof of possession is for another ledger, party or key."
        )
    message = cose.sig_structure(protected=sign1.protected, payload=sign1.payload)
    check_signature(alg=key.alg, public_key=key.public, message=message, signature=sign1.signature)


def seal(private: PrivateKey, *, passphrase: str, token: Callable[[int], bytes]) -> bytes:
    """Return a key file: the seed under Argon2id (64 MiB, 3 passes) and ChaCha20-Poly1305."""
    salt, nonce = token(16), token(12)
    costs = [_ARGON2_MEMORY_KIB, _ARGON2_PASSES, _ARGON2_LANES]
    head = [KEY_FILE, 1, private.alg, private.key.public, costs, salt, nonce]
    secret = ChaCha20Poly1305(_stretch(passphrase, salt, costs)).encrypt(
        nonce, private.seed, cbor.encode(head)
    )
    return cbor.encode([*head, secret])


def unseal(data: bytes, *, passphrase: str) -> PrivateKey:
    """Return the private key of a key file.

    Raise MalformedError where the file is none or asks for other costs, ProofError
    `key.passphrase` where the passphrase is wrong or the file was changed.
    """
    value = cbor.decode(data, size_max=4_096)
    if not isinstance(value, list) or len(value) != 8 or value[:2] != [KEY_FILE, 1]:
        raise MalformedError("key.file", "The file is not a key file.")
    alg, public, costs, salt, nonce, secret = value[2:]
    if costs != [_ARGON2_MEMORY_KIB, _ARGON2_PASSES, _ARGON2_LANES]:
        raise MalformedError("key.file", "The key file asks for other costs.")
    if not all(isinstance(part, bytes) for part in (public, salt, nonce, secret)):
        raise MalformedError("key.file", "The file is not a key file.")
    if len(salt) != 16 or len(nonce) != 12:
        raise MalformedError("key.file", "The file is not a key file.")
    try:
        seed = ChaCha20Poly1305(_stretch(passphrase, salt, costs)).decrypt(
            nonce, secret, cbor.encode(value[:7])
        )
    except InvalidTag as error:
        raise ProofError(
            "key.passphrase", "The passphrase does not open this key.", hint="Try it again."
        ) from error
    private = PrivateKey.from_seed(alg, seed)
    if private.key.public != public:
        raise MalformedError("key.file", "The key file names another public key.")
    return private


def _check_ed25519(public_key: bytes, message: bytes, signature: bytes) -> None:
    # (1) lengths
    if len(public_key) != 32 or len(signature) != 64:
        raise ProofError("signature.length", "Key or signature has another length.")
    # (2) S < L
    if int.from_bytes(signature[32:], "little") >= _L:
        raise ProofError("signature.scalar", "The signature's scalar is out of range.")
    # (3), (4) canonical, not of low order
    _check_point(public_key, "key")
    _check_point(signature[:32], "signature")
    # (5) the engine: cofactorless, RFC 8032
    try:
        nacl.bindings.crypto_sign_open(signature + message, public_key)
    except (nacl.exceptions.CryptoError, ValueError, TypeError) as error:
        raise ProofError("signature.wrong", "The signature does not hold.") from error


def _check_point(point: bytes, what: str) -> None:
    if len(point) != 32:
        raise ProofError("signature.length", f"The {what} has another length.")
    if point in _LOW_ORDER:
        raise ProofError("signature.low-order", f"The {what} has a point of low order.")
    # Only encodings that end in ff…7f or ff…ff can reach p, so the big integer is rarely made.
    if point[31] & 0x7F == 0x7F and int.from_bytes(point, "little") & (2**255 - 1) >= _P:
        raise ProofError("signature.not-canonical", f"The {what} has a point not in its one form.")


def _check_esp256(public_key: bytes, message: bytes, signature: bytes) -> None:
    if len(signature) != 64:
        raise ProofError("signature.length", "The signature has another length.")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not (1 <= r < _N and 1 <= s <= (_N - 1) // 2):
        raise ProofError("signature.scalar", "The signature's numbers are out of range or high.")
    public = _p256_key(public_key)
    try:
        public.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise ProofError("signature.wrong", "The signature does not hold.") from error


def _p256_key(public_key: bytes) -> ec.EllipticCurvePublicKey:
    sec1 = b"\x04" + public_key if len(public_key) == 64 else public_key
    if len(sec1) != 65 or sec1[0] != 4:
        raise ProofError("signature.length", "The public key has another length.")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sec1)
    except ValueError as error:
        raise ProofError("key.curve", "The public key is not on its curve.") from error


def _p256_public(seed: bytes) -> bytes:
    scalar = int.from_bytes(seed, "big")
    if not 0 < scalar < _N:
        raise MalformedError("key.seed", "The private key is out of range.")
    numbers = ec.derive_private_key(scalar, ec.SECP256R1()).public_key().public_numbers()
    return numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")


def _is_torsion_free(point: bytes) -> bool:
    # libsodium answers for canonical points on the curve, of prime order and not the identity.
    return bool(nacl.bindings.crypto_core_ed25519_is_valid_point(point))


def _stretch(passphrase: str, salt: bytes, costs: list[int]) -> bytes:
    memory, passes, lanes = costs
    stretch = Argon2id(salt=salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory)
    return stretch.derive(hashlib.sha256(passphrase.encode()).digest())
