"""The proof of one entry as a file: C2SP tlog-proof.

Owns the text of a `.tlog-proof` and its check against a log's keys; docs/formats/tlog-proof.md.
Knows nothing of what the entry says. Witnesses are judged on the same note by `witness.py`.

    c2sp.org/tlog-proof@v1
    index 5
    SFM123z+yWXxX/dF/GJcQdXqJkaTaTAWWCj3PdS2iFQ=
    vhV4G2KKKEFMHIoRuG24Qi+hBBIV/g18RJbSPNoeQUI=
    l5nzB1F+9RfCIF35tndivzR1ayAJn7ffzOdrzr0nOy4=

    ledger.example/demo
    7
    …
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ledger.errors import MalformedError
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.tree import SIZE_MAX, check_hashes, check_inclusion, leaf_hash
from ledger.wire import text
from ledger.wire.note import VerifierKey

FIRST_LINE = "c2sp.org/tlog-proof@v1"
HASHES_MAX = 63
PROOF_SIZE_MAX = 600_000


class TlogProof(Struct, frozen=True):
    """The 0-based index of an entry, its inclusion path, and the log's note as it arrived.

    `hashes` are 32 bytes each, the leaf's sibling first. `extra` is opaque and not authenticated.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint_note: bytes
    extra: bytes | None = None


def format_tlog_proof(proof: TlogProof) -> bytes:
    """Return the bytes of a `.tlog-proof` file."""
    lines = [FIRST_LINE]
    if proof.extra is not None:
        lines.append(f"extra {text.encode_base64(proof.extra)}")
    lines.append(f"index {proof.index}")
    lines.extend(text.encode_base64(item) for item in proof.hashes)
    return ("\n".join(lines) + "\n\n").encode() + proof.checkpoint_note


def parse_tlog_proof(data: bytes) -> TlogProof:
    """Return the proof in `data`; MalformedError unless it is in its one form. Nothing is verified.

    The note is kept as bytes; `open_checkpoint` parses it.
    """
    if len(data) > PROOF_SIZE_MAX:
        raise MalformedError("tlog-proof.size", f"The proof has {len(data):,} bytes.")
    head, cut, note = data.partition(b"\n\n")
    if not cut:
        raise _malformed("note", "The proof has no checkpoint after an empty line.")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise _malformed("ascii", "The lines before the checkpoint are not ASCII.") from error
    if lines.pop(0) != FIRST_LINE:
        raise _malformed("first-line", f"The first line is not {FIRST_LINE}.")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = text.decode_base64(lines.pop(0).removeprefix("extra "))
    if not lines or not lines[0].startswith("index "):
        raise _malformed("index", "The line with the index is missing.")
    index = text.parse_decimal(lines.pop(0).removeprefix("index "))
    if index >= SIZE_MAX or len(lines) > HASHES_MAX:
        raise _malformed("range", f"The index or the {len(lines)} hashes are out of range.")
    hashes = tuple(text.decode_base64(line) for line in lines)
    check_hashes(hashes)
    return TlogProof(index, hashes, note, extra)


def check_tlog_proof(
    proof: TlogProof, *, entry: bytes, origin: str, vkeys: Sequence[VerifierKey]
) -> Checkpoint:
    """Return the checkpoint under which `entry` stands at `proof.index`, or raise ProofError.

    `entry` is the leaf as it arrived; `origin` and `vkeys` come from the verifier's side. The root
    binds the index: a path fits one index only. The caller still judges witnesses and age.
    """
    # (1) The leaf hash is computed from the entry itself; (2) origin and log signature; (4) path.
    leaf = leaf_hash(entry)
    checkpoint = open_checkpoint(proof.checkpoint_note, origin=origin, vkeys=vkeys)
    check_inclusion(
        leaf=leaf,
        index=proof.index,
        size=checkpoint.size,
        path=proof.hashes,
        expected=checkpoint.root,
    )
    return checkpoint


def _malformed(what: str, message: str) -> MalformedError:
    return MalformedError(f"tlog-proof.{what}", message, hint="Ask for the proof again.")
