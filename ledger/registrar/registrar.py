"""The registrar: the only write path of a ledger.

Owns group commit. Whoever submits while nobody writes becomes the writer and takes along all that
waits, so a lone statement costs no hand-off between threads and many share one durable commit.
Form and signatures are checked before (`intake.py`), receipts and labels made after (`_issue`),
both in the threads that submit.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from msgspec import Struct, field

from ledger import keys
from ledger.ambient import Clock
from ledger.custody.documents import DocumentIssued, DocumentReplaced, DocumentState
from ledger.custody.lots import LotState
from ledger.custody.parties import LedgerState
from ledger.custody.subjects import Kind
from ledger.errors import NotFoundError, RingmarkError, UnavailableError
from ledger.log.frontier import HashReader
from ledger.reference.tables import Tables
from ledger.registrar.intake import Entry, Place, take_in
from ledger.registrar.issuing import issue_receipt
from ledger.registrar.labels import document_label, issue_label
from ledger.registrar.live import Live
from ledger.registrar.opening import Published, Signers, about_ledger
from ledger.registrar.outcomes import Failed, Outcome, Registered
from ledger.registrar.sequencer import AHEAD_MAX_S, Sequencer
from ledger.registrar.taking import OpenBlock
from ledger.statement import Statement, lot_code
from ledger.storage.highwater import HighWaterMark
from ledger.storage.protocol import Head, Store
from ledger.storage.rows import record_of

WAITING_MAX = 8_192
"""Statements that may wait for a block; beyond that a submission is turned away at once."""
HEARTBEAT_S = 3_000
"""After this long without a block an empty one is written (DESIGN: at least hourly)."""

_log = logging.getLogger("ringmark.registrar")


class _Job(Struct):
    """A submission on its way: the entries up to `taken` are in a block or done with."""

    entries: list[Entry]
    taken: int = 0
    done: bool = False
    wake: threading.Event = field(default_factory=threading.Event)


class Registrar:
    """Takes statements, judges them in order, and acknowledges what is durable and marked."""

    def __init__(
        self,
        store: Store,
        mark: HighWaterMark,
        published: Published,
        *,
        signers: Signers,
        tables: Tables,
        clock: Clock,
        clock_ok: bool = False,
        room: Callable[[], int] | None = None,
        waiting_max: int = WAITING_MAX,
    ) -> None:
        """Open the ledger for writing (`opening.open_live` says what is refused)."""
        self._waiting_max = waiting_max
        self._store = store
        self._sequencer = Sequencer(
            store,
            mark,
            published,
            signers=signers,
            tables=tables,
            clock=clock,
            clock_ok=clock_ok,
            room=room,
        )
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="ringmark-verify")
        self._jobs: deque[_Job] = deque()
        self._waiting = 0
        self._queue_lock = threading.Lock()
        self._writing = threading.Lock()
        with self._sequencer.turn():
            self._live = self._sequencer.live()
        self._tables = tables

    @property
    def ledger(self) -> bytes:
        """Return the ledger id, 32 bytes."""
        return self._live.ledger

    @property
    def live(self) -> Live:
        """Return what stands in memory after the last closing; readers copy what they keep."""
        return self._live

    @property
    def origin(self) -> str:
        """Return the origin, as it stands in checkpoints."""
        return self._live.origin

    def about(self) -> LedgerState:
        """Return what the ledger's record says of itself: keys, hosts, root, rules."""
        with self._writing:
            return about_ledger(self._sequencer.live().state)

    def head(self) -> Head:
        """Return where the ledger stands after its last closing."""
        head = self._live.head
        if head is None:
            raise NotFoundError("ledger.not-founded", "There is no ledger in this database.")
        return head

    def newest_checkpoint(self) -> bytes:
        """Return the newest signed note; what is published may be up to a second older."""
        mark = self._live.mark
        if mark is None:
            raise NotFoundError("ledger.not-founded", "There is no ledger in this database.")
        return mark.note

    def hours_ahead(self) -> int:
        """Return how many hours the clock is ahead of the last block, if so far that it matters.

        0 means that nothing has to be asked; else nothing is taken before `vouch_for_clock`.
        """
        ahead_s = self._sequencer.clock.now_s() - self.head().at
        return ahead_s // 3_600 if ahead_s > AHEAD_MAX_S else 0

    def vouch_for_clock(self) -> None:
        """Take the clock as right however far it is ahead: somebody looked at it."""
        self._sequencer.vouch_for_clock()

    def submit(self, raws: Sequence[bytes]) -> list[Outcome]:
        """Register statements and return what became of each, in order.

        Returns after the block is durable, read back and marked. The same bytes again give the same
        index. Raise UnavailableError `registrar.busy` where too many wait: nothing was taken then.
        """
        entries = take_in(raws, self._live.known_keys, self._pool)
        if any(entry.outcome is None for entry in entries):
            self._write(_Job(entries))
        return [self._outcome(entry) for entry in entries]

    def label(self, code: str) -> str:
        """Return the link of a registered lot's label, by the lot's 12 symbols, as the lot is now.

        Raise NotFoundError where there is no such lot, UnavailableError without the label key. Who
        may have it the caller must decide.
        """
        row = self._store.record(kind=Kind.LOT.value, name=code)
        lot = record_of(row).state if row is not None else None
        if not isinstance(lot, LotState):
            raise NotFoundError(
                "lot.unknown",
                f"There is no lot {code}.",
                hint="Check each group of the code.",
                params={"lot": code},
            )
        live = self._live
        return self._label(code, lot, live, self._sequencer.labeller(live))

    def dry_run(self, raw: bytes) -> Outcome:
        """Judge a statement as the next one of the log; nothing is stored, nothing signed."""
        (entry,) = take_in([raw], self._live.known_keys, self._pool)
        try:
            with self._writing, self._sequencer.turn():
                taken = self._sequencer.open_block()
                taken.take(entry)
        except RingmarkError as error:
            return Failed(error)
        if entry.outcome is not None or entry.statement is None:
            return entry.outcome or Failed(_fault())
        again = [index for repeated, index in taken.repeats if repeated is entry]
        index = again[0] if again else taken.admitted[0].index
        return Registered(entry.statement.id, index, raw, b"", taken.block.at, again=bool(again))

    def heartbeat(self) -> None:
        """Write an empty block, so that readers see that the ledger lives."""
        self._beat()

    def tick(self) -> None:
        """Publish what waits to be published, and write a heartbeat when one is due.

        For a clock outside to call about once a second; errors of a passing state are left to the
        next call.
        """
        if self._sequencer.is_due:
            with self._writing, self._sequencer.turn():
                self._sequencer.publish()
        if self._idle_s() >= HEARTBEAT_S:
            self._beat(idle_s_min=HEARTBEAT_S)

    def close(self) -> None:
        """Publish the last checkpoint and stop; waiting submissions are finished first."""
        # What cannot be published now is published by whoever opens the ledger next.
        with self._writing, suppress(UnavailableError), self._sequencer.turn():
            self._sequencer.publish(now=True)
        self._pool.shutdown()

    def _idle_s(self) -> int:
        return self._sequencer.clock.now_s() - self.head().at

    def _beat(self, *, idle_s_min: int | None = None) -> None:
        with self._writing, self._sequencer.turn():
            self._live = self._sequencer.live()
            # Another process may have written while this one waited for its turn.
            if idle_s_min is None or self._idle_s() >= idle_s_min:
                self._sequencer.finish(self._sequencer.open_block(), (), empty=True)
                self._live = self._sequencer.live()

    def _write(self, job: _Job) -> None:
        with self._queue_lock:
            if self._waiting and self._waiting + len(job.entries) > self._waiting_max:
                raise UnavailableError(
                    "registrar.busy",
                    f"{self._waiting} statements wait already.",
                    hint="Try again in a second.",
                    params={"waiting": self._waiting},
                )
            self._waiting += len(job.entries)
            self._jobs.append(job)
        while not job.done:
            # Whoever finds the pen free writes for all who wait; the others sleep until done, or
            # until the pen is handed to them.
            if self._writing.acquire(blocking=False):
                try:
                    if not job.done:
                        self._write_block()
                finally:
                    self._writing.release()
                    self._hand_on()
            else:
                job.wake.wait()
                job.wake.clear()

    def _hand_on(self) -> None:
        with self._queue_lock:
            if self._jobs:
                self._jobs[0].wake.set()

    def _write_block(self) -> None:
        try:
            with self._sequencer.turn():
                self._fill_block(self._sequencer.open_block())
        except Exception as error:
            self._fail_waiting(_said(error))

    def _fill_block(self, taken: OpenBlock) -> None:
        entries: list[Entry] = []
        finished: list[_Job] = []
        try:
            while not taken.is_full and (job := self._next_job()) is not None:
                while job.taken < len(job.entries) and not taken.is_full:
                    entry = job.entries[job.taken]
                    job.taken += 1
                    entries.append(entry)
                    taken.take(entry)
                if job.taken == len(job.entries):
                    self._drop_job(job)
                    finished.append(job)
            self._sequencer.finish(taken, entries)
            self._live = self._sequencer.live()
        except Exception as error:
            for entry in entries:
                entry.place, entry.outcome = None, Failed(_said(error))
        finally:
            for job in finished:
                job.done = True
                job.wake.set()

    def _next_job(self) -> _Job | None:
        with self._queue_lock:
            return self._jobs[0] if self._jobs else None

    def _drop_job(self, job: _Job) -> None:
        with self._queue_lock:
            self._jobs.popleft()
            self._waiting -= len(job.entries)

    def _fail_waiting(self, error: RingmarkError) -> None:
        with self._queue_lock:
            jobs, self._waiting = list(self._jobs), 0
            self._jobs.clear()
        for job in jobs:
            for entry in job.entries[job.taken :]:
                entry.outcome = entry.outcome or Failed(error)
            job.done = True
            job.wake.set()

    def _outcome(self, entry: Entry) -> Outcome:
        if entry.outcome is not None:
            return entry.outcome
        if entry.place is None or entry.statement is None:
            return Failed(_fault())
        try:
            return self._issue(entry.statement, entry.place)
        except UnavailableError as error:
            # It is registered; its receipt comes when the same bytes are sent again.
            return Failed(error, entry.statement.id)

    def _issue(self, statement: Statement, place: Place) -> Registered:
        live = self._live
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
        labels = self._labels(statement, place, live)
        return Registered(
            statement.id, place.index, raw, receipt, place.at, labels=labels, again=again
        )

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
        if not isinstance(event, DocumentIssued | DocumentReplaced):
            return {}
        row = self._store.record(kind=Kind.DOCUMENT.value, name=event.document)
        state = record_of(row).state if row is not None else None
        if not isinstance(state, DocumentState) or state.paper != event.paper:
            return {}
        return document_label(
            event.document,
            event.paper,
            statement=statement.id,
            ledger=live.ledger,
            host=live.hosts[0],
            tables=self._tables,
            signer=labeller,
        )

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
            row = self._store.record(kind=Kind.LOT.value, name=code)
            if row is None and self._store.record(kind=Kind.CONTAINER.value, name=code) is None:
                break
            if row is not None:
                state = record_of(row).state
                if isinstance(state, LotState) and state.birth == statement.id[:16]:
                    born[code] = state
        return born


def _said(error: Exception) -> RingmarkError:
    if isinstance(error, RingmarkError):
        return error
    _log.exception("writing a block failed")
    return _fault()


def _fault() -> UnavailableError:
    return UnavailableError(
        "registrar.unknown",
        "Whether the statement was registered is not known.",
        hint="Send the same bytes again: they keep their index if they were registered.",
    )
