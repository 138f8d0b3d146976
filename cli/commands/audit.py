"""`ringmark audit`: a whole ledger, every leaf, rule, link and record."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.auditing import Place, find_place, map_bytes
from cli.context import Session, read_bytes, write_bytes, write_pieces
from cli.exits import outcome_code
from cli.files import naming, trust_in
from cli.proving import reading_token
from cli.typed import pass_session, to_file, to_kept_file
from ledger.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.desk.source import Plain
    from ledger.verify.checks import Remembered
    from ledger.verify.packed import Shelf
    from ledger.verify.report import AuditReport
    from ledger.verify.workers import Crew


@click.command()
@click.argument("log", metavar="[LOG]", required=False)
@click.option("--trust", "trust_file", metavar="FILE", help="What you trust of this ledger.")
@click.option(
    "--remember",
    metavar="FILE",
    callback=to_kept_file,
    help="What the last audit saw; kept up to date.",
)
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Processes (your cores).")
@click.option(
    "--checkpoint", metavar="FILE", help="A checkpoint that you have, instead of its own."
)
@click.option("--without-rules", is_flag=True, help="Form, signatures, links and tree alone.")
@click.option("--deep", is_flag=True, help="Look over every stored page, row and record too.")
@click.option(
    "--contradiction", metavar="FILE", callback=to_file, help="Where a proof of a broken word goes."
)
@pass_session
@click.pass_context
def audit(
    ctx: click.Context,
    session: Session,
    /,
    *,
    log: str | None,
    trust_file: str | None,
    remember: str | None,
    jobs: int | None,
    checkpoint: str | None,
    without_rules: bool,
    deep: bool,
    contradiction: str | None,
) -> None:
    """Replay a ledger and recompute everything it says.

    LOG is a ledger's folder, its database, a folder of tiles, or the address of either. Without a
    trust file the ledger is held to its own keys, and this is said. Without the rules the answer is
    never more than "undecided".

    \b
    Examples:
      ringmark --ledger ./ledger audit
      ringmark audit ./log-export --trust trust.json --remember seen.state
      ringmark audit --database postgresql://db.example.org/ledger --trust trust.json
      ringmark audit https://ledger.example.org --trust trust.json --jobs 4
    """
    from ledger.reference.tables import load_tables
    from ledger.verify.audit import audit as run

    known, resume = _remembered(remember)
    place = _place(session, log, checkpoint=checkpoint)
    session.on_close(place)
    if deep and (without_rules or not place.has_records):
        raise UsageError(
            "audit.deep",
            "--deep compares stored records; only a ledger's folder has them.",
            hint="Run it where the ledger is kept, with the rules.",
        )
    # Forked before anything is opened here, and before the bar of progress has its thread.
    crew = _crew(place, jobs)
    opened = place.open()
    session.on_close(opened)
    with session.output.progress("Auditing") as progress:
        report = run(
            opened.source,
            tables=load_tables(),
            trust=trust_in(trust_file) if trust_file else None,
            remembered=known,
            stored=opened.look if deep else None,
            crew=crew,
            progress=progress,
            resume=resume,
            keep=remember is not None,
            rules=not without_rules,
            shelf=partial(_shelf, session),
        )
    if remember is not None and report.state is not None:
        write_pieces(remember, report.state)
    if contradiction is not None:
        named = partial(_place, session, log, checkpoint=None)
        proof = _proof(session, report, named, checkpoint=checkpoint, trust_file=trust_file)
        if proof is not None:
            write_bytes(contradiction, proof)
    plain, lines = _shown(report, is_trusted=trust_file is not None)
    session.output.result(plain, lines, ok=report.outcome.value == "verified")
    ctx.exit(outcome_code(report.outcome.value))


def _place(session: Session, log: str | None, *, checkpoint: str | None) -> Place:
    options = session.options
    # A database that was named alone needs no folder.
    alone = options.database if options.ledger is None else None
    named = log or alone
    if named is not None:
        return find_place(named, checkpoint=checkpoint, prove=partial(reading_token, session))
    return find_place(
        session.place,
        checkpoint=checkpoint,
        database=session.database,
        prove=partial(reading_token, session),
    )


def _remembered(remember: str | None) -> tuple[Remembered | None, bytes | None]:
    """Return what the file has: a checkpoint to hold the ledger to, or a state to go on from."""
    from ledger.verify.report import parse_remembered
    from ledger.verify.resuming import is_remembered

    if remember is None or not Path(remember).exists():
        return None, None
    if Path(remember).is_dir():
        # Only read_bytes says what a folder is not.
        read_bytes(remember)
    data = map_bytes(remember)
    if is_remembered(data):
        return None, data
    hint = "Name the file of an earlier audit, or one that is not there yet."
    with naming(remember, what="remembered checkpoint", hint=hint, empty=not data):
        return parse_remembered(data[:])[1], None


def _crew(place: Place, jobs: int | None) -> Crew | None:
    wanted = (os.cpu_count() or 1) if jobs is None else jobs
    if wanted < 2:
        return None
    from ledger.verify.workers import Crew

    return Crew(place.leaves, workers=wanted - 1)


def _shelf(session: Session) -> Shelf:
    from ledger.storage.shelf import DiskShelf

    shelf = DiskShelf()
    session.on_close(shelf)
    return shelf


def _proof(
    session: Session,
    report: AuditReport,
    named: Callable[[], Place],
    *,
    checkpoint: str | None,
    trust_file: str | None,
) -> bytes | None:
    """Return what proves that the ledger broke its word, or None.

    That is a contradiction, or that the ledger, as it stands, does not extend `checkpoint`.
    """
    from ledger.verify.accusing import accuse_of_fork

    is_refuted = report.outcome.value == "refuted"
    if report.contradiction is not None or not (is_refuted and checkpoint and trust_file):
        return report.contradiction
    place = named()
    session.on_close(place)
    opened = place.open()
    session.on_close(opened)
    note, trust = read_bytes(checkpoint), trust_in(trust_file)
    return accuse_of_fork(opened.source, note=note, trust=trust)


def _shown(report: AuditReport, *, is_trusted: bool) -> tuple[Plain, list[str]]:
    from ledger.verify.report import report_json

    plain = {**report_json(report), "memory_mb": _memory_mb()}
    what = f"{plain['size']} leaves of {plain['origin']}" if plain["origin"] else "nothing was read"
    lines = [f"{plain['outcome']}: {what}"]
    lines += [_check_line(check) for check in plain["checks"]]
    if plain["authority"]:
        lines.append(f"  {plain['authority']}")
    lines.append(_effort_line(plain))
    failure, found = plain["first_failure"], plain["findings"]
    if failure is not None:
        lines.append(f"first failure: {failure['check']} ({failure['code']}): {failure['message']}")
    if plain["outcome"] == "verified":
        # What was not judged to its end has none that could be counted.
        lines.append(
            f"open findings: {found['stop']} stop, {found['check']} check, {found['note']} note"
            " (ringmark finding list)"
        )
        ahead = ", ".join(f"{count} {weight}" for weight, count in found["ahead"].items() if count)
        if ahead:
            lines.append(f"  deadlines ahead among them, no findings if they are met: {ahead}")
    if not is_trusted:
        lines.append("held to its own keys: name what you trust with --trust FILE")
    return plain, lines


def _check_line(check: Plain) -> str:
    line = f"  {check['outcome']:<7} {check['name']:<22} {check['count']:>8}  {check['detail']}"
    return line.rstrip()


def _effort_line(plain: Plain) -> str:
    lots = plain["lots"] or {"live": 0, "ended": 0}
    words = f"  {plain['processes']} processes" if plain["processes"] > 1 else "  1 process"
    if plain["memory_mb"] is not None:
        words += f", {plain['memory_mb']} MB at most"
    words += f", {lots['live']} live lots, {lots['ended']} ended"
    if plain["processes_lost"]:
        words += f"; {plain['processes_lost']} processes ended early, others did their work"
    return words


def _memory_mb() -> int | None:
    """Return the most memory that this process ever held, in MB (10^6 bytes)."""
    status = Path("/proc/self/status")
    if status.is_file():
        # Not the resource usage: Linux lets a new program inherit that from whoever started it.
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1_024 // 1_000_000
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1_024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit // 1_000_000
