"""Which countries were in one union on which day."""

from __future__ import annotations

import pytest

from ledger.reference.tables import Tables, load_tables


@pytest.fixture(scope="module")
def tables() -> Tables:
    return load_tables()


@pytest.mark.parametrize(
    ("one", "other", "day", "expected"),
    [
        ("FR", "IT", "2026-11-24", True),
        ("FR", "GB", "2020-02-01", True),
        ("FR", "GB", "2020-12-31", True),
        ("FR", "GB", "2021-01-01", False),
        ("HR", "SI", "2013-06-30", False),
        ("HR", "SI", "2013-07-01", True),
        ("CH", "LI", "2026-11-24", True),
        ("CH", "FR", "2026-11-24", False),
        ("ZW", "ZW", "2026-11-24", False),
        ("ZW", "ZA", "2026-11-24", False),
    ],
)
def test_countries_are_in_one_union_on_a_day(
    tables: Tables, one: str, other: str, day: str, expected: bool
) -> None:
    assert tables.in_one_union(one, other, day=day) is expected
    assert tables.in_one_union(other, one, day=day) is expected


def test_the_european_union_has_as_many_members_as_it_had(tables: Tables) -> None:
    codes = [country.code for country in tables.countries]
    for day, count in (("1958-01-01", 6), ("1995-01-01", 15), ("2004-05-01", 25),
                       ("2013-07-01", 28), ("2026-11-24", 27)):  # fmt: skip
        members = [code for code in codes if tables.in_one_union(code, "FR", day=day)]
        assert len(members) == count
