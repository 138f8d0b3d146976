"""A gallery of errors, each made by a command: what is missing, named twice, or comes too soon."""

from __future__ import annotations

import os
import sqlite3

import pytest
from PIL import Image

from cli.context import Options, Session
from cli.main import main
from ledger.custody.facilities import FacilityRegistered
from ledger.desk import outbox
from ledger.desk.desk import outbox_of
from ledger.desk.draft import Act, Numbering, sign_act
from ledger.desk.heads import Heads
from ledger.desk.home import Home
from ledger.desk.labels import fetch_label
from ledger.desk.outbox import State
from ledger.errors import RingmarkError
from ledger.log import tiles
from ledger.statement import parse_statement
from ledger.trust import parse_trust
from ledger.wire import cbor, text
from ledger.wire.frame import frame

NOWHERE = "http://127.0.0.1:1"
ONE, TWO = "ZW-2026-000001-NIL", "ZW-2026-000002-NIL"


def bare(town, *words: str):
    """Run a command at a home where nothing was ever done."""
    town.run("nobody", "completion", "bash")
    code = main(["--home", str(town.home("nobody")), "--json", *words], Session(clock=town.clock))
    out, _ = town.capture()
    return type(town.run("nobody", "completion", "bash"))(code, out, "")


def goods_of_no_kind(town):
    return town.run("farm", "lot", "register", "--basis", "bred", "--json")


def nothing_hidden(town):
    code = town.register_skins()
    return town.run("farm", "lot", "split", f"{code}={ONE}", "--hide", "price", "--json")


def no_passphrase(town):
    town.unsealed.clear()
    del os.environ["RINGMARK_PASSPHRASE"]
    return town.run("farm", "key", "veto", "00" * 32, "--json")


def far_away(town) -> None:
    """Give the farm a trust file of its own, as somebody far from the server has it."""
    (town.home("farm") / "trust.json").write_bytes(town.trust.read_bytes())


def lot_without_head(town):
    code = town.register_skins()
    far_away(town)
    (file,) = (town.home("farm") / "memory").glob("*.json")
    remembered = text.json_loads(file.read_bytes())
    del remembered["lots"][code]["head"]
    file.write_text(text.json_dumps(remembered))
    words = ("--to", "tannery", "--queue", "--json")
    return town.run("farm", "transfer", "offer", code, *words, ledger=NOWHERE)


def two_parts(town):
    code = town.register_skins()
    words = (f"{code}={ONE}", f"{code}", "--to", "tannery")
    return town.run("farm", "transfer", "offer", *words, "--json")


def clone(town) -> None:
    """Register the marks of the farm's skins once more."""
    sheet = str(town.place / "skins.csv")
    town.ok("farm", "facility", "register", "shed", "--kind", "ranch", "--country", "ZW")
    words = ("--from", sheet, "--basis", "bred", "--facility", "shed", "--again")
    town.ok("farm", "lot", "register", *words)


def two_lots_of_a_mark(town):
    town.register_skins()
    clone(town)
    return town.run("farm", "lot", "split", ONE, "--json")


def home_without_memory(town):
    home = town.home("farm")
    far_away(town)
    for name in ("memory", "outbox"):
        os.rename(home / name, town.place / name)
    words = ("facility", "register", "shed", "--kind", "ranch", "--country", "ZW", "--queue")
    return town.run("farm", *words, "--json", ledger=NOWHERE)


def two_offers(town):
    code = town.register_skins()
    for mark in (ONE, TWO):
        lot = town.ok("farm", "lot", "split", f"{code}={mark}")["lots"][0]
        town.ok("farm", "transfer", "offer", lot, "--to", "tannery")
    return town.run("tannery", "transfer", "accept", "farm", "--json")


def part_packed(town):
    code = town.register_skins()
    return town.run("farm", "container", "pack", f"{code}={ONE}", "--json")


def key_of_another(town):
    request = str(town.place / "other.json")
    town.ok("maker", "key", "create", "--name", "phone", "--out", request)
    return town.run("farm", "key", "add", "phone", "--request", request, "--json")


def rotated_too_soon(town):
    code = town.register_skins()
    town.ok("farm", "lot", "split", f"{code}={ONE}", "--queue")
    return town.run("farm", "key", "rotate", "--json")


def two_labels_in_a_picture(town):
    code = town.register_skins()
    other = town.ok("farm", "lot", "split", f"{code}={ONE}")["lots"][0]
    return town.run("farm", "label", "create", code, other, "--out", "x.svg", "--json")


