"""Complete docs/rules.md: what may lie behind each finding, what ends it, what to do instead.

    python tests/custody_parties/generate_rules_page.py

Effect, summary and source of a rule are written by hand, once. The rest of an entry comes from the
tables that people are shown (explanations.csv, closings.csv, wording.csv), so that page and pages
never differ. A test makes the page again and compares.
"""

from __future__ import annotations

import re
from pathlib import Path

from ledger.reference.explaining import explanations
from ledger.reference.wording import word

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rules.md"
_HEADING = re.compile(r"^### (\S+)$", re.MULTILINE)
_MADE = ("Innocent explanation:", "Ended by:", "No innocent explanation:")


def complete(page: str) -> str:
    """Return the page with each entry completed; what is written by hand stays as it is."""
    first, *parts = _HEADING.split(page)
    done = [first]
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        entry, following = _apart(body)
        done.append(f"### {name}\n\n{_entry(name, entry)}\n\n{following}")
    return "".join(done).rstrip("\n") + "\n"


def _apart(body: str) -> tuple[str, str]:
    """Return the entry itself, and the heading of the next family where one follows."""
    entry, mark, following = body.partition("\n## ")
    return entry.strip("\n"), (mark.lstrip("\n") + following.lstrip("\n") if mark else "")


def _entry(name: str, body: str) -> str:
    kept = [part for part in body.split("\n\n") if not part.startswith(_MADE)]
    return "\n\n".join([*kept, *_made(name)])


def _made(name: str) -> list[str]:
    found = explanations().get(name)
    if found is None:
        hint = word(name, {})[1]
        return [
            "No innocent explanation: a refusal accuses nobody and leaves nothing to end."
            f" Instead: {hint}"
        ]
    ends = " ".join(f"{way.words['en']} `ringmark {way.command}`" for way in found.closings)
    return [f"Innocent explanation: {found.innocent['en']}", f"Ended by: {ends}"]


if __name__ == "__main__":
    PAGE.write_text(complete(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
