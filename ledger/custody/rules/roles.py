"""Who may sign what: roles of parties, powers of officers, and the events each is entitled to.

Owns entitlement and the fields of an envelope as data, one line for each event. Whether goods or a
party are the signer's to decide on is not here (`holding`, `offices`, `governing`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.custody import (
    blanks,
    control,
    documents,
    facilities,
    lots,
    marks,
    parties,
    references,
    stocks,
    transfers,
)
from ledger.custody.rules.offices import TRADERS

FOUNDER = "root"
REGISTRAR = "registrar"
RESERVED = frozenset({FOUNDER, REGISTRAR})
OFFICES = frozenset({"authority", "officer"})
ROLES = TRADERS | OFFICES | {"auditor", "mirror", "lab", "device"}
POWERS = frozenset(
    {"enrol", "documents", "control", "findings", "corrections", "marks", "reference", "recover"}
)

ROOT_ONLY: frozenset[type[Any]] = frozenset(
    {parties.RootChanged, parties.RegistrarKeyChanged, parties.RuleSetAdopted}
)
"""Acts of the root keys alone."""
BY_POWER: Mapping[type[Any], str] = {
    parties.PartyEnrolled: "enrol",
    parties.PartyScopeChanged: "enrol",
    parties.PartySuspended: "enrol",
    parties.PartyRestored: "enrol",
    parties.KeyRecovered: "recover",
    parties.CustodyRecovered: "recover",
    documents.DocumentIssued: "documents",
    documents.DocumentAttested: "documents",
    documents.DocumentReplaced: "documents",
    documents.DocumentCancelled: "documents",
    documents.DocumentSuspended: "documents",
    documents.DocumentReinstated: "documents",
    blanks.BlanksReported: "documents",
    documents.DocumentEndorsed: "control",
    documents.EndorsementWithdrawn: "control",
    control.SeizureRecorded: "control",
    facilities.FacilityAttested: "control",
    stocks.StockAttested: "control",
    marks.MarksAllotted: "marks",
    references.QuotaSet: "reference",
    references.SuspensionDeclared: "reference",
    references.ListingChanged: "reference",
    references.BanDeclared: "reference",
    references.YieldSet: "reference",
}
"""Acts of office, and the power that each needs; those of control ask for it themselves."""
ROOT_TOO: frozenset[type[Any]] = frozenset(
    {
        parties.PartyEnrolled,
        parties.PartyScopeChanged,
        parties.PartySuspended,
        parties.PartyRestored,
        parties.KeyRevoked,
        parties.KeyRecovered,
        parties.ApprovalGiven,
        parties.StatementDropped,
    }
)
"""Acts that the root keys may do beside those of `ROOT_ONLY`."""
ALONE: frozenset[type[Any]] = frozenset(
    {parties.PartySuspended, parties.KeyRevoked, parties.StatementDropped}
)
"""Acts that protect: one root key suffices, whatever the threshold."""
BY_TRADERS: frozenset[type[Any]] = frozenset(
    {
        facilities.FacilityRegistered,
        stocks.StockDeclared,
        lots.LotSplit,
        lots.LotMeasured,
        lots.LotTransformed,
        lots.LotExported,
        lots.LotImported,
        lots.LotDeparted,
        transfers.TransferOffered,
        transfers.ContainerPacked,
    }
)
"""Acts of whoever handles goods: traders, an authority with what it seized, a lab with samples."""
HANDLERS = TRADERS | {"authority", "lab"}
WITNESSES = OFFICES | {"auditor", "lab", "device"}
"""Roles whose evidence is taken on any goods."""
WHILE_SUSPENDED: frozenset[type[Any]] = frozenset(
    {control.StatementDisputed, parties.KeyRecoveryVetoed}
)
"""What a suspended party may still say."""
MOVING: frozenset[type[Any]] = frozenset(
    {
        lots.LotSplit,
        lots.LotMeasured,
        lots.LotTransformed,
        lots.LotExported,
        lots.LotImported,
        lots.LotDeparted,
        lots.LotRetired,
        lots.LotFound,
        transfers.TransferOffered,
        transfers.ContainerPacked,
        transfers.ContainerOpened,
    }
)
"""Events whose `prev` names the heads of what they move; no other has a `prev`."""
SEEING: frozenset[type[Any]] = frozenset(
    {
        parties.CustodyRecovered,
        documents.DocumentEndorsed,
        documents.EndorsementWithdrawn,
        control.LotInspected,
        control.LotHeld,
        control.LotReleased,
        control.LotSeized,
        control.LotConfiscated,
        control.EvidenceAttached,
        marks.MarkReplaced,
        control.FindingClosed,
        control.StatementCorrected,
        control.StatementDisputed,
    }
)
"""Events whose `seen` may name the heads that the signer looked at; no other has a `seen`."""
HAPPENING: frozenset[type[Any]] = (
    frozenset(
        {
            lots.LotRegistered,
            marks.MarksReturned,
            documents.DocumentIssued,
            documents.DocumentRecorded,
            documents.DocumentAttested,
            documents.DocumentReplaced,
            documents.DocumentCancelled,
            documents.DocumentSuspended,
            documents.DocumentReinstated,
            documents.ReferenceWithdrawn,
            documents.ReferenceRestored,
            control.SeizureRecorded,
            facilities.FacilityRegistered,
            facilities.FacilityAttested,
            stocks.StockDeclared,
            stocks.StockAttested,
            transfers.TransferDispatched,
            transfers.TransferAccepted,
            transfers.TransferDeclined,
            transfers.TransferWithdrawn,
        }
    )
    | MOVING
    | SEEING
)
"""Events that happen at a place and a time of their own: they may say `when` and `day`."""


def acting_role(act: str, held: Sequence[str]) -> str:
    """Return the role, of those `held`, in which a party did an `act` (the name of its event).

    A tannery that audits others too sells as a tannery and gives evidence as an auditor.
    """
    wanted = (WITNESSES,) if act == control.EvidenceAttached.__name__ else (TRADERS, HANDLERS)
    fitting = (role for among in wanted for role in held if role in among)
    return next(fitting, held[0] if held else "")
