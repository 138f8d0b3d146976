"""Checkpoints: the signed statement of a log's size and root (C2SP tlog-checkpoint).

Owns the three lines of a checkpoint and the log's own signature on them
(docs/formats/checkpoint.md). Knows nothing of witnesses (`witness.py`), nor where checkpoints are
kept.

    ledger.example/demo
    7
    51ZhLFzL8hg1qhBukGRUASzWeq3ZrSdP9ojEuF1AQcA=

    — ledger.example/demo h31fe/V11bwOKQ14oN8mBq+so4MAEYiUQ5DNkjcM3OPsTPHLMjXhVofC8LV+…
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ledger import keys
from ledger.errors import MalformedError, ProofError, UndecidedError, UsageError
from ledger.log.tree import HASH_SIZE, SIZE_MAX
from ledger.wire import text
from ledger.wire.note import (
    Note,
    NoteSignature,
    VerifierKey,
    format_note,
    make_vkey,
    parse_note,
)

LOG_SIGNATURE = 1
"""The note signature type of a log: Ed25519 over the note text."""


class Checkpoint(Struct, frozen=True):
    """What a log commits to: its origin, its size in leaves and the root over them, 32 bytes."""

    origin: str
    size: int
    root: bytes


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """Return the note text: origin, size and root in base64, each with its newline."""
    root = text.encode_base64(checkpoint.root)
    return f"{checkpoint.origin}\n{checkpoint.size}\n{root}\n"


def parse_checkpoint(note_text: str) -> Checkpoint:
    """Return the checkpoint in a note text; MalformedError unless it is exactly its three lines.

    Extension lines are refused: no monitor could audit them (C2SP tlog-checkpoint).
    """
    lines = note_text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0]:
        raise MalformedError(
            "checkpoint.lines",
            "A checkpoint has three lines: origin, size and root.",
            hint="Ask the log for its checkpoint again; extension lines are not taken.",
        )
    origin, size_text, root_text, _ = lines
    size, root = text.parse_decimal(size_text), text.decode_base64(root_text)
    if size > SIZE_MAX:
        raise MalformedError("checkpoint.size", f"The size {size} is above {SIZE_MAX}.")
    if len(root) != HASH_SIZE:
        raise MalformedError(
            "checkpoint.root", f"The root has {len(root)} bytes instead of {HASH_SIZE}."
        )
    return Checkpoint(origin, size, root)


def sign_checkpoint(checkpoint: Checkpoint, *, signer: keys.Signer, name: str) -> bytes:
    """Return the signed note of a checkpoint; `name` is the key's name, equal to the origin.

    The caller must never sign a checkpoint that contradicts an earlier one. UsageError for a key
    that is not Ed25519.
    """
    if signer.key.alg != keys.ED25519:
        raise UsageError("checkpoint.algorithm", "A checkpoint is signed with an Ed25519 key.")
    note_text = format_checkpoint(checkpoint)
    vkey = make_vkey(name, LOG_SIGNATURE, signer.key.public)
    line = NoteSignature(vkey.name, vkey.key_id, signer.sign(note_text.encode()))
    return format_note(Note(note_text, (line,)))


def open_checkpoint(note: bytes, *, origin: str, vkeys: Sequence[VerifierKey]) -> Checkpoint:
    """Return the checkpoint in a signed note whose log is trusted for `origin`.

    `origin` and `vkeys` come from the verifier's side. ProofError unless the origin is that one, at
    least one line is by one of `vkeys`, and every line by one of them verifies. Lines of other keys
    are left to `witness.py`; the caller still judges quorum and age.
    """
    parsed = parse_note(note)
    checkpoint = parse_checkpoint(parsed.text)
    if checkpoint.origin != origin:
        raise ProofError(
            "checkpoint.origin",
            f"The checkpoint is of {checkpoint.origin!r}, not of {origin!r}.",
            hint="Look at the trust file: each ledger has one origin.",
        )
    signed = known_lines(parsed, vkeys)
    if not signed:
        raise ProofError(
            "checkpoint.unsigned",
            f"No known key of {origin!r} signed the checkpoint.",
            hint="Look at the trust file: the log may have a new key.",
        )
    for key, line in signed:
        if key.signature_type != LOG_SIGNATURE:
            raise UndecidedError(
                "checkpoint.signature-type",
                f"Log signatures of type {key.signature_type} cannot be checked here.",
                hint="Use a newer release of Ringmark.",
            )
        keys.check_signature(
            alg=keys.ED25519,
            public_key=key.public,
            message=parsed.text.encode(),
            signature=line.signature,
        )
    return checkpoint


def known_lines(
    note: Note, vkeys: Sequence[VerifierKey]
) -> list[tuple[VerifierKey, NoteSignature]]:
    """Return the lines by keys of `vkeys`, each with its key; lines of other keys are passed over.

    Name and key id only choose the line: nothing is verified yet. ProofError for two lines of one
    key (C2SP signed-note leaves it open; two would let a note say two things).
    """
    by_name = {(key.name, key.key_id): key for key in vkeys}
    found: dict[tuple[str, bytes], tuple[VerifierKey, NoteSignature]] = {}
    for line in note.signatures:
        named = (line.name, line.key_id)
        if named not in by_name:
            continue
        if named in found:
            raise ProofError(
                "note.signed-twice",
                f"The key {line.name!r} has two lines under one note.",
                hint="Ask for the checkpoint again and keep this one as evidence.",
            )
        found[named] = (by_name[named], line)
    return list(found.values())
