"""Witnesses with keys of their own, and trust files that demand a quorum of them."""

from __future__ import annotations

from trail import Trail

from ledger import keys
from ledger.trust import Trust, trusted_ledger
from ledger.wire.note import Note, NoteSignature, format_note, format_vkey, make_vkey, parse_note

COSIGNATURE = 4
FOUR = ("group four 3 W0 W1 W2 W3", "quorum four")
AT_S = 1_800_000_000


class Witness:
    def __init__(self, number: int) -> None:
        self.signer = keys.PrivateKey.from_seed(keys.ED25519, bytes([number]) * 32)
        self.vkey = make_vkey(f"w{number}.example", COSIGNATURE, self.signer.key.public)

    def line(self, note: Note, time_s: int) -> NoteSignature:
        message = f"cosignature/v1\ntime {time_s}\n{note.text}".encode()
        blob = time_s.to_bytes(8, "big") + self.signer.sign(message)
        return NoteSignature(self.vkey.name, self.vkey.key_id, blob)


WITNESSES = [Witness(number) for number in range(1, 5)]


def demanding(trail: Trail, rule: tuple[str, ...] = FOUR) -> Trust:
    """What somebody trusts who also asks the witnesses W0 to W3, by the lines of `rule`."""
    (plain,) = trail.trust.ledgers
    lines = [f"log {format_vkey(key)}" for key in plain.log]
    lines += [f"witness W{i} {format_vkey(w.vkey)}" for i, w in enumerate(WITNESSES)]
    trusted = trusted_ledger(
        ledger=plain.ledger,
        origin=plain.origin,
        hosts=plain.hosts,
        log=plain.log,
        policy_text="\n".join([*lines, *rule]) + "\n",
    )
    return Trust((trusted,))


def cosigned(note: bytes, *witnesses: Witness, time_s: int = AT_S) -> bytes:
    parsed = parse_note(note)
    lines = tuple(witness.line(parsed, time_s) for witness in witnesses)
    return format_note(Note(parsed.text, (*parsed.signatures, *lines)))


def false_line(note: bytes, other: bytes, *witnesses: Witness) -> bytes:
    """The note with what the witnesses signed of another one."""
    parsed, foreign = parse_note(note), parse_note(other)
    lines = tuple(witness.line(foreign, AT_S) for witness in witnesses)
    return format_note(Note(parsed.text, (*parsed.signatures, *lines)))
