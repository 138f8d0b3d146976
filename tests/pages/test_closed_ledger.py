"""A closed ledger: who proves to be whom, and who reads what; the card stays everybody's."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace
from stall import DAY_S, PERMIT, SKINS, TAGS, Stall, build_stall, codes_of, tell

from ledger.custody.goods import NewLot, Part
from ledger.custody.lots import Basis, LotRegistered
from ledger.custody.parties import KeyRecovered, KeyRevoked, PartySuspended
from ledger.custody.transfers import ContainerPacked, Moves, TransferAccepted, TransferOffered
from ledger.keys import ED25519, PrivateKey, make_key_proof
from ledger.statement import public_key
from ledger.token import make_token
from ledger.wire.text import json_loads

HOST = "localhost"


@pytest.fixture(scope="module")
def closed() -> Stall:
    """The stall with an auditor, a mirror, and lots of two farms, one of them on offer."""
    made = build_stall(seed=11)
    for party, role in (("audit-house", "auditor"), ("mirror-house", "mirror")):
        made.world.enrol(party, role, by="zw-authority")
    return made


def token(stall: Stall, party: str, *, host: str = HOST, later: int = 0, signer: Any = None) -> str:
    return make_token(
        signer or stall.world.members[party].signer,
        ledger=stall.world.ledger.ledger,
        party=party,
        host=host,
        iat=stall.world.clock.now_s() + later,
    )


def ask(stall: Stall, path: str, party: str | None = None, **more: Any) -> tuple[int, Any]:
    headers = {"Authorization": token(stall, party, **more)} if party else {}
    answer = stall.client(is_open=False).get(path, headers=headers)
    body = answer.get_data()
    return answer.status_code, json_loads(body) if answer.is_json else body


def code_of(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["code"]


PATHS = (
    "/api/v1/parties",
    "/api/v1/parties/harare-tannery/lots",
    "/api/v1/parties/harare-tannery/offers",
    "/api/v1/parties/harare-tannery",
    "/api/v1/lots/{skins}/history",
    "/api/v1/lots/{skins}/bundle",
    "/api/v1/findings",
    "/api/v1/search?q=Crocodylus",
    "/log/tile/entries/000.p/1",
)


@pytest.mark.parametrize("path", PATHS)
def test_who_is_nobody_is_asked_who_he_is(closed: Stall, path: str) -> None:
    answer = closed.client(is_open=False).get(path.format(skins=closed.skins))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Ringmark"
    assert answer.mimetype == "application/problem+json"
    assert json_loads(answer.get_data())["code"] == "access.unproved"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("party", ["audit-house", "mirror-house", "zw-authority"])
def test_auditors_mirrors_and_officers_read_everything(
    closed: Stall, path: str, party: str
) -> None:
    assert ask(closed, path.format(skins=closed.skins), party)[0] == 200


@pytest.mark.parametrize("path", PATHS)
def test_a_competitor_reads_nothing_of_it(closed: Stall, path: str) -> None:
    status, plain = ask(closed, path.format(skins=closed.skins), "binga-ranch")
    if status == 200:
        assert plain in ({"findings": [], "next": "", "counts": None}, {"results": []})
    else:
        assert (status, plain["code"]) == (403, "access.denied")


def test_a_party_reads_what_is_its_own(closed: Stall) -> None:
    mine = ("harare-tannery", closed.skins)
    for path in PATHS[1:6]:
        assert ask(closed, path.format(skins=mine[1]), mine[0])[0] == 200, path
    _, plain = ask(closed, f"/api/v1/lots/{mine[1]}", mine[0])
    assert plain["holder"] == "harare-tannery"
    assert "holder" not in ask(closed, f"/api/v1/lots/{mine[1]}", "binga-ranch")[1]
    assert ask(closed, "/api/v1/parties", "harare-tannery")[0] == 403
    assert ask(closed, PATHS[-1], "harare-tannery")[0] == 403
    # It sold them: what became of them is the next owner's.
    assert ask(closed, f"/api/v1/lots/{mine[1]}/history", "kariba-farm")[0] == 403


def test_whoever_has_an_offer_sees_the_lot(closed: Stall) -> None:
    row = NewLot((build_row(),), year=2026)
    (outcome,) = (tell(closed.world, "binga-ranch", LotRegistered(Basis.OPENING_STOCK, (row,))),)
    (code,) = outcome.labels
    path = f"/api/v1/lots/{code}/bundle"
    assert ask(closed, path, "para-plot")[0] == 403
    expires = closed.world.clock.now_s() + DAY_S
    event = TransferOffered("para-plot", Moves.BOTH, expires, lots={code: Part()})
    offered = tell(closed.world, "binga-ranch", event)
    assert ask(closed, path, "para-plot")[0] == 200
    _, offers = ask(closed, "/api/v1/parties/para-plot/offers", "para-plot")
    assert [offer["id"] for offer in offers["to"]] == [offered.id.hex()]
    statement = f"/api/v1/statements/{offered.id.hex()}"
    assert ask(closed, statement, "para-plot")[0] == 200
    assert ask(closed, statement, "harare-tannery")[0] == 403
    assert ask(closed, statement)[0] == 401


def test_an_offer_that_is_over_shows_nothing_any_more() -> None:
    stall = build_stall(seed=14)
    path = f"/api/v1/lots/{stall.skins}/bundle"
    expires = stall.world.clock.now_s() + DAY_S
    offer = TransferOffered("para-plot", Moves.BOTH, expires, lots={stall.skins: Part()})
    tell(stall.world, "harare-tannery", offer)
    assert ask(stall, path, "para-plot")[0] == 200
    stall.world.clock.advance(DAY_S + 1)
    stall.world.ledger.registrar.heartbeat()
    assert code_of(ask(stall, path, "para-plot")) == (403, "access.denied")


def build_row() -> Any:
    from stall import SKINS

    return SKINS


def test_findings_are_shown_to_those_whom_they_are_about(closed: Stall) -> None:
    _, plain = ask(closed, "/api/v1/findings", "kariba-farm")
    names = {row["name"] for row in plain["findings"]}
    assert closed.held in names
    assert names <= {closed.held, "kariba-farm"}
    # Of what it may not see there is not even a place, however small the page.
    page = {"next": ""}
    while True:
        _, page = ask(closed, f"/api/v1/findings?limit=1&after={page['next']}", "kariba-farm")
        assert {row["name"] for row in page["findings"]} <= names
        if not page["next"]:
            break
        assert any(page["next"].endswith(f":{name}") for name in names)
    _, everything = ask(closed, "/api/v1/findings", "audit-house")
    assert len(everything["findings"]) >= len(plain["findings"])


@pytest.mark.parametrize("path", ["card", ""])
def test_the_card_and_the_checkpoint_stay_public(closed: Stall, path: str) -> None:
    assert ask(closed, f"/api/v1/lots/{closed.skins}/{path}".rstrip("/"))[0] == 200
    assert ask(closed, "/log/checkpoint")[0] == 200
    size = closed.stand.reader.moment().head.size
    assert ask(closed, f"/log/tile/0/000.p/{size}")[0] == 200
    assert ask(closed, f"/api/v1/documents/{PERMIT}")[0] == 200


def test_a_documents_card_is_everybodys_and_names_nobody(closed: Stall) -> None:
    client = closed.client(is_open=False)
    answer = client.get(f"/api/v1/documents/{PERMIT}/card")
    assert answer.status_code == 200
    card = answer.get_data()
    assert PERMIT.encode() in card
    # The authority that issued it, who holds the goods, and their codes.
    hidden = [name for name in closed.world.members if name != "root"]
    hidden += [closed.skins, closed.finished, closed.held]
    assert "zw-authority" in hidden
    assert [name for name in hidden if name.encode() in card] == []


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("token.host", {"host": "mirror.example"}),
        ("token.time", {"later": -601}),
        ("token.time", {"later": 601}),
    ],
)
def test_a_token_that_does_not_hold_is_401(closed: Stall, code: str, more: Any) -> None:
    answer = ask(closed, "/api/v1/parties", "audit-house", **more)
    assert code_of(answer) == (401, code)


def test_a_token_of_nobody_or_of_garbage_is_401(closed: Stall) -> None:
    other = closed.world.members["kariba-farm"].signer
    assert code_of(ask(closed, PATHS[0], "audit-house", signer=other)) == (401, "token.key")
    client = closed.client(is_open=False)
    for value in ("Basic eDp5", "Ringmark", "Ringmark !", "Ringmark " + "A" * 5_000):
        answer = client.get(PATHS[0], headers={"Authorization": value})
        assert code_of((answer.status_code, json_loads(answer.get_data()))) == (401, "token.form")
    # In front of an open ledger a proxy may ask for what it likes.
    assert closed.client().get(PATHS[0], headers={"Authorization": "Basic eDp5"}).status_code == 200


def test_a_card_is_served_whatever_token_comes_along(closed: Stall) -> None:
    client = closed.client(is_open=False)
    answer = client.get(
        f"/api/v1/lots/{closed.skins}/card", headers={"Authorization": "Ringmark x"}
    )
    assert answer.status_code == 200


def test_entries_of_a_closed_ledger_are_kept_by_no_cache(closed: Stall) -> None:
    client = closed.client(is_open=False)
    path, headers = PATHS[-1], {"Authorization": token(closed, "mirror-house")}
    assert client.get(path, headers=headers).headers["Cache-Control"] == "no-store"
    assert "immutable" in closed.client().get(path).headers["Cache-Control"]


@pytest.mark.parametrize(
    ("prefix", "status"),
    [
        ("quota/", 200),
        ("allotment/kariba-farm/", 200),
        ("stock/kariba-farm/pens/", 200),
        ("allotment/kariba-far", 403),
        ("allotment/kariba-farm", 403),
        ("allotment/harare-tannery/", 403),
        ("", 403),
    ],
)
def test_accounts_are_shown_to_the_party_that_they_are_of(
    closed: Stall, prefix: str, status: int
) -> None:
    assert ask(closed, f"/api/v1/entries/account?prefix={prefix}", "kariba-farm")[0] == status


# -- labels


@pytest.mark.parametrize("is_open", [True, False])
def test_a_label_is_for_holder_owner_and_officers(closed: Stall, is_open: bool) -> None:
    client = closed.client(is_open=is_open)
    path = f"/api/v1/lots/{closed.skins}/label"

    def status(party: str) -> int:
        return client.get(path, headers={"Authorization": token(closed, party)}).status_code

    assert client.get(path).status_code == 401
    assert status("harare-tannery") == 200
    assert status("zw-authority") == 200
    assert status("kariba-farm") == status("audit-house") == status("binga-ranch") == 403
    nothing: FlaskClient = client
    absent = nothing.get("/api/v1/lots/51PB1X9SFP3J/label")
    assert absent.status_code == 404


# -- what stands beside one's own


@pytest.fixture(scope="module")
def rivals() -> tuple[Stall, str, bytes]:
    """A stall where a rival claims a tag of the tannery's goods: its lot, its statement."""
    stall = build_stall(seed=13)
    stall.world.enrol("rival-ranch", "ranch", by="zw-authority")
    skins = NewLot((replace(SKINS, quantity=1),), marks=(replace(TAGS, last=1),), year=2026)
    told = tell(stall.world, "rival-ranch", LotRegistered(Basis.OPENING_STOCK, (skins,)))
    return stall, codes_of(told, 1)[0], told.id


