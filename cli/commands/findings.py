"""`ringmark finding`: what rules remarked, and closing it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

import click

from cli.commands.finding_series import close_all
from cli.context import Session, read_id, write_bytes
from cli.lazy import NearGroup
from cli.output import many
from cli.typed import DURATIONS, after, finding_filters, pass_session, to_file, to_seconds
from cli.writing import Manner, say, writing_options
from ledger.custody.subjects import Kind
from ledger.desk.source import PAGE_ROWS
from ledger.errors import NotFoundError, UsageError
from ledger.storage.finding_list import ORDERS, Wanted
from ledger.wire import text

ROWS_SHOWN = 100
"""Rows of one page, as people are shown them."""
_NONE = ["no open findings"]


@click.group(cls=NearGroup)
def finding() -> None:
    """Open findings: stops, checks and notes.

    \b
    Examples:
      ringmark finding list --severity stop
      ringmark --as moyo finding close lot/7K3M9QXF2W50 transfer.short --reason "counted again"
    """


@finding.command("list")
@click.option("--on", "subject", metavar="KIND/NAME", help="Only on this subject.")
@click.option("--rule", help="Only of this rule, or of a family: mark.*")
@click.option("--severity", type=click.Choice(["stop", "check", "note"]))
@finding_filters
@click.option("--due", metavar="DAY|TIME|7d", help="Only deadlines that lie ahead, until then.")
@click.option("--sort", type=click.Choice(ORDERS), default="weight", show_default=True)
@click.option(
    "--limit",
    type=click.IntRange(1, PAGE_ROWS),
    default=ROWS_SHOWN,
    show_default=True,
    help="How many of them.",
)
@click.option("--after", metavar="PLACE", default="", help="Go on from where a page ended.")
@click.option("--all", "is_whole", is_flag=True, help="All of them, however many.")
@click.option(
    "--csv",
    "file",
    metavar="FILE",
    callback=to_file,
    help="Write them as a table too; - for stdout.",
)
@pass_session
def list_(
    session: Session,
    /,
    *,
    limit: int,
    after: str,
    is_whole: bool,
    file: str | None,
    **filters: str | None,
) -> None:
    """List the open findings, page by page: the heaviest first, or the oldest.

    \b
    Examples:
      ringmark finding list --severity stop --country ZW
      ringmark finding list --rule "mark.*" --sort age --csv findings.csv
      ringmark finding list --due 7d
    """
    from ledger.desk.remarks import COLUMNS, every, facts_of, table_rows
    from ledger.desk.table_file import csv_file

    wanted = _wanted(session, filters)
    if file is not None:
        rows = table_rows(every(session.source, wanted), session.lang)
        write_bytes(file, csv_file(COLUMNS, rows))
        if file == "-":
            return
        session.output.say(f"{many(len(rows), 'finding')} written to {file}")
    page = session.source.findings(wanted, after=after, limit=limit)
    if is_whole:
        page = {**page, "findings": list(every(session.source, wanted)), "next": ""}
    found = [facts_of(row, session.lang) for row in page["findings"]]
    now = int(session.source.about()["at"])
    lines = session.output.table(
        ("severity", "rule", "on", "since", "what"), [_short(row, now) for row in found]
    )
    session.output.result({**page, "findings": found}, [*lines, *_rest(page)] if found else _NONE)


@finding.command("show")
@click.argument("subject", metavar="KIND/NAME")
@click.option("--rule", help="Only of this rule.")
@pass_session
def show(session: Session, subject: str, rule: str | None) -> None:
    """Explain the findings on one subject: what caused them, what may lie behind, what ends them.

    \b
    Examples:
      ringmark finding show lot/7K3M9QXF2W50
      ringmark finding show lot/7K3M-9QXF-2W50 --rule mark.cloned
    """
    from ledger.desk.remarks import facts_of

    page = session.source.findings(Wanted(subject=_named(subject), rule=rule))
    rows = [facts_of(row, session.lang) for row in page["findings"]]
    lines = [line for row in rows for line in _explained(row)]
    session.output.result({"subject": subject, "findings": rows}, lines or _NONE)


@finding.command("close")
@click.argument("subject", metavar="KIND/NAME")
@click.argument("rule", metavar="RULE")
@click.option("--reason", required=True)
@click.option("--cause", metavar="STATEMENT", help="Where one rule remarked twice: which one.")
@click.option(
    "--more",
    type=click.IntRange(min=1),
    help="Where it stands for others that are not listed: how many of them you close.",
)
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
    more: int | None,
    manner: Manner,
) -> None:
    """Close a finding, as an officer in scope.

    Of one rule at most 50 stand on one subject; one of them counts those that came later.

    \b
    Example:
      ringmark --as moyo finding close lot/7K3M9QXF2W50 transfer.short --reason "counted again"
    """
    from ledger.custody.control import FindingClosed

    known = read_id(cause) if cause else _cause(session, subject, rule)
    say(session, FindingClosed(_named(subject), rule, known, reason, more), manner)


finding.add_command(close_all)


def _wanted(session: Session, filters: Mapping[str, str | None]) -> Wanted:
    subject, due, country = (filters[name] for name in ("subject", "due", "country"))
    now = int(session.source.about()["at"]) if due else 0
    return Wanted(
        subject=_named(subject) if subject else None,
        rule=filters["rule"],
        severity=filters["severity"],
        party=text.check_party(filters["party"]) if filters["party"] else None,
        country=country.upper() if country else None,
        since=to_seconds(filters["since"]),
        due=_until(due, now_s=now) if due else None,
        sort=filters["sort"] or "weight",
    )


def _rest(page: Mapping[str, Any]) -> list[str]:
    """Return what is said of a list that goes on: how many there are, and where."""
    if not page["next"]:
        return []
    counts = page["counts"] or {}
    said = ", ".join(f"{count:,} {weight}" for weight, count in counts.items())
    all_of_them = f"{sum(counts.values()):,} in all ({said})" if counts else "there are more"
    return [f"… {all_of_them}; the next: --after {shlex.quote(page['next'])}"]


def _until(due: str, *, now_s: int) -> int:
    """Return the time that a deadline is asked up to; a day counts to its last second."""
    found = after(due, now_s=now_s)
    return found + DURATIONS["d"] - 1 if len(due) == len("2026-11-24") else found


def _short(row: Mapping[str, Any], now: int) -> tuple[str, ...]:
    from ledger.desk.remarks import minute

    found = row["finding"]
    subject = f"{row['kind']}/{row['name']}"
    since = f"{'due ' if found['from_at'] > now else ''}{minute(found['from_at'])}"
    more = f" (and {found['more']} more)" if found["more"] else ""
    more += " (unless it is settled by then)" if found["from_at"] > now else ""
    return (found["severity"], found["rule"], subject, since, f"{row['sentence']}{more}")


def _explained(row: Mapping[str, Any]) -> list[str]:
    from ledger.desk.remarks import minute, said_by

    found, marks = row["finding"], ", ".join(row["finding"]["marks"])
    lines = [f"{found['severity']}: {found['rule']}: {row['sentence']}", f"  {row['next']}"]
    if marks:
        lines.append(f"  about: {marks}")
    if found["more"]:
        lines.append(f"  and {found['more']} more like it, since leaf {found['since']}")
    if row.get("caused"):
        lines.append(f"  caused by: {said_by(row['caused'])}")
    lines += [
        f"  statement: {found['cause']}",
        f"  counts from: {minute(found['from_at'])}",
        f"  innocent explanation: {row['innocent']}",
        f"  ended by: {row['ended_by']}",
    ]
    return [*lines, *(f"    {command}" for command in row["commands"])]


def _cause(session: Session, subject: str, rule: str) -> bytes:
    page = session.source.findings(Wanted(subject=_named(subject), rule=rule))
    causes = [row["finding"]["cause"] for row in page["findings"]]
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
    if kind not in set(Kind) or (not name and kind != Kind.LEDGER):
        raise UsageError(
            "finding.subject",
            f"{subject[:64]!r} names nothing that findings stand on.",
            hint="Write its kind and its name: lot/CODE, party/ID, mark/SCHEME/TEXT,"
            " document/CC/KIND/NUMBER.",
        )
    return f"{kind}/{read_code(name) or name}" if kind in ("lot", "container") else subject
