"""`ringmark database`: what the owner of a PostgreSQL database does once for a ledger."""

from __future__ import annotations

import click

from cli.context import Session
from cli.lazy import NearGroup
from cli.typed import pass_session
from ledger.errors import UsageError


@click.group(cls=NearGroup)
def database() -> None:
    """Make a PostgreSQL database ready: tables, and a role that cannot change what is written.

    \b
    Example:
      ringmark database prepare --database postgresql://owner@db.example.org/ledger --role ringmark
    """


@database.command("prepare")
@click.option("--role", required=True, metavar="NAME", help="The role that will serve.")
@click.option("--mark-only", is_flag=True, help="A place for high-water marks, no ledger.")
@click.option("--sql", "is_sql", is_flag=True, help="Print the statements, do nothing.")
@pass_session
def prepare(session: Session, /, *, role: str, mark_only: bool, is_sql: bool) -> None:
    """Make tables and triggers, and let a role serve: no UPDATE, DELETE or TRUNCATE on leaves.

    --database names the owner of the tables; `init` and `serve` then name the role.

    \b
    Examples:
      ringmark database prepare --database postgresql://owner@db.example.org/ledger --role ringmark
      ringmark database prepare --role ringmark --sql
    """
    from ledger.storage.postgres.creating import preparation, prepare_postgres

    if is_sql:
        statements = list(preparation(role, mark_only=mark_only))
        session.output.result({"statements": statements}, [f"{one};" for one in statements])
        return
    address = session.options.database
    if address is None:
        raise UsageError(
            "cli.database-missing",
            "Which database?",
            hint="Name its owner: --database postgresql://OWNER@HOST/NAME, or RINGMARK_DATABASE.",
        )
    prepare_postgres(address, role=role, mark_only=mark_only)
    session.output.result({"role": role}, [f"ready: {role} may serve, and change nothing written"])
    session.output.next(
        f"ringmark init DIR --origin O --host H --database postgresql://{role}@HOST/NAME"
    )
