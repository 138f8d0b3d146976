"""What a verifier trusts: ledgers, their log keys and witnesses, and how fresh an answer must be.

Owns the trust file (docs/formats/trust.md), which holds many ledgers. All else, from root keys to
party keys, follows from the ledger id through the log. Reads no file: text comes in as a value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from ledger.errors import MalformedError, UndecidedError
from ledger.log.checkpoint import LOG_SIGNATURE, Checkpoint, open_checkpoint
from ledger.log.witness import (
    NO_QUORUM,
    Policy,
    check_cosignatures,
    is_reached,
    parse_policy,
    tolerance,
)
from ledger.reference.reasons import verdict_table
from ledger.wire import text
from ledger.wire.note import VerifierKey, format_vkey, parse_vkey

LEDGERS_MAX = 1_000
SIZE_MAX = 4 << 20
HOURS_MAX = 24 * 366
_MEMBERS = {"ledgers", "fresh_h", "check_h"}
_LEDGER_MEMBERS = {"ledger", "origin", "hosts", "log", "policy"}
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")


class TrustedLedger(Struct, frozen=True):
    """One ledger: its id (32 bytes), origin, hosts of its labels, log keys and witness policy."""

    ledger: bytes
    origin: str
    hosts: tuple[str, ...]
    log: tuple[VerifierKey, ...]
    policy_text: str
    policy: Policy

    def open_checkpoint(self, note: bytes) -> Checkpoint:
        """Return the checkpoint of a note; raise ProofError unless a trusted log key signed it."""
        return open_checkpoint(note, origin=self.origin, vkeys=self.log)

    def check_witnesses(self, note: bytes, checkpoint: Checkpoint) -> Mapping[str, int]:
        """Return who cosigned and when (s), as the policy names them.

        Raise ProofError for a false cosignature, UndecidedError while the quorum is not reached:
        the checkpoint is registered, not yet witnessed.
        """
        times = check_cosignatures(note, policy=self.policy)
        if not is_reached(self.policy, times.keys()):
            raise UndecidedError(
                "checkpoint.unwitnessed",
                f"{len(times)} witnesses cosigned size {checkpoint.size}: no quorum yet.",
                hint="Try again in a few minutes.",
            )
        return times

    @property
    def policy_summary(self) -> str:
        """Return in words how many witnesses may fail before the policy does."""
        if self.policy.quorum == NO_QUORUM:
            return "no witnesses demanded"
        survives = tolerance(self.policy)
        return f"survives {survives.corrupt} corrupt and {survives.absent} absent witnesses"


class Trust(Struct, frozen=True):
    """The verifier's own side: what it trusts, and after how many hours data are old."""

    ledgers: tuple[TrustedLedger, ...]
    fresh_h: int = 24
    check_h: int = 168

    def ledger(self, ledger: bytes) -> TrustedLedger:
        """Return what is trusted of that ledger id, or raise UndecidedError `ledger.unknown`."""
        for trusted in self.ledgers:
            if trusted.ledger == ledger:
                return trusted
        raise UndecidedError(
            "ledger.unknown",
            f"The ledger {ledger.hex()[:16]}… is not in the trust file.",
            hint="Get its trust file from the authority, not from whoever shows the goods.",
        )

    def by_host(self, host: str) -> tuple[TrustedLedger, ...]:
        """Return the ledgers whose labels open `host`; none means the host is foreign."""
        wanted = host.lower()
        return tuple(trusted for trusted in self.ledgers if wanted in trusted.hosts)

    def by_origin(self, origin: str) -> TrustedLedger:
        """Return what is trusted of that log origin, or raise UndecidedError `ledger.unknown`."""
        for trusted in self.ledgers:
            if trusted.origin == origin:
                return trusted
        raise UndecidedError("ledger.unknown", f"The log {origin!r} is not in the trust file.")


