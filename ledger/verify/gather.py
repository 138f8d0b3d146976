"""What a lot's verdict rests on: the records reached through `on`, and the findings they carry.

Owns the walk from a lot to its ancestors and all that they name, and which finding reaches the
goods (docs/formats/record.md). Must not know proofs: the caller hands over proved records.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct, structs

from ledger.custody.goods import MarkRange
from ledger.custody.lots import LotState
from ledger.custody.parties import PartyState
from ledger.custody.state import State, state_type_of
from ledger.custody.subjects import Finding, Kind, Severity
from ledger.errors import MalformedError
from ledger.records import decode_findings, inner_names, open_part
from ledger.reference.reasons import verdict_table
from ledger.verify.parting import Cut, concerns, cuts_of, is_of_the_rest
from ledger.verify.verdict import FindingShown
from ledger.wire import fields

REACHED_MAX = 5_000
"""The most records that one verdict may rest on."""
_SERIAL = re.compile(r"[0-9]{1,40}")
_FIXED = ("v", "n", "track", "findings", "inner", "on")


class SignerRow(Struct, frozen=True):
    """A party's key that signed for a lot, and the last leaf index at which it did."""

    path: bytes
    kid: bytes
    last: int


_Row = tuple[SignerRow, int | None]
"""A signature, and for an ancestor's the leaf index up to which it concerns the goods."""


class OpenRecord(Struct, frozen=True):
    """A record as anyone may see it: its kind, its state without the inner fields, its links."""

    path: bytes
    kind: Kind
    n: int
    track: bytes
    inner: bytes | None
    state: State
    findings: tuple[Finding, ...]
    paths: tuple[bytes, ...] = ()
    signers: tuple[SignerRow, ...] = ()


class Reached(Struct, frozen=True):
    """A record on the walk; `inherited` when only an ancestor or a document leads to it."""

    record: OpenRecord
    inherited: bool


def read_record(path: bytes, record: bytes, *, kind: Kind | None = None) -> OpenRecord:
    """Return the open part of a record; raise MalformedError unless it has the form of its kind.

    Without `kind`, the members tell it: a path alone names no kind.
    """
    plain = open_part(record)
    found = _kind_of(plain)
    if kind is not None and found is not kind:
        raise MalformedError("record.kind", f"The record is a {found}'s, not a {kind}'s.")
    asked = state_type_of(found, str(plain.get("account") or plain.get("table") or ""))
    if asked is None:
        raise MalformedError("record.kind", "The record is of no known table.")
    inner = plain.get("inner")
    own = {name: value for name, value in plain.items() if name not in _FIXED}
    if set(own) & set(inner_names(asked)):
        raise MalformedError("record.inner", "The record shows what must be hidden.")
    words = verdict_table().statuses.get(found)
    if words is not None and plain.get("status") not in words:
        # What is not known to be good is never shown as good.
        raise MalformedError("record.status", f"The status of the {found} is no known one.")
    paths, signers = _links(plain.get("on", []))
    return OpenRecord(
        path=path,
        kind=found,
        n=plain["n"],
        track=plain["track"],
        inner=inner if isinstance(inner, bytes) else None,
        state=fields.from_plain(asked, {**_blanks(asked), **own}, path=found.value),
        findings=decode_findings(plain["findings"]),
        paths=paths,
        signers=signers,
    )


