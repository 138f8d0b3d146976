"""Options and arguments that several commands share, and files in place of them.

Owns `@FILE`, goods on the command line, and times as people type them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cli.context import Session, read_bytes
from cli.files import naming, parsed
from ledger.errors import MalformedError, UsageError
from ledger.wire import text

if TYPE_CHECKING:
    from ledger.custody.goods import Row
    from ledger.desk.sheet_rows import LotDraft

F = TypeVar("F", bound=Callable[..., Any])
pass_session = click.make_pass_decorator(Session)
"""Hands a command its session."""
GOODS = (
    "taxon",
    "term",
    "quantity",
    "unit",
    "source",
    "origin",
    "year",
    "marks",
    "claim",
    "width",
)
"""Options that say what goods are, and columns of a sheet."""
SHEET = (
    "Save it as XLSX, or as CSV in UTF-8, with headings in its first row (docs/formats/sheet.md)."
)
PORT = click.IntRange(1, 65_535)
"""A port that a server can be reached at."""
DURATIONS = {"m": 60, "h": 3_600, "d": 86_400}


def party_id(value: str) -> str:
    """Return the id of a party; raise MalformedError for what can be none, before it is signed."""
    return text.check_party(value.strip())


def document_name(value: str) -> str:
    """Return the name of a document as the ledger writes it: capitals, no spaces around it."""
    return value.strip().upper()


def to_file(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Return where a result goes; `-` is stdout, which nothing else is printed on then."""
    session = ctx.find_object(Session)
    if value == "-" and session is not None:
        is_option = isinstance(param, click.Option)
        session.output.give_stdout(param.opts[0] if is_option else param.human_readable_name)
    return value


