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
from ledger.errors import NotFoundError
from ledger.storage.twin import restore_copy

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
    is_loaded = any(writer.is_alive() for writer in writers)
    for writer in writers:
        writer.join()
    opened.close()
    assert is_loaded, "the backup came after the load"
    anew = tmp_path / "anew"
    restore = ["restore", str(copy), str(anew)]
    assert main(restore, Session(clock=SettableClock(world.clock.now_s()))) == 0
    world, opened = actors.open_world(anew)
    assert [opened.store.index_of(one.id) for one in before] == [one.index for one in before]
    actors.check_log(opened.store, opened.trust)
    opened.close()
    power.audit_clean(anew)


def test_backup_without_its_mark_says_what_is_left_to_do(
    actors: Any, directory: Path, tmp_path: Path
) -> None:
    shutil.copytree(directory, tmp_path / "copy")
    (tmp_path / "copy" / "high-water").unlink()
    with pytest.raises(NotFoundError) as caught:
        restore_copy(tmp_path / "copy", tmp_path / "anew")
    assert caught.value.code == "copy.incomplete"
    assert "founding continues" in caught.value.hint
