"""A backup taken while eight writers register: whole, restorable, and clean in an audit (T16)."""

from __future__ import annotations

import contextlib
import shutil
import threading
from itertools import count
from pathlib import Path
from typing import Any

import power
import pytest
import storm
from lengths import times

from cli.context import Session
from cli.main import main
from ledger.ambient import SettableClock
from ledger.custody.parties import Continuation, LedgerFounded
from ledger.errors import NotFoundError
from ledger.statement import parse_statement
from ledger.storage.twin import restore_copy
from ledger.wiring import open_for_reading


def test_backup_under_load_restores_and_audits_clean(
    actors: Any, directory: Path, tmp_path: Path
) -> None:
    storm.enrol(directory)
    world, opened = actors.open_world(directory)
    answers: list[Any] = []
    stop, going = threading.Event(), threading.Event()
    going.set()

    def register(name: str) -> None:
        for number in count(1):
            going.wait()
            if stop.is_set():
                return
            answers.extend(world.registrar.submit([storm.statement(world, name, number)]))

    for number in range(storm.CLIENTS):
        world.actor(storm.client(number))
    writers = [
        threading.Thread(target=register, args=(storm.client(n),)) for n in range(storm.CLIENTS)
    ]
    for writer in writers:
        writer.start()
    try:
        for number in range(times(2)):
            known = len(answers)
            while len(answers) < known + storm.CLIENTS:
                writers[0].join(0.001)
            place, before = tmp_path / str(number), list(answers)
            take_backup(world, directory, place)
            # Nobody writes while copies are audited: each would be several times the last one.
            going.clear()
            check_backup(actors, world, place, before)
            going.set()
            assert all(writer.is_alive() for writer in writers)
    finally:
        stop.set()
        going.set()
        for writer in writers:
            writer.join()
        opened.close()


def take_backup(world: Any, directory: Path, place: Path) -> None:
    """Back up a ledger that is written."""
    words = ["--home", str(place / "home"), "--ledger", str(directory)]
    words += ["backup", str(place / "backup"), "--with-keys"]
    place.mkdir()
    assert main(words, Session(clock=SettableClock(world.clock.now_s()))) == 0


def check_backup(actors: Any, world: Any, place: Path, before: list[Any]) -> None:
    """Audit a backup, restore from it and audit that."""
    copy, anew = place / "backup", place / "anew"
    reading = open_for_reading(copy)
    mark, head = reading.mark(), reading.store.head()
    # Of one moment: an auditor looks it over, deep, without opening it for writing first.
    assert mark is not None
    assert head is not None
    assert (mark.size, mark.root) == (head.size, head.root)
    reading.close()
    power.audit_clean(copy)
    restore = ["restore", str(copy), str(anew), "--yes"]
    assert main(restore, Session(clock=SettableClock(world.clock.now_s()))) == 0
    _, restored = actors.open_world(anew)
    assert [restored.store.index_of(one.id) for one in before] == [one.index for one in before]
    actors.check_log(restored.store, restored.trust)
    restored.close()
    power.audit_clean(anew)


def test_backup_without_its_mark_says_what_is_left_to_do(
    actors: Any, directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(directory, tmp_path / "copy")
    (tmp_path / "copy" / "high-water").unlink()
    with pytest.raises(NotFoundError) as caught:
        restore_copy(tmp_path / "copy", tmp_path / "anew")
    assert caught.value.code == "copy.incomplete"
    assert "--continues" in caught.value.hint
    old = open_for_reading(tmp_path / "copy")
    head = old.store.head()
    monkeypatch.setenv("RINGMARK_PASSPHRASE", "the passphrase of a test")
    founding = [
        "init",
        str(tmp_path / "anew"),
        "--origin",
        "ledger.example/two",
        "--host",
        "h.example",
    ]
    session = Session(clock=SettableClock(actors.START + 3_600))
    home = ["--home", str(tmp_path / "home")]
    assert main([*home, *founding, "--continues", str(tmp_path / "copy")], session) == 0
    opened = open_for_reading(tmp_path / "anew")
    (leaf,) = opened.store.raws(0, 1)
    event = parse_statement(leaf).event
    assert head is not None
    assert isinstance(event, LedgerFounded)
    assert event.continues == Continuation(old.ledger, head.size, head.root)
    opened.close()
    old.close()


@pytest.mark.parametrize("is_there", [False, True])
def test_backup_to_a_full_disk_leaves_nothing_of_it(
    directory: Path, small_disk: Path, capsys: pytest.CaptureFixture[str], is_there: bool
) -> None:
    copy, ballast = small_disk / "backup", small_disk / "ballast"
    if is_there:
        copy.mkdir()
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        for _ in range(4_096):
            file.write(bytes(4_096))
    words = ["--home", str(small_disk.parent), "--ledger", str(directory), "backup", str(copy)]
    assert main(words) == 5
    assert str(copy) in capsys.readouterr().err
    assert copy.exists() == is_there
    assert not is_there or not any(copy.iterdir())
    ballast.unlink()
    assert main(words) == 0
    power.audit_clean(copy)
