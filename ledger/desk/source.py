"""Where a desk reads and sends: a ledger in a folder of this machine, or behind an address.

Owns the Protocol that both follow; all answers are plain values, as docs/http.md shows them. What a
source says is hearsay until a receipt or a proof was checked against the trust file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct, field

from ledger.errors import RingmarkError
from ledger.storage.finding_list import Wanted

Plain = dict[str, Any]
PAGE_ROWS = 1_000
"""Rows of one page of a long list."""
RETRY_AFTER_S = "retry_after_s"
"""The parameter of an UnavailableError that says after how many seconds to try again."""


class Taken(Struct, frozen=True):
    """A statement that the ledger says it registered; `receipt` is its `.tlog-proof`.

    `raw` are the registered bytes where they differ from those sent, else None. `findings` are what
    the rules remarked on it: `rule`, `severity`, `from_at` (s), `on` and `marks`.
    """

    id: bytes
    index: int
    receipt: bytes
    labels: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    findings: tuple[Plain, ...] = ()


class Kept(Struct, frozen=True):
    """A statement that a rule keeps out; `message` and `hint` may be empty."""

    rule: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    message: str = ""
    hint: str = ""


class Troubled(Struct, frozen=True):
    """A statement that was not judged: not in order, or try again."""

    error: RingmarkError


Answer = Taken | Kept | Troubled


class FindingSource(Protocol):
    """A ledger of which nothing is asked but its findings."""

    def findings(self, wanted: Wanted, *, after: str = "", limit: int = PAGE_ROWS) -> Plain:
        """Return a page of the wanted findings from a place on: `findings`, `next`, `counts`."""
        ...


class Source(FindingSource, Protocol):
    """A ledger as a desk sees it.

    Every method raises NotFoundError for what does not exist and UnavailableError where the ledger
    cannot be reached. Codes are 12 symbols.
    """

    def about(self) -> Plain:
        """Return what the ledger says of itself: id, origin, hosts, size."""
        ...

    def lot(self, code: str) -> Plain:
        """Return a lot."""
        ...

    def container(self, code: str) -> Plain:
        """Return a container."""
        ...

    def mark(self, name: str) -> Plain:
        """Return what claims a mark, named `SCHEME/TEXT`."""
        ...

    def party(self, party: str) -> Plain:
        """Return a party with its keys and their next numbers."""
        ...

    def numbered(self, party: str, *, kid: bytes, number: int) -> bytes:
        """Return the bytes of the statement with that number of a party's key, refused ones too."""
        ...

    def parties(self) -> Sequence[Plain]:
        """Return all parties."""
        ...

    def lots_pages(self, party: str) -> Iterator[Sequence[Plain]]:
        """Yield the lots that a party holds or owns, sorted by code, page by page."""
        ...

    def offers(self, party: str) -> Sequence[Plain]:
        """Return the open offers to and by a party."""
        ...

    def document(self, name: str) -> Plain:
        """Return a document, named `CC/KIND/NUMBER`."""
        ...

    def facility(self, name: str) -> Plain:
        """Return a facility, named `PARTY/SLUG`."""
        ...

    def facilities_of(self, party: str) -> Sequence[Plain]:
        """Return the places of a party."""
        ...

    def entry(self, kind: str, name: str) -> Plain:
        """Return an account or a reference by its name."""
        ...

    def entries(self, kind: str, prefix: str) -> Sequence[Plain]:
        """Return accounts or references whose names begin with `prefix`."""
        ...

    def waiting(self, party: str | None, country: str | None, section: str | None = None) -> Plain:
        """Return what waits for an authority, by section, or in one of them alone."""
        ...

    def history(self, code: str) -> Sequence[Plain]:
        """Return the statements that touched a lot, oldest first."""
        ...

    def search(self, words: str) -> Sequence[Plain]:
        """Return lots by code, mark or document."""
        ...

    def statement(self, statement_id: bytes) -> bytes:
        """Return the bytes of a registered statement."""
        ...

    def document_label(self, name: str) -> str:
        """Return the link of a document's label, for its issuer, its holder or an officer."""
        ...

    def label(self, code: str) -> str:
        """Return the link of a lot's label, for its holder, owner or an officer."""
        ...

    def card(self, code: str) -> bytes:
        """Return the card of a lot: a framed file."""
        ...

    def document_card(self, name: str) -> bytes:
        """Return the card of a document `CC/KIND/NUMBER`: a framed file."""
        ...

    def bundle(self, code: str) -> bytes:
        """Return the bundle of a lot: a framed file."""
        ...

    def proof(self, statement_id: bytes) -> bytes:
        """Return the `.tlog-proof` of a statement."""
        ...

    def receipt(self, statement_id: bytes) -> bytes:
        """Return the RFC 9942 receipt of a statement."""
        ...

    def checkpoint(self) -> bytes:
        """Return the published checkpoint: a signed note."""
        ...

    def submit(self, raws: Sequence[bytes]) -> list[Answer]:
        """Send statements in their order; return one answer for each."""
        ...

    def dry_run(self, raw: bytes) -> Answer:
        """Return what the ledger would answer now; nothing is registered."""
        ...
