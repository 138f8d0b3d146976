"""What each kind of document has boxes for: everything else is a slip, and is named."""

from __future__ import annotations

from typing import Any

import pytest
from ledger_world import LedgerWorld
from msgspec.structs import replace

from ledger.custody.certification import CertificateScope
from ledger.custody.documents import (
    DocumentIssued,
    DocumentRecorded,
    DocumentRow,
    Exemption,
    Paper,
)
from ledger.custody.subjects import Refusal

ROW = DocumentRow("Crocodylus niloticus", "SKI", 500, "NAR", "C", "ZW")
IVORY = DocumentRow("Loxodonta africana", "IVC", 1, "NAR", "O", "XX", acquired="1930-01-01")
S7 = Exemption("s.7", made_before="1930-01-01", share_percent=4)


def paper(row: DocumentRow = ROW, **fields: Any) -> Paper:
    return Paper(rows=(row,), **fields)


def boxed(**fields: Any) -> Paper:
    return paper(replace(ROW, **fields))


CASES = [
    pytest.param("ZW/EXPORT/1", boxed(appendix="II"), "", id="appendix-on-a-permit"),
    pytest.param("ZW/EXPORT/1", boxed(appendix="IV"), "document.appendix", id="appendix-iv"),
    pytest.param("ZW/EXPORT/1", boxed(appendix="ii"), "document.appendix", id="in-small-letters"),
    pytest.param("ZW/EXPORT/1", boxed(appendix=""), "document.appendix", id="appendix-of-nothing"),
    pytest.param("ZW/EXPORT/1", paper(stamp="004711"), "", id="a-stamp"),
    pytest.param("ZW/EXPORT/1", paper(stamp=""), "document.blank", id="a-stamp-of-nothing"),
    pytest.param("ZW/EXPORT/1", paper(conditions=" "), "document.blank", id="blank-conditions"),
    pytest.param("ZW/EXPORT/1", boxed(operation=" "), "document.blank", id="blank-operation"),
    pytest.param("ZW/EXPORT/1", paper(exemption=S7), "document.field", id="ivory-on-a-permit"),
    pytest.param("ZW/EXPORT/1", paper(verification="SFFCB4Y3"), "document.field", id="eudr-number"),
    pytest.param("ZW/EXPORT/1", paper(plots=("farm/x",)), "document.field", id="plots-on-a-permit"),
    pytest.param("ZW/EXPORT/1", paper(scope=CertificateScope()), "document.field", id="a-scope"),
    pytest.param("ZW/DDS/24FRIOBORU2228", paper(verification="SFFCB4Y3"), "", id="a-reference"),
    pytest.param("ZW/DDS/24FRIOBORU2228", paper(stamp="1"), "document.field", id="its-stamp"),
    pytest.param("ZW/DDS/24FRIOBORU2228", boxed(appendix="II"), "document.field", id="its-box-10"),
    pytest.param("ZW/FSC-COC/C-1", Paper(scope=CertificateScope()), "", id="a-certificate"),
    pytest.param("ZW/FSC-COC/C-1", Paper(purpose="T"), "document.field", id="its-purpose"),
    pytest.param("ZW/FARM/A-ZW-501", boxed(quota_used=500), "document.field", id="a-farm"),
    # A kind that no table knows may be a national paper with any box.
    pytest.param("ZW/PERMIT/1", paper(stamp="1", verification="SFFCB4Y3"), "", id="unknown-kind"),
]


@pytest.mark.parametrize(("name", "said", "rule"), CASES)
@pytest.mark.parametrize("event", [DocumentIssued, DocumentRecorded])
def test_what_a_kind_may_say(
    world: LedgerWorld, event: type[Any], name: str, said: Paper, rule: str
) -> None:
    assert world.rule(event(name, said), by="parks") == rule


def test_an_antique_says_when_it_was_acquired(world: LedgerWorld) -> None:
    said = paper(IVORY, exemption=S7)
    assert world.rule(DocumentRecorded("GB/IVORY-REG/1", said), by="farm") == ""


def test_the_refusal_names_field_and_kind(world: LedgerWorld) -> None:
    outcome = world.say(DocumentIssued("ZW/EXPORT/1", paper(exemption=S7)), by="parks")
    assert isinstance(outcome, Refusal)
    assert (outcome.params["field"], outcome.params["kind"]) == ("exemption", "EXPORT")
