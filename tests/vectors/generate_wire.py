"""Write wire.json: CBOR, statements, keys, signatures and proofs of possession, right and wrong.

`python tests/vectors/generate_wire.py` rewrites the file; a test regenerates it and compares. Each
wrong case is named by its defect and has the code of the error that it must raise.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from runpy import run_path
from typing import Any

from ledger import keys
from ledger.wire import cbor, cose

HERE = Path(__file__).parent
TARGET = HERE / "wire.json"
CASES: dict[str, Any] = run_path(str(HERE / "cbor_cases.py"))
LEDGER = sha256(b"vectors").digest()
ED = keys.PrivateKey.from_seed(keys.ED25519, sha256(b"vectors ed25519").digest())
ES = keys.PrivateKey.from_seed(keys.ESP256, sha256(b"vectors esp256").digest())
OTHER = keys.PrivateKey.from_seed(keys.ED25519, sha256(b"vectors other").digest())
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
Row = dict[str, Any]


def plain(value: object) -> object:
    """Return a value as JSON: byte strings as {"bytes": hex}, maps as {"map": pairs}."""
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, dict):
        return {"map": [[key, plain(item)] for key, item in value.items()]}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def cbor_rows() -> Row:
    taken = [
        {"name": name, "hex": text, "plain": plain(value)}
        for name, (text, value) in CASES["TAKEN"].items()
    ]
    taken += [{"name": name, "hex": text} for name, text in CASES["DEEP_TAKEN"].items()]
    refused = [
        {"name": name, "hex": text, "code": code} for name, (text, code) in CASES["REFUSED"].items()
    ]
    refused += [
        {"name": name, "hex": text, "code": "cbor.depth"}
        for name, text in CASES["DEEP_REFUSED"].items()
    ]
    not_well_formed = CASES["NOT_WELL_FORMED"].split()
    return {"taken": taken, "refused": refused, "not_well_formed": not_well_formed}


def key_rows() -> Row:
    taken = [
        {
            "name": name,
            "alg": signer.key.alg,
            "seed": signer.seed.hex(),
            "public": signer.key.public.hex(),
            "cose_key": cose.encode_cose_key(signer.key).hex(),
            "kid": signer.kid.hex(),
        }
        for name, signer in (("ed25519", ED), ("esp256", ES))
    ]
    low = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
    weak = [
        ("identity", -19, "01" + "00" * 31, "signature.low-order"),
        ("order-8", -19, low, "signature.low-order"),
        ("y-is-p", -19, "ed" + "ff" * 30 + "7f", "signature.encoding"),
        ("mixed-order", -19, mixed_order(), "signature.key-order"),
        ("not-a-point", -19, "02" + "00" * 31, "signature.key-order"),
        ("short", -19, "09" * 31, "signature.key"),
        ("off-the-curve", -9, "01" * 64, "signature.key"),
        ("half-a-point", -9, ES.key.public[:32].hex(), "signature.key"),
        ("algorithm-polymorphic", -8, ED.key.public.hex(), "signature.alg"),
    ]
    refused = [
        {"name": name, "alg": alg, "public": public, "code": code}
        for name, alg, public, code in weak
    ]
    return {"taken": taken, "refused": refused}


def mixed_order() -> str:
    """Return a key with a low-order part, from the public edge vectors (speccheck 3)."""
    return "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d"


def statement(signer: keys.PrivateKey) -> cose.Sign1:
    claims = {1: "party-7", 2: "party-7", 3: LEDGER.hex(), 6: 1_790_000_000}
    protected = cbor.encode(
        {
            1: signer.key.alg,
            3: "application/vnd.ringmark.event+cbor",
            4: signer.kid,
            15: claims,
        }
    )
    payload = cbor.encode({"type": "Example", "v": 1, "seq": 1, "salt": bytes(range(16))})
    signature = signer.sign(cose.sig_structure(protected=protected, payload=payload))
    return cose.Sign1(protected, payload, signature)


def statement_rows() -> Row:
    taken = []
    for name, signer in (("ed25519", ED), ("esp256", ES)):
        sign1 = statement(signer)
        message = cose.sig_structure(protected=sign1.protected, payload=sign1.payload)
        taken.append(
            {
                "name": name,
                "raw": cose.encode_sign1(sign1).hex(),
                "protected": sign1.protected.hex(),
                "payload": sign1.payload.hex(),
                "signature": sign1.signature.hex(),
                "sig_structure": message.hex(),
                "id": sha256(message).hexdigest(),
                "kid": signer.kid.hex(),
            }
        )
    refused = [
        {"name": name, "raw": raw.hex(), "code": code} for name, raw, code in broken_statements()
    ]
    return {"taken": taken, "refused": refused}


def broken_statements() -> Iterator[tuple[str, bytes, str]]:
    sign1 = statement(ED)
    body = cose.encode_sign1(sign1, tagged=False)
    p, m, s = sign1.protected, sign1.payload, sign1.signature
    yield "untagged", body, "cose.tag"
    yield "tag-98", b"\xd8\x62" + body, "cose.tag"
    yield "tag-twice", b"\xd2\xd2" + body, "cbor.type"
    yield "tag-not-shortest", b"\xd8\x12" + body, "cose.tag"
    yield "kid-unprotected", b"\xd2" + cbor.encode([p, {4: ED.kid}, m, s]), "cose.unprotected"
    yield "payload-detached", b"\xd2" + cbor.encode([p, {}, None, s]), "cose.shape"
    yield "payload-not-wrapped", b"\xd2" + cbor.encode([p, {}, {"v": 1}, s]), "cose.shape"
    yield "protected-not-wrapped", b"\xd2" + cbor.encode([{1: -19}, {}, m, s]), "cose.shape"
    yield "three-members", b"\xd2" + cbor.encode([p, {}, m]), "cose.shape"
    yield "five-members", b"\xd2" + cbor.encode([p, {}, m, s, b""]), "cose.shape"
    yield "a-map", b"\xd2" + cbor.encode({1: p}), "cose.shape"
    yield "trailing-byte", b"\xd2" + body + b"\x00", "cbor.trailing"
    yield "cut", (b"\xd2" + body)[:-1], "cbor.truncated"


def signature_rows() -> list[Row]:
    message = b"ringmark"
    ed, es = ED.sign(message), ES.sign(message)
    r, s = ed[:32], int.from_bytes(ed[32:], "little")
    es_r, es_s = es[:32], int.from_bytes(es[32:], "big")
    point = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
    rows = [
        ("ed25519", ED, ed, None),
        ("esp256", ES, es, None),
        ("ed25519-s-plus-l", ED, r + (s + L).to_bytes(32, "little"), "signature.range"),
        ("ed25519-s-is-l", ED, r + L.to_bytes(32, "little"), "signature.range"),
        ("ed25519-r-low-order", ED, bytes.fromhex(point) + ed[32:], "signature.low-order"),
        ("ed25519-r-is-p", ED, P.to_bytes(32, "little") + ed[32:], "signature.encoding"),
        ("ed25519-short", ED, ed[:63], "signature.length"),
        ("ed25519-long", ED, ed + b"\0", "signature.length"),
        ("ed25519-none", ED, b"", "signature.length"),
        ("ed25519-other-key", OTHER, ed, "signature.wrong"),
        ("ed25519-changed", ED, ed[:40] + bytes([ed[40] ^ 1]) + ed[41:], "signature.wrong"),
        ("esp256-high-s", ES, es_r + (N - es_s).to_bytes(32, "big"), "signature.high-s"),
        ("esp256-s-zero", ES, es_r + bytes(32), "signature.range"),
        ("esp256-r-zero", ES, bytes(32) + es[32:], "signature.range"),
        ("esp256-r-is-n", ES, N.to_bytes(32, "big") + es[32:], "signature.range"),
        ("esp256-short", ES, es[:62], "signature.length"),
        ("esp256-changed", ES, es[:31] + bytes([es[31] ^ 1]) + es[32:], "signature.wrong"),
        ("esp256-ed25519-signature", ES, ed, "signature.wrong"),
    ]
    return [
        {
            "name": name,
            "alg": signer.key.alg,
            "public": signer.key.public.hex(),
            "message": message.hex(),
            "signature": signature.hex(),
            "code": code,
        }
        for name, signer, signature, code in rows
    ]


def proof_rows() -> Row:
    party = "maker-7"
    right = keys.make_key_proof(ED, ledger=LEDGER, party=party)
    sign1 = cose.decode_sign1(right)
    other_header = cbor.encode({1: -19, 3: "application/vnd.ringmark.event+cbor"})
    more_header = cbor.encode({1: -19, 3: keys.PROOF_TYPE, 4: ED.kid})
    body = cose.encode_sign1(sign1, tagged=False)
    wrong = [
        ("other-ledger", keys.make_key_proof(ED, ledger=bytes(32), party=party), "proof-subject"),
        ("other-party", keys.make_key_proof(ED, ledger=LEDGER, party="maker-8"), "proof-subject"),
        ("other-key", keys.make_key_proof(OTHER, ledger=LEDGER, party=party), "proof-subject"),
        ("other-algorithm", keys.make_key_proof(ES, ledger=LEDGER, party=party), "proof-header"),
        ("event-as-proof", signed(other_header, sign1.payload), "proof-header"),
        ("kid-in-header", signed(more_header, sign1.payload), "proof-header"),
        ("not-signed", cose.encode_sign1(cose.Sign1(sign1.protected, sign1.payload, bytes(64))),
         "low-order"),
    ]  # fmt: skip
    refused = [(name, raw, f"signature.{code}") for name, raw, code in wrong]
    refused.append(("untagged", body, "cose.tag"))
    refused.append(("trailing-byte", right + b"\0", "cbor.trailing"))
    return {
        "ledger": LEDGER.hex(),
        "party": party,
        "alg": ED.key.alg,
        "public": ED.key.public.hex(),
        "taken": right.hex(),
        "refused": [{"name": name, "raw": raw.hex(), "code": code} for name, raw, code in refused],
    }


def signed(protected: bytes, payload: bytes) -> bytes:
    message = cose.sig_structure(protected=protected, payload=payload)
    return cose.encode_sign1(cose.Sign1(protected, payload, ED.sign(message)))


def key_file_row() -> Row:
    calls = iter(range(9))

    def token(size: int) -> bytes:
        return sha256(b"key file" + bytes([next(calls)])).digest()[:size]

    sealed = keys.seal(ED, passphrase="tree frog", token=token)
    return {"hex": sealed.hex(), "passphrase": "tree frog", "seed": ED.seed.hex()}


def generate() -> str:
    document = {
        "comment": "Written by generate_wire.py. Formats: docs/formats/.",
        "cbor": cbor_rows(),
        "keys": key_rows(),
        "statements": statement_rows(),
        "signatures": signature_rows(),
        "proofs": proof_rows(),
        "key_file": key_file_row(),
    }
    return json.dumps(document, indent=1) + "\n"


if __name__ == "__main__":
    TARGET.write_text(generate(), encoding="utf-8")