def test_who_cloned_a_mark_is_for_officers_to_know(rivals: tuple[Stall, str, bytes]) -> None:
    stall, _, cause = rivals
    _, plain = ask(stall, "/api/v1/findings?rule=mark.*", "harare-tannery")
    (found,) = plain["findings"]
    assert found["finding"]["cause"] == cause.hex()
    assert found["caused"]["role"] == "ranch"
    assert (found["caused"]["party"], found["caused"]["code"]) == ("", "")
    # Asking for each competitor in turn tells no more.
    for party, count in (("rival-ranch", 0), ("harare-tannery", 1)):
        _, plain = ask(stall, f"/api/v1/findings?rule=mark.*&party={party}", "harare-tannery")
        assert len(plain["findings"]) == count, party
    _, plain = ask(stall, "/api/v1/findings?rule=mark.*&party=rival-ranch", "zw-authority")
    assert {row["caused"]["party"] for row in plain["findings"]} == {"rival-ranch"}
    assert ask(stall, f"/api/v1/statements/{cause.hex()}", "harare-tannery")[0] == 403
    assert ask(stall, f"/api/v1/statements/{cause.hex()}", "rival-ranch")[0] == 200


def test_a_mark_names_no_lot_of_somebody_else(rivals: tuple[Stall, str, bytes]) -> None:
    stall, code, _ = rivals
    path = "/api/v1/marks/CITES-TAG/ZW-NIL-26-000001"
    everything = ask(stall, path, "zw-authority")[1]["lots"]
    assert code in everything
    assert len(everything) == 2
    assert ask(stall, path, "rival-ranch")[1]["lots"] == [code]
    assert ask(stall, path, "harare-tannery")[1]["lots"] == [c for c in everything if c != code]
    assert "lots" not in ask(stall, path, "binga-ranch")[1]
    assert "lots" not in ask(stall, path)[1]