def picture_of_nothing(town):
    file = town.place / "photo.png"
    Image.new("L", (64, 64), 255).save(file)
    return town.run("farm", "label", "read", str(file), "--json")


def fixed_though_registered(town):
    town.register_skins()
    return town.run("farm", "outbox", "fix", "1", "--json")


def fixed_with_another_key(town):
    code = town.register_skins()
    town.ok("farm", "key", "add", "office")
    place = town.ok("farm", "--key", "office", "lot", "split", f"{code}={ONE}", "--queue")
    assert place["state"] == "queued"
    waiting = town.ok("farm", "outbox", "list")["entries"][-1]["place"]
    return town.run("farm", "outbox", "fix", str(waiting), "--json")


def fixed_while_the_next_is_away(town):
    code = town.register_skins()
    lot = town.ok("farm", "lot", "split", f"{code}={ONE}", "--queue")["lots"][0]
    town.ok("farm", "transfer", "offer", lot, "--to", "tannery", "--queue")
    box = outbox_of(Home(town.home("farm")), parse_trust(town.trust.read_bytes()).ledgers[0])
    first, last = box.entries()[-2:]
    box.put(last.with_(state=State.SENT))
    return town.run("farm", "outbox", "fix", str(first.place), "--json")


def request_for_another_ledger(town):
    other, request = town.place / "other", str(town.place / "stranger.json")
    words = ("--origin", "ledger.example/other", "--host", "other.example")
    town.ok("otherroot", "init", str(other), *words, ledger=str(other))
    trust = str(other / "trust.json")
    town.ok("stranger", "key", "create", "--trust", trust, "--out", request, ledger=str(other))
    words = ("--country", "ZW", "--role", "farm")
    return town.run("parks", "party", "enrol", request, *words, "--json")


def closing_to_be_sent(town):
    folder = town.place / "export"
    town.ok("root", "export", "log", str(folder))
    (entries,) = (file for file in (folder / "tile" / "entries").rglob("*") if file.is_file())
    raws = tiles.decode_bundle(entries.read_bytes(), width=int(entries.name))
    rows = [[raw, ""] for raw in raws if parse_statement(raw).type == "BlockClosed"]
    file = town.place / "box"
    file.write_bytes(frame(outbox.FILE_NAME, outbox.FILE_VERSION, cbor.encode(rows)))
    return town.run("farm", "outbox", "import", str(file), "--json")


def tiles_audited_deep(town):
    folder = str(town.place / "export")
    town.ok("root", "export", "log", folder)
    return town.run("farm", "audit", folder, "--deep", "--json")


def two_disputes(town):
    code = town.register_skins()
    (first,) = town.ok("farm", "lot", "history", code)["history"]
    for reason in ("wrong", "and again"):
        town.ok("farm", "statement", "dispute", first["id"], code, "--reason", reason)
    words = ("finding", "close", f"lot/{code}", "dispute.open", "--reason", "looked")
    return town.run("parks", *words, "--json")


def nothing_to_close(town):
    code = town.register_skins()
    words = ("finding", "close", f"lot/{code}", "control.held", "--reason", "looked")
    return town.run("parks", *words, "--json")


def records_changed(town):
    connection = sqlite3.connect(town.ledger / "ledger.db")
    connection.execute("UPDATE records SET record = x'a0' WHERE name = 'farm'")
    connection.commit()
    connection.close()
    ran = town.run("root", "doctor", "--deep", "--json")
    assert "The record of party/farm" in ran.json["error"]["message"]
    return ran


