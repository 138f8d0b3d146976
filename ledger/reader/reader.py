"""The reader: every question about a ledger that pages, commands and pullers ask.

Owns the answers as frozen views and as files that carry proof. Uses its own connections and never
writes. Who may see the inner part of an answer is decided by whoever shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

from msgspec.structs import replace

from ledger import keys
from ledger.custody.documents import DocumentState
from ledger.custody.facilities import FacilityState
from ledger.custody.gaps import missing_numbers
from ledger.custody.lots import LotState
from ledger.custody.marks import MarkState
from ledger.custody.parties import LedgerState, PartyState
from ledger.custody.registrar_keys import checkpoint_key
from ledger.custody.rules.validity import last_day_of
from ledger.custody.state import S, State
from ledger.custody.stocks import StockAccount
from ledger.custody.subjects import LEDGER_NAME, Kind, Subject
from ledger.custody.transfers import ContainerState
from ledger.custody.yields import YieldAccount
from ledger.errors import DamagedError, NotFoundError
from ledger.log.checkpoint import LOG_SIGNATURE
from ledger.log.receipt import ReceiptClaims, sign_inclusion_receipt
from ledger.reader import bundling, searching
from ledger.reader.covering import CoveringQuota, quotas_of, quotas_over
from ledger.reader.endorsed import endorsements_of
from ledger.reader.holding import check_held, damaged
from ledger.reader.listing import FindingPage, Lists, Sees
from ledger.reader.moments import Keeper, Moment, Moments
from ledger.reader.proving import Prover, require
from ledger.reader.remarks import Remarks
from ledger.reader.tracing import LINEAGE_MAX, Tracer
from ledger.reader.views import (
    ContainerView,
    DocumentView,
    EntryView,
    FacilityView,
    LedgerView,
    Lineage,
    LotView,
    MarkView,
    OfferView,
    PartyView,
    SearchHit,
    StatementView,
    TimelineEntry,
    WaitingView,
)
from ledger.reader.waiting import Waiting
from ledger.records import Record
from ledger.reference.tables import load_tables
from ledger.statement import cose_key, parse_statement
from ledger.storage.finding_list import Wanted
from ledger.storage.protocol import OfferRow, Store
from ledger.storage.rows import offer_of, record_of, use_of
from ledger.wire import text
from ledger.wire.note import format_vkey, make_vkey

PLACE_ACCOUNTS = ("stock", "yield")
"""The types of account that belong to a place."""


class Reader:
    """The read paths of one ledger, for any number of threads."""

    def __init__(
        self,
        store: Store,
        moments: Moments,
        *,
        receipt_signer: keys.Signer | None = None,
        is_bound: bool = True,
    ) -> None:
        """Read a store; `is_bound` holds every row to the newest closing, by the whole state map.

        A short command on a large ledger has no time for that: its rows are held to their own
        hashes, until something asks for the newest moment.
        """
        self._store = store
        self._is_bound = is_bound
        self._keeper = Keeper(moments)
        self._prover = Prover(store, self._keeper)
        self._row = self._prover.newest if is_bound else self._prover.unbound
        self._tracer = Tracer(store, row=self._row)
        self._remarks = Remarks(store, self._tracer)
        self._lists = Lists(store, self._remarks)
        self._waiting = Waiting(store, self._tracer, self._lists)
        self._receipt_signer = receipt_signer

    # -- the ledger itself

    def moment(self) -> Moment:
        """Return the newest moment: head, signed checkpoint and state map."""
        return self._keeper.moment()

    def checkpoint_note(self) -> bytes:
        """Return the newest signed checkpoint, as a note."""
        return self.moment().note

    def ledger(self) -> LedgerView:
        """Return what the ledger says of itself at its newest moment."""
        moment = self.moment()
        state = self._state(Kind.LEDGER, LEDGER_NAME, LedgerState)[1]
        public = cose_key(checkpoint_key(state, index=moment.head.size - 1)).public
        return LedgerView(
            ledger=moment.ledger,
            origin=state.origin,
            size=moment.head.size,
            root=moment.head.root,
            height=moment.head.height,
            at=moment.head.at,
            lots=moment.head.born,
            vkey=format_vkey(make_vkey(state.origin, LOG_SIGNATURE, public)),
            read=state.read,
            state=state,
        )

    # -- subjects

    def kind_of(self, code: str) -> Kind | None:
        """Return whether 12 symbols are the code of a lot or of a container; None for neither."""
        kinds = (Kind.LOT, Kind.CONTAINER)
        return next((kind for kind in kinds if self._row(kind.value, code) is not None), None)

    def lot(self, code: str) -> LotView:
        """Return a lot by its 12 symbols; raise NotFoundError `lot.unknown`."""
        record, state = self._state(Kind.LOT, code, LotState)
        return LotView(code, record.n, record.first, state)

    def quotas_of(self, code: str) -> tuple[CoveringQuota, ...]:
        """Return the quotas that count a lot, with the conditions that an officer looks at."""
        return quotas_of(self.lot(code).state, self._state_of)

    def container(self, code: str) -> ContainerView:
        """Return a container by its 12 symbols."""
        record, state = self._state(Kind.CONTAINER, code, ContainerState)
        return ContainerView(code, record.n, state)

    def mark(self, name: str) -> MarkView:
        """Return a mark by `SCHEME/TEXT`."""
        record, state = self._state(Kind.MARK, name, MarkState)
        return MarkView(name, record.n, state)

    def document(self, name: str) -> DocumentView:
        """Return a document by `CC/KIND/NUMBER`, with the lots that rest on it."""
        record, state = self._state(Kind.DOCUMENT, name, DocumentState)
        day = text.format_day(self.moment().head.at // 86_400)
        quotas = quotas_over(state, self._state_of, day=day)
        stamps = endorsements_of(name, self._names, self._state_of)
        lots, last = self._tracer.resting_on(name), last_day_of(load_tables(), name, state)
        return DocumentView(name, record.n, state, lots, quotas, stamps, last)

    def facility(self, name: str) -> FacilityView:
        """Return a facility by `PARTY/SLUG`, with its running accounts."""
        record, state = self._state(Kind.FACILITY, name, FacilityState)
        found = (self.entries(Kind.ACCOUNT, prefix=f"{each}/{name}/") for each in PLACE_ACCOUNTS)
        kept = {each.name: each.state for each in chain.from_iterable(found)}
        accounts = {n: s for n, s in kept.items() if isinstance(s, YieldAccount | StockAccount)}
        return FacilityView(name, record.n, state, accounts)

    def entry(self, kind: Kind, name: str) -> EntryView:
        """Return an account or a reference by its name."""
        record = self._tracer.record(kind.value, name)
        return EntryView(kind.value, name, record.n, record.state)

    def entries(
        self, kind: Kind, *, prefix: str = "", after: str = "", limit: int = 1_000
    ) -> list[EntryView]:
        """Return accounts or references whose names begin with `prefix`, sorted by name."""
        names = self._names(kind, prefix=prefix, after=after, limit=limit)
        return [self.entry(kind, name) for name in names]

    def facilities_of(self, party: str) -> list[FacilityView]:
        """Return the places of a party without their accounts, sorted by name."""
        names = self._names(Kind.FACILITY, prefix=f"{party}/")
        found = ((name, *self._state(Kind.FACILITY, name, FacilityState)) for name in names)
        return [FacilityView(name, record.n, state) for name, record, state in found]

    def party(self, party: str) -> PartyView:
        """Return a party with the next unused number of each of its keys."""
        record, state = self._state(Kind.PARTY, party, PartyState)
        uses = {row.kid: use_of(row) for row in self._store.enrolled_keys(state.keys)}
        if len(uses) < len(state.keys):
            raise damaged(f"The numbers of a key of {party} are not in the database.")
        return PartyView(
            party,
            record.n,
            state,
            {kid: use.last + 1 for kid, use in uses.items()},
            {kid: missing_numbers(use.gaps) for kid, use in uses.items() if use.gaps},
        )

    def numbered(self, party: str, *, kid: bytes, number: int) -> bytes:
        """Return the statement with that number of a party's key, of the log or refused."""
        return self._tracer.numbered(party, kid=kid, number=number)

    def parties(self, *, after: str = "", limit: int = 1_000) -> list[PartyView]:
        """Return enrolled parties, sorted by id, from `after` on."""
        names = self._names(Kind.PARTY, after=after, limit=limit)
        found = [(name, *self._state(Kind.PARTY, name, PartyState)) for name in names]
        return [PartyView(name, record.n, state) for name, record, state in found]

    # -- who has what

    def lots_of(self, party: str, *, after: str = "", limit: int = 1_000) -> list[LotView]:
        """Return the lots that a party holds or owns, sorted by code, from `after` on."""
        self._check_reach()
        codes = self._store.held_by(party, kind=Kind.LOT.value, after=after, limit=limit)
        return [check_held(self._store, party, self.lot(code)) for code in codes]

    def offers_for(self, party: str) -> list[OfferView]:
        """Return the open offers to a party."""
        return [self._offer(row) for row in self._offers(party) if row.receiver == party]

    def offers_by(self, party: str) -> list[OfferView]:
        """Return the open offers that a party made."""
        return [self._offer(row) for row in self._offers(party) if row.sender == party]

    def offers(self) -> list[OfferView]:
        """Return all open offers."""
        return [self._offer(row) for row in self._offers(None)]

    def offer(self, offer_id: bytes) -> OfferView:
        """Return the open offer of that statement id; raise NotFoundError where it is not open."""
        row = self._store.offer(offer_id)
        if row is None:
            raise NotFoundError("offer.unknown", f"No offer {offer_id.hex()} is open.")
        return self._offer(row)

    def findings(
        self, wanted: Wanted, *, after: str = "", limit: int = 1_000, sees: Sees | None = None
    ) -> FindingPage:
        """Return a page of the open findings that are wanted, from the place `after` on."""
        now = self.moment().head.at
        return self._lists.page(wanted, now=now, after=after, limit=limit, sees=sees)

    def causes(self, statement_ids: Iterable[bytes]) -> Mapping[bytes, TimelineEntry]:
        """Return who said what and when, for each of the statements that the log knows."""
        found = {each: self._remarks.cause(each) for each in statement_ids}
        return {each: entry for each, entry in found.items() if entry is not None}

    def waiting(
        self,
        party: str | None = None,
        *,
        country: str | None = None,
        section: str | None = None,
        after: str = "",
    ) -> WaitingView:
        """Return what waits for an authority or an officer of it, in its countries.

        Without a party, or with one that holds no office, what waits for anybody; `country` and
        `section` narrow it down. Findings come from the place `after` on.
        """
        desk = self._waiting.desk_of(party, now=self.moment().head.at).narrowed(country)
        return self._waiting.for_desk(replace(desk, after=after), section=section)

    def search(self, text: str, *, limit: int = 20) -> list[SearchHit]:
        """Return subjects whose code, mark, document number or party id matches a typed text."""
        self._check_reach()
        row = self._row if self._is_bound else self._prover.stored
        return searching.search(self._store, text, limit=limit, row=row)

    # -- histories

    def statement(self, statement_id: bytes) -> StatementView:
        """Return the statement with that id."""
        return self._tracer.statement(statement_id)

    def statement_at(self, index: int) -> StatementView:
        """Return the statement at a 0-based leaf index."""
        return self._tracer.statement_at(index)

    def history(
        self, code: str, *, kind: Kind = Kind.LOT, after: int = 0, limit: int = 10_000
    ) -> list[StatementView]:
        """Return the statements that touched a lot (or another subject), oldest first."""
        self._tracer.record(kind.value, code)
        return self._tracer.history(kind.value, code, after=after, limit=limit)

    def timeline(
        self, code: str, *, deep: bool = False, steps_max: int = 10_000
    ) -> list[TimelineEntry]:
        """Return role, country and time of the last `steps_max` steps of a lot's life.

        `deep` adds those of its ancestors.
        """
        after = max(0, self.lot(code).n - steps_max)
        return self._tracer.timeline(code, deep=deep, after=after)

    def lineage(self, code: str, *, nodes_max: int = LINEAGE_MAX) -> Lineage:
        """Return the ancestors and descendants of a lot as a graph, the nearest `nodes_max`."""
        return self._tracer.lineage(code, at=self.moment().head.at, nodes_max=nodes_max)

    # -- files that carry proof

    def card(self, code: str) -> bytes:
        """Return the card of a lot (12 symbols): the proof of its absence where there is none."""
        return self._prover.card(Subject(Kind.LOT, code))

    def document_card(self, name: str) -> bytes:
        """Return the card of a document `CC/KIND/NUMBER`: the proof of its absence likewise."""
        return self._prover.card(Subject(Kind.DOCUMENT, name))

    def bundle(self, code: str) -> bytes:
        """Return the bundle of a lot: everything needed to judge it offline, at most 8 MiB."""
        self.lot(code)
        return self._prover.at_one_moment(
            lambda moment: bundling.make_bundle(self._store, self._prover, moment, code=code)
        )

    def proof(self, statement_id: bytes) -> bytes:
        """Return the `.tlog-proof` of a statement at the newest checkpoint."""
        return self._prover.tlog_proof(statement_id)

    def receipt_cose(self, statement_id: bytes) -> bytes:
        """Return the RFC 9942 receipt of a statement; UnavailableError without the receipt key."""
        signer = require(self._receipt_signer, "receipt key")
        statement = parse_statement(self.statement(statement_id).raw)
        index, size, root, path = self._prover.inclusion(statement_id)
        view = self.ledger()
        return sign_inclusion_receipt(
            signer=signer,
            claims=ReceiptClaims(view.origin, statement.sub, view.at),
            index=index,
            size=size,
            path=path,
            root=root,
        )

    def tile(self, *, level: int, n: int, width: int, size: int) -> bytes:
        """Return a hash tile, or with level -1 an entry bundle, of the log at a published size."""
        return self._prover.tile(level=level, n=n, width=width, size=size)

    def root(self, size: int) -> bytes:
        """Return the root over the first `size` leaves, 32 bytes."""
        return self._prover.root(size)

    def consistency(self, old_size: int, size: int) -> list[bytes]:
        """Return the path from the tree of `old_size` leaves to that of `size`; NotFoundError."""
        return self._prover.consistency(old_size, size)

    def _state_of(self, kind: Kind, name: str) -> State | None:
        row = self._row(kind.value, name)
        return record_of(row).state if row is not None else None

    def _names(
        self, kind: Kind, *, prefix: str = "", after: str = "", limit: int = 1_000
    ) -> list[str]:
        self._check_reach()
        return self._store.names(kind=kind.value, prefix=prefix, after=after, limit=limit)

    def _offers(self, party: str | None) -> list[OfferRow]:
        self._check_reach()
        return self._store.offers(party=party)

    def _check_reach(self) -> None:
        """Raise DamagedError where the database is behind what was signed: no list is told then."""
        if self._is_bound:
            self.moment()

    def _state(self, kind: Kind, name: str, of: type[S]) -> tuple[Record, S]:
        record = self._tracer.record(kind.value, name)
        if not isinstance(record.state, of):
            raise DamagedError("store.records", f"The record of {kind}/{name} is of another kind.")
        return record, record.state

    def _offer(self, row: OfferRow) -> OfferView:
        offer = offer_of(row)
        expired = offer.event.expires < self.moment().head.at
        return OfferView(
            offer.id, offer.sender, offer.event.to, offer.event, offer.dispatched, expired
        )
