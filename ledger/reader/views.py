"""What readers get to see: frozen values of one subject, statement or answer, never rows.

Owns the shapes of docs/http.md and their JSON: bytes are lower-case hex, times stay seconds. Who
may see the inner part of a view is decided by whoever shows it: `public` drops it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from msgspec import Struct, field, structs

from ledger.custody.accounts import AccountState
from ledger.custody.documents import DocumentState, Endorsement
from ledger.custody.facilities import FacilityState
from ledger.custody.lots import LotState
from ledger.custody.marks import MarkState
from ledger.custody.parties import LedgerState, PartyState
from ledger.custody.state import State
from ledger.custody.subjects import Finding
from ledger.custody.transfers import ContainerState, TransferDispatched, TransferOffered
from ledger.reader.covering import CoveringQuota
from ledger.records import inner_names
from ledger.wire.fields import to_plain


class LedgerView(Struct, frozen=True):
    """The ledger itself at its newest moment; `vkey` is its C2SP verifier key."""

    ledger: bytes
    origin: str
    size: int
    root: bytes
    height: int
    at: int
    lots: int
    vkey: str
    read: str
    state: LedgerState


class LotView(Struct, frozen=True):
    """A lot by its 12 symbols: `n` statements touched it, `first` is the id of the first one."""

    code: str
    n: int
    first: bytes
    state: LotState


class ContainerView(Struct, frozen=True):
    """A container by its code."""

    code: str
    n: int
    state: ContainerState


class DocumentView(Struct, frozen=True):
    """A document by its name `CC/KIND/NUMBER`, with its lots and the quotas that count it."""

    name: str
    n: int
    state: DocumentState
    lots: tuple[str, ...] = ()
    quotas: tuple[CoveringQuota, ...] = ()
    endorsements: tuple[Endorsement, ...] = ()
    """Those that stand, oldest first."""
    last_day: str | None = None
    """On which it may be used: as it says, and no later than its kind allows."""


class MarkView(Struct, frozen=True):
    """A mark by its name `SCHEME/TEXT`."""

    name: str
    n: int
    state: MarkState


class FacilityView(Struct, frozen=True):
    """A facility by its name `PARTY/SLUG`, with its running accounts by name."""

    name: str
    n: int
    state: FacilityState
    accounts: Mapping[str, AccountState] = field(default_factory=dict)


class EntryView(Struct, frozen=True):
    """An account or a reference by its kind and name."""

    kind: str
    name: str
    n: int
    state: State


class PartyView(Struct, frozen=True):
    """A party; `next_numbers` maps the kid of each of its keys to the next unused number."""

    party: str
    n: int
    state: PartyState
    next_numbers: Mapping[bytes, int] = field(default_factory=dict)
    missing_numbers: Mapping[bytes, tuple[int, ...]] = field(default_factory=dict)


class OfferView(Struct, frozen=True):
    """An open offer; `is_expired` is judged against the newest closing's time."""

    id: bytes
    sender: str
    to: str
    event: TransferOffered
    dispatched: TransferDispatched | None = None
    is_expired: bool = False


class StatementView(Struct, frozen=True):
    """A statement in the log; `event` is its payload as plain values, `at` its block's time (s)."""

    id: bytes
    index: int
    at: int
    type: str
    party: str
    kid: bytes
    seq: int
    iat: int
    when: int | None
    day: str | None
    sub: str
    event: Mapping[str, Any]
    raw: bytes


class TimelineEntry(Struct, frozen=True):
    """One step in a lot's life as anyone may see it; party and lot are for those who may.

    `inherited` steps are an ancestor's, `code`'s; a step that is shown for itself has no code.
    """

    index: int
    at: int
    when: int | None
    type: str
    role: str
    country: str
    party: str
    code: str
    statement: bytes
    inherited: bool = False


class LineageNode(Struct, frozen=True):
    """A lot in a lineage graph, with what a small box can say."""

    code: str
    status: str
    rows: tuple[Mapping[str, Any], ...]
    stops: int
    checks: int


