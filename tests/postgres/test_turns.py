"""Several processes write one log: they take turns, follow each other, and never fork."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ledger.block import REFUSED_MAX
from ledger.custody.parties import PartySuspended
from ledger.reader import Reader, StoredMoments
from ledger.registrar import Failed, Refused, Registered, Registrar
from ledger.statement import parse_statement
from ledger.storage.places import open_mark, read_places
from ledger.storage.postgres import statements as sql
from ledger.storage.postgres.connecting import connect
from ledger.storage.postgres.store import PostgresStore
from ledger.storage.protocol import Head
from ledger.storage.published import PublishedFile, PublishedNote
from ledger.wiring import open_for_reading

PILES, EACH = 6, 12
TRY_TURN = sql.TAKE_TURN.replace("pg_advisory_lock", "pg_try_advisory_lock")


class HastyStore(PostgresStore):
    """A store on an engine that only pretends to lock: everybody has the turn at once."""

    @contextmanager
    def turn(self) -> Iterator[Head | None]:
        yield self.head()


class SlowStore(PostgresStore):
    """A store of a process so slow that others write whenever it looks at the head."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.meanwhile: Callable[[], None] = lambda: None

    def head(self) -> Head | None:
        self.meanwhile()
        return super().head()


class SlowMark:
    """The mark as a slow process moves it: others have moved it meanwhile."""

    def __init__(self, real: Any, meanwhile: Callable[[], None]) -> None:
        self._real, self._meanwhile = real, meanwhile

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def move(self, **more: Any) -> None:
        self._meanwhile()
        self._real.move(**more)


def registrar_of(opened: Any, store: PostgresStore) -> Registrar:
    """Return another process's registrar on the same ledger."""
    mark = open_mark(opened.directory, opened.places, ledger=opened.ledger)
    return Registrar(
        store, mark, PublishedNote(), signers=opened.signers, tables=opened.tables,
        clock=opened.registrar._sequencer.clock, clock_ok=True,
    )  # fmt: skip


def close(*registrars: Registrar) -> None:
    for registrar in registrars:
        registrar.close()
        registrar._sequencer._mark.close()
        registrar._store.close()


def send(registrar: Registrar, pile: list[bytes], done: dict[bytes, int], tries: int = 1) -> None:
    for raw in pile:
        for _ in range(tries):
            (outcome,) = registrar.submit([raw])
            if isinstance(outcome, Registered):
                done[outcome.id] = outcome.index
                break
        else:
            raise AssertionError(outcome)


def in_threads(works: list[tuple[Any, ...]]) -> None:
    failed: list[BaseException] = []

    def run(work: Any, *args: Any) -> None:
        try:
            work(*args)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not failed, failed
    assert not any(thread.is_alive() for thread in threads)


def test_what_one_process_wrote_the_next_one_judges_on(actors: Any, directory: Path) -> None:
    world, opened = actors.open_world(directory)
    other = registrar_of(opened, PostgresStore(opened.store.url))
    for turn in range(6):
        world.clock.advance(1)
        here = (world.registrar, other)[turn % 2]
        birth = world.birth()
        (outcome,) = here.submit([birth])
        assert isinstance(outcome, Registered), outcome
        there = (world.registrar, other)[1 - turn % 2]
        (code,) = outcome.labels
        offer = world.offer(code, outcome.id)
        assert isinstance(there.submit([offer])[0], Registered)
        assert isinstance(here.submit([world.accept(offer)])[0], Registered)
        (again,) = there.submit([birth])
        assert isinstance(again, Registered)
        assert (again.again, again.index, again.receipt) == (True, outcome.index, outcome.receipt)
        assert set(again.labels) == {code}
    actors.check_log(opened.store, opened.trust, published=opened.newest_note())
    close(other)
    opened.close()