def trusted_ledger(
    *,
    ledger: bytes,
    origin: str,
    hosts: tuple[str, ...],
    log: tuple[VerifierKey, ...],
    policy_text: str | None = None,
) -> TrustedLedger:
    """Return one ledger's entry; without a policy no witnesses are demanded.

    Raise MalformedError unless the policy's `log` lines name exactly the keys of `log`.
    """
    if policy_text is None:
        policy_text = "".join(f"log {format_vkey(key)}\n" for key in log) + f"quorum {NO_QUORUM}\n"
    if len(ledger) != 32 or not log or len(set(log)) != len(log):
        raise MalformedError("trust.ledger", "A ledger needs an id of 32 bytes and its log keys.")
    for key in log:
        if key.name != origin or key.signature_type != LOG_SIGNATURE:
            raise MalformedError("trust.log", f"The key {key.name} is not a log key of {origin}.")
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise MalformedError("trust.hosts", f"{host!r} is not a host name in lower case.")
    policy = parse_policy(policy_text)
    if {item.vkey for item in policy.logs} != set(log):
        raise MalformedError(
            "trust.policy",
            f"The policy of {origin} has other log keys than its member log.",
            hint="Take both from one source; the two must say the same.",
        )
    return TrustedLedger(ledger, origin, hosts, log, policy_text, policy)


def parse_trust(data: str | bytes) -> Trust:
    """Return the trust file in `data`: JSON with exactly the members of docs/formats/trust.md.

    Raise MalformedError for an unknown member, a wrong type, two entries of one ledger or origin.
    """
    if len(data) > SIZE_MAX:
        raise MalformedError("trust.size", "The trust file is too large.")
    plain = _members(text.json_loads(data), _MEMBERS, {"ledgers"})
    rows = _list(plain["ledgers"], "ledgers")
    if not 1 <= len(rows) <= LEDGERS_MAX:
        raise MalformedError("trust.ledgers", "The trust file names no ledger, or too many.")
    ledgers = tuple(_ledger(row) for row in rows)
    for names in ([one.ledger for one in ledgers], [one.origin for one in ledgers]):
        if len(set(names)) != len(names):
            raise MalformedError("trust.twice", "The trust file names one ledger twice.")
    table = verdict_table()
    fresh_h = _hours(plain.get("fresh_h", table.fresh_h), "fresh_h")
    check_h = _hours(plain.get("check_h", table.check_h), "check_h")
    if fresh_h > check_h:
        raise MalformedError("trust.hours", "fresh_h must not be above check_h.")
    return Trust(ledgers, fresh_h, check_h)


def format_trust(trust: Trust) -> str:
    """Return the trust file as JSON text; `parse_trust` reads it back."""
    rows = [
        {
            "ledger": one.ledger.hex(),
            "origin": one.origin,
            "hosts": list(one.hosts),
            "log": [format_vkey(key) for key in one.log],
            "policy": one.policy_text,
        }
        for one in trust.ledgers
    ]
    plain = {"ledgers": rows, "fresh_h": trust.fresh_h, "check_h": trust.check_h}
    return text.json_dumps(plain) + "\n"


def merge_trust(*files: Trust) -> Trust:
    """Return one trust of several: all their ledgers once, and the strictest hours.

    Raise MalformedError where two say different things of one ledger.
    """
    ledgers: dict[bytes, TrustedLedger] = {}
    for file in files:
        for one in file.ledgers:
            if ledgers.setdefault(one.ledger, one) != one:
                raise MalformedError("trust.twice", f"Two files differ on {one.origin}.")
    return Trust(
        tuple(ledgers.values()),
        min(file.fresh_h for file in files),
        min(file.check_h for file in files),
    )


def _ledger(row: Any) -> TrustedLedger:
    plain = _members(row, _LEDGER_MEMBERS, _LEDGER_MEMBERS)
    origin, policy = _text(plain["origin"], "origin"), _text(plain["policy"], "policy")
    return trusted_ledger(
        ledger=text.decode_hex(_text(plain["ledger"], "ledger"), size=32),
        origin=origin,
        hosts=tuple(_text(host, "hosts") for host in _list(plain["hosts"], "hosts")),
        log=tuple(parse_vkey(_text(key, "log")) for key in _list(plain["log"], "log")),
        policy_text=policy,
    )


def _members(value: Any, known: set[str], needed: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedError("trust.shape", "The trust file is not of its form.")
    unknown, missing = set(value) - known, needed - set(value)
    if unknown or missing:
        names = ", ".join(sorted(unknown | missing))
        raise MalformedError(
            "trust.member",
            f"The trust file has unknown or missing members: {names}.",
            hint="A trust file names ledgers, origins, hosts, log keys and a policy, nothing else.",
        )
    return value


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise MalformedError("trust.type", f"The member {name} is not an array.")
    return value


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise MalformedError("trust.type", f"The member {name} is not a text.")
    return value


def _hours(value: Any, name: str) -> int:
    if type(value) is not int or not 1 <= value <= HOURS_MAX:
        raise MalformedError("trust.hours", f"The member {name} is not a number of hours.")
    return value
