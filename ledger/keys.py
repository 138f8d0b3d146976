"""Keys and signatures: the signature policy, signers, sealed key files and proofs of possession.

The only home of cryptography and PyNaCl. Knows no statement, no file and no clock; random bytes
come from an argument. Engines differ on edge cases, so every signature passes one pre-check of our
own before any engine is asked (docs/formats/signature-policy.md).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, cast

from msgspec import Struct
from nacl.bindings import crypto_core_ed25519_is_valid_point, crypto_sign, crypto_sign_open
from nacl.exceptions import CryptoError

from ledger.errors import MalformedError, ProofError, UndecidedError, UsageError
from ledger.wire import cbor, cose
from ledger.wire.cose import CoseKey
from ledger.wire.frame import frame, unframe

if TYPE_CHECKING:
    # Loaded where it is used: whoever only verifies Ed25519 never waits for it.
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ED25519 = -19
"""Ed25519 as COSE names it (RFC 9864)."""
ESP256 = -9
"""ECDSA on P-256 with SHA-256 (RFC 9864)."""
PROOF_TYPE = "application/vnd.ringmark.key-proof+cbor"
KEY_FILE = "ringmark.key"
KEY_FILE_VERSION = 1
KEY_FILE_SIZE_MAX = 1_024

Token = Callable[[int], bytes]
"""Returns as many random bytes as it is asked for."""

_L = 2**252 + 27742317777372353535851937790883648493
_P = 2**255 - 19
_Y_MASK = 2**255 - 1
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_HALF_N = (_N - 1) // 2
_LOW_ORDER = frozenset(
    bytes.fromhex(half + last)
    for half, lasts in (
        ("00" * 31, ("00", "80")),
        ("01" + "00" * 30, ("00", "80")),
        ("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc", ("05", "85")),
        ("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03", ("7a", "fa")),
        ("ec" + "ff" * 30, ("7f", "ff")),
        ("ed" + "ff" * 30, ("7f", "ff")),
        ("ee" + "ff" * 30, ("7f", "ff")),
    )
    for last in lasts
)
"""The 14 encodings of the eight points of low order (docs/formats/signature-policy.md, step 4)."""

# Argon2id for a passphrase: 64 MiB, 3 passes, 4 lanes; about 0.3 s a guess (RFC 9106, 4).
_MEMORY_KIB = 64 * 1024
_PASSES = 3
_LANES = 4


class Signer(Protocol):
    """Whatever holds a private key: a key file, a token, a service."""

    @property
    def key(self) -> CoseKey:
        """Return the public key."""
        ...

    @property
    def kid(self) -> bytes:
        """Return the key's thumbprint, 32 bytes (RFC 9679)."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the signature of `message`, 64 bytes, in the one form that the policy takes."""
        ...


class PrivateKey(Struct, frozen=True, eq=False):
    """A private key in memory; its text form never shows the secret."""

    key: CoseKey
    kid: bytes
    seed: bytes
    _engine: Ed25519PrivateKey | ec.EllipticCurvePrivateKey

    def __repr__(self) -> str:
        return f"PrivateKey({self.key!r})"

    @classmethod
    def from_seed(cls, alg: int, seed: bytes) -> PrivateKey:
        """Return the key of a 32-byte seed: the RFC 8032 seed, or the P-256 scalar, big-endian.

        Raise MalformedError where the seed has another length or is no scalar.
        """
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        if len(seed) != 32:
            raise MalformedError("key.seed", f"A seed has 32 bytes, not {len(seed)}.")
        engine: Ed25519PrivateKey | ec.EllipticCurvePrivateKey
        if alg == ED25519:
            engine = Ed25519PrivateKey.from_private_bytes(seed)
            public = engine.public_key().public_bytes_raw()
        elif alg == ESP256:
            scalar = int.from_bytes(seed, "big")
            if not 1 <= scalar < _N:
                raise MalformedError("key.seed", "The seed is no P-256 scalar. Draw another one.")
            engine = ec.derive_private_key(scalar, ec.SECP256R1())
            numbers = engine.public_key().public_numbers()
            public = numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
        else:
            raise UndecidedError("signature.alg", f"The algorithm {alg} is neither -19 nor -9.")
        key = CoseKey(alg, public)
        return cls(key, cose.thumbprint(key), seed, engine)

    @classmethod
    def generate(cls, alg: int, token: Token) -> PrivateKey:
        """Return a new key from the random bytes of `token`."""
        seed = token(32)
        while alg == ESP256 and not 1 <= int.from_bytes(seed, "big") < _N:
            seed = token(32)
        return cls.from_seed(alg, seed)

    def sign(self, message: bytes) -> bytes:
        """Return the signature of `message`, 64 bytes: deterministic, and low-S on P-256."""
        if self.key.alg == ED25519:
            # libsodium signs in 0.6 of OpenSSL's time; RFC 8032 leaves one signature to both.
            return crypto_sign(message, self.seed + self.key.public)[:64]
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, utils

        engine = cast("ec.EllipticCurvePrivateKey", self._engine)
        # RFC 6979: no random source is needed, and the same statement has the same bytes.
        algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
        r, s = utils.decode_dss_signature(engine.sign(message, algorithm))
        return r.to_bytes(32, "big") + min(s, _N - s).to_bytes(32, "big")


