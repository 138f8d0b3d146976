"""`lot show` tells an officer what the quotas ask under which goods left."""

from __future__ import annotations

QUOTA = (
    "id,country,taxon,amount,unit,year,terms,sources,counts,conditions\n"
    "ZW-2026-NIL,ZW,Crocodylus niloticus,600,NAR,2026,SKI,R,{counts},belly width stated\n"
)
PERMIT = "ZW/EXPORT/2026-77"


def test_an_exported_lot_shows_the_conditions_of_its_quota(town) -> None:
    # Given a quota of what leaves, with a condition, and one of what is permitted
    for counts, number in (("endorsement", 1), ("issue", 2)):
        sheet = QUOTA.format(counts=counts).replace("ZW-2026-NIL", f"ZW-2026-NIL-{number}")
        file = town.write(f"quota{number}.csv", sheet)
        town.ok("parks", "reference", "load", file, "--kind", "quotas")
    goods = ("--taxon", "Crocodylus niloticus", "--term", "SKI", "--source", "R", "--origin", "ZW")
    words = ("--quantity", "500", "--holder", "farm", "--until", "2027-05-01", "--purpose", "T")
    town.ok("parks", "document", "issue", PERMIT, *goods, *words)
    code = town.register_skins()
    assert town.ok("farm", "lot", "show", code)["quotas"] == []
    # When it is exported under the permit
    town.ok("farm", "border", "export", code, "--document", PERMIT, "--from", "ZW", "--to", "IT")
    # Then both stand on it, with what they ask
    shown = town.run("parks", "lot", "show", code).out
    left = "ZW Crocodylus niloticus SKI  100 pieces of 600 pieces left"
    assert f"quota: ZW-2026-NIL-1  {left}" in shown
    assert f"quota: ZW-2026-NIL-2  {left}" in shown
    assert shown.count("condition: belly width stated") == 2
