"""The same commands against an address: a real server, and the same answers as in the folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

SKINS = (
    "species;term;quantity;unit;source;origin;year;tag from;tag to\n"
    "Crocodylus niloticus;skins;20;pieces;R;ZW;2026;ZW-2026-000001-NIL;ZW-2026-000020-NIL\n"
)


def test_goods_change_hands_over_http(town, url: str) -> None:
    sheet = town.write("skins.csv", SKINS)
    words = ("lot", "register", "--from", sheet, "--basis", "bred", "--facility", "pens")
    done = town.ok("farm", *words, ledger=url)
    code = done["lots"][0]
    assert done["labels"][code].startswith("https://ledger.example/i/")
    town.ok("farm", "transfer", "offer", code, "--to", "tannery", ledger=url)
    town.ok("tannery", "transfer", "accept", "--short", "ZW-2026-000007-NIL", ledger=url)
    refused = town.run("farm", "lot", "retire", code, "--why", "lost", "-y", "--json", ledger=url)
    assert refused.code == 1
    assert refused.json["refused"]["rule"] == "custody.not-holder"
    assert refused.json["refused"]["message"]
    tried = town.run(
        "farm", "lot", "retire", code, "--why", "lost", "--dry-run", "--json", ledger=url
    )
    assert tried.json["refused"]["rule"] == "custody.not-holder"
    looks = (
        ("lot", "show", code),
        ("lot", "list"),
        ("lot", "history", code),
        ("lot", "find", "ZW-2026-00000"),
        ("party", "list"),
        ("party", "show", "farm"),
        ("transfer", "pending"),
        ("finding", "list"),
        ("finding", "list", "--country", "ZW", "--sort", "age"),
        ("waiting",),
        ("finding", "list", "--party", "farm", "--since", "2026-01-01", "--limit", "1"),
        ("waiting", "--country", "zw", "--all"),
        ("checkpoint",),
    )
    for look in looks:
        assert town.ok("tannery", *look, ledger=url) == town.ok("tannery", *look), look


def test_a_list_of_findings_goes_on_where_a_page_ended(town, url: str) -> None:
    for party in ("farm", "tannery", "maker"):
        goods = ("--quantity", "2", "--basis", "opening-stock")
        town.ok(
            party,
            "lot",
            "register",
            *("--taxon", "Crocodylus niloticus", "--term", "SKI", "--source", "R"),
            *("--origin", "ZW", "--year", "2026", *goods),
            ledger=url,
        )
    whole = town.ok("parks", "finding", "list")
    assert whole["next"] == ""
    assert sum(whole["counts"].values()) == len(whole["findings"]) == 3
    for ledger in (None, url):
        names, place = [], ""
        while True:
            words = ("finding", "list", "--limit", "1", "--after", place)
            page = town.ok("parks", *words, ledger=ledger)
            names += [row["name"] for row in page["findings"]]
            place = page["next"]
            if not place:
                break
        assert names == [row["name"] for row in whole["findings"]]
        every = town.ok("parks", "finding", "list", "--limit", "1", "--all", ledger=ledger)
        assert every["findings"] == whole["findings"]
        said = town.run("parks", "finding", "list", "--limit", "1", ledger=ledger).out
        assert "3 in all (0 stop, 3 check, 0 note); the next: --after 1:" in said


def test_the_page_of_an_authority_has_a_link(town, url: str) -> None:
    link = town.ok("parks", "waiting", "--link", ledger=url)["link"]
    assert link.startswith(f"{url}/waiting?for=parks&")
    with urlopen(link) as answer:
        assert b"<h1>" in answer.read()
    assert town.run("parks", "waiting", "--link", "--json").json["error"]["code"] == (
        "waiting.no-server"
    )


def test_files_with_proof_come_over_http(town, url: str, tmp_path) -> None:
    sheet = town.write("skins.csv", SKINS)
    words = ("lot", "register", "--from", sheet, "--basis", "bred", "--facility", "pens")
    done = town.ok("farm", *words, ledger=url)
    code, statement = done["lots"][0], done["statement"]
    for kind, name in (("bundle", code), ("card", code)):
        file = str(tmp_path / kind)
        town.ok("tannery", "export", kind, name, "--out", file, ledger=url)
        assert town.ok("maker", "verify", file, "--trust", str(town.trust))["outcome"] == "verified"
    proof = str(tmp_path / "x.tlog-proof")
    town.ok("tannery", "export", "tlog-proof", statement, "--out", proof, ledger=url)
    verdict = town.ok(
        "maker",
        "verify",
        proof,
        "--statement",
        str(tmp_path / "x.cose"),
        "--trust",
        str(town.trust),
    )
    assert verdict["outcome"] == "verified"
    decoded = town.ok("tannery", "statement", "decode", statement, ledger=url)["decoded"]
    assert decoded["event"]["type"] == "LotRegistered"
    assert town.ok("maker", "audit", url, "--trust", str(town.trust))["outcome"] == "verified"


def test_a_server_that_lies_about_a_receipt_is_not_believed(town, url: str) -> None:
    """The trust file of the farm names another log key: the receipt proves nothing to it."""
    from ledger.keys import ED25519, PrivateKey
    from ledger.trust import Trust, format_trust, parse_trust, trusted_ledger
    from ledger.wire.note import make_vkey

    one = parse_trust(town.trust.read_bytes()).ledgers[0]
    other = PrivateKey.from_seed(ED25519, bytes(range(32)))
    false = trusted_ledger(
        ledger=one.ledger,
        origin=one.origin,
        hosts=one.hosts,
        log=(make_vkey(one.origin, 1, other.key.public),),
    )
    (town.home("farm") / "trust.json").write_text(format_trust(Trust((false,))), encoding="utf-8")
    words = ("facility", "register", "shed", "--kind", "ranch", "--country", "ZW", "--json")
    ran = town.run("farm", *words, ledger=url)
    assert ran.code == 1
    assert ran.json["ok"] is False
    (entry,) = town.ok("farm", "outbox", "list", ledger=url)["entries"]
    assert entry["state"] == "sent"


# -- a closed ledger: the desk proves itself by itself


@pytest.fixture
def closed(town, serving) -> Iterator[str]:
    """Found a closed ledger, enrol its parties over HTTP, and serve it."""
    (town.place / "ledger").rename(town.place / "open-ledger")
    for home in (town.place / "homes").iterdir():
        home.rename(town.place / f"open-{home.name}")
    town.unsealed.clear()
    words = ("--origin", "ledger.example/closed", "--host", "ledger.example", "--closed")
    town.ok("root", "init", str(town.ledger), *words)
    town.enrol("parks", by="root", role="authority")
    for party, role in (("farm", "ranch"), ("tannery", "tannery"), ("maker", "maker")):
        town.enrol(party, by="parks", role=role)
    town.enrol("house", by="parks", role="auditor")
    town.ok("farm", "facility", "register", "pens", "--kind", "ranch", "--country", "ZW")
    with serving(town) as address:
        yield address


def test_a_desk_reads_and_writes_a_closed_ledger_with_its_key(town, closed: str) -> None:
    sheet = town.write("skins.csv", SKINS)
    words = ("lot", "register", "--from", sheet, "--basis", "bred", "--facility", "pens")
    code = town.ok("farm", *words, ledger=closed)["lots"][0]
    town.ok("farm", "transfer", "offer", code, "--to", "tannery", ledger=closed)
    assert town.ok("tannery", "lot", "show", code, ledger=closed)["lot"]["holder"] == "farm"
    town.ok("tannery", "transfer", "accept", ledger=closed)
    assert [row["code"] for row in town.ok("tannery", "lot", "list", ledger=closed)["lots"]] == [
        code
    ]
    town.ok("tannery", "lot", "history", code, ledger=closed)
    file = town.place / "lot.bundle"
    town.ok("tannery", "export", "bundle", code, "--out", str(file), ledger=closed)
    assert town.ok("tannery", "verify", str(file))["outcome"] == "verified"
    # The farm sold them, the maker never had them: neither reads on.
    for party in ("farm", "maker"):
        ran = town.run(party, "export", "bundle", code, "--json", ledger=closed)
        assert (ran.code, ran.json["error"]["code"]) == (1, "access.denied")
        town.ok(party, "export", "card", code, "--out", str(town.place / "x"), ledger=closed)
    stranger = town.run("nobody", "lot", "history", code, "--json", ledger=closed)
    assert (stranger.code, stranger.json["error"]["code"]) == (4, "home.no-key")


def test_an_auditor_reads_the_whole_of_a_closed_ledger(town, closed: str) -> None:
    town.register_skins_at(closed)
    report = town.ok("house", "audit", closed, "--trust", str(town.trust))
    assert report["outcome"] == "verified"
    ran = town.run("farm", "audit", closed, "--trust", str(town.trust), "--json")
    assert (ran.code, ran.json["error"]["code"]) == (1, "access.denied")
    assert town.ok("house", "party", "list", ledger=closed)["parties"]


def test_a_label_is_printed_by_whoever_holds_the_goods(town, closed: str) -> None:
    code = town.register_skins_at(closed)
    picture = str(town.place / "label.svg")
    words = ("label", "create", code, "--out", picture)
    assert town.run("tannery", *words, "--json", ledger=closed).json["error"]["code"] == (
        "access.denied"
    )
    town.ok("farm", "transfer", "offer", code, "--to", "tannery", ledger=closed)
    town.ok("tannery", "transfer", "accept", ledger=closed)
    made = town.ok("tannery", *words, ledger=closed)
    read = town.ok("tannery", "label", "read", made["labels"][code], ledger=closed)
    assert read["outcome"] == "verified"
    assert town.ok("parks", *words, ledger=closed)["labels"] == made["labels"]


def test_a_closed_ledger_without_an_outside_auditor_is_remarked(town) -> None:
    place = town.place / "lonely"
    words = ("--origin", "ledger.example/lonely", "--host", "ledger.example", "--closed")
    ran = town.run("founder", "init", str(place), *words)
    assert "auditor outside its operator" in ran.err
    checks = town.ok("root", "doctor", ledger=str(place))["checks"]
    (found,) = (row for row in checks if row["name"] == "readers")
    assert found["outcome"] == "open"
    assert "auditor" in found["detail"]


def test_a_label_of_an_open_ledger_needs_a_key_as_well(town, url: str) -> None:
    code = town.register_skins_at(url)
    picture = str(town.place / "label.svg")
    words = ("label", "create", code, "--out", picture, "--json")
    assert town.run("maker", *words, ledger=url).json["error"]["code"] == "access.denied"
    assert town.run("parks", *words, ledger=url).code == 0


def test_a_documents_card_comes_as_it_does_from_the_folder(town, url: str, tmp_path: Path) -> None:
    permit, here, there = "ZW/EXPORT/2026-0412", tmp_path / "here.card", tmp_path / "there.card"
    goods = ("--taxon", "Crocodylus niloticus", "--term", "SKI", "--source", "R", "--origin", "ZW")
    words = ("--quantity", "40", "--until", "2027-05-24")
    town.ok("parks", "document", "issue", permit, *goods, *words, ledger=url)
    for file, address in ((here, None), (there, url)):
        town.ok("maker", "export", "card", permit, "--out", str(file), ledger=address)
    with urlopen(f"{url}/api/v1/documents/{permit}/card", timeout=20) as answer:
        assert answer.headers["Content-Type"] == "application/vnd.ringmark.card+cbor"
        assert 'filename="ZW-EXPORT-2026-0412.card"' in answer.headers["Content-Disposition"]
        assert answer.read() == there.read_bytes() == here.read_bytes()
    with pytest.raises(HTTPError) as caught:
        urlopen(f"{url}/api/v1/documents/{permit.lower()}/card", timeout=20)
    assert caught.value.code == 404
    caught.value.close()
