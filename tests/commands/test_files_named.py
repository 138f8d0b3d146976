"""A file that is not what it should be: which one, what is wrong with it, what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli.typed import lot_names
from ledger.errors import MalformedError

FILES = {
    "empty": b"",
    "noise": bytes(range(256)),
    "words": b"hello, world\n",
    "list": b"[1, 2]\n",
    "utf16": '{"type": "LotRetired"}'.encode("utf-16"),
}
COMMANDS = {
    "verify": ("verify", "lot.card", "--trust", "{}"),
    "audit": ("audit", "--trust", "{}"),
    "audit-remember": ("audit", "--remember", "{}"),
    "key-create": ("key", "create", "--name", "other", "--trust", "{}"),
    "key-add": ("key", "add", "phone", "--request", "{}"),
    "key-recover": ("key", "recover", "{}"),
    "party-enrol": ("party", "enrol", "{}", "--country", "ZW", "--role", "farm"),
    "root-change": ("root", "change", "{}", "--threshold", "1"),
    "statement-sign": ("statement", "sign", "{}"),
    "statement-decode": ("statement", "decode", "{}"),
    "statement-append": ("statement", "append", "{}"),
    "disclosure-check": ("disclosure", "check", "aGk=", "{}"),
    "outbox-import": ("outbox", "import", "{}"),
    "lot-register": ("lot", "register", "--basis", "bred", "--from", "{}"),
    "document-issue": ("document", "issue", "ZW/EXPORT/1", "--from", "{}"),
    "label-read": ("label", "read", "{}"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_file_that_is_something_else_is_named(town: Any, name: str) -> None:
    words = COMMANDS[name]
    for kind, body in FILES.items():
        place = town.place / f"{kind}.file"
        place.write_bytes(body)
        error = town.run("farm", *(word.format(place) for word in words), "--json").json["error"]
        assert str(place) in error["message"], (kind, error)
        assert error["hint"], (kind, error)
        assert "codec" not in error["message"], (kind, error)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_folder_in_place_of_a_file_is_named(town: Any, name: str) -> None:
    words = tuple(word.format(town.place) for word in COMMANDS[name])
    ran = town.run("farm", *words, "--json")
    error = ran.json["error"]
    assert (ran.code, error["code"]) == (4, "cli.file-missing")
    assert str(town.place) in error["message"]


@pytest.mark.parametrize(
    "body", [b'{"lots": 5}', b'{"lots": [{"code": "1"}]}', b"{}", b'{"lots": [', b"\x89PNG"]
)
def test_a_list_of_lots_that_is_none_is_named(tmp_path: Path, body: bytes) -> None:
    place = tmp_path / "lots.txt"
    place.write_bytes(body)
    with pytest.raises(MalformedError) as caught:
        lot_names([f"@{place}"])
    assert str(place) in caught.value.message
    assert caught.value.hint


def test_a_passphrase_that_is_not_open_is_named(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    code = town.register_skins()
    town.unsealed.clear()
    monkeypatch.delenv("RINGMARK_PASSPHRASE")
    ran = town.run("farm", "--passphrase-fd", "99", "lot", "split", f"{code}:1", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (2, "cli.passphrase-fd")
    assert "99" in ran.json["error"]["message"]


def test_a_passphrase_is_read_from_an_open_file(town: Any, tmp_path: Path) -> None:
    code = town.register_skins()
    town.unsealed.clear()
    place = tmp_path / "passphrase.txt"
    place.write_text("the passphrase of a test\nmore\n", encoding="utf-8")
    with place.open("rb") as file:
        words = ("lot", "split", f"{code}=ZW-2026-000001-NIL")
        town.ok("farm", "--passphrase-fd", str(file.fileno()), *words)


def test_letters_that_are_no_utf8_are_named(town: Any) -> None:
    outline = town.place / "block.geojson"
    outline.write_bytes(b"\xff\xfe")
    words = ("facility", "register", "block", "--kind", "plot", "--country", "ZW")
    ran = town.run("farm", *words, "--outline", str(outline), "--json")
    assert (ran.code, ran.json["error"]["code"]) == (3, "cli.text")
    assert str(outline) in ran.json["error"]["message"]


def test_a_file_is_no_ledger(town: Any) -> None:
    place = town.place / "words.txt"
    place.write_text("hello, world\n", encoding="utf-8")
    ran = town.run("farm", "audit", str(place), "--json")
    assert (ran.code, ran.json["error"]["code"]) == (3, "audit.source")
    ran = town.run("farm", "lot", "list", "--json", ledger=str(place))
    assert (ran.code, ran.json["error"]["code"]) == (2, "cli.ledger-file")
    ran = town.run("farm", "audit", "ftp://ledger.example", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (2, "remote.address")


def test_what_can_be_no_party_and_no_part_is_refused_before_it_is_signed(town: Any) -> None:
    code = town.register_skins()
    before = town.ok("farm", "outbox", "list", "--all")["entries"]
    offer = ("transfer", "offer")
    ran = town.run("farm", *offer, code, "--to", "Bad Name", "--json")
    assert ran.json["error"]["code"] == "text.party"
    ran = town.run("farm", *offer, f"{code}:0", "--to", "tannery", "--json")
    assert ran.json["error"]["code"] == "desk.nothing"
    assert town.ok("farm", "outbox", "list", "--all")["entries"] == before


def test_what_is_larger_than_any_proof_is_not_read(town, tmp_path: Path) -> None:
    # Given a file with a hole in it: a database, a picture of a disk
    large = tmp_path / "disk.image"
    with large.open("wb") as file:
        file.truncate(300 << 20)
    ran = town.run("farm", "verify", str(large), "--json")
    assert (ran.code, ran.json["error"]["code"]) == (3, "file.size")
    assert str(large) in ran.json["error"]["message"]
    batch = town.run("farm", "verify", "--batch", str(tmp_path), "--json")
    assert [row["outcome"] for row in batch.json["results"]] == ["undecided"]
