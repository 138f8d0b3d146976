"""`ringmark audit`: a whole ledger, every leaf, rule, link and record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.context import Session, read_bytes, write_bytes
from cli.exits import outcome_code
from cli.typed import pass_session
from ledger.errors import UsageError

if TYPE_CHECKING:
    from ledger.desk.source import Plain
    from ledger.verify.audit import LeafSource
    from ledger.verify.checks import Remembered
    from ledger.verify.report import AuditReport


@click.command()
@click.argument("log", metavar="[LOG]", required=False)
@click.option("--trust", "trust_file", metavar="FILE", help="What you trust of this ledger.")
@click.option("--remember", metavar="FILE", help="What the last audit saw; kept up to date.")
@click.option("--deep", is_flag=True, help="Compare the stored records too (a ledger's folder).")
@click.option("--contradiction", metavar="FILE", help="Where a proof of a broken word goes.")
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
    deep: bool,
    contradiction: str | None,
) -> None:
    """Replay a ledger and recompute everything it says: a folder, an address, or an exported LOG.

    Without a trust file the ledger is held to its own keys, and this is said.

    \b
    Examples:
      ringmark --ledger ./ledger audit
      ringmark audit ./log-export --trust trust.json --remember seen.json
      ringmark --ledger https://ledger.example.org audit --trust trust.json
    """
    from ledger.reference.tables import load_tables
    from ledger.trust import parse_trust
    from ledger.verify.audit import audit as run

    known, resume = _remembered(remember)
    source, stored = _source(session, log, deep=deep)
    with session.output.progress("Auditing") as progress:
        report = run(
            source,
            tables=load_tables(),
            trust=parse_trust(read_bytes(trust_file)) if trust_file else None,
            remembered=known,
            stored=stored,
            progress=progress,
            resume=resume,
            keep=remember is not None,
        )
    _keep(report, remember=remember, contradiction=contradiction)
    plain, lines = _shown(report)
    if trust_file is None:
        lines.append("held to its own keys: name what you trust with --trust FILE")
    session.output.result(plain, lines, ok=report.outcome.value == "verified")
    ctx.exit(outcome_code(report.outcome.value))


def _remembered(remember: str | None) -> tuple[Remembered | None, bytes | None]:
    """Return what the file has: a checkpoint to hold the ledger to, or a state to go on from."""
    from ledger.verify.report import parse_remembered
    from ledger.verify.resuming import is_remembered

    if remember is None or not Path(remember).exists():
        return None, None
    data = read_bytes(remember)
    return (None, data) if is_remembered(data) else (parse_remembered(data)[1], None)


def _source(session: Session, log: str | None, *, deep: bool) -> tuple[LeafSource, Any]:
    from ledger.desk.leaves import StoredLeaves, TiledLeaves, read_folder

    place = log or session.place
    if place.startswith(("http://", "https://")):
        from ledger.desk.source_remote import RemoteSource

        remote = RemoteSource(place)
        _refuse_deep(deep)
        return TiledLeaves(lambda path: remote.read(f"/log/{path}")), None
    folder = Path(place)
    if (folder / "tile").is_dir() and not (folder / "ledger.db").exists():
        _refuse_deep(deep)
        return TiledLeaves(read_folder(folder)), None
    from ledger.wiring import open_for_reading

    opened = open_for_reading(folder)
    session.on_close(opened)
    stored = opened.store.record_hashes() if deep else None
    return StoredLeaves(opened.store, opened.published.read), stored


def _refuse_deep(deep: bool) -> None:
    if deep:
        raise UsageError(
            "audit.deep",
            "--deep compares stored records; only a ledger's folder has them.",
            hint="Run it where the ledger is kept.",
        )


def _keep(report: AuditReport, *, remember: str | None, contradiction: str | None) -> None:
    if remember is not None and report.state is not None:
        write_bytes(remember, report.state)
    if contradiction is not None and report.contradiction is not None:
        write_bytes(contradiction, report.contradiction)


def _shown(report: AuditReport) -> tuple[Plain, list[str]]:
    from ledger.verify.report import report_json

    plain = report_json(report)
    lines = [f"{plain['outcome']}: {plain['size']} leaves of {plain['origin']}"]
    lines += [_check_line(check) for check in plain["checks"]]
    if plain["authority"]:
        lines.append(f"  {plain['authority']}")
    failure = plain["first_failure"]
    if failure is not None:
        lines.append(f"first failure: {failure['check']} ({failure['code']}): {failure['message']}")
    return plain, lines


def _check_line(check: Plain) -> str:
    line = f"  {check['outcome']:<7} {check['name']:<22} {check['count']:>8}  {check['detail']}"
    return line.rstrip()
