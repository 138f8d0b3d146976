"""Headings in English, French and Spanish, and the columns that they mean.

Owns the words of headings. Must not know what stands below them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from ledger.desk.sheet_rows import Column

_WORDS: Final[Mapping[Column, str]] = {
    Column.TAXON: (
        "taxon|taxa|species|scientific name|latin name|name of species|espece|nom scientifique|"
        "nom latin|"
        "nom de l espece|especie|nombre cientifico|nombre latino|nombre de la especie"
    ),
    Column.TERM: (
        "term|terms|product|goods|commodity|item|type|description|specimen|kind|terme|produit|"
        "article|"
        "marchandise|type de specimen|nature|termino|producto|mercancia|articulo|tipo|"
        "tipo de especimen|"
        "descripcion"
    ),
    Column.QUANTITY: (
        "quantity|qty|amount|number|count|pieces|pcs|no|number of pieces|number of specimens|"
        "quantite|qte|"
        "nombre|nombre de pieces|nb|cantidad|cant|numero|numero de piezas|piezas|unidades"
    ),
    Column.UNIT: (
        "unit|units|uom|unit of measure|measure|unite|unites|unite de mesure|mesure|unidad|"
        "unidad de medida|"
        "medida"
    ),
    Column.SOURCE: (
        "source|source code|cites source|code source|code de source|fuente|codigo de fuente|"
        "codigo de origen cites|procedencia"
    ),
    Column.ORIGIN: (
        "origin|country of origin|country|origine|pays d origine|pays|origen|pais de origen|pais"
    ),
    Column.YEAR: (
        "year|year of production|production year|harvest year|year of harvest|annee|"
        "annee de production|"
        "annee de recolte|ano|ano de produccion|ano de cosecha|anio"
    ),
    Column.SCHEME: (
        "scheme|mark scheme|tag scheme|tag type|systeme|systeme de marquage|esquema|sistema"
    ),
    Column.MARK: (
        "mark|marks|tag|tags|tag number|tag no|seal|serial|serial number|identification|marque|"
        "marques|"
        "etiquette|etiquettes|numero d etiquette|plombage|marca|marcas|etiqueta|etiquetas|"
        "precinto|precintos|"
        "numero de etiqueta|numero de precinto"
    ),
    Column.MARK_FROM: (
        "mark from|marks from|tag from|tags from|first tag|first mark|from tag|from|etiquette de|"
        "etiquette du|"
        "marque de|premiere etiquette|premiere marque|de|etiqueta desde|marca desde|precinto desde|"
        "primera etiqueta|primera marca|desde"
    ),
    Column.MARK_TO: (
        "mark to|marks to|tag to|tags to|last tag|last mark|to tag|to|etiquette a|etiquette au|"
        "marque a|"
        "derniere etiquette|derniere marque|a|au|etiqueta hasta|marca hasta|precinto hasta|"
        "ultima etiqueta|"
        "ultima marca|hasta"
    ),
    Column.FACILITY: (
        "facility|farm|mill|tannery|site|plot|operation|etablissement|ferme|elevage|scierie|"
        "tannerie|parcelle|"
        "instalacion|establecimiento|granja|criadero|aserradero|curtiembre|parcela|finca"
    ),
    Column.DOCUMENT: (
        "document|documents|permit|permit number|permit no|certificate|licence|license|permis|"
        "numero de permis|certificat|documento|documentos|permiso|numero de permiso|certificado|"
        "licencia"
    ),
    Column.MASS: (
        "mass|weight|net weight|net mass|masse|masse nette|poids|poids net|masa|masa neta|peso|"
        "peso neto"
    ),
    Column.VOLUME: "volume|volumen|cubage|cubicacion",
    Column.WIDTH: (
        "width|belly width|widest belly|largeur|largeur du ventre|largeur ventrale|ancho|"
        "ancho del vientre|ancho ventral"
    ),
    Column.CLAIM: (
        "claim|certification|certification claim|fsc claim|declaration|declaration fsc|"
        "certificacion|"
        "declaracion fsc|declaracion"
    ),
    Column.APPENDIX: "appendix|annexe|apendice|box 10",
    Column.QUOTA_USED: (
        "quota used|exported this year|quota utilise|exporte cette annee|cupo utilizado|"
        "exportado este ano"
    ),
    Column.QUOTA_TOTAL: "quota total|quota|annual quota|quota annuel|cupo|cupo anual|cupo total",
    Column.ORIGIN_PERMIT: (
        "origin permit|permit of origin|permis d origine|permiso de origen|box 12"
    ),
    Column.ORIGIN_DAY: (
        "origin day|date of origin permit|date du permis d origine|fecha del permiso de origen"
    ),
    Column.ORIGIN_UNKNOWN: "origin unknown|origine inconnue|origen desconocido",
    Column.LAST_COUNTRY: (
        "last country|country of last re export|pays de la derniere reexportation|"
        "pais de la ultima reexportacion|box 12a"
    ),
    Column.LAST_PERMIT: (
        "last permit|certificate of last re export|certificat de la derniere reexportation|"
        "certificado de la ultima reexportacion"
    ),
    Column.LAST_DAY: (
        "last day|date of last re export|date de la derniere reexportation|"
        "fecha de la ultima reexportacion"
    ),
    Column.OPERATION: (
        "operation number|breeding operation|numero d etablissement|numero del establecimiento|"
        "box 12b"
    ),
    Column.ACQUIRED: (
        "acquired|date of acquisition|date d acquisition|fecha de adquisicion|acquis|adquirido"
    ),
    Column.NOTE: (
        "note|notes|remark|remarks|comment|comments|remarque|remarques|observation|observations|"
        "commentaire|"
        "nota|notas|observacion|observaciones|comentario|comentarios"
    ),
}

_UNIT_WORDS: Final[Mapping[str, str]] = {
    "m3": "MTQ",
    "cm3": "CMQ",
    "m2": "MTK",
    "cm2": "CMK",
    "kg": "KGM",
    "g": "GRM",
    "t": "TON",
    "m": "MTR",
    "cm": "CTM",
    "mm": "MMT",
    "l": "LTR",
    "ml": "MLT",
    "pcs": "NAR",
    "pieces": "NAR",
    "piezas": "NAR",
}

_NEEDED: Final = 2
"""A heading row is the first one in which so many headings are known."""

_ROWS_BEFORE: Final = 20
"""Titles and addresses that may stand above the headings."""


class Heading(Struct, frozen=True):
    """What a heading means: a column, and the unit that it names, such as `Volume (m3)`."""

    text: str
    column: Column
    unit: str | None = None


class Headings(Struct, frozen=True):
    """The heading row of a sheet: its place (0-based) and what stands in each cell."""

    row: int
    cells: tuple[Heading | None, ...]
    unknown: tuple[str, ...]
    twice: tuple[Heading, ...]


def word_key(text: str) -> str:
    """Return `text` as words are compared: without case, accents, punctuation, superscripts."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[a-z0-9]+", kept))


