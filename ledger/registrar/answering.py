"""What comes back with a registration: its receipt, and the labels of what it brought to life.

Owns the step from a place in the log to an answer. It is taken once the block is durable and
marked; what cannot be answered now is answered when the same bytes are sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ledger import keys
from ledger.custody.documents import DocumentIssued, DocumentReplaced, DocumentState
from ledger.custody.lots import LotState
from ledger.custody.rules.validity import last_day_of
from ledger.custody.state import State
from ledger.custody.subjects import Kind, Subject
from ledger.errors import NotFoundError, RingmarkError, UnavailableError
from ledger.log.frontier import HashReader
from ledger.reference.tables import Tables
from ledger.registrar.intake import Entry, Place
from ledger.registrar.issuing import issue_receipt
from ledger.registrar.labels import document_label, issue_label
from ledger.registrar.live import Live
from ledger.registrar.outcomes import Failed, Opened, Outcome, Registered
from ledger.registrar.remarking import brought, opened_by
from ledger.statement import Statement, lot_code, parse_statement
from ledger.storage.protocol import Store
from ledger.storage.rows import record_of

ENTERING = (DocumentIssued, DocumentReplaced)
"""What its issuer enters a document with, paper and all."""


CARDED = (Kind.LOT, Kind.DOCUMENT)
"""The kinds of subject of which anyone may ask for a card."""


class Answering:
    """Answers for one ledger; `live` returns how it stands after its last closing."""

    def __init__(self, store: Store, tables: Tables, live: Callable[[], Live]) -> None:
        self._store = store
        self._tables = tables
        self._now = live

    def outcome(self, entry: Entry) -> Outcome:
        """Return what became of a submitted statement."""
        if entry.outcome is not None:
            return entry.outcome
        if entry.place is None or entry.statement is None:
            return Failed(unknown())
        try:
            return self._issue(entry.statement, entry.place)
        except RingmarkError as error:
            # It is registered; its receipt comes when the same bytes are sent again. Where damage
            # keeps it back, the others that came with it have their answers all the same.
            return Failed(error, entry.statement.id)

    def _issue(self, statement: Statement, place: Place) -> Registered:
        live = self._now()
        reader: HashReader = live.edge
        raw, again = statement.raw, place.admission is None
        if again:
            leaf = self._store.leaf(place.index)
            raw = leaf.raw if leaf else raw
        try:
            receipt = issue_receipt(reader, index=place.index, size=place.size, note=place.note)
        except NotFoundError:
            # The leaf is older than the edge that is kept in memory.
            reader = live.edge.levels.reader(self._store.leaf_hashes, size=place.size)
            receipt = issue_receipt(reader, index=place.index, size=place.size, note=place.note)
        return Registered(
            statement.id,
            place.index,
            raw,
            receipt,
            place.at,
            labels=self._labels(statement, place, live),
            again=again,
            findings=self._findings(statement, place),
        )

    def _findings(self, statement: Statement, place: Place) -> tuple[Opened, ...]:
        if place.admission is not None:
            return opened_by(statement, place.admission.records.values())
        named = (*brought(statement), *self._offered(statement))
        # Who sends it again may be anybody that has its bytes: told is what cards show anyway.
        shown = [subject for subject in named if subject.kind in CARDED]
        rows = [self._store.record(kind=s.kind.value, name=s.name) for s in shown]
        return opened_by(statement, [record_of(row) for row in rows if row is not None])

    def _offered(self, statement: Statement) -> tuple[Subject, ...]:
        """Return what an answer to an offer names by naming the offer."""
        offer = getattr(statement.event, "offer", None)
        index = self._store.index_of(offer) if offer else None
        leaf = self._store.leaf(index) if index is not None else None
        return brought(parse_statement(leaf.raw)) if leaf is not None else ()

    def _labels(self, statement: Statement, place: Place, live: Live) -> Mapping[str, str]:
        if place.labeller is None:
            return {}
        born = self._born(statement, place)
        labels = {c: self._label(c, lot, live, place.labeller) for c, lot in born.items()}
        return {**labels, **self._paper_label(statement, live, place.labeller)}

    def _paper_label(
        self, statement: Statement, live: Live, labeller: keys.Signer
    ) -> Mapping[str, str]:
        """Return the label of the document that its issuer entered; one that waits has none."""
        event = statement.event
        if not isinstance(event, ENTERING):
            return {}
        state = self._state(Kind.DOCUMENT, event.document)
        if not isinstance(state, DocumentState) or state.paper != event.paper:
            return {}
        return document_label(
            event.document,
            event.paper,
            last_day=last_day_of(self._tables, event.document, state),
            statement=statement.id,
            ledger=live.ledger,
            host=live.hosts[0],
            tables=self._tables,
            signer=labeller,
        )

    def lot_label(self, code: str, live: Live, labeller: keys.Signer) -> str:
        """Return the link of a lot's label, by its 12 symbols; raise NotFoundError without it."""
        lot = self._state(Kind.LOT, code)
        if not isinstance(lot, LotState):
            raise NotFoundError(
                "lot.unknown",
                f"There is no lot {code}.",
                hint="Check each group of the code.",
                params={"lot": code},
            )
        return self._label(code, lot, live, labeller)

    def paper_label(self, name: str, live: Live, labeller: keys.Signer) -> str:
        """Return the link of a document's label, as the statement of its issuer entered it.

        Raise NotFoundError for an unknown document, and for one that has no label: a copy, one that
        was cancelled or replaced, one with more rows than a symbol carries.
        """
        state = self._state(Kind.DOCUMENT, name)
        if not isinstance(state, DocumentState):
            raise NotFoundError(
                "document.unknown",
                f"There is no document {name}.",
                hint="Look at the spelling; it may stand in another ledger.",
                params={"document": name},
            )
        entered = self._entered(name) if state.status == "issued" else ()
        for index in entered:
            leaf = self._store.leaf(index)
            if leaf is not None:
                found = self._paper_label(parse_statement(leaf.raw), live, labeller)
                if name in found:
                    return found[name]
        raise NotFoundError(
            "label.no-paper",
            f"The ledger signs no label for {name}, which is {state.status} here.",
            hint="Only a document that its issuer entered, and that stands, has one; with many rows"
            " its annexes are documents of their own. The bare link shows what the ledger holds.",
            params={"document": name, "status": state.status},
        )

    def _entered(self, name: str) -> list[int]:
        """Return where its issuer entered a document, however many statements it passed since."""
        return self._store.entering(name, [event.__name__ for event in ENTERING])

    def _label(self, code: str, lot: LotState, live: Live, labeller: keys.Signer) -> str:
        return issue_label(
            code,
            lot,
            ledger=live.ledger,
            host=live.hosts[0],
            tables=self._tables,
            signer=labeller,
        )

    def _born(self, statement: Statement, place: Place) -> dict[str, LotState]:
        if place.admission is not None:
            return {
                subject.name: record.state
                for subject, record in place.admission.records.items()
                if record.n == 1 and isinstance(record.state, LotState)
            }
        born: dict[str, LotState] = {}
        for i in range(1_000):
            code = lot_code(kid=statement.kid, salt=statement.salt, i=i)
            state = self._state(Kind.LOT, code)
            if state is None and self._state(Kind.CONTAINER, code) is None:
                break
            if isinstance(state, LotState) and state.birth == statement.id[:16]:
                born[code] = state
        return born

    def _state(self, kind: Kind, name: str) -> State | None:
        row = self._store.record(kind=kind.value, name=name)
        return record_of(row).state if row is not None else None


def unknown() -> UnavailableError:
    """Return the error that says that nobody knows what became of a statement."""
    return UnavailableError(
        "registrar.unknown",
        "Whether the statement was registered is not known.",
        hint="Send the same bytes again: they keep their index if they were registered.",
    )
