"""Outlines of plots: what the EU's system takes, how large they are, and what they overlap."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import MalformedError, UsageError
from ledger.interop.geojson import read_outlines
from ledger.interop.overlaps import crossings, overlaps

SQUARE = "[[[-75.300000,-10.400000],[-75.290000,-10.400000],[-75.290000,-10.390000]," + (
    "[-75.300000,-10.390000],[-75.300000,-10.400000]]]"
)
BOWTIE = "[[[1.000000,1.000000],[1.010000,1.010000],[1.010000,1.000000],[1.000000,1.010000]," + (
    "[1.000000,1.000000]]]"
)


def feature(
    coordinates: str = SQUARE, kind: str = "Polygon", properties: str = '"ProducerCountry":"PE"'
) -> bytes:
    geometry = f'{{"type":"{kind}","coordinates":{coordinates}}}'
    return f'{{"type":"Feature","properties":{{{properties}}},"geometry":{geometry}}}'.encode()


def codes(data: bytes) -> list[str]:
    found = read_outlines(data)
    return [problem.code for problem in (*found.problems, *crossings(found.outlines))]


def test_a_good_outline_has_no_problem_and_its_area() -> None:
    found = read_outlines(feature())
    assert codes(feature()) == []
    # 0.01 degrees at 10.4 degrees south: 1,093.7 m by 1,112.0 m.
    assert 1_216_000 < found.area_m2 < 1_216_300
    assert found.outlines[0].name == "feature 1"


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("geojson.geometry", feature("[[1.000000,1.000000],[2.000000,2.000000]]", "LineString")),
        ("geojson.geometry", feature("[]", "GeometryCollection")),
        ("geojson.coordinates", feature("[[1.000000,1.000000]]")),
        ("geojson.coordinates", feature('["a","b"]', "Point")),
        ("geojson.coordinates", feature("[[1.000000,2.000000]]", "Point")),
        ("geojson.range", feature("[1.000000,90.000001]", "Point")),
        ("geojson.range", feature("[180.000001,1.000000]", "Point")),
        ("geojson.decimals", feature("[1.00000,1.000000]", "Point")),
        ("geojson.decimals", feature("[1,1.000000]", "Point")),
        ("geojson.ring", feature(SQUARE.replace(",[-75.300000,-10.400000]]]", "]]"))),
        (
            "geojson.ring",
            feature("[[[1.000000,1.000000],[2.000000,2.000000],[1.000000,1.000000]]]"),
        ),
        ("geojson.twice", feature(SQUARE.replace("[[[", "[[[-75.3000001,-10.4000001],[", 1))),
        ("geojson.hole", feature(SQUARE[:-1] + "," + SQUARE[1:])),
        ("geojson.crossing", feature(BOWTIE)),
        ("geojson.country", feature(properties="")),
        ("geojson.country", feature(properties='"ProducerCountry":"PER"')),
        ("geojson.area", feature(properties='"ProducerCountry":"PE","Area":"3"')),
        ("geojson.area", feature(properties='"ProducerCountry":"PE","Area":0.00001')),
        (
            "geojson.point",
            feature("[1.000000,1.000000]", "Point", '"ProducerCountry":"PE","Area":4.01'),
        ),
    ],
)
def test_what_would_not_be_taken_is_said(code: str, data: bytes) -> None:
    assert code in codes(data)


def test_a_point_stands_for_its_area() -> None:
    four = feature("[1.000000,1.000000]", "Point", '"ProducerCountry":"PE","Area":4')
    assert codes(four) == []
    assert read_outlines(four).area_m2 == 40_000
    assert read_outlines(feature("[1.000000,1.000000]", "Point")).area_m2 == 40_000


@pytest.mark.parametrize("data", [b"[]", b"{}", b'{"type":"FeatureCollection","features":[]}'])
def test_a_file_without_features_is_no_outline(data: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        read_outlines(data)
    assert caught.value.code == "geojson.form"


def test_a_file_that_is_too_large_is_not_read() -> None:
    many = {"type": "FeatureCollection", "features": [None] * 10_001}
    with pytest.raises(MalformedError) as caught:
        read_outlines(json.dumps(many).encode())
    assert caught.value.code == "geojson.size"


def square(*, west: str, east: str) -> bytes:
    return feature(SQUARE.replace("-75.290000", east).replace("-75.300000", west))


@pytest.mark.parametrize(
    ("west", "east", "percent"),
    [
        pytest.param("-75.290000", "-75.280000", 0, id="side-by-side"),
        pytest.param("-75.310000", "-75.300000", 0, id="on-the-other-side"),
        pytest.param("-75.295000", "-75.285000", 50, id="half"),
        pytest.param("-75.300000", "-75.290000", 100, id="the-same"),
        pytest.param("-75.320000", "-75.270000", 100, id="inside"),
    ],
)
def test_neighbours_that_overlap(west: str, east: str, percent: int) -> None:
    mine = read_outlines(feature()).outlines
    found = overlaps(mine, read_outlines(square(west=west, east=east)).outlines)
    area = sum(outline.area_m2 for outline in mine)
    shared = sum(overlap.area_m2 for overlap in found)
    assert abs(shared * 100 - percent * area) < 100 * 10


def test_slivers_are_no_overlap() -> None:
    mine = read_outlines(feature()).outlines
    sliver = read_outlines(square(west="-75.2900005", east="-75.280000")).outlines
    wider = read_outlines(square(west="-75.2900015", east="-75.280000")).outlines
    assert overlaps(mine, sliver) == ()
    assert overlaps(mine, wider) != ()


def test_a_point_in_another_plot_overlaps_it() -> None:
    inside = read_outlines(feature("[-75.295000,-10.395000]", "Point")).outlines
    outside = read_outlines(feature("[-75.305000,-10.395000]", "Point")).outlines
    plot = read_outlines(feature()).outlines
    assert [overlap.area_m2 for overlap in overlaps(inside, plot)] == [40_000]
    assert overlaps(outside, plot) == ()


def test_a_plot_in_a_peruvian_protected_area_is_seen(shared_data: Path) -> None:
    body = (shared_data / "domain/geo/peru_protected_areas.geojson").read_bytes()
    areas = read_outlines(body).outlines
    assert len(areas) == 82
    plot = read_outlines(feature()).outlines
    (found,) = overlaps(plot, areas)
    assert found.name == "Yanachaga-Chemillén"
    far: Any = read_outlines(feature(SQUARE.replace("-75.", "-70."))).outlines
    assert overlaps(far, areas) == ()


def test_the_commissions_own_example_lacks_only_a_country(shared_data: Path) -> None:
    body = (shared_data / "domain/eudr/sample_polygon.geojson").read_bytes()
    assert set(codes(body)) == {"geojson.country"}


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shapely", None)
    plot = read_outlines(feature()).outlines
    with pytest.raises(UsageError) as caught:
        overlaps(plot, plot)
    assert caught.value.code == "plots.library-missing"