def walk(lot: OpenRecord, read: Callable[[bytes], OpenRecord]) -> Iterator[Reached]:
    """Yield the lot and every record it rests on, nearest first, each once.

    Ancestors and documents lead on, the one to all that they rest on, the other to their signers.

    `read` is called once for each new path, in an order that the lot's record alone fixes: its `on`
    from left to right, then that of its parents, and so on.
    """
    seen = {lot.path}
    start = Reached(lot, inherited=False)
    ahead = deque([start])
    yield start
    while ahead:
        here = ahead.popleft()
        for path in (*here.record.paths, *(row.path for row in here.record.signers)):
            if path in seen:
                continue
            seen.add(path)
            if len(seen) > REACHED_MAX:
                raise MalformedError(
                    "record.reach", f"The lot rests on over {REACHED_MAX} records."
                )
            record = read(path)
            is_ancestor = record.kind is Kind.LOT
            # Who only signed a paper of the goods did not sign for the goods themselves.
            is_aside = here is not start and here.record.kind is Kind.DOCUMENT
            inherited = here.inherited or is_ancestor or is_aside
            reached = Reached(record, inherited=inherited)
            yield reached
            # A document leads on to who signed it: its key may be suspect since.
            if is_ancestor or record.kind is Kind.DOCUMENT:
                ahead.append(reached)


def gather_findings(
    reached: tuple[Reached, ...], *, as_of: int, mark: str | None = None
) -> tuple[FindingShown, ...]:
    """Return all findings on the walk, saying of each whether it reaches the goods.

    `as_of` is the newest closing's time (s): a deadline that lies ahead of it does not count yet.
    With `mark` the verdict is about that piece alone.
    """
    cuts = cuts_of([item.record for item in reached])
    own, inherited = _signer_rows(reached, cuts)
    holder = last_trader(reached)
    in_hand = verdict_table().holder_scoped
    shown: list[FindingShown] = []
    for item in reached:
        for finding in item.record.findings:
            rows = inherited if item.inherited else own
            heavy = finding.severity is Severity.STOP or not item.inherited
            key = _key_reaches(finding, item.record.path, rows)
            through = not item.inherited and _key_reaches(finding, item.record.path, inherited)
            counts = heavy and key
            counts = counts or (through and finding.severity is Severity.STOP)
            if finding.rule in in_hand:
                counts = item.record.path == holder
            if item is not reached[0] and _is_of_document(finding, item.record):
                counts = False
            cut = cuts.get(item.record.path)
            if not concerns(cut, item.record, finding) or _is_of_rest(finding, item.record, cut):
                counts = False
            shown.append(
                FindingShown(
                    rule=finding.rule,
                    severity=finding.severity.value,
                    on=item.record.kind.value,
                    from_at=finding.from_at,
                    cause=finding.cause,
                    reaches=counts and finding.from_at <= as_of and _mark_meets(finding, mark),
                    inherited=item.inherited,
                    marks=finding.marks,
                )
            )
    return tuple(shown)


def last_trader(reached: tuple[Reached, ...]) -> bytes | None:
    """Return the path of the party that signed last for the lot, officers apart, or None.

    An offer or an answer makes its signer the last one: this is the party that has the goods in
    hand, as far as a record shows it without naming anybody. A document is in nobody's hands.
    """
    if reached[0].record.kind is not Kind.LOT:
        return None
    officers = frozenset(verdict_table().officer_roles)
    parties = {item.record.path: item.record.state for item in reached}
    best: SignerRow | None = None
    for row in reached[0].record.signers:
        party = parties.get(row.path)
        if not isinstance(party, PartyState) or officers & set(party.roles):
            continue
        if best is None or row.last > best.last:
            best = row
    return best.path if best else None


def has_mark(lot: LotState, mark: str) -> bool:
    """Return whether the mark `SCHEME/TEXT` is one of the lot's.

    No range is written out: a record that came in a file may claim any number of marks.
    """
    return any(_is_in(mark, marks) for marks in lot.marks)


def _is_of_document(finding: Finding, record: OpenRecord) -> bool:
    """Return whether a finding on a document is about goods that have no lot.

    It stops the paper; lots that passed before it are not touched, and later ones have their own.
    """
    alone = verdict_table().document_alone
    return record.kind is Kind.DOCUMENT and finding.rule in alone


def _is_of_rest(finding: Finding, record: OpenRecord, cut: Cut | None) -> bool:
    """Return whether a finding is about marks of which none went with the part that was taken.

    A part takes along what was found about its own marks. Seals are no marks of the lot: what was
    found about those is about all that was under way together.
    """
    lot = record.state
    if cut is None or cut.index is None or not finding.marks or not isinstance(lot, LotState):
        return False
    return all(has_mark(lot, mark) for mark in finding.marks)