def test_a_container_names_ones_own_lots_alone() -> None:
    stall = build_stall(seed=14)
    world = stall.world
    lots = [
        codes_of(tell(world, party, LotRegistered(Basis.OPENING_STOCK, (row,))), 1)[0]
        for party, row in (
            ("binga-ranch", NewLot((SKINS,), year=2026)),
            ("harare-tannery", NewLot((SKINS,), year=2026)),
        )
    ]
    # The tannery stores what the ranch still owns, and packs both.
    expires = world.clock.now_s() + DAY_S
    event = TransferOffered("harare-tannery", Moves.CUSTODY, expires, lots={lots[0]: Part()})
    offered = tell(world, "binga-ranch", event)
    tell(world, "harare-tannery", TransferAccepted(offered.id))
    packed = codes_of(tell(world, "harare-tannery", ContainerPacked(lots=tuple(sorted(lots)))), 1)
    path = f"/api/v1/containers/{packed[0]}"
    assert ask(stall, path, "harare-tannery")[1]["lots"] == sorted(lots)
    assert ask(stall, path, "binga-ranch")[1]["lots"] == [lots[0]]
    assert "lots" not in ask(stall, path, "kariba-farm")[1]


def test_the_birth_of_ones_goods_is_a_statement_about_them(closed: Stall) -> None:
    _, plain = ask(closed, f"/api/v1/lots/{closed.skins}/history", "harare-tannery")
    for row in plain["history"]:
        assert ask(closed, f"/api/v1/statements/{row['id']}", "harare-tannery")[0] == 200
        assert ask(closed, f"/api/v1/statements/{row['id']}", "binga-ranch")[0] == 403


