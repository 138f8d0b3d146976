"""Options that say what a chain-of-custody certificate covers, and how they are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ledger.custody.certification import CertificateScope


def certificate_options(command: Any) -> Any:
    """Give a command the options that describe a certificate of FSC or PEFC."""
    for option in (
        click.option(
            "--opening",
            "openings",
            multiple=True,
            metavar="'TERM QUANTITY UNIT YYYY-MM'",
            help="Credit that its holder had before this ledger, said once.",
        ),
        click.option(
            "--outsourcing", is_flag=True, help="Contractors may process under the certificate."
        ),
        click.option(
            "--system",
            "systems",
            multiple=True,
            type=click.Choice(["percentage", "credit"]),
            help="A system of control of the certificate beside transfer.",
        ),
        click.option(
            "--group",
            "groups",
            multiple=True,
            metavar="'TERM [TAXON]'",
            help="A product that the certificate covers.",
        ),
    ):
        command = option(command)
    return command


def scope_of(options: Mapping[str, Any]) -> CertificateScope | None:
    """Return what the options say of a certificate, None where they say nothing."""
    from ledger.desk.certificates import read_scope

    return read_scope(
        options["groups"],
        systems=options["systems"],
        outsourcing=options["outsourcing"],
        openings=options["openings"],
    )
