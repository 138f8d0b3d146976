"""Words that a page needs beside the tables: of event types, roles, checks, severities and kinds.

Owns the English of them; French and Spanish are in `translations`. Nothing here decides.
"""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

MINUTE_S = 60
HOUR_S = 3_600
DAY_S = 86_400


def event_word(name: str) -> str:
    """Return in words what an event says, or its name where there are none."""
    words: dict[str, str] = {
        "LotRegistered": _("registered"),
        "LotSplit": _("a part was split off"),
        "LotMeasured": _("measured again"),
        "LotTransformed": _("transformed"),
        "LotExported": _("export stated"),
        "LotImported": _("import stated"),
        "LotDeparted": _("left this ledger"),
        "LotRetired": _("ended"),
        "LotFound": _("found again"),
        "LotHeld": _("held by an officer"),
        "LotReleased": _("released by an officer"),
        "LotSeized": _("seized"),
        "LotConfiscated": _("confiscated"),
        "LotInspected": _("inspected"),
        "CustodyRecovered": _("custody recovered by an officer"),
        "TransferOffered": _("offered"),
        "TransferDispatched": _("dispatched"),
        "TransferAccepted": _("accepted"),
        "TransferDeclined": _("declined"),
        "TransferWithdrawn": _("offer withdrawn"),
        "ContainerPacked": _("packed"),
        "ContainerOpened": _("unpacked"),
        "DocumentIssued": _("document issued"),
        "DocumentRecorded": _("document recorded, not confirmed"),
        "DocumentCancelled": _("document cancelled"),
        "StatementCorrected": _("corrected"),
        "StatementDisputed": _("disputed"),
        "EvidenceAttached": _("evidence attached"),
        "FindingClosed": _("finding closed by an officer"),
    }
    return words.get(name, name)


def role_word(role: str) -> str:
    """Return a party's role in words."""
    words: dict[str, str] = {
        "farm": _("farm"),
        "ranch": _("ranch"),
        "plot": _("forest plot"),
        "tannery": _("tannery"),
        "sawmill": _("sawmill"),
        "maker": _("maker"),
        "dealer": _("dealer"),
        "retailer": _("retailer"),
        "carrier": _("carrier"),
        "store": _("warehouse"),
        "plant": _("processing plant"),
        "authority": _("authority"),
        "officer": _("officer"),
        "auditor": _("auditor"),
        "mirror": _("mirror"),
        "lab": _("laboratory"),
        "device": _("device"),
        "registrar": _("registrar"),
        "root": _("founders"),
    }
    return words.get(role, role)


def severity_word(severity: str) -> str:
    """Return how much a finding weighs, in words."""
    words: dict[str, str] = {"stop": _("stop"), "check": _("check"), "note": _("note")}
    return words.get(severity, severity)


def kind_word(kind: str) -> str:
    """Return the kind of a subject in words."""
    words: dict[str, str] = {
        "lot": _("on this lot"),
        "party": _("on a party that signed"),
        "document": _("on a document"),
        "facility": _("on a facility"),
        "account": _("on an account"),
        "mark": _("on a mark"),
        "container": _("on a container"),
        "ledger": _("on the ledger"),
    }
    return words.get(kind, kind)


def outcome_word(outcome: str) -> str:
    """Return how a check ended, in words."""
    words: dict[str, str] = {
        "passed": _("holds"),
        "failed": _("does not hold"),
        "open": _("could not be made"),
    }
    return words.get(outcome, outcome)


def status_word(status: str) -> str:
    """Return the status of a lot or document in words."""
    words: dict[str, str] = {
        "live": _("in the trade"),
        "used": _("used up"),
        "departed": _("left this ledger"),
        "retired": _("ended"),
        "seized": _("seized"),
        "confiscated": _("confiscated"),
        "issued": _("issued by its authority"),
        "recorded": _("copy, not confirmed"),
        "cancelled": _("cancelled"),
        "replaced": _("replaced"),
    }
    return words.get(status, status)


def age_word(age_s: int) -> str:
    """Return an age in the largest whole unit that fits."""
    said: str
    if age_s < 2 * MINUTE_S:
        said = _("just now")
    elif age_s < 2 * HOUR_S:
        said = ngettext("%(num)s minute old", "%(num)s minutes old", age_s // MINUTE_S)
    elif age_s < 2 * DAY_S:
        said = ngettext("%(num)s hour old", "%(num)s hours old", age_s // HOUR_S)
    else:
        said = ngettext("%(num)s day old", "%(num)s days old", age_s // DAY_S)
    return said
