"""Flipped bits: in every page of the database and every frame of its WAL (T12).

After each flip `audit --deep` runs, and everything that anyone is shown is asked for: pages, cards,
bundles, lists, statements, tiles. Either the audit reports the damage, or nothing that is shown
changed by a byte. `told` counts flips after which an answer was given that was another than before:
what people may see until the next audit.
"""

from __future__ import annotations

import random  # noqa: TID251 - which bits, no secrets
import shutil
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import actors

from ledger.ambient import SettableClock
from ledger.desk.leaves import StoredLeaves
from ledger.errors import RingmarkError
from ledger.log.checkpoint import parse_checkpoint
from ledger.log.tiles import tile_path, tiles_of
from ledger.reader import Reader, StoredMoments
from ledger.reference.tables import load_tables
from ledger.registrar import Refused
from ledger.registrar.inspecting import inspect_deep
from ledger.trust import parse_trust
from ledger.verify.audit import audit
from ledger.wire.note import parse_note
from ledger.wiring import open_for_reading
from web.app import create_app
from web.limits import Rate
from web.stand import Stand

PAGE, FRAME, WAL_HEADER = 4_096, 4_096 + 24, 32
ERROR = 400
ANYBODY = Rate(per_s=1 << 30, burst=1 << 30)


@dataclass
class Flips:
    """What became of flipped bits; `silent` ones changed an answer and were not reported."""

    pages: int = 0
    bits: int = 0
    reported: int = 0
    unused: int = 0
    silent: int = 0
    told: int = 0
    crashed: int = 0
    where: list[str] = field(default_factory=list)


def furnish(directory: Path) -> Path:
    """Fill a founded and settled ledger so that its database has every kind of page; return it."""
    world, opened = actors.open_world(directory)
    for number in range(14):
        (done,) = world.submit(world.birth(1 + number % 3))
        if number % 3 == 0:
            (code, *_) = done.labels
            offer = world.offer(code, done.id)
            world.submit(offer)
            if number:
                world.submit(world.accept(offer))
    # A refused statement is kept too; one longer than a page overflows.
    (refused,) = world.registrar.submit([world.birth(200, by="maker-b")])
    assert isinstance(refused, Refused), refused
    opened.close()
    return directory


def run(
    directory: Path,
    place: Path,
    *,
    bits: int,
    seed: int,
    is_full: bool,
    names: tuple[str, ...] = ("ledger.db", "ledger.db-wal"),
) -> Flips:
    """Flip `bits` bits in each page and frame of a copy of `directory`, one at a time.

    With `is_full` answers are compared even where the audit has reported the flip already.
    """
    flips, chance = Flips(), random.Random(seed)
    shutil.copytree(directory, place)
    before = answers(place)
    assert deep_audit(place) == "verified"
    for name in names:
        whole = (directory / name).read_bytes() if (directory / name).exists() else b""
        for start, stop in pages(name, len(whole)):
            flips.pages += 1
            for bit in positions(whole[start:stop], bits, chance):
                flips.bits += 1
                renew(directory, place)
                flip(place / name, 8 * start + bit)
                judge(flips, place, before, f"{name} {start // PAGE}: {bit}", is_full=is_full)
    return flips


def pages(name: str, size: int) -> Iterator[tuple[int, int]]:
    """Yield where each page of a database, or frame of a WAL and its header, begins and ends."""
    if name.endswith("-wal"):
        yield from ((0, WAL_HEADER),) if size else ()
        yield from ((start, start + FRAME) for start in range(WAL_HEADER, size, FRAME))
    else:
        yield from ((start, start + PAGE) for start in range(0, size, PAGE))


def positions(page: bytes, count: int, chance: random.Random) -> list[int]:
    """Return bits of a page: half of them anywhere, half where a b-tree keeps something."""
    used = [*range(12)]
    if page[0] in (2, 5, 10, 13):
        cells, content = struct.unpack(">HH", page[3:7])
        used = [*range(min(12 + 2 * cells, len(page))), *range(content, len(page))]
    anywhere = range(len(page))
    chosen = [chance.choice(used if number % 2 else anywhere) for number in range(count)]
    return [8 * byte + chance.randrange(8) for byte in chosen]


def renew(directory: Path, place: Path) -> None:
    for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
        (place / name).unlink(missing_ok=True)
        if (directory / name).exists() and not name.endswith("-shm"):
            shutil.copyfile(directory / name, place / name)


