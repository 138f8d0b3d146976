"""What reaches goods does not depend on which path of their records comes first."""

from __future__ import annotations

import pytest

from ledger.custody.documents import DocumentState
from ledger.custody.lots import LotState, LotStatus
from ledger.custody.parties import PartyState
from ledger.custody.subjects import Finding, Kind, Severity
from ledger.verify.gather import OpenRecord, SignerRow, gather_findings, walk

KID = bytes(32)
LOT, FARM, BUYER = b"\x50" * 32, b"\x60" * 32, b"\x70" * 32


def record(path: bytes, kind: Kind, state: object, **links: object) -> OpenRecord:
    return OpenRecord(path, kind, 1, bytes(32), None, state, links.pop("findings", ()), **links)  # type: ignore[arg-type]


def goods(born_at: int, *, taken: int | None = None) -> LotState:
    return LotState(1, bytes(16), born_at, "bred", LotStatus.LIVE, (), taken_index=taken)


def reaches(severity: Severity, *, paper: bytes, parent: bytes) -> list[tuple[bool, bool]]:
    """Say of a finding on the farm whether it reaches a part of its goods, and is inherited.

    The farm signed for the goods that the part was taken of, and for a paper of the part.
    """
    found = Finding("mark.replaced-often", severity, 5, bytes(32))
    farm_signed = (SignerRow(FARM, KID, 3),)
    party = PartyState(country="ZW", roles=("farm",), status="active", keys={})
    known = {
        paper: record(paper, Kind.DOCUMENT, DocumentState("recorded"), signers=farm_signed),
        parent: record(parent, Kind.LOT, goods(1), signers=farm_signed),
        FARM: record(FARM, Kind.PARTY, party, findings=(found,)),
        BUYER: record(BUYER, Kind.PARTY, party),
    }
    own = (SignerRow(BUYER, KID, 9),)
    lot = record(
        LOT, Kind.LOT, goods(7, taken=8), paths=tuple(sorted((paper, parent))), signers=own
    )
    walked = tuple(walk(lot, known.__getitem__))
    return [(f.reaches, f.inherited) for f in gather_findings(walked, as_of=10)]


@pytest.mark.parametrize(("severity", "counts"), [(Severity.CHECK, False), (Severity.STOP, True)])
@pytest.mark.parametrize("is_paper_first", [True, False])
def test_a_finding_on_who_signed_a_paper_of_the_goods(
    is_paper_first: bool, severity: Severity, counts: bool
) -> None:
    paths = (b"\x10" * 32, b"\x20" * 32)
    paper, parent = paths if is_paper_first else reversed(paths)
    assert reaches(severity, paper=paper, parent=parent) == [(counts, True)]


def test_a_check_on_who_signed_for_the_goods_counts() -> None:
    found = Finding("mark.replaced-often", Severity.CHECK, 5, bytes(32))
    party = PartyState(country="ZW", roles=("farm",), status="active", keys={})
    farm = record(FARM, Kind.PARTY, party, findings=(found,))
    lot = record(LOT, Kind.LOT, goods(7), signers=(SignerRow(FARM, KID, 3),))
    walked = tuple(walk(lot, {FARM: farm}.__getitem__))
    assert [(f.reaches, f.inherited) for f in gather_findings(walked, as_of=10)] == [(True, False)]
