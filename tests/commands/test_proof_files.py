"""The statement that a `.tlog-proof` is about: beside it, named, or not here."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def exported(town: Any, folder: Path) -> Path:
    """Write the proof of a statement into a folder, the statement beside it; return the proof."""
    words = ("facility", "register", "shed", "--kind", "ranch", "--country", "ZW")
    statement = town.ok("farm", *words)["statement"]
    folder.mkdir()
    proof = folder / "shed.tlog-proof"
    town.ok("farm", "export", "tlog-proof", statement, "--out", str(proof))
    return proof


def test_statement_beside_its_proof_is_found(town: Any, tmp_path: Path) -> None:
    proof = exported(town, tmp_path / "proofs")
    assert town.ok("farm", "verify", str(proof))["reason"] == "statement.included"
    (row,) = town.ok("farm", "verify", "--batch", str(proof.parent))["results"]
    assert (row["file"], row["outcome"]) == ("shed.tlog-proof", "verified")


def test_statement_that_is_not_here_is_asked_for(town: Any, tmp_path: Path) -> None:
    proof = exported(town, tmp_path / "proofs")
    elsewhere = proof.with_suffix(".cose").rename(tmp_path / "elsewhere.cose")
    ran = town.run("farm", "verify", str(proof), "--json")
    assert (ran.code, ran.json["reason"]) == (3, "file.statement")
    assert "--statement" in ran.json["next"]
    named = town.ok("farm", "verify", str(proof), "--statement", str(elsewhere))
    assert named["outcome"] == "verified"


def test_another_statement_beside_a_proof_refutes_it(town: Any, tmp_path: Path) -> None:
    proof = exported(town, tmp_path / "proofs")
    beside = proof.with_suffix(".cose")
    raw = bytearray(beside.read_bytes())
    raw[-1] ^= 1
    beside.write_bytes(raw)
    ran = town.run("farm", "verify", str(proof), "--json")
    assert (ran.code, ran.json["outcome"]) == (1, "refuted")
    (row,) = town.run("farm", "verify", "--batch", str(proof.parent), "--json").json["results"]
    assert row["outcome"] == "refuted"


def test_what_is_larger_than_any_proof_is_not_read_and_keeps_no_other_back(
    town, tmp_path: Path
) -> None:
    code = town.register_skins()
    folder = tmp_path / "handed"
    folder.mkdir()
    town.ok("farm", "export", "card", code, "--out", str(folder / "b.card"))
    with (folder / "a.card").open("wb") as huge:
        # A file with a hole: it takes no room on the disk, and would fill the memory.
        huge.truncate(1 << 40)
    ran = town.run("farm", "verify", "--batch", str(folder), "--trust", str(town.trust), "--json")
    assert ran.code == 3
    first, second = ran.json["results"]
    assert (first["outcome"], first["error"]["code"]) == ("undecided", "file.size")
    assert second["outcome"] == "verified"


def test_a_statement_that_is_too_long_is_not_read_whole(town, tmp_path: Path) -> None:
    done = town.ok("farm", "facility", "register", "store", "--kind", "store", "--country", "ZW")
    proof, statement = tmp_path / "x.tlog-proof", tmp_path / "huge.cose"
    town.ok("farm", "export", "tlog-proof", done["statement"], "--out", str(proof))
    with statement.open("wb") as huge:
        huge.truncate(1 << 40)
    words = ("--statement", str(statement), "--trust", str(town.trust), "--json")
    ran = town.run("farm", "verify", str(proof), *words)
    # As any other bytes than those that the proof is about.
    assert (ran.code, ran.json["outcome"]) == (1, "refuted")
