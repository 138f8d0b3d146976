"""Working without a network: signed now, sent later, mended where the world moved on."""

from __future__ import annotations

from pathlib import Path

import pytest

NOWHERE = "http://127.0.0.1:1"


def states(town, party: str) -> list[str]:
    return [e["state"] for e in town.ok(party, "outbox", "list", "--all")["entries"]]


def go_offline(town) -> None:
    """Give the farm a trust file of its own, as somebody far from the server has it."""
    home = town.home("farm")
    (home / "trust.json").write_bytes(town.trust.read_bytes())


def test_a_whole_chain_is_signed_offline_and_sent_in_order(town) -> None:
    code = town.register_skins()
    go_offline(town)
    split = town.ok("farm", "lot", "split", f"{code}=ZW-2026-000001-NIL", "--queue", ledger=NOWHERE)
    assert split["state"] == "queued"
    town.ok(
        "farm", "transfer", "offer", split["lots"][0], "--to", "tannery", "--queue", ledger=NOWHERE
    )
    ran = town.run("farm", "lot", "split", f"{code}=ZW-2026-000002-NIL", "--json", ledger=NOWHERE)
    assert ran.code == 5
    assert "outbox push" in ran.json["error"]["hint"]
    pushed = town.ok("farm", "outbox", "push")["entries"]
    assert [entry["state"] for entry in pushed] == ["registered"] * 3
    assert town.ok("farm", "outbox", "push")["entries"] == []
    assert town.ok("tannery", "transfer", "pending")["offers"]


def test_sending_again_after_a_lost_answer_is_safe(town) -> None:
    from ledger.desk.desk import outbox_of
    from ledger.desk.home import Home
    from ledger.desk.outbox import State
    from ledger.trust import parse_trust

    town.register_skins()
    box = outbox_of(Home(town.home("farm")), parse_trust(town.trust.read_bytes()).ledgers[0])
    last = box.entries()[-1]
    box.put(last.with_(state=State.SENT, index=None, receipt=b"", labels={}))
    size = town.ok("farm", "checkpoint")["size"]
    (entry,) = town.ok("farm", "outbox", "push")["entries"]
    assert entry["state"] == "registered"
    assert entry["index"] == last.index
    assert entry["labels"] == dict(last.labels)
    # A block may have been closed for it, but no leaf of ours was written twice.
    assert town.ok("farm", "checkpoint")["size"] - size <= 1


def test_a_refused_statement_is_fixed_with_all_that_rest_on_it(town) -> None:
    code = town.register_skins()
    add_another_device(town)
    go_offline(town)
    split = town.ok("farm", "lot", "split", f"{code}=ZW-2026-000001-NIL", "--queue", ledger=NOWHERE)
    town.ok(
        "farm", "transfer", "offer", split["lots"][0], "--to", "tannery", "--queue", ledger=NOWHERE
    )
    # Another device of the farm moves the lot on meanwhile.
    words = ("--as", "farm", "--key", "phone", "lot", "split", f"{code}=ZW-2026-000500-NIL")
    moved = town.run("farm-phone", *words, "--json")
    assert moved.code == 0, moved.out
    tried = town.run("farm", "outbox", "push", "--dry-run", "--json")
    assert tried.json["refused"]["rule"] == "custody.head-moved"
    assert states(town, "farm")[-2:] == ["queued", "queued"]
    ran = town.run("farm", "outbox", "push", "--json")
    assert ran.code == 1
    assert ran.json["refused"]["rule"] == "custody.head-moved"
    listed = town.ok("farm", "outbox", "list")["entries"]
    place = next(e["place"] for e in listed if e["rule"] == "custody.head-moved")
    before = states(town, "farm")
    would = town.ok("farm", "outbox", "fix", str(place), "--dry-run")
    assert (would["would"], would["places"]) == ("sign again", [place, place + 1])
    assert states(town, "farm") == before
    fixed = town.ok("farm", "outbox", "fix", str(place))["entries"]
    assert {entry["state"] for entry in fixed} == {"registered"}
    # The code, and so a label that was printed by then, stayed.
    assert town.ok("farm", "lot", "show", split["lots"][0])["lot"]["parents"] == [code]
    assert town.ok("tannery", "transfer", "pending")["offers"]


def test_numbers_that_never_left_are_given_up(town) -> None:
    code = town.register_skins()
    go_offline(town)
    town.ok("farm", "lot", "split", f"{code}=ZW-2026-000001-NIL", "--queue", ledger=NOWHERE)
    place = town.ok("farm", "outbox", "list")["entries"][0]["place"]
    would = town.ok("farm", "outbox", "fix", str(place), "--drop", "typed twice", "--dry-run")
    assert (would["would"], would["places"]) == ("give up", [place])
    assert town.ok("farm", "outbox", "push", "--dry-run")["places"] == [place]
    done = town.ok("farm", "outbox", "fix", str(place), "--drop", "typed twice", "--yes")["entries"]
    assert [entry["state"] for entry in done] == ["registered"]
    assert states(town, "farm")[-2:] == ["given-up", "registered"]
    missing = town.ok("farm", "party", "show", "farm")["party"]["missing_numbers"]
    assert missing == {}


