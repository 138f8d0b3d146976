"""The outbox: statements signed here, in the order of signing, and what became of each.

Owns two files for each statement, `000001.cose` and `000001.json`, in a folder of the home; nothing
is ever sent that does not lie there first. Sends nothing itself (`sending.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from msgspec import Struct, field, structs

from ledger.custody.events import BlockClosed
from ledger.custody.parties import StatementDropped
from ledger.desk.draft import Drafted
from ledger.desk.home import write_file
from ledger.desk.numbers import check_own
from ledger.errors import MalformedError, NotFoundError, UsageError
from ledger.statement import Statement, parse_statement
from ledger.wire import cbor, text
from ledger.wire.cose import CoseKey
from ledger.wire.frame import frame, unframe

FILE_NAME = "ringmark.outbox"
FILE_VERSION = 1
FILE_SIZE_MAX = 64 * 1024 * 1024
PARSED_MAX = 10_000
"""Statements that are parsed once, though every step of a command looks at all of them."""


class State(StrEnum):
    """What became of a statement: the only words for it, here and on the screen."""

    QUEUED = "queued"
    """Signed and kept; never left this desk."""
    SENT = "sent"
    """Left this desk; what became of it is not known yet."""
    REGISTERED = "registered"
    """In the log, with a receipt that was checked."""
    REFUSED = "refused"
    """A rule keeps it out, or it was not in order; it can be fixed."""
    GIVEN_UP = "given-up"
    """Replaced by a fixed one, or dropped; never sent again."""


_parsed = lru_cache(maxsize=PARSED_MAX)(parse_statement)
OPEN = (State.QUEUED, State.SENT)


class Entry(Struct, frozen=True):
    """One statement of the outbox.

    `place` is its number here, from 1. `rule` and `error` say why it was refused or not sent,
    `params` are the facts of a refusal. `counted` says that the ledger accounted for its number
    although it was refused, `untrue` that a receipt came that does not hold. `index`, `receipt` and
    `labels` come with the registration, and so do `findings`, what the rules remarked on it then.
    """

    place: int
    raw: bytes
    id: bytes
    state: State = State.QUEUED
    said: str = ""
    born: tuple[str, ...] = ()
    rule: str | None = None
    error: str | None = None
    hint: str = ""
    params: Mapping[str, str | int] = field(default_factory=dict)
    counted: bool = False
    untrue: bool = False
    index: int | None = None
    receipt: bytes = b""
    labels: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Mapping[str, Any], ...] = ()
    disclosures: tuple[bytes, ...] = ()
    fixed_by: int | None = None

    @property
    def statement(self) -> Statement:
        """Return the parsed statement."""
        return _parsed(self.raw)

    def with_(self, **changes: Any) -> Entry:
        """Return this entry with some members changed."""
        return structs.replace(self, **changes)


class Outbox:
    """A folder of entries; each change is one file written whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[int, tuple[tuple[int, ...], Entry]] = {}

    def entries(self) -> tuple[Entry, ...]:
        """Return all entries, oldest first."""
        return tuple(self._read(int(f.stem)) for f in sorted(self._folder.glob("*.json")))

    def open_entries(self) -> tuple[Entry, ...]:
        """Return what still has to be sent, or sent again, oldest first."""
        return tuple(entry for entry in self.entries() if entry.state in OPEN)

    def signed_before(self, events: Sequence[object]) -> list[Entry | None]:
        """Return for each event the statement here that says the same; each of them once at most.

        What was refused or given up says nothing any more.
        """
        alive = [e for e in self.entries() if e.state in (*OPEN, State.REGISTERED)]
        left = [(entry, entry.statement.event) for entry in alive]
        found: list[Entry | None] = []
        for event in events:
            place = next((n for n, (_, said) in enumerate(left) if said == event), None)
            found.append(left.pop(place)[0] if place is not None else None)
        return found

    def entry(self, place: int) -> Entry:
        """Return one entry; raise NotFoundError where there is none of that number."""
        if not self._file(place, "json").exists():
            raise NotFoundError(
                "outbox.unknown",
                f"There is no statement number {place} in the outbox.",
                hint="See which there are: ringmark outbox list",
                params={"place": place},
            )
        return self._read(place)

    def add(self, drafted: Drafted, *, said: str) -> Entry:
        """Keep a signed statement; the same one twice is kept once."""
        known = {entry.id: entry for entry in self.entries()}
        return self._add(
            drafted.raw,
            known,
            self._places(known),
            said=said,
            born=drafted.born,
            disclosures=drafted.disclosures,
        )

    def put(self, entry: Entry) -> Entry:
        """Write what became of an entry; its bytes too, where the ledger has other ones."""
        bytes_file = self._file(entry.place, "cose")
        if bytes_file.read_bytes() != entry.raw:
            write_file(bytes_file, entry.raw)
        plain = {
            "id": entry.id.hex(),
            "state": entry.state.value,
            "said": entry.said,
            "born": list(entry.born),
            "rule": entry.rule,
            "error": entry.error,
            "hint": entry.hint,
            "params": dict(entry.params),
            "counted": entry.counted,
            "untrue": entry.untrue,
            "index": entry.index,
            "receipt": text.encode_base64(entry.receipt),
            "labels": dict(entry.labels),
            "findings": list(entry.findings),
            "disclosures": [text.encode_base64(item) for item in entry.disclosures],
            "fixed_by": entry.fixed_by,
        }
        write_file(self._file(entry.place, "json"), text.json_dumps(plain).encode() + b"\n")
        return entry

    def last_number(self, kid: bytes) -> int:
        """Return the highest number of `kid` among all entries; 0 for none.

        What a registered entry gave up counts too: the ledger goes on behind it.
        """
        return max((n for entry in self.entries() for n in _numbers(entry, kid)), default=0)

    def export(self) -> bytes:
        """Return everything that still has to be sent as one file, for another machine to push.

        It counts as sent from then on: whoever has the file may push it, so nothing of it may be
        signed again before its fate is known.
        """
        rows = []
        for entry in self.open_entries():
            self.put(entry.with_(state=State.SENT))
            rows.append([entry.raw, entry.said])
        return frame(FILE_NAME, FILE_VERSION, cbor.encode(rows))

    def import_(self, data: bytes, *, own: Sequence[CoseKey]) -> tuple[Entry, ...]:
        """Keep the statements of an exported file; those that are here already stay as they are.

        Raise ProofError where one names a key of `own` that did not sign it; nothing is kept then.
        """
        try:
            _, body = unframe(data, name=FILE_NAME, size_max=FILE_SIZE_MAX)
            rows = cbor.decode(body, size_max=FILE_SIZE_MAX)
        except MalformedError as error:
            raise MalformedError(
                "outbox.file",
                f"No statements can be read from it: {error.message}",
                hint="Export it again where it was signed: ringmark outbox export FILE",
            ) from error
        if not isinstance(rows, list) or not all(map(_is_row, rows)):
            raise MalformedError("outbox.file", "The file holds no list of statements.")
        for raw, _ in rows:
            check_own(parse_statement(raw), own)
        # The known ones are gathered once: a stick may bring ten thousand.
        known = {entry.id: entry for entry in self.entries()}
        places = self._places(known)
        return tuple(
            self._add(raw, known, places, said=said, born=(), disclosures=()) for raw, said in rows
        )

    def _add(
        self,
        raw: bytes,
        known: dict[bytes, Entry],
        places: Iterator[int],
        *,
        said: str,
        born: Sequence[str],
        disclosures: Sequence[bytes],
    ) -> Entry:
        statement = parse_statement(raw)
        if isinstance(statement.event, BlockClosed):
            raise UsageError("outbox.closing", "A closing is nothing that a party signs.")
        if statement.id in known:
            return known[statement.id]
        place = next(places)
        entry = known[statement.id] = Entry(
            place=place,
            raw=raw,
            id=statement.id,
            said=said,
            born=tuple(born),
            disclosures=tuple(disclosures),
        )
        # The bytes first: an entry without them would be a promise that nobody can keep.
        write_file(self._file(place, "cose"), raw)
        return self.put(entry)

    def _places(self, known: Mapping[bytes, Entry]) -> Iterator[int]:
        """Yield the numbers that no entry has yet, in order."""
        return count(max((entry.place for entry in known.values()), default=0) + 1)

    def _file(self, place: int, ending: str) -> Path:
        return self._folder / f"{place:06d}.{ending}"

    def _read(self, place: int) -> Entry:
        file = self._file(place, "json")
        try:
            found = file.stat()
            # Each change is a new file put in the place of the old one.
            stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
            known = self._known.get(place)
            if known is None or known[0] != stamp:
                known = (stamp, self._entry(place, text.json_loads(file.read_bytes())))
                self._known[place] = known
        except (KeyError, TypeError, ValueError, FileNotFoundError, MalformedError) as error:
            raise MalformedError(
                "outbox.damaged",
                f"The outbox is damaged: {file} or the statement beside it cannot be read.",
                hint="Take both back from a copy of your home. Without one, move both elsewhere and"
                " ask the ledger what it has: ringmark party show",
                params={"place": place},
            ) from error
        return known[1]

    def _entry(self, place: int, plain: Any) -> Entry:
        return Entry(
            place=place,
            raw=self._file(place, "cose").read_bytes(),
            id=text.decode_hex(plain["id"], size=32),
            state=State(plain["state"]),
            said=plain["said"],
            born=tuple(plain["born"]),
            rule=plain["rule"],
            error=plain["error"],
            hint=plain["hint"],
            params=plain["params"],
            counted=plain["counted"],
            untrue=plain["untrue"],
            index=plain["index"],
            receipt=text.decode_base64(plain["receipt"]),
            labels=plain["labels"],
            findings=tuple(plain["findings"]),
            disclosures=tuple(text.decode_base64(item) for item in plain["disclosures"]),
            fixed_by=plain["fixed_by"],
        )


def _is_row(row: Any) -> bool:
    """Return whether a row of an exported file is a statement's bytes and what was said of it."""
    if not isinstance(row, list) or len(row) != 2:
        return False
    return isinstance(row[0], bytes) and isinstance(row[1], str)


def _numbers(entry: Entry, kid: bytes) -> Iterator[int]:
    statement = entry.statement
    if statement.kid == kid:
        yield statement.seq
    event = statement.event
    if isinstance(event, StatementDropped) and entry.state is State.REGISTERED:
        yield from event.numbers if event.kid == kid else ()
