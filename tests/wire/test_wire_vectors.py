"""Our own vector files: what the formats take and each named way to break them."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ledger import keys
from ledger.errors import MalformedError, ProofError, RingmarkError
from ledger.wire import cbor, cose, frame, label, note, text
from ledger.wire.cbor_profile import decode_reference


@pytest.mark.parametrize(
    ("generator", "target"), [("generate_wire", "wire.json"), ("generate_labels", "labels.json")]
)
def test_vector_files_are_what_their_generators_write(
    project_root: Path, generated: Callable[[str], str], generator: str, target: str
) -> None:
    written = (project_root / "tests" / "vectors" / target).read_text(encoding="utf-8")
    assert generated(generator) == written


def unplain(value: Any) -> Any:
    if isinstance(value, dict):
        if "bytes" in value:
            return bytes.fromhex(value["bytes"])
        return {key: unplain(item) for key, item in value["map"]}
    return [unplain(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("decode", [cbor.decode, decode_reference])
def test_cbor(wire_vectors: Any, decode: Callable[[bytes], Any]) -> None:
    for row in wire_vectors["cbor"]["taken"]:
        data = bytes.fromhex(row["hex"])
        value = decode(data)
        assert cbor.encode(value) == data, row["name"]
        if "plain" in row:
            assert repr(value) == repr(unplain(row["plain"])), row["name"]
    for row in wire_vectors["cbor"]["refused"]:
        with pytest.raises(MalformedError) as caught:
            decode(bytes.fromhex(row["hex"]))
        assert caught.value.code == row["code"], row["name"]
    for listed in wire_vectors["cbor"]["not_well_formed"]:
        with pytest.raises(MalformedError):
            raise AssertionError(listed, decode(bytes.fromhex(listed)))


def test_statements(wire_vectors: Any) -> None:
    known = {row["kid"]: row for row in wire_vectors["keys"]["taken"]}
    for row in wire_vectors["statements"]["taken"]:
        raw = bytes.fromhex(row["raw"])
        sign1 = cose.decode_sign1(raw)
        assert cose.encode_sign1(sign1) == raw
        assert sign1.protected.hex() == row["protected"]
        assert sign1.payload.hex() == row["payload"]
        message = cose.sig_structure(protected=sign1.protected, payload=sign1.payload)
        assert message.hex() == row["sig_structure"]
        assert sha256(message).hexdigest() == row["id"]
        key = known[row["kid"]]
        keys.check_signature(
            alg=key["alg"],
            public_key=bytes.fromhex(key["public"]),
            message=message,
            signature=sign1.signature,
        )
    for row in wire_vectors["statements"]["refused"]:
        with pytest.raises(MalformedError) as caught:
            cose.decode_sign1(bytes.fromhex(row["raw"]))
        assert caught.value.code == row["code"], row["name"]


def test_a_statement_has_an_upper_size() -> None:
    sign1 = cose.Sign1(b"", bytes(61_440), bytes(64))
    with pytest.raises(MalformedError) as caught:
        cose.decode_sign1(cose.encode_sign1(sign1))
    assert caught.value.code == "cose.size"


def test_keys(wire_vectors: Any) -> None:
    for row in wire_vectors["keys"]["taken"]:
        public = bytes.fromhex(row["public"])
        private = keys.PrivateKey.from_seed(row["alg"], bytes.fromhex(row["seed"]))
        assert private.key == cose.CoseKey(row["alg"], public)
        encoded = bytes.fromhex(row["cose_key"])
        assert cose.encode_cose_key(private.key) == encoded
        assert cose.parse_cose_key(cbor.decode(encoded)) == private.key
        assert cose.thumbprint(private.key).hex() == private.kid.hex() == row["kid"]
        keys.check_public_key(alg=row["alg"], public_key=public)
    for row in wire_vectors["keys"]["refused"]:
        with pytest.raises(ProofError) as caught:
            keys.check_public_key(alg=row["alg"], public_key=bytes.fromhex(row["public"]))
        assert caught.value.code == row["code"], row["name"]


def test_signatures(wire_vectors: Any) -> None:
    for row in wire_vectors["signatures"]:
        asked = {
            "alg": row["alg"],
            "public_key": bytes.fromhex(row["public"]),
            "message": bytes.fromhex(row["message"]),
            "signature": bytes.fromhex(row["signature"]),
        }
        if row["code"] is None:
            keys.check_signature(**asked)
            continue
        with pytest.raises(ProofError) as caught:
            keys.check_signature(**asked)
        assert caught.value.code == row["code"], row["name"]


def test_key_proofs(wire_vectors: Any) -> None:
    rows = wire_vectors["proofs"]
    asked = {
        "key": cose.CoseKey(rows["alg"], bytes.fromhex(rows["public"])),
        "ledger": bytes.fromhex(rows["ledger"]),
        "party": rows["party"],
    }
    keys.check_key_proof(bytes.fromhex(rows["taken"]), **asked)
    for row in rows["refused"]:
        with pytest.raises(RingmarkError) as caught:
            keys.check_key_proof(bytes.fromhex(row["raw"]), **asked)
        assert caught.value.code == row["code"], row["name"]


def test_key_file(wire_vectors: Any) -> None:
    row = wire_vectors["key_file"]
    opened = keys.unseal(bytes.fromhex(row["hex"]), passphrase=row["passphrase"])
    assert opened.seed.hex() == row["seed"]


def test_codes(label_vectors: Any) -> None:
    rows = label_vectors["codes"]
    for row in rows["taken"]:
        assert text.format_code(row["number"]) == row["code"]
        assert text.code_symbols(row["number"]) == row["symbols"]
        assert text.code_value(row["symbols"]) == text.parse_code(row["code"]) == row["number"]
    for row in rows["typed"]:
        assert text.parse_code(row["typed"]) == rows["typed_number"], row["name"]
    for row in rows["refused"]:
        with pytest.raises(MalformedError) as caught:
            text.parse_code(row["typed"])
        assert caught.value.code == row["code"], row["name"]


def test_labels(label_vectors: Any) -> None:
    rows = label_vectors["labels"]
    ledger, public = bytes.fromhex(rows["ledger"]), bytes.fromhex(rows["public"])
    for row in rows["taken"]:
        found = label.parse_label_url(row["url"])
        assert found.host == "v.example.org"
        assert found.kind == "i"
        assert found.cose == bytes.fromhex(row["cose"])
        sign1 = cose.decode_sign1(found.cose, tagged=False)
        link = label.format_label_url(host=found.host, name=found.name, signed=sign1)
        assert link == row["url"]
        payload = label.decode_label(sign1.payload)
        assert label.encode_label(payload).hex() == row["payload"]
        said = (payload.code, payload.mark, payload.origin, payload.year)
        assert said == (row["code"], row["mark"], row["origin"], row["year"])
        assert text.code_value(found.name) == payload.code
        alg, kid = label.parse_label_headers(sign1.protected)
        assert kid == cose.thumbprint(cose.CoseKey(alg, public))[:8]
        aad = label.label_aad(ledger)
        assert aad.hex() == rows["aad"]
        message = cose.sig_structure(
            protected=sign1.protected, payload=sign1.payload, external_aad=aad
        )
        keys.check_signature(alg=alg, public_key=public, message=message, signature=sign1.signature)
    for row in rows["refused"]:
        with pytest.raises(MalformedError) as caught:
            label.parse_label_url(row["url"])
        assert caught.value.code == row["code"], row["name"]
    for row in rows["refused_payloads"]:
        with pytest.raises(MalformedError) as caught:
            label.decode_label(bytes.fromhex(row["payload"]))
        assert caught.value.code == "label.payload", row["name"]


def test_a_tagged_skin_fits_the_small_symbol(label_vectors: Any) -> None:
    sizes = {row["name"]: len(row["cose"]) // 2 for row in label_vectors["labels"]["taken"]}
    assert sizes["tagged-skin"] <= 162
    assert max(sizes.values()) <= 200


def test_printed_documents(label_vectors: Any) -> None:
    row = label_vectors["labels"]["document"]
    found = label.parse_label_url(row["url"])
    assert (found.kind, found.name) == ("d", row["document"])
    assert found.cose == bytes.fromhex(row["cose"])
    sign1 = cose.decode_sign1(found.cose, tagged=False)
    payload = label.decode_document(sign1.payload)
    assert label.encode_document(payload).hex() == row["payload"]
    assert payload.name == row["document"]
    assert [list(numbers) for numbers in payload.rows] == row["rows"]
    with pytest.raises(MalformedError):
        label.decode_label(sign1.payload)


def test_notes(label_vectors: Any) -> None:
    rows = label_vectors["notes"]
    data = rows["note"].encode()
    found = note.parse_note(data)
    assert found.text == rows["text"]
    assert note.format_note(found) == data
    key = note.parse_vkey(rows["vkey"])
    assert note.format_vkey(key) == rows["vkey"]
    assert (key.key_id.hex(), key.public.hex()) == (rows["key_id"], rows["public"])
    (line,) = found.signatures
    assert (line.name, line.key_id) == (key.name, key.key_id)
    keys.check_signature(
        alg=keys.ED25519,
        public_key=key.public,
        message=found.text.encode(),
        signature=line.signature,
    )
    for row in rows["refused"]:
        with pytest.raises(MalformedError):
            raise AssertionError(row["name"], note.parse_note(row["note"].encode()))
    for row in rows["refused_vkeys"]:
        with pytest.raises(MalformedError):
            raise AssertionError(row["name"], note.parse_vkey(row["vkey"]))


def test_frames(label_vectors: Any) -> None:
    rows = label_vectors["frames"]
    data = bytes.fromhex(rows["hex"])
    version, body = frame.unframe(data, name=rows["name"], size_max=1_000)
    assert (version, body.hex()) == (1, rows["body"])
    assert frame.frame(rows["name"], version, body) == data
    for row in rows["refused"]:
        with pytest.raises(MalformedError) as caught:
            frame.unframe(bytes.fromhex(row["hex"]), name=rows["name"], size_max=1_000)
        assert caught.value.code == row["code"], row["name"]
    with pytest.raises(MalformedError):
        frame.unframe(data, name=rows["name"], size_max=len(data) - 1)


def test_vector_files_are_ascii(project_root: Path) -> None:
    # Invisible characters are escaped, so that a reader of the file sees them.
    for name in ("wire.json", "labels.json"):
        written = (project_root / "tests" / "vectors" / name).read_text(encoding="utf-8")
        assert written.isascii()
        json.loads(written)
