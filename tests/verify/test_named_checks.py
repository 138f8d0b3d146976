"""Every check that a verdict or report names is on docs/checks.md, and no other one is."""

from __future__ import annotations

import re
from pathlib import Path

from ledger.verify.report import CHECKS

NAMED = re.compile(r'(?:step|stated|open|Check)\(\s*"([a-z]+\.[a-z-]+)"')
ROW = re.compile(r"`([a-z]+\.[a-z-]+)`")


def named_in_code(root: Path) -> set[str]:
    found = set(CHECKS)
    for file in sorted((root / "ledger" / "verify").glob("*.py")):
        found |= set(NAMED.findall(file.read_text(encoding="utf-8")))
    return found


def test_code_and_page_name_the_same_checks(project_root: Path):
    page = (project_root / "docs" / "checks.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in ROW.findall(row.split("|")[1])}
    assert named == named_in_code(project_root)


def test_format_pages_name_no_other_check(project_root: Path):
    known = named_in_code(project_root)
    for page in ("card", "bundle", "contradiction"):
        text = (project_root / "docs" / "formats" / f"{page}.md").read_text(encoding="utf-8")
        steps = [line for line in text.splitlines() if re.match(r"\d+\. ", line)]
        for name in ROW.findall("\n".join(steps)):
            assert name in known, (page, name)