@pytest.mark.parametrize("kind", [PostgresStore, HastyStore], ids=["in-turn", "without-a-lock"])
def test_two_busy_processes_lose_and_fork_nothing(
    actors: Any, directory: Path, kind: type[PostgresStore]
) -> None:
    world, opened = actors.open_world(directory)
    url = opened.store.url
    one, two = registrar_of(opened, kind(url)), registrar_of(opened, kind(url))
    size = opened.store.size()
    piles = [[world.birth() for _ in range(EACH)] for _ in range(2 * PILES)]
    done: list[dict[bytes, int]] = [{}, {}]
    tries = 1 if kind is PostgresStore else 200
    in_threads(
        [(send, (one, two)[n % 2], pile, done[n % 2], tries) for n, pile in enumerate(piles)]
    )
    assert [len(some) for some in done] == [PILES * EACH] * 2
    found = {**done[0], **done[1]}
    assert {name: opened.store.index_of(name) for name in found} == found
    assert len(set(found.values())) == 2 * PILES * EACH
    actors.check_log(opened.store, opened.trust, published=opened.newest_note())
    blocks = opened.store.blocks(after=size - 1)
    writers = [{index in done[0].values() for index in range(b.first, b.closing)} for b in blocks]
    assert {True} in writers
    assert {False} in writers
    close(one, two)
    opened.close()


def test_process_that_others_overtake_all_the_time_still_gets_its_answer(
    actors: Any, directory: Path
) -> None:
    world, opened = actors.open_world(directory)
    store = SlowStore(opened.store.url)
    slow = registrar_of(opened, store)
    births = [world.birth() for _ in range(40)]
    mine, overtaken = births.pop(), []

    def overtake() -> None:
        with psycopg.connect(opened.store.url, autocommit=True) as line:
            ((is_free,),) = line.execute(TRY_TURN).fetchall()
            if is_free:
                line.execute(sql.GIVE_TURN)
        if is_free:
            overtaken.extend(world.submit(births.pop()))

    slow._sequencer._mark = SlowMark(slow._sequencer._mark, overtake)
    store.meanwhile = overtake
    (outcome,) = slow.submit([mine])
    store.meanwhile = lambda: None
    assert overtaken
    assert isinstance(outcome, Registered), outcome
    assert opened.store.index_of(outcome.id) == outcome.index
    actors.check_log(opened.store, opened.trust, published=opened.newest_note())
    close(slow)
    opened.close()


def test_refusals_are_never_judged_on_a_past_state(actors: Any, directory: Path) -> None:
    world, opened = actors.open_world(directory)
    late = registrar_of(opened, HastyStore(opened.store.url))
    birth = world.birth()
    (born,) = world.submit(birth)
    (code,) = born.labels
    (outcome,) = late.submit([world.offer(code, born.id)])
    assert isinstance(outcome, Registered), outcome
    stale = world.offer(code, b"\x00" * 32)
    assert isinstance(late.submit([stale])[0], Refused)
    close(late)
    opened.close()


def test_what_is_judged_anew_still_fits_its_blocks(actors: Any, directory: Path) -> None:
    world, opened = actors.open_world(directory)
    late = registrar_of(opened, HastyStore(opened.store.url))
    births = [world.birth() for _ in range(REFUSED_MAX + 6)]
    taken = late._sequencer.finish

    def finish(*args: Any, **more: Any) -> None:
        late._sequencer.finish = taken
        world.submit(world.sign("ma-zw", PartySuspended("farm-a", "an inquiry")))
        taken(*args, **more)

    late._sequencer.finish = finish
    outcomes = late.submit(births)
    assert {each.rule for each in outcomes} == {"party.suspended"}
    closings = [opened.store.leaf(block.closing).raw for block in opened.store.blocks()]
    named = [len(parse_statement(raw).event.refused) for raw in closings]
    assert sum(named) == REFUSED_MAX + 6
    assert max(named) == REFUSED_MAX
    actors.check_log(opened.store, opened.trust, published=opened.newest_note())
    close(late)
    opened.close()


