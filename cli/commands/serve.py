"""`ringmark serve`: the pages and the HTTP interface of a ledger of this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from cli.context import PASSPHRASE_VARIABLE, Session
from cli.exits import by_name
from cli.typed import PORT, pass_session
from ledger.errors import UsageError


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=PORT, default=8000, show_default=True)
@click.option(
    "--threads",
    type=click.IntRange(1, 1_024),
    default=32,
    show_default=True,
    help="Threads that take statements.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes (PostgreSQL only).",
)
@click.option("--read-only", is_flag=True, help="Take no statements.")
@click.option("--high-water", metavar="PATH|URL", help="Where the high-water mark is kept.")
@click.option("--copy", metavar="DIR", help="A second place that has every block first.")
@click.option(
    "--proxies",
    type=click.IntRange(0, 16),
    default=0,
    help="How many trusted proxies stand in front.",
)
@click.option("--rate", type=click.IntRange(1), help="Requests a second that one address may make.")
@pass_session
def serve(
    session: Session,
    /,
    *,
    host: str,
    port: int,
    threads: int,
    workers: int,
    read_only: bool,
    high_water: str | None,
    copy: str | None,
    proxies: int,
    rate: int | None,
) -> None:
    """Serve a ledger of this machine until Ctrl-C.

    \b
    Examples:
      ringmark --ledger ./ledger serve --copy /mnt/second/ledger
      ringmark --ledger ./ledger serve --host 0.0.0.0 --port 8080 --proxies 1
      ringmark --ledger ./ledger serve --database postgresql://db.example.org/ledger --workers 4
    """
    from cli.commands.init import WEAK
    from ledger.storage.places import read_places, second_copy

    folder, database = session.directory, session.database
    _ = session.trusted
    places = read_places(folder, database=database, mark=high_water)
    if workers > 1 and not places.is_shared:
        raise UsageError(
            "serve.workers",
            "A ledger in a folder is served by one process.",
            hint="Add readers with --read-only, or keep the ledger in PostgreSQL.",
        )
    if not read_only and places.is_mark_weak(folder):
        session.output.say(WEAK)
    if not read_only and copy is None and (second := second_copy(folder)) is not None:
        session.output.say(
            f"Every block went to a second copy in {second}; from now on none does: --copy {second}"
        )
    # -P: a folder called ledger or web where the command is typed must not hide our packages.
    words = [sys.executable, "-P", "-m", "web.serving", str(folder)]
    words += ["--host", host, "--port", str(port), "--threads", str(threads)]
    words += ["--workers", str(workers)] if workers > 1 else []
    words += ["--read-only"] if read_only else []
    words += ["--clock-ok"] if session.options.clock_ok else []
    words += ["--high-water", high_water] if high_water else []
    words += ["--copy", copy] if copy else []
    words += ["--proxies", str(proxies)] if proxies else []
    words += ["--rate", str(rate)] if rate else []
    words += ["--now", session.options.now] if session.options.now else []
    words += ["--json"] if session.options.is_json else []
    os.environ["RINGMARK_SERVE_EXITS"] = by_name()
    if not read_only and (phrase := _phrase(session, folder)) is not None:
        # Nor the passphrase of sealed keys.
        os.environ[PASSPHRASE_VARIABLE] = phrase
    if database is not None:
        # Not among the words: a password in them would be for everybody on this machine to read.
        os.environ["RINGMARK_SERVE_DATABASE"] = database
    session.output.say(f"http://{host}:{port} serves {folder}; Ctrl-C ends it.")
    # The server takes this process's place, so that signals reach it and nothing is left over.
    os.execv(sys.executable, words)  # noqa: S606 - our own interpreter and module


def _phrase(session: Session, folder: Path) -> str | None:
    """Return the passphrase of the registrar's sealed keys, asked for where nobody gave it.

    None where none is sealed, or nobody can be asked: the server says then what it needs. Raise
    ProofError where it opens them not: a server would find out at the first statement.
    """
    from ledger.storage.keyfiles import check_passphrase, is_sealed
    from ledger.wiring import KEYS, server_keys

    keys = folder / KEYS
    sealed = [name for name in server_keys(keys) if is_sealed(keys, name)]
    is_given = session.options.passphrase_fd is not None or PASSPHRASE_VARIABLE in os.environ
    if not sealed or not (is_given or sys.stdin.isatty()):
        return None
    phrase = session.passphrase(" and ".join(sealed))
    for name in sealed:
        check_passphrase(keys, name, phrase)
    return phrase
