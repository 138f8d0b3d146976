"""`ringmark restore`: a lost ledger from a copy, a mirror, an export or a database."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from cli.auditing import Opened, find_place
from cli.context import Session, read_bytes
from cli.output import many
from cli.typed import pass_session
from ledger.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from ledger.registrar.refilling import Refilled
    from ledger.restoring import Held, Target

_DATABASE, _TRUST = "ledger.db", "trust.json"


class _Asked(Struct, frozen=True):
    """What was typed."""

    source: str
    trust: str | None
    high_water: str | None
    checkpoints: tuple[str, ...]
    older: str | None

    @property
    def copy(self) -> Path | None:
        """Return the folder of a copy with its database, where the source is one."""
        folder = Path(self.source)
        return folder if (folder / _DATABASE).is_file() else None


@click.command()
@click.argument("source", metavar="SOURCE")
@click.argument("directory", metavar="DIR")
@click.option("--keys", metavar="DIR2", help="The server's private keys; root keys stay there.")
@click.option("--trust", metavar="FILE", help="The trust file; a copy has its own.")
@click.option("--high-water", metavar="PATH|URL", help="Where the mark is; a copy has its own.")
@click.option("--checkpoint", "checkpoints", metavar="FILE", multiple=True,
              help="A checkpoint that somebody saw; again for more.")  # fmt: skip
@click.option("--older", metavar="COPY", help="An older copy: what is in no leaf comes from it.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@pass_session
def restore(
    session: Session,
    /,
    *,
    source: str,
    directory: str,
    keys: str | None,
    trust: str | None,
    high_water: str | None,
    checkpoints: tuple[str, ...],
    older: str | None,
    yes: bool,
) -> None:
    """Make a new ledger folder DIR from a SOURCE that has every leaf that was signed for.

    SOURCE is the folder of a backup or second copy, a folder of tiles, the address of a mirror, or
    a database. It is held to the high-water mark, so that nobody signs from an older copy; to the
    trust file; and to a whole audit. Then DIR appears, or nothing does. With --database the log
    goes into PostgreSQL.

    \b
    Examples:
      ringmark restore /mnt/second/ledger ./ledger --keys /mnt/safe/ledger/keys
      ringmark restore https://mirror.example.org ./ledger --trust trust.json \\
        --high-water /mnt/mark/high-water --older /mnt/backup/ledger --keys /mnt/safe/keys
    """
    asked = _Asked(source, trust, high_water, checkpoints, older)
    target = _target(session, Path(directory), asked, keys=keys)
    trusted = _trust_text(asked)
    place = find_place(source, checkpoint=None, prove=partial(_prove, session, trusted))
    session.on_close(place)
    opened = place.open()
    session.on_close(opened)
    held = _held(asked, trusted, opened)
    session.confirm(
        f"Restore {held.trusted.origin} with its {held.mark.size:,} leaves to {directory}? From "
        "then on this folder alone may sign: every other server of this ledger must be stopped.",
        yes=yes,
    )
    lacking = None
    if asked.copy is not None and target.places.database is None:
        _from_copy(session, asked.copy, target, held)
    else:
        lacking = _from_leaves(session, asked, opened, target, held)
    _sign_on(session, target)
    _show(session, asked, target, held, lacking)


def _target(session: Session, directory: Path, asked: _Asked, *, keys: str | None) -> Target:
    """Return where it goes; raise before anything is read where that cannot be."""
    from ledger.restoring import Target
    from ledger.storage.places import Places, is_address
    from ledger.storage.twin import check_copy

    database = session.options.database
    if database is not None and not is_address(database):
        raise UsageError(
            "restore.database",
            f"{database} is no address of PostgreSQL.",
            hint="Without --database the ledger is restored into its folder.",
        )
    if "://" not in asked.source and not Path(asked.source).exists():
        raise NotFoundError(
            "restore.source",
            f"There is no {asked.source}.",
            hint="Name a copy's folder, an export of the log, a mirror's address, or a database.",
        )
    if directory.exists():
        raise UsageError("ledger.exists", f"{directory} is there already.", hint="Name a new one.")
    if asked.copy is not None and database is None:
        check_copy(asked.copy, mark=asked.high_water is None)
    elif asked.high_water is None:
        raise UsageError(
            "restore.mark-unnamed",
            "Leaves alone do not tell how far the ledger was signed.",
            hint="Say where its high-water mark is: --high-water PATH|URL. Where it is lost found "
            f"anew, and clients push again: ringmark init DIR2 --continues {asked.source}",
        )
    folder = Path(keys) if keys is not None else _keys_in(asked.copy)
    if folder is not None and not folder.is_dir():
        raise NotFoundError(
            "restore.keys",
            f"There is no folder {folder} with keys.",
            hint="Name it with --keys DIR2, or leave it out and bring the keys later.",
        )
    places = Places(database, asked.high_water)
    return Target(directory, places, keys=folder, passphrase=session.server_phrase())


def _keys_in(copy: Path | None) -> Path | None:
    return copy / "keys" if copy is not None and (copy / "keys").is_dir() else None


def _trust_text(asked: _Asked) -> str:
    own = asked.copy / _TRUST if asked.copy is not None else None
    if asked.trust is None and (own is None or not own.is_file()):
        raise UsageError(
            "restore.trust-unnamed",
            "Nothing says which keys this ledger is known by.",
            hint="Everybody who verifies has its trust file: --trust FILE",
        )
    return read_bytes(asked.trust or str(own)).decode("utf-8", errors="replace")


def _prove(session: Session, trust: str, host: str) -> str | None:
    """Return a reading token for a mirror of a closed ledger, where a party of it asks."""
    from ledger.token import make_token
    from ledger.trust import parse_trust

    parsed = parse_trust(trust)
    if session.options.party is None:
        return None
    signer = session.private_key(session.key_name)
    (known, *_) = (*parsed.by_host(host), *parsed.ledgers)
    return make_token(
        signer, ledger=known.ledger, party=session.party, host=host, iat=session.clock.now_s()
    )


def _held(asked: _Asked, trust: str, opened: Opened) -> Held:
    """Return what the restoration is held to; raise where the source cannot come up to it."""
    from ledger.restoring import check_reach, hold, read_mark
    from ledger.statement import ledger_id, parse_statement

    founding = opened.source.leaves(0, 1)
    if not founding:
        raise NotFoundError("ledger.not-founded", f"There is no ledger in {asked.source}.")
    ledger = ledger_id(parse_statement(founding[0]))
    mark = read_mark(asked.high_water, asked.copy or Path(), ledger=ledger)
    seen = [read_bytes(file) for file in asked.checkpoints]
    if opened.store is None:
        # Tiles have a word of their own on how far they reach.
        seen.append(opened.source.checkpoint_note())
    held = hold(trust, founding=founding[0], mark=mark, seen=seen, source=asked.source)
    check_reach(opened.size(), held, source=asked.source)
    return held


def _from_copy(session: Session, copy: Path, target: Target, held: Held) -> None:
    from ledger.restoring import restore_from_copy

    with session.output.progress("Auditing") as progress:
        restore_from_copy(copy, target, held, progress=progress)


def _from_leaves(
    session: Session, asked: _Asked, opened: Opened, target: Target, held: Held
) -> Refilled:
    from ledger.restoring import restore_from_leaves
    from ledger.storage.sqlite import SqliteStore

    older = opened.store
    if asked.older is not None:
        kept = SqliteStore(Path(asked.older) / _DATABASE)
        session.on_close(kept)
        older = kept
    with session.output.progress("Auditing and restoring") as progress:
        return restore_from_leaves(opened.source, target, held, older=older, progress=progress)


def _sign_on(session: Session, target: Target) -> None:
    """Open the ledger once where its keys are there: what it has beyond its mark is signed."""
    from ledger.wiring import open_ledger

    if target.keys is not None:
        clock, phrase = session.clock, target.passphrase
        open_ledger(target.directory, clock=clock, passphrase=phrase).close()


def _show(
    session: Session, asked: _Asked, target: Target, held: Held, lacking: Refilled | None
) -> None:
    folder, has_keys = target.directory, target.keys is not None
    refused = lacking.refused if lacking else 0
    session.output.result(
        {"directory": str(folder), "origin": held.trusted.origin, "size": held.mark.size,
         "keys": has_keys, "lacking": {"refused statements": refused}},
        [f"restored: {held.mark.size:,} leaves of {held.trusted.origin} from {asked.source}"],
    )  # fmt: skip
    if refused:
        words = many(refused, "refused statement")
        session.output.say(f"In no leaf, and not here: {words}. An older copy: --older COPY")
    if asked.high_water is not None:
        session.output.say(f"The high-water mark stays where it is: {asked.high_water}")
    if target.keys is not None:
        _say_keys(session, target.keys)
    else:
        session.output.say(f"Bring the server's private keys to {folder / 'keys'}.")
    session.output.next(f"ringmark --ledger {folder} audit")


def _say_keys(session: Session, folder: Path) -> None:
    """Say which keys were copied, and which stayed where they are."""
    from ledger.storage.keyfiles import key_names
    from ledger.wiring import server_keys

    copied = server_keys(folder)
    left = [name for name in key_names(folder) if name not in copied]
    session.output.say(f"Copied the server's keys: {', '.join(copied) or 'there are none'}.")
    if left:
        session.output.say(f"Not copied, for a server needs them never: {', '.join(left)}.")
