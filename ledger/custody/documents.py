"""Documents: permits, certificates and licences, their events and their state."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from ledger.custody.certification import CertificateScope
from ledger.custody.goods import MarkRange, Row
from ledger.custody.subjects import Digest, Finding, Inner, PendingAct, Signer

# CC "/" KIND "/" NUMBER: capitals, no outer and no double space, at most 96 characters.
DOCUMENT_NAME = re.compile(
    r"([A-Z]{2})/[A-Z][A-Z0-9-]{0,31}/(?=.{1,60}\Z)[0-9A-Z._/()#+-]+(?: [0-9A-Z._/()#+-]+)*"
)


class DocumentRow(Struct, frozen=True):
    """One line of a document: what it covers and how much of it, smallest unit.

    The boxes of CITES permits and certificates (Res. Conf. 12.3): days are `YYYY-MM-DD`, numbers of
    documents as their issuers write them.
    """

    taxon: str
    term: str
    quantity: int
    unit: str
    source: str
    origin: str
    marks: tuple[MarkRange, ...] = ()
    appendix: str | None = None
    """Box 10, as the issuer wrote it."""
    quota_used: int | None = None
    """Box 11a: exported this year, this document included, in the row's unit."""
    quota_total: int | None = None
    origin_permit: str | None = None
    """Box 12: number and day of the permit of the country of origin."""
    origin_day: str | None = None
    origin_unknown: str | None = None
    """Why box 12 is empty on a re-export."""
    last_country: str | None = None
    """Box 12a: country, number and day of the last re-export."""
    last_permit: str | None = None
    last_day: str | None = None
    operation: str | None = None
    """Box 12b: number of the registered breeding operation (source D)."""
    acquired: str | None = None
    """Box 12b: day of acquisition (source O)."""


class Exemption(Struct, frozen=True):
    """On which ground dealing in an item with ivory is exempt (Ivory Act 2018)."""

    section: str
    """`s.2`, `s.6`, `s.7`, `s.8` or `s.9`."""
    made_before: str | None = None
    share_percent: int | None = None
    """Ivory by volume, in whole percent, rounded down: 9.9 % is 9."""
    surface_cm2: int | None = None
    """Visible ivory, rounded up."""
    museum: str | None = None
    """The qualifying museum that acquires it."""


class Paper(Struct, frozen=True):
    """What a document says: days are local dates, first and last day count."""

    holder: str | None = None
    """Party id, where the holder is one of the ledger's parties."""
    from_day: str | None = None
    until_day: str | None = None
    rows: tuple[DocumentRow, ...] = ()
    purpose: str | None = None
    from_country: str | None = None
    to_country: str | None = None
    retrospective: str | None = None
    """The reason, where the document was issued after the act."""
    scope: CertificateScope | None = None
    """Of a chain-of-custody certificate: what it covers."""
    issued_day: str | None = None
    """Box 13, where it is not the day of the statement."""
    conditions: str | None = None
    """Box 5: special conditions."""
    stamp: str | None = None
    """Box 5b: number of the security stamp."""
    rests_on: tuple[str, ...] = ()
    """Documents of this ledger that it names: the import permit of an Appendix I specimen."""
    verification: str | None = None
    """Verification number of a due-diligence statement."""
    plots: tuple[str, ...] = ()
    """Plots of this ledger that a due-diligence statement names, `PARTY/SLUG`."""
    exemption: Exemption | None = None


class DocumentIssued(Struct, frozen=True):
    """An issuing authority enters its own document."""

    document: str
    paper: Paper


class DocumentRecorded(Struct, frozen=True):
    """A party says that a document exists: "copy, not confirmed"."""

    document: str
    paper: Paper


class DocumentAttested(Struct, frozen=True):
    """An officer confirms a recorded copy, on the basis of original, electronic or issuer."""

    document: str
    basis: str
    sha256: Digest | None = None
    """Of the scan or the issuer's answer, kept beside the log."""


class DocumentReplaced(Struct, frozen=True):
    """The issuer enters a document in place of another one, which covers nothing any more."""

    document: str
    replaces: str
    reason: str
    paper: Paper


class DocumentCancelled(Struct, frozen=True):
    """The issuer cancels its document."""

    document: str
    reason: str


class DocumentSuspended(Struct, frozen=True):
    """The issuer suspends its document from the act's day on; until further notice without a day.

    Of one that is suspended already, it sets the last day anew.
    """

    document: str
    reason: str
    until_day: str | None = None
    """The last day on which it is suspended."""


class DocumentReinstated(Struct, frozen=True):
    """The issuer ends a suspension: from the act's day on its document is in force again."""

    document: str
    reason: str


class ReferenceEnd(StrEnum):
    """How a due-diligence reference ends before its time, as the EU's system calls it."""

    WITHDRAWN = "withdrawn"
    """By whoever submitted it."""
    REJECTED = "rejected"
    """By the competent authority."""


class ReferenceWithdrawn(Struct, frozen=True):
    """Its operator or an authority says that a due-diligence reference covers nothing any more."""

    document: str
    status: ReferenceEnd
    reason: str


class ReferenceRestored(Struct, frozen=True):
    """Who withdrew a reference by a slip, or an authority, says that it stands."""

    document: str
    reason: str


class Way(StrEnum):
    """On which side of a border goods pass under a document; each side has its own balance."""

    EXPORT = "export"
    IMPORT = "import"
    SALE = "sale"
    """Not at a border: what a State sells of what it seized."""


class Passed(Struct, frozen=True):
    """What an officer saw pass on one line of a document, and of which lot where it has one.

    `line` is the place of the row in the document, from 0; `quantity` is in that row's unit.
    """

    line: int
    quantity: int
    lot: str | None = None