def test_an_outbox_travels_on_a_stick(town, tmp_path: Path) -> None:
    code = town.register_skins()
    go_offline(town)
    town.ok("farm", "lot", "split", f"{code}=ZW-2026-000001-NIL", "--queue", ledger=NOWHERE)
    stick = str(tmp_path / "outbox.bin")
    assert town.ok("farm", "outbox", "export", stick, ledger=NOWHERE)["count"] == 1
    # Anyone may carry it: the statements are signed already.
    town.ok("maker", "outbox", "import", stick)
    assert [e["state"] for e in town.ok("maker", "outbox", "push")["entries"]] == ["registered"]
    assert [e["state"] for e in town.ok("farm", "outbox", "push")["entries"]] == ["registered"]


def add_another_device(town) -> None:
    request = str(town.place / "phone.json")
    words = ("key", "create", "--name", "phone", "--out", request)
    made = town.run("farm-phone", "--as", "farm", *words)
    assert made.code == 0, made.err
    town.ok("farm", "key", "add", "phone", "--request", request)


def test_two_commands_at_once_never_use_one_number(town) -> None:
    from cli.context import Options, Session
    from ledger.custody.facilities import FacilityRegistered
    from ledger.desk.draft import Act
    from ledger.errors import UnavailableError

    def desk():
        session = Session(clock=town.clock, entropy=town.entropy, unsealed=town.unsealed)
        home, ledger = str(town.home("farm")), str(town.ledger)
        session.use(Options(home=home, ledger=ledger, party="farm"))
        return session.desk()

    one, other = desk(), desk()
    drafts = [d.prepare(Act(FacilityRegistered(f"farm/{n}", "ranch", "ZW"))) for n, d in
              (("a", one), ("b", other))]  # fmt: skip
    assert drafts[0].statement.seq == drafts[1].statement.seq
    other.keep(drafts[1], said="first come")
    with pytest.raises(UnavailableError):
        one.keep(drafts[0], said="second")
    assert one.prepare(Act(FacilityRegistered("farm/a", "ranch", "ZW"))).statement.seq == (
        drafts[0].statement.seq + 1
    )


