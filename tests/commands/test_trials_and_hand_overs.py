"""A trial leaves nothing behind, and a key is handed over even where the answer is lost."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

NOWHERE = "http://127.0.0.1:1"


def files(place: Path) -> dict[str, bytes]:
    return {str(f): f.read_bytes() for f in sorted(place.rglob("*")) if f.is_file()}


@pytest.mark.parametrize("words", [("key", "rotate"), ("key", "add", "phone")])
def test_a_dry_run_makes_no_key(town, words: tuple[str, ...]) -> None:
    town.ok("farm", "key", "list")
    before = files(town.home("farm"))
    done = town.ok("farm", *words, "--dry-run")
    assert done["would"] == "register"
    assert files(town.home("farm")) == before


@pytest.mark.parametrize(
    ("party", "words"),
    [("farm", ("key", "rotate")), ("root", ("registrar", "rotate", "label"))],
)
def test_a_no_leaves_nothing_behind(town, party: str, words: tuple[str, ...]) -> None:
    town.ok(party, "key", "list")
    before = files(town.home(party)), files(town.ledger / "keys")
    assert town.run(party, *words, "--json").json["error"]["code"] == "cli.confirm"
    assert (files(town.home(party)), files(town.ledger / "keys")) == before
    done = town.ok(party, *words, "--yes")
    assert done["key"]
    assert (files(town.home(party)), files(town.ledger / "keys")) != before


def test_a_key_that_is_handed_over_offline_signs_from_then_on(town) -> None:
    home = town.home("farm")
    (home / "trust.json").write_bytes(town.trust.read_bytes())
    code = town.register_skins()
    ran = town.run("farm", "key", "rotate", "--yes", "--json", ledger=NOWHERE)
    assert ran.code == 5
    town.ok("farm", "lot", "split", f"{code}=ZW-2026-000001-NIL", "--queue", ledger=NOWHERE)
    pushed = town.ok("farm", "outbox", "push")["entries"]
    assert [entry["state"] for entry in pushed] == ["registered"] * 2


def test_a_batch_of_nothing_is_not_verified(town, tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        ran = town.run("farm", "verify", "--batch", str(folder), "--json")
        assert (ran.code, ran.json["ok"]) == (4, False)
        assert ran.json["error"]["code"] == "cli.file-missing"
        assert str(folder) in ran.json["error"]["message"]


def test_a_batch_goes_on_after_what_is_no_proof(town, tmp_path: Path) -> None:
    code = town.register_skins()
    town.ok("farm", "export", "card", code, "--out", str(tmp_path / "a.card"))
    (tmp_path / "b.card").write_bytes(b"")
    (tmp_path / "c.card").write_bytes(b"\xff" * 100)
    town.ok("farm", "export", "card", code, "--out", str(tmp_path / "d.card"))
    ran = town.run("farm", "verify", "--batch", str(tmp_path), "--json")
    assert ran.code != 0
    assert [row["outcome"] == "verified" for row in ran.json["results"]] == [1, 0, 0, 1]


def test_a_label_is_no_picture_of_another_kind(town, tmp_path: Path) -> None:
    code = town.register_skins()
    out = tmp_path / "label.jpg"
    ran = town.run("farm", "label", "create", code, "--out", str(out), "--json")
    assert (ran.code, ran.json["error"]["code"]) == (2, "label.kind")
    assert not out.exists()


def test_a_home_that_is_root_founds_no_second_ledger(town, tmp_path: Path) -> None:
    before = files(town.home("root"))
    words = ("init", str(tmp_path / "two"), "--origin", "two.example", "--host", "two.example")
    ran = town.run("root", *words, "--json")
    assert (ran.code, ran.json["error"]["code"]) == (2, "init.root-taken")
    assert str(town.home("root")) in ran.json["error"]["message"]
    assert "its ledger is" in ran.json["error"]["message"]
    assert "--home" in ran.json["error"]["hint"]
    assert files(town.home("root")) == before
    assert not (tmp_path / "two").exists()
    town.ok("root", "registrar", "rotate", "label", "--yes")
    town.ok("another", *words, ledger=str(tmp_path / "two"))


def test_a_refused_rotation_leaves_no_key_and_nothing_to_sign_again(town) -> None:
    before = files(town.ledger / "keys")
    ran = town.run("parks", "registrar", "rotate", "closing", "--yes", "--json")
    assert ran.code == 1
    assert "registrar rotate closing" in ran.json["error"]["hint"]
    assert files(town.ledger / "keys") == before
    assert town.ok("parks", "outbox", "list")["entries"] == []
    place = str(ran.json["error"]["params"]["place"])
    assert town.run("parks", "outbox", "fix", place, "--json").json["error"]["code"] == (
        "outbox.not-open"
    )
    assert town.ok("root", "registrar", "rotate", "closing", "--yes")["key"] == "closing-2"
    town.register_skins()


def test_a_rotation_that_nobody_answered_keeps_its_key(town, tmp_path: Path) -> None:
    before = files(town.ledger / "keys")
    with (town.ledger / "lock").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        ran = town.run("root", "registrar", "rotate", "label", "--yes", "--json")
    assert ran.code == 5
    assert files(town.ledger / "keys").keys() - before.keys() == {
        str(town.ledger / "keys" / "label-2.plain-key")
    }
    assert town.ok("root", "outbox", "push")["entries"][0]["state"] == "registered"
    assert town.register_skins()


def test_a_founding_that_is_refused_leaves_no_key(town, tmp_path: Path) -> None:
    place = tmp_path / "two"
    words = ("init", str(place), "--host", "two.example", "--origin")
    ran = town.run("founder", *words, "https://two.example", "--json")
    assert ran.json["error"]["code"] == "founding.malformed"
    assert not list((town.home("founder") / "keys").glob("*.key"))
    assert not place.exists()
    key = town.ok("founder", *words, "two.example")["root_key"]
    assert [file.stem for file in (town.home("founder") / "keys").glob("*.key")] == [key]
