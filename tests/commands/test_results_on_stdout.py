"""A file that goes to stdout has it alone: results go to stderr, and --json is refused."""

from __future__ import annotations

import pytest

GOODS = (
    *("--taxon", "Crocodylus niloticus", "--term", "SKI", "--quantity", "3", "--source", "R"),
    *("--origin", "ZW", "--year", "2026", "--basis", "bred", "--facility", "pens"),
)
COMMANDS = {
    "bundle": ("export", "bundle", "{code}", "--out", "-"),
    "card": ("export", "card", "{code}", "--out", "-"),
    "proof": ("export", "tlog-proof", "{statement}", "--out", "-"),
    "receipt": ("export", "receipt", "{statement}", "--out", "-"),
    "label": ("label", "create", "{code}", "--out", "-"),
    "register": ("lot", "register", *GOODS, "--out", "-"),
    "findings": ("finding", "list", "--csv", "-"),
    "outbox": ("outbox", "export", "-"),
}


@pytest.fixture
def words(town, request: pytest.FixtureRequest) -> list[str]:
    code = town.register_skins()
    (birth,) = town.ok("farm", "lot", "history", code)["history"]
    facts = {"code": code, "statement": birth["id"]}
    return [word.format(**facts) for word in COMMANDS[request.param]]


@pytest.mark.parametrize("words", COMMANDS, indirect=True)
def test_a_file_and_json_do_not_share_stdout(town, words: list[str]) -> None:
    before = town.ok("farm", "lot", "list")["lots"]
    ran = town.run("farm", *words, "--json")
    assert ran.code == 2
    assert ran.json["error"]["code"] == "cli.two-outputs"
    # Refused before anything was done: no lot was registered.
    assert town.ok("farm", "lot", "list")["lots"] == before


@pytest.mark.parametrize(
    ("words", "first"),
    [("proof", "c2sp.org/tlog-proof@v1"), ("label", "<?xml"), ("findings", "severity")],
    indirect=["words"],
)
def test_a_file_on_stdout_stands_alone(
    town, words: list[str], first: str, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = town.run("farm", *words)
    assert ran.code == 0, ran.err
    assert ran.out.lstrip("\ufeff").startswith(first), ran.out[:80]
    assert " in -" not in ran.out


def test_codes_can_be_piped(town) -> None:
    ran = town.run("farm", "lot", "register", *GOODS, "--out", "-", "--yes")
    assert ran.code == 0, ran.err
    (code,) = ran.out.split()
    assert [row["code"] for row in town.ok("farm", "lot", "list")["lots"]] == [code]
    assert "registered" in ran.err