def _signer_rows(
    reached: tuple[Reached, ...], cuts: Mapping[bytes, Cut]
) -> tuple[list[_Row], list[_Row]]:
    own: list[_Row] = [(row, None) for row in reached[0].record.signers]
    inherited: list[_Row] = []
    for item in reached[1:]:
        cut = cuts.get(item.record.path)
        if not is_of_the_rest(cut, item.record):
            until = cut.index if cut is not None else None
            inherited += [(row, until) for row in item.record.signers]
    return own, inherited


def _key_reaches(finding: Finding, path: bytes, rows: list[_Row]) -> bool:
    """Return whether a finding about a key concerns one of these signatures.

    What a key signed for the rest once it was suspect is not about what was taken out before.
    """
    if finding.kid is None:
        return True
    is_range = finding.rule in verdict_table().key_scoped
    first = finding.first or 0
    return any(
        row.path == path
        and row.kid == finding.kid
        and (not is_range or (row.last >= first and (until is None or until >= first)))
        for row, until in rows
    )


def _is_in(mark: str, marks: MarkRange) -> bool:
    head = f"{marks.scheme}/{marks.before}"
    if marks.digits == 0:
        return mark == head
    if not mark.startswith(head) or not mark.endswith(marks.after):
        return False
    serial = mark[len(head) : len(mark) - len(marks.after)]
    if _SERIAL.fullmatch(serial) is None:
        return False
    value = int(serial)
    is_padded = serial == str(value).rjust(marks.digits, "0")
    return is_padded and marks.first <= value <= marks.last


def _mark_meets(finding: Finding, mark: str | None) -> bool:
    return mark is None or not finding.marks or mark in finding.marks


def _kind_of(plain: Mapping[str, Any]) -> Kind:
    """Return the kind that the members of a record show; every kind has members of its own."""
    telling = (
        (Kind.LOT, "birth"),
        (Kind.LEDGER, "threshold"),
        (Kind.PARTY, "roles"),
        (Kind.FACILITY, "kind"),
        (Kind.MARK, "claims"),
        (Kind.ACCOUNT, "account"),
        (Kind.REFERENCE, "table"),
    )
    for kind, member in telling:
        if member in plain:
            return kind
    status = plain.get("status")
    if status in ("packed", "opened"):
        return Kind.CONTAINER
    if isinstance(status, str):
        return Kind.DOCUMENT
    raise MalformedError("record.kind", "The record is of no known kind.")


def _links(on: Any) -> tuple[tuple[bytes, ...], tuple[SignerRow, ...]]:
    if not isinstance(on, list):
        raise MalformedError("record.on", "The links of a record are not an array.")
    paths = tuple(item for item in on if isinstance(item, bytes))
    rows = on[len(paths) :]
    if any(len(path) != 32 for path in paths) or list(paths) != on[: len(paths)]:
        raise MalformedError("record.on", "A link is not a path of 32 bytes.")
    return paths, tuple(_signer(row) for row in rows)


def _signer(row: Any) -> SignerRow:
    if not isinstance(row, list) or len(row) != 3:
        raise MalformedError("record.on", "A signer's row has not three items.")
    path, kid, last = row
    sizes = isinstance(path, bytes) and isinstance(kid, bytes) and len(path) == len(kid) == 32
    if not sizes or type(last) is not int or last < 0:
        raise MalformedError("record.on", "A signer's row is not path, key id and index.")
    return SignerRow(path, kid, last)


@lru_cache(maxsize=64)
def _blanks(state: type[State]) -> Mapping[str, Any]:
    """Return what stands in a state for the inner fields that a record does not show."""
    hidden = inner_names(state)
    return {
        item.name: item.default
        for item in structs.fields(state)
        if item.name in hidden and item.default in (b"", "")
    }
