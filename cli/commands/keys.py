"""`ringmark key`: the keys of a party, here and on the ledger."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.commands.key_numbers import numbers
from cli.context import Session, read_id, write_bytes
from cli.files import request_in, trust_in
from cli.lazy import NearGroup
from cli.typed import pass_session, to_file
from cli.writing import Manner, Words, handing_over, say, writing_options
from ledger.errors import MalformedError, UsageError

if TYPE_CHECKING:
    from ledger.keys import PrivateKey

ALGORITHMS = {"ed25519": -19, "p256": -9}


@click.group(cls=NearGroup)
def key() -> None:
    """Your keys: each device has its own, and each key its own numbers.

    \b
    Examples:
      ringmark --as kariba-farm key create --trust trust.json
      ringmark --as kariba-farm key rotate
    """


@key.command("create")
@click.option("--name", help="What to call it (the party's id).")
@click.option("--alg", type=click.Choice([*ALGORITHMS]), default="ed25519", show_default=True)
@click.option("--trust", metavar="FILE", help="The trust file that the authority gave you.")
@click.option(
    "--out", metavar="FILE", callback=to_file, help="Where the request goes (PARTY.request.json)."
)
@pass_session
def create(
    session: Session, name: str | None, alg: str, trust: str | None, out: str | None
) -> None:
    """Make a key and the request with which the authority enrols you.

    \b
    Examples:
      ringmark --as kariba-farm --ledger https://ledger.example.org key create --trust trust.json
      ringmark --as kariba-farm key create --name phone --out phone.request.json
    """
    from ledger.desk.enrolment import format_request, make_request

    if trust is not None:
        _adopt_trust(session, trust)
    party, ledger = session.party, session.trusted.ledger
    private, name = _new_key(session, name or party, alg)
    if party not in session.settings.get("keys", {}):
        # A second key signs only once the ledger knows it: see `key use`.
        session.home.use_key(party, name)
    session.home.remember(ledger=_remembered(session.options.ledger), party=party)
    request = make_request(private, ledger=ledger, party=party)
    place = out or f"{party}.request.json"
    write_bytes(place, format_request(request).encode())
    following = [f"ringmark --as AUTHORITY party enrol {place} --country CC --role ROLE"]
    session.output.result(
        {
            "party": party,
            "key": name,
            "kid": private.kid.hex(),
            "fingerprint": request.fingerprint,
            "request": place,
            "next": following,
        },
        [
            f"key {name} of {party}: {request.fingerprint}",
            f"request: {place} (send it to the authority; read the fingerprint out by phone)",
        ],
    )
    session.output.next(*following)


@key.command("use")
@click.argument("name")
@pass_session
def use(session: Session, name: str) -> None:
    """Let your party sign with the key NAME of this home from now on.

    \b
    Example:
      ringmark --as kariba-farm key use kariba-2027
    """
    session.home.public_key(name)
    session.home.use_key(session.party, name)
    session.output.result(
        {"party": session.party, "key": name}, [f"{session.party} signs with {name}"]
    )


@key.command("list")
@pass_session
def list_(session: Session) -> None:
    """List the keys in your home.

    \b
    Example:
      ringmark key list
    """
    from ledger.wire.cose import thumbprint

    chosen = session.settings.get("keys", {})
    rows = []
    for name in session.home.key_names():
        kid = thumbprint(session.home.public_key(name)).hex()
        signs = sorted(party for party, used in chosen.items() if used == name)
        rows.append({"name": name, "kid": kid, "signs_for": signs})
    lines = session.output.table(
        ("name", "key", "signs for"),
        [(str(r["name"]), str(r["kid"])[:16], ", ".join(r["signs_for"])) for r in rows],
    )
    session.output.result({"keys": rows}, lines if rows else ["no keys yet"])


@key.command("add")
@click.argument("name")
@click.option("--alg", type=click.Choice([*ALGORITHMS]), default="ed25519", show_default=True)
@click.option("--request", metavar="FILE", help="A request made on another device.")
@writing_options
@pass_session
def add(session: Session, /, *, name: str, alg: str, request: str | None, manner: Manner) -> None:
    """Give your party one more key, NAME: made here, or on the device that sent a request.

    \b
    Examples:
      ringmark --as kariba-farm key add phone --request phone.request.json
      ringmark --as kariba-farm key add office
    """
    from ledger.custody.parties import KeyAdded
    from ledger.desk.enrolment import make_request

    if request is not None:
        wanted = request_in(request)
        if wanted.party != session.party:
            raise UsageError(
                "key.other-party",
                f"The request is from {wanted.party}, not from {session.party}.",
                hint="On the other device use your own id: ringmark --as PARTY key create",
            )
    else:
        private, _ = _new_key(session, name, alg, is_kept=not manner.dry_run)
        wanted = make_request(private, ledger=session.trusted.ledger, party=session.party)
    say(session, KeyAdded(wanted.public, wanted.proof), manner)


@key.command("rotate")
@click.option("--name", help="What to call the new key.")
@click.option("--alg", type=click.Choice([*ALGORITHMS]), default="ed25519", show_default=True)
@writing_options
@pass_session
def rotate(session: Session, /, *, name: str | None, alg: str, manner: Manner) -> None:
    """Hand over to a new key; the old one ends.

    \b
    Example:
      ringmark --as kariba-farm key rotate --name kariba-2027
    """
    from ledger.custody.parties import KeyRotated
    from ledger.desk.enrolment import make_request
    from ledger.desk.outbox import OPEN

    desk = session.desk()
    if any(entry.state in OPEN for entry in desk.outbox.entries()):
        raise UsageError(
            "key.outbox-open",
            "Statements of the old key wait in the outbox.",
            hint="First: ringmark outbox push",
        )
    wished = name or f"{session.key_name}-next"
    private, made = _new_key(session, wished, alg, is_kept=False)
    request = make_request(private, ledger=session.trusted.ledger, party=session.party)
    event = KeyRotated(request.public, request.proof, desk.next_number())
    words = Words(plain={"key": made}, agreed=partial(_keep_key, session, made, private))
    with handing_over(session, manner, made):
        say(session, event, manner, words)


@key.command("revoke")
@click.argument("which", metavar="NAME|KID")
@click.option("--reason", required=True)
@click.option("--suspect-from", type=int, metavar="INDEX", help="An officer's word: since when.")
@click.option("--last", type=int, help="The last number that was truly used.")
@writing_options
@pass_session
def revoke(
    session: Session,
    /,
    *,
    which: str,
    reason: str,
    suspect_from: int | None,
    last: int | None,
    manner: Manner,
) -> None:
    """End a key: lost, stolen, or no longer needed.

    \b
    Examples:
      ringmark --as kariba-farm key revoke phone --reason "phone was stolen"
      ringmark --as parks key revoke 3f0c… --reason theft --suspect-from 1041
    """
    from ledger.custody.parties import KeyRevoked

    event = KeyRevoked(_kid(session, which), reason, suspect_from, last)
    say(session, event, manner)


@key.command("recover")
@click.argument("request", metavar="REQUEST")
@writing_options
@pass_session
def recover(session: Session, /, *, request: str, manner: Manner) -> None:
    """Give a party that lost its keys a new one: two officers, 72 hours, and a veto.

    \b
    Example:
      ringmark --as parks key recover kariba-farm.request.json
    """
    from ledger.custody.parties import KeyRecovered

    wanted = request_in(request)
    event = KeyRecovered(wanted.party, wanted.public, wanted.proof)
    session.output.say(f"Fingerprint, read it out by phone: {wanted.fingerprint}")
    following = ("ringmark approve {statement}",)
    say(session, event, manner, Words(next=following))


@key.command("veto")
@click.argument("statement", metavar="STATEMENT")
@writing_options
@pass_session
def veto(session: Session, /, *, statement: str, manner: Manner) -> None:
    """Stop a recovery of your own keys that you did not ask for; STATEMENT is its id.

    \b
    Example:
      ringmark --as kariba-farm key veto 9b1f…
    """
    from ledger.custody.parties import KeyRecoveryVetoed

    say(session, KeyRecoveryVetoed(read_id(statement)), manner)


key.add_command(numbers)


def _new_key(
    session: Session, name: str, alg: str, *, is_kept: bool = True
) -> tuple[PrivateKey, str]:
    """Return a new key and its name; unless it `is_kept` it is nowhere yet."""
    from ledger import keys

    if name in session.home.key_names():
        name = _free_name(session, name)
    private = keys.PrivateKey.generate(ALGORITHMS[alg], session.entropy.token)
    if is_kept:
        _keep_key(session, name, private)
    return private, name


def _keep_key(session: Session, name: str, private: PrivateKey) -> None:
    """Write a new key to the home, sealed with a passphrase that is asked for."""
    phrase = session.passphrase(name, is_new=True)
    session.home.save_key(name, private, passphrase=phrase, entropy=session.entropy)
    _begin_numbers(session, private.kid)


def _free_name(session: Session, name: str) -> str:
    taken = session.home.key_names()
    return next(f"{name}-{n}" for n in range(2, 1_000) if f"{name}-{n}" not in taken)


def _begin_numbers(session: Session, kid: bytes) -> None:
    """Note that a new key used no number yet, so that it can sign without a network."""
    from ledger.desk.desk import memory_of

    memory = memory_of(session.home, session.trusted)
    memory.use_number(kid, 0)
    memory.save()


def _adopt_trust(session: Session, file: str) -> None:
    from ledger.trust import format_trust, merge_trust

    adopted = trust_in(file)
    if session.home.trust_path.exists():
        adopted = merge_trust(trust_in(str(session.home.trust_path)), adopted)
    write_bytes(str(session.home.trust_path), format_trust(adopted).encode())


def _remembered(place: str | None) -> str | None:
    if place is None or place.startswith(("http://", "https://")):
        return place
    return str(Path(place).absolute())


def _kid(session: Session, which: str) -> bytes:
    from ledger.wire.cose import thumbprint

    if which in session.home.key_names():
        return thumbprint(session.home.public_key(which))
    if len(which) != 64:
        raise MalformedError(
            "key.name",
            f"{which!r} is neither a key of this home nor a key id.",
            hint="See: ringmark key list",
        )
    return read_id(which)
