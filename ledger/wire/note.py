"""Signed notes and verifier keys (C2SP signed-note): text and its signature lines.

Owns the form alone; who may sign and what the text says is not known here.

    This is an example message.

    — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYj…
"""

from __future__ import annotations

import hashlib
import re

from msgspec import Struct

from ledger.errors import MalformedError
from ledger.wire import text

DASH = "\u2014"
ED25519 = 1
COSIGNATURE = 4
SIGNATURES_MAX = 64
SIZE_MAX = 512 * 1024
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class NoteSignature(Struct, frozen=True):
    """One signature line: the key's name, its 4-byte id (a hint) and the signature bytes."""

    name: str
    key_id: bytes
    signature: bytes


class Note(Struct, frozen=True):
    """A text that ends in a newline, and its signature lines."""

    text: str
    signatures: tuple[NoteSignature, ...]


class VerifierKey(Struct, frozen=True):
    """A public key with its name, 4-byte id and type (1: Ed25519 note, 4: cosignature)."""

    name: str
    key_id: bytes
    signature_type: int
    public: bytes


def parse_note(data: bytes) -> Note:
    """Return the note in `data`; raise MalformedError where it is none."""
    if len(data) > SIZE_MAX:
        raise MalformedError("note.size", "The note is too long.")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError("note.utf8", "The note is not UTF-8.") from error
    if _CONTROL.search(whole):
        raise MalformedError("note.control", "The note has a control character.")
    cut = whole.rfind("\n\n")
    if cut < 0 or not whole.endswith("\n"):
        raise MalformedError("note.shape", "The note has no signature lines.")
    lines = whole[cut + 2 : -1].split("\n")
    if not 1 <= len(lines) <= SIGNATURES_MAX:
        raise MalformedError("note.signatures", "The note has no or too many signature lines.")
    return Note(whole[: cut + 1], tuple(_parse_line(line) for line in lines))


def format_note(note: Note) -> bytes:
    """Return the bytes of a note; raise MalformedError where they would not parse as the same."""
    lines = "".join(
        f"{DASH} {line.name} {text.encode_base64(line.key_id + line.signature)}\n"
        for line in note.signatures
    )
    data = f"{note.text}\n{lines}".encode()
    if parse_note(data) != note:
        raise MalformedError("note.shape", "The text or a signature line is not of a note's form.")
    return data


def make_vkey(name: str, signature_type: int, public: bytes) -> VerifierKey:
    """Return the verifier key of a public key: its id is recomputed from name, type and key."""
    _check_name(name)
    typed = bytes([signature_type]) + public
    key_id = hashlib.sha256(name.encode() + b"\n" + typed).digest()[:4]
    return VerifierKey(name, key_id, signature_type, public)


def parse_vkey(value: str) -> VerifierKey:
    """Return the verifier key of `name+id+key`; raise MalformedError unless the id matches."""
    parts = value.split("+", 2)
    if len(parts) != 3:
        raise MalformedError("vkey.shape", "The verifier key has not three parts.")
    name, key_id, encoded = parts
    typed = text.decode_base64(encoded)
    if len(typed) < 2:
        raise MalformedError("vkey.shape", "The verifier key is empty.")
    key = make_vkey(name, typed[0], typed[1:])
    if text.decode_hex(key_id, size=4) != key.key_id:
        raise MalformedError("vkey.id", f"The verifier key of {name} has another key's id.")
    if key.signature_type in (ED25519, COSIGNATURE) and len(key.public) != 32:
        raise MalformedError("vkey.shape", f"The verifier key of {name} has not 32 bytes.")
    return key


def format_vkey(key: VerifierKey) -> str:
    """Return `name+id+key` of a verifier key."""
    typed = bytes([key.signature_type]) + key.public
    return f"{key.name}+{key.key_id.hex()}+{text.encode_base64(typed)}"


def _parse_line(line: str) -> NoteSignature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != DASH:
        raise MalformedError("note.line", "A signature line is not of its form.")
    _check_name(parts[1])
    blob = text.decode_base64(parts[2])
    if len(blob) < 5:
        raise MalformedError("note.line", "A signature line is too short.")
    return NoteSignature(parts[1], blob[:4], blob[4:])


def _check_name(name: str) -> None:
    if not name or "+" in name or any(character.isspace() for character in name):
        raise MalformedError("note.name", f"{name!r} is no key name.")
