"""Marks as they are printed on goods, and the one form in which the ledger writes each.

Owns the schemes of marks (data/mark_schemes.csv) and the forms of crocodilian tags, caviar labels
and microchips. A text with two readings is never guessed: all readings are given. Sources: CITES
Notification 1999/083 and Res. Conf. 11.12 (tags), Res. Conf. 12.7 (caviar), ISO 11784 (chips).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from ledger.reference.released import rows_of

SERIAL_DIGITS = 6
"""Serials of crocodilian tags are written with at least so many digits: 1 and 0001 are one."""
_YEARS = range(1975, 2100)
_CROCODILE = re.compile(
    r"([A-Z]{2}(?:\.[A-Z]{2})?)-([0-9]{4})-([0-9]{6,8})-(HYB|[A-Z]{3}(?:X[A-Z]{3})?)"
)
_USUAL = re.compile(
    r"([A-Z]{2})[^A-Z0-9]*([0-9]{2}|[0-9]{4})[^A-Z0-9]+([0-9]{1,8})[^A-Z0-9]*"
    r"(HYB|[A-Z]{3}(?:X[A-Z]{3})?)"
)
_TOKENS = re.compile(r"[A-Z]+|[0-9]+")
_SPECIES = re.compile(r"HYB|[A-Z]{3}(?:X[A-Z]{3})?")
_CAVIAR = re.compile(
    r"[A-Z]{3}(?:X[A-Z]{3})?/[WRDACFUIO]/[A-Z]{2}/[0-9]{4}/(?:[A-Z]{2}-)?[A-Z0-9]+/[A-Z0-9-]+"
)
_CHIP = re.compile(r"[0-9]{15}")
_PLAIN = re.compile(r"[A-Z0-9]+(?:[-./ ][A-Z0-9]+)*")


class Scheme(Struct, frozen=True):
    """A scheme of marks: its code, its names, and the form of its marks."""

    scheme: str
    en: str
    fr: str
    es: str
    form: str
    source: str


class CrocodileTag(Struct, frozen=True):
    """What a crocodilian tag says: country of origin, year, serial and species code.

    `country` is alpha-2, with the state behind a dot on tags of the United States (`US.LA`).
    """

    country: str
    year: int
    serial: str
    species: str

    @property
    def is_hybrid(self) -> bool:
        """Return whether the species code is that of a hybrid: `HYB` or `PORXSIA`."""
        return self.species == "HYB" or len(self.species) > 3

    @property
    def text(self) -> str:
        """Return the tag as the ledger writes it: `CC-YYYY-SERIAL-SPP`."""
        serial = self.serial.lstrip("0").rjust(SERIAL_DIGITS, "0")
        return f"{self.country}-{self.year}-{serial}-{self.species}"


@lru_cache(maxsize=1)
def schemes() -> dict[str, Scheme]:
    """Return the schemes by their code; a mark of any other scheme has the plain form."""
    return {row["scheme"]: Scheme(**row) for row in rows_of("mark_schemes")}


@lru_cache(maxsize=1)
def tag_species() -> dict[str, str]:
    """Return the accepted name behind each species code of crocodilian tags, empty for a hybrid."""
    return {row["code"]: row["taxon"] for row in rows_of("tag_species")}


def form_of(scheme: str) -> str:
    """Return the form of a scheme's marks: crocodile, caviar, microchip or plain."""
    found = schemes().get(scheme)
    return found.form if found is not None else "plain"


def is_canonical_text(scheme: str, text: str) -> bool:
    """Return whether `text` is written as the ledger writes marks of `scheme`."""
    form = form_of(scheme)
    if form == "crocodile":
        found = _CROCODILE.fullmatch(text)
        # Beyond six digits a serial has no zero in front.
        return found is not None and (len(found[3]) == SERIAL_DIGITS or found[3][0] != "0")
    pattern = {"caviar": _CAVIAR, "microchip": _CHIP}.get(form, _PLAIN)
    return pattern.fullmatch(text) is not None


