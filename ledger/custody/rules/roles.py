"""Who may sign what: roles of parties, powers of officers, and the events each is entitled to.

Owns entitlement as data. Whether goods are the signer's own is not here (`holding`, `offices`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.custody import control, documents, facilities, lots, parties, transfers
from ledger.custody.rules.offices import TRADERS

FOUNDER = "root"
REGISTRAR = "registrar"
RESERVED = frozenset({FOUNDER, REGISTRAR})
OFFICES = frozenset({"authority", "officer"})
ROLES = TRADERS | OFFICES | {"auditor", "mirror", "lab", "device"}
POWERS = frozenset(
    {"enrol", "documents", "control", "findings", "corrections", "reference", "recover"}
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
    documents.DocumentCancelled: "documents",
}
"""Acts of office, and the power that each needs; root may do those of enrolment too."""
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
BY_TRADERS: frozenset[type[Any]] = frozenset(
    {
        facilities.FacilityRegistered,
        lots.LotSplit,
        lots.LotMeasured,
        lots.LotTransformed,
        lots.LotExported,
        lots.LotImported,
    }
)
"""Acts of whoever handles goods."""
WHILE_SUSPENDED: frozenset[type[Any]] = frozenset(
    {control.StatementDisputed, parties.KeyRecoveryVetoed, parties.StatementDropped}
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
"""Events whose `prev` names the heads of what they move."""
