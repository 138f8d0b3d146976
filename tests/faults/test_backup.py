"""A backup taken while eight writers register: whole, restorable, and clean in an audit (T16)."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

import power
import pytest
import storm

from cli.context import Session
from cli.main import main
from ledger.ambient import SettableClock
from ledger.custody.parties import Continuation, LedgerFounded
from ledger.errors import NotFoundError
from ledger.statement import parse_statement
from ledger.storage.twin import restore_copy
from ledger.wiring import open_for_reading

EACH = 60


def test_backup_under_load_restores_and_audits_clean(
    actors: Any, directory: Path, tmp_path: Path
) -> None:
    storm.enrol(directory)
    world, opened = actors.open_world(directory)
    answers: list[Any] = []

    def register(name: str) -> None:
        for number in range(1, EACH + 1):
            answers.extend(world.registrar.submit([storm.statement(world, name, number)]))

    for number in range(storm.CLIENTS):
        world.actor(storm.client(number))
    writers = [
        threading.Thread(target=register, args=(storm.client(n),)) for n in range(storm.CLIENTS)
    ]
    for writer in writers:
        writer.start()
    while len(answers) < 2 * storm.CLIENTS:
        writers[0].join(0.001)
    before = list(answers)
    copy = tmp_path / "backup"
    words = ["--home", str(tmp_path / "home"), "--ledger", str(directory), "backup", str(copy)]
    assert main([*words, "--with-keys"], Session(clock=SettableClock(world.clock.now_s()))) == 0
    reading = open_for_reading(copy)
    mark, head = reading.mark(), reading.store.head()
    # Of one moment: an auditor looks it over, deep, without opening it for writing first.
    assert mark is not None
    assert head is not None
    assert (mark.size, mark.root) == (head.size, head.root)
    reading.close()
    power.audit_clean(copy)
    is_loaded = any(writer.is_alive() for writer in writers)
    for writer in writers:
        writer.join()
    opened.close()
    assert is_loaded, "the backup came after the load"
    anew = tmp_path / "anew"
    restore = ["restore", str(copy), str(anew), "--yes"]
    assert main(restore, Session(clock=SettableClock(world.clock.now_s()))) == 0
    world, opened = actors.open_world(anew)
    assert [opened.store.index_of(one.id) for one in before] == [one.index for one in before]
    actors.check_log(opened.store, opened.trust)
    opened.close()
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