CASES = {
    "doctor.found": records_changed,
    "audit.deep": tiles_audited_deep,
    "finding.ambiguous": two_disputes,
    "finding.unknown": nothing_to_close,
    "key.name": lambda town: town.run("farm", "key", "revoke", "old", "--reason", "x", "--json"),
    "outbox.closing": closing_to_be_sent,
    "backup.exists": lambda town: town.run("root", "backup", str(town.place), "--json"),
    "cli.goods-missing": goods_of_no_kind,
    "cli.hide": nothing_hidden,
    "cli.ledger-missing": lambda town: bare(town, "--as", "farm", "party", "list"),
    "cli.ledger-remote": lambda town: town.run("root", "backup", "x", "--json", ledger=NOWHERE),
    "cli.party-missing": lambda town: bare(town, "--ledger", str(town.ledger), "key", "create"),
    "cli.passphrase-missing": no_passphrase,
    "cli.trust-missing": lambda town: bare(
        town, "--ledger", NOWHERE, "--as", "farm", "outbox", "list"
    ),
    "desk.head-unknown": lot_without_head,
    "desk.lot-twice": two_parts,
    "desk.mark-ambiguous": two_lots_of_a_mark,
    "desk.number-unknown": home_without_memory,
    "desk.offer-ambiguous": two_offers,
    "desk.part": part_packed,
    "key.other-party": key_of_another,
    "key.outbox-open": rotated_too_soon,
    "label.many": two_labels_in_a_picture,
    "label.photo": picture_of_nothing,
    "mark.unknown": lambda town: town.run("farm", "lot", "show", "ZW-1950-000001-NIL", "--json"),
    "outbox.not-open": fixed_though_registered,
    "outbox.other-key": fixed_with_another_key,
    "outbox.unknown-fate": fixed_while_the_next_is_away,
    "reference.unknown": lambda town: town.run(
        "farm", "reference", "show", "terms", "qqqqqq", "--json"
    ),
    "request.other-ledger": request_for_another_ledger,
}


@pytest.mark.parametrize("code", CASES)
def test_every_command_says_what_went_wrong(code: str, town) -> None:
    ran = CASES[code](town)
    assert ran.code != 0, ran.out
    assert ran.json["error"]["code"] == code
    assert ran.json["error"]["message"].strip()


def test_a_person_may_say_no(town, monkeypatch: pytest.MonkeyPatch) -> None:
    code = town.register_skins()
    here, there = os.openpty()
    os.write(here, b"n\n")
    with os.fdopen(there, "r", encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        ran = town.run("farm", "lot", "retire", code, "--why", "lost")
    os.close(here)
    assert ran.code == 1
    assert "cli.cancelled" in ran.err


@pytest.mark.parametrize(
    "words", [("lot", "list"), ("lot", "list", "--json"), ("lot", "show", "x")]
)
def test_output_that_nobody_reads_is_no_answer(
    town, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    town.register_skins()
    here, there = os.pipe()
    os.close(here)
    with monkeypatch.context() as patch, open(there, "w", encoding="utf-8") as closed:
        patch.setattr("sys.stdout", closed)
        patch.setattr("sys.stderr", closed) if words[-1] == "x" else None
        ran = town.run("farm", *words)
    assert ran.code == 5
    assert "cli.pipe" in ran.err or words[-1] == "x"


def test_a_number_is_used_once(town) -> None:
    session = Session(clock=town.clock, entropy=town.entropy, unsealed=town.unsealed)
    home, ledger = str(town.home("farm")), str(town.ledger)
    session.use(Options(home=home, ledger=ledger, party="farm"))
    desk = session.desk()
    act = Act(FacilityRegistered(facility="farm/shed", kind="ranch", country="ZW"))
    first, second = (
        sign_act(
            act,
            desk.writer,
            numbering=Numbering(seq=900, salt=salt, iat=town.clock.now_s()),
            heads=Heads({}, {}),
        )
        for salt in (bytes(16), bytes([1]) * 16)
    )
    desk.keep(first, said="a shed")
    with pytest.raises(RingmarkError) as caught:
        desk.keep(second, said="a shed")
    session.close()
    assert caught.value.code == "desk.number-taken"
    assert caught.value.message.strip()


class Swapping:
    """A ledger that hands out the label of one lot for every lot."""

    def __init__(self, source, code: str) -> None:
        self._source, self._code = source, code

    def label(self, _code: str) -> str:
        return str(self._source.label(self._code))

    def card(self, code: str) -> bytes:
        return bytes(self._source.card(code))


def test_a_label_of_another_lot_is_not_printed(town) -> None:
    code = town.register_skins()
    other = town.ok("farm", "lot", "split", f"{code}={ONE}")["lots"][0]
    session = Session(clock=town.clock, entropy=town.entropy, unsealed=town.unsealed)
    session.use(Options(home=str(town.home("farm")), ledger=str(town.ledger), party="farm"))
    trust, now_s = session.trust(), town.clock.now_s()
    honest = Swapping(session.source, code)
    assert fetch_label(honest, code, trust=trust, now_s=now_s).endswith(
        session.source.label(code).rpartition("/i/")[2]
    )
    with pytest.raises(RingmarkError) as caught:
        fetch_label(Swapping(session.source, other), code, trust=trust, now_s=now_s)
    session.close()
    assert caught.value.code == "label.unproved"
