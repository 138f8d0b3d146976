"""`ringmark finding close-all`: findings of one rule, closed once their cause is settled."""

from __future__ import annotations

from collections import Counter

import click

from cli.context import Session, read_id
from cli.output import many
from cli.typed import finding_filters, pass_session, to_seconds
from cli.writing import Manner, Words, write_all, writing_options
from ledger.errors import NotFoundError
from ledger.storage.finding_list import Wanted
from ledger.wire import text

AT_ONCE_MAX = 500
"""The most findings that one command closes: one statement each."""


@click.command("close-all")
@click.argument("rule", metavar="RULE")
@click.option("--reason", required=True)
@click.option("--cause", metavar="STATEMENT", help="Only those that this statement caused.")
@finding_filters
@writing_options
@pass_session
def close_all(
    session: Session,
    /,
    *,
    rule: str,
    reason: str,
    cause: str | None,
    party: str | None,
    country: str | None,
    since: str | None,
    manner: Manner,
) -> None:
    """Close all open findings of one rule that are chosen, each by a statement of its own.

    For findings that a slip of somebody else left on many subjects: a quota or a suspension that
    was entered wrong and set right since. At most 500 at once; run it again for more.

    \b
    Examples:
      ringmark --as moyo finding close-all suspension.in-force --country ZW --since 2026-11-20 \\
          --reason "entered for the wrong country, ended by ZW-7"
      ringmark --as moyo finding close-all mark.cloned --cause 9b1f… --reason "typing error"
    """
    from ledger.custody.control import FindingClosed
    from ledger.desk.draft import Act
    from ledger.desk.remarks import every

    wanted = Wanted(
        rule=rule,
        party=text.check_party(party) if party else None,
        country=country.upper() if country else None,
        since=to_seconds(since),
    )
    known = read_id(cause).hex() if cause else None
    found: Counter[tuple[str, str, str]] = Counter()
    for row in every(session.source, wanted):
        one = row["finding"]
        if known in (None, one["cause"]):
            found[f"{row['kind']}/{row['name']}", one["rule"], one["cause"]] += one["more"]
    if not found:
        raise NotFoundError(
            "finding.unknown",
            f"There is no open finding {rule} of that kind.",
            hint="See: ringmark finding list",
            params={"subject": "", "rule": rule},
        )
    chosen = list(found.items())[:AT_ONCE_MAX]
    acts = [
        Act(FindingClosed(subject, name, bytes.fromhex(caused), reason, more or None))
        for (subject, name, caused), more in chosen
    ]
    unlisted = sum(more for _, more in chosen)
    rest = len(found) - len(chosen)
    words = Words(
        question=f"Close {many(len(acts), 'finding')} of {rule}"
        f"{f' and {unlisted} that are not listed' if unlisted else ''}"
        f"{f', {rest} wait' if rest else ''}.",
        next=("ringmark finding list",),
        plain={"closed": len(acts), "more": unlisted, "rest": rest},
    )
    write_all(session, acts, manner, words)
