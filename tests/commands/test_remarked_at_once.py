"""What the rules remark on a statement is told with its answer, not at the border."""

from __future__ import annotations

HEADINGS = "species;term;quantity;unit;source;origin;year;tag from;tag to\n"
OWN = "Crocodylus niloticus;skins;20;pieces;R;ZW;2026;ZW-2026-000001-NIL;ZW-2026-000020-NIL\n"
SLIP = "Crocodylus niloticus;skins;3;pieces;W;ZW;2026;ZW-2026-000020-NIL;ZW-2026-000022-NIL\n"
MARK = "CROC/ZW-2026-000020-NIL"


def register(town, party: str, row: str, *more: str) -> tuple[str, ...]:
    sheet = town.write(f"{party}.csv", HEADINGS + row)
    return ("lot", "register", "--from", sheet, "--basis", "harvest", *more)


def test_a_tag_that_stands_on_other_skins_is_told_before_and_after(town, reached) -> None:
    # Given a farm's twenty skins
    farm = town.write("farm.csv", HEADINGS + OWN)
    words = ("lot", "register", "--from", farm, "--basis", "bred", "--facility", "pens")
    rival = town.ok("farm", *words, ledger=reached)["lots"][0]
    # When a tannery, by a slip, types the last of their tags
    slip = register(town, "tannery", SLIP)
    tried = town.ok("tannery", *slip, "--dry-run", ledger=reached)
    assert [found["rule"] for found in tried["findings"]] == ["mark.cloned"]
    done = town.ok("tannery", *slip, ledger=reached)
    # Then it is told which rule, how heavy, on which lot of its own, and about which tag
    (found,) = done["findings"]
    assert (found["rule"], found["severity"]) == ("mark.cloned", "stop")
    assert found["on"] == [f"lot/{done['lots'][0]}"]
    assert found["marks"] == [MARK]
    # And the code of the rival's lot, which has the stop too, is none of its business
    on = [
        row["name"] for row in town.ok("parks", "finding", "list", "--severity", "stop")["findings"]
    ]
    assert rival in on
    assert rival not in str(done)


def test_people_read_it_under_the_result_the_heaviest_first(town) -> None:
    town.ok("farm", *register(town, "farm", OWN.replace(";R;", ";W;")))
    slip = register(town, "tannery", SLIP.replace(";ZW;2026;ZW", ";FR;2026;ZW"))
    would = town.run("tannery", *slip, "--dry-run").out.splitlines()
    assert would[1] == "It would be remarked on:"
    said = town.run("tannery", *slip, "-y").out
    lines = said.splitlines()
    heads = [line.split(" ")[0] for line in lines if line.startswith(("STOP", "check", "note"))]
    assert heads == sorted(heads, key=["STOP", "check", "note"].index)
    assert set(heads) == {"STOP", "check"}
    stop = next(n for n, line in enumerate(lines) if line.startswith("STOP"))
    assert lines[stop].startswith("STOP (mark.cloned) on lot/")
    assert lines[stop + 1] == f"  about: {MARK}"
    assert any(line.startswith("  what ends it: ringmark finding show lot/") for line in lines)
    # In the trader's language
    english, french = (
        town.run("tannery", "--lang", lang, *slip, "--dry-run").out.splitlines()[2:6]
        for lang in ("en", "fr")
    )
    assert english[0].startswith("STOP (mark.cloned)")
    assert french[0].startswith("STOP (mark.cloned)")
    assert english[0].split(": ")[1] != french[0].split(": ")[1]
    assert all(one != other for one, other in zip(english[2:], french[2:], strict=True))


def test_many_lots_with_one_remark_are_one_remark(town) -> None:
    rows = OWN + "".join(
        f"Crocodylus niloticus;skins;1;pieces;W;FR;2026;ZW-2026-{n:06}-NIL;ZW-2026-{n:06}-NIL\n"
        for n in range(100, 140)
    )
    done = town.run("tannery", *register(town, "tannery", rows.removeprefix(OWN), "--each"), "-y")
    told = [line for line in done.out.splitlines() if "origin.outside-range" in line]
    assert len(told) == 1
    assert "and 37 more" in told[0]


def test_a_push_of_the_outbox_tells_it_too_and_so_does_sending_again(town) -> None:
    town.ok("farm", *register(town, "farm", OWN.replace(";R;", ";W;")))
    slip = register(town, "tannery", SLIP)
    town.ok("tannery", *slip, "--queue")
    tried = town.ok("tannery", "outbox", "push", "--dry-run")
    assert [found["rule"] for found in tried["findings"]] == ["mark.cloned"]
    file = str(town.home("tannery") / "queued.bin")
    town.ok("tannery", "outbox", "export", file)
    town.ok("maker", "outbox", "import", file)
    assert "STOP (mark.cloned)" in town.run("maker", "outbox", "push").out
    # The tannery's own push brings the same statement again: it is told as well
    (again,) = town.ok("tannery", "outbox", "push")["entries"]
    assert [(found["rule"], found["marks"]) for found in again["findings"]] == [
        ("mark.cloned", [MARK])
    ]
    listed = town.ok("tannery", "outbox", "list", "--all")["entries"][-1]
    assert listed["findings"] == again["findings"]


def test_a_deadline_is_told_with_its_day(town) -> None:
    farm = town.write("farm.csv", HEADINGS + OWN)
    words = ("lot", "register", "--from", farm, "--basis", "bred", "--facility", "pens")
    said = town.run("farm", *words, "-y").out
    assert "check unless it is settled by 2027-" in said
    assert "(stock.undeclared) on facility/farm/pens:" in said


def test_what_is_as_it_should_be_is_not_remarked_on(town) -> None:
    stock = ("--taxon", "Crocodylus niloticus", "--count", "all=500")
    town.ok("farm", "facility", "declare", "pens", *stock)
    town.ok("parks", "facility", "count", "farm/pens", *stock, "--result", "matches")
    farm = town.write("farm.csv", HEADINGS + OWN)
    words = ("lot", "register", "--from", farm, "--basis", "bred", "--facility", "pens")
    assert town.ok("farm", *words, "--dry-run")["findings"] == []
    assert town.ok("farm", *words)["findings"] == []
