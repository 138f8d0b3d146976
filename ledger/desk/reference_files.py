"""Files of quotas, suspensions, listings and bans, row by row, as the values that events set.

Owns how dates, units and sets of codes are written in public files, and
the reason why a row cannot be read. Sends nothing, decides nothing: the ledger judges.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import zip_longest

from msgspec import Struct
from msgspec.structs import replace

from ledger.custody.references import Ban, Listing, Quota, Suspension
from ledger.custody.rules.days import quota_year_end
from ledger.custody.rules.references import ACTS
from ledger.desk.reference_columns import COLUMNS, Columns, columns_of, csv_rows
from ledger.desk.sheet_values import find_country
from ledger.errors import MalformedError
from ledger.reference.quantities import parse_quantity
from ledger.reference.tables import Tables, load_tables
from ledger.wire import cbor, fields

EVERYWHERE = "XV"
"""The code for all countries together."""
OPEN_END = "9999-12-31"
NOTE_MAX = 1_500
_ANY = frozenset({"", "ALL", "FLAG", "NA"})
_COUNTRY_NAMES = {"myanmar": "MM", "brunei darussalam": "BN"}
_MANDATORY = frozenset({"listing_annotations", "cop_approved", "mandatory"})

Value = Quota | Suspension | Listing | Ban


class Read(Struct, frozen=True):
    """A row that was read: its line in the file, from 1, and what it sets."""

    line: int
    value: Value


class Left(Struct, frozen=True):
    """A row that cannot be loaded, and why."""

    line: int
    reason: str


class Manner(Struct, frozen=True):
    """What a file does not say itself: a first day, what its quotas count, a source."""

    from_day: str | None = None
    counts: str = "endorsement"
    source: str = "W"
    ignored: tuple[str, ...] = ()
    """Headings that mean nothing here, though they look like known ones."""


class _UnreadableError(Exception):
    """Why a row cannot be read."""


def read_file(data: bytes, *, kind: str, manner: Manner) -> Iterator[Read | Left]:
    """Yield each row of a CSV file of `kind` (quotas, suspensions, listings, bans), in its order.

    The same value twice is read once. Raise MalformedError for a file that is no table, or whose
    lines cannot be cut into cells.
    """
    make = _MAKERS[kind]
    tables = load_tables()
    seen: dict[Value, int] = {}
    for line, cells in _rows(data, kind, manner.ignored):
        if isinstance(cells, Left):
            yield cells
            continue
        try:
            if cells["parse"] == "check":
                raise _UnreadableError("the file itself marks the row as not checked")
            value = make(cells, manner, tables)
        except (_UnreadableError, MalformedError) as error:
            yield Left(line, str(error))
            continue
        if value in seen:
            yield Left(line, f"the same as line {seen[value]}")
            continue
        seen[value] = line
        yield Read(line, value)


def _rows(
    data: bytes, kind: str, ignored: tuple[str, ...]
) -> Iterator[tuple[int, dict[str, str] | Left]]:
    """Yield line and cells by what they mean, or why the row says what cannot be taken over."""
    headings, rows = csv_rows(data)
    columns = columns_of(headings, kind=kind, ignored=ignored)
    for number, row in enumerate(rows, start=2):
        reason = _lost(headings, row, columns, kind)
        if reason is not None:
            yield number, Left(number, reason)
            continue
        written = dict(zip(headings, row, strict=False))
        cells = {m: written.get(columns.read.get(m, ""), "").strip() for m in COLUMNS}
        for name in _names(cells["taxon"]):
            yield number, cells | {"taxon": name}


def _lost(headings: tuple[str, ...], row: list[str], columns: Columns, kind: str) -> str | None:
    """Return what of a row would be lost, or None: cells without a heading, or without a place."""
    under = zip_longest(headings, row, fillvalue="")
    if any(cell.strip() and not heading.strip() for heading, cell in under):
        return "it has more cells than headings: is a cell with a comma in quotation marks?"
    written = dict(zip(headings, row, strict=False))
    for name in columns.narrowing.values():
        cell = written.get(name, "").strip()
        if cell.upper() not in _ANY:
            return f"{kind} have no place for {name.strip()} ({cell[:40]})"
    return None


def _names(text: str) -> list[str]:
    """Return the taxa of one cell, `Guibourtia demeusei; G. tessmannii`, each in full."""
    names = [name.strip() for name in text.split(";")]
    genus = names[0].split(" ")[0]
    short = f"{genus[:1]}. "
    return [f"{genus} {n[len(short) :]}" if genus and n.startswith(short) else n for n in names]


def _quota(cells: Mapping[str, str], manner: Manner, tables: Tables) -> Quota:
    terms = _codes(cells["terms"], tables.term)
    first, last = _days(cells, is_caviar=terms == ("CAV",))
    amount, unit = _amount(cells["amount"], cells["unit"], tables)
    carried = cells["carried"]
    sources = (manner.source,) if cells["sources"] == "" and manner.source != "ALL" else None
    quota = Quota(
        quota="",
        country=_country(cells["country"], tables),
        taxon=_taxon(cells["taxon"], tables),
        amount=amount,
        unit=unit,
        from_day=first,
        until_day=last,
        counts=cells["counts"] or manner.counts,
        binding="mandatory" if cells["kind"].casefold() in _MANDATORY else "voluntary",
        terms=terms,
        sources=_codes(cells["sources"], tables.source) if sources is None else sources,
        purposes=_codes(cells["purposes"], tables.purpose),
        region=cells["region"] or None,
        conditions=_notes(cells["note"]),
        carried=_amount(carried, cells["unit"], tables)[0] if carried else None,
        publication=cells["publication"][:200] or None,
        replaces=cells["replaces"] or None,
    )
    head = f"{quota.country}-{first[:4]}-{_slug(quota.taxon)}"
    return replace(quota, quota=cells["id"].upper() or _id(head, quota))


def _is_yes(cell: str) -> bool:
    """Return whether a cell says yes: what is neither yes nor no is not guessed."""
    word = cell.casefold()
    if word in ("yes", "true", "1"):
        return True
    if word in ("", "no", "false", "0"):
        return False
    raise _UnreadableError(f"{cell} is neither yes nor no")


def _suspension(cells: Mapping[str, str], _manner: Manner, tables: Tables) -> Suspension:
    taxon = cells["taxon"]
    is_all = taxon.upper() in _ANY
    row = Suspension(
        suspension="",
        country=_country(cells["country"], tables),
        from_day=_day(cells["from"]) or _missing("no day from which it holds"),
        taxon=None if is_all else _taxon(taxon, tables),
        until_day=_day(cells["until"]),
        terms=_codes(cells["terms"], tables.term),
        sources=_codes(cells["sources"], tables.source),
        purposes=_codes(cells["purposes"], tables.purpose),
        exempt_terms=_codes(cells["exempt_terms"], tables.term),
        exempt_sources=_codes(cells["exempt_sources"], tables.source),
        exempt_purposes=_codes(cells["exempt_purposes"], tables.purpose),
        conditions=_notes(cells["note"]),
        publication=cells["publication"][:200] or None,
        imports=_is_yes(cells["imports"]) or None,
    )
    _check_order(row.from_day, row.until_day)
    head = f"{row.country}-{row.from_day[:4]}-{_slug(row.taxon or 'ALL')}"
    # What ends a suspension later is the same suspension: its id leaves out the last day.
    return replace(row, suspension=cells["id"].upper() or _id(head, replace(row, until_day=None)))


def _listing(cells: Mapping[str, str], manner: Manner, tables: Tables) -> Listing:
    appendix = cells["appendix"].upper().replace(" ", "")
    if not appendix:
        raise _UnreadableError("no Appendix")
    # A name may say of which population the row speaks: `Caiman latirostris (Brazil)`.
    name, _, population = cells["taxon"].partition(" (")
    population = population.rstrip(")")
    country = cells["country"] or find_country(population.rpartition(", ")[2]) or ""
    first = _day(cells["from"]) or manner.from_day
    said = [word for word in (cells["annotation"], population) if word]
    return Listing(
        taxon=_taxon(name, tables),
        appendix=appendix,
        from_day=first or _missing("no day from which it holds: say --from-day"),
        country=_country(country, tables) if country else None,
        annotation="; ".join(said)[:200] or None,
        publication=cells["publication"][:200] or None,
    )


def _ban(cells: Mapping[str, str], manner: Manner, tables: Tables) -> Ban:
    first = _day(cells["from"]) or manner.from_day
    acts = tuple(word for word in re.split(r"[ ,;|]+", cells["acts"].casefold()) if word)
    if not acts or not set(acts) <= set(ACTS):
        raise _UnreadableError(f"acts {cells['acts']!r} are none of {', '.join(ACTS)}")
    row = Ban(
        ban="",
        country=_country(cells["country"], tables),
        taxon=_taxon(cells["taxon"], tables),
        from_day=first or _missing("no day from which it holds: say --from-day"),
        acts=acts,
        until_day=_day(cells["until"]),
        season=tuple(word for word in re.split(r"[ ,;|]+|\.\.", cells["season"]) if word),
        terms=_codes(cells["terms"], tables.term),
        sources=_codes(cells["sources"], tables.source),
        exempt_kinds=tuple(w for w in re.split(r"[ ,;|]+", cells["exempt_kinds"].upper()) if w),
        conditions=_notes(cells["note"]),
        publication=cells["publication"][:200] or None,
    )
    head = f"{row.country}-{row.from_day[:4]}-{_slug(row.taxon)}"
    return replace(row, ban=cells["id"].upper() or _id(head, replace(row, until_day=None)))


def _taxon(name: str, tables: Tables) -> str:
    if not name:
        raise _UnreadableError("no name of a taxon")
    found = tables.taxa_named(name)
    if len(found) != 1:
        why = "may be several taxa" if found else "is not in the tables of this release"
        raise _UnreadableError(f"{name} {why}")
    return found[0].name


def _country(text: str, tables: Tables) -> str:
    if text.upper() == "ALL":
        return EVERYWHERE
    # Names carry remarks: `Sudan [prior to secession]`, `Bolivia (Plurinational State of)`.
    plain = re.sub(r"\s*[\[(].*", "", text)
    code = _COUNTRY_NAMES.get(plain.casefold(), text.upper())
    found = code if tables.country(code) is not None else find_country(plain)
    if not found:
        raise _UnreadableError(f"{text or 'nothing'} is no country of the tables")
    return found


def _amount(text: str, unit: str, tables: Tables) -> tuple[int, str]:
    if text == "" or text.startswith("-"):
        raise _UnreadableError("no figure")
    code = "NAR" if unit.upper() in _ANY else unit.upper()
    known = tables.unit({"KG": "KGM", "M3": "MTQ", "M2": "MTK"}.get(code, code))
    if known is None or not known.base:
        raise _UnreadableError(f"{unit} is no unit of the tables")
    return parse_quantity(text, known.code)


def _codes(text: str, look_up: Callable[[str], object]) -> tuple[str, ...]:
    """Return the codes of a cell, sorted; a cell that says all, or nothing, names none."""
    words = [word for word in re.split(r"[ ,;|]+", text.upper()) if word]
    if len(words) == 1 and words[0] in _ANY:
        return ()
    for word in words:
        if look_up(word) is None:
            raise _UnreadableError(f"{word} is no code of the tables")
    return tuple(sorted(set(words)))


def _days(cells: Mapping[str, str], *, is_caviar: bool) -> tuple[str, str]:
    """Return first and last day; the year of caviar begins on 1 March (Res. Conf. 12.7)."""
    first, last = _day(cells["from"]), _day(cells["until"])
    year = cells["year"]
    if first is None and re.fullmatch(r"[0-9]{4}", year):
        first, last = f"{year}-01-01", f"{year}-12-31"
        if is_caviar:
            first = f"{year}-03-01"
            last = quota_year_end(first)
    if first is None:
        raise _UnreadableError("no year and no first day")
    _check_order(first, last)
    return first, last or OPEN_END


def _check_order(first: str, last: str | None) -> None:
    if last is not None and last < first:
        raise _UnreadableError("it ends before it begins")


def _day(text: str) -> str | None:
    """Return a day as `YYYY-MM-DD`; public files write it the other way round, with slashes."""
    if text.casefold() in ("", "present"):
        return None
    found = re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?: [0-9:]+)?", text)
    written = f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}" if found else text
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError as error:
        raise _UnreadableError(f"{text} is no day") from error


def _notes(text: str) -> tuple[str, ...]:
    note = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return (note[:NOTE_MAX],) if note else ()


def _slug(name: str) -> str:
    return re.sub(r"[^A-Z0-9]+", "-", name.upper()).strip("-")[:48]


def _id(head: str, value: Quota | Suspension | Ban) -> str:
    """Return an id that follows from what the row says, so that a file may be loaded again."""
    digest = hashlib.sha256(cbor.encode(fields.to_plain(value))).hexdigest()
    return f"{head}-{digest[:8].upper()}"


def _missing(reason: str) -> str:
    raise _UnreadableError(reason)


_MAKERS: Mapping[str, Callable[[Mapping[str, str], Manner, Tables], Value]] = {
    "quotas": _quota,
    "suspensions": _suspension,
    "listings": _listing,
    "bans": _ban,
}
KINDS = tuple(_MAKERS)
