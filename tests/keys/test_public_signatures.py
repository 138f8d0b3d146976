"""Public signature vectors: Wycheproof, speccheck, CCTV and the COSE working group's set."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ledger import keys
from ledger.errors import MalformedError, ProofError
from ledger.wire import cbor, cose
from ledger.wire.text import decode_base64url


def holds(check: Callable[..., None], **asked: Any) -> bool:
    try:
        check(**asked)
    except ProofError:
        return False
    return True


def wycheproof(folder: Path, name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    groups = json.loads((folder / "crypto" / "wycheproof" / name).read_text())["testGroups"]
    for group in groups:
        for test in group["tests"]:
            yield group["publicKey"], test


def test_wycheproof_ed25519(shared_data: Path) -> None:
    accepted = seen = 0
    for key, test in wycheproof(shared_data, "ed25519_test.json"):
        verdict = holds(
            keys.check_signature,
            alg=keys.ED25519,
            public_key=bytes.fromhex(key["pk"]),
            message=bytes.fromhex(test["msg"]),
            signature=bytes.fromhex(test["sig"]),
        )
        assert verdict == (test["result"] == "valid"), test["tcId"]
        seen += 1
        accepted += verdict
    assert (seen, accepted) == (151, 88)


def test_wycheproof_es256_raw(shared_data: Path) -> None:
    matrix = json.loads((shared_data / "crypto" / "es256_p1363_engine_matrix.json").read_text())
    expected = {row["id"]: row["accept_lowS"] for row in matrix}
    accepted = seen = 0
    for key, test in wycheproof(shared_data, "ecdsa_secp256r1_sha256_p1363_test.json"):
        verdict = holds(
            keys.check_signature,
            alg=keys.ESP256,
            public_key=bytes.fromhex(key["uncompressed"]),
            message=bytes.fromhex(test["msg"]),
            signature=bytes.fromhex(test["sig"]),
        )
        assert verdict == bool(expected[test["tcId"]]), test["tcId"]
        seen += 1
        accepted += verdict
    assert (seen, accepted) == (262, 103)


def test_edge_vectors_agree_with_every_engine_after_the_pre_check(shared_data: Path) -> None:
    matrix = json.loads((shared_data / "crypto" / "ed25519_engine_matrix.json").read_text())
    accepted = enrolled = 0
    for row in matrix:
        public = bytes.fromhex(row["pk"])
        verdict = holds(
            keys.check_signature,
            alg=keys.ED25519,
            public_key=public,
            message=bytes.fromhex(row["msg"]),
            signature=bytes.fromhex(row["sig"]),
        )
        assert verdict == bool(row["accept_precheck"]), (row["set"], row["id"])
        both = verdict and holds(keys.check_public_key, alg=keys.ED25519, public_key=public)
        assert both == bool(row["accept_precheck_and_A_torsionfree"]), (row["set"], row["id"])
        accepted += verdict
        enrolled += both
    assert (len(matrix), accepted, enrolled) == (1_077, 132, 89)


ACCEPTED = {
    "RFC8152/Appendix_C_2_1.json",
    "eddsa-examples/eddsa-sig-01.json",
    "sign1-tests/sign-pass-02.json",
}
HIGH_S = "ecdsa-examples/ecdsa-sig-01.json"
"""The set accepts it; its s lies in the upper half, which our policy refuses on purpose."""
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
POLYMORPHIC = {(-8, 1, 6): keys.ED25519, (-7, 2, 1): keys.ESP256}
"""What the old algorithm numbers mean, by key type and curve; the product itself refuses them."""


def test_cose_working_group_messages(shared_data: Path) -> None:
    folder = shared_data / "crypto" / "cose-wg"
    files = sorted(folder.rglob("*.json"))
    assert len(files) == 35
    taken = {str(path.relative_to(folder)) for path in files if is_taken(path, external=True)}
    assert taken == ACCEPTED
    # The signature of this one covers what stands beside the message.
    assert not is_taken(folder / "sign1-tests" / "sign-pass-02.json", external=False)


def test_a_high_s_signature_holds_once_it_is_normalised(shared_data: Path) -> None:
    case = json.loads((shared_data / "crypto" / "cose-wg" / HIGH_S).read_text())
    message = cose.decode_sign1_any(bytes.fromhex(case["output"]["cbor"]))
    assert message.payload is not None
    asked = {
        "alg": keys.ESP256,
        "public_key": public_key(case["input"]["sign0"]["key"]),
        "message": cose.sig_structure(protected=message.protected, payload=message.payload),
    }
    with pytest.raises(ProofError) as caught:
        keys.check_signature(**asked, signature=message.signature)
    assert caught.value.code == "signature.high-s"
    low = N - int.from_bytes(message.signature[32:], "big")
    keys.check_signature(**asked, signature=message.signature[:32] + low.to_bytes(32, "big"))


def is_taken(path: Path, *, external: bool) -> bool:
    """Return whether one COSE_Sign1 holds under its key: tagged, alg protected, alg and curve one.

    The examples carry an unprotected kid and the polymorphic numbers, so they run against this
    inner step and never through admission.
    """
    case = json.loads(path.read_text())
    given = case["input"].get("sign0", {})
    try:
        message = cose.decode_sign1_any(bytes.fromhex(case["output"]["cbor"]))
        if not message.protected or message.payload is None or set(message.unprotected) - {4}:
            return False
        headers = cbor.decode(message.protected)
        assert isinstance(headers, dict)
        key = given.get("key", {})
        alg = POLYMORPHIC.get((headers.get(1), *curve_of(key)))
        if alg is None:
            return False
        keys.check_signature(
            alg=alg,
            public_key=public_key(key),
            message=cose.sig_structure(
                protected=message.protected,
                payload=message.payload,
                external_aad=bytes.fromhex(given.get("external", "")) if external else b"",
            ),
            signature=message.signature,
        )
    except (MalformedError, ProofError):
        return False
    return True


def curve_of(key: dict[str, str]) -> tuple[int, int]:
    known = {"P-256": (2, 1), "P-384": (2, 2), "P-521": (2, 3), "Ed25519": (1, 6), "Ed448": (1, 7)}
    return known.get(key.get("crv", ""), (0, 0))


def public_key(key: dict[str, str]) -> bytes:
    if "x_hex" in key:
        return bytes.fromhex(key["x_hex"] + key.get("y_hex", ""))
    x, y = (int.from_bytes(unpadded(key[name]), "big") for name in ("x", "y"))
    return x.to_bytes(32, "big") + y.to_bytes(32, "big")


def unpadded(value: str) -> bytes:
    return decode_base64url(value.rstrip("="))


@pytest.mark.parametrize("alg", [-8, -7, -35, -36, -257, 0, 5])
def test_other_algorithms_are_refused(alg: int) -> None:
    private = keys.PrivateKey.from_seed(keys.ED25519, bytes(32))
    with pytest.raises(ProofError) as caught:
        keys.check_signature(
            alg=alg,
            public_key=private.key.public,
            message=b"m",
            signature=private.sign(b"m"),
        )
    assert caught.value.code == "signature.alg"
    with pytest.raises(ProofError):
        keys.check_public_key(alg=alg, public_key=private.key.public)


def test_the_statement_of_the_worked_example(shared_data: Path) -> None:
    raw = (shared_data / "log-example" / "leaf5.cose").read_bytes()
    assert len(raw) == 211
    sign1 = cose.decode_sign1(raw)
    assert cose.encode_sign1(sign1) == raw
    headers = cbor.decode(sign1.protected)
    assert isinstance(headers, dict)
    assert headers[1] == keys.ED25519
    assert headers[4].hex() == "ab8b2490a807d54fdff4dbd53b6be2f787968d4d0a724d2cdb9b985b6be2af63"
    assert cbor.decode(sign1.payload) == {"v": 1, "seq": 1, "type": "Example"}
    message = cose.sig_structure(protected=sign1.protected, payload=sign1.payload)
    assert len(message) == 155
    assert sha256(message).hexdigest() == (
        "fc80ba71fd26d8efadde79b5fcb1249cf65cfb122d683058ccc13906f78f0c86"
    )
