"""What a document says, typed as options or in a file: nothing is dropped in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click

from cli.commands.certificate_options import certificate_options, scope_of
from cli.context import Session
from cli.files import parsed
from cli.typed import GOODS, document_name, goods_options, read_drafts
from ledger.errors import UsageError

if TYPE_CHECKING:
    from ledger.custody.documents import Exemption, Paper
    from ledger.custody.events import Event

_IVORY = ("made_before", "share_percent", "surface_cm2", "museum")
_BOXES = (
    "acquired",
    "operation",
    "last_day",
    "last_permit",
    "last_country",
    "origin_unknown",
    "origin_day",
    "origin_permit",
    "quota_total",
    "quota_used",
    "appendix",
)


def _box_options(command: Any) -> Any:
    """Boxes 10 to 12b of every line that the sheet does not say itself."""
    for option in (
        click.option("--acquired", metavar="YYYY-MM-DD", help="Box 12b, source O."),
        click.option("--operation", metavar="NUMBER", help="Box 12b, source D."),
        click.option("--last-day", metavar="YYYY-MM-DD", help="Box 12a: its day."),
        click.option("--last-permit", metavar="NUMBER", help="Box 12a: last re-export."),
        click.option("--last-country", metavar="CC", help="Box 12a: its country."),
        click.option("--origin-unknown", metavar="REASON", help="Why box 12 is empty."),
        click.option("--origin-day", metavar="YYYY-MM-DD", help="Box 12: day of that permit."),
        click.option("--origin-permit", metavar="NUMBER", help="Box 12: permit of origin."),
        click.option("--quota-total", metavar="N", help="Box 11a: quota of the year."),
        click.option("--quota-used", metavar="N", help="Box 11a: exported with this document."),
        click.option("--appendix", metavar="I|II|III", help="Box 10."),
    ):
        command = option(command)
    return command


def _exemption_options(command: Any) -> Any:
    for option in (
        click.option("--museum", help="Ivory Act s.9: the museum that acquires it."),
        click.option("--surface-cm2", type=click.IntRange(1), help="Ivory Act: visible ivory."),
        click.option("--share-percent", type=click.IntRange(0, 100), help="Ivory Act: ivory."),
        click.option("--made-before", metavar="YYYY-MM-DD", help="Ivory Act: day of making."),
        click.option("--section", metavar="s.N", help="Ivory Act: s.2, s.6, s.7, s.8 or s.9."),
    ):
        command = option(command)
    return command


def paper_options(command: Any) -> Any:
    """Give a command all options that say what a document says, and those of its goods."""
    for option in (
        click.option("--verification", metavar="NUMBER", help="Of a due-diligence statement."),
        click.option(
            "--plot", "plots", multiple=True, metavar="PARTY/SLUG", help="A reference names it."
        ),
        click.option(
            "--rests-on",
            multiple=True,
            type=document_name,
            metavar="CC/KIND/NUMBER",
            help="Names it.",
        ),
        click.option("--stamp", metavar="NUMBER", help="Box 5b: security stamp."),
        click.option("--conditions", metavar="TEXT", help="Box 5: special conditions."),
        click.option("--issued-day", metavar="YYYY-MM-DD", help="Box 13, if not today."),
        click.option("--retrospective", metavar="REASON", help="Issued after the act, and why."),
        click.option("--to-country", metavar="CC"),
        click.option("--from-country", metavar="CC"),
        click.option("--purpose", metavar="CODE", help="T, P, S, …"),
        click.option("--until", "until_day", metavar="YYYY-MM-DD", help="Last day that counts."),
        click.option("--from-day", metavar="YYYY-MM-DD", help="First day that counts."),
        click.option("--holder", metavar="PARTY", help="Whose it is, if a party of the ledger."),
    ):
        command = option(command)
    return goods_options(_box_options(_exemption_options(certificate_options(command))))


def paper_of(session: Session, name: str, options: dict[str, Any]) -> Paper:
    """Return what the options or the file say, without spaces around it.

    Raise UsageError for an option that is empty, or that would be left out.
    """
    from ledger.custody.documents import Paper
    from ledger.desk.births import document_rows

    said = {key: _trimmed(key, value) for key, value in options.items()}
    if (said.get("file") or "").lower().endswith(".json"):
        _check_alone(said)
        return _paper_in(said["file"], name)
    said["appendix"] = _upper(said["appendix"])
    says_goods = any(said[key] is not None for key in ("file", *GOODS, *_BOXES))
    rows = document_rows(read_drafts(session, said)) if says_goods else ()
    return Paper(
        holder=said["holder"],
        from_day=said["from_day"],
        until_day=said["until_day"],
        rows=rows,
        purpose=_upper(said["purpose"]),
        from_country=_upper(said["from_country"]),
        to_country=_upper(said["to_country"]),
        retrospective=said["retrospective"],
        scope=scope_of(said),
        issued_day=said["issued_day"],
        conditions=said["conditions"],
        stamp=said["stamp"],
        rests_on=tuple(sorted(said["rests_on"])),
        verification=said["verification"],
        plots=tuple(sorted(said["plots"])),
        exemption=_exemption(said),
    )


def _trimmed(key: str, value: Any) -> Any:
    """Return what was typed without spaces around it; raise UsageError where nothing is left."""
    if isinstance(value, tuple):
        return tuple(_trimmed(key, item) for item in value)
    if not isinstance(value, str):
        return value
    if not value.strip():
        raise UsageError(
            "cli.option-blank",
            f"{_option(key)} says nothing.",
            hint="Leave it out, or say what the document says.",
            params={"option": key},
        )
    return value.strip()


def _check_alone(said: dict[str, Any]) -> None:
    """Raise UsageError where options stand beside a file that says all of the document."""
    beside = sorted(key for key, value in said.items() if key != "file" and value)
    if beside:
        names = ", ".join(map(_option, beside))
        raise UsageError(
            "cli.paper-file",
            f"The file says all of the document; {names} would be left out.",
            hint="Write it into the file, or leave the option out.",
        )


def _option(key: str) -> str:
    """Return a parameter of the running command as it is typed."""
    params = click.get_current_context().command.params
    return next((param.opts[0] for param in params if param.name == key), key)


def _upper(value: str | None) -> str | None:
    return value.upper() if value is not None else None


def _paper_in(file: str, name: str) -> Paper:
    """Return the paper in a JSON file, with the members of docs/events.md, Paper."""
    from ledger.custody.documents import DocumentIssued
    from ledger.desk.event_json import parse_event
    from ledger.wire import text

    def event_of(body: bytes) -> Event:
        paper = text.json_loads(body)
        return parse_event({"type": "DocumentIssued", "document": name, "paper": paper})

    hint = "It is a JSON object with the members of a paper (docs/events.md, Paper)."
    event = parsed(file, event_of, what="paper", hint=hint)
    return cast(DocumentIssued, event).paper


def _exemption(said: dict[str, Any]) -> Exemption | None:
    from ledger.custody.documents import Exemption

    given = {key: said[key] for key in _IVORY if said[key] is not None}
    if said["section"] is None and given:
        names = ", ".join(map(_option, given))
        raise UsageError(
            "cli.ivory-section",
            f"{names}: under which section of the Ivory Act?",
            hint="Say --section s.2, s.6, s.7, s.8 or s.9; other documents have no such box.",
        )
    return Exemption(section=said["section"], **given) if said["section"] is not None else None