def read_heading(text: str) -> Heading | None:
    """Return what a heading means, in any of the three languages, or None."""
    key = word_key(text)
    column = _COLUMNS.get(key)
    if column is not None:
        return Heading(text, column)
    words = key.split(" ")
    unit = _UNIT_WORDS.get(words[-1])
    # "Weight (kg)", "Volume en m3", "Cantidad m2": the last word is a unit.
    rest = " ".join(word for word in words[:-1] if word not in ("in", "en"))
    column = _COLUMNS.get(rest)
    return Heading(text, column, unit) if unit and column else None


def find_headings(rows: Sequence[Sequence[str]]) -> Headings | None:
    """Return the first row of `rows` that has at least two known headings, or None."""
    for number, row in enumerate(rows[:_ROWS_BEFORE]):
        found = [read_heading(text) if text else None for text in row]
        if len({heading.column for heading in found if heading}) >= _NEEDED:
            return _headings(number, row, found)
    return None


def _headings(number: int, row: Sequence[str], found: Sequence[Heading | None]) -> Headings:
    cells: list[Heading | None] = []
    twice: list[Heading] = []
    seen: set[Column] = set()
    for heading in found:
        if heading is not None and heading.column in seen:
            twice.append(heading)
            heading = None
        if heading is not None:
            seen.add(heading.column)
        cells.append(heading)
    unknown = tuple(text for text, heading in zip(row, found, strict=True) if text and not heading)
    return Headings(number, tuple(cells), unknown, tuple(twice))


_COLUMNS: Final[Mapping[str, Column]] = {
    word: column for column, words in _WORDS.items() for word in words.split("|")
}
