"""A gallery of errors: the smallest wrong text, note, key or policy for each code.

Owns the codes of ledger/wire and of the log's texts. Knows nothing of proofs and stores.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ledger import keys
from ledger.errors import RingmarkError
from ledger.log import checkpoint, proof, tiles, witness
from ledger.verify import gather, verdict
from ledger.verify.several import gravest
from ledger.wire import cbor, cose, note, text

ROOT = text.encode_base64(bytes(32))
NAME = "log.example"
SEED = bytes(range(32))
P256 = keys.PrivateKey.from_seed(keys.ESP256, SEED)
LINE = f"— {NAME} {text.encode_base64(bytes(68))}\n"
"""A signature line of the right form that nobody signed."""
COSIGNER = note.make_vkey(NAME, witness.COSIGNATURE, bytes(32))


def vkey_text(*, key_id: str | None = None, public: bytes = bytes(32)) -> str:
    made = note.make_vkey(NAME, 1, public)
    encoded = text.encode_base64(b"\x01" + public)
    return f"{NAME}+{key_id or made.key_id.hex()}+{encoded}"


def open_with_type_two() -> checkpoint.Checkpoint:
    """A log key of a type that no version knows yet."""
    vkey = note.make_vkey(NAME, 2, bytes(32))
    lines = (note.NoteSignature(NAME, vkey.key_id, bytes(64)),)
    signed = note.format_note(note.Note(f"{NAME}\n1\n{ROOT}\n", lines))
    return checkpoint.open_checkpoint(signed, origin=NAME, vkeys=(vkey,))


def cosignature(blob: bytes) -> int:
    return witness.check_cosignature(note.Note("text\n", ()), vkey=COSIGNER, blob=blob)


TEXTS: dict[str, tuple[str, Callable[[], object]]] = {
    "base64 with a foreign letter": ("text.base64", lambda: text.decode_base64("*A==")),
    "base64 with a spare bit": ("text.base64", lambda: text.decode_base64("AB==")),
    "base64 not in ASCII": ("text.base64", lambda: text.decode_base64("é===")),
    "base64url with padding": ("text.base64", lambda: text.decode_base64url("AA==")),
    "base64url not in ASCII": ("text.base64", lambda: text.decode_base64url("é")),
    "decimal with a leading zero": ("text.decimal", lambda: text.parse_decimal("01")),
    "decimal with a sign": ("text.decimal", lambda: text.parse_decimal("-1")),
    "decimal of 64 bits": ("text.decimal", lambda: text.parse_decimal(str(1 << 63))),
    "party of one letter": ("text.party", lambda: text.check_party("a")),
    "party in capitals": ("text.party", lambda: text.check_party("FARM")),
    "time with an offset": ("text.time", lambda: text.parse_time("2026-11-24T01:53:00+00:00")),
    "time without its zero": ("text.time", lambda: text.parse_time("2026-11-24T1:53:00Z")),
    "code of 51 bits": ("code.range", lambda: text.code_symbols(1 << 50)),
    "code below zero": ("code.range", lambda: text.format_code(-1)),
    "JSON cut off": ("json.malformed", lambda: text.json_loads("{")),
    "JSON with a name twice": ("json.malformed", lambda: text.json_loads('{"a":1,"a":1}')),
    "JSON with NaN": ("json.malformed", lambda: text.json_loads("NaN")),
    "JSON above all numbers": ("json.malformed", lambda: text.json_loads("1e999")),
    "JSON with half a character": ("json.malformed", lambda: text.json_loads('"\\ud800"')),
    "JSON not in UTF-8": ("json.malformed", lambda: text.json_loads(b"\xff")),
}

NOTES: dict[str, tuple[str, Callable[[], object]]] = {
    "note of two megabytes": ("note.size", lambda: note.parse_note(bytes(1 << 21))),
    "note not in UTF-8": ("note.utf8", lambda: note.parse_note(b"\xff\n")),
    "note with a bell": ("note.control", lambda: note.parse_note(b"a\x07\n\n")),
    "note without lines": ("note.shape", lambda: note.parse_note(b"a\n")),
    "note without its last newline": (
        "note.shape",
        lambda: note.parse_note(f"a\n\n{LINE}".encode()[:-1]),
    ),
    "note whose text has no newline": (
        "note.shape",
        lambda: note.format_note(
            note.Note("a", (note.NoteSignature(NAME, bytes(4), bytes(64)),)),
        ),
    ),
    "line with a hyphen": (
        "note.line",
        lambda: note.parse_note(f"a\n\n{LINE}".replace("—", "-").encode()),
    ),
    "line with four bytes": ("note.line", lambda: note.parse_note("a\n\n— x AAAAAA==\n".encode())),
    "line by a name with a plus": (
        "note.name",
        lambda: note.parse_note(f"a\n\n{LINE}".replace(NAME, "a+b").encode()),
    ),
    "key without a name": ("note.name", lambda: note.make_vkey("", 1, bytes(32))),
    "key in two parts": ("vkey.shape", lambda: note.parse_vkey("a+b")),
    "key of one byte": ("vkey.shape", lambda: note.parse_vkey("a+00000000+AQ==")),
    "key of 31 bytes": ("vkey.shape", lambda: note.parse_vkey(vkey_text(public=bytes(31)))),
    "key with another id": ("vkey.id", lambda: note.parse_vkey(vkey_text(key_id="00000000"))),
}

CHECKPOINTS: dict[str, tuple[str, Callable[[], object]]] = {
    "two lines": ("checkpoint.lines", lambda: checkpoint.parse_checkpoint(f"{NAME}\n1\n")),
    "an extension line": (
        "checkpoint.lines",
        lambda: checkpoint.parse_checkpoint(f"{NAME}\n1\n{ROOT}\nmore\n"),
    ),
    "no origin": ("checkpoint.lines", lambda: checkpoint.parse_checkpoint(f"\n1\n{ROOT}\n")),
    "signed with P-256": (
        "checkpoint.algorithm",
        lambda: checkpoint.sign_checkpoint(
            checkpoint.Checkpoint(NAME, 1, bytes(32)), signer=P256, name=NAME
        ),
    ),
    "a signature of type 2": ("checkpoint.signature-type", open_with_type_two),
    "a cosignature too short": ("witness.cosignature", lambda: cosignature(bytes(71))),
    "a cosignature without a time": ("witness.time", lambda: cosignature(bytes(72))),
    "a cosignature of no year": ("witness.time", lambda: cosignature(b"\xff" * 72)),
    "a policy with a return": ("policy.control", lambda: witness.parse_policy("quorum none\r\n")),
    "a policy without a quorum": ("policy.quorum", lambda: witness.parse_policy("# empty\n")),
    "a policy of 1,001 lines": ("policy.lines", lambda: witness.parse_policy("\n" * 1_000)),
    "a policy of an unknown word": ("policy.line", lambda: witness.parse_policy("trust all\n")),
    "a quorum of nobody": ("policy.line", lambda: witness.parse_policy("quorum W1\n")),
    "two quorums": ("policy.line", lambda: witness.parse_policy("quorum none\nquorum none\n")),
}

TILES: dict[str, tuple[str, Callable[[], object]]] = {
    "a tile of no width": ("tile.range", lambda: tiles.tile_path(0, 0, 0)),
    "a tile before the first": ("tile.range", lambda: tiles.tile_path(0, -1)),
    "a path of another folder": ("tile.path", lambda: tiles.parse_tile_path("tiles/0/000")),
    "a path with a spare group": ("tile.path", lambda: tiles.parse_tile_path("tile/0/x000/001")),
    "a bundle of nothing": ("bundle.range", lambda: tiles.encode_bundle([])),
    "an entry too long": ("bundle.range", lambda: tiles.encode_bundle([bytes(65_536)])),
    "a bundle cut off": ("bundle.entries", lambda: tiles.decode_bundle(b"\0\2a", width=1)),
    "a bundle of one more": ("bundle.entries", lambda: tiles.decode_bundle(bytes(4), width=1)),
    "a proof too long": (
        "tlog-proof.size",
        lambda: proof.parse_tlog_proof(bytes(proof.PROOF_SIZE_MAX + 1)),
    ),
    "a proof without a note": ("tlog-proof.note", lambda: proof.parse_tlog_proof(b"index 0\n")),
    "a proof not in ASCII": ("tlog-proof.ascii", lambda: proof.parse_tlog_proof(b"\xff\n\n")),
    "a proof of another kind": (
        "tlog-proof.first-line",
        lambda: proof.parse_tlog_proof(b"c2sp.org/other@v1\n\n"),
    ),
    "a proof without an index": (
        "tlog-proof.index",
        lambda: proof.parse_tlog_proof(f"{proof.FIRST_LINE}\n\n".encode()),
    ),
    "a proof of too high a leaf": (
        "tlog-proof.range",
        lambda: proof.parse_tlog_proof(
            f"{proof.FIRST_LINE}\nindex {1 << 62}\n\n".encode(),
        ),
    ),
}


def record_of(**members: object) -> gather.OpenRecord:
    """What a reader makes of a record with these members."""
    whole = {"v": 1, "n": 1, "track": bytes(32), "findings": [], **members}
    return gather.read_record(bytes(32), cbor.encode(whole))


RECORDS: dict[str, tuple[str, Callable[[], object]]] = {
    "a key of no curve": ("cose.key", lambda: cose.cose_key_map(cose.CoseKey(-8, bytes(32)))),
    "a key map with nothing": ("cose.key", lambda: cose.parse_cose_key({})),
    "a key map with one true": (
        "cose.key",
        lambda: cose.parse_cose_key({1: True, -1: 6, -2: bytes(32)}),
    ),
    "a record of no kind": ("record.kind", lambda: record_of(status=1)),
    "links that are a map": ("record.on", lambda: record_of(claims=[], on={})),
    "a link of 31 bytes": ("record.on", lambda: record_of(claims=[], on=[bytes(31)])),
    "a signer of two items": ("record.on", lambda: record_of(claims=[], on=[[bytes(32), 1]])),
    "a signer before leaf 0": (
        "record.on",
        lambda: record_of(claims=[], on=[[bytes(32), bytes(32), -1]]),
    ),
    "a verdict as a truth": (
        "verdict.bool",
        lambda: bool(verdict.Verdict(verdict.Outcome.VERIFIED, verdict.Level.CONSISTENT, "x")),
    ),
    "the gravest of none": ("verdict.none", lambda: gravest(())),
}


ROWS = [
    pytest.param(code, act, id=name)
    for gallery in (TEXTS, NOTES, CHECKPOINTS, TILES, RECORDS)
    for name, (code, act) in gallery.items()
]


@pytest.mark.parametrize(("code", "act"), ROWS)
def test_the_smallest_wrong_input_has_its_code(code: str, act: Callable[[], object]) -> None:
    with pytest.raises(RingmarkError) as caught:
        act()
    assert caught.value.code == code
    assert caught.value.message
