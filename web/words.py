"""Words that a page needs beside the tables: of event types, roles, checks, severities and kinds.

Owns the English of them; French and Spanish are in `translations`. Nothing here decides.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import ngettext

MINUTE_S = 60
HOUR_S = 3_600
DAY_S = 86_400


def N_(text: str) -> str:  # noqa: N802 - the mark by which translators' tools find a text
    """Return `text` as it is: it is translated where it is shown."""
    return text


EVENTS = {
    "LotRegistered": N_("registered"),
    "LotSplit": N_("a part was split off"),
    "LotMeasured": N_("measured again"),
    "LotTransformed": N_("transformed"),
    "LotExported": N_("export stated"),
    "LotImported": N_("import stated"),
    "LotDeparted": N_("left this ledger"),
    "LotRetired": N_("ended"),
    "LotFound": N_("found again"),
    "LotHeld": N_("held by an officer"),
    "LotReleased": N_("released by an officer"),
    "LotSeized": N_("seized"),
    "LotConfiscated": N_("confiscated"),
    "LotInspected": N_("inspected"),
    "CustodyRecovered": N_("custody recovered by an officer"),
    "TransferOffered": N_("offered"),
    "TransferDispatched": N_("dispatched"),
    "TransferAccepted": N_("accepted"),
    "TransferDeclined": N_("declined"),
    "TransferWithdrawn": N_("offer withdrawn"),
    "ContainerPacked": N_("packed"),
    "ContainerOpened": N_("unpacked"),
    "DocumentIssued": N_("document issued"),
    "DocumentRecorded": N_("document recorded, not confirmed"),
    "SeizureRecorded": N_("seizure recorded"),
    "DocumentAttested": N_("document confirmed by an officer"),
    "DocumentReplaced": N_("document replaced"),
    "DocumentCancelled": N_("document cancelled"),
    "DocumentSuspended": N_("document suspended"),
    "DocumentReinstated": N_("document reinstated"),
    "DocumentEndorsed": N_("crossing endorsed by an officer"),
    "EndorsementWithdrawn": N_("endorsement taken back"),
    "ReferenceWithdrawn": N_("reference withdrawn or rejected"),
    "ReferenceRestored": N_("reference restored"),
    "BlanksReported": N_("stamps or forms reported"),
    "StatementCorrected": N_("corrected"),
    "StatementDisputed": N_("disputed"),
    "EvidenceAttached": N_("evidence attached"),
    "FindingClosed": N_("finding closed by an officer"),
    "PartyEnrolled": N_("party enrolled"),
    "PartyScopeChanged": N_("roles or scope changed"),
    "PartySuspended": N_("party suspended"),
    "PartyRestored": N_("party restored"),
    "KeyRecovered": N_("lost keys replaced"),
    "RootChanged": N_("root keys changed"),
    "RegistrarKeyChanged": N_("registrar's key changed"),
    "RuleSetAdopted": N_("rule set adopted"),
}
ROLES = {
    "farm": N_("farm"),
    "ranch": N_("ranch"),
    "plot": N_("forest plot"),
    "tannery": N_("tannery"),
    "sawmill": N_("sawmill"),
    "maker": N_("maker"),
    "dealer": N_("dealer"),
    "retailer": N_("retailer"),
    "carrier": N_("carrier"),
    "store": N_("warehouse"),
    "plant": N_("processing plant"),
    "authority": N_("authority"),
    "officer": N_("officer"),
    "auditor": N_("auditor"),
    "mirror": N_("mirror"),
    "lab": N_("laboratory"),
    "device": N_("device"),
    "registrar": N_("registrar"),
    "root": N_("founders"),
}
SEVERITIES = {
    "stop": N_("stop"),
    "check": N_("check"),
    "note": N_("note"),
}
KINDS = {
    "lot": N_("on this lot"),
    "party": N_("on a party that signed"),
    "document": N_("on a document"),
    "facility": N_("on a facility"),
    "account": N_("on an account"),
    "mark": N_("on a mark"),
    "container": N_("on a container"),
    "ledger": N_("on the ledger"),
}
OUTCOMES = {
    "passed": N_("holds"),
    "failed": N_("does not hold"),
    "open": N_("could not be made"),
}
STATUSES = {
    "live": N_("in the trade"),
    "used": N_("used up"),
    "departed": N_("left this ledger"),
    "retired": N_("ended"),
    "seized": N_("seized"),
    "confiscated": N_("confiscated"),
    "issued": N_("issued by its authority"),
    "recorded": N_("copy, not confirmed"),
    "cancelled": N_("cancelled"),
    "replaced": N_("replaced"),
    "suspended": N_("suspended"),
    "withdrawn": N_("withdrawn"),
    "rejected": N_("rejected by an authority"),
    "attested": N_("confirmed by an officer"),
    "expired": N_("expired"),
}

ENDS = {
    "retail": N_("sold to the public"),
    "non-member": N_("sold outside this ledger"),
    "abroad": N_("taken abroad"),
    "other-ledger": N_("moved to another ledger"),
    "consumed": N_("consumed"),
    "destroyed": N_("destroyed"),
    "died": N_("died"),
    "lost": N_("lost"),
    "stolen": N_("stolen"),
}


DETAILS = (
    N_("no witnesses demanded"),
    N_("one-person authority"),
    N_("root keys must agree"),
    N_("records"),
    N_("reach the goods"),
    N_("reach the document"),
)
"""What `ledger.verify` says beside a check, without the number that it begins with."""


def event_word(name: str) -> str:
    """Return in words what an event says, or its name where there are none."""
    return _word(EVENTS, name)


def role_word(role: str) -> str:
    """Return a party's role in words."""
    return _word(ROLES, role)


def severity_word(severity: str) -> str:
    """Return how much a finding weighs, in words."""
    return _word(SEVERITIES, severity)


def detail_word(detail: str) -> str:
    """Return the detail of a check in the reader's language; codes and names stay as they are."""
    number, space, rest = detail.partition(" ")
    if not number.isdigit():
        number, space, rest = "", "", detail
    return f"{number}{space}{_(rest)}" if rest in DETAILS else detail


def kind_word(kind: str) -> str:
    """Return the kind of a subject in words."""
    return _word(KINDS, kind)


def outcome_word(outcome: str) -> str:
    """Return how a check ended, in words."""
    return _word(OUTCOMES, outcome)


def end_word(how: str) -> str:
    """Return in words how custody of a lot ended."""
    return _word(ENDS, how)


def status_word(status: str) -> str:
    """Return the status of a lot or document in words."""
    return _word(STATUSES, status)


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


def _word(table: Mapping[str, str], key: str) -> str:
    found = table.get(key)
    word: str = _(found) if found is not None else key
    return word