def check_signature(*, alg: int, public_key: bytes, message: bytes, signature: bytes) -> None:
    """Raise ProofError unless `signature` over `message` passes the policy and the engine.

    `alg` is the enrolled key's: -19 with 32 bytes, or -9 with 64 (x ‖ y) or 65 (SEC1) bytes; the
    signature has 64. The legacy numbers -8 and -7 are refused here. The codes all begin with
    `signature.`; docs/formats/signature-policy.md has the steps.
    """
    if alg == ED25519:
        _check_ed25519(public_key, message, signature)
    elif alg == ESP256:
        _check_esp256(public_key, message, signature)
    else:
        raise ProofError("signature.alg", f"The algorithm {alg} is neither -19 nor -9.")


def check_public_key(*, alg: int, public_key: bytes) -> None:
    """Raise ProofError unless the key may be enrolled: on its curve, in the prime-order group.

    Without this one signature could fit many messages (docs/formats/signature-policy.md,
    enrolment). The caller must still check a proof of possession.
    """
    if alg == ED25519:
        _check_point(public_key)
        # libsodium decodes the point and demands [L]A = O and [8]A ≠ O.
        if not crypto_core_ed25519_is_valid_point(public_key):
            raise ProofError(
                "signature.key-order", "The public key is not in the group of prime order."
            )
    elif alg == ESP256:
        _p256_key(public_key)
    else:
        raise ProofError("signature.alg", f"The algorithm {alg} is neither -19 nor -9.")


def make_key_proof(signer: Signer, *, ledger: bytes, party: str) -> bytes:
    """Return the proof that `signer` holds its key, for one party of one ledger (32-byte id)."""
    protected, payload = _proof_parts(signer.key, ledger=ledger, party=party)
    signature = signer.sign(cose.sig_structure(protected=protected, payload=payload))
    return cose.encode_sign1(cose.Sign1(protected, payload, signature))


def check_key_proof(proof: bytes, *, key: CoseKey, ledger: bytes, party: str) -> None:
    """Raise ProofError unless `proof` shows that `party` of `ledger` holds `key`.

    Raise MalformedError where it is no tagged COSE_Sign1 (docs/formats/key-proof.md).
    """
    sign1 = cose.decode_sign1(proof, size_max=KEY_FILE_SIZE_MAX)
    protected, payload = _proof_parts(key, ledger=ledger, party=party)
    # One value has one encoding, so equal bytes are equal values and nothing else is.
    if sign1.protected != protected:
        raise ProofError("signature.proof-header", "The key proof has another header.")
    if sign1.payload != payload:
        raise ProofError(
            "signature.proof-subject", "The key proof is for another ledger, party or key."
        )
    message = cose.sig_structure(protected=protected, payload=payload)
    check_signature(alg=key.alg, public_key=key.public, message=message, signature=sign1.signature)


def seal(private: PrivateKey, *, passphrase: str, token: Token) -> bytes:
    """Return the key as a file that only the passphrase opens (docs/formats/key-file.md).

    Raise UsageError for an empty passphrase. The caller writes it with mode 0600.
    """
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    salt, nonce = token(16), token(12)
    box = ChaCha20Poly1305(_stretch(passphrase, salt)).encrypt(
        nonce, private.seed, _box_context(private.key)
    )
    body = cbor.encode([cose.cose_key_map(private.key), salt, nonce, box])
    return frame(KEY_FILE, KEY_FILE_VERSION, body)


