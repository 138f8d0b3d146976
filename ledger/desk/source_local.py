"""A ledger in a folder of this machine: read through the reader, written through the registrar.

Owns nothing of either: both are arguments. The writer is opened for one submission and let go
again, so that several commands can share one ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

from ledger.custody.subjects import Kind
from ledger.desk.source import PAGE_ROWS, Answer, Kept, Plain, Taken, Troubled
from ledger.reader import Reader, view_json
from ledger.reader.views import jsonable
from ledger.registrar import Outcome, Refused, Registered, Registrar
from ledger.storage.finding_list import Wanted

OpenWriter = Callable[[], AbstractContextManager[Registrar]]
"""Opens the ledger for writing; whoever leaves the context lets go of it."""


class LocalSource:
    """A ledger of this machine."""

    def __init__(self, reader: Reader, open_writer: OpenWriter) -> None:
        self._reader = reader
        self._open_writer = open_writer

    def about(self) -> Plain:
        """Return what the ledger says of itself: id, origin, hosts, size."""
        return view_json(self._reader.ledger())

    def lot(self, code: str) -> Plain:
        """Return a lot."""
        return view_json(self._reader.lot(code))

    def container(self, code: str) -> Plain:
        """Return a container."""
        return view_json(self._reader.container(code))

    def mark(self, name: str) -> Plain:
        """Return what claims a mark, named `SCHEME/TEXT`."""
        return view_json(self._reader.mark(name))

    def party(self, party: str) -> Plain:
        """Return a party with its keys and their next numbers."""
        return view_json(self._reader.party(party))

    def numbered(self, party: str, *, kid: bytes, number: int) -> bytes:
        """Return the bytes of the statement with that number of a party's key, refused ones too."""
        return self._reader.numbered(party, kid=kid, number=number)

    def parties(self) -> Sequence[Plain]:
        """Return all parties."""
        return [view_json(party) for party in self._reader.parties()]

    def lots_pages(self, party: str) -> Iterator[Sequence[Plain]]:
        """Yield the lots that a party holds or owns, sorted by code, page by page."""
        after = ""
        while page := self._reader.lots_of(party, after=after):
            yield [view_json(lot) for lot in page]
            after = page[-1].code

    def offers(self, party: str) -> Sequence[Plain]:
        """Return the open offers to and by a party, those to it first."""
        found = (*self._reader.offers_for(party), *self._reader.offers_by(party))
        return [view_json(offer) for offer in found]

    def document(self, name: str) -> Plain:
        """Return a document, named `CC/KIND/NUMBER`."""
        return view_json(self._reader.document(name))

    def facility(self, name: str) -> Plain:
        """Return a facility, named `PARTY/SLUG`."""
        return view_json(self._reader.facility(name))

    def facilities_of(self, party: str) -> Sequence[Plain]:
        """Return the places of a party."""
        return [view_json(place) for place in self._reader.facilities_of(party)]

    def entry(self, kind: str, name: str) -> Plain:
        """Return an account or a reference by its name."""
        return view_json(self._reader.entry(Kind(kind), name))

    def entries(self, kind: str, prefix: str) -> Sequence[Plain]:
        """Return accounts or references whose names begin with `prefix`."""
        found: list[Plain] = []
        after = ""
        while page := self._reader.entries(Kind(kind), prefix=prefix, after=after):
            found += [view_json(entry) for entry in page]
            after = page[-1].name
        return found

    def findings(self, wanted: Wanted, *, after: str = "", limit: int = PAGE_ROWS) -> Plain:
        """Return a page of the wanted findings from a place on: `findings`, `next`, `counts`."""
        page: Plain = jsonable(self._reader.findings(wanted, after=after, limit=limit))
        return page

    def waiting(self, party: str | None, country: str | None, section: str | None = None) -> Plain:
        """Return what waits for an authority, by section, or in one of them alone."""
        return view_json(self._reader.waiting(party, country=country, section=section))

    def history(self, code: str) -> Sequence[Plain]:
        """Return the statements that touched a lot, oldest first."""
        return [view_json(step) for step in self._reader.history(code, kind=Kind.LOT)]

    def search(self, words: str) -> Sequence[Plain]:
        """Return lots by code, mark or document."""
        return [jsonable(hit) for hit in self._reader.search(words)]

    def statement(self, statement_id: bytes) -> bytes:
        """Return the bytes of a registered statement."""
        return self._reader.statement(statement_id).raw

    def label(self, code: str) -> str:
        """Return the link of a lot's label; whoever has the ledger's folder has its label key."""
        with self._open_writer() as registrar:
            return registrar.label(code)

    def document_label(self, name: str) -> str:
        """Return the link of a document's label, signed with the label key of the folder."""
        with self._open_writer() as registrar:
            return registrar.document_label(name)

    def card(self, code: str) -> bytes:
        """Return the card of a lot: a framed file."""
        return self._reader.card(code)

    def document_card(self, name: str) -> bytes:
        """Return the card of a document `CC/KIND/NUMBER`: a framed file."""
        return self._reader.document_card(name)

    def bundle(self, code: str) -> bytes:
        """Return the bundle of a lot: a framed file."""
        return self._reader.bundle(code)

    def proof(self, statement_id: bytes) -> bytes:
        """Return the `.tlog-proof` of a statement."""
        return self._reader.proof(statement_id)

    def receipt(self, statement_id: bytes) -> bytes:
        """Return the RFC 9942 receipt of a statement."""
        return self._reader.receipt_cose(statement_id)

    def checkpoint(self) -> bytes:
        """Return the published checkpoint: a signed note."""
        return self._reader.checkpoint_note()

    def submit(self, raws: Sequence[bytes]) -> list[Answer]:
        """Register statements in their order; return one answer for each."""
        with self._open_writer() as registrar:
            outcomes = registrar.submit(raws)
        return [_answer(outcome) for outcome in outcomes]

    def dry_run(self, raw: bytes) -> Answer:
        """Return what the ledger would answer now; nothing is registered."""
        with self._open_writer() as registrar:
            return _answer(registrar.dry_run(raw))


def _answer(outcome: Outcome) -> Answer:
    if isinstance(outcome, Registered):
        return Taken(
            id=outcome.id,
            index=outcome.index,
            receipt=outcome.receipt,
            labels=outcome.labels,
            raw=outcome.raw if outcome.again else None,
            findings=tuple(jsonable(outcome.findings)),
        )
    if isinstance(outcome, Refused):
        return Kept(outcome.rule, outcome.params)
    return Troubled(outcome.error)
