"""Files that several processes replace at once are always one of what they wrote, whole."""

from __future__ import annotations

import threading
from pathlib import Path

from ledger.storage.durable import replace_file

BODIES = [bytes([n]) * 40_000 for n in range(6)]


def test_a_file_that_many_replace_is_always_whole(tmp_path: Path) -> None:
    file = tmp_path / "trust.json"
    replace_file(file, BODIES[0])
    torn: list[bytes] = []
    failed: list[BaseException] = []
    done = threading.Event()

    def write(body: bytes) -> None:
        try:
            for _ in range(15):
                replace_file(file, body)
        except BaseException as error:
            failed.append(error)

    def read() -> None:
        while not done.is_set():
            found = file.read_bytes()
            if found not in BODIES:
                torn.append(found[:16])

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(body,)) for body in BODIES]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    assert failed == []
    assert torn == []
    assert [one.name for one in tmp_path.iterdir()] == ["trust.json"]
