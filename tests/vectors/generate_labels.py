"""Write labels.json: lot codes, labels, printed documents, signed notes and framed files.

`python tests/vectors/generate_labels.py` rewrites the file; a test regenerates it and compares.
Each wrong case is named by its defect and has the code of the error that it must raise.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from ledger import keys
from ledger.wire import cbor, cose, frame, label, note, text

TARGET = Path(__file__).with_name("labels.json")
LEDGER = sha256(b"vectors").digest()
ED = keys.PrivateKey.from_seed(keys.ED25519, sha256(b"vectors label").digest())
HOST = "v.example.org"
BIRTH = sha256(b"birth").digest()[:16]
Row = dict[str, Any]

CODES = {
    0: "0000-0000-0001",
    1: "0000-0000-01ZV",
    123_456_789_012_345: "3G92-30VQ-VSBR",
    177_789_161_760_246: "51PB-1X9S-FP3J",
    2**50 - 1: "ZZZZ-ZZZZ-ZZ98",
}
TYPED = {
    "lower-case": "51pb-1x9s-fp3j",
    "no-hyphens": "51PB1X9SFP3J",
    "spaces": " 51PB 1X9S FP3J ",
    "letters-for-digits": "51PB-LX9S-FP3J",
    "letter-i": "5iPB-1X9S-FP3J",
}
WRONG_CODES = {
    "check": ("7K3M-9QXF-2WAB", "code.check"),
    "check-symbol": ("51PB-1X9S-FP3K", "code.check"),
    "swapped": ("51PB-1X9S-PF3J", "code.check"),
    "letter-u": ("51PB-1X9S-FPU3", "code.char"),
    "alias": ("0000-0000-00ZY", "code.check"),
    "sharp-s": ("51PB-1X9S-FP3\u00df", "code.char"),
    "full-width": ("\uff15\uff11PB-1X9S-FP3J", "code.char"),
    "short": ("51PB-1X9S-FP3", "code.length"),
    "long": ("51PB-1X9S-FP3J0", "code.length"),
    "empty": ("", "code.length"),
    "underscore": ("51PB_1X9S_FP3J", "code.char"),
}

EXAMPLE_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE_NOTE = (
    "This is an example message.\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi"
    "2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)


def code_rows() -> Row:
    taken = [
        {"number": number, "code": code, "symbols": text.code_symbols(number)}
        for number, code in CODES.items()
    ]
    typed = [{"name": name, "typed": entry} for name, entry in TYPED.items()]
    refused = [
        {"name": name, "typed": entry, "code": code} for name, (entry, code) in WRONG_CODES.items()
    ]
    return {"taken": taken, "typed": typed, "typed_number": 177_789_161_760_246, "refused": refused}


def payloads() -> dict[str, label.LabelPayload]:
    goods = {
        "number": 1_000_000,
        "birth": BIRTH,
        "taxon": 612,
        "term": 21,
        "source": 3,
        "quantity": 1,
        "unit": 1,
        "day": 20_781,
    }
    code = 177_789_161_760_246
    return {
        "tagged-skin": label.LabelPayload(code=code, mark="CITES-SKIN/ZW 2026 CNI 000123", **goods),
        "timber": label.LabelPayload(code=code, origin="CM", year=2025, **goods),
        "no-year": label.LabelPayload(code=code, origin="CM", **goods),
        "neither": label.LabelPayload(code=0, **goods),
    }


def sign_label(payload: bytes, *, context: bytes = label.LABEL_CONTEXT) -> cose.Sign1:
    protected = label.label_headers(ED.key.alg, ED.kid)
    aad = label.label_aad(LEDGER, context=context)
    message = cose.sig_structure(protected=protected, payload=payload, external_aad=aad)
    return cose.Sign1(protected, payload, ED.sign(message))


def label_rows() -> Row:
    taken = []
    for name, payload in payloads().items():
        signed = sign_label(label.encode_label(payload))
        code = text.code_symbols(payload.code)
        taken.append(
            {
                "name": name,
                "url": label.format_label_url(host=HOST, name=code, signed=signed),
                "cose": cose.encode_sign1(signed, tagged=False).hex(),
                "payload": signed.payload.hex(),
                "code": payload.code,
                "mark": payload.mark,
                "origin": payload.origin,
                "year": payload.year,
            }
        )
    url = taken[0]["url"]
    refused = [{"name": name, "url": wrong, "code": code} for name, wrong, code in wrong_urls(url)]
    wrong_payloads = [
        {"name": name, "payload": cbor.encode(value).hex()} for name, value in wrong_arrays()
    ]
    return {
        "ledger": LEDGER.hex(),
        "public": ED.key.public.hex(),
        "aad": label.label_aad(LEDGER).hex(),
        "taken": taken,
        "refused": refused,
        "refused_payloads": wrong_payloads,
        "document": document_row(),
    }


def wrong_urls(url: str) -> Iterator[tuple[str, str, str]]:
    link, digits = url.split("#")
    body = cose.encode_sign1(sign_label(b"\xa0"), tagged=False)
    yield "other-path", url.replace("/i/", "/j/"), "label.not-a-label"
    yield "scheme", url.replace("https", "ftp"), "label.not-a-label"
    yield "user-in-host", url.replace("v.example", "v.example@evil.example"), "label.not-a-label"
    yield "only-a-text", "51PB-1X9S-FP3J", "label.not-a-label"
    yield "version-2", f"{link}#2{digits[1:]}", "label.digits"
    yield "leading-zero", f"{link}#10{digits[1:]}", "label.digits"
    yield "letters", f"{link}#1abc{digits[4:]}", "label.digits"
    yield "full-width-digit", f"{link}#1\uff11{digits[2:]}", "label.digits"
    yield "no-leading-byte", f"{link}#1{int.from_bytes(body, 'big')}", "label.digits"
    yield "digit-lost", url[:-1], "label.digits"
    yield "too-few", f"{link}#1258", "label.digits"
    yield "too-many", f"{link}#1" + "9" * 3_000, "label.digits"


def wrong_arrays() -> Iterator[tuple[str, object]]:
    right: list[object] = [1, 2, BIRTH, 3, 4, 5, 6, 7, 8]
    yield "nine-items", right
    yield "twelve-items", [*right, "ZW", 2025, 0]
    yield "a-map", {1: right}
    yield "code-above-50-bits", [2**50, *right[1:], "x/1"]
    yield "negative-quantity", [*right[:6], -1, 7, 8, "x/1"]
    yield "birth-of-15-bytes", [1, 2, BIRTH[:15], *right[3:], "x/1"]
    yield "number-as-text", ["1", *right[1:], "x/1"]
    yield "true-as-number", [True, *right[1:], "x/1"]
    yield "empty-mark", [*right, ""]
    yield "origin-lower-case", [*right, "zw", 2025]
    yield "year-negative", [*right, "ZW", -1]


def document_row() -> Row:
    name = "ZW/CITES-EXPORT/2026 0123"
    rows = ((612, 21, 3, 500, 1), (613, 21, 3, 20, 1))
    payload = label.DocumentPayload(name, BIRTH, 20_800, rows)
    signed = sign_label(label.encode_document(payload), context=label.DOCUMENT_CONTEXT)
    return {
        "url": label.format_label_url(host=HOST, name=name, signed=signed, kind="d"),
        "document": name,
        "cose": cose.encode_sign1(signed, tagged=False).hex(),
        "payload": signed.payload.hex(),
        "until_day": 20_800,
        "rows": [list(row) for row in rows],
        "aad": label.label_aad(LEDGER, context=label.DOCUMENT_CONTEXT).hex(),
    }


def note_rows() -> Row:
    key = note.parse_vkey(EXAMPLE_VKEY)
    line = EXAMPLE_NOTE.split("\n")[2]
    wrong = {
        "no-final-newline": EXAMPLE_NOTE[:-1],
        "no-empty-line": EXAMPLE_NOTE.replace("\n\n", "\n"),
        "no-lines": "This is an example message.\n\n",
        "carriage-return": EXAMPLE_NOTE.replace("\n\n", "\r\n\n"),
        "null": "\0" + EXAMPLE_NOTE,
        "hyphen-for-dash": EXAMPLE_NOTE.replace("\u2014", "-"),
        "two-spaces": EXAMPLE_NOTE.replace("foo Uw", "foo  Uw"),
        "no-name": f"x\n\n\u2014  {line.split(' ')[2]}\n",
        "plus-in-name": EXAMPLE_NOTE.replace("\u2014 example.com/foo", "\u2014 example.com+foo"),
        "base64-not-padded": EXAMPLE_NOTE.replace("aQM=", "aQM"),
        "base64-spare-bits": EXAMPLE_NOTE.replace("aQM=", "aQN="),
        "no-signature": "x\n\n\u2014 example.com/foo Uw2QOg==\n",
        "text-after-lines": EXAMPLE_NOTE + "more\n",
        "sixty-five-lines": "x\n\n" + (line + "\n") * 65,
    }
    return {
        "note": EXAMPLE_NOTE,
        "text": "This is an example message.\n",
        "vkey": EXAMPLE_VKEY,
        "key_id": key.key_id.hex(),
        "public": key.public.hex(),
        "refused": [{"name": name, "note": value} for name, value in wrong.items()],
        "refused_vkeys": [
            {"name": "other-id", "vkey": EXAMPLE_VKEY.replace("530d903a", "530d903b")},
            {"name": "upper-case-id", "vkey": EXAMPLE_VKEY.replace("530d903a", "530D903A")},
            {"name": "other-name", "vkey": EXAMPLE_VKEY.replace("foo", "bar")},
            {"name": "no-key", "vkey": "example.com/foo+530d903a+"},
            {"name": "two-parts", "vkey": "example.com/foo+530d903a"},
            {"name": "cut", "vkey": EXAMPLE_VKEY[:-4]},
        ],
    }


def frame_rows() -> Row:
    body = cbor.encode({"v": 1})
    digest = sha256(body).digest()
    right = frame.frame("ringmark.card", 1, body)
    wrong: dict[str, tuple[object, str]] = {
        "other-name": (["ringmark.kit", 1, digest, body], "frame.name"),
        "other-hash": (["ringmark.card", 1, bytes(32), body], "frame.hash"),
        "short-hash": (["ringmark.card", 1, digest[:31], body], "frame.hash"),
        "version-as-text": (["ringmark.card", "1", digest, body], "frame.shape"),
        "version-0": (["ringmark.card", 0, digest, body], "frame.shape"),
        "body-not-wrapped": (["ringmark.card", 1, digest, {"v": 1}], "frame.shape"),
        "five-members": (["ringmark.card", 1, digest, body, 0], "frame.shape"),
        "a-map": ({"name": "ringmark.card"}, "frame.shape"),
    }
    refused = [
        {"name": name, "hex": cbor.encode(value).hex(), "code": code}
        for name, (value, code) in wrong.items()
    ]
    refused.append({"name": "trailing-byte", "hex": right.hex() + "00", "code": "cbor.trailing"})
    refused.append({"name": "cut", "hex": right.hex()[:-2], "code": "cbor.truncated"})
    return {"name": "ringmark.card", "hex": right.hex(), "body": body.hex(), "refused": refused}


def generate() -> str:
    document = {
        "comment": "Written by generate_labels.py. Formats: docs/formats/.",
        "codes": code_rows(),
        "labels": label_rows(),
        "notes": note_rows(),
        "frames": frame_rows(),
    }
    return json.dumps(document, indent=1) + "\n"


if __name__ == "__main__":
    TARGET.write_text(generate(), encoding="utf-8")
