"""From the words in a cell to numbers and codes: terms, units, sources, countries, years, marks.

Owns how people write these things in English, French and Spanish. Never guesses: what can be read
in two ways comes back as two readings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from ledger.desk.sheet_columns import word_key
from ledger.reference.tables import Tables, load_tables

MARKS_MAX: Final = 1_000
"""Marks of one row: a statement touches no more subjects."""

# Words beside the names in the tables: plurals, and what people and the public trade tables write.
_TERM_WORDS: Final[Mapping[str, str]] = {
    "SKI": "hide|crocodile skin|peaux|pieles|cuero crudo|bellyskin",
    "SID": "flank|cote",
    "SKP": "skin piece|morceau de peaux|trozo de piel|skin scrap",
    "LPS": "small leather product|leather product|petit article en cuir|watchstrap|wallet",
    "LPL": "large leather product|handbag|sac a main|bolso",
    "TAI": "queue|cola",
    "LOG": "log|roundwood|troza|rollizo|bille",
    "SAW": "sawn timber|lumber|sawnwood|bois scie|sciage|bois debite|madera serrada|tabla",
    "VEN": "veneer|veneer sheet|feuille de placage|chapa",
    "PLY": "plywood|contreplaque|contrachapado|triplay",
    "TRW": "flooring|decking|parquet|transformed timber",
    "CHP": "chip|woodchip|wood chip|copeaux",
    "TIM": "timber piece|piece de bois",
    "CAR": "carving",
    "IVC": (
        "ivory carving|carved ivory|worked ivory|ivoire travaille|marfil tallado|"
        "sculpture en ivoire"
    ),
    "IVP": "ivory piece|raw ivory|piece of ivory|morceau d ivoire|trozo de marfil",
    "IJW": "jewellery ivory|ivory jewellery|ivory jewelry",
    "KEY": "piano key|ivory key",
    "PKY": "set of piano key",
    "TUS": "tusk|defense|colmillo",
    "EGL": "live egg|egg live|oeuf vivant|huevo vivo",
    "FOO": "feet|patte",
    "BOD": "body|bodie|carcass",
    "TEE": "teeth",
    "BOC": "bone carving",
    "BOP": "bone piece",
    "COR": "raw coral|coral",
    "SPE": "specimen|scientific specimen",
    "DER": "derivative",
    "MEA": "carne|viande",
    "TRO": "trophie|hunting trophy",
    "LIV": "live animal|live plant|animal vivant|animal vivo",
    "FRN": "furniture|meuble|mueble",
    "GEN": "genitalia",
    "HOC": "horn carving",
    "SHE": "shell",
}

_UNIT_WORDS: Final[Mapping[str, str]] = {
    "NAR": (
        "pcs|pc|pce|piece|no|nr|number|nb|nombre|pieza|unidad|unidades|u|un|unite|specimen|each|ea|"
        "skin|skins|"
        "numero|number of piece"
    ),
    "KGM": "kg|kgs|kilo|kilos|kilogram|kilogramme|kilogramo",
    "GRM": "g|gr|gram|gramme|gramo",
    "TON": "t|tonne|ton|tonelada|metric ton",
    "MTQ": "m3|cbm|cubic meter|cubic metre|metre cube|metro cubico|m 3|mc",
    "CMQ": "cm3",
    "MTK": "m2|sqm|sq m|square meter|square metre|metre carre|metro cuadrado",
    "CMK": "cm2",
    "SQF": "ft2|sq ft|sqft|pi2",
    "MTR": "m|meter|metre|metro",
    "CTM": "cm",
    "MMT": "mm",
    "LTR": "l|lt|litre|liter|litro",
    "MLT": "ml",
    "MGM": "mg",
    "PAI": "pair|paire|par|pares",
    "SID": "side|flank|flanc|flanco",
    "BSK": "bellyskin|belly skin",
    "HRN": "hornback skin|hornback",
    "BAK": "backskin|back skin",
    "SHP": "shipment",
    "SET": "set",
}

_SOURCE_WORDS: Final[Mapping[str, str]] = {
    "W": "wild|wild taken|wild caught|sauvage|silvestre|salvaje",
    "R": "ranched|ranch|ranching|elevage en ranch|rancheo",
    "C": (
        "captive bred|captive|bred in captivity|farmed|eleve en captivite|elevage|"
        "criado en cautividad|criadero"
    ),
    "F": "born in captivity|ne en captivite|nacido en cautividad",
    "A": (
        "artificially propagated|plantation|reproduit artificiellement|"
        "reproducido artificialmente|plantacion"
    ),
    "D": "registered operation",
    "I": "seized|confiscated|saisi|confisque|decomisado|confiscado",
    "O": "pre convention|antique|preconvencion",
    "U": "unknown|inconnu|inconnue|desconocido|desconocida",
    "Y": "assisted production|production assistee|produccion asistida",
}

_COUNTRY_WORDS: Final[Mapping[str, str]] = {
    "GB": "uk|great britain|england|grande bretagne|gran bretana",
    "US": "usa|united states of america|etats unis|estados unidos de america|eeuu",
    "CD": "dr congo|drc|democratic republic of the congo|republique democratique du congo|rdc",
    "CG": "congo|republic of the congo|republique du congo",
    "CI": "ivory coast|cote d ivoire|costa de marfil",
    "TZ": "united republic of tanzania",
    "BO": "plurinational state of bolivia",
    "LA": "lao pdr|lao people s democratic republic",
    "VN": "viet nam|vietnam",
    "RU": "russian federation|federation de russie|federacion de rusia",
    "CZ": "czech republic|republique tcheque|republica checa",
    "KR": "republic of korea|korea",
    "PG": "papua new guinea",
}

_SPACES = re.compile(r"(?<=[0-9])[ \u00a0\u202f'\u2019](?=[0-9]{3}(?![0-9]))")
_YEAR = re.compile(r"((?:1[5-9]|20)[0-9]{2})(?:-[0-9]{2}-[0-9]{2})?", re.ASCII)
_SEPARATORS = re.compile(r"[;,|\n\r]+")
_DIGITS = re.compile(r"[0-9]+", re.ASCII)


def number_readings(text: str, *, decimal: str | None) -> tuple[str, ...]:
    """Return every number that `text` can be, as decimal text with a dot; none: not a number.

    `1,234` is 1.234 to some and 1234 to others: two readings, unless `decimal` says which sign
    stands before decimals (`.` or `,`). Spaces and apostrophes group thousands.
    """
    text = _SPACES.sub("", text)
    found = (_number_with(text, sign) for sign in ((decimal,) if decimal else (".", ",")))
    return tuple(sorted({number for number in found if number is not None}))


def _number_with(text: str, decimal: str) -> str | None:
    """Return the number that `text` is where `decimal` is the decimal sign, or None."""
    group = "," if decimal == "." else "."
    whole, sign, fraction = text.partition(decimal)
    if (sign and not fraction) or (fraction and not fraction.isdecimal()):
        return None
    if group in whole:
        parts = whole.split(group)
        if not 1 <= len(parts[0]) <= 3 or any(len(part) != 3 for part in parts[1:]):
            return None
        if parts[0].startswith("0"):
            return None
        whole = "".join(parts)
    if not (whole.isascii() and whole.isdecimal() and text.isascii()):
        return None
    whole = whole.lstrip("0") or "0"
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def find_term(text: str) -> str | None:
    """Return the code of a term given as code or as words in one of three languages."""
    return _found(text, "terms")


def find_unit(text: str) -> str | None:
    """Return the code of a unit given as code, symbol or words."""
    return _found(text, "units")


def find_source(text: str) -> str | None:
    """Return the code of a source given as code or words."""
    return _found(text, "sources")


def find_country(text: str) -> str | None:
    """Return the alpha-2 code of a country given as code or name in one of three languages."""
    return _found(text, "countries")


def find_taxa(text: str, *, tables: Tables) -> tuple[str, ...]:
    """Return the accepted names that `text` may mean: a scientific name or a common one."""
    scientific = frozenset(taxon.name for taxon in tables.taxa_named(text))
    named = scientific or _common_names().get(_singular(word_key(text)), frozenset())
    found = (tables.taxon(name) for name in named)
    return tuple(sorted({taxon.name for taxon in found if taxon is not None}))


def read_year(text: str) -> int | None:
    """Return the year of a cell that holds a year or a day, else None."""
    match = _YEAR.fullmatch(text)
    return int(match[1]) if match else None


def split_marks(text: str) -> tuple[str, ...]:
    """Return the marks in one cell, separated by `;`, `,`, `|` or line breaks, in upper case."""
    parts = (_mark(part) for part in _SEPARATORS.split(text))
    return tuple(part for part in parts if part)


def range_of_marks(*, first: str, last: str) -> tuple[str, ...] | None:
    """Return all marks from `first` to `last`, or None where that is not one run of numbers.

    Both must be alike but for one run of digits of the same length, and the last not before the
    first. At most MARKS_MAX + 1 marks are written out: one more than a row may have.
    """
    first, last = _mark(first), _mark(last)
    ahead, behind = _DIGITS.split(first), _DIGITS.split(last)
    numbers_first, numbers_last = _DIGITS.findall(first), _DIGITS.findall(last)
    if ahead != behind or not numbers_first:
        return None
    pairs = list(zip(numbers_first, numbers_last, strict=True))
    differ = [place for place, (low, high) in enumerate(pairs) if low != high] or [len(pairs) - 1]
    low, high = pairs[differ[0]]
    if len(differ) != 1 or len(low) != len(high) or len(low) > 15 or low > high:
        return None
    return tuple(_marks_between(ahead, numbers_first, place=differ[0], low=low, high=high))


def _marks_between(
    texts: list[str], numbers: list[str], *, place: int, low: str, high: str
) -> Iterator[str]:
    stop = min(int(high), int(low) + MARKS_MAX) + 1
    for number in range(int(low), stop):
        filled = [*numbers[:place], f"{number:0{len(low)}d}", *numbers[place + 1 :], ""]
        yield "".join(text + digits for text, digits in zip(texts, filled, strict=True))


def _mark(text: str) -> str:
    return " ".join(text.upper().split())


def _found(text: str, table: str) -> str | None:
    codes = _code_words(table)
    code = text.strip().upper()
    if code in codes.values() and (len(code) > 1 or table == "sources"):
        return code
    return codes.get(_singular(word_key(text)))


def _singular(key: str) -> str:
    return " ".join(w[:-1] if len(w) > 3 and w[-1] in "sx" else w for w in key.split(" "))


@lru_cache(maxsize=4)
def _code_words(table: str) -> Mapping[str, str]:
    """Return words (without plural) to codes: our own words first, then current rows."""
    tables = load_tables()
    extra: Mapping[str, Mapping[str, str]] = {
        "terms": _TERM_WORDS,
        "units": _UNIT_WORDS,
        "sources": _SOURCE_WORDS,
        "countries": _COUNTRY_WORDS,
    }
    words: dict[str, str] = {}
    for code, names in _named_rows(tables, table):
        for name in names:
            words.setdefault(_singular(word_key(name)), code)
    for code, text in extra[table].items():
        words.update({_singular(word): code for word in text.split("|")})
    words.pop("", None)
    return words


def _named_rows(tables: Tables, table: str) -> Iterable[tuple[str, tuple[str, ...]]]:
    if table == "terms":
        terms = sorted(tables.terms, key=lambda term: (term.status != "current", term.number))
        return [(t.code, (t.en, t.fr, t.es, t.code)) for t in terms]
    if table == "units":
        return [(u.code, (u.en, u.fr, u.es, u.symbol, u.code)) for u in tables.units]
    if table == "sources":
        return [(s.code, (s.short_en, s.short_fr, s.short_es, s.code)) for s in tables.sources]
    return [(c.code, (c.en, c.fr, c.es)) for c in tables.countries]


@lru_cache(maxsize=1)
def _common_names() -> Mapping[str, frozenset[str]]:
    names: dict[str, set[str]] = {}
    for taxon in load_tables().taxa:
        for name in (*taxon.en, *taxon.fr, *taxon.es):
            names.setdefault(_singular(word_key(name)), set()).add(taxon.name)
    return {key: frozenset(found) for key, found in names.items()}
