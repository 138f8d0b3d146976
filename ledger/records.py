"""Records: the state of a subject as it is hashed into the state map.

Owns record bytes (docs/formats/record.md): counts, tracks, findings, and the split of a state into
what anyone may see and what only `inner` commits to. Judges nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

from msgspec import Struct, structs

from ledger.custody.documents import DocumentState
from ledger.custody.gaps import Gaps
from ledger.custody.lots import LotState
from ledger.custody.state import State, state_type
from ledger.custody.subjects import Finding, Kind, Severity, Signer, Subject, inner_fields
from ledger.errors import MalformedError
from ledger.log.statemap import state_path
from ledger.wire import cbor, fields, integers

VERSION = 1
TRACK_START = bytes(32)
_FINDING = (str, int, bytes, list)
"""The types of a finding's members but its severity, which is a word of three."""


class Record(Struct, frozen=True):
    """A subject's state with the count and the track of the statements that touched it.

    `first` is the full 32-byte id of the first of them; `track` is 32 bytes.
    """

    subject: Subject
    n: int
    track: bytes
    first: bytes
    state: State


class _Shape(Struct, frozen=True):
    """Which members of a state its record shows, and which only `inner` commits to, in order."""

    shown: tuple[str, ...]
    inner: tuple[str, ...] | None
    """None where the record of such a state has no inner map."""


class Encoded(Struct, frozen=True):
    """A record as bytes: what is hashed, the inner map beside it (empty: none), the path."""

    path: bytes
    record: bytes
    inner: bytes

    @property
    def hash(self) -> bytes:
        """Return the 32-byte hash that stands in the state map."""
        return hashlib.sha256(self.record).digest()


def pack_gaps(gaps: Gaps) -> bytes:
    """Return the numbers that a key skipped, three integers for each gap; no record has them."""
    return integers.pack([number for gap in gaps for number in gap])


def unpack_gaps(data: bytes) -> Gaps:
    """Return gaps from their bytes; raise MalformedError unless they are three integers each."""
    numbers = iter(integers.unpack(data, multiple=3))
    return tuple(zip(numbers, numbers, numbers, strict=True))


def next_track(track: bytes, statement_id: bytes) -> bytes:
    """Return the track after one more statement: SHA-256(0x04 ‖ track ‖ id), 32 bytes."""
    return hashlib.sha256(b"\x04" + track + statement_id).digest()


def track_of(ids: list[bytes]) -> bytes:
    """Return the track that the statement ids lead to, from 32 zero bytes."""
    track = TRACK_START
    for statement_id in ids:
        track = next_track(track, statement_id)
    return track


def inner_hash(first: bytes, inner: bytes) -> bytes:
    """Return SHA-256(0x06 ‖ id of the subject's first statement ‖ inner map), 32 bytes."""
    return hashlib.sha256(b"\x06" + first + inner).digest()


def encode_record(record: Record, *, ledger: bytes) -> Encoded:
    """Return the record's bytes, its inner map and its path; `ledger` is the 32-byte ledger id."""
    state = record.state
    plain = cast(dict[Any, Any], fields.to_plain(state))
    shape = _shape(type(state), tuple(plain))
    inner = b""
    if shape.inner is not None:
        # All texts of a state came in statements, and a part of a map is in the order of the map.
        inner = cbor.dumps({name: plain[name] for name in shape.inner})
        plain["inner"] = inner_hash(record.first, inner)
    plain["v"], plain["n"], plain["track"] = VERSION, record.n, record.track
    plain["findings"] = encode_findings(state.findings)
    if isinstance(state, LotState):
        plain["on"] = rests_on(state, ledger)
    elif isinstance(state, DocumentState):
        plain["on"] = signers_of(state.signers, ledger)
    path = state_path(ledger, record.subject.kind.value, record.subject.name)
    return Encoded(path, cbor.dumps({name: plain[name] for name in shape.shown}), inner)


def decode_record(
    subject: Subject,
    *,
    record: bytes,
    inner: bytes,
    first: bytes,
    decode: Callable[..., cbor.Plain] = cbor.decode,
) -> Record:
    """Return the record that `encode_record` wrote; raise MalformedError where it is none.

    `decode` may be `cbor.decode_known` for bytes that never left the caller's own memory.
    """
    plain = _map(decode(record, size_max=1 << 24), "record")
    kind = state_type(subject)
    if inner_names(kind):
        if plain.pop("inner", None) != inner_hash(first, inner):
            raise MalformedError("record.inner", "The inner map is not the record's.")
        plain.update(_map(decode(inner, size_max=1 << 24), "inner"))
    plain.pop("on", None)
    n, track, findings = plain.pop("n"), plain.pop("track"), plain.pop("findings")
    if plain.pop("v") != VERSION:
        raise MalformedError("record.version", "The record is of an unknown version.")
    state: Any = fields.from_plain(kind, plain, path=subject.kind.value)
    found = decode_findings(findings)
    return Record(subject, n, track, first, structs.replace(state, findings=found))


