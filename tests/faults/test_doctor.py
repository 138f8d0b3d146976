"""What the doctor says of each way in which a ledger's folder goes wrong, and how it exits."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from test_damaged_rows import change

from cli.context import Session
from cli.main import main
from ledger import keys
from ledger.ambient import SettableClock
from ledger.block import MemoryBase
from ledger.diagnosing import diagnose
from ledger.errors import UnavailableError
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.reference.tables import load_tables
from ledger.registrar.inspecting import inspect_deep
from ledger.storage.highwater import HighWaterFile
from ledger.storage.sqlite import SqliteStore
from ledger.wiring import found_ledger, load_signers, open_ledger

HOUR_S = 3_600


@dataclass
class Patient:
    """A ledger's folder, a copy of it that is two blocks older, and the time of its last block."""

    place: Path
    old: Path
    at: int
    actors: Any

    def restore(self, *names: str) -> None:
        for name in names:
            shutil.copy(self.old / name, self.place / name)

    def serve(self, copy: Path) -> None:
        world, opened = self.actors.open_world(self.place, copy=copy)
        world.submit(world.birth())
        opened.close()


@pytest.fixture
def patient(actors: Any, directory: Path, tmp_path: Path) -> Patient:
    shutil.copytree(directory, tmp_path / "old")
    world, opened = actors.open_world(directory)
    world.submit(world.birth())
    world.submit(world.birth())
    opened.close()
    (directory / "keys" / "root-1.plain-key").unlink()
    return Patient(directory, tmp_path / "old", world.clock.now_s(), actors)


def other_database(patient: Patient) -> None:
    other = patient.old / "other"
    found_ledger(other, patient.actors.CHARTER, clock=SettableClock(patient.at),
                 entropy=patient.actors.CountedEntropy("x"))  # fmt: skip
    opened = open_ledger(other, clock=SettableClock(patient.at))
    for _ in range(20):
        opened.registrar.heartbeat()
    opened.close()
    shutil.copy(other / "ledger.db", patient.place / "ledger.db")


def given_away(patient: Patient) -> None:
    if os.geteuid() and not os.environ.get("CI"):
        pytest.skip("giving a file to another user needs to be root")
    os.chown(patient.place / "ledger.db", 12_345, -1)


def other_trust(patient: Patient) -> None:
    other = patient.old / "other"
    found_ledger(other, patient.actors.CHARTER, clock=SettableClock(patient.at),
                 entropy=patient.actors.CountedEntropy("x"))  # fmt: skip
    shutil.copy(other / "trust.json", patient.place / "trust.json")


def row_after_the_end(patient: Patient) -> None:
    change(
        patient.place,
        "INSERT INTO leaves SELECT leaf + 1, zeroblob(32), randomblob(32), kid, NULL, party, type, "
        "raw FROM leaves ORDER BY leaf DESC LIMIT 1",
    )


def broken_mark(patient: Patient) -> None:
    (patient.place / "high-water").write_bytes(bytes(8_192))


def two_histories(patient: Patient) -> None:
    mark = HighWaterFile(patient.place / "high-water")
    size = mark.read().size
    mark.close()
    (signer,) = [one for one in load_signers(patient.place, passphrase=None).values()
                 if isinstance(one, keys.PrivateKey)][1:2]  # fmt: skip
    origin = patient.actors.CHARTER.origin
    note = sign_checkpoint(Checkpoint(origin, size, bytes(32)), signer=signer, name=origin)
    (patient.place / "checkpoint").write_bytes(note)


def signed_by_nobody(patient: Patient) -> None:
    place = patient.place / "checkpoint"
    text, _, line = place.read_text(encoding="utf-8").rpartition(" ")
    place.write_text(f"{text} {line[:8]}{'A' * 83}{line[91:]}", encoding="utf-8")


def cut_off(patient: Patient) -> None:
    """The last page of the database ends early, as on a disk that filled while it was copied."""
    place = patient.place / "ledger.db"
    os.truncate(place, place.stat().st_size - 1_000)


