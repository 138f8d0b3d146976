"""A ledger in a directory, served by its own process, as an operator would run it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ledger import keys
from ledger.ambient import SystemClock, SystemEntropy
from ledger.custody.events import Event
from ledger.custody.goods import NewLot, Row
from ledger.custody.lots import Basis, LotRegistered
from ledger.custody.parties import PartyEnrolled
from ledger.desk.heads import has_day
from ledger.registrar.founding import Charter
from ledger.statement import public_key, sign_statement
from ledger.wire.text import format_day
from ledger.wiring import found_ledger

START_S_MAX = 30


@dataclass
class Pen:
    """One party with its key, writing to one ledger."""

    ledger: bytes
    party: str
    signer: keys.PrivateKey
    seq: int = 0

    def sign(self, event: Event) -> bytes:
        self.seq += 1
        now = SystemClock().now_s()
        day = {"when": now, "day": format_day(now // 86_400)} if has_day(event) else {}
        return sign_statement(
            event=event,
            signer=self.signer,
            party=self.party,
            ledger=self.ledger,
            iat=now,
            seq=self.seq,
            salt=SystemEntropy().token(16),
            **day,  # type: ignore[arg-type]
        )


@dataclass
class Directory:
    """A founded directory and the pen of its root."""

    path: Path
    root: Pen

    def enrolment(self, party: str, role: str) -> tuple[Pen, bytes]:
        signer = keys.PrivateKey.generate(keys.ED25519, SystemEntropy().token)
        proof = keys.make_key_proof(signer, ledger=self.root.ledger, party=party)
        event = PartyEnrolled(party, "ZW", (role,), public_key(signer.key), proof)
        return Pen(self.root.ledger, party, signer), self.root.sign(event)


def stock(quantity: int = 3) -> LotRegistered:
    row = Row("Crocodylus niloticus", "SKI", quantity, "NAR", "C", "ZW")
    return LotRegistered(Basis.OPENING_STOCK, (NewLot((row,), year=2026),))


def found(path: Path) -> Directory:
    signer = keys.PrivateKey.generate(keys.ED25519, SystemEntropy().token)
    made = found_ledger(
        path,
        Charter(origin="ledger.example/served", hosts=("localhost",)),
        clock=SystemClock(),
        entropy=SystemEntropy(),
        root=(signer,),
    )
    return Directory(path, Pen(made.ledger, "root", signer, seq=1))


@contextmanager
def serve(path: Path, *flags: str) -> Iterator[str]:
    """Serve a directory in a process of its own; yield the address once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "web.serving", str(path), "--port", str(port), *flags]
    process = subprocess.Popen(words, env=dict(os.environ), stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        wait(address)
        yield address
    finally:
        process.terminate()
        process.wait(START_S_MAX)


def wait(address: str) -> None:
    until = time.monotonic() + START_S_MAX
    while True:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5):
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def call(url: str, body: bytes | None = None, media: str = "application/cose") -> tuple[int, bytes]:
    headers = {"Content-Type": media} if body is not None else {}
    request = urllib.request.Request(url, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