def test_checkpoint_of_a_slow_process_takes_no_newer_one_back(actors: Any, directory: Path) -> None:
    world, opened = actors.open_world(directory)
    late = registrar_of(opened, PostgresStore(opened.store.url))
    sequencer = late._sequencer
    sequencer._published = PublishedFile(directory / "checkpoint")
    publish = sequencer.publish

    def slowly() -> None:
        # The block is written, and the turn given up: the other process is faster.
        world.clock.advance(1)
        world.submit(world.birth())
        publish()

    sequencer.publish = slowly
    world.clock.advance(1)
    assert isinstance(late.submit([world.birth()])[0], Registered)
    assert (directory / "checkpoint").read_bytes() == opened.newest_note()
    sequencer.publish = publish
    close(late)
    opened.close()


def test_readers_of_every_process_show_what_was_acknowledged(actors: Any, directory: Path) -> None:
    world, opened = actors.open_world(directory)
    stored = open_for_reading(directory)
    reader = Reader(stored.store, StoredMoments(stored.store, note=stored.newest_note))
    stop, behind = threading.Event(), []
    newest = [0]

    def read() -> None:
        while not stop.is_set():
            known = newest[0]
            size = reader.moment().head.size
            if size <= known:
                behind.append((size, known))

    thread = threading.Thread(target=read)
    thread.start()
    for _ in range(40):
        (outcome,) = world.submit(world.birth())
        newest[0] = outcome.index
        (code,) = outcome.labels
        assert reader.lot(code).code == code
        assert reader.card(code)
    stop.set()
    thread.join()
    assert behind == []
    assert reader.moment().head == opened.store.head()
    stored.close()
    opened.close()


def test_turn_that_does_not_come_is_done_without(
    actors: Any, directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world, opened = actors.open_world(directory)
    with psycopg.connect(opened.store.url, autocommit=True) as stuck:
        stuck.execute(sql.TAKE_TURN)
        assert isinstance(world.registrar.submit([world.birth()])[0], Registered)
        assert "did not come in time" in caplog.text
    actors.check_log(opened.store, opened.trust)
    opened.close()


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_the_first_statement_after_a_restart_is_answered(
    actors: Any, directory: Path, postgres: Any, how: str
) -> None:
    """A line that broke while nobody wrote began nothing: it is made anew, and nobody hears."""
    world, opened = actors.open_world(directory)
    assert isinstance(world.registrar.submit([world.birth()])[0], Registered)
    postgres.restart(how)
    (outcome,) = world.registrar.submit([world.birth()])
    assert isinstance(outcome, Registered), outcome
    # While the server is away nothing is begun either: that is said, and not that it is unknown.
    raw = world.birth()
    postgres.stop(how)
    (outcome,) = world.registrar.submit([raw])
    postgres.start()
    assert isinstance(outcome, Failed)
    assert outcome.error.code == "store.unreachable"
    assert isinstance(world.registrar.submit([raw])[0], Registered)
    actors.check_log(opened.store, opened.trust)
    opened.close()


def test_process_that_is_far_behind_starts_anew(actors: Any, directory: Path) -> None:
    world, opened = actors.open_world(directory)
    other = registrar_of(opened, PostgresStore(opened.store.url))
    for _ in range(3):
        world.submit(world.birth())
    line = connect(opened.store.url, read_only=False)
    line.execute("DELETE FROM changes")
    line.close()
    assert isinstance(other.submit([world.birth()])[0], Registered)
    actors.check_log(opened.store, opened.trust)
    close(other)
    opened.close()


def test_rows_that_were_changed_behind_our_back_are_never_followed(
    actors: Any, directory: Path
) -> None:
    world, opened = actors.open_world(directory)
    other = registrar_of(opened, PostgresStore(opened.store.url))
    world.submit(world.birth())
    line = connect(opened.store.url, read_only=False)
    line.execute("UPDATE records SET hash = %b WHERE kind = 'lot'", (b"\x01" * 32,))
    (outcome,) = other.submit([world.birth()])
    assert isinstance(outcome, Failed)
    assert outcome.error.code == "store.records"
    line.close()
    close(other)
    opened.close()


def test_places_of_a_directory_name_its_database(directory: Path, database: str) -> None:
    assert read_places(directory).database == database
    assert read_places(directory, database="postgresql://b/").database == "postgresql://b/"
