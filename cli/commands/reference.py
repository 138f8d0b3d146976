"""`ringmark reference`: the tables of this release, and what authorities told a ledger.

Owns the commands; how the ledger's own tables are shown stands in `references_kept`.
"""

from __future__ import annotations

from typing import Any

import click
from msgspec import structs

from cli.commands.references_kept import KEPT, list_kept, show_kept
from cli.context import Session, read_bytes
from cli.lazy import NearGroup
from cli.typed import pass_session
from cli.writing import Manner, Words, write_all, writing_options
from ledger.errors import NotFoundError

TABLES = ("taxa", "terms", "units", "sources", "purposes", "countries", "conversions")
FILES = ("quotas", "suspensions", "listings", "bans", "pairs")
SHOWN_MAX = 20
"""More rows than this that cannot be loaded are counted by reason; `--json` has all."""


@click.group(cls=NearGroup)
def reference() -> None:
    """Taxa, terms, units, sources; quotas, suspensions, listings, bans.

    \b
    Examples:
      ringmark reference list terms
      ringmark reference show taxa "Nile crocodile"
      ringmark --as parks reference load quotas-2027.csv --kind quotas
      ringmark reference list quotas ZW
    """


@reference.command("list")
@click.argument("table", required=False, type=click.Choice((*TABLES, *KEPT)))
@click.argument("beginning", required=False, metavar="[BEGINNING]")
@pass_session
def list_(session: Session, table: str | None, beginning: str | None) -> None:
    """List the tables, or the rows of one; of the ledger's own those that begin so.

    \b
    Examples:
      ringmark reference list
      ringmark reference list sources
      ringmark reference list quotas ZW
    """
    from ledger.reference.tables import load_tables, table_hashes

    if table in KEPT:
        list_kept(session, table, beginning)
        return
    tables = load_tables()
    if table is None:
        hashes = {name: digest.hex() for name, digest in table_hashes().items()}
        lines = [f"{name:<14} {len(getattr(tables, name)):>5} rows" for name in TABLES]
        session.output.result({"tables": hashes}, lines)
        return
    rows = [_plain(row) for row in getattr(tables, table)]
    lines = ["  ".join(_words(row)) for row in rows]
    session.output.result({"table": table, "rows": rows}, lines)


@reference.command("show")
@click.argument("table", type=click.Choice((*TABLES[:-1], *KEPT)))
@click.argument("word", metavar="WORD")
@pass_session
def show(session: Session, table: str, word: str) -> None:
    """Show what a code, name or word means; a quota with its conditions.

    \b
    Examples:
      ringmark reference show terms peaux
      ringmark reference show taxa "Crocodylus niloticus"
      ringmark reference show quotas ZW-2027-NILOTICUS
    """
    if table in KEPT:
        show_kept(session, table, word)
        return
    rows = [_plain(row) for row in _found(table, word)]
    if not rows:
        raise NotFoundError(
            "reference.unknown",
            f"{word!r} is in no row of {table}.",
            hint=f"See: ringmark reference list {table}",
            params={"word": word[:64], "table": table},
        )
    lines = [f"{name}: {value}" for row in rows for name, value in row.items() if value]
    session.output.result({"table": table, "rows": rows}, lines)


