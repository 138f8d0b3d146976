"""`ringmark finding`: what rules remarked, and closing it."""

from __future__ import annotations

from typing import Any

import click

from cli.context import Session, read_id
from cli.lazy import NearGroup
from cli.typed import pass_session
from cli.writing import Manner, say, writing_options
from ledger.errors import NotFoundError, UsageError


@click.group(cls=NearGroup)
def finding() -> None:
    """Open findings: stops, checks and notes.

    \b
    Examples:
      ringmark finding list --severity stop
      ringmark --as moyo finding close lot/7K3M9QXF2W50 transfer.short --reason "counted again"
    """


@finding.command("list")
@click.option("--severity", type=click.Choice(["stop", "check", "note"]))
@click.option("--rule", help="Only findings of this rule.")
@pass_session
def list_(session: Session, severity: str | None, rule: str | None) -> None:
    """List the open findings.

    \b
    Example:
      ringmark finding list --rule mark.cloned
    """
    rows = [
        row
        for row in session.source.findings()
        if severity in (None, row["finding"]["severity"]) and rule in (None, row["finding"]["rule"])
    ]
    cells = [
        (
            r["finding"]["severity"],
            r["finding"]["rule"],
            f"{r['kind']}/{r['name']}",
            r["finding"]["cause"][:16],
        )
        for r in rows
    ]
    lines = session.output.table(("severity", "rule", "on", "cause"), cells)
    session.output.result({"findings": rows}, lines if rows else ["no open findings"])


@finding.command("show")
@click.argument("subject", metavar="KIND/NAME")
@pass_session
def show(session: Session, subject: str) -> None:
    """Show the findings on one subject, in words.

    \b
    Example:
      ringmark finding show lot/7K3M9QXF2W50
    """
    from ledger.reference.wording import word

    rows = _on(session, subject)
    lines = []
    for row in rows:
        found = row["finding"]
        message, hint = word(found["rule"], {row["kind"]: row["name"]}, session.lang)
        lines += [f"{found['severity']}: {found['rule']}: {message}", f"  {hint}"]
        lines.append(f"  caused by statement {found['cause']}")
    session.output.result({"subject": subject, "findings": rows}, lines or ["no open findings"])


@finding.command("close")
@click.argument("subject", metavar="KIND/NAME")
@click.argument("rule", metavar="RULE")
@click.option("--reason", required=True)
@click.option("--cause", metavar="STATEMENT", help="Where one rule remarked twice: which one.")
@writing_options
@pass_session
def close(
    session: Session,
    /,
    *,
    subject: str,
    rule: str,
    reason: str,
    cause: str | None,
    manner: Manner,
) -> None:
    """Close a finding, as an officer in scope.

    \b
    Example:
      ringmark --as moyo finding close lot/7K3M9QXF2W50 transfer.short --reason "counted again"
    """
    from ledger.custody.control import FindingClosed

    known = read_id(cause) if cause else _cause(session, subject, rule)
    say(session, FindingClosed(_named(subject), rule, known, reason), manner)


def _on(session: Session, subject: str) -> list[dict[str, Any]]:
    named = _named(subject)
    return [r for r in session.source.findings() if f"{r['kind']}/{r['name']}" == named]


def _cause(session: Session, subject: str, rule: str) -> bytes:
    causes = [r["finding"]["cause"] for r in _on(session, subject) if r["finding"]["rule"] == rule]
    if not causes:
        raise NotFoundError(
            "finding.unknown",
            f"There is no open finding {rule} on {subject}.",
            hint="See: ringmark finding list",
            params={"subject": subject, "rule": rule},
        )
    if len(set(causes)) > 1:
        raise UsageError(
            "finding.ambiguous",
            f"{rule} stands {len(causes)} times on {subject}.",
            hint="Say which with --cause; see: ringmark finding show",
        )
    return read_id(causes[0])


def _named(subject: str) -> str:
    """Return a subject as findings name it; a code may be typed with hyphens."""
    from ledger.desk.portions import read_code

    kind, _, name = subject.partition("/")
    return f"{kind}/{read_code(name) or name}" if kind in ("lot", "container") else subject
