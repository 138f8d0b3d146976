"""The sum of all states: what the rules may look at, and what they want changed.

Owns the view (an argument of every decision), the case, and the draft of a change. Nothing here
reads storage: a view answers from what it was given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from ledger.custody.accounts import ACCOUNTS, AccountState
from ledger.custody.documents import DocumentState
from ledger.custody.events import Event, Named, named_in
from ledger.custody.facilities import FacilityState
from ledger.custody.gaps import Gaps
from ledger.custody.lots import LotState
from ledger.custody.marks import MarkState
from ledger.custody.parties import LedgerState, PartyState, PublicKey
from ledger.custody.references import REFERENCES, ReferenceState
from ledger.custody.subjects import LEDGER_NAME, Finding, Kind, Subject
from ledger.custody.transfers import ContainerState, Offer

if TYPE_CHECKING:
    from ledger.reference.tables import Tables

State = (
    LedgerState
    | PartyState
    | DocumentState
    | FacilityState
    | AccountState
    | ReferenceState
    | MarkState
    | ContainerState
    | LotState
)
_BY_KIND: Mapping[Kind, type[State]] = {
    Kind.LEDGER: LedgerState,
    Kind.PARTY: PartyState,
    Kind.DOCUMENT: DocumentState,
    Kind.FACILITY: FacilityState,
    Kind.MARK: MarkState,
    Kind.CONTAINER: ContainerState,
    Kind.LOT: LotState,
}
_BY_TABLE: Mapping[Kind, Mapping[str, type[State]]] = {
    Kind.ACCOUNT: ACCOUNTS,
    Kind.REFERENCE: REFERENCES,
}
S = TypeVar("S", bound=State)
W = TypeVar("W")
_UNASKED: Any = object()
"""Stands for what a draft did not look at yet: None means that it looked in vain."""


def state_type(subject: Subject) -> type[State]:
    """Return the type of a subject's state; raise LookupError where there is none.

    Accounts and references have one for each first segment of their name, other kinds one each.
    """
    found = state_type_of(subject.kind, subject.name.partition("/")[0])
    if found is None:
        raise LookupError(str(subject))
    return found


def state_type_of(kind: Kind, table: str = "") -> type[State] | None:
    """Return the type of state of a kind, or for accounts and references of their `table`."""
    return _BY_KIND.get(kind) or _BY_TABLE[kind].get(table)


def state_types() -> Iterator[tuple[Kind, type[State]]]:
    """Yield every type of state with its kind."""
    yield from _BY_KIND.items()
    for kind, types in _BY_TABLE.items():
        for state in types.values():
            yield kind, state


class Signed(Struct, frozen=True):
    """A statement as the rules see it: who says what, when and where in the log.

    `id` is the 32-byte statement id, `index` its leaf index if admitted, `at` the block's time and
    `iat` the claimed time of signing, `when` the claimed time of the act (all seconds).
    `code_of(i)` is the code of the lot or container born here at place i. `new_kids` are the
    thumbprints of the keys that the payload carries, in the order of its fields.
    """

    id: bytes
    party: str
    kid: bytes
    index: int
    iat: int
    at: int
    event: Event
    code_of: Callable[[int], str]
    seq: int = 0
    when: int | None = None
    day: str | None = None
    prev: Mapping[str, bytes] = field(default_factory=dict)
    seen: Mapping[str, bytes] = field(default_factory=dict)
    new_kids: tuple[bytes, ...] = ()
    placed: int | None = None
    """Where its own bytes stand, while `index` is that of the approval that completes it."""


class KeyUse(Struct, frozen=True):
    """Which numbers of a key were accounted for: all up to `last` but those in `gaps`."""

    last: int = 0
    gaps: Gaps = ()


class Act(Struct, frozen=True):
    """A pending act: the statement that proposed it and who approved so far.

    `approvals` are party ids (for root acts: root key ids in hex), the proposer first.
    """

    proposal: Signed
    approvals: tuple[str, ...]
    lapses_at: int


class View(Protocol):
    """The state of the ledger before a statement, as far as the rules may look."""

    tables: Tables

    @property
    def lots_born(self) -> int:
        """Return how many lots were born so far; the next one gets this number + 1."""
        ...

    def state(self, subject: Subject) -> State | None:
        """Return the state of `subject`, or None where it has no record."""
        ...

    def offer(self, offer_id: bytes) -> Offer | None:
        """Return the open offer of that statement id, or None."""
        ...

    def act(self, act_id: bytes) -> Act | None:
        """Return the pending act of that statement id, or None."""
        ...

    def key_use(self, kid: bytes) -> KeyUse:
        """Return the numbers accounted for by key `kid`."""
        ...

    def key_owner(self, kid: bytes) -> str | None:
        """Return the party that ever owned key `kid` (`root`, `registrar` included), or None."""
        ...


class Change(Struct, frozen=True):
    """What an admitted statement changes. `touched` are the subjects whose `n` and `track` move."""

    states: Mapping[Subject, State]
    touched: tuple[Subject, ...]
    offers: Mapping[bytes, Offer | None] = field(default_factory=dict)
    acts: Mapping[bytes, Act | None] = field(default_factory=dict)
    key_uses: Mapping[bytes, KeyUse] = field(default_factory=dict)
    owners: Mapping[bytes, str] = field(default_factory=dict)
    lots_born: int = 0
    """How many lots were born here."""


class Draft:
    """A change in the making: reads through to the view, keeps what was put."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.tables = view.tables
        self.states: dict[Subject, State] = {}
        self.named: set[Subject] = set()
        self.offers: dict[bytes, Offer | None] = {}
        self.acts: dict[bytes, Act | None] = {}
        self.key_uses: dict[bytes, KeyUse] = {}
        self.owners: dict[bytes, str] = {}
        self.lots_born = 0
        # A view stands still while one statement is judged on it: it is asked once.
        self._now: dict[Subject, State | None] = {}
        self._named: tuple[Event, Named] | None = None
        self._once: dict[object, tuple[Signed, Any]] = {}

    def get(self, kind: Kind, name: str, of: type[S]) -> S | None:
        """Return the state of a subject as this draft leaves it, or None."""
        # Half the time of Subject(kind, name), in the place that is asked most.
        subject: Subject = tuple.__new__(Subject, (kind, name))
        state = self._now.get(subject, _UNASKED)
        if state is _UNASKED:
            state = self._now[subject] = self.view.state(subject)
        return state if isinstance(state, of) else None

    def standing(self, subject: Subject) -> State | None:
        """Return the state of any subject as this draft leaves it, or None."""
        if subject not in self._now:
            self._now[subject] = self.view.state(subject)
        return self._now[subject]

    def put(self, kind: Kind, name: str, state: State) -> None:
        """Set the state of a subject."""
        self.set(Subject(kind, name), state)

    def set(self, subject: Subject, state: State) -> None:
        """Set the state of a subject."""
        self.states[subject] = self._now[subject] = state

    def name(self, kind: Kind, name: str) -> None:
        """Note that the statement names a subject: its count and track move."""
        self.named.add(Subject(kind, name))

    def names(self, event: Event) -> Named:
        """Return what the payload of `event` names, worked out once for one event."""
        if self._named is None or self._named[0] is not event:
            self._named = (event, named_in(event))
        return self._named[1]

    def once(self, work: Callable[[Signed, Draft], W], signed: Signed) -> W:
        """Return what `work` finds on the state as it was when it was asked first.

        For what a check and the effect after it both need: the effect counts what was checked.
        """
        known = self._once.get(work)
        if known is None or known[0] is not signed:
            known = self._once[work] = (signed, work(signed, self))
        found: W = known[1]
        return found

    def lot(self, code: str) -> LotState | None:
        """Return a lot's state, or None."""
        return self.get(Kind.LOT, code, LotState)

    def party(self, party: str) -> PartyState | None:
        """Return a party's state, or None."""
        return self.get(Kind.PARTY, party, PartyState)

    def container(self, code: str) -> ContainerState | None:
        """Return a container's state, or None."""
        return self.get(Kind.CONTAINER, code, ContainerState)

    def document(self, name: str) -> DocumentState | None:
        """Return a document's state, or None."""
        return self.get(Kind.DOCUMENT, name, DocumentState)

    def facility(self, name: str) -> FacilityState | None:
        """Return a facility's state, or None."""
        return self.get(Kind.FACILITY, name, FacilityState)

    def mark(self, name: str) -> MarkState | None:
        """Return a mark's state, or None."""
        return self.get(Kind.MARK, name, MarkState)

    def account(self, name: str, of: type[S]) -> S | None:
        """Return an account's state, or None."""
        return self.get(Kind.ACCOUNT, name, of)

    def reference(self, name: str, of: type[S]) -> S | None:
        """Return a reference's state, or None."""
        return self.get(Kind.REFERENCE, name, of)

    def ledger(self) -> LedgerState | None:
        """Return the ledger's own state, or None before the founding."""
        return self.get(Kind.LEDGER, LEDGER_NAME, LedgerState)

    def offer(self, offer_id: bytes) -> Offer | None:
        """Return the open offer of that id as this draft leaves it, or None."""
        if offer_id in self.offers:
            return self.offers[offer_id]
        return self.view.offer(offer_id)

    def act(self, act_id: bytes) -> Act | None:
        """Return the pending act of that id as this draft leaves it, or None."""
        if act_id in self.acts:
            return self.acts[act_id]
        return self.view.act(act_id)

    def key_use(self, kid: bytes) -> KeyUse:
        """Return the numbers accounted for by key `kid`, as this draft leaves them."""
        return self.key_uses.get(kid) or self.view.key_use(kid)

    def key_owner(self, kid: bytes) -> str | None:
        """Return the party that ever owned key `kid`, as this draft leaves it, or None."""
        return self.owners.get(kid) or self.view.key_owner(kid)

    def open_finding(self, subject: Subject, finding: Finding) -> None:
        """Add `finding` to a subject unless the same one already stands there."""
        state = self.standing(subject)
        if state is None or finding in state.findings:
            return
        self.set(subject, with_findings(state, (*state.findings, finding)))

    def change(self) -> Change:
        """Return the finished change; the draft is spent."""
        unknown = {s for s in self.named if self.standing(s) is None}
        touched = tuple(sorted({*self.named, *self.states} - unknown))
        return Change(
            states=self.states,
            touched=touched,
            offers=self.offers,
            acts=self.acts,
            key_uses=self.key_uses,
            owners=self.owners,
            lots_born=self.lots_born,
        )


def with_findings(state: State, findings: tuple[Finding, ...]) -> State:
    """Return `state` with `findings` in place of its own."""
    return replace(state, findings=findings)


def key_in_force(party: PartyState, kid: bytes, *, index: int, at: int) -> bool:
    """Return whether `kid` may sign for the party at leaf `index`, in a block of time `at` (s)."""
    key = party.keys.get(kid)
    if key is None or index < key.first or at < key.from_at:
        return False
    return key.end is None or index < key.end


__all__ = [
    "Act",
    "Change",
    "Draft",
    "KeyUse",
    "PublicKey",
    "Signed",
    "State",
    "View",
    "key_in_force",
    "state_type",
    "state_type_of",
    "state_types",
    "with_findings",
]