# -- parties that lost their standing (last: they change the stall)


def test_a_suspended_auditor_and_a_revoked_key_read_nothing() -> None:
    stall = build_stall(seed=12)
    stall.world.enrol("audit-house", "auditor", by="zw-authority")
    stall.world.enrol("mirror-house", "mirror", by="zw-authority")
    tell(stall.world, "zw-authority", PartySuspended("audit-house", "no longer"))
    assert code_of(ask(stall, PATHS[0], "audit-house")) == (403, "access.denied")
    kid = stall.world.members["mirror-house"].signer.kid
    tell(stall.world, "zw-authority", KeyRevoked(kid, "stolen"))
    assert code_of(ask(stall, PATHS[0], "mirror-house")) == (401, "token.key")
    tell(stall.world, "zw-authority", PartySuspended("harare-tannery", "for now"))
    assert ask(stall, PATHS[5].format(skins=stall.skins), "harare-tannery")[0] == 200


def test_a_recovered_key_reads_nothing_before_it_is_in_force() -> None:
    stall = build_stall(seed=13)
    new = PrivateKey.generate(ED25519, stall.world.entropy.token)
    proof = make_key_proof(new, ledger=stall.world.ledger.ledger, party="harare-tannery")
    event = KeyRecovered("harare-tannery", public_key(new.key), proof)
    tell(stall.world, "zw-authority", event)
    path = PATHS[1]
    assert code_of(ask(stall, path, "harare-tannery", signer=new)) == (401, "token.key")
    stall.world.clock.advance(72 * 3_600)
    stall.world.ledger.registrar.heartbeat()
    assert ask(stall, path, "harare-tannery", signer=new)[0] == 200


def test_an_authority_opens_its_page_by_a_link_with_a_token(closed: Stall) -> None:
    def page(query: str, **more: Any) -> tuple[int, str]:
        answer = closed.client(is_open=False).get(f"/waiting{query}", **more)
        return answer.status_code, answer.get_data(as_text=True)

    def link(party: str, **more: Any) -> str:
        return f"?token={token(closed, party, **more).partition(' ')[2]}"

    status, text = page(link("zw-authority"))
    assert status == 200
    assert "zw-authority" in text
    assert f"<span>release</span> <span>{closed.held}</span>" in text
    assert page("")[0] == 401
    assert page(link("kariba-farm"))[0] == 403
    assert page(link("zw-authority", later=-601))[0] == 401
    assert page(link("zw-authority", host="elsewhere.example"))[0] == 401
    assert page("?token=%3Cscript%3E")[0] in (400, 401)
    # A token in an address opens this page alone.
    for path in ("/api/v1/waiting", "/api/v1/findings"):
        answer = closed.client(is_open=False).get(path + link("zw-authority"))
        assert answer.status_code == 401, path
