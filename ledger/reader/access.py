"""Who may read what of a closed ledger (docs/http.md, Who may read).

Owns the one answer to that: officers, authorities, auditors and mirrors read everything, a party
what is its own, anybody what is public. An open ledger is everybody's. Knows no HTTP.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NoReturn

from msgspec import Struct
from msgspec.structs import replace

from ledger.custody.events import BlockClosed, births, lots_named
from ledger.custody.marks import MarkState
from ledger.custody.parties import PartyState
from ledger.custody.state import key_in_force
from ledger.custody.subjects import Kind
from ledger.errors import NotFoundError, ProofError, RefusedError
from ledger.reader.listing import FindingPage
from ledger.reader.reader import Reader
from ledger.reader.views import (
    ContainerView,
    DocumentView,
    FacilityView,
    FindingView,
    LotView,
    MarkView,
    OfferView,
    PartyView,
    SearchHit,
    StatementView,
    TimelineEntry,
)
from ledger.statement import cose_key, lot_code, parse_statement
from ledger.storage.finding_list import Wanted
from ledger.token import check_token, parse_token

READS_ALL = frozenset({"authority", "officer", "auditor", "mirror"})
"""Roles that read a whole closed ledger; a trader reads its own, whatever else it is."""
_OFFICES = frozenset({"authority", "officer"})


class Asker(Struct, frozen=True):
    """Who asks: nobody in particular, or a party that proved itself by a key in force."""

    party: str | None = None
    roles: frozenset[str] = frozenset()
    is_active: bool = False

    @property
    def is_officer(self) -> bool:
        """Return whether it is an officer or authority that may act."""
        return self.is_active and bool(self.roles & _OFFICES)

    @property
    def reads_all(self) -> bool:
        """Return whether its role lets it read a whole closed ledger."""
        return self.is_active and bool(self.roles & READS_ALL)


NOBODY = Asker()


def identify(reader: Reader, token: str, *, hosts: Collection[str], now_s: int) -> Asker:
    """Return the party that signed a reading token; raise ProofError or MalformedError.

    `token` is the value of the Authorization header; `hosts` and `now_s` are the server's own. A
    suspended party still reads what is its own.
    """
    parsed = parse_token(token)
    try:
        state = reader.party(parsed.party).state
    except NotFoundError:
        raise _unknown_key() from None
    moment = reader.moment()
    # As of the next leaf: a key that was recovered waits, and nobody may read by it meanwhile.
    if not key_in_force(state, parsed.kid, index=moment.head.size, at=moment.head.at):
        raise _unknown_key()
    key = cose_key(state.keys[parsed.kid].key)
    check_token(parsed, key, ledger=moment.ledger, hosts=hosts, now_s=now_s)
    return Asker(parsed.party, frozenset(state.roles), is_active=state.status == "active")


class Access:
    """What one asker may read of one ledger."""

    def __init__(self, reader: Reader, asker: Asker, *, is_open: bool) -> None:
        self._reader = reader
        self._asker = asker
        self.everything = is_open or asker.reads_all
        self._readable: dict[bytes, bool] = {}

    @property
    def party(self) -> str | None:
        """Return the party that asks, or None where nobody proved to be one."""
        return self._asker.party

    def demand(self, allowed: bool) -> None:
        """Raise RefusedError unless the asker reads everything, or this because it is `allowed`."""
        if not self.everything and not allowed:
            self._refuse()

    def demand_label(self, code: str) -> None:
        """Raise RefusedError unless the asker is a lot's holder, its owner or an officer.

        An open ledger demands it too: whoever prints a label puts it on goods.
        """
        lot = self._reader.lot(code).state
        party = self._asker.party
        if party is None or not (self._asker.is_officer or party in (lot.holder, lot.owner)):
            self._refuse()

    def demand_document_label(self, name: str) -> None:
        """Raise RefusedError unless the asker issued a document, holds it or is an officer."""
        state = self._reader.document(name).state
        party, holder = self._asker.party, state.paper.holder if state.paper else None
        if party is None or not (self._asker.is_officer or party in (state.by, holder)):
            self._refuse()

    def is_self(self, party: str) -> bool:
        """Return whether the asker is that party."""
        return self._asker.party == party

    def is_of_lot(self, code: str) -> bool:
        """Return whether the asker holds or owns a lot, or has an open offer of it."""
        party = self._asker.party
        try:
            lot = self._reader.lot(code).state
        except NotFoundError:
            return False
        if party is None:
            return False
        if party in (lot.holder, lot.owner):
            return True
        return lot.offer is not None and self._is_offered(lot.offer, party)

    def sees(self, view: Any) -> bool:
        """Return whether the asker may see the inner part of a view."""
        if self.everything:
            return True
        if isinstance(view, FindingView | SearchHit):
            return self._sees_named(view.kind, view.name)
        if self._asker.party is None:
            return False
        return self._asker.party in _parties_of(view) or any(map(self.is_of_lot, _lots_of(view)))

    def visible(self, views: Sequence[Any]) -> list[Any]:
        """Return those of some views that the asker may see."""
        return [view for view in views if self.sees(view)]

    def findings(self, wanted: Wanted, *, after: str, limit: int) -> FindingPage:
        """Return a page of the wanted findings that the asker may see, from the place `after` on.

        A party sees those on itself and on what is its own now.
        """
        if self.everything:
            return self._reader.findings(wanted, after=after, limit=limit)

        def sees(view: FindingView) -> bool:
            # Whom it may not see as the cause, it cannot find out by asking for each in turn.
            caused = self._caused(view)
            return self.sees(view) and wanted.is_about(
                view.parties, caused_by=caused.party if caused is not None else None
            )

        mine = replace(wanted, reader=self._asker.party or "")
        page = self._reader.findings(mine, after=after, limit=limit, sees=sees)
        told = (replace(view, caused=self._caused(view)) for view in page.findings)
        return replace(page, findings=tuple(told))

    def own_part(self, view: Any) -> Any:
        """Return what the asker may see of a view: of other people's lots not even the codes."""
        if self.everything or not isinstance(view, ContainerView | MarkView):
            return view
        if self._asker.party in _parties_of(view):
            return view
        state = view.state
        mine = tuple(filter(self._is_of_code, state.lots))
        if isinstance(state, MarkState):
            own = replace(state, lots=mine, allotted=tuple(c for c in state.allotted if c in mine))
            return replace(view, state=own)
        return replace(view, state=replace(state, lots=mine, containers=()))

    def _is_of_code(self, code: str) -> bool:
        """Return whether the asker is of that lot, or holds that container."""
        if self.is_of_lot(code):
            return True
        try:
            holder = self._reader.container(code).state.holder
        except NotFoundError:
            return False
        return self._asker.party == holder

    def _caused(self, view: FindingView) -> TimelineEntry | None:
        """Return who caused a finding: of a statement that the asker may not read, the role."""
        caused = view.caused
        if caused is None or self._asker.party == caused.party:
            return caused
        cause = view.finding.cause
        if cause not in self._readable:
            try:
                self._readable[cause] = self.sees(self._reader.statement(cause))
            except NotFoundError:
                # A statement that was refused: it is in no lot's story.
                self._readable[cause] = False
        return caused if self._readable[cause] else replace(caused, party="", code="")

    def _refuse(self) -> NoReturn:
        if self._asker.party is None:
            raise RefusedError(
                "access.unproved",
                "This ledger answers that to those alone whom it concerns, who prove themselves.",
                hint="Ask with your key: ringmark --as PARTY. A lot's card is open to everybody.",
            )
        raise RefusedError(
            "access.denied",
            f"This ledger does not answer that to {self._asker.party}: it is no party of it.",
            hint="Ask its holder for the bundle. The card of a lot is open to everybody.",
            params={"party": self._asker.party},
        )

    def _is_offered(self, offer: bytes, party: str) -> bool:
        try:
            found = self._reader.offer(offer)
        except NotFoundError:
            return False
        return found.to == party and not found.is_expired

    def _sees_named(self, kind: str, name: str) -> bool:
        views = {
            Kind.LOT.value: self._reader.lot,
            Kind.CONTAINER.value: self._reader.container,
            Kind.MARK.value: self._reader.mark,
            Kind.DOCUMENT.value: self._reader.document,
            Kind.FACILITY.value: self._reader.facility,
            Kind.PARTY.value: self._reader.party,
        }
        look = views.get(kind)
        try:
            return look is not None and self.sees(look(name))
        except NotFoundError:
            return False


