"""Two programs that are not ours, on what ours serves and writes: they agree, until it changes.

tlog-scales reads the log over HTTP as the server gives it; scitt-cose reads the receipt that
`ringmark export receipt` wrote.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from scitt_cose.receipt import verify_receipt
from tlog_scales import reader as scales
from tlog_scales.backend import HttpBackend
from tlog_scales.signing import Vkey, VkeySet
from werkzeug.serving import make_server

from ledger.custody.parties import LedgerFounded
from ledger.log.tree import leaf_hash
from ledger.statement import parse_statement
from ledger.trust import parse_trust
from ledger.wire.note import format_vkey
from web.app import create_app
from web.limits import Rate
from web.serving import open_stand

Change = Callable[[str, bytes], bytes]


@contextmanager
def served(town: Any, change: Change) -> Iterator[str]:
    """Serve the town's ledger, each answer passed through `change` (path, body)."""
    stand = open_stand(town.ledger, clock=town.clock, read_only=True)
    app = create_app(stand, rate=Rate(per_s=100_000, burst=1_000_000))

    def between(environ: dict[str, Any], start: Any) -> Any:
        body = b"".join(app(environ, start))
        return [change(environ["PATH_INFO"], body)]

    server = make_server("127.0.0.1", 0, between, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def as_it_is(_path: str, body: bytes) -> bytes:
    return body


def flipped(wanted: str, at: int) -> Change:
    """Return a change of one bit of the answers under `wanted`."""

    def change(path: str, body: bytes) -> bytes:
        if not path.startswith(wanted) or len(body) <= abs(at):
            return body
        changed = bytearray(body)
        changed[at] ^= 1
        return bytes(changed)

    return change


def agrees(url: str, town: Any) -> bool:
    """Whether tlog-scales finds signature, root, every entry and every older size in order."""
    vkeys = parse_trust(town.trust.read_bytes()).ledgers[0].log
    log = scales.TilesReader(HttpBackend(f"{url}/log"))
    try:
        checkpoint = log.get_checkpoint()
        signers = VkeySet(*(Vkey.from_string(format_vkey(key)) for key in vkeys))
        if len(signers.verify(checkpoint.signatures, checkpoint)) != 1:
            return False
        size, root = checkpoint.size, checkpoint.root_hash
        if log.calculate_root_hash() != root:
            return False
        for index in range(size):
            leaf = leaf_hash(log.get_entry(index))
            log.get_inclusion_proof(index, size).check(leaf, root)
    except Exception:  # its errors have no common base
        return False
    return size > 0


@pytest.fixture
def registered(town: Any) -> str:
    """The statement id of a registration, in a ledger of some blocks."""
    words = ("facility", "register", "shed", "--kind", "ranch", "--country", "ZW")
    statement = town.ok("farm", *words)["statement"]
    for number in range(3):
        words = ("facility", "register", f"pen-{number}", "--kind", "ranch", "--country", "ZW")
        town.ok("farm", *words)
    return str(statement)


def test_tlog_scales_reads_the_served_log(town: Any, registered: str) -> None:
    with served(town, as_it_is) as url:
        assert agrees(url, town)


@pytest.mark.parametrize(
    "change",
    [
        flipped("/log/checkpoint", 40),
        flipped("/log/checkpoint", -20),
        flipped("/log/tile/0/", 5),
        flipped("/log/tile/entries/", 100),
        flipped("/log/tile/entries/", -1),
    ],
)
def test_tlog_scales_disagrees_with_a_changed_answer(
    town: Any, registered: str, change: Change
) -> None:
    with served(town, change) as url:
        assert not agrees(url, town)


def receipt_key(town: Any) -> str:
    """The receipt key as the founding statement names it, in PEM."""
    with served(town, as_it_is) as url:
        log = scales.TilesReader(HttpBackend(f"{url}/log"))
        log.get_checkpoint()
        founded = parse_statement(log.get_entry(0)).event
    assert isinstance(founded, LedgerFounded)
    public = Ed25519PublicKey.from_public_bytes(founded.keys.receipt.x)
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


def test_scitt_cose_verifies_the_receipt_that_the_command_wrote(
    town: Any, registered: str, tmp_path: Path
) -> None:
    file = tmp_path / "x.receipt"
    town.ok("farm", "export", "receipt", registered, "--out", str(file))
    shown = town.ok("farm", "statement", "decode", registered)
    leaf = base64.b64decode(shown["cose"])
    receipt, pem = file.read_bytes(), receipt_key(town)

    def holds(receipt: bytes, leaf: bytes) -> bool:
        return bool(verify_receipt(receipt, leaf_entry_hex=leaf.hex(), log_public_key_pem=pem).ok)

    assert holds(receipt, leaf)
    assert not holds(receipt, leaf[:-1] + bytes([leaf[-1] ^ 1]))
    for at in (10, len(receipt) // 2, len(receipt) - 1):
        changed = bytearray(receipt)
        changed[at] ^= 1
        assert not holds(bytes(changed), leaf), at
