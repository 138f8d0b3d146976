"""The trust file beside a ledger: what its founder hands to everybody who verifies.

Owns how it is made at the founding and renewed when the log says that the checkpoint key changed. A
verifier never reads it from here by itself: it is handed over, and that is the point of it.
"""

from __future__ import annotations

from pathlib import Path

from ledger import keys
from ledger.custody.parties import LedgerState
from ledger.errors import MalformedError, NotFoundError
from ledger.statement import cose_key
from ledger.storage.durable import replace_file
from ledger.trust import Trust, TrustedLedger, format_trust, parse_trust, trusted_ledger
from ledger.wire.note import ED25519, VerifierKey, format_vkey, make_vkey

TRUST = "trust.json"


def first_trust(*, ledger: bytes, origin: str, hosts: tuple[str, ...], key: keys.Signer) -> str:
    """Return the trust file of a new ledger; `key` is its checkpoint key, `ledger` its id."""
    vkey = make_vkey(origin, ED25519, key.key.public)
    return format_trust(
        Trust((trusted_ledger(ledger=ledger, origin=origin, hosts=hosts, log=(vkey,)),))
    )


def renewed_trust(trust: str, *, ledger: bytes, about: LedgerState) -> str:
    """Return a trust file with every checkpoint key that the ledger's record names.

    Old keys stay, for receipts that they signed; witnesses and hours stay as they were written.
    """
    parsed = parse_trust(trust)
    log = checkpoint_keys(about)
    renewed = tuple(
        _with_keys(one, log) if one.ledger == ledger and one.log != log else one
        for one in parsed.ledgers
    )
    if renewed == parsed.ledgers:
        return trust
    return format_trust(Trust(renewed, parsed.fresh_h, parsed.check_h))


def checkpoint_keys(about: LedgerState) -> tuple[VerifierKey, ...]:
    """Return the verifier keys of all checkpoint keys of a ledger, the oldest first."""
    held = [one for one in about.keys.values() if one.purpose == "checkpoint"]
    ordered = sorted(held, key=lambda one: one.first)
    return tuple(make_vkey(about.origin, ED25519, cose_key(one.key).public) for one in ordered)


def read_trust(directory: Path) -> str:
    """Return the trust file of a ledger's directory; NotFoundError where there is no ledger.

    Raise MalformedError where it is no text.
    """
    try:
        return (directory / TRUST).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise _damaged(directory, "It is no text.") from error
    except FileNotFoundError as error:
        if any((directory / name).exists() for name in ("ledger.db", "places.json")):
            raise NotFoundError(
                "ledger.no-trust",
                f"The ledger in {directory} has lost its trust.json.",
                hint="Everybody who verifies has this file: put it back.",
                params={"path": str(directory)},
            ) from error
        raise NotFoundError(
            "ledger.missing",
            f"There is no ledger in {directory}.",
            hint="Found one with `ringmark init`, or name its directory with --ledger.",
            params={"path": str(directory)},
        ) from error


def parsed_trust(directory: Path) -> Trust:
    """Return the trust file of a ledger's directory; MalformedError, with its name, for no such."""
    try:
        return parse_trust(read_trust(directory))
    except MalformedError as error:
        if error.code == "trust.damaged":
            raise
        raise _damaged(directory, error.message) from error


def _damaged(directory: Path, why: str) -> MalformedError:
    return MalformedError(
        "trust.damaged",
        f"{directory / TRUST} is no trust file: {why}",
        hint="Everybody who verifies has this file: put it back.",
    )


def write_trust(directory: Path, trust: str) -> None:
    """Put the trust file in place of the one before, whole or not at all."""
    replace_file(directory / TRUST, trust.encode())


def _with_keys(one: TrustedLedger, log: tuple[VerifierKey, ...]) -> TrustedLedger:
    rest = [line for line in one.policy_text.splitlines() if not line.startswith("log ")]
    lines = [f"log {format_vkey(key)}" for key in log] + rest
    return trusted_ledger(
        ledger=one.ledger,
        origin=one.origin,
        hosts=one.hosts,
        log=log,
        policy_text="".join(f"{line}\n" for line in lines),
    )
