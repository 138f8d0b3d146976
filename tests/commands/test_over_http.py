"""The same commands against an address: a real server, and the same answers as in the folder."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import make_server

from web.app import create_app
from web.limits import Rate
from web.serving import open_stand


@pytest.fixture
def url(town) -> Iterator[str]:
    """Serve the town's ledger for one test."""
    stand = open_stand(town.ledger, clock=town.clock)
    app = create_app(stand, rate=Rate(per_s=100_000, burst=1_000_000))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    for party in ("farm", "tannery", "parks"):
        (town.home(party) / "trust.json").write_bytes(town.trust.read_bytes())
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    if stand.registrar is not None:
        stand.registrar.close()


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
        ("waiting", "--country", "zw", "--all"),
        ("checkpoint",),
    )
    for look in looks:
        assert town.ok("tannery", *look, ledger=url) == town.ok("tannery", *look), look


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
