"""The registrar: the only write path of a ledger.

Owns group commit. Whoever submits while nobody writes becomes the writer and takes along all that
waits, so a lone statement costs no hand-off between threads and many share one durable commit.
Statements are read in the threads that submit, so what is malformed is refused without waiting
(`intake.py`). The writer verifies what the others brought and writes their answers
(`answering.py`): one thread that works is faster than many that take turns.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

from ledger.ambient import Clock
from ledger.custody.parties import LedgerState
from ledger.errors import NotFoundError, RingmarkError, UnavailableError
from ledger.reference.tables import Tables
from ledger.registrar.answering import Answering, unknown
from ledger.registrar.intake import Entry, read_entry, verify_entries
from ledger.registrar.live import Live, Settled, settled
from ledger.registrar.opening import Published, Signers, about_ledger
from ledger.registrar.outcomes import Failed, Outcome, Registered
from ledger.registrar.remarking import opened_by
from ledger.registrar.sequencer import AHEAD_MAX_S, Sequencer
from ledger.registrar.taking import OpenBlock
from ledger.registrar.waiting import WAITING_MAX, Submission, Waiting
from ledger.storage.highwater import HighWaterMark
from ledger.storage.protocol import Head, Store

HEARTBEAT_S = 3_000
"""After this long without a block an empty one is written (DESIGN: at least hourly)."""

_log = logging.getLogger("ringmark.registrar")


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
        self._waiting = Waiting(waiting_max)
        self._writing = threading.Lock()
        with self._sequencer.turn():
            self._live = self._sequencer.live()
        self._settled = settled(self._live)
        self._answering = Answering(store, tables, lambda: self._live)

    @property
    def ledger(self) -> bytes:
        """Return the ledger id, 32 bytes."""
        return self._live.ledger

    @property
    def live(self) -> Live:
        """Return what stands in memory; it moves step by step while a block is written."""
        return self._live

    @property
    def settled(self) -> Settled | None:
        """Return the ledger after the last block of which anybody was told; None without one."""
        return self._settled

    @property
    def origin(self) -> str:
        """Return the origin, as it stands in checkpoints."""
        return self._live.origin

    def about(self) -> LedgerState:
        """Return what the ledger's record says of itself: keys, hosts, root, rules."""
        with self._held():
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

    @property
    def waiting(self) -> int:
        """Return how many statements wait for a block."""
        return self._waiting.count

    def hours_ahead(self) -> int:
        """Return how many hours the clock is ahead of the last block, if so far that it matters.

        0 means that nothing has to be asked; else nothing is taken before `vouch_for_clock`.
        """
        ahead_s = self._sequencer.clock.now_s() - self.head().at
        return ahead_s // 3_600 if ahead_s > AHEAD_MAX_S else 0

    def check_ready(self) -> None:
        """Raise UnavailableError where nothing would be taken now: clock, disk or a key of ours."""
        with self._held(), self._sequencer.turn():
            self._sequencer.check_ready()

    def vouch_for_clock(self) -> None:
        """Take the clock as right as it stands now, however far ahead: somebody looked at it."""
        self._sequencer.vouch_for_clock()

    def submit(self, raws: Sequence[bytes]) -> list[Outcome]:
        """Register statements and return what became of each, in order.

        Returns after the block is durable, read back and marked. The same bytes again give the same
        index. Raise UnavailableError `registrar.busy` where too many wait: nothing was taken then.
        """
        mine = Submission([read_entry(raw) for raw in raws])
        if any(entry.outcome is None for entry in mine.entries):
            self._write(mine)
        return mine.outcomes or [self._answering.outcome(entry) for entry in mine.entries]

    def label(self, code: str) -> str:
        """Return the link of a registered lot's label, by the lot's 12 symbols, as the lot is now.

        Raise NotFoundError where there is no such lot, UnavailableError without the label key. Who
        may have it the caller must decide.
        """
        live = self._live
        return self._answering.lot_label(code, live, self._sequencer.labeller(live))

    def document_label(self, name: str) -> str:
        """Return the link of a document's label, by its name `CC/KIND/NUMBER`, as it is now.

        Raise NotFoundError where it has none, UnavailableError without the label key. Who may have
        it the caller must decide.
        """
        live = self._live
        return self._answering.paper_label(name, live, self._sequencer.labeller(live))

    def dry_run(self, raw: bytes) -> Outcome:
        """Judge a statement as the next one of the log; nothing is stored, nothing signed."""
        entry = read_entry(raw)
        verify_entries([entry], self._live.known_keys, self._pool)
        try:
            with self._held(), self._sequencer.turn():
                taken = self._sequencer.open_block(is_careful=True)
                taken.take(entry)
        except RingmarkError as error:
            return Failed(error)
        if entry.outcome is not None or entry.statement is None:
            return entry.outcome or Failed(unknown())
        statement, at = entry.statement, taken.block.at
        if not taken.admitted:
            index = taken.repeats[0][1]
            return Registered(statement.id, index, raw, b"", at, again=True)
        admitted = taken.admitted[0]
        found = opened_by(statement, admitted.admission.records.values())
        return Registered(statement.id, admitted.index, raw, b"", at, findings=found)

    def heartbeat(self) -> None:
        """Write an empty block, so that readers see that the ledger lives."""
        self._beat()

    def tick(self) -> None:
        """Publish what waits to be published, and write a heartbeat when one is due.

        For a clock outside to call about once a second; errors of a passing state are left to the
        next call.
        """
        if self._sequencer.is_due:
            with self._held(), self._sequencer.turn():
                self._sequencer.publish()
        if self._idle_s() >= HEARTBEAT_S:
            self._beat(idle_s_min=HEARTBEAT_S)

    def close(self) -> None:
        """Publish the last checkpoint and stop; waiting submissions are finished first."""
        # What cannot be published now is published by whoever opens the ledger next.
        with self._held(), suppress(UnavailableError), self._sequencer.turn():
            self._sequencer.publish(now=True)
        self._pool.shutdown()

    def _idle_s(self) -> int:
        return self._sequencer.clock.now_s() - self.head().at

    def _beat(self, *, idle_s_min: int | None = None) -> None:
        with self._held(), self._sequencer.turn():
            self._live = self._sequencer.live()
            # Another process may have written while this one waited for its turn.
            if idle_s_min is None or self._idle_s() >= idle_s_min:
                self._sequencer.finish(self._sequencer.open_block(), (), empty=True)
                self._settle_head()
                self._sequencer.publish()

    def _write(self, mine: Submission) -> None:
        self._waiting.join(mine)
        while not mine.done:
            # Whoever finds the pen free writes for all who wait; the others sleep until done, or
            # until the pen is handed to them.
            with self._held(waits=False) as is_held:
                if is_held and not mine.done:
                    self._write_block()
            if not is_held:
                mine.wake.wait()
                mine.wake.clear()

    @contextmanager
    def _held(self, *, waits: bool = True) -> Iterator[bool]:
        """Hold the pen for some work; without `waits`, only where it is free (False: it is not).

        Whoever came meanwhile sleeps and has to be woken, whatever the pen was held for.
        """
        is_held = self._writing.acquire(blocking=waits)
        try:
            yield is_held
        finally:
            if is_held:
                self._writing.release()
                self._waiting.wake_first()

    def _write_block(self) -> None:
        try:
            with self._sequencer.turn():
                self._fill_block(self._sequencer.open_block())
        except Exception as error:
            self._waiting.fail_all(_said(error))

    def _fill_block(self, taken: OpenBlock) -> None:
        entries: list[Entry] = []
        finished: list[Submission] = []
        try:
            while not taken.is_full and (first := self._waiting.first()) is not None:
                if not first.is_verified:
                    self._verify_waiting()
                while first.taken < len(first.entries) and not taken.is_full:
                    entry = first.entries[first.taken]
                    first.taken += 1
                    entries.append(entry)
                    taken.take(entry)
                if first.taken == len(first.entries):
                    self._waiting.leave(first)
                    finished.append(first)
        except Exception as error:
            for entry in entries:
                entry.place, entry.outcome = None, Failed(_said(error))
        else:
            self._finish(taken, entries)
        finally:
            for submission in finished:
                self._settle(submission)
            # Nobody's answer waits for a file that others read.
            self._sequencer.publish()

    def _finish(self, taken: OpenBlock, entries: Sequence[Entry]) -> None:
        """Write the block; what became of each entry stands then, also where it failed."""
        self._sequencer.finish(taken, entries)
        try:
            self._settle_head()
        except Exception as error:
            # The ledger could not be opened anew yet: the next block tries again, and says why.
            _log.warning("the ledger is not open: %s", error)

    def _settle_head(self) -> None:
        """Show readers where the ledger stands now, before anybody has an answer."""
        self._live = self._sequencer.live()
        self._settled = settled(self._live) or self._settled

    def _verify_waiting(self) -> None:
        """Verify what was brought by all who wait by now."""
        new = self._waiting.unverified()
        entries = [entry for waiting in new for entry in waiting.entries]
        try:
            verify_entries(entries, self._live.known_keys, self._pool)
        except Exception:
            # A fault of ours about one must not keep the others waiting for ever.
            _log.exception("verifying submitted statements failed")
            for entry in entries:
                entry.outcome = entry.outcome or Failed(unknown())
        for waiting in new:
            waiting.is_verified = True

    def _settle(self, submission: Submission) -> None:
        # One thread writes all answers: many at once would take turns at every step.
        try:
            submission.settle(self._answering.outcome)
        except Exception:
            _log.exception("answers could not be written; who waits writes its own")


def _said(error: Exception) -> RingmarkError:
    if isinstance(error, RingmarkError):
        return error
    _log.exception("writing a block failed")
    return unknown()