class DocumentEndorsed(Struct, frozen=True):
    """An officer at the border states what really passed under a document (CITES box 14)."""

    document: str
    way: Way
    country: str
    """Where it was endorsed: the country that the goods leave, or the one that they enter."""
    passed: tuple[Passed, ...]
    port: str | None = None
    transport: str | None = None
    """Bill of lading or air waybill (CITES box 15)."""


class EndorsementWithdrawn(Struct, frozen=True):
    """An officer takes an endorsement back that was a slip: the wrong lot, line or quantity.

    `endorsement` is its statement id. `lots` are all that it named, and what was split from them;
    `settled` are others that passed under the document and were too much because of the slip.
    """

    document: str
    endorsement: Digest
    reason: str
    lots: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()


class Passage(Struct, frozen=True):
    """How a lot passed under a document on one side: by the trader's word and by the officer's.

    `said_by` and `seen_by` are the 32-byte ids of those statements, None while there is none.
    """

    document: str
    way: Way
    said: tuple[Row, ...] = ()
    seen: tuple[Row, ...] = ()
    said_by: bytes | None = None
    seen_by: bytes | None = None
    by_officer: tuple[str, ...] = ()
    """Documents and accounts that the lot names by the officer's word alone."""


class Shown(Struct, frozen=True):
    """Where and on which day a document was used: export, import or a dealing."""

    act: str
    country: str
    day: str
    times: int = 1
    """How many statements say so."""


class LineDrawn(Struct, frozen=True):
    """What an endorsement drew on one line, and on quotas for it.

    `left` is what it alone stands for: what a trader said of the same goods later is not taken
    back with it.
    """

    row: Row
    left: int
    quotas: Mapping[str, int] = field(default_factory=dict)


class Endorsement(Struct, frozen=True):
    """An officer's word on what passed under a document, as far as taking it back needs it.

    An account of its own, `endorsement/DOCUMENT/ID`, so that however many a document has, each can
    be taken back and its record stays small. `id` is its statement's, `index` its leaf and `at` its
    log time (s); `lots` says how many it named.
    """

    id: bytes
    by: str
    index: int
    at: int
    way: Way
    country: str
    day: str
    lots: int
    drawn: tuple[LineDrawn, ...] = ()
    withdrawn: bool | None = None
    """Whether it was taken back."""
    account: str = "endorsement"
    findings: tuple[Finding, ...] = ()


class SuspendedDays(Struct, frozen=True):
    """Days on which a document covers nothing new; both count, and None is until further notice."""

    from_day: str
    until_day: str | None = None


class Withdrawal(Struct, frozen=True):
    """Since which day a due-diligence reference covers nothing any more, and how that came."""

    day: str
    status: ReferenceEnd


class ToldAlone(Struct, frozen=True):
    """What a party's own word alone said left under a document, one row for each line."""

    party: str
    rows: tuple[Row, ...]


class Waiting(Struct, frozen=True):
    """A lot that entered on the word of a copy: the check of that `cause` ends with the copy."""

    lot: str
    cause: bytes


class DocumentState(Struct, frozen=True):
    """What the ledger holds about a document; its name is `CC/KIND/NUMBER`."""

    status: str
    """`issued`, `recorded` (copy, not confirmed), `attested`, `cancelled`, `replaced`, `seized`."""
    rows: tuple[DocumentRow, ...] = ()
    from_day: str | None = None
    until_day: str | None = None
    purpose: str | None = None
    drawn: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    """What passed under it so far on each side, one row for each line that was used."""
    issued_day: str | None = None
    entered_at: int = 0
    """Log time (s) at which it first stood in the ledger: as a copy, by its issuer, or as the one
    that it repeats."""
    shown: tuple[Shown, ...] = ()
    """Each act, country and day of its use once, the first 50."""
    suspended: tuple[SuspendedDays, ...] = ()
    """When its issuer suspended it, the last 50 times."""
    replaces: str | None = None
    replaced_by: str | None = None
    reserved: Inner[Mapping[str, int]] = field(default_factory=dict)
    """What it uses of quotas that count issue, by account, as it was entered."""
    gone_day: str | None = None
    """The day on which it was cancelled or replaced: until then goods passed under it."""
    ended_day: str | None = None
    """Of a certificate of one specimen: the day on which that was sold or lost."""
    referenced: bool | None = None
    """Whether another document names it."""
    carries: bool | None = None
    """Whether what passed under the document that it replaces counts on it."""
    withdrawn: Withdrawal | None = None
    """Of a due-diligence reference that was withdrawn or rejected."""
    pending: tuple[PendingAct, ...] = ()
    findings: tuple[Finding, ...] = ()
    signers: Inner[tuple[Signer, ...]] = ()
    """Who issued, recorded, confirmed or cancelled it, with which key, and where last."""
    paper: Inner[Paper | None] = None
    by: Inner[str | None] = None
    """The party that issued or recorded it."""
    claimed_by: Inner[str | None] = None
    """Who used it by its own word alone: where it names no holder, or before its issuer entered it
    for another than a copy named; empty where several did."""
    told_alone: Inner[tuple[ToldAlone, ...]] = ()
    """Where it names no holder: what left under it by the word of which party alone, as long as no
    officer saw it; the first 20 parties, sorted, all others together under an empty name."""
    withdrawn_by: Inner[str | None] = None
    """The party that said so of a reference, where it was withdrawn or rejected."""
    waiting: Inner[tuple[Waiting, ...]] = ()
    """Lots that wait until somebody confirms it, where it is a copy: the first 500."""