def _parties_of(view: Any) -> tuple[str | None, ...]:
    """Return the parties whose own a view is."""
    match view:
        case ContainerView(state=state):
            return (state.holder,)
        case DocumentView(state=state):
            return (state.by, state.paper.holder if state.paper else None)
        case FacilityView(name=name):
            return (name.partition("/")[0],)
        case PartyView(party=party) | StatementView(party=party):
            return (party,)
        case OfferView(sender=sender, to=to):
            return (sender, to)
        case _:
            return ()


def _lots_of(view: Any) -> tuple[str, ...]:
    """Return the codes of the lots whose parties may see a view."""
    match view:
        case LotView(code=code):
            return (code,)
        case ContainerView(state=state) | MarkView(state=state):
            return state.lots
        case StatementView(raw=raw):
            statement = parse_statement(raw)
            event = statement.event
            if isinstance(event, BlockClosed):
                return ()
            born = range(births(event))
            codes = (lot_code(kid=statement.kid, salt=statement.salt, i=i) for i in born)
            return (*codes, *lots_named(event))
        case _:
            return ()


def outside_auditors(parties: Sequence[tuple[str, PartyState]]) -> list[str]:
    """Return the active auditors among some parties that hold no office and act for nobody else."""
    return [
        name
        for name, state in parties
        if "auditor" in state.roles
        and state.status == "active"
        and not _OFFICES & set(state.roles)
        and state.acts_for is None
    ]


def _unknown_key() -> ProofError:
    return ProofError(
        "token.key",
        "The token is signed by no key in force of a party of this ledger.",
        hint="See which of your keys are in force: ringmark key list",
    )
