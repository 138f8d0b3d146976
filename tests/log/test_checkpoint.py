"""Checkpoints: their one form, and whose signature counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import MalformedError, ProofError, UndecidedError, UsageError
from ledger.keys import ED25519, ESP256, PrivateKey
from ledger.log.checkpoint import (
    Checkpoint,
    format_checkpoint,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from ledger.wire.note import Note, VerifierKey, format_note, make_vkey, parse_note

ORIGIN = "ledger.example/demo"
SIGNER = PrivateKey.from_seed(ED25519, b"\x01" * 32)
OTHER = PrivateKey.from_seed(ED25519, b"\x02" * 32)
CHECKPOINT = Checkpoint(ORIGIN, 7, bytes(range(32)))
VKEY = make_vkey(ORIGIN, 1, SIGNER.key.public)
NOTE = sign_checkpoint(CHECKPOINT, signer=SIGNER, name=ORIGIN)


def opened(note: bytes, *, origin: str = ORIGIN, vkey: VerifierKey = VKEY) -> Checkpoint:
    return open_checkpoint(note, origin=origin, vkeys=[vkey])


def test_a_signed_checkpoint_opens() -> None:
    assert opened(NOTE) == CHECKPOINT
    assert parse_note(NOTE).text == format_checkpoint(CHECKPOINT)


@given(
    st.builds(
        Checkpoint,
        st.from_regex(r"[a-z.]{1,20}/[a-z]{1,8}", fullmatch=True),
        st.integers(0, 2**53 - 1),
        st.binary(min_size=32, max_size=32),
    )
)
def test_checkpoints_go_both_ways(checkpoint: Checkpoint) -> None:
    assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint


ROOT = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.mark.parametrize(
    "note_text",
    [
        "",
        f"{ORIGIN}\n7\n{ROOT}",
        f"{ORIGIN}\n7\n",
        f"\n7\n{ROOT}\n",
        f"{ORIGIN}\n07\n{ROOT}\n",
        f"{ORIGIN}\n+7\n{ROOT}\n",
        f"{ORIGIN}\n 7\n{ROOT}\n",
        f"{ORIGIN}\n7.0\n{ROOT}\n",
        f"{ORIGIN}\n7_0\n{ROOT}\n",
        f"{ORIGIN}\n-7\n{ROOT}\n",
        f"{ORIGIN}\n٧\n{ROOT}\n",
        f"{ORIGIN}\n{2**53}\n{ROOT}\n",
        f"{ORIGIN}\n7\n{ROOT[:-1]}\n",
        f"{ORIGIN}\n7\n{ROOT.replace('h8=', 'h9=')}\n",
        f"{ORIGIN}\n7\nAAEC\n",
        f"{ORIGIN}\n7\n{ROOT}\nextension\n",
        f"{ORIGIN}\n7\n{ROOT}\n\n",
        f"{ORIGIN}\r\n7\r\n{ROOT}\r\n",
    ],
)
def test_other_spellings_are_refused(note_text: str) -> None:
    with pytest.raises(MalformedError):
        parse_checkpoint(note_text)


def test_another_origin_is_refused() -> None:
    with pytest.raises(ProofError) as caught:
        opened(NOTE, origin="ledger.example/other")
    assert caught.value.code == "checkpoint.origin"


def test_a_note_without_a_known_line_is_refused() -> None:
    unknown = sign_checkpoint(CHECKPOINT, signer=OTHER, name=ORIGIN)
    for vkeys in ([], [make_vkey("ledger.example/x", 1, SIGNER.key.public)]):
        with pytest.raises(ProofError) as caught:
            open_checkpoint(NOTE, origin=ORIGIN, vkeys=vkeys)
        assert caught.value.code == "checkpoint.unsigned"
    with pytest.raises(ProofError):
        opened(unknown)


def test_lines_of_unknown_keys_are_passed_over() -> None:
    unknown = parse_note(sign_checkpoint(CHECKPOINT, signer=OTHER, name=ORIGIN)).signatures
    known = parse_note(NOTE)
    assert opened(format_note(Note(known.text, unknown + known.signatures))) == CHECKPOINT


def test_a_known_line_that_fails_spoils_the_note() -> None:
    """Two trusted keys, of which one signed: the other's line is false, so the note is."""
    known, both = parse_note(NOTE), make_vkey(ORIGIN, 1, OTHER.key.public)
    moved = sign_checkpoint(Checkpoint(ORIGIN, 8, bytes(32)), signer=OTHER, name=ORIGIN)
    note = format_note(Note(known.text, known.signatures + parse_note(moved).signatures))
    assert opened(note) == CHECKPOINT
    with pytest.raises(ProofError):
        open_checkpoint(note, origin=ORIGIN, vkeys=[VKEY, both])


def test_two_lines_of_one_key_are_refused() -> None:
    known = parse_note(NOTE)
    with pytest.raises(ProofError) as caught:
        opened(format_note(Note(known.text, known.signatures * 2)))
    assert caught.value.code == "note.signed-twice"


@given(st.integers(0, 8 * len(NOTE) - 1))
def test_every_flipped_bit_is_refused(at: int) -> None:
    mutated = bytearray(NOTE)
    mutated[at // 8] ^= 1 << at % 8
    with pytest.raises((MalformedError, ProofError)):
        opened(bytes(mutated))


def test_signature_types_that_are_not_known_cannot_be_told() -> None:
    later = make_vkey(ORIGIN, 6, SIGNER.key.public)
    line = parse_note(NOTE).signatures[0]
    relabelled = type(line)(later.name, later.key_id, line.signature)
    note = format_note(Note(parse_note(NOTE).text, (relabelled,)))
    with pytest.raises(UndecidedError):
        opened(note, vkey=later)


def test_only_ed25519_signs_checkpoints() -> None:
    with pytest.raises(UsageError):
        sign_checkpoint(CHECKPOINT, signer=PrivateKey.from_seed(ESP256, b"\x01" * 32), name=ORIGIN)
