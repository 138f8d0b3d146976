"""Outlines of plots as GeoJSON, in the form that the EU's due-diligence system takes.

Owns the reading of such files and the reasons why one would not be taken. Knows no ledger and no
facility. Coordinates are kept as they are written: six decimals are a matter of the text. Sources:
EUDR GeoJSON File Description v1.3; API and UI validation rules v1.3; Regulation (EU) 2023/1115.

    {"type": "Feature", "properties": {"ProducerName": "…", "ProducerCountry": "PE", "Area": 12.5},
     "geometry": {"type": "Polygon", "coordinates": [[[-75.110100, -10.480720], …]]}}
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from msgspec import Struct

from ledger.errors import MalformedError
from ledger.reference.tables import load_tables
from ledger.wire import text

SIZE_MAX = 25 * 1024 * 1024
"""The most bytes of geolocation in one due-diligence statement."""
FEATURES_MAX = 10_000
DECIMALS_MIN = 6
POINT_AREA_MAX_HA = 4
"""Above four hectares a plot is a polygon (Art. 2(28))."""
POINT_AREA_HA = 4
"""What a point without an area stands for."""
AREA_MIN_HA = Decimal("0.0001")
EARTH_RADIUS_M = 6_371_008.8
HECTARE_M2 = 10_000
_DEPTH = {"Point": 0, "MultiPoint": 1, "Polygon": 2, "MultiPolygon": 3}
_NAMES = ("facility", "name", "NAME", "nombre", "Name", "ProductionPlace", "ProducerName")

Position = tuple[Decimal, Decimal]
"""Longitude and latitude, as written."""
Ring = tuple[Position, ...]


class Problem(Struct, frozen=True):
    """Why a file would not be taken: a stable code, where, what, and what to do."""

    code: str
    where: str
    message: str
    hint: str


class Outline(Struct, frozen=True):
    """One feature: its outer rings or its points, who produces there, and how large it is."""

    name: str
    rings: tuple[Ring, ...]
    points: tuple[Position, ...]
    country: str | None
    area_ha: Decimal | None
    """As stated; absent for most polygons."""

    @property
    def area_m2(self) -> int:
        """Return the area: computed on the sphere for polygons, else as stated for its points."""
        if self.rings:
            return sum(ring_area_m2(ring) for ring in self.rings)
        return int((self.area_ha or Decimal(POINT_AREA_HA)) * HECTARE_M2) * len(self.points)


class OutlineFile(Struct, frozen=True):
    """The outlines of a file and what is wrong with it."""

    outlines: tuple[Outline, ...]
    problems: tuple[Problem, ...]

    @property
    def area_m2(self) -> int:
        """Return the area of all outlines together."""
        return sum(outline.area_m2 for outline in self.outlines)


def read_outlines(data: bytes) -> OutlineFile:
    """Return the outlines of a GeoJSON file with all problems of its form.

    Raises MalformedError `geojson.form` where it holds no features at all, `geojson.size` where it
    is larger than 25 MB or has more than 10,000 features.
    """
    if len(data) > SIZE_MAX:
        raise MalformedError(
            "geojson.size",
            f"The file has {len(data)} bytes; {SIZE_MAX} are the most.",
            hint="Leave out points of lines that are straight, or make two files.",
            params={"size": len(data)},
        )
    features = _features_of(text.json_loads(data, decimals=True))
    outlines: list[Outline] = []
    problems: list[Problem] = []
    for i, feature in enumerate(features):
        where = f"feature {i + 1}"
        found = _outline(feature, where)
        if isinstance(found, Problem):
            problems.append(found)
            continue
        outlines.append(found)
        problems += _problems_of(found, feature, where)
    return OutlineFile(tuple(outlines), tuple(problems))


def ring_area_m2(ring: Ring) -> int:
    """Return the area of a ring on a sphere, in whole m2."""
    total = 0.0
    for (lon_1, lat_1), (lon_2, lat_2) in pairwise(ring):
        width = math.radians(float(lon_2) - float(lon_1))
        total += width * (2 + math.sin(math.radians(lat_1)) + math.sin(math.radians(lat_2)))
    return round(abs(total) * EARTH_RADIUS_M**2 / 2)


def _features_of(value: Any) -> Sequence[Any]:
    features: Any = None
    if isinstance(value, dict) and value.get("type") == "FeatureCollection":
        features = value.get("features")
    elif isinstance(value, dict) and value.get("type") == "Feature":
        features = [value]
    if not isinstance(features, list) or not features:
        raise MalformedError(
            "geojson.form",
            "The file is no GeoJSON with features.",
            hint="Export a FeatureCollection of polygons or points, in longitude and latitude.",
        )
    if len(features) > FEATURES_MAX:
        raise MalformedError(
            "geojson.size",
            f"The file has {len(features)} features; {FEATURES_MAX} are the most.",
            hint="Make several files.",
            params={"size": len(features)},
        )
    return features


def _outline(feature: Any, where: str) -> Outline | Problem:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if geometry is None or kind not in _DEPTH:
        return Problem(
            "geojson.geometry",
            where,
            f"{kind or 'nothing'} is no outline of a plot.",
            "Use Point, MultiPoint, Polygon or MultiPolygon; a line is no plot.",
        )
    try:
        parts = _parts(geometry["coordinates"], _DEPTH[kind])
    except (KeyError, TypeError, ValueError):
        return Problem(
            "geojson.coordinates",
            where,
            f"The coordinates are not those of a {kind}.",
            "Write positions as [longitude, latitude].",
        )
    properties = feature.get("properties")
    own: Mapping[str, Any] = properties if isinstance(properties, dict) else {}
    names = (own.get(key) for key in _NAMES)
    country, area = own.get("ProducerCountry"), own.get("Area")
    return Outline(
        name=next((name for name in names if isinstance(name, str) and name), where),
        rings=tuple(rings[0] for rings in parts) if _DEPTH[kind] > 1 else (),
        points=tuple(parts) if _DEPTH[kind] < 2 else (),
        country=country if isinstance(country, str) else None,
        area_ha=Decimal(area) if isinstance(area, int | Decimal) else None,
    )


def _parts(value: Any, depth: int) -> list[Any]:
    """Return points, or the rings of each polygon; raise TypeError or ValueError otherwise."""
    if depth == 0:
        return [_position(value)]
    if depth == 1:
        return [_position(item) for item in value]
    polygons = [value] if depth == 2 else value
    found = [tuple(tuple(map(_position, ring)) for ring in rings) for rings in polygons]
    if not found or not all(found):
        raise ValueError("no ring")
    return found


def _position(value: Any) -> Position:
    lon, lat = value[:2]
    if any(type(number) not in (int, Decimal) for number in (lon, lat)):
        raise TypeError("no position")
    return Decimal(lon), Decimal(lat)


def _problems_of(outline: Outline, feature: Mapping[str, Any], where: str) -> Iterator[Problem]:
    positions = [*outline.points, *(place for ring in outline.rings for place in ring)]
    yield from _position_problems(positions, where)
    for polygon in _polygons(feature["geometry"]):
        if len(polygon) > 1:
            yield Problem(
                "geojson.hole",
                where,
                "A polygon has a hole, which is not counted.",
                "Draw the plot around the hole as two polygons.",
            )
    for ring in outline.rings:
        yield from _ring_problems(ring, where)
    yield from _property_problems(outline, feature.get("properties") or {}, where)


def _polygons(geometry: Mapping[str, Any]) -> Sequence[Any]:
    depth = _DEPTH[geometry["type"]]
    if depth < 2:
        return ()
    coordinates: Sequence[Any] = geometry["coordinates"]
    return [coordinates] if depth == 2 else coordinates


def _position_problems(positions: Sequence[Position], where: str) -> Iterator[Problem]:
    if any(abs(lat) > 90 or abs(lon) > 180 for lon, lat in positions):
        yield Problem(
            "geojson.range",
            where,
            "A position lies outside the world.",
            "Longitude comes first, then latitude.",
        )
    if any(_decimals(number) < DECIMALS_MIN for place in positions for number in place):
        yield Problem(
            "geojson.decimals",
            where,
            f"A position has fewer than {DECIMALS_MIN} decimals.",
            "Export with six decimals: five are a metre.",
        )


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _ring_problems(ring: Ring, where: str) -> Iterator[Problem]:
    rounded = [(round(lon, DECIMALS_MIN), round(lat, DECIMALS_MIN)) for lon, lat in ring]
    if len(ring) < 4 or rounded[0] != rounded[-1]:
        yield Problem(
            "geojson.ring",
            where,
            "A ring is open or has fewer than four positions.",
            "The last position of a ring is its first one.",
        )
        return
    if len(set(rounded[1:])) < len(rounded) - 1:
        yield Problem(
            "geojson.twice",
            where,
            "A position stands twice in a ring, six decimals taken.",
            "Leave one of them out.",
        )
    if ring_area_m2(ring) == 0:
        yield Problem("geojson.flat", where, "A ring has no area.", "Draw the plot's edge.")


def _property_problems(
    outline: Outline, properties: Mapping[str, Any], where: str
) -> Iterator[Problem]:
    if outline.country is None or load_tables().country(outline.country) is None:
        yield Problem(
            "geojson.country",
            where,
            "ProducerCountry is no alpha-2 code of a country.",
            "Add it to the properties, such as PE.",
        )
    if "Area" in properties and outline.area_ha is None:
        yield Problem(
            "geojson.area",
            where,
            "Area is no number: in quotes it counts as nothing.",
            "Write hectares as a number.",
        )
    if outline.area_ha is not None and outline.area_ha < AREA_MIN_HA:
        yield Problem(
            "geojson.area", where, "Area is too small to be a plot.", "Write it in hectares."
        )
    if outline.points and (outline.area_ha or 0) > POINT_AREA_MAX_HA:
        yield Problem(
            "geojson.point",
            where,
            f"A plot above {POINT_AREA_MAX_HA} ha is a polygon, not a point.",
            "Walk around it and draw its edge.",
        )