def unseal(data: bytes, *, passphrase: str) -> PrivateKey:
    """Return the private key of a key file.

    Raise ProofError `key.passphrase` for a wrong passphrase, MalformedError for a damaged file,
    UndecidedError for an unknown version.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    key, salt, nonce, box = _key_file(data)
    try:
        seed = ChaCha20Poly1305(_stretch(passphrase, salt)).decrypt(nonce, box, _box_context(key))
    except InvalidTag as error:
        raise ProofError(
            "key.passphrase",
            "The passphrase does not open this key file.",
            hint="Capitals and spaces count. Nobody can open it without: make a new key then.",
        ) from error
    private = PrivateKey.from_seed(key.alg, seed)
    if private.key != key:
        raise MalformedError("key.file", "The key file names another public key than it holds.")
    return private


def sealed_key(data: bytes) -> CoseKey:
    """Return the public key that a key file names, without its passphrase."""
    return _key_file(data)[0]


def _check_ed25519(public_key: bytes, message: bytes, signature: bytes) -> None:
    # (1) lengths
    if len(signature) != 64:
        raise ProofError("signature.length", f"A signature has 64 bytes, not {len(signature)}.")
    # (2) S < L
    if int.from_bytes(signature[32:], "little") >= _L:
        raise ProofError("signature.range", "The signature's S is not below L.")
    # (3) and (4) for R, then for A (remembered: a ledger has few keys and many signatures)
    if int.from_bytes(signature[:32], "little") & _Y_MASK >= _P:
        raise ProofError("signature.encoding", "The signature's R is not in its one form.")
    if signature[:32] in _LOW_ORDER:
        raise ProofError("signature.low-order", "The signature's R is of low order.")
    _check_point(public_key)
    # (5) the engine: cofactorless RFC 8032
    try:
        crypto_sign_open(signature + message, public_key)
    except (CryptoError, ValueError, TypeError) as error:
        raise ProofError("signature.wrong", "The signature is not of this key.") from error


@lru_cache(maxsize=4_096)
def _check_point(public_key: bytes) -> None:
    if len(public_key) != 32:
        raise ProofError("signature.key", f"An Ed25519 key has 32 bytes, not {len(public_key)}.")
    if int.from_bytes(public_key, "little") & _Y_MASK >= _P:
        raise ProofError("signature.encoding", "The public key is not in its one form.")
    if public_key in _LOW_ORDER:
        raise ProofError("signature.low-order", "The public key is of low order.")


def _check_esp256(public_key: bytes, message: bytes, signature: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    # (1) lengths: one browser engine takes other ones
    if len(signature) != 64:
        raise ProofError("signature.length", f"A signature has 64 bytes, not {len(signature)}.")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    # (2) ranges, (3) low-S: otherwise (r, n - s) would be a second signature
    if not 1 <= r < _N or not 1 <= s < _N:
        raise ProofError("signature.range", "The signature's r or s is out of range.")
    if s > _HALF_N:
        raise ProofError("signature.high-s", "The signature's s is in the upper half.")
    # (4) the key is on the curve, (5) the engine
    engine = _p256_key(public_key)
    try:
        engine.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError) as error:
        raise ProofError("signature.wrong", "The signature is not of this key.") from error


@lru_cache(maxsize=4_096)
def _p256_key(public_key: bytes) -> ec.EllipticCurvePublicKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    point = b"\x04" + public_key if len(public_key) == 64 else public_key
    if len(point) != 65 or point[0] != 4:
        raise ProofError("signature.key", "A P-256 key has 64 bytes, x and y.")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise ProofError("signature.key", "The public key is not on P-256.") from error


def _proof_parts(key: CoseKey, *, ledger: bytes, party: str) -> tuple[bytes, bytes]:
    protected = cbor.encode({1: key.alg, 3: PROOF_TYPE})
    payload = cbor.encode({"ledger": ledger, "party": party, "kid": cose.thumbprint(key)})
    return protected, payload


def _key_file(data: bytes) -> tuple[CoseKey, bytes, bytes, bytes]:
    version, body = unframe(data, name=KEY_FILE, size_max=KEY_FILE_SIZE_MAX)
    if version != KEY_FILE_VERSION:
        raise UndecidedError("key.file-version", f"The key file has the unknown version {version}.")
    value = cbor.decode(body)
    if not isinstance(value, list) or len(value) != 4:
        raise MalformedError("key.file", "The key file is not an array of four.")
    key, sizes = cose.parse_cose_key(value[0]), (16, 12, 48)
    for part, size in zip(value[1:], sizes, strict=True):
        if not isinstance(part, bytes) or len(part) != size:
            raise MalformedError("key.file", "A member of the key file has another length.")
    return key, value[1], value[2], value[3]


def _box_context(key: CoseKey) -> bytes:
    return cbor.encode([KEY_FILE, KEY_FILE_VERSION, cose.cose_key_map(key)])


def _stretch(passphrase: str, salt: bytes) -> bytes:
    if not passphrase:
        raise UsageError("key.passphrase-empty", "A key file needs a passphrase.")
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    # Keyboards differ in how they compose letters; the passphrase is the same to its owner.
    typed = unicodedata.normalize("NFC", passphrase).encode()
    return Argon2id(
        salt=salt, length=32, iterations=_PASSES, lanes=_LANES, memory_cost=_MEMORY_KIB
    ).derive(typed)