def other_version(patient: Patient) -> None:
    connection = sqlite3.connect(patient.place / "ledger.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()


def mark_is_a_folder(patient: Patient) -> None:
    (patient.place / "high-water").unlink()
    (patient.place / "high-water").mkdir(mode=0o700)


def left_copy(patient: Patient) -> None:
    patient.serve(patient.old / "copy")
    shutil.rmtree(patient.old / "copy")


def copy_left_behind(patient: Patient) -> None:
    patient.serve(patient.old / "copy")
    world, opened = patient.actors.open_world(patient.place)
    world.submit(world.birth())
    opened.close()


def newer_copy(patient: Patient) -> None:
    patient.serve(patient.old / "copy")
    patient.restore("ledger.db", "high-water", "checkpoint")


CASES: dict[str, tuple[Callable[[Patient], Any], str, str, str, int]] = {
    # what happened: how, which check says it, its outcome, its code, the exit code
    "nothing": (lambda p: p.serve(p.old / "copy"), "copy", "passed", "", 0),
    "an old database": (lambda p: p.restore("ledger.db"),
                        "history", "failed", "store.behind-mark", 70),
    "another ledger's database": (other_database, "history", "failed", "store.other-root", 70),
    "rows after the last closing": (row_after_the_end,
                                    "history", "failed", "store.rows-after-closing", 70),
    "an old mark": (lambda p: p.restore("high-water"), "history", "failed", "high-water.old", 70),
    "two histories": (two_histories, "history", "failed", "high-water.split", 70),
    "a changed leaf": (lambda p: change(p.place, "UPDATE leaves SET raw = x'00' WHERE leaf = 4"),
                       "stored", "failed", "store.inspected", 70),
    "a changed record": (
        lambda p: change(p.place, "UPDATE records SET record = x'a0' WHERE kind = 'lot'"),
        "stored", "failed", "store.inspected", 70),
    "a record of no closing": (
        lambda p: change(p.place, "UPDATE records SET hash = zeroblob(32) WHERE kind = 'lot'"),
        "history", "failed", "store.records", 70),
    "a changed key": (lambda p: change(p.place, "UPDATE keys SET owner = 'nobody'"),
                      "history", "failed", "store.derived", 70),
    "a changed holding": (lambda p: change(p.place, "UPDATE held SET party = 'maker-b'"),
                          "stored", "failed", "store.inspected", 70),
    "no database": (lambda p: (p.place / "ledger.db").unlink(),
                    "database", "failed", "store.missing", 4),
    "no mark": (lambda p: (p.place / "high-water").unlink(),
                "mark", "failed", "high-water.missing", 4),
    "a broken mark": (broken_mark, "history", "failed", "high-water.damaged", 70),
    "a mark beside the database": (lambda p: None, "mark", "advice", "high-water.weak", 0),
    "keys that others read": (
        lambda p: (p.place / "keys" / "closing.plain-key").chmod(0o644),
        "files", "failed", "files.open", 70),
    "a database for reading alone": (lambda p: (p.place / "ledger.db").chmod(0o400),
                                     "files", "failed", "files.read-only", 5),
    "no closing key": (lambda p: (p.place / "keys" / "closing.plain-key").unlink(),
                       "signers", "failed", "registrar.no-key", 5),
    "another closing key": (
        lambda p: shutil.copy(
            p.place / "keys" / "label.plain-key", p.place / "keys" / "closing.plain-key"
        ),
        "history", "failed", "registrar.other-key", 5),
    "a closing key that is none": (
        lambda p: (p.place / "keys" / "closing.plain-key").write_bytes(b"\x9f"),
        "history", "failed", "key.file", 70),
    "no label key": (lambda p: (p.place / "keys" / "label.plain-key").unlink(),
                     "signers", "advice", "keys.lacking", 0),
    "files of another user": (given_away,
                              "files", "failed", "files.owner", 5),
    "no trust file": (lambda p: (p.place / "trust.json").unlink(),
                      "database", "failed", "ledger.no-trust", 4),
    "a broken trust file": (lambda p: (p.place / "trust.json").write_text("{"),
                            "keyring", "failed", "trust.damaged", 70),
    "another ledger's trust file": (other_trust, "keyring", "failed", "ledger.unknown", 70),
    "a checkpoint that is none": (lambda p: (p.place / "checkpoint").write_text("none"),
                                  "history", "failed", "checkpoint.damaged", 70),
    "a checkpoint that nobody signed": (signed_by_nobody,
                                        "keyring", "failed", "checkpoint.damaged", 70),
    "a trust file that is no text": (
        lambda p: (p.place / "trust.json").write_bytes(b"\xff\x00"),
        "database", "failed", "trust.damaged", 70),
    "a second copy that is no text": (
        lambda p: (p.place / "second-copy").write_bytes(b"\xff\x00"),
        "copy", "advice", "copy.away", 0),
    "no head": (lambda p: change(p.place, "DELETE FROM head"),
                "history", "failed", "store.rows-after-closing", 70),
    "a database of another version": (other_version, "database", "failed", "store.schema", 70),
    "text for a database": (lambda p: (p.place / "ledger.db").write_text("none" * 2_000),
                            "database", "failed", "store.unreadable", 70),
    "a database cut off": (cut_off, "database", "failed", "store.unreadable", 70),
    "a folder for a mark": (mark_is_a_folder, "mark", "failed", "files.refused", 5),
    "an empty database": (lambda p: (p.place / "ledger.db").write_bytes(b""),
                          "database", "failed", "store.unreadable", 70),
    "a root key beside": (
        lambda p: shutil.copy(p.old / "keys" / "root-1.plain-key", p.place / "keys"),
        "signers", "advice", "keys.root", 0),
    "no second copy": (lambda p: None, "copy", "advice", "copy.none", 0),
    "a copy that went away": (left_copy, "copy", "advice", "copy.away", 0),
    "a copy left behind": (copy_left_behind, "copy", "advice", "copy.behind", 0),
    "a newer copy": (newer_copy, "copy", "failed", "copy.ahead", 70),
}  # fmt: skip


def visit(patient: Patient, capsys: Any, *words: str, at: int | None = None) -> Any:
    """Run the command; return its exit code and its checks by name."""
    session = Session(clock=SettableClock(patient.at if at is None else at))
    place = ["--home", str(patient.old / "home"), "--ledger", str(patient.place)]
    code = main([*place, "doctor", "--json", *words], session)
    plain = json.loads(capsys.readouterr().out)
    assert plain["ok"] is (code == 0)
    return code, {row["name"]: row for row in plain["checks"]}, plain


@pytest.mark.parametrize("case", CASES)
def test_doctor_says_what_is_wrong_and_what_to_do(
    case: str, patient: Patient, capsys: Any, project_root: Path
) -> None:
    harm, name, outcome, code, exit_code = CASES[case]
    harm(patient)
    found, rows, plain = visit(patient, capsys, "--deep")
    assert (rows[name]["outcome"], rows[name]["code"]) == (outcome, code), rows
    assert found == exit_code, rows
    if outcome != "passed":
        assert len(rows[name]["detail"]) > 20
        assert rows[name]["hint"]
        page = (project_root / "docs/operations.md").read_text(encoding="utf-8")
        assert f"| `{code}` |" in page
    if exit_code:
        codes = {70: "doctor.found", 5: "doctor.later", 4: "doctor.missing"}
        assert plain["error"]["code"] == codes[exit_code]


@pytest.mark.parametrize(
    ("seconds", "words", "exit_code", "code"),
    [
        (-600, (), 0, ""),
        (-601, (), 5, "clock.behind"),
        (-601, ("--clock-ok",), 5, "clock.behind"),
        (24 * HOUR_S, (), 0, ""),
        (24 * HOUR_S + 1, (), 5, "clock.ahead"),
        (24 * HOUR_S + 1, ("--clock-ok",), 0, ""),
    ],
)
def test_doctor_looks_at_the_clock(
    patient: Patient, capsys: Any, seconds: int, words: tuple[str, ...], exit_code: int, code: str
) -> None:
    found, rows, _ = visit(patient, capsys, *words, at=patient.at + seconds)
    assert (found, rows["clock"]["code"]) == (exit_code, code)


@pytest.mark.parametrize(
    ("version", "outcome"),
    [((3, 6, 23), "passed"), ((3, 7, 0), "advice"), ((3, 51, 2), "advice"), ((3, 51, 3), "passed")],
)
def test_doctor_knows_the_wal_reset_bug(
    patient: Patient, version: tuple[int, int, int], outcome: str
) -> None:
    found = diagnose(patient.place, clock=SettableClock(patient.at), sqlite_version=version)
    (row,) = [one for one in found if one.name == "sqlite"]
    assert row.outcome == outcome
    assert ".".join(map(str, version)) in row.detail


def test_doctor_sees_a_disk_that_fills(patient: Patient, capsys: Any, small_disk: Path) -> None:
    place = small_disk / "ledger"
    shutil.copytree(patient.place, place)
    patient.place = place
    code, rows, _ = visit(patient, capsys)
    assert (code, rows["room"]["code"]) == (0, "disk.low")
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(place).free - (1 << 20)))
    code, rows, _ = visit(patient, capsys)
    assert (code, rows["room"]["code"]) == (5, "store.full")
    ballast.unlink()


