"""Write tokens.json: reading tokens, as taken and in every way that one is refused.

    python tests/vectors/generate_tokens.py

A test generates the file again and compares. Each wrong case is named by its defect and has the
code of the error that it must raise.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from ledger import keys
from ledger.token import CONTENT_TYPE, LIFE_S, make_token
from ledger.wire import cbor, cose, text

TARGET = Path(__file__).with_name("tokens.json")
LEDGER = sha256(b"vectors").digest()
ED = keys.PrivateKey.from_seed(keys.ED25519, sha256(b"vectors ed25519").digest())
OTHER = keys.PrivateKey.from_seed(keys.ED25519, sha256(b"vectors other").digest())
HOST, PARTY, NOW_S = "ledger.example.org", "maker-7", 1_800_000_000
PLAIN: dict[str, Any] = {"ledger": LEDGER, "party": PARTY, "host": HOST, "iat": NOW_S}
HEADERS: dict[Any, Any] = {1: keys.ED25519, 3: CONTENT_TYPE, 4: ED.kid}


def signed(
    headers: dict[Any, Any] | None = None, payload: Any = None, *, by: keys.PrivateKey = ED
) -> bytes:
    """A tagged COSE_Sign1 of any header and payload."""
    protected = cbor.encode(HEADERS if headers is None else headers)
    body = cbor.encode(PLAIN if payload is None else payload)
    signature = by.sign(cose.sig_structure(protected=protected, payload=body))
    return cose.encode_sign1(cose.Sign1(protected, body, signature))


def value(data: bytes) -> str:
    return f"Ringmark {text.encode_base64url(data)}"


def without(plain: dict[Any, Any], name: Any) -> dict[Any, Any]:
    return {key: item for key, item in plain.items() if key != name}


def malformed() -> Iterator[tuple[str, str]]:
    """Values that are no token at all."""
    good = signed()
    yield "empty", ""
    yield "another-scheme", "Bearer " + text.encode_base64url(good)
    yield "no-base64", "Ringmark 0oRY!"
    yield "padded", value(good) + "="
    yield "cut", value(good[:-1])
    yield "longer", value(good + b"\x00")
    yield "untagged", value(good[1:])
    yield "too-long", "Ringmark " + "A" * 1_025
    yield "no-kid", value(signed(without(HEADERS, 4)))
    yield "short-kid", value(signed({**HEADERS, 4: ED.kid[:8]}))
    yield "another-type", value(signed({**HEADERS, 3: "application/vnd.ringmark.event+cbor"}))
    yield "one-header-more", value(signed({**HEADERS, 15: {}}))
    yield "no-host", value(signed(payload=without(PLAIN, "host")))
    yield "one-member-more", value(signed(payload={**PLAIN, "scope": "all"}))
    yield "time-as-text", value(signed(payload={**PLAIN, "iat": str(NOW_S)}))
    yield "short-ledger", value(signed(payload={**PLAIN, "ledger": LEDGER[:16]}))
    yield "an-array", value(signed(payload=[LEDGER, PARTY, HOST, NOW_S]))


def untrue() -> Iterator[tuple[str, str, str]]:
    """Tokens that say or prove something else than the verifier asks for."""
    yield "another-ledger", value(signed(payload={**PLAIN, "ledger": bytes(32)})), "token.ledger"
    yield "another-host", value(signed(payload={**PLAIN, "host": "mirror.example"})), "token.host"
    yield "too-old", value(signed(payload={**PLAIN, "iat": NOW_S - LIFE_S - 1})), "token.time"
    yield "from-ahead", value(signed(payload={**PLAIN, "iat": NOW_S + LIFE_S + 1})), "token.time"
    yield "another-alg", value(signed({**HEADERS, 1: keys.ESP256})), "token.key"
    yield "another-kid", value(signed({**HEADERS, 4: OTHER.kid})), "token.key"
    yield "another-signer", value(signed(by=OTHER)), "token.signature"
    flipped = bytearray(signed())
    flipped[-1] ^= 1
    yield "flipped-signature", value(bytes(flipped)), "token.signature"


def generate() -> str:
    def taken(signer: keys.PrivateKey, iat: int) -> dict[str, Any]:
        made = make_token(signer, ledger=LEDGER, party=PARTY, host=HOST, iat=iat)
        return {"token": made, "cose_key": cose.encode_cose_key(signer.key).hex(), "iat": iat}

    document = {
        "comment": "Written by generate_tokens.py. See docs/formats/reading-token.md.",
        "ledger": LEDGER.hex(),
        "party": PARTY,
        "host": HOST,
        "now_s": NOW_S,
        "taken": [taken(ED, NOW_S), taken(ED, NOW_S - LIFE_S), taken(ED, NOW_S + LIFE_S)],
        "hex": signed().hex(),
        "malformed": [{"case": case, "token": token} for case, token in malformed()],
        "untrue": [{"case": c, "token": token, "code": code} for c, token, code in untrue()],
    }
    return json.dumps(document, indent=1) + "\n"


if __name__ == "__main__":
    TARGET.write_text(generate(), encoding="utf-8")
