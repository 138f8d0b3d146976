"""Each error class once through the command line: its exit code, its JSON, its words."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from ledger.keys import KEY_FILE
from ledger.wire import cbor
from ledger.wire.frame import frame

NOWHERE = "http://127.0.0.1:1"


def refused(town):
    code = town.register_skins()
    return town.run("tannery", "lot", "retire", code, "--why", "lost", "--yes", "--json")


def untrue(town):
    town.unsealed.clear()
    os.environ["RINGMARK_PASSPHRASE"] = "another one"
    return town.run("farm", "key", "veto", "00" * 32, "--json")


def unusable(town):
    return town.run("farm", "hold", "--reason", "no lot was named", "--json")


def malformed(town):
    return town.run("farm", "lot", "show", "7K3M-9QXF-2WAB", "--json")


def undecided(town):
    town.unsealed.clear()
    file = town.home("farm") / "keys" / "farm.key"
    file.write_bytes(frame(KEY_FILE, 9, cbor.encode([])))
    return town.run("farm", "key", "veto", "00" * 32, "--json")


def missing(town):
    return town.run("farm", "lot", "show", "51PB-1X9S-FP3J", "--json")


def unavailable(town):
    town.ok("farm", "key", "create", "--name", "x", "--trust", str(town.trust), "--out", "x.json")
    return town.run("farm", "party", "list", "--json", ledger=NOWHERE)


def damaged(town):
    (town.home("farm") / "keys" / "farm.key").chmod(0o644)
    return town.run("farm", "doctor", "--json")


CASES = {
    "RefusedError": (refused, 1, "custody.not-holder"),
    "ProofError": (untrue, 1, "key.passphrase"),
    "UsageError": (unusable, 2, "cli.usage"),
    "MalformedError": (malformed, 3, "code.check"),
    "UndecidedError": (undecided, 3, "key.file-version"),
    "NotFoundError": (missing, 4, "lot.unknown"),
    "UnavailableError": (unavailable, 5, "remote.offline"),
    "DamagedError": (damaged, 70, "doctor.found"),
}


@pytest.mark.parametrize("name", CASES)
def test_each_class_has_its_exit_code_and_one_object(
    name: str, town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGMARK_PASSPHRASE", "the passphrase of a test")
    case: Callable
    case, exit_code, code = CASES[name]
    ran = case(town)
    assert ran.code == exit_code, ran.out
    plain = ran.json
    assert plain["ok"] is False
    assert plain["error"]["code"] == code
    assert plain["error"]["message"]
    assert set(plain["error"]) == {"code", "message", "hint", "params"}
    assert ("refused" in plain) is (name == "RefusedError")


def test_a_refusal_names_rule_message_and_hint(town) -> None:
    plain = refused(town).json
    assert plain["refused"]["rule"] == "custody.not-holder"
    assert plain["refused"]["message"] != "custody.not-holder"
    assert plain["refused"]["hint"]


def test_a_refusal_is_told_in_the_language_asked_for(town) -> None:
    code = town.register_skins()
    said = {
        lang: town.run(
            "tannery", "--lang", lang, "lot", "retire", code, "--why", "lost", "--yes", "--json"
        ).json["error"]["message"]
        for lang in ("en", "fr", "es")
    }
    assert len(set(said.values())) == 3


def test_a_fault_of_ours_is_70_and_still_one_object(town) -> None:
    code = town.register_skins()

    class Broken:
        def now_s(self) -> int:
            raise ValueError("the clock fell off the wall")

        def advance(self, seconds: int) -> None:
            pass

    town.clock = Broken()
    ran = town.run("farm", "lot", "split", f"{code}:1", "--json")
    assert ran.code == 70
    assert ran.json["error"]["code"] == "cli.fault"


def test_without_json_the_result_is_on_stdout_and_talk_on_stderr(town) -> None:
    ran = town.run("farm", "lot", "show", "51PB-1X9S-FP3J")
    assert ran.out == ""
    assert "lot.unknown" in ran.err


def test_an_unknown_command_is_answered_with_the_nearest(town) -> None:
    ran = town.run("farm", "tranfer", "pending", "--json")
    assert ran.code == 2
    assert "transfer" in ran.json["error"]["message"]
    ran = town.run("farm", "lot", "regster", "--json")
    assert "register" in ran.json["error"]["message"]


def test_who_cannot_be_asked_must_say_yes(town) -> None:
    code = town.register_skins()
    ran = town.run("farm", "lot", "retire", code, "--why", "lost", "--json")
    assert ran.code == 2
    assert ran.json["error"]["code"] == "cli.confirm"


def test_a_ledger_that_stood_still_asks_whether_the_clock_is_right(town) -> None:
    town.clock.advance(3 * 86_400)
    words = ("facility", "register", "shed", "--kind", "ranch", "--country", "ZW")
    ran = town.run("farm", *words, "--json")
    assert ran.code == 5
    assert ran.json["error"]["code"] == "clock.ahead"
    assert town.ok("farm", "outbox", "push", "--clock-ok")["entries"][0]["state"] == "registered"


def test_a_group_without_a_command_is_usage(town) -> None:
    assert town.run("farm", "lot", "--json").json["error"]["code"] == "cli.usage"
    ran = town.run("farm", "lot")
    assert (ran.code, ran.out) == (2, "")
    assert "register" in ran.err


def test_a_code_that_nobody_registered_is_no_lot(town) -> None:
    ran = town.run("farm", "lot", "show", "51PB-1X9S-FP3J", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (4, "lot.unknown")