def test_a_command_that_dies_between_two_files_never_uses_its_number_again(
    town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ledger.desk.memory import Memory

    code = town.register_skins()
    go_offline(town)
    words = ("lot", "split", f"{code}=ZW-2026-000001-NIL", "--queue")
    with monkeypatch.context() as patch:
        patch.setattr(Memory, "save", lambda _: (_ for _ in ()).throw(OSError("no space")))
        ran = town.run("farm", *words, "--json", ledger=NOWHERE)
        assert (ran.code, ran.json["error"]["code"]) == (5, "cli.system")
    words = ("lot", "split", f"{code}=ZW-2026-000002-NIL", "--queue")
    town.run("farm", *words, "--json")
    numbers = [e["place"] for e in town.ok("farm", "outbox", "list")["entries"]]
    assert len(numbers) == len(set(numbers)) == 2
    pushed = town.run("farm", "outbox", "push", "--json")
    assert pushed.code in (0, 1)
    listed = town.ok("farm", "outbox", "list", "--all")["entries"]
    assert "seq.reused" not in {entry["rule"] for entry in listed}


def test_the_trust_file_that_somebody_keeps_outweighs_the_folders_own(town) -> None:
    from ledger.keys import ED25519, PrivateKey
    from ledger.trust import Trust, format_trust, parse_trust, trusted_ledger
    from ledger.wire.note import make_vkey

    one = parse_trust(town.trust.read_bytes()).ledgers[0]
    other = PrivateKey.from_seed(ED25519, bytes(range(32)))
    vkey = make_vkey(one.origin, 1, other.key.public)
    kept = trusted_ledger(ledger=one.ledger, origin=one.origin, hosts=one.hosts, log=(vkey,))
    text = format_trust(Trust((kept,)))
    (town.home("farm") / "trust.json").write_text(text, encoding="utf-8")
    assert town.run("farm", "checkpoint", "--json").code == 1
    assert town.run("maker", "checkpoint", "--json").code == 0


def test_a_permit_that_was_replaced_meanwhile_is_named_by_the_fix(town) -> None:
    old, new = "ZW/EXPORT/26-1", "ZW/EXPORT/26-2"
    rows = ("--taxon", "Crocodylus niloticus", "--term", "SKI", "--quantity", "500")
    rows = (*rows, "--source", "R", "--origin", "ZW", "--until", "2027-03-31")
    code = town.register_skins()
    town.ok("parks", "document", "issue", old, *rows, "--holder", "farm", "--purpose", "t")
    go_offline(town)
    again = (*rows, "--holder", "farm", "--purpose", "t", "--reason", "lost", "--yes")
    town.ok("parks", "document", "replace", new, "--replaces", old, *again)
    town.clock.advance(20 * 3_600)
    crossing = ("border", "export", code, "--document", old, "--from", "zw", "--to", "it")
    town.ok("farm", *crossing, "--queue", ledger=NOWHERE)
    ran = town.run("farm", "outbox", "push", "--json")
    assert ran.json["refused"]["rule"] == "document.not-in-force"
    (refused,) = town.ok("farm", "outbox", "list")["entries"]
    fixed = town.run("farm", "outbox", "fix", str(refused["place"]))
    assert fixed.code == 0, fixed.out
    assert f"names {new} in place of {old}" in fixed.out + fixed.err
    assert town.ok("farm", "document", "show", new)["document"]["lots"] == [code]


def test_a_home_from_an_old_copy_uses_no_number_twice(town, tmp_path: Path) -> None:
    import shutil

    code = town.register_skins()
    old = tmp_path / "old"
    shutil.copytree(town.home("farm"), old)
    town.ok("farm", "lot", "split", f"{code}=ZW-2026-000001-NIL")
    shutil.rmtree(town.home("farm"))
    shutil.copytree(old, town.home("farm"))
    town.ok("farm", "lot", "split", f"{code}=ZW-2026-000002-NIL")
    assert not [f for f in town.ok("farm", "finding", "list")["findings"] if f["kind"] == "party"]


def test_what_left_on_a_stick_is_not_signed_again(town, tmp_path: Path) -> None:
    code = town.register_skins()
    go_offline(town)
    town.ok("farm", "lot", "split", f"{code}=ZW-2026-000001-NIL", "--queue", ledger=NOWHERE)
    stick = str(tmp_path / "outbox.bin")
    town.ok("farm", "outbox", "export", stick, ledger=NOWHERE)
    (entry,) = town.ok("farm", "outbox", "list")["entries"]
    assert entry["state"] == "sent"
    place = str(entry["place"])
    for words in ((), ("--drop", "typed twice", "--yes")):
        ran = town.run("farm", "outbox", "fix", place, *words, "--json")
        assert ran.code == 2
        assert ran.json["error"]["code"] == "outbox.not-open"
    assert [e["state"] for e in town.ok("farm", "outbox", "push")["entries"]] == ["registered"]


@pytest.mark.parametrize(("asked", "pages"), [(3, 0), (4, 1), (60, 2)])
def test_few_lots_of_many_are_not_looked_for_in_all(town, asked: int, pages: int) -> None:
    from cli.context import Options, Session

    code = town.register_skins()
    read = []

    class Big:
        """A ledger on which the farm has lots without end."""

        def __init__(self, real) -> None:
            self._real = real

        def __getattr__(self, name: str):
            return getattr(self._real, name)

        def lots_pages(self, party: str):
            while True:
                read.append(party)
                yield [{"code": f"{len(read):012d}", "head": "00" * 32}]

        def lot(self, code: str):
            return {**self._real.lot(known), "code": code}

    known = code.replace("-", "")
    session = Session(clock=town.clock, entropy=town.entropy, unsealed=town.unsealed)
    session.use(Options(home=str(town.home("farm")), ledger=str(town.ledger), party="farm"))
    desk = session.desk()
    desk.source = Big(desk.source)
    codes = [f"{n:012X}" for n in range(0xA00, 0xA00 + asked)]
    desk.look_up(codes)
    assert len(read) == pages
    assert all(desk.known(code) is not None for code in codes)
    session.close()


def test_what_was_signed_before_the_enrolment_leaves_no_number_missing(town) -> None:
    request = str(town.place / "newcomer.request.json")
    town.ok("newcomer", "key", "create", "--out", request)
    words = ("facility", "register", "pens", "--kind", "ranch", "--country", "ZW")
    early = town.run("newcomer", *words, "--json")
    assert early.json["refused"]["rule"] == "key.unknown"
    town.ok("parks", "party", "enrol", request, "--country", "ZW", "--role", "ranch")
    place = town.ok("newcomer", "outbox", "list")["entries"][0]["place"]
    fixed = town.ok("newcomer", "outbox", "fix", str(place))["entries"]
    assert {entry["state"] for entry in fixed} == {"registered"}
    party = town.ok("newcomer", "party", "show", "newcomer")["party"]
    assert party["missing_numbers"] == {}


def test_what_waits_prints_its_bare_code_and_is_never_good(town, tmp_path: Path) -> None:
    code = town.register_skins()
    go_offline(town)
    part = f"{code}=ZW-2026-000001-NIL"
    (tag,) = town.ok("farm", "lot", "split", part, "--queue", ledger=NOWHERE)["lots"]
    picture = str(tmp_path / "tag.png")
    printed = town.ok("farm", "label", "create", tag, code, "--out", str(tmp_path / "tags.pdf"))
    assert printed["bare"] == [tag]
    assert printed["labels"][tag] == f"https://ledger.example/i/{tag}"
    assert "#1" in printed["labels"][code]
    told = town.run("farm", "label", "create", tag, "--out", picture, ledger=NOWHERE)
    assert "bare code" in told.err
    assert "outbox push" in told.err
    before = town.run("farm", "label", "read", picture, "--json")
    assert before.json["verdict"] == "cannot-tell"
    town.ok("farm", "outbox", "push")
    again = town.ok("farm", "label", "create", tag, "--out", picture)
    assert again["bare"] == []
    assert "#1" in again["labels"][tag]
