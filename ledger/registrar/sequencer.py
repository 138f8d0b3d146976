"""The sequencer: opens a block, closes it, and knows when the ledger must be opened anew.

Owns the clock rules and the step from doubt to certainty: after any failed commit the value in
memory is dropped, and store, mark and published checkpoint are compared as at a start. One thread
at a time calls it; `registrar.py` sees to that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from ledger import keys
from ledger.ambient import Clock
from ledger.errors import RingmarkError, UnavailableError
from ledger.reference.tables import Tables
from ledger.registrar.following import follow
from ledger.registrar.intake import Entry, Place
from ledger.registrar.issuing import sign_head
from ledger.registrar.live import Live
from ledger.registrar.opening import (
    Published,
    Signers,
    key_in_force,
    open_live,
    root_at,
    signer_for,
)
from ledger.registrar.outcomes import Failed
from ledger.registrar.taking import OpenBlock, UnwritableError
from ledger.registrar.writing import write_block
from ledger.storage.highwater import HighWaterMark
from ledger.storage.protocol import Store

BEHIND_MAX_S = 600
"""How far the clock may lie behind the last closing before nothing is taken any more."""
AHEAD_MAX_S = 86_400
"""How far it may lie ahead before somebody must say that it is right (`--clock-ok`)."""
ROOM_MIN = 2 << 20
"""Free bytes below which no block is opened: a full disk must never be met inside a commit."""
NOT_STORED = frozenset({"store.full", "store.conflict", "registrar.no-key"})
"""Errors after which it is certain that nothing of the block was stored."""
OVERTAKEN = frozenset({"store.conflict", "high-water.conflict"})
"""Errors that say that another process was faster: with the block, or with a mark above ours."""
TRIES_MAX = 4
"""How often a block is judged anew because another process wrote first."""
_log = logging.getLogger("ringmark.registrar")


class Sequencer:
    """Writes blocks for one ledger, one after another."""

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
    ) -> None:
        self.clock = clock
        self._store = store
        self._mark = mark
        self._published = published
        self._signers = signers
        self._tables = tables
        self._clock_ok = clock_ok
        self._vouched_s = 0
        self._room = room
        self._live: Live | None = None
        self._shared = False
        self._published_s = -1
        self._unpublished: bytes | None = None

    def live(self) -> Live:
        """Return the ledger after its last closing; after a failure it is opened anew first."""
        if self._live is None:
            self._store.settle()
            self._mark.settle()
            self._live = open_live(
                self._store,
                self._mark,
                self._published,
                signers=self._signers,
                tables=self._tables,
            )
            self._unpublished = self._live.mark.note if self._live.mark else None
            self.publish()
        return self._live

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the turn to write among processes, level with what they wrote until then."""
        with self._store.turn() as head:
            self._shared = head is not None
            if head is not None and self._live is not None and self._live.head != head:
                self._catch_up()
            yield

    @property
    def is_due(self) -> bool:
        """Return whether a checkpoint waits to be published."""
        return self._unpublished is not None

    def vouch_for_clock(self) -> None:
        """Take the clock as right as it stands now, however far it is ahead of the last block.

        A later jump is not vouched for: log time that ran ahead cannot be taken back.
        """
        self._vouched_s = self.clock.now_s()

    def open_block(self, *, is_careful: bool = False) -> OpenBlock:
        """Return a block that takes statements for a second at most, with its time fixed.

        A careful one tries at once whether what a statement leads to can be written. Raise
        UnavailableError where the clock or the disk does not allow a block.
        """
        live, now_s = self.live(), self.clock.now_s()
        return OpenBlock(
            live,
            self._store,
            at=self._time_of_block(live, now_s),
            # Whole seconds: it may end early, and is never open for more than one.
            is_over=lambda: self.clock.now_s() > now_s,
            is_careful=is_careful,
        )

    def check_ready(self) -> None:
        """Raise UnavailableError where nothing would be taken now: clock, disk or a key of ours."""
        live = self.live()
        self._time_of_block(live, self.clock.now_s())
        for purpose in ("closing", "checkpoint"):
            index = live.head.size if live.head is not None else 0
            signer_for(live.state, purpose=purpose, index=index, signers=self._signers)

    def finish(self, taken: OpenBlock, entries: Sequence[Entry], *, empty: bool = False) -> None:
        """Write the block and give its entries their places.

        A block that would say nothing is only written if `empty` asks for it. Where another process
        wrote first, the entries are judged anew on what it left, in as many blocks as they fill
        then. Whatever else fails, all `entries` fail as unknown and the ledger is opened anew
        before the next block. The checkpoint is due afterwards (`publish`): answers come first.
        """
        try:
            self._write_in_turn(taken, entries, empty=empty)
            live = self.live()
        except BaseException as error:
            self._live = None
            unknown = _unknown(error)
            # Where a passing state is known by name, where in our code it was met helps nobody.
            _log.warning(
                "a block failed (%s); the ledger is opened anew before the next one: %s",
                unknown.code,
                error,
                exc_info=None if unknown is error else error,
            )
            for entry in entries:
                entry.outcome = Failed(unknown, entry.statement.id if entry.statement else None)
            if not isinstance(error, Exception):
                raise
            return
        self._unpublished = live.mark.note if live.mark else None

    def publish(self, *, now: bool = False) -> None:
        """Publish the newest checkpoint, at most once a second, or `now`.

        What cannot be published stays due: it takes back nothing that was acknowledged.
        """
        if self._unpublished is None:
            return
        second = self.clock.now_s()
        if now or second != self._published_s:
            self._published_s = second
            try:
                self._published.write(self._unpublished)
            except OSError as error:
                _log.warning("the checkpoint could not be published; it stays due: %s", error)
                return
            self._unpublished = None

    def _time_of_block(self, live: Live, now_s: int) -> int:
        if self._room is not None and self._room() < ROOM_MIN:
            raise UnavailableError(
                "store.full",
                "The disk of the ledger is nearly full; nothing is taken any more.",
                hint="Free some space; what was acknowledged is safe.",
            )
        vouched = self._clock_ok or now_s <= self._vouched_s + AHEAD_MAX_S
        return block_time(now_s, last=live.head.at if live.head else 0, clock_ok=vouched)

    def _catch_up(self) -> bool:
        """Bring the ledger in memory to the store's head; True where it was behind."""
        live = self._live
        if live is None:
            self.live()
            return True
        if live.head == self._store.head():
            return False
        self._live = None
        if follow(live, self._store, self._mark, signers=self._signers):
            self._live = live
            self._unpublished = live.mark.note if live.mark else None
        else:
            self.live()
        return True

    def _write_in_turn(self, taken: OpenBlock, entries: Sequence[Entry], *, empty: bool) -> None:
        """Write the block, or those that the same entries give when they are judged anew.

        Another process wrote first; or one of them cannot be written, which must harm no other.
        """
        tries, written, end, is_careful = TRIES_MAX, 0, len(entries), False
        with ExitStack() as turns:
            while True:
                try:
                    self._write(taken, empty=empty)
                except UnwritableError:
                    if is_careful:
                        raise
                    is_careful = True
                    _forget(entries[written:end])
                except UnavailableError as error:
                    tries -= 1
                    if not (tries and self._shared and error.code in OVERTAKEN):
                        raise
                    # The turn went with the commit. Asked for again before the head is looked at:
                    # else a faster process could overtake this one time after time.
                    turns.enter_context(self._store.turn())
                    if not self._catch_up():
                        raise
                    _forget(entries[written:end])
                else:
                    self._place(taken, self.live())
                    written = end
                    if written == len(entries):
                        return
                taken = self.open_block(is_careful=is_careful)
                end = _fill(taken, entries, written)

    def _write(self, taken: OpenBlock, *, empty: bool) -> None:
        live = self.live()
        if empty or not taken.is_empty:
            write_block(taken, live, store=self._store, mark=self._mark, signers=self._signers)
        elif self._shared and live.head != self._store.head():
            # Nothing is stored, but what was refused must not be judged on a state of the past.
            raise UnavailableError("store.conflict", "Another process wrote meanwhile.")

    def _place(self, taken: OpenBlock, live: Live) -> None:
        head, mark = live.head, live.mark
        if head is None or mark is None:
            return
        labeller = self._labeller(live, head.size - 1)
        for admitted in taken.admitted:
            admitted.entry.place = Place(
                admitted.index, head.at, head.size, mark.note, labeller, admitted.admission
            )
        for entry, index in taken.repeats:
            try:
                entry.place = self._place_again(index, live)
            except RingmarkError as error:
                # What stands in the log already has its fault alone: the block is durable.
                _log.exception("the leaf %d cannot be told again", index)
                entry.outcome = Failed(error, entry.statement.id if entry.statement else None)

    def _place_again(self, index: int, live: Live) -> Place:
        block = self._store.block_of(index)
        if block is None or live.head is None or live.mark is None:
            raise UnavailableError("store.failed", f"The block of leaf {index} is not there.")
        labeller = self._labeller(live, block.closing)
        kid = key_in_force(live.state, purpose="checkpoint", index=block.closing)
        signer = self._signers.get(kid) if kid else None
        if signer is None:
            # The key of that time is gone: the newest head covers the leaf as well.
            return Place(index, block.at, live.head.size, live.mark.note, labeller)
        # The same head under the same key gives the same note again: Ed25519 is deterministic.
        size = block.closing + 1
        root = root_at(self._store, live.edge, size=size)
        note = sign_head(origin=live.origin, size=size, root=root, signer=signer)
        return Place(index, block.at, size, note, labeller)

    def labeller(self, live: Live) -> keys.Signer:
        """Return the label key in force; raise UnavailableError where this process lacks it."""
        index = live.head.size if live.head is not None else 0
        return signer_for(live.state, purpose="label", index=index, signers=self._signers)

    def _labeller(self, live: Live, index: int) -> keys.Signer | None:
        # Without the label key the ledger still registers; labels can be had later.
        kid = key_in_force(live.state, purpose="label", index=index)
        return self._signers.get(kid) if kid else None


