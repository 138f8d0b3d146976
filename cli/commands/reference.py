"""`ringmark reference`: the tables of this release."""

from __future__ import annotations

import dataclasses
from typing import Any

import click

from cli.context import Session
from cli.lazy import NearGroup
from cli.typed import pass_session
from ledger.errors import NotFoundError

TABLES = ("taxa", "terms", "units", "sources", "purposes", "countries", "conversions")


@click.group(cls=NearGroup)
def reference() -> None:
    """Taxa, terms, units, sources, purposes, countries, conversions.

    \b
    Examples:
      ringmark reference list terms
      ringmark reference show taxa "Nile crocodile"
    """


@reference.command("list")
@click.argument("table", required=False, type=click.Choice(TABLES))
@pass_session
def list_(session: Session, table: str | None) -> None:
    """List the tables, or the rows of one.

    \b
    Examples:
      ringmark reference list
      ringmark reference list sources
    """
    from ledger.reference.tables import load_tables, table_hashes

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
@click.argument("table", type=click.Choice(TABLES[:-1]))
@click.argument("word", metavar="WORD")
@pass_session
def show(session: Session, table: str, word: str) -> None:
    """Show what a code, name or word means.

    \b
    Examples:
      ringmark reference show terms peaux
      ringmark reference show taxa "Crocodylus niloticus"
    """
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


def _found(table: str, word: str) -> list[Any]:
    from ledger.desk import sheet_values
    from ledger.reference.tables import load_tables

    tables = load_tables()
    if table == "taxa":
        names = sheet_values.find_taxa(word, day=None, tables=tables)
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
    plain = {field.name: getattr(row, field.name) for field in dataclasses.fields(row)}
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()
    }


def _words(row: dict[str, Any]) -> list[str]:
    named = ("number", "code", "alpha2", "name", "term_in", "unit_in", "term_out", "en")
    return [str(row[name]) for name in named if row.get(name) not in (None, "", [])]
