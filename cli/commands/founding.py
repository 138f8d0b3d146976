"""`ringmark root`, `registrar` and `rules`: the acts of the root keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from cli.context import Session
from cli.files import request_in
from cli.lazy import NearGroup
from cli.typed import pass_session
from cli.writing import Manner, Words, say, writing_options
from ledger.errors import MalformedError, RefusedError, RingmarkError

APPROVED = ("ringmark --as root approve {statement}   (where more root keys are needed)",)


@click.group(cls=NearGroup)
def root() -> None:
    """The root keys, which enrol authorities and decide on the ledger itself.

    \b
    Example:
      ringmark --as root root change root-1.request.json root-2.request.json --threshold 2
    """


@root.command("change")
@click.argument("requests", nargs=-1, required=True, metavar="REQUEST...")
@click.option("--threshold", type=int, required=True, help="How many must agree from then on.")
@writing_options
@pass_session
def change(
    session: Session, /, *, requests: tuple[str, ...], threshold: int, manner: Manner
) -> None:
    """Set the root keys anew: each REQUEST is made with `ringmark --as root key create`.

    \b
    Example:
      ringmark --as root root change a.request.json b.request.json c.request.json --threshold 2
    """
    from ledger.custody.parties import RootChanged

    wanted = [request_in(file) for file in requests]
    keys = tuple(request.public for request in wanted)
    for request in wanted:
        session.output.say(f"  root key {request.fingerprint}")
    say(session, RootChanged(keys, threshold), manner, Words(next=APPROVED))


@click.group(cls=NearGroup)
def registrar() -> None:
    """The registrar's own keys: closing, checkpoint, receipt, label.

    \b
    Example:
      ringmark --as root registrar rotate label
    """


@registrar.command("rotate")
@click.argument("purpose", type=click.Choice(["closing", "checkpoint", "receipt", "label"]))
@writing_options
@pass_session
def rotate(session: Session, /, *, purpose: str, manner: Manner) -> None:
    """Replace one of the registrar's keys, from the next block on; run it on the server.

    \b
    Example:
      ringmark --ledger ./ledger --as root registrar rotate label
    """
    from ledger import keys as signing
    from ledger.custody.parties import RegistrarKeyChanged
    from ledger.statement import public_key
    from ledger.storage.keyfiles import key_names, write_key

    folder = session.directory / "keys"
    private = signing.PrivateKey.generate(signing.ED25519, session.entropy.token)
    count = sum(name.split("-")[0] == purpose for name in key_names(folder))
    name = f"{purpose}-{count + 1}"

    def keep_key() -> None:
        # The server must have the key before the ledger says that it is in force.
        write_key(folder, name, private, passphrase=None, entropy=session.entropy)

    event = RegistrarKeyChanged(purpose, public_key(private.key))
    words = Words(next=APPROVED, plain={"key": name}, agreed=keep_key)
    with _taken_away(session, folder, name, purpose=purpose):
        say(session, event, manner, words)


@contextmanager
def _taken_away(session: Session, folder: Path, name: str, *, purpose: str) -> Iterator[None]:
    """Take the new key away again where the ledger refuses it, and say how to go on."""
    from ledger.storage.keyfiles import remove_key

    try:
        yield
    except (RefusedError, MalformedError) as error:
        if not _give_up(session, error):
            raise
        remove_key(folder, name)
        raise type(error)(
            error.code,
            f"{error.message} The new key was taken away again.",
            hint=f"When the reason is gone: ringmark --as root registrar rotate {purpose}",
            params=error.params,
        ) from error


def _give_up(session: Session, error: RingmarkError) -> bool:
    """Give up what the ledger refused, so that nothing signs it again without its key.

    Return whether it was refused at all: what was only sent may be in the log.
    """
    from ledger.desk.fixing import give_up
    from ledger.desk.outbox import State

    desk, place = session.desk(), error.params.get("place")
    if not isinstance(place, int) or desk.outbox.entry(place).state is not State.REFUSED:
        return False
    give_up(desk, place, clock=session.clock, entropy=session.entropy, reason="refused")
    return True


@click.group(cls=NearGroup)
def rules() -> None:
    """The rule set and the tables in force.

    \b
    Example:
      ringmark --as root rules adopt
    """


@rules.command("adopt")
@click.option("--two-person", is_flag=True, help="Grave acts need two officers.")
@writing_options
@pass_session
def adopt(session: Session, /, *, two_person: bool, manner: Manner) -> None:
    """Adopt the rules and tables of this release, from the next block on.

    \b
    Examples:
      ringmark --as root rules adopt
      ringmark --as root rules adopt --two-person
    """
    from ledger.custody.parties import RuleSetAdopted
    from ledger.policy import RULES_IN_FORCE
    from ledger.reference.tables import table_hashes
    from ledger.reference.thresholds import ONE_PERSON, TWO_PERSONS, threshold_tables

    chosen = threshold_tables()[TWO_PERSONS if two_person else ONE_PERSON]
    event = RuleSetAdopted(RULES_IN_FORCE, {**table_hashes(), "thresholds": chosen})
    say(session, event, manner, Words(next=APPROVED))
