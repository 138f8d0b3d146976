"""Files that several processes replace at once are always one of what they wrote, whole."""

from __future__ import annotations

import threading
from pathlib import Path

from ledger.storage.durable import replace_file
from ledger.storage.published import PublishedFile
from ledger.wire.text import encode_base64

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


def test_a_published_checkpoint_is_never_replaced_by_an_older_one(tmp_path: Path) -> None:
    """A slow process may come after the one that wrote the next block."""
    published = PublishedFile(tmp_path / "checkpoint")
    for size, expected in ((7, 7), (5, 7), (7, 7), (9, 9)):
        published.write(note_of(size))
        assert published.read() == note_of(expected)
    published.path.write_bytes(b"cut off")
    published.write(note_of(1))
    assert published.read() == note_of(1)


def note_of(size: int) -> bytes:
    root, line = encode_base64(bytes(32)), encode_base64(bytes(68))
    return f"ledger.example.org\n{size}\n{root}\n\n— ledger.example.org {line}\n".encode()
