"""The signature policy costs next to nothing beside the engine."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from statistics import median
from time import perf_counter

from nacl.signing import VerifyKey

from ledger import keys

ROUNDS, CALLS = 21, 60


def test_the_policy_adds_little_to_a_bare_verification() -> None:
    private = keys.PrivateKey.from_seed(keys.ED25519, sha256(b"speed").digest())
    message, public = bytes(250), private.key.public
    signature, bare = private.sign(message), VerifyKey(public)

    def ours() -> None:
        keys.check_signature(
            alg=keys.ED25519, public_key=public, message=message, signature=signature
        )

    def engine() -> None:
        bare.verify(message, signature)

    # Side by side in one run: what else the machine does weighs on both.
    ratio = median(elapsed(ours) / elapsed(engine) for _ in range(ROUNDS))
    assert ratio <= 1.1


def elapsed(call: Callable[[], None]) -> float:
    start = perf_counter()
    for _ in range(CALLS):
        call()
    return perf_counter() - start
