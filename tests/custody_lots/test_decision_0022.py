"""The bounds in the table of decision 0022 are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ledger.custody.decide import ALIKE_MAX
from ledger.custody.effects.claims import CLAIMS_KEPT
from ledger.custody.effects.confirming import WAITING_MAX as LOTS_WAITING_MAX
from ledger.custody.effects.documents import SUSPENDED_MAX
from ledger.custody.effects.filing import COPIES_EACH, DOCUMENTS_MAX, RE_EXPORTS_MAX
from ledger.custody.rules.approvals import LAPSES_AFTER_S, WAITING_MAX
from ledger.custody.rules.documents import MARKS_MAX
from ledger.custody.rules.keys import KEYS_MAX
from ledger.custody.rules.numbers import AHEAD_MAX
from ledger.custody.rules.showing import SHOWN_MAX
from ledger.custody.rules.unnamed import PARTIES_MAX
from ledger.reader.bundling import BYTES_MAX
from ledger.verify.bundle import STATEMENTS_MAX

PAGE = Path(__file__).resolve().parents[2] / "docs/decisions/0022-records-of-many-hands.md"
BOUNDS = {
    "security stamp": f"{DOCUMENTS_MAX} issued or confirmed, {DOCUMENTS_MAX} copies, "
    f"{COPIES_EACH} of one party",
    "findings on lot, document, account": f"{ALIKE_MAX} of a rule and weight",
    "what left under a permit that names nobody, by words alone": f"{PARTIES_MAX} parties by name",
    "re-exports of a permit of origin": f"{RE_EXPORTS_MAX} of one country",
    "lots that wait for a copy": f"the first {LOTS_WAITING_MAX}",
    "claims on a mark": f"{CLAIMS_KEPT} by name",
    "acts that wait": f"{WAITING_MAX} of one proposer, for {LAPSES_AFTER_S // 86_400} days",
    "bundle of a lot": f"beyond {STATEMENTS_MAX:,} statements or {BYTES_MAX >> 20} MiB",
    "marks on a document": f"{MARKS_MAX:,}",
    "numbers that a key skipped": f"{AHEAD_MAX:,}",
    "keys of a party": f"{KEYS_MAX} in its life",
    "uses, suspensions of a document": f"{SHOWN_MAX} each",
}


@pytest.mark.parametrize("record", BOUNDS)
def test_bound_is_the_one_of_the_page(record: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    (said,) = re.findall(rf"^\| {re.escape(record)} \|[^|]*\|([^|]*)\|", page, re.MULTILINE)
    assert BOUNDS[record] in said
    assert SHOWN_MAX == SUSPENDED_MAX