def country_code(_: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Return a country in capitals; one that is none has no rows, as if nothing were found."""
    from ledger.reference.tables import load_tables

    if value is None or load_tables().country(value.upper()) is not None:
        return value.upper() if value else None
    raise UsageError(
        "request.country",
        f"{param.opts[0]} {value[:8]} is no country code.",
        hint="Use two letters: ZW.",
    )


def to_kept_file(_: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Return a file that is read and kept up to date; `-` is none, and refused."""
    if value == "-":
        raise UsageError(
            "cli.usage",
            f"{param.opts[0]} is read and kept up to date: it needs a file.",
            hint=f"Name one: {param.opts[0]} seen.state",
        )
    return value


def finding_filters(command: F) -> F:
    """Give a command the options that choose findings: `party`, `country` and `since`."""
    where = "Only where goods or parties are in this country."
    options = (
        click.option("--since", metavar="DAY|TIME", help="Only those that count from then on."),
        click.option("--country", metavar="CC", callback=country_code, help=where),
        click.option("--party", help="Only those that speak of this party, or that it caused."),
    )
    for option in options:
        command = option(command)
    return command


def documents_option(help_text: str = "") -> Callable[[F], F]:
    """Give a command `--document`, as often as there are papers, as `documents`."""
    return click.option(
        "--document",
        "documents",
        type=document_name,
        multiple=True,
        metavar="CC/KIND/NUMBER",
        help=help_text or None,
    )


def goods_options(command: F) -> F:
    """Give a command the options that say what goods are, as one mapping `goods`, and `--from`."""
    options = (
        click.option("--decimal", type=click.Choice([".", ","]), help="The sign before decimals."),
        click.option("--from", "file", metavar="FILE", help="A CSV or XLSX sheet, - for stdin."),
        click.option("--width", help="Widest belly of the skins, in cm."),
        click.option("--claim", help="Certification claim."),
        click.option("--marks", metavar="A..B,C", help="Marks of the pieces."),
        click.option("--scheme", help="The scheme of the marks (TAG)."),
        click.option("--year", help="Year of harvest or production."),
        click.option("--origin", metavar="CC", help="Country of origin."),
        click.option("--source", metavar="CODE", help="Source: W, R, C, …"),
        click.option("--unit", help="NAR, KGM, MTQ, MTK, MTR, LTR, or words."),
        click.option("--quantity", help="How many or how much."),
        click.option("--term", help="What it is: SKI, SAW, CAV, or words."),
        click.option("--taxon", help="Scientific name, or a common one."),
    )
    for option in options:
        command = option(command)
    return command


def read_drafts(session: Session, options: Mapping[str, Any]) -> tuple[LotDraft, ...]:
    """Return what goods a sheet or the options say; raise MalformedError for what is unclear."""
    from ledger.desk.births import check_clear, check_typed, unclear
    from ledger.desk.sheet import Column, read_sheet
    from ledger.desk.sheet_rows import BOXES

    boxes = (box.value for box in BOXES)
    given = {n: options.get(n.replace("-", "_")) for n in (*GOODS, "scheme", *boxes)}
    if options.get("file"):
        plain = {Column(n): v for n, v in given.items() if v and n not in ("marks", "quantity")}
        with naming(options["file"], what="sheet of goods", hint=SHEET):
            sheet = read_sheet(
                read_bytes(options["file"]), decimal=options.get("decimal"), defaults=plain
            )
    else:
        sheet = read_sheet(_as_sheet(given), decimal=options.get("decimal") or ".", defaults=None)
    for heading in sheet.headings_unknown:
        session.output.say(f"The column {heading!r} was left out: its heading is not known.")
    if options.get("file"):
        lines = unclear(sheet)
        for line in lines if len(lines) > 5 else ():
            session.output.say(line)
        check_clear(sheet, place=options["file"])
    check_typed(sheet)
    if not sheet.drafts:
        raise UsageError("cli.goods-missing", "No goods were named.", hint="See --help.")
    return sheet.drafts


def _as_sheet(given: Mapping[str, Any]) -> bytes:
    """Return options as a sheet of one row, so that both are read by one reader."""
    marks = ";".join(_marks(given.get("marks") or ""))
    cells = {**{k: v for k, v in given.items() if v}, "marks": marks}
    if not given.get("taxon") or not given.get("term"):
        raise UsageError(
            "cli.goods-missing",
            "Which goods?",
            hint="Say --taxon, --term, --quantity, --source, --origin; or --from FILE.",
        )
    # Two headings at least are known, so that a row of one cell is still a sheet.
    names = [name for name, value in cells.items() if value]
    quoted = ['"' + str(cells[name]).replace('"', '""') + '"' for name in names]
    return ("sep=\t\n" + "\t".join(names) + "\n" + "\t".join(quoted) + "\n").encode()


def _marks(value: str) -> list[str]:
    from ledger.custody.goods import count, expand
    from ledger.desk.portions import read_marks
    from ledger.desk.sheet_values import MARKS_MAX

    ranges = read_marks(value) if value else ()
    if count(ranges) > MARKS_MAX:
        raise MalformedError(
            "cli.marks-many",
            f"--marks: {count(ranges):,} marks are named; a lot has at most {MARKS_MAX:,}.",
            hint="Register several lots.",
            params={"option": "--marks", "count": count(ranges)},
        )
    return [name.partition("/")[2] for name in expand(ranges)]


def read_row(spec: str, like: Row) -> tuple[Row, str | None]:
    """Return a row typed as `TERM QUANTITY [UNIT]`, and marks after `=`, made of goods like `like`.

    `SID 1000`, `SAW 3.25 m3`, `SKI 40=ZW-1..ZW-40`.
    """
    from msgspec.structs import replace

    from ledger.desk.sheet_values import find_term, find_unit
    from ledger.reference.quantities import parse_quantity

    words, _, marks = spec.partition("=")
    parts = words.split()
    term = find_term(parts[0]) if parts else None
    if term is None or len(parts) not in (2, 3):
        raise MalformedError(
            "cli.row",
            f"{spec!r} is not goods.",
            hint="Write TERM QUANTITY UNIT, such as 'SAW 3.25 m3' or 'SID 1000 pieces'.",
            params={"typed": spec[:64]},
        )
    unit = find_unit(parts[2]) if len(parts) == 3 else "NAR"
    if unit is None:
        raise MalformedError("cli.row", f"{parts[2]!r} is no unit.", hint="Use NAR, KGM, MTQ, …")
    quantity, base = parse_quantity(parts[1], unit)
    return replace(like, term=term, quantity=quantity, unit=base), marks or None


def lot_names(values: Iterable[str]) -> list[str]:
    """Return typed lots, with those of each `@FILE` in its place: one a line, or a JSON result."""
    found: list[str] = []
    for value in values:
        found += _in_file(value[1:]) if value.startswith("@") else [value]
    if not found:
        raise UsageError("cli.lot-missing", "No lot was named.", hint="Type codes, or @FILE.")
    return found


def _in_file(file: str) -> list[str]:
    hint = "Write a code on each line, or take the file of `lot register --out`."
    return parsed(file, _listed, what="list of lots", hint=hint)


def _listed(body: bytes) -> list[str]:
    if body.lstrip().startswith(b"{"):
        lots = text.json_loads(body).get("lots")
        if not isinstance(lots, list) or not all(isinstance(code, str) for code in lots):
            raise MalformedError("cli.lot-file", 'Its "lots" are no list of codes.')
        return lots
    try:
        lines = body.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise MalformedError("cli.lot-file", "It is no text in UTF-8.") from error
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def to_seconds(
    value: str | None, *, hint: str = "Write a day, 2026-11-24, or a time, 2026-11-24T01:53:00Z."
) -> int | None:
    """Return the seconds of a time or a day as typed, None for None."""
    if value is None:
        return None
    try:
        if len(value) == 10:
            return text.parse_day(value) * 86_400
        return text.parse_time(value)
    except MalformedError as error:
        raise MalformedError(error.code, error.message, hint=hint, params=error.params) from error


def after(value: str, *, now_s: int) -> int:
    """Return the time that a duration such as `14d` or `36h` from now, or a time itself, means."""
    if value[:-1].isdecimal() and value[-1:] in DURATIONS:
        return now_s + text.parse_decimal(value[:-1]) * DURATIONS[value[-1]]
    found = to_seconds(value, hint="Write a day, a time, or how long from now: 14d, 36h, 90m.")
    return now_s if found is None else found


def act_options(command: F) -> F:
    """Give a command `--when` and `--day`: when and on which local day the act happened."""
    when = click.option("--when", metavar="TIME", help="When it happened (now).")
    day = click.option("--day", metavar="YYYY-MM-DD", help="The local day where it happened.")
    return when(day(command))
