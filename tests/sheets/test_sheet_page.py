"""docs/formats/sheet.md: what it says of columns is what is read."""

from __future__ import annotations

import re
from pathlib import Path

from ledger.desk.sheet import read_sheet


def test_each_heading_of_the_format_page_is_read_as_its_column(project_root: Path) -> None:
    page = (project_root / "docs" / "formats" / "sheet.md").read_text(encoding="utf-8")
    table = page.partition("## Columns")[2].partition("¹ Without")[0]
    rows = re.findall(r"^\| ([a-z, -]+) \|[^|]*\|([^|]*)\|([^|]*)\|([^|]*)\|", table, re.MULTILINE)
    read = 0
    for columns, *languages in rows[1:]:
        for heading in (one.strip() for one in ",".join(languages).split(",")):
            # Two known headings make a heading row.
            others = (
                ("scheme", "note") if columns not in ("scheme", "note") else ("volume", "claim")
            )
            found = read_sheet(f"{heading};{others[0]};{others[1]}\nx;y;z\n".encode()).headings
            assert found[heading].value in columns.split(", "), heading
            read += 1
    assert read > 80
