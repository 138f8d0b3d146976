"""Rule on telling: what happened weeks before it was signed is looked at.

Owns the tolerance between the day of an act and the day on which its party wrote it down. The day
chooses the quota, the validity and the season by which an act is judged, and it is the party's own
word; how late a signed statement arrives is judged by its envelope. Source: frauds F08, F09, F33;
the 31 days are a house figure, as for the accounts of a year.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.custody.documents import DocumentEndorsed
from ledger.custody.lots import Basis, LotDeparted, LotExported, LotImported, LotRegistered
from ledger.custody.rules.places import GRACE_S
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject

_BY_DAY = frozenset({Basis.HARVEST, Basis.BRED, Basis.IMPORT})

RULES = (Rule("time.told-late", "check", "What is judged by its day is told within 31 days."),)


def check_told(signed: Signed, _draft: Draft) -> Iterator[Flag]:
    """Yield a check on each subject of an act that is told more than 31 days after it happened."""
    if signed.when is None or signed.iat - signed.when <= GRACE_S:
        return
    for subject in _subjects(signed):
        yield Flag(subject, "time.told-late", Severity.CHECK)


def _subjects(signed: Signed) -> tuple[Subject, ...]:
    match signed.event:
        case LotRegistered(basis=basis, lots=lots) if basis in _BY_DAY:
            codes = [signed.code_of(i) for i in range(len(lots))]
        case LotExported(lots=lots) | LotImported(lots=lots) | LotDeparted(lots=lots):
            codes = sorted(lots)
        case DocumentEndorsed(document=name):
            return (Subject(Kind.DOCUMENT, name),)
        case _:
            return ()
    return tuple(Subject(Kind.LOT, code) for code in codes)