def test_mark_on_another_disk_is_not_weak(patient: Patient, capsys: Any, small_disk: Path) -> None:
    shutil.move(patient.place / "high-water", small_disk / "high-water")
    (patient.place / "high-water").symlink_to(small_disk / "high-water")
    code, rows, _ = visit(patient, capsys)
    assert (code, rows["mark"]["outcome"]) == (0, "passed")


def test_doctor_rebuilds_what_it_found_damaged(patient: Patient, capsys: Any) -> None:
    change(patient.place, "UPDATE held SET party = 'maker-b'")
    assert visit(patient, capsys, "--deep")[0] == 70
    code, rows, _ = visit(patient, capsys, "--rebuild", "--deep")
    assert (code, rows["rebuilt"]["outcome"], rows["stored"]["outcome"]) == (0, "passed", "passed")


def test_doctor_changes_nothing(patient: Patient, capsys: Any) -> None:
    store = SqliteStore(patient.place / "ledger.db")
    before = store.dump(), (patient.place / "high-water").read_bytes()
    visit(patient, capsys, "--deep")
    assert (store.dump(), (patient.place / "high-water").read_bytes()) == before
    store.close()


def test_people_read_what_to_do_beneath_each_fault(patient: Patient, capsys: Any) -> None:
    (patient.place / "high-water").unlink()
    place = ["--home", str(patient.old / "home"), "--ledger", str(patient.place)]
    assert main([*place, "doctor"], Session(clock=SettableClock(patient.at))) == 4
    lines = capsys.readouterr().out.splitlines()
    (number,) = [n for n, line in enumerate(lines) if line.startswith("failed  mark")]
    assert "--high-water" in lines[number + 1]