class Lineage(Struct, frozen=True):
    """Ancestors and descendants of a lot: nodes, and edges from parent to child by code."""

    code: str
    nodes: tuple[LineageNode, ...]
    edges: tuple[tuple[str, str], ...]
    is_complete: bool = True


class FindingView(Struct, frozen=True):
    """An open finding and the subject that it stands on.

    `parties` are those that it speaks of, `countries` where they and the subject are. `caused` is
    the statement that caused it; its index is -1 where a rule refused that statement.
    """

    kind: str
    name: str
    finding: Finding
    parties: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    caused: TimelineEntry | None = None


class Errand(Struct, frozen=True):
    """One thing that waits for an authority, and the commands that settle it.

    `about` is the rule of a finding, else the type of the event that made it wait. Times are
    seconds; `used`, `reserved` and `amount` are in `unit`, a unit of the ledger. `place` is where a
    finding stands in its list: the next page goes on from there.
    """

    kind: str
    name: str
    about: str
    at: int | None = None
    due: int | None = None
    party: str = ""
    severity: str = ""
    document: str = ""
    marks: tuple[str, ...] = ()
    taxon: str = ""
    terms: tuple[str, ...] = ()
    period: tuple[str, str] | None = None
    used: int | None = None
    reserved: int | None = None
    amount: int | None = None
    unit: str = ""
    conditions: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    place: str = ""


class WaitingView(Struct, frozen=True):
    """What waits for an authority (None: for anybody), by section; `cut` have more rows.

    `counts` says how many findings count now, by severity (None: its countries may share some);
    `next` is the place that the next page of findings starts behind, "" where there is none.
    """

    authority: str | None
    countries: tuple[str, ...]
    at: int
    sections: Mapping[str, tuple[Errand, ...]]
    cut: tuple[str, ...] = ()
    counts: Mapping[str, int] | None = None
    next: str = ""


class SearchHit(Struct, frozen=True):
    """What a search found: the kind of subject, its name, and a few words."""

    kind: str
    name: str
    words: str = ""


View = (
    LedgerView
    | LotView
    | ContainerView
    | DocumentView
    | MarkView
    | FacilityView
    | EntryView
    | PartyView
    | OfferView
    | StatementView
    | TimelineEntry
    | Lineage
    | FindingView
    | WaitingView
    | SearchHit
)


def view_json(view: View, *, inner: bool = True) -> dict[str, Any]:
    """Return a view as JSON-able values, the members of a state beside the view's own.

    With `inner` False what a record hides stays hidden: head, holder, owner, partners, other codes.
    """
    plain: dict[str, Any] = {}
    for name in view.__struct_fields__:
        value = getattr(view, name)
        if name == "state":
            plain.update(_state(value, inner=inner))
        elif not inner and name in _INNER_OF_VIEW.get(type(view), ()):
            continue
        else:
            plain[name] = jsonable(value)
    return plain


def jsonable(value: Any) -> Any:
    """Return any value of a view as JSON can hold it; bytes become lower-case hex."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {jsonable(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(item) for item in value]
    if isinstance(value, Struct):
        return {name: jsonable(item) for name, item in structs.asdict(value).items()}
    return value


# What a view tells beside the record, and only those may see who may see the inner part.
_INNER_OF_VIEW: Mapping[type[Any], tuple[str, ...]] = {
    TimelineEntry: ("party", "code", "statement"),
    DocumentView: ("lots", "endorsements"),
    FacilityView: ("accounts",),
    PartyView: ("next_numbers", "missing_numbers"),
    OfferView: ("sender", "to", "event", "dispatched"),
}


def _state(state: State, *, inner: bool) -> dict[str, Any]:
    plain = to_plain(state)
    hidden = () if inner else inner_names(type(state))
    shown = structs.asdict(state)
    names = {name for name in shown if name not in hidden}
    kept = plain if isinstance(plain, dict) else {}
    return {
        str(name): jsonable(shown[name]) if name == "findings" else jsonable(value)
        for name, value in {**kept, "findings": state.findings}.items()
        if name in names
    }
