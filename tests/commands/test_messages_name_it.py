"""What was typed wrong is named, with what to do; it never reads as if nothing were found."""

from __future__ import annotations

import io
import os
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from cli.output import Output


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        (("finding", "list", "--country", "QQ"), "request.country", "QQ"),
        (("waiting", "--country", "QQ"), "request.country", "QQ"),
        (("finding", "show", "cow/x"), "finding.subject", "cow/x"),
        (("finding", "list", "--on", "lot"), "finding.subject", "lot"),
        (("approve", "9b1f"), "statement.id", "9b1f"),
        (("label", "create", "notacode"), "code.length", "12"),
    ],
)
def test_what_is_none_is_said(town, words: tuple[str, ...], code: str, named: str) -> None:
    ran = town.run("parks", *words, "--json")
    assert ran.code in (2, 3)
    assert ran.json["error"]["code"] == code
    assert named in ran.json["error"]["message"]
    assert ran.json["error"]["hint"] or code == "code.length"


def test_an_address_of_another_kind_is_no_folder(town) -> None:
    ran = town.run("farm", "finding", "list", "--json", ledger="ftp://ledger.example")
    assert (ran.code, ran.json["error"]["code"]) == (2, "remote.address")


def test_a_country_may_be_typed_small(town) -> None:
    assert town.ok("parks", "finding", "list", "--country", "zw")["findings"] == []


def test_a_file_that_is_no_outbox_is_named_so(town, tmp_path: Path) -> None:
    file = tmp_path / "skins.csv"
    file.write_text("taxon;term\n")
    ran = town.run("farm", "outbox", "import", str(file), "--json")
    assert (ran.code, ran.json["error"]["code"]) == (3, "outbox.file")
    assert "no exported outbox" in ran.json["error"]["message"]


def test_the_history_shows_ids_that_commands_take(town) -> None:
    code = town.register_skins()
    lines = town.run("farm", "lot", "history", code).out.splitlines()
    statement = lines[-1].split()[-1]
    assert town.ok("farm", "export", "tlog-proof", statement)["ok"]


def test_no_letter_that_a_terminal_obeys_is_printed(town, tmp_path: Path) -> None:
    """A name of a file, an answer of a server: whoever made it must not write on this screen."""
    name = "card\x1b]0;title\x07\x9b31m\u202egnp"
    ran = town.run("farm", "verify", str(tmp_path / name))
    assert ran.code == 4
    assert "card\ufffd]0;title\ufffd\ufffd31m\ufffdgnp" in ran.err
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(ran.err + ran.out)


def test_braces_that_somebody_typed_are_no_places(town) -> None:
    goods = ("--taxon", "Crocodylus niloticus", "--term", "SKI", "--quantity", "2", "--source", "U")
    words = ("seizure", "record", "ZW/SEIZURE/{0}{X}", "--reason", "no permit", *goods)
    ran = town.ok("parks", *words, "--origin", "ZW", "--queue", "--yes")
    assert ran["next"] == ["ringmark document show ZW/SEIZURE/{0}{X}"]


def test_a_note_with_foreign_lines_moves_no_terminal_and_stays_whole_in_a_pipe() -> None:
    """Anybody may add signature lines to a note, with names that some terminals obey."""
    note = "ledger.example\n1\nAAAA\n\n\N{EM DASH} x\x9b31m\u202ey AAAA\n"
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal, redirect_stdout(terminal):
        Output().document(note, {})
    shown = os.read(ours, 4_096).decode()
    os.close(ours)
    assert "ledger.example" in shown
    assert not {"\x9b", "\u202e"} & set(shown)
    with redirect_stdout(io.StringIO()) as pipe:
        Output().document(note, {})
    assert pipe.getvalue() == note
