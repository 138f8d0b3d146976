"""500 skins from a sheet to 498 accepted: at most six commands a side, and anyone can check it."""

from __future__ import annotations

from pathlib import Path

COMMANDS_MAX = 6


def test_five_hundred_skins_change_hands_in_few_commands(town) -> None:
    town.count = 0
    code = town.register_skins()
    offered = town.ok("farm", "transfer", "offer", code, "--to", "tannery")
    town.ok("farm", "transfer", "dispatch", "tannery", "--due", "3d")
    sent, town.count = town.count, 0

    pending = town.ok("tannery", "transfer", "pending")["offers"]
    assert [offer["id"] for offer in pending] == [offered["statement"]]
    short = f"{code}=ZW-2026-000017-NIL,ZW-2026-000203-NIL"
    accepted = town.ok("tannery", "transfer", "accept", "farm", "--short", short)
    received = town.count
    # Both sides made and enrolled a key before, and the farm registered its pens: three commands.
    assert sent + 3 <= COMMANDS_MAX
    assert received + 2 <= COMMANDS_MAX

    lot = town.ok("tannery", "lot", "show", code)["lot"]
    assert lot["holder"] == "tannery"
    assert lot["contents"][0]["quantity"] == 498
    missing = town.ok("farm", "lot", "show", accepted["lots"][0])["lot"]
    assert missing["holder"] == "farm"
    assert missing["contents"][0]["quantity"] == 2
    assert [f["rule"] for f in missing["findings"]] == ["transfer.short"]


def test_what_happened_is_proved_offline_and_audited(town, tmp_path: Path) -> None:
    code = town.register_skins()
    bundle = str(tmp_path / "lot.bundle")
    town.ok("farm", "export", "bundle", code, "--out", bundle)
    verdict = town.ok("maker", "verify", bundle, "--trust", str(town.trust))
    assert (verdict["outcome"], verdict["verdict"]) == ("verified", "consistent")
    assert {"checks", "findings"} <= set(verdict)
    report = town.ok("maker", "audit", "--trust", str(town.trust), "--deep")
    assert report["outcome"] == "verified"
    assert report["first_failure"] is None
    assert {"size", "root", "checks"} <= set(report)


def test_a_changed_bundle_exits_unequal_to_zero(town, tmp_path: Path) -> None:
    code = town.register_skins()
    bundle = tmp_path / "lot.bundle"
    town.ok("farm", "export", "bundle", code, "--out", str(bundle))
    body = bytearray(bundle.read_bytes())
    body[len(body) // 2] ^= 1
    bundle.write_bytes(body)
    ran = town.run("maker", "verify", str(bundle), "--trust", str(town.trust), "--json")
    assert ran.code in (1, 3)
    assert ran.json["ok"] is False
    assert ran.json["outcome"] != "verified"


def test_a_batch_is_verified_only_where_all_are(town, tmp_path: Path) -> None:
    code = town.register_skins()
    folder = tmp_path / "bundles"
    folder.mkdir()
    town.ok("farm", "export", "bundle", code, "--out", str(folder / "one.bundle"))
    words = ("verify", "--batch", str(folder), "--trust", str(town.trust))
    assert town.ok("maker", *words)["results"][0]["file"] == "one.bundle"
    (folder / "two.bundle").write_bytes(b"nothing")
    ran = town.run("maker", *words, "--json")
    assert ran.code != 0
    assert [row["outcome"] == "verified" for row in ran.json["results"]] == [True, False]


def test_age_changes_the_verdict_and_never_the_exit_code(town, tmp_path: Path) -> None:
    code = town.register_skins()
    card = str(tmp_path / "lot.card")
    town.ok("farm", "export", "card", code, "--out", card)
    later = "2027-06-01T00:00:00Z"
    ran = town.run("maker", "verify", card, "--trust", str(town.trust), "--now", later, "--json")
    assert ran.code == 0
    assert ran.json["verdict"] == "cannot-tell"


def test_lots_of_a_sheet_may_stand_alone(town) -> None:
    rows = "\n".join(
        f"Crocodylus niloticus;skins;1;pieces;R;ZW;2026;ZW-2026-{n:06d}-NIL" for n in range(1, 301)
    )
    sheet = town.write("each.csv", f"species;term;quantity;unit;source;origin;year;tag\n{rows}\n")
    words = ("lot", "register", "--from", sheet, "--basis", "bred", "--facility", "pens", "--each")
    done = town.ok("farm", *words, "--out", str(town.place / "lots.txt"))
    assert len(done["lots"]) == 300
    assert len(done["statements"]) == 2
    offered = town.ok("farm", "transfer", "offer", f"@{town.place / 'lots.txt'}", "--to", "tannery")
    assert offered["state"] == "registered"
    joined = town.write("joined.csv", f"species;term;quantity;unit;source;origin;year\n{SAME}")
    done = town.ok(
        "farm", "lot", "register", "--from", joined, "--basis", "bred", "--facility", "pens"
    )
    assert len(done["lots"]) == 1


SAME = (
    "Crocodylus niloticus;skins;2;pieces;R;ZW;2026\nCrocodylus niloticus;skins;3;pieces;R;ZW;2026\n"
)


def test_a_mark_alone_is_the_piece_that_bears_it(town) -> None:
    code = town.register_skins()
    done = town.ok("farm", "lot", "split", "ZW-2026-000017-NIL")
    lot = town.ok("farm", "lot", "show", done["lots"][0])["lot"]
    assert lot["parents"] == [code]
    assert lot["contents"][0]["quantity"] == 1


def test_a_dry_run_registers_nothing(town) -> None:
    code = town.register_skins()
    before = town.ok("farm", "checkpoint")["size"]
    ran = town.ok("farm", "lot", "split", f"{code}=ZW-2026-000001-NIL", "--dry-run")
    assert ran["would"] == "register"
    refused = town.run("tannery", "lot", "split", "ZW-2026-000001-NIL", "--dry-run", "--json")
    assert refused.code == 1
    assert refused.json["refused"]["rule"] == "custody.not-holder"
    assert town.ok("farm", "checkpoint")["size"] == before
    assert town.ok("farm", "outbox", "list")["entries"] == []


def test_the_label_that_came_back_prints_and_reads_again(town, tmp_path: Path) -> None:
    code = town.register_skins()
    picture = str(tmp_path / "label.png")
    card = str(tmp_path / "lot.card")
    town.ok("farm", "label", "create", code, "--out", picture)
    town.ok("farm", "export", "card", code, "--out", card)
    verdict = town.ok("maker", "label", "read", picture, "--card", card, "--trust", str(town.trust))
    assert verdict["verdict"] == "consistent"
