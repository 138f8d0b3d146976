"""A document's label, signed anew for whoever may print the document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ledger.printing import read_image
from ledger.wire import cose
from ledger.wire.label import DOCUMENT_BYTES_MAX, decode_document, parse_label_url

PERMIT = "ZW/EXPORT/2026-0412"
ROWS = ("--taxon", "Crocodylus niloticus", "--term", "SKI", "--source", "R", "--origin", "ZW")
ISSUE = ("document", "issue", PERMIT, *ROWS, "--quantity", "500", "--until", "2027-05-24")


def quantities(link: str) -> list[int]:
    """What the signed label of the permit says of its rows."""
    signed = parse_label_url(link).cose
    assert signed is not None
    sign1 = cose.decode_sign1(signed, tagged=False)
    assert len(signed) <= DOCUMENT_BYTES_MAX
    said = decode_document(sign1.payload)
    assert said.name == PERMIT
    return [row[3] for row in said.rows]


def test_another_desk_prints_the_label_that_the_ledger_signs(town: Any, tmp_path: Path) -> None:
    came = town.ok("parks", *ISSUE, "--holder", "farm")["labels"][PERMIT]
    place = str(tmp_path / "permit.png")
    made = town.ok("farm", "label", "create", "--document", PERMIT.lower(), "--out", place)
    assert quantities(made["labels"][PERMIT]) == quantities(came) == [500]
    assert read_image(Path(place).read_bytes()) == [made["labels"][PERMIT]]
    read = town.ok("maker", "label", "read", made["labels"][PERMIT])
    assert read["outcome"] == "verified"
    # The issuer's own desk has it already, and several fit a sheet of larger labels.
    sheet = str(tmp_path / "sheet.pdf")
    kept = town.ok("parks", "label", "create", "--document", PERMIT, "--out", sheet)
    assert kept["labels"] == {PERMIT: came}


def test_a_copy_that_somebody_recorded_later_changes_nothing(town: Any, tmp_path: Path) -> None:
    town.ok("farm", "document", "record", PERMIT, *ROWS, "--quantity", "480")
    place = str(tmp_path / "permit.svg")
    words = ("label", "create", "--document", PERMIT, "--out", place)
    copy = town.run("farm", *words, "--json")
    assert (copy.code, copy.json["error"]["code"]) == (4, "label.no-paper")
    town.ok("parks", *ISSUE)
    assert quantities(town.ok("farm", *words)["labels"][PERMIT]) == [500]


def test_what_is_cancelled_has_no_label_any_more(town: Any, tmp_path: Path) -> None:
    town.ok("parks", *ISSUE)
    town.ok("parks", "document", "cancel", PERMIT, "--reason", "number was stolen", "--yes")
    place = str(tmp_path / "permit.pdf")
    shown = town.ok("farm", "document", "show", PERMIT, "--out", place)
    assert (shown["signed"], parse_label_url(shown["label"]).cose) == (False, None)
    assert "cancelled" in shown["why"]
    ran = town.run("farm", "label", "create", "--document", PERMIT, "--out", place, "--json")
    assert ran.json["error"]["code"] == "label.no-paper"


@pytest.mark.parametrize("words", [(), ("51PB-1X9S-FP3J", "--document", PERMIT)])
def test_a_label_is_of_lots_or_of_a_document(town: Any, words: tuple[str, ...]) -> None:
    ran = town.run("farm", "label", "create", *words, "--json")
    assert (ran.code, ran.json["error"]["code"]) == (2, "label.which")