def open_part(record: bytes) -> dict[str, Any]:
    """Return the map of a record as anyone may see it, with `findings` still plain.

    Raise MalformedError unless it is a record of this version with its fixed members.
    """
    plain = _map(cbor.decode(record, size_max=1 << 24), "record")
    if plain.get("v") != VERSION or not isinstance(plain.get("findings"), list):
        raise MalformedError("record.version", "The record is of an unknown version.")
    n, track = plain.get("n"), plain.get("track")
    if type(n) is not int or n < 0 or not isinstance(track, bytes) or len(track) != 32:
        raise MalformedError("record.track", "The record has no count and track.")
    return plain


def encode_findings(findings: tuple[Finding, ...]) -> list[list[Any]]:
    """Return findings as `[rule, severity, from, cause, scope]`, sorted by their bytes.

    One that stands for more has `[more, since]` as a sixth item.
    """
    rows: list[list[Any]] = []
    for finding in findings:
        scope: list[Any] = list(finding.marks)
        if finding.kid is not None:
            scope = [finding.kid, finding.first or 0]
        row = [finding.rule, finding.severity.value, finding.from_at, finding.cause, scope]
        if finding.more:
            row.append([finding.more, finding.since])
        rows.append(row)
    return sorted(rows, key=cbor.encode) if len(rows) > 1 else rows


def decode_findings(rows: Any) -> tuple[Finding, ...]:
    """Return the findings of a record; raise MalformedError where one has another form."""
    try:
        return tuple(_finding(row) for row in rows)
    except (TypeError, ValueError) as error:
        raise MalformedError("record.findings", "A finding is not of its form.") from error


def rests_on(state: LotState, ledger: bytes) -> list[Any]:
    """Return `on`: the paths that a lot's verdict rests on, then its signers with last index."""
    paths = {_shared_path(ledger, Kind.DOCUMENT, name) for name in state.documents}
    for account in (*state.accounts, *state.arrived):
        paths.add(_shared_path(ledger, Kind.ACCOUNT, account))
    for code in state.parents:
        paths.add(state_path(ledger, Kind.LOT.value, code))
    if state.facility is not None:
        paths.add(_shared_path(ledger, Kind.FACILITY, state.facility))
    if state.container is not None:
        paths.add(_shared_path(ledger, Kind.CONTAINER, state.container))
    return [*sorted(paths), *signers_of(_signed_for(state), ledger)]


def _signed_for(state: LotState) -> tuple[Signer, ...]:
    """Return who signed for a lot or vouched for its place, each key once, at its last leaf."""
    if not state.vouched:
        return state.signers
    last: dict[tuple[str, bytes], Signer] = {}
    for signer in (*state.vouched, *state.signers):
        key = (signer.party, signer.kid)
        last[key] = max(last.get(key, signer), signer, key=lambda one: one.last)
    return tuple(last.values())


def signers_of(signers: tuple[Signer, ...], ledger: bytes) -> list[Any]:
    """Return signers as a record shows them: `[path of the party, kid, last index]`, sorted."""
    return sorted(
        [_shared_path(ledger, Kind.PARTY, signer.party), signer.kid, signer.last]
        for signer in signers
    )


@lru_cache(maxsize=4_096)
def _shared_path(ledger: bytes, kind: Kind, name: str) -> bytes:
    """Return the path of what stands in the records of many lots: party, place, paper, account."""
    return state_path(ledger, kind.value, name)


@lru_cache(maxsize=4_096)
def _shape(kind: type[State], written: tuple[str, ...]) -> _Shape:
    """Return the shape of a record whose state is of `kind` and has these members."""
    names = inner_names(kind)
    shown = {"v", "n", "track", "findings", *written} - names
    if names:
        shown.add("inner")
    if kind is LotState or (kind is DocumentState and "signers" in written):
        shown.add("on")
    inner = tuple(name for name in written if name in names) if names else None
    return _Shape(cbor.ordered(tuple(shown)), inner)


def inner_names(kind: type[State]) -> frozenset[str]:
    """Return the names of the fields that a record of `kind` shows only as `inner`."""
    return inner_fields(kind)


def _finding(row: list[Any]) -> Finding:
    rule, severity, from_at, cause, scope, *counted = row
    if (type(rule), type(from_at), type(cause), type(scope)) != _FINDING or len(cause) != 32:
        raise TypeError("a member of a finding is of another type")
    if scope and type(scope[0]) is bytes:
        kid, first = scope
        if type(first) is not int or first < 0 or len(kid) != 32 or counted:
            raise ValueError("the scope is no key and leaf index")
        return Finding(rule, Severity(severity), from_at, cause, kid=kid, first=first)
    if not all(type(mark) is str for mark in scope):
        raise TypeError("a mark is no text")
    found = Finding(rule, Severity(severity), from_at, cause, marks=tuple(scope))
    if not counted:
        return found
    ((more, since),) = counted
    if type(more) is not int or type(since) is not int or more < 1 or since < 0:
        raise ValueError("what is counted is no number and leaf index")
    return structs.replace(found, more=more, since=since)


def _map(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedError(f"record.{name}", f"The {name} is not a map.")
    return value
