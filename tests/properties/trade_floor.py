"""Where the trade machine plays: two farms, a tannery, offices of two countries, papers and quotas.

Owns the setting and what is looked up in it; which acts there are stands in the machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bookkeeping import Clerk

from ledger.custody.accounts import AllotmentAccount, QuotaAccount
from ledger.custody.documents import DocumentRow, DocumentState, Paper, Way
from ledger.custody.facilities import FacilityRegistered
from ledger.custody.goods import MarkRange, NewLot, Row
from ledger.custody.lots import Basis, LotExported, LotImported, LotRegistered
from ledger.custody.parties import Scope
from ledger.custody.references import Quota, QuotaSet
from ledger.custody.stocks import SizeClass, StockDeclared
from ledger.custody.subjects import Finding, Kind, Subject
from ledger.registrar.outcomes import Registered
from ledger.simulator.world import POWERS, World
from ledger.storage.rows import record_of

TAXON = "Crocodylus niloticus"
TRADERS = ("farm", "ranch", "tannery")
PLACES = ("farm/kariba", "ranch/binga")
SIDES = (Way.EXPORT, Way.IMPORT)
QUOTAS = {"ZW-TAKEN": "harvest", "ZW-PERMITTED": "issue", "ZW-LEFT": "endorsement"}
"""Quotas by name, and what each counts; one that is set anew gets the next number."""
ANIMALS = 24
"""How many live on each farm at the beginning."""


def tags(first: int, pieces: int) -> tuple[MarkRange, ...]:
    return (MarkRange("TAG", "ZW-2026-", first, first + pieces - 1, 6, "-NIL"),)


def skins(name: str, pieces: int, first: int | None) -> LotRegistered:
    """A bale of a place, tagged from serial `first` on, or not at all."""
    row = Row(TAXON, "SKI", pieces, "NAR", "C", "ZW")
    own = tags(first, pieces) if first is not None else ()
    return LotRegistered(Basis.BRED, (NewLot((row,), marks=own, year=2026, facility=name),))


def crossing(code: str, way: Way, name: str) -> LotExported | LotImported:
    if way is Way.EXPORT:
        return LotExported((code,), name, "ZW", "FR")
    return LotImported((code,), name, "FR")


def paper_of(pieces: int, holder: str | None) -> Paper:
    row = DocumentRow(TAXON, "SKI", pieces, "NAR", "C", "ZW")
    return Paper(holder, rows=(row,), purpose="T", from_country="ZW", to_country="FR")


def name_of(way: Way, n: int) -> str:
    return f"ZW/EXPORT/{n}" if way is Way.EXPORT else f"FR/IMPORT/{n}"


def office_of(way: Way) -> tuple[str, str]:
    """The authority on that side of the border, and its country."""
    return ("parks", "ZW") if way is Way.EXPORT else ("douane", "FR")


class Floor:
    """The world of a machine, what a clerk adds up beside it, and what was closed in it."""

    def __init__(self, *, seed: int, amount: int) -> None:
        self.world = World(seed=seed)
        self.clerk = Clerk(stock=dict.fromkeys(PLACES, ANIMALS))
        self.codes: list[str] = []
        self.closed: set[tuple[str, str]] = set()
        """Subject and rule of each finding that an officer closed."""
        self.numbers = dict.fromkeys(QUOTAS, 0)
        for party, country in (("parks", "ZW"), ("douane", "FR")):
            self.world.enrol(party, "authority", country=country, scope=Scope(POWERS, (country,)))
        for party, way in (("farm", Way.EXPORT), ("ranch", Way.EXPORT), ("tannery", Way.IMPORT)):
            by, country = office_of(way)
            self.world.enrol(party, "farm", "tannery", country=country, by=by)
        self.world.do("parks", QuotaSet(tuple(self.quota(name, amount) for name in QUOTAS)))
        self.numbers = dict.fromkeys(QUOTAS, 1)
        for name in PLACES:
            party = name.partition("/")[0]
            self.world.do(party, FacilityRegistered(name, "farm", "ZW"))
            opening = (SizeClass("all", ANIMALS),)
            self.world.do(party, StockDeclared(name, TAXON, females=9, counts=opening))

    def quota(self, name: str, amount: int) -> Quota:
        """The quota of a name as it is set anew, in place of the one before."""
        before = self.numbers[name]
        return Quota(
            quota=f"{name}-{before + 1}",
            country="ZW",
            taxon=TAXON,
            amount=amount,
            unit="NAR",
            from_day="2026-01-01",
            until_day="2027-12-31",
            counts=QUOTAS[name],
            binding="mandatory",
            terms=("SKI",),
            replaces=f"{name}-{before}" if before else None,
        )

    def say(self, party: str, event: Any) -> Registered | None:
        """Say it; where it is refused, see that the ledger is as it was."""
        live = self.world.ledger.registrar.live
        before = (live.statemap.root(), live.state.lots_born)
        outcome = self.world.say(party, event)
        if isinstance(outcome, Registered):
            return outcome
        live = self.world.ledger.registrar.live
        assert (live.statemap.root(), live.state.lots_born) == before, outcome
        return None

    # -- looking things up

    def code(self, which: int) -> str:
        return self.codes[which % len(self.codes)]

    def paper(self, way: Way, n: int) -> str:
        names = [name for name, _ in self.papers() if name.startswith(name_of(way, 0)[:-1])]
        return names[n % len(names)]

    def papers(self) -> list[tuple[str, DocumentState]]:
        names = [name_of(way, n) for way in SIDES for n in range(1, 9)]
        found = [(name, self.world.state(Kind.DOCUMENT, name)) for name in names]
        return [(name, state) for name, state in found if isinstance(state, DocumentState)]

    def document(self, name: str) -> DocumentState:
        return next(state for known, state in self.papers() if known == name)

    def quota_account(self, name: str) -> QuotaAccount:
        state = self.world.state(Kind.ACCOUNT, f"quota/{name}-{self.numbers[name]}")
        assert isinstance(state, QuotaAccount)
        return state

    def allotments(self, party: str) -> tuple[MarkRange, ...]:
        state = self.world.state(Kind.ACCOUNT, f"allotment/{party}/TAG/2026")
        ranges = state.allotted if isinstance(state, AllotmentAccount) else ()
        return tuple(MarkRange("TAG", r.before, r.first, r.last, r.digits, r.after) for r in ranges)

    def states(self) -> Iterator[tuple[Subject, Any]]:
        for row in self.world.ledger.store.records():
            record = record_of(row)
            yield record.subject, record.state

    def findings(self) -> Iterator[tuple[Subject, Finding]]:
        for subject, state in self.states():
            for finding in state.findings:
                yield subject, finding

    def standing(self, subject: Subject) -> tuple[Finding, ...]:
        state = self.world.state(subject.kind, subject.name)
        return state.findings if state is not None else ()

    def stands(self, document: str, rule: str, *, or_closed: bool = False) -> bool:
        """Whether a finding of the rule stands on the document, or an officer closed it."""
        subject = Subject(Kind.DOCUMENT, document)
        if or_closed and (str(subject), rule) in self.closed:
            return True
        return any(finding.rule == rule for finding in self.standing(subject))

    def was_found(self, rule: str, *, mark: str | None = None) -> bool:
        """Whether a finding of the rule stands somewhere, or stood until an officer closed it."""
        if any(closed == rule for _, closed in self.closed):
            return True
        found = (finding for _, finding in self.findings() if finding.rule == rule)
        return any(mark is None or mark in finding.marks for finding in found)
