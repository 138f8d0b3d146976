"""Overlaps of outlines: where plots of several parties, or protected areas, meet a plot.

Owns the geometry, done by Shapely (decision 0011), which is imported here only and when it is asked
for. Areas are of the sphere, in whole m2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct

from ledger.errors import UsageError
from ledger.interop.geojson import Outline, Problem, ring_area_m2

SMALLEST_M2 = 100
"""Less than this is how two people measure one line."""


class Overlap(Struct, frozen=True):
    """How much of a plot lies in another outline."""

    name: str
    area_m2: int


def overlaps(plot: Sequence[Outline], others: Sequence[Outline]) -> tuple[Overlap, ...]:
    """Return the others that share at least `SMALLEST_M2` with the plot, largest share first.

    A point has no extent: it overlaps what it lies in, with the whole of its stated area.
    """
    shapely = _shapely()
    mine = [_shape(shapely, outline) for outline in plot]
    found: list[Overlap] = []
    for other in others:
        theirs = _shape(shapely, other)
        shared = sum(
            _shared_m2(one, outline, theirs) for one, outline in zip(mine, plot, strict=True)
        )
        if shared >= SMALLEST_M2:
            found.append(Overlap(other.name, shared))
    return tuple(sorted(found, key=lambda overlap: (-overlap.area_m2, overlap.name)))


def crossings(outlines: Sequence[Outline]) -> Iterator[Problem]:
    """Yield a problem for each outline that crosses itself."""
    shapely = _shapely()
    for i, outline in enumerate(outlines):
        if any(not _polygon(shapely, ring).is_valid for ring in outline.rings):
            yield Problem(
                "geojson.crossing",
                f"feature {i + 1}",
                "A ring crosses or touches itself.",
                "Order its positions along the edge.",
            )


def _shared_m2(one: Any, outline: Outline, theirs: Any) -> int:
    if not one.intersects(theirs):
        return 0
    if not outline.rings:
        return outline.area_m2
    return _area_m2(one.intersection(theirs))


def _area_m2(shape: Any) -> int:
    """Return the area of a shape of longitudes and latitudes; lines and points have none."""
    parts = getattr(shape, "geoms", None)
    if parts is not None:
        return sum(_area_m2(part) for part in parts)
    if shape.geom_type != "Polygon" or shape.is_empty:
        return 0
    rings = [shape.exterior, *shape.interiors]
    outer, *holes = [
        ring_area_m2(tuple((Decimal(lon), Decimal(lat)) for lon, lat, *_ in ring.coords))
        for ring in rings
    ]
    return int(outer - sum(holes))


def _shape(shapely: Any, outline: Outline) -> Any:
    if outline.rings:
        polygons = [_polygon(shapely, ring) for ring in outline.rings]
        return shapely.union_all([shapely.make_valid(polygon) for polygon in polygons])
    return shapely.MultiPoint([(float(lon), float(lat)) for lon, lat in outline.points])


def _polygon(shapely: Any, ring: Sequence[tuple[Decimal, Decimal]]) -> Any:
    return shapely.Polygon([(float(lon), float(lat)) for lon, lat in ring])


def _shapely() -> Any:
    try:
        import shapely
    except ImportError as error:
        raise UsageError(
            "plots.library-missing",
            "Outlines are compared with Shapely, which is not installed.",
            hint="Install ringmark[plots].",
        ) from error
    return shapely
