"""A lost ledger made anew from its log, held to what was signed: nothing less is put in place."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import power
import pytest
from msgspec.structs import replace

from cli.context import Session
from cli.main import main
from ledger.ambient import SettableClock
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.storage.highwater import HighWaterFile, create_high_water
from ledger.storage.keyfiles import key_names, read_key
from ledger.storage.sqlite import SqliteStore
from ledger.wire import text
from ledger.wiring import found_ledger


@dataclass
class Site:
    """A ledger with a statement that was refused, its log as files, its mark elsewhere."""

    actors: Any
    capsys: pytest.CaptureFixture[str]
    place: Path

    @property
    def ledger(self) -> Path:
        return self.place / "ledger"

    @property
    def log(self) -> Path:
        return self.place / "log"

    @property
    def mark(self) -> Path:
        return self.place / "mark"

    @property
    def anew(self) -> Path:
        return self.place / "anew"

    def run(self, *words: str) -> tuple[int, dict[str, Any]]:
        self.capsys.readouterr()
        clock = SettableClock(self.actors.START + 60)
        code = main(["--home", str(self.place / "home"), *words, "--json"], Session(clock=clock))
        plain = text.json_loads(self.capsys.readouterr().out)
        assert isinstance(plain, dict)
        return code, plain

    def grow(self) -> bytes:
        """Register goods twice and let one statement be refused; return that one."""
        world, opened = self.actors.open_world(self.ledger)
        (done, _) = world.submit(world.birth(), world.birth(2))
        (code, *_) = done.labels
        late = world.offer(code, done.id)
        world.submit(world.offer(code, done.id))
        world.registrar.submit([late])
        opened.close()
        return bytes(late)

    def export(self) -> None:
        code, plain = self.run("--ledger", str(self.ledger), "export", "log", str(self.log))
        assert code == 0, plain

    def keep_mark(self) -> None:
        shutil.copy(self.ledger / "high-water", self.mark)

    def restore(self, source: object, *words: object, trust: bool = True) -> tuple[int, Any]:
        named = ("--trust", str(self.ledger / "trust.json")) if trust else ()
        code, plain = self.run("restore", str(source), str(self.anew), *named, *map(str, words))
        assert self.anew.exists() == (code == 0)
        assert not list(self.place.glob(".anew*")), "something was left behind"
        return code, plain

    def from_log(self, *words: object) -> tuple[int, Any]:
        return self.restore(self.log, "--high-water", self.mark, "--yes", *words)

    def why(self, *words: object) -> str:
        """Return the code with which a restoration from the log is refused."""
        code, plain = self.from_log(*words)
        assert code != 0
        return str(plain["error"]["code"])


@pytest.fixture
def site(actors: Any, directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Site:
    made = Site(actors, capsys, tmp_path)
    made.grow()
    made.export()
    made.keep_mark()
    return made


def same_store(one: Path, other: Path) -> None:
    first, second = SqliteStore(one / "ledger.db"), SqliteStore(other / "ledger.db")
    size = first.size()
    assert (first.head(), first.dump()) == (second.head(), second.dump())
    assert first.leaves(0, size) == second.leaves(0, size)
    assert first.blocks() == second.blocks()
    assert first.tile_roots() == second.tile_roots()
    assert list(first.refused()) == list(second.refused())
    first.close()
    second.close()


def test_log_and_mark_and_an_older_copy_give_the_very_same_ledger(site: Site) -> None:
    words = ("--keys", site.ledger / "keys", "--older", site.ledger)
    code, plain = site.from_log(*words)
    assert (code, plain["lacking"]) == (
        0,
        {"refused statements": 0},
    )
    same_store(site.ledger, site.anew)
    power.audit_clean(site.anew)
    shutil.rmtree(site.ledger)
    world, opened = site.actors.open_world(site.anew)
    world.submit(world.birth())
    site.actors.check_log(opened.store, opened.trust, published=opened.newest_note())
    assert HighWaterFile(site.mark).read().size == opened.store.size()
    opened.close()
    power.audit_clean(site.anew)


def test_what_is_restored_or_copied_is_for_its_owner_alone(site: Site) -> None:
    copy = site.place / "copy"
    site.run("--ledger", str(site.ledger), "backup", str(copy), "--with-keys")
    code, plain = site.restore(copy, "--keys", copy / "keys", "--yes", trust=False)
    assert code == 0, plain
    for folder in (copy, site.anew):
        _, found = site.run("--ledger", str(folder), "doctor")
        (row,) = [row for row in found["checks"] if row["name"] == "files"]
        assert row["outcome"] == "passed", row


def test_backup_of_what_is_no_ledger_leaves_nothing_behind(site: Site) -> None:
    (site.ledger / "ledger.db").rename(site.place / "gone")
    code, plain = site.run("--ledger", str(site.ledger), "backup", str(site.place / "copy"))
    assert (code, plain["error"]["code"]) == (4, "store.missing")
    assert not (site.place / "copy").exists()


def test_what_no_leaf_holds_is_counted_and_stays_refused(site: Site) -> None:
    refused = site.grow()
    site.export()
    site.keep_mark()
    code, plain = site.from_log("--keys", site.ledger / "keys")
    assert (code, plain["lacking"]["refused statements"]) == (0, 2)
    power.audit_clean(site.anew)
    world, opened = site.actors.open_world(site.anew)
    size = opened.store.size()
    (again,) = world.registrar.submit([refused])
    # By its row: judged anew it would be named by another closing.
    assert (again.rule, opened.store.size()) == ("custody.head-moved", size)
    opened.close()


def test_log_of_many_tiles_gives_the_same_tiles(site: Site) -> None:
    world, opened = site.actors.open_world(site.ledger)
    for _ in range(3):
        world.submit(*(world.birth() for _ in range(200)))
    opened.close()
    site.export()
    site.keep_mark()
    assert site.from_log("--older", site.ledger)[0] == 0
    same_store(site.ledger, site.anew)


def test_older_log_is_refused(site: Site) -> None:
    site.grow()
    site.keep_mark()
    before = site.mark.read_bytes()
    assert site.why() == "restore.older"
    assert site.mark.read_bytes() == before


def test_older_copy_is_refused_where_the_mark_is_newer(site: Site) -> None:
    shutil.copytree(site.ledger, site.place / "copy")
    site.grow()
    site.keep_mark()
    code, plain = site.restore(site.place / "copy", "--high-water", site.mark, "--yes")
    assert (code, plain["error"]["code"]) == (70, "restore.older")
    assert "--continues" in plain["error"]["hint"]


def test_older_mark_is_refused(site: Site) -> None:
    site.grow()
    site.export()
    assert site.why() == "high-water.old"


def test_newer_checkpoint_that_somebody_saw_is_believed(site: Site) -> None:
    site.grow()
    assert site.why("--checkpoint", site.ledger / "checkpoint") == "high-water.old"
    # Held to that one, the copy with its own mark is an old copy too.
    shutil.copytree(site.ledger, site.place / "copy")
    site.grow()
    words = ("--checkpoint", site.ledger / "checkpoint", "--yes")
    code, plain = site.restore(site.place / "copy", *words)
    assert (code, plain["error"]["code"]) == (70, "high-water.old")


@pytest.mark.parametrize("behind", [0, 3])
def test_other_history_that_was_signed_once_is_never_forgotten(site: Site, behind: int) -> None:
    mark = HighWaterFile(site.mark).read()
    other = Checkpoint("ledger.example/test", mark.size - behind, bytes(32))
    signer = read_key(site.ledger / "keys", "checkpoint", passphrase=None)
    note = site.place / "other"
    note.write_bytes(sign_checkpoint(other, signer=signer, name="ledger.example/test"))
    assert site.why("--checkpoint", note) == "high-water.split"


def test_log_that_was_changed_is_refused(site: Site) -> None:
    (bundle,) = (path for path in site.log.glob("tile/entries/**/*") if path.is_file())
    data = bytearray(bundle.read_bytes())
    data[-20] ^= 1
    bundle.write_bytes(bytes(data))
    assert site.why() == "restore.refuted"


def test_copy_that_was_changed_is_refused(site: Site) -> None:
    store = SqliteStore(site.ledger / "ledger.db")
    raw = store.raws(5, 6)[0]
    store.close()
    shutil.copytree(site.ledger, site.place / "copy")
    database = site.place / "copy" / "ledger.db"
    data = bytearray(database.read_bytes())
    data[data.index(raw) + len(raw) - 1] ^= 1
    database.write_bytes(bytes(data))
    code, plain = site.restore(site.place / "copy", "--yes", trust=False)
    assert (code, plain["error"]["code"]) == (70, "restore.refuted")


def test_mark_and_trust_of_other_ledgers_are_refused(site: Site) -> None:
    other = site.place / "other"
    charter = replace(site.actors.CHARTER, origin="ledger.example/other")
    clock, entropy = SettableClock(site.actors.START), site.actors.CountedEntropy("x")
    found_ledger(other, charter, clock=clock, entropy=entropy)
    shutil.copy(other / "high-water", site.mark)
    assert site.why() == "restore.mark"
    site.keep_mark()
    words = ("--high-water", site.mark, "--trust", other / "trust.json", "--yes")
    code, plain = site.restore(site.log, *words, trust=False)
    assert (code, plain["error"]["code"]) == (3, "ledger.unknown")


def test_mark_that_contradicts_its_own_note_is_refused(site: Site) -> None:
    mark = HighWaterFile(site.mark).read()
    site.mark.unlink()
    create_high_water(site.mark, replace(mark, root=bytes(32)))
    assert site.why() in ("high-water.split", "restore.mark")
    site.mark.unlink()
    create_high_water(site.mark, replace(mark, size=mark.size + 1))
    assert site.why() == "restore.mark"


def test_nothing_is_guessed(site: Site) -> None:
    def why(*words: object, trust: bool = True) -> tuple[int, str]:
        code, plain = site.restore(site.log, "--yes", *words, trust=trust)
        return code, plain["error"]["code"]

    marked = ("--high-water", site.mark)
    assert why() == (2, "restore.mark-unnamed")
    assert why(*marked, trust=False) == (2, "restore.trust-unnamed")
    assert why("--high-water", site.place / "nowhere") == (4, "high-water.missing")
    assert why(*marked, "--keys", site.place / "nowhere") == (4, "restore.keys")
    assert why(*marked, "--database", "ledger.db") == (2, "restore.database")
    assert site.restore(site.place / "nowhere", "--yes")[1]["error"]["code"] == "restore.source"


def test_nothing_is_done_before_somebody_said_yes(site: Site) -> None:
    code, plain = site.restore(site.log, "--high-water", site.mark)
    assert (code, plain["error"]["code"]) == (2, "cli.confirm")
    assert "every other server" in plain["error"]["message"]


def test_directory_that_is_there_is_not_written_over(site: Site) -> None:
    site.anew.mkdir()
    (site.anew / "mine").touch()
    words = ("restore", str(site.log), str(site.anew), "--high-water", str(site.mark), "--yes")
    code, plain = site.run(*words, "--trust", str(site.ledger / "trust.json"))
    assert (code, plain["error"]["code"]) == (2, "ledger.exists")
    assert [path.name for path in site.anew.iterdir()] == ["mine"]


def test_keys_of_another_ledger_are_refused(site: Site) -> None:
    other = site.place / "other"
    clock, entropy = SettableClock(site.actors.START), site.actors.CountedEntropy("x")
    found_ledger(other, site.actors.CHARTER, clock=clock, entropy=entropy)
    assert site.why("--keys", other / "keys") == "registrar.no-key"


def test_root_keys_stay_where_they_are(site: Site) -> None:
    assert "root-1" in key_names(site.ledger / "keys")
    site.capsys.readouterr()
    words = ("restore", str(site.log), str(site.anew), "--high-water", str(site.mark), "--yes")
    trust = ("--trust", str(site.ledger / "trust.json"))
    clock = SettableClock(site.actors.START + 60)
    keys = ("--keys", str(site.ledger / "keys"))
    assert main([*words, *trust, *keys], Session(clock=clock)) == 0
    said = site.capsys.readouterr().err
    assert "Copied the server's keys: checkpoint, closing, label, receipt." in said
    assert "Not copied, for a server needs them never: root-1." in said
    assert key_names(site.anew / "keys") == ["checkpoint", "closing", "label", "receipt"]
    power.audit_clean(site.anew)


def test_copy_that_has_more_than_its_mark_is_signed_on(site: Site) -> None:
    shutil.copytree(site.ledger, site.place / "copy")
    shutil.rmtree(site.place / "copy" / "keys")
    before = SqliteStore(site.ledger / "ledger.db").size()
    site.grow()
    store = SqliteStore(site.ledger / "ledger.db")
    size = store.size()
    (site.place / "copy" / "ledger.db").unlink()
    store.backup(str(site.place / "copy" / "ledger.db"))
    store.close()
    words = ("--keys", site.ledger / "keys", "--yes")
    code, plain = site.restore(site.place / "copy", *words, trust=False)
    assert (code, plain["size"]) == (0, before)
    assert HighWaterFile(site.anew / "high-water").read().size == size
    power.audit_clean(site.anew)


def test_founding_continues_what_is_left_of_a_log(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ledger.statement import parse_statement

    monkeypatch.setenv("RINGMARK_PASSPHRASE", "the passphrase of a test")
    words = ("init", str(site.anew), "--origin", "ledger.example/two", "--host", "h.example")
    code, plain = site.run(*words, "--continues", str(site.log))
    assert code == 0, plain
    new, old = SqliteStore(site.anew / "ledger.db"), SqliteStore(site.ledger / "ledger.db")
    event: Any = parse_statement(new.raws(0, 1)[0]).event
    head = old.head()
    assert head is not None
    assert (event.continues.size, event.continues.root) == (head.size, head.root)
    new.close()
    old.close()
    (bundle,) = (path for path in site.log.glob("tile/entries/**/*") if path.is_file())
    raw = bundle.read_bytes()
    bundle.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    shutil.rmtree(site.anew)
    code, plain = site.run(*words, "--continues", str(site.log))
    assert (code, plain["error"]["code"]) == (70, "init.continues")