@reference.command("load")
@click.argument("file", metavar="FILE")
@click.option("--kind", required=True, type=click.Choice(FILES))
@click.option("--from-day", metavar="YYYY-MM-DD", help="First day, where the file says none.")
@click.option(
    "--counts",
    type=click.Choice(["harvest", "issue", "endorsement"]),
    default="endorsement",
    help="What draws on the quotas, where the file does not say (endorsement).",
)
@click.option("--source", default="W", metavar="CODE", help="Of quotas that name none (W); ALL.")
@click.option("--ignore", multiple=True, metavar="COLUMN", help="A column that means nothing here.")
@writing_options
@pass_session
def load(
    session: Session,
    /,
    *,
    file: str,
    kind: str,
    from_day: str | None,
    counts: str,
    source: str,
    ignore: tuple[str, ...],
    manner: Manner,
) -> None:
    """Load a CSV file of quotas, suspensions, listings or bans; may be repeated and goes on.

    Rows that the ledger has are left alone. Rows that cannot be loaded, and those of countries for
    which you do not decide, are named with the reason; so are columns that are not read. A heading
    that is nearly a known one is asked about.
    A year stands for its days; that of caviar runs from March to February. Pairs are tables of the
    rule set: they are compared, and nothing is sent.

    \b
    Examples:
      ringmark --as parks reference load quotas-2027.csv --kind quotas --counts harvest
      ringmark --as parks reference load notification.csv --kind suspensions
      ringmark reference load term_unit_pairs.csv --kind pairs
    """
    from ledger.desk import reference_files, reference_loading
    from ledger.desk.draft import Act
    from ledger.desk.reference_pairs import compare_pairs

    data = read_bytes(file)
    if kind == "pairs":
        in_force, missing = compare_pairs(data)
        plain = {"rows": in_force + len(missing), "in_force": in_force, "left": _left(missing)}
        lines = [f"{in_force} pairs are in force, {len(missing)} are not."]
        session.output.result(plain, [*lines, *_left_lines(missing)])
        return
    own = reference_files.Manner(
        from_day=from_day, counts=counts, source=source.upper(), ignored=ignore
    )
    found = reference_loading.compare(
        data, session.source, kind=kind, manner=own, party=session.party
    )
    plain = {
        "rows": found.rows,
        "new": len(found.new),
        "known": len(found.known),
        "left": _left(found.left),
        "unread": list(found.unread),
    }
    said = f"{found.rows} rows: {len(found.new)} new, {len(found.known)} known, {len(found.left)}"
    unread = [f"Columns that are not read: {', '.join(found.unread)}."] if found.unread else []
    for line in (f"{said} cannot be loaded.", *_left_lines(found.left), *unread):
        session.output.say(line)
    acts = [Act(event) for event in reference_loading.events(found.new)]
    if not acts:
        session.output.result({**plain, "statements": []}, ["Nothing new to say."])
        return
    words = Words(plain=plain, next=(f"ringmark reference list {kind}",))
    write_all(session, acts, manner, words, again=False)


def _left(rows: Any) -> list[dict[str, Any]]:
    return [{"line": row.line, "reason": row.reason} for row in rows]


def _left_lines(rows: Any) -> list[str]:
    lines = [f"  line {row.line}: {row.reason}" for row in rows[:SHOWN_MAX]]
    more = len(rows) - SHOWN_MAX
    return [*lines, f"  and {more} more; see --json"] if more > 0 else lines


def _found(table: str, word: str) -> list[Any]:
    from ledger.desk import sheet_values
    from ledger.reference.tables import load_tables

    tables = load_tables()
    if table == "taxa":
        names = sheet_values.find_taxa(word, tables=tables)
        return [taxon for name in names if (taxon := tables.taxon(name)) is not None]
    finders = {
        "terms": (sheet_values.find_term, tables.term),
        "units": (sheet_values.find_unit, tables.unit),
        "sources": (sheet_values.find_source, tables.source),
        "countries": (sheet_values.find_country, tables.country),
    }
    if table not in finders:
        found = tables.purpose(word.upper())
        return [found] if found else []
    find, get = finders[table]
    code = find(word)
    row = get(code) if code else None
    return [row] if row else []


def _plain(row: Any) -> dict[str, Any]:
    plain = structs.asdict(row)
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()
    }


def _words(row: dict[str, Any]) -> list[str]:
    named = ("number", "code", "alpha2", "name", "term_in", "unit_in", "term_out", "en")
    return [str(row[name]) for name in named if row.get(name) not in (None, "", [])]