def parse_crocodile(text: str) -> CrocodileTag | None:
    """Return what a tag in canonical form says, or None for any other text."""
    found = _CROCODILE.fullmatch(text)
    if found is None:
        return None
    return CrocodileTag(found[1], int(found[2]), found[3], found[4])


def readings(text: str, *, scheme: str | None = None) -> tuple[str, ...]:
    """Return every canonical mark `SCHEME/TEXT` that a printed mark may mean, likeliest first.

    Without `scheme` the form tells it; a text that fits none is a plain mark of nobody's scheme,
    and nothing is returned. More than one reading is a question to whoever typed it.
    """
    wanted = " ".join(text.upper().replace("×", "X").split())
    forms = [form_of(scheme)] if scheme is not None else ["crocodile", "caviar"]
    for form in forms:
        found = tuple(dict.fromkeys(_READERS[form](wanted)))
        if found:
            name = scheme or {"crocodile": "CROC", "caviar": "CAVIAR"}[form]
            return tuple(f"{name}/{mark}" for mark in found)
    return ()


def _read_crocodile(wanted: str) -> Iterator[str]:
    if is_canonical_text("CROC", wanted):
        yield wanted
        return
    usual = _USUAL.fullmatch(wanted)
    if usual is not None:
        year = _year(usual[2])
        if year is not None:
            yield CrocodileTag(usual[1], year, usual[3], usual[4]).text
        return
    tokens = _TOKENS.findall(wanted)
    digits = [token for token in tokens if token.isdigit()]
    for country, species in _letters([token for token in tokens if token.isalpha()]):
        for year, serial in _numbers(digits):
            yield CrocodileTag(country, year, serial, species).text


def _letters(words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield country and species code from the words of a tag, in any order; US tags show a state.

    Words that ran together (`THPOR`) are taken apart where only one way fits.
    """
    if len(words) == 1 and len(words[0]) in (5, 9):
        words = [words[0][:2], words[0][2:]]
    if len(words) == 3 and words[0] == "US" and len(words[1]) == 2:
        words = [f"US.{words[1]}", words[2]]
    if len(words) != 2:
        return
    for country, species in (words, reversed(words)):
        is_country = len(country) == 2 or country.startswith("US.")
        if is_country and _SPECIES.fullmatch(species):
            yield country, species


def _numbers(digits: list[str]) -> Iterator[tuple[int, str]]:
    """Yield year and serial from the numbers of a tag; one number alone is cut in each way."""
    if len(digits) == 1:
        whole = digits[0]
        cuts = [(whole[:n], whole[n:]) for n in (2, 4)] + [(whole[-n:], whole[:-n]) for n in (2, 4)]
        pairs = [(year, serial) for year, serial in cuts if serial]
    elif len(digits) == 2:
        pairs = [(digits[0], digits[1]), (digits[1], digits[0])]
    else:
        return
    for written, serial in pairs:
        year = _year(written)
        if year is not None and 1 <= len(serial) <= 8:
            yield year, serial


def _year(written: str) -> int | None:
    """Return the year of two or four digits, or None for what can be no year of a tag."""
    if len(written) == 2:
        return 1900 + int(written) if int(written) >= 75 else 2000 + int(written)
    return int(written) if len(written) == 4 and int(written) in _YEARS else None


def _read_caviar(wanted: str) -> Iterator[str]:
    found = re.sub(r" ?/ ?", "/", wanted)
    if _CAVIAR.fullmatch(found):
        yield found


def _read_microchip(wanted: str) -> Iterator[str]:
    found = re.sub(r"[^0-9]", "", wanted)
    if _CHIP.fullmatch(found):
        yield found


def _read_plain(wanted: str) -> Iterator[str]:
    if _PLAIN.fullmatch(wanted):
        yield wanted


_READERS = {
    "crocodile": _read_crocodile,
    "caviar": _read_caviar,
    "microchip": _read_microchip,
    "plain": _read_plain,
}
