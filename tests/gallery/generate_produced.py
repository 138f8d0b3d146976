"""Write produced.csv: for each error code, one test that produces it.

    pytest --junitxml=report.xml && python tests/gallery/generate_produced.py report.xml [...]

The reports of a run, or of several, name the codes that each test met (tests/conftest.py). A row
that still holds stays, and one whose test did not run; a code without one gets the plainest test
that met it. Codes that no test met are printed.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

TESTS = Path(__file__).resolve().parent.parent
PRODUCED = TESTS / "gallery" / "produced.csv"
sys.path[:0] = [str(TESTS), str(TESTS / "commands")]


def met_in(reports: Sequence[Path]) -> dict[str, set[str]]:
    """Return the codes that each test of the reports met, by the test's place."""
    found: dict[str, set[str]] = {}
    for case in (case for file in reports for case in ElementTree.parse(file).iter("testcase")):
        place = case.get("classname", "").replace(".", "/") + ".py::" + case.get("name", "")
        for row in case.iter("property"):
            if row.get("name") == "codes":
                found[place] = set((row.get("value") or "").split())
    return found


def main(reports: Sequence[Path]) -> None:
    """Write the table anew from some reports."""
    from conftest import produces
    from generate_pages import codes

    with PRODUCED.open(newline="", encoding="utf-8") as file:
        before = {row["code"]: row["test"] for row in csv.DictReader(file)}
    met = met_in(reports)
    rows: dict[str, str] = {}
    for code in sorted({code.code for code in codes()}):
        able = [place for place, seen in met.items() if produces(code, seen)]
        if before.get(code) in able or (code in before and before[code] not in met):
            rows[code] = before[code]
        elif able:
            rows[code] = min(able, key=lambda place: ("/gallery/" not in place, len(place), place))
        else:
            print(f"no test of these reports produces {code}")
    with PRODUCED.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("code", "test"))
        writer.writerows(rows.items())


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