def _forget(entries: Sequence[Entry]) -> None:
    for entry in entries:
        if entry.verified is not None:
            entry.place = entry.outcome = None


def _fill(taken: OpenBlock, entries: Sequence[Entry], start: int) -> int:
    """Judge entries from `start` on, as many as fit, and return where the next block begins.

    Judged anew they may need more room: more are refused, or it takes longer.
    """
    end = start
    while end < len(entries) and not taken.is_full:
        taken.take(entries[end])
        end += 1
    return end


def block_time(now_s: int, *, last: int, clock_ok: bool) -> int:
    """Return the time of a new block, seconds: it never falls below `last`, the one before.

    Raise UnavailableError where the clock lies more than 10 min behind, or more than 24 h ahead
    and nobody said that it is right.
    """
    if now_s < last - BEHIND_MAX_S:
        raise UnavailableError(
            "clock.behind",
            f"The clock is {_length(last - now_s)} behind the ledger; nothing is taken.",
            hint="Set the clock of this machine right.",
            params={"seconds": last - now_s},
        )
    if now_s > last + AHEAD_MAX_S and not clock_ok and last:
        raise UnavailableError(
            "clock.ahead",
            f"The clock is {_length(now_s - last)} ahead of the last block.",
            hint="If the clock is right, say so with --clock-ok; times in the log never go back.",
            params={"hours": (now_s - last) // 3_600},
        )
    return max(now_s, last)


def _length(seconds: int) -> str:
    """Return a length of time in the unit that people read a clock in."""
    for unit, length_s in (("days", 86_400), ("hours", 3_600)):
        if seconds >= 2 * length_s:
            return f"{seconds // length_s:,} {unit}"
    return f"{seconds // 60} minutes"


def _unknown(error: BaseException) -> UnavailableError:
    if isinstance(error, UnavailableError) and error.code in NOT_STORED:
        return error
    return UnavailableError(
        "registrar.unknown",
        f"Whether the statement was registered is not known: {error}",
        hint="Send the same bytes again: they keep their index if they were registered.",
    )