def flip(path: Path, bit: int) -> None:
    with path.open("rb+") as file:
        file.seek(bit // 8)
        (byte,) = file.read(1)
        file.seek(bit // 8)
        file.write(bytes([byte ^ 1 << bit % 8]))


def judge(
    flips: Flips, place: Path, before: Mapping[str, tuple[int, bytes]], where: str, *, is_full: bool
) -> None:
    try:
        is_clean = deep_audit(place) == "verified"
        after = answers(place) if is_clean or is_full else before
    except Exception as error:
        flips.crashed += 1
        flips.where.append(f"{where} crashed: {error!r}")
        return
    changed = [path for path, answer in after.items() if answer != before[path]]
    told = [path for path in changed if after[path][0] < ERROR]
    flips.reported += not is_clean
    flips.unused += is_clean and not changed
    flips.silent += is_clean and bool(changed)
    flips.told += bool(told)
    if told or (is_clean and changed):
        flips.where.append(f"{where} {'clean' if is_clean else 'reported'}: {changed[:3]}")


def deep_audit(place: Path) -> str:
    """Return the outcome of `audit --deep`, or the code of the error that ended it."""
    try:
        opened = open_for_reading(place)
    except RingmarkError as error:
        return error.code
    try:
        source = StoredLeaves(opened.store, opened.newest_note)
        look = partial(inspect_deep, opened.store)
        return audit(source, tables=load_tables(), stored=look).outcome.value
    except RingmarkError as error:
        return error.code
    finally:
        opened.store.close()


def answers(place: Path) -> dict[str, tuple[int, bytes]]:
    """Return status and body of everything that the pages and the interface show."""
    try:
        opened = open_for_reading(place)
        reader = Reader(opened.store, StoredMoments(opened.store, note=opened.newest_note))
        stand = Stand(reader, parse_trust(opened.trust), SettableClock(_at(opened.trust, place)),
                      is_open=True)  # fmt: skip
        client = create_app(stand, rate=ANYBODY).test_client()
    except RingmarkError:
        return dict.fromkeys(addresses(place), (503, b""))
    try:
        return {
            path: (answer.status_code, answer.data if answer.status_code < ERROR else b"")
            for path in addresses(place)
            for answer in [client.get(path)]
        }
    finally:
        opened.store.close()


_KNOWN: dict[Path, list[str]] = {}


def addresses(place: Path) -> list[str]:
    """Return every address of a ledger, as it was when it was first asked for."""
    if place not in _KNOWN:
        _KNOWN[place] = list(_addresses(place))
    return _KNOWN[place]


def _addresses(place: Path) -> Iterator[str]:
    opened = open_for_reading(place)
    api, store = "/api/v1", opened.store
    yield from (f"{api}/{name}" for name in ("ledger", "parties", "findings", "waiting"))
    for code in store.names(kind="lot"):
        yield f"/i/{code}"
        yield from (f"{api}/lots/{code}{part}" for part in ("", "/card", "/bundle", "/history"))
        yield f"{api}/search?q={code}"
    yield from (f"{api}/containers/{code}" for code in store.names(kind="container"))
    for name in store.names(kind="mark")[:6]:
        yield from (f"/m/{name}", f"{api}/marks/{name}", f"{api}/search?q={name[-5:]}")
    for name in store.names(kind="document"):
        yield from (f"/d/{name}", f"{api}/documents/{name}")
    for name in store.names(kind="facility"):
        yield f"{api}/facilities/{name}"
    for name in store.names(kind="party"):
        yield from (
            f"{api}/parties/{name}{part}" for part in ("", "/lots", "/facilities", "/offers")
        )
    yield from (f"{api}/statements/{row.id.hex()}" for row in store.leaves(0, store.size()))
    yield "/log/checkpoint"
    note = opened.newest_note()
    assert note is not None
    size = parse_checkpoint(parse_note(note).text).size
    yield from (f"/log/{tile_path(*tile)}" for tile in tiles_of(size))
    store.close()


_AT: dict[str, int] = {}


def _at(trust: str, place: Path) -> int:
    """Return the time of the ledger's last closing when it was first looked at, seconds."""
    if trust not in _AT:
        opened = open_for_reading(place)
        head = opened.store.head()
        opened.store.close()
        assert head is not None
        _AT[trust] = head.at
    return _AT[trust]
