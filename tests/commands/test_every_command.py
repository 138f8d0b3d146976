"""Every command at least once, against a real ledger, with one JSON object each."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from cli.main import ringmark
from ledger.wire import cose
from ledger.wire.label import DOCUMENT_BYTES_MAX, decode_document, parse_label_url

PERMIT = "ZW/EXPORT/2026-0412"
GOODS = ("--taxon", "Crocodylus niloticus", "--term", "SKI", "--source", "R", "--origin", "ZW")
PLAIN = (*GOODS, "--year", "2026", "--basis", "bred", "--facility", "pens")
SERVED = {"demo", "serve"}
"""These run until they are told to stop; other tests start them."""


def bale(town, quantity: str = "40") -> str:
    """Register unmarked skins and return their lot."""
    return town.ok("farm", "lot", "register", *PLAIN, "--quantity", quantity)["lots"][0]


def lots(town, tmp_path: Path) -> None:
    code = bale(town)
    half = town.ok("farm", "lot", "split", f"{code}:10")["lots"][0]
    town.ok("farm", "lot", "measure", code, "28", "--cause", "recount")
    cutting = ("--process", "cutting", "--output", "SID 18", "--waste", "SID 2")
    sides = town.ok("farm", "lot", "transform", half, *cutting)["lots"][0]
    town.ok("farm", "lot", "retire", f"{code}:3", "--why", "lost", "--yes")
    lost = next(
        row["code"]
        for row in town.ok("farm", "lot", "list", "--all")["lots"]
        if row.get("how") == "lost"
    )
    town.ok("farm", "lot", "found", lost)
    town.ok("farm", "lot", "depart", f"{sides}:4", "--how", "retail", "--yes")
    assert town.ok("farm", "lot", "show", code)["lot"]["contents"][0]["quantity"] == 25
    assert len(town.ok("farm", "lot", "history", code)["history"]) == 4
    assert town.ok("farm", "lot", "find", code)["results"][0]["name"] == code


def transfers(town, tmp_path: Path) -> None:
    first, second = bale(town), bale(town)
    box = town.ok("farm", "container", "pack", first, second, "--seals", "S-1..S-2")["lots"][0]
    offered = town.ok("farm", "transfer", "offer", box, "--to", "tannery")
    town.ok("farm", "transfer", "withdraw", "tannery", "--reason", "sold elsewhere")
    assert offered["state"] == "registered"
    town.ok("farm", "transfer", "offer", box, "--to", "tannery")
    town.ok("farm", "transfer", "dispatch", box, "--due", "3d")
    town.ok("tannery", "transfer", "decline", "farm", "--reason", "wrong species")
    town.ok("farm", "container", "open", box)
    town.ok("farm", "transfer", "offer", f"{first}:5", second, "--to", "tannery")
    assert len(town.ok("tannery", "transfer", "pending")["offers"]) == 1
    town.ok("tannery", "transfer", "accept", "--refuse", second)
    held = {row["code"] for row in town.ok("tannery", "lot", "list")["lots"]}
    assert len(held) == 1
    assert second not in held


def read_document(link: str) -> tuple[str, list[int]]:
    """The name and the quantities that the signed label of a document says."""
    sealed = parse_label_url(link).cose
    assert sealed is not None
    assert len(sealed) <= DOCUMENT_BYTES_MAX
    sign1 = cose.decode_sign1(sealed, tagged=False)
    said = decode_document(sign1.payload)
    return said.name, [row[3] for row in said.rows]


PAPER = """{"rows": [{"taxon": "Crocodylus niloticus", "term": "SKI", "quantity": 40,
"unit": "NAR", "source": "D", "origin": "ZW", "operation": "A-ZW-501"}]}"""


def papers(town, tmp_path: Path) -> None:
    code = bale(town)
    scan = town.write("scan.txt", "a scan")
    rows = (*GOODS, "--quantity", "40", "--until", "2027-05-31")
    town.ok("parks", "document", "issue", PERMIT, *rows, "--purpose", "t", "--to-country", "IT")
    town.ok("parks", "document", "suspend", PERMIT, "--until", "2027-02-28", "--reason", "audit")
    shown = town.run("farm", "document", "show", PERMIT)
    assert "to 2027-02-28" in shown.out
    town.ok("parks", "document", "reinstate", PERMIT, "--reason", "audit closed")
    assert not town.ok("farm", "document", "show", PERMIT)["document"].get("suspended")
    town.ok("farm", "document", "record", "IT/IMPORT/26-118", *rows)
    town.ok("farm", "border", "export", code, "--document", PERMIT, "--from", "zw", "--to", "it")
    town.ok(
        "parks", "document", "endorse", PERMIT, f"{code}:35", "--export", "zw", "--port", "Beira"
    )
    shown = town.ok("farm", "document", "show", PERMIT)["document"]
    assert [row["quantity"] for row in shown["drawn"]["export"]] == [40]
    slip = ("document", "unendorse", PERMIT, "--reason", "36, not 35", "--yes")
    shown = town.run("parks", "document", "show", PERMIT)
    assert "endorsed" in shown.out
    assert "as much as the trader said, or less" in shown.out
    assert town.ok("parks", *slip)["document"] == PERMIT
    assert town.run("parks", *slip, "--json").json["error"]["code"] == "endorse.none"
    town.ok("parks", "document", "endorse", PERMIT, f"{code}:36", "--export", "zw")
    kept = town.ok("parks", "document", "show", PERMIT)["document"]["endorsements"]
    of = [row["id"] for row in kept]
    town.ok("parks", "document", "unendorse", PERMIT, *of, "--reason", "35 after all", "--yes")
    town.ok("parks", "document", "endorse", PERMIT, f"{code}:35", "--export", "zw")
    assert town.run("parks", "document", "endorse", PERMIT, code, "--json").code == 2
    line = ("document", "endorse", PERMIT, "--export", "zw", "--line")
    assert town.run("parks", *line, "2=4", "--json").json["error"]["code"] == "endorse.line"
    assert town.run("parks", *line, "1=4 kg", "--json").json["error"]["code"] == "endorse.line"
    gone = ("document", "stolen", "zw", "120001..120020", "--reason", "a break-in")
    town.ok("parks", *gone)
    town.ok("farm", "document", "record", "ZW/EXPORT/26-900", "--stamp", "120007")
    listed = town.ok("parks", "finding", "list", "--rule", "blank.stolen")["findings"]
    assert [row["name"] for row in listed] == ["ZW/EXPORT/26-900"]
    town.ok("farm", "document", "record", "ZW/EXPORT/26-901", "--stamp", "120008")
    every = ("finding", "close-all", "blank.stolen", "--country", "zw", "--reason", "found")
    assert town.run("parks", *every, "--dry-run", "--json").code == 0
    assert town.ok("parks", *every, "--yes")["closed"] == 2
    again = town.run("parks", *every, "--yes", "--json")
    assert (again.code, again.json["error"]["code"]) == (4, "finding.unknown")
    town.ok("parks", *gone, "--found")
    assert town.ok("parks", "finding", "list", "--rule", "blank.stolen")["findings"] == []
    reference = "ZW/DDS/26ZWAAAA0001"
    town.ok("farm", "document", "record", reference, "--until", "2027-05-31")
    end = ("document", "withdraw", reference, "--reason", "wrong plots")
    town.ok("farm", *end)
    assert "withdrawn since" in town.run("farm", "document", "show", reference).out
    town.ok("farm", "document", "restore", reference, "--reason", "another number was meant")
    town.ok("parks", *end, "--rejected")
    again = town.run("farm", "document", "restore", reference, "--reason", "no", "--json")
    assert again.json["refused"]["rule"] == "reference.not-own"
    town.ok("farm", "border", "import", code, "--document", "it/import/26-118", "--to", "it")
    pdf = str(tmp_path / "permit.pdf")
    shown = town.ok("parks", "document", "show", PERMIT, "--out", pdf)
    assert shown["document"]["status"] == "issued"
    assert read_document(shown["label"]) == (PERMIT, [40])
    assert Path(pdf).read_bytes().startswith(b"%PDF-")
    read = town.ok("maker", "label", "read", shown["label"])
    assert [row["quantity"] for row in read["label"]["rows"]] == [40]
    assert [check["outcome"] for check in read["checks"] if check["name"] == "label.signed"] == [
        "passed"
    ]
    anew = town.ok("farm", "document", "show", PERMIT, "--out", pdf)
    assert (anew["signed"], read_document(anew["label"])) == (True, (PERMIT, [40]))
    town.ok("farm", "document", "record", " it/import/26-119 ", *rows, "--stamp", " 004711 ")
    copy = town.ok("farm", "document", "show", "IT/IMPORT/26-119 ", "--out", pdf)
    assert copy["document"]["paper"]["stamp"] == "004711"
    assert (copy["signed"], parse_label_url(copy["label"]).cose) == (False, None)
    box = ("parks", "document", "issue", "ZW/EXPORT/2026-0999", *rows, "--json")
    refused = town.run(*box, "--appendix", "iv").json["refused"]
    assert refused["rule"] == "document.appendix"
    assert "IV is no Appendix" in refused["message"]
    refused = town.run(*box, "--verification", "SFFCB4Y3").json["refused"]
    assert "no box for verification" in refused["message"]
    lone = town.run("farm", "document", "record", "ZW/CERT/7", "--appendix", "II", "--json")
    assert lone.json["error"]["code"] == "cli.goods-missing"
    town.ok("farm", "document", "record", "ZW/CERT/9", *rows, "--section", "s.9", "--museum", "M")
    town.ok("parks", "document", "attest", "ZW/CERT/9", "--seen", "original", "--file", scan)
    assert town.ok("farm", "document", "show", "ZW/CERT/9")["document"]["status"] == "attested"
    changed = ("document", "replace", "ZW/EXPORT/NEW", "--replaces", PERMIT, "--reason", "lost")
    made = town.ok("parks", *changed, "--from", town.write("paper.json", PAPER), "--yes")
    assert made["document"] == "ZW/EXPORT/NEW"
    shown = town.ok("farm", "document", "show", "ZW/EXPORT/NEW")["document"]
    assert (shown["replaces"], shown["rows"][0]["operation"]) == (PERMIT, "A-ZW-501")
    town.ok(
        "parks", "document", "cancel", "ZW/EXPORT/NEW", "--reason", "number was stolen", "--yes"
    )
    town.ok("farm", "facility", "register", "shed 2", "--kind", "store", "--country", "ZW")
    assert town.ok("farm", "facility", "show", "farm/shed-2")["facility"]["kind"] == "store"
    assert town.ok("farm", "reference", "show", "terms", "peaux")["rows"][0]["code"] == "SKI"
    assert len(town.ok("farm", "reference", "list", "sources")["rows"]) > 5


def offices(town, tmp_path: Path) -> None:
    code = bale(town)
    picture = tmp_path / "tag.jpg"
    picture.write_bytes(b"a picture")
    town.ok("parks", "inspect", code, "--result", "matches")
    town.ok("parks", "hold", code, "--reason", "papers are missing")
    town.ok("parks", "release", code, "--reason", "papers were shown")
    town.ok("parks", "attach", str(picture), code)
    town.ok("parks", "seize", f"{code}:5", "--reason", "no permit", "--yes")
    seized = next(
        row["code"]
        for row in town.ok("parks", "lot", "list", "--of", "parks", "--all")["lots"]
        if row["status"] == "seized"
    )
    goods = (*GOODS, "--quantity", "3", "--marks", "ZX-1..ZX-3", "--basis", "Act 20:14")
    made = town.ok(
        "parks", "seizure", "record", "zw/seizure/26-1", "--reason", "no permit", *goods, "--yes"
    )
    assert made["document"] == "ZW/SEIZURE/26-1"
    town.ok("parks", "confiscate", seized, "--reason", "court order 118/26", "--yes")
    town.ok("farm", "lot", "measure", code, "30", "--cause", "recount")
    found = town.ok("parks", "finding", "list", "--rule", "quantity.missing")["findings"]
    assert [row["name"] for row in found] == [code]
    (explained,) = town.ok("parks", "finding", "show", f"lot/{code}")["findings"]
    assert explained["innocent"].startswith("A miscount")
    assert explained["caused"]["party"] == "farm"
    table = str(tmp_path / "findings.csv")
    of_farm = ("--party", "farm", "--country", "zw", "--sort", "age", "--csv", table)
    assert town.ok("parks", "finding", "list", *of_farm)["findings"]
    assert f"lot/{code}" in Path(table).read_text(encoding="utf-8-sig")
    assert town.ok("parks", "finding", "list", "--due", "30d")["findings"] == []
    found = town.ok("parks", "waiting", "--section", "findings")["sections"]["findings"]
    assert code in [row["name"] for row in found]
    audited = town.ok("parks", "audit")["findings"]
    assert audited["rules"]["quantity.missing"] == 1
    assert f"lot/{code}" in [row["subject"] for row in audited["open"]]
    assert "seized" not in town.ok("parks", "waiting", "--section", "approvals")["sections"]
    close = (
        "finding",
        "close",
        f"lot/{code}",
        "quantity.missing",
        "--reason",
        "counted again",
        "--yes",
    )
    town.ok("parks", *close)
    assert town.ok("parks", "finding", "list", "--rule", "quantity.missing")["findings"] == []


def parties(town, tmp_path: Path) -> None:
    town.ok("parks", "party", "suspend", "maker", "--reason", "false returns")
    assert town.ok("parks", "party", "show", "maker")["party"]["status"] == "suspended"
    town.ok("parks", "party", "restore", "maker", "--reason", "recounted")
    town.ok("parks", "party", "scope", "maker", "--role", "maker", "--role", "dealer")
    assert town.ok("parks", "party", "list", "--role", "dealer")["parties"][0]["party"] == "maker"
    code = bale(town)
    words = ("party", "recover", "farm", code, "--to", "maker", "--reason", "heir", "--yes")
    town.ok("parks", *words)
    assert town.ok("maker", "lot", "show", code)["lot"]["holder"] == "maker"


def keys(town, tmp_path: Path) -> None:
    town.ok("farm", "key", "add", "office")
    assert len(town.ok("farm", "key", "list")["keys"]) == 2
    numbers = town.ok("farm", "key", "numbers")
    assert numbers["here"] == numbers["ledger"] > 0
    town.ok("farm", "key", "revoke", "office", "--reason", "not needed", "--yes")
    town.ok("farm", "key", "rotate", "--name", "farm-2027", "--yes")
    bale(town)
    request = str(tmp_path / "new.json")
    made = ("--as", "farm", "key", "create", "--name", "new", "--out", request)
    assert town.run("farm-new", *made).code == 0
    recovery = town.ok("parks", "key", "recover", request, "--yes")["statement"]
    town.ok("farm", "key", "veto", recovery)


def statements(town, tmp_path: Path) -> None:
    done = town.ok("farm", "lot", "register", *PLAIN, "--quantity", "7")
    code, statement = done["lots"][0], done["statement"]
    correct = ("statement", "correct", statement, "--lot", code, "--reason", "typing error")
    town.ok("farm", *correct, "--quantity", "6")
    waits = town.ok("farm", *correct, "--year", "2025")["statement"]
    assert town.ok("farm", "lot", "show", code)["lot"]["year"] == 2026
    town.ok("parks", "approve", waits, "--yes")
    assert town.ok("farm", "lot", "show", code)["lot"]["year"] == 2025
    town.ok("farm", "statement", "dispute", statement, code, "--reason", "never said so")
    event = town.write(
        "event.json", f'{{"type": "LotSplit", "lot": "{code}", "part": {{"quantity": 2}}}}'
    )
    file = str(tmp_path / "event.cose")
    town.ok("farm", "statement", "sign", event, "--out", file)
    assert town.ok("farm", "statement", "append", file, "--dry-run")["would"] == "register"
    town.ok("farm", "statement", "append", file)
    decoded = town.ok("farm", "statement", "decode", file)["decoded"]
    assert decoded["event"] == {"type": "LotSplit", "lot": code, "part": {"quantity": 2}}
    drop = ("statement", "drop", "400", "--reason", "phone fell into the lake", "--yes")
    town.run("farm", *drop, "--json")
    with_price = town.ok(
        "farm", "facility", "register", "plot", "--kind", "plot", "--country", "ZW",
        "--outline", town.write("outline.json", "POLYGON ((0 0, 0 1, 1 1, 0 0))"),
    )["statement"]  # fmt: skip
    (digest,) = town.ok("farm", "statement", "decode", with_price)["decoded"]["hidden"]
    offer = ("transfer", "offer", code, "--to", "tannery", "--hide", "price=4200 USD")
    offered = town.ok("farm", *offer)
    (hidden,) = town.ok("farm", "disclosure", "list", offered["statement"])["disclosures"]
    assert hidden["disclosure"] == offered["disclosures"][0]
    checked = ("disclosure", "check", hidden["disclosure"], offered["statement"])
    assert town.ok("tannery", *checked)["value"] == "4200 USD"
    withdraw = ("disclosure", "withdraw", with_price, "--digest", digest, "--reason", "asked")
    town.ok("farm", *withdraw, "--yes")


def files(town, tmp_path: Path) -> None:
    done = town.ok("farm", "lot", "register", *PLAIN, "--quantity", "7")
    code, statement = done["lots"][0], done["statement"]
    out = str(tmp_path / "x")
    assert len(town.ok("farm", "export", "log", str(tmp_path / "log"))) > 1
    town.ok("farm", "export", "receipt", statement, "--out", out)
    town.ok("farm", "export", "tlog-proof", statement, "--out", f"{out}.tlog-proof")
    town.ok("farm", "export", "bundle", code, "--out", out)
    town.ok("farm", "verify", out, "--code", code, "--trust", str(town.trust))
    town.ok("farm", "export", "card", code, "--out", out)
    town.ok("farm", "label", "create", code, "--out", f"{out}.pdf")
    town.ok("farm", "label", "create", code, "--out", f"{out}.svg")
    town.ok("farm", "label", "create", code, "--out", f"{out}.png")
    town.ok("farm", "label", "read", f"{out}.png", "--card", out)
    seen = str(tmp_path / "seen.json")
    town.ok("farm", "audit", str(tmp_path / "log"), "--trust", str(town.trust), "--remember", seen)
    refused = town.run("farm", "audit", str(tmp_path / "log"), "--remember", "-", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (2, "cli.usage")
    assert not Path("-").exists()
    shown = town.ok("farm", "checkpoint")
    assert {"origin", "size", "root", "vkey", "note"} <= set(shown)
    second = str(tmp_path / "second")
    town.ok("farm", "backup", second, "--with-keys")
    assert town.ok("farm", "audit", ledger=second)["size"] == shown["size"]
    third = str(tmp_path / "third")
    town.ok("farm", "restore", second, third, "--yes")
    assert town.ok("farm", "audit", ledger=third)["size"] == shown["size"]
    checks = town.ok("farm", "doctor", "--deep", "--rebuild")["checks"]
    assert {check["outcome"] for check in checks} <= {"passed", "advice"}
    for shell in ("bash", "zsh", "fish"):
        assert "_RINGMARK_COMPLETE" in town.ok("farm", "completion", shell)["script"]
    town.ok("farm", "outbox", "list")
    town.ok("farm", "outbox", "push")
    town.ok("farm", "outbox", "export", out)
    town.ok("farm", "outbox", "import", out)
    town.run("farm", "outbox", "fix", "1", "--json")


def roots(town, tmp_path: Path) -> None:
    town.ok("root", "registrar", "rotate", "label", "--yes")
    town.ok("root", "rules", "adopt", "--two-person", "--yes")
    code = bale(town)
    request = str(tmp_path / "moyo.json")
    town.ok("moyo", "key", "create", "--out", request)
    office = ("--country", "ZW", "--role", "officer", "--power", "control")
    town.ok("parks", "party", "enrol", request, *office)
    town.ok("parks", "seize", code, "--reason", "no permit", "--yes")
    pending = town.ok("parks", "confiscate", code, "--reason", "court", "--yes")["statement"]
    assert town.ok("parks", "lot", "show", code)["lot"]["status"] == "seized"
    town.ok("moyo", "approve", pending, "--yes")
    assert town.ok("parks", "lot", "show", code)["lot"]["status"] == "confiscated"
    request = str(tmp_path / "root.json")
    town.ok("root", "key", "create", "--name", "root-2", "--out", request)
    change = ("root", "change", request, "--threshold", "1", "--yes")
    proposal = town.ok("root", *change)["statement"]
    town.ok("root", "--key", "root-2", "approve", proposal, "--yes")
    town.ok("root", "key", "use", "root-2")
    town.enrol("customs", by="root", role="authority")


STORIES = {
    "lots": lots,
    "transfers": transfers,
    "papers": papers,
    "offices": offices,
    "parties": parties,
    "keys": keys,
    "statements": statements,
    "files": files,
    "roots": roots,
}


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str, town, tmp_path: Path) -> None:
    STORIES[name](town, tmp_path)
    report = town.ok("farm", "audit", "--deep", "--trust", str(town.trust))
    assert report["outcome"] == "verified"


def test_every_command_has_its_story(project_root: Path) -> None:
    """A command that no test here names is not tested."""
    text = "".join(
        file.read_text(encoding="utf-8")
        for folder in ("commands", "postgres")
        for file in (project_root / "tests" / folder).glob("*.py")
    )
    silent = [words for words in names() if words not in SERVED and not told(words, text)]
    assert silent == []


def told(words: str, text: str) -> bool:
    quoted = r",\s*".join(f'"{word}"' for word in words.split())
    return re.search(quoted, text) is not None


def names(group: click.Group = ringmark, path: tuple[str, ...] = ()) -> list[str]:
    ctx = click.Context(group)
    found = []
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if isinstance(command, click.Group):
            found += names(command, (*path, name))
        else:
            found.append(" ".join((*path, name)))
    return found