def test_what_several_checks_found_alike_is_said_once(patient: Patient, capsys: Any) -> None:
    (patient.place / "trust.json").unlink()
    place = ["--home", str(patient.old / "home"), "--ledger", str(patient.place)]
    assert main([*place, "doctor"], Session(clock=SettableClock(patient.at))) == 4
    said = capsys.readouterr().out
    assert said.count("has lost its trust.json") == 1
    assert "trust, outbox, ledger, readers, database" in said


def test_all_files_that_others_read_are_named_at_once(patient: Patient, capsys: Any) -> None:
    paths = [patient.place / "ledger.db", patient.place / "keys" / "closing.plain-key"]
    for path in paths:
        path.chmod(0o644)
    _, rows, _ = visit(patient, capsys)
    assert all(str(path) in rows["files"]["hint"] for path in paths)


def test_audit_of_tables_that_moved_on_is_to_be_made_again(patient: Patient) -> None:
    store = SqliteStore(patient.place / "ledger.db")
    base = MemoryBase(ledger=bytes(32), tables=load_tables())
    with pytest.raises(UnavailableError) as caught:
        next(inspect_deep(store, 3, base))
    assert caught.value.code == "records.moving"
    store.close()


def test_folder_that_the_system_refuses(patient: Patient, capsys: Any) -> None:
    shutil.rmtree(patient.place / "keys")
    (patient.place / "lock").unlink()
    (patient.place / "lock").symlink_to("lock")
    code, rows, _ = visit(patient, capsys)
    assert (code, rows["files"]["code"]) == (5, "files.refused"), rows


def test_file_that_was_named_as_a_ledger(patient: Patient, capsys: Any) -> None:
    place = ["--home", str(patient.old / "home"), "--ledger", str(patient.place / "ledger.db")]
    assert main([*place, "doctor", "--json"], Session(clock=SettableClock(patient.at))) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "cli.ledger-file"


def test_desk_leaves_open_what_is_asked_of_a_ledger(tmp_path: Path, capsys: Any) -> None:
    place = ["--home", str(tmp_path / "home")]
    assert main([*place, "doctor", "--json"], Session(clock=SettableClock(0))) == 4
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["checks"]}
    assert (rows["readers"]["outcome"], rows["readers"]["code"]) == ("open", "cli.ledger-missing")
    assert (rows["trust"]["outcome"], rows["trust"]["code"]) == ("failed", "cli.trust-missing")
