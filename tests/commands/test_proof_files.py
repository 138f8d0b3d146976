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
