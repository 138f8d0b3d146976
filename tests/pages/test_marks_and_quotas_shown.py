"""Marks in any spelling and documents by number lead to their pages; quotas show conditions."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace
from stall import JSON, PERMIT, SKINS, Stall, build_stall, codes_of, tell

from ledger.custody.goods import MarkRange, NewLot
from ledger.custody.lots import Basis, LotExported, LotRegistered
from ledger.custody.references import Quota, QuotaSet
from ledger.reader.covering import CoveringQuota
from web.quotas import quota_shown, quotas_in_short

CROC = MarkRange("CROC", "ZW-2026-", 1, 3, 6, "-NIL")
QUOTA = Quota(
    quota="ZW-2026-NIL",
    country="ZW",
    taxon="Crocodylus niloticus",
    amount=900,
    unit="NAR",
    from_day="2026-01-01",
    until_day="2026-12-31",
    counts="endorsement",
    binding="voluntary",
    terms=("SKI",),
    conditions=("belly width <i>stated</i> for each skin",),
)


@pytest.fixture(scope="module")
def tagged() -> tuple[Stall, str]:
    """A stall with a quota, and three skins with tags of the real form."""
    stall = build_stall(seed=11)
    tell(stall.world, "zw-authority", QuotaSet((QUOTA,)))
    lot = NewLot((replace(SKINS, quantity=3),), marks=(CROC,), year=2026, documents=(PERMIT,))
    born = tell(stall.world, "binga-ranch", LotRegistered(Basis.OPENING_STOCK, (lot,)))
    return stall, codes_of(born, 1)[0]


def find(client: FlaskClient, typed: str) -> tuple[int, str]:
    answer = client.get("/find", query_string={"code": typed, "lang": "en"})
    return answer.status_code, answer.headers.get("Location", "")


@pytest.mark.parametrize(
    "typed", ["ZW-2026-000002-NIL", "zw26/2 nil", "NIL 2/2026 ZW", "CROC/ZW-2026-000002-NIL"]
)
def test_code_field_takes_a_tag_in_any_spelling(tagged: tuple[Stall, str], typed: str) -> None:
    with tagged[0].client() as client:
        assert find(client, typed) == (303, "/m/CROC/ZW-2026-000002-NIL?lang=en")


@pytest.mark.parametrize("typed", ["26ZW000123", PERMIT, PERMIT.lower()])
def test_code_field_takes_the_number_of_a_document(tagged: tuple[Stall, str], typed: str) -> None:
    with tagged[0].client() as client:
        assert find(client, typed) == (303, f"/d/{PERMIT}?lang=en")


@pytest.mark.parametrize("path", ["CROC/ZW-2026-000002-NIL", "ZW-2026-000002-NIL", "zw26/2 nil"])
def test_page_of_a_mark_takes_any_spelling(tagged: tuple[Stall, str], path: str) -> None:
    stall, code = tagged
    with stall.client() as client:
        answer = client.get(f"/m/{path}", headers=JSON)
    assert answer.status_code == 200
    assert code in answer.get_data(as_text=True).replace("-", "")


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize("place", ["/m/ZW26000002NIL", "/find?code=ZW26000002NIL"])
def test_what_reads_as_several_marks_is_a_question_wherever_it_is_typed(
    tagged: tuple[Stall, str], place: str, is_open: bool
) -> None:
    # Given a tag without its hyphens: of 2026 number 2, or of 2002 number 260000; one is known
    with tagged[0].client(is_open=is_open) as client:
        answer = client.get(place, headers={"Accept": "text/html", "Accept-Language": "en"})
        plain = client.get(place, headers=JSON)
    # Then none is taken for the other: each is a link
    page = answer.get_data(as_text=True)
    assert (answer.status_code, plain.status_code) == (300, 300)
    assert 'data-level="cannot-tell" data-reason="mark.several"' in page
    names = ["CROC/ZW-2026-000002-NIL", "CROC/ZW-2002-260000-NIL"]
    assert plain.get_json()["marks"] == names
    for name in names:
        assert f'href="/m/{name}?lang=en"' in page


def test_page_of_a_document_shows_its_quotas_with_their_conditions(
    tagged: tuple[Stall, str],
) -> None:
    # Given a permit for skins, under a quota with a condition in free text
    with tagged[0].client() as client:
        page = client.get(f"/d/{PERMIT}", query_string={"lang": "en"}).get_data(as_text=True)
        plain = client.get(f"/d/{PERMIT}", headers=JSON).get_json()
    # Then whoever looks at the permit reads the condition, as text and nothing else
    assert "ZW-2026-NIL" in page
    assert "belly width &lt;i&gt;stated&lt;/i&gt; for each skin" in page
    assert plain["quotas"][0]["amount"] == 900


@pytest.fixture(scope="module")
def exported(tagged: tuple[Stall, str]) -> tuple[Stall, str]:
    """The three skins leave their country, under the quota."""
    stall, code = tagged
    tell(stall.world, "binga-ranch", LotExported((code,), PERMIT, "ZW", "FR"))
    return stall, code


@pytest.mark.parametrize(
    ("lang", "word"), [("en", "Condition:"), ("fr", "Condition\u00a0:"), ("es", "Condición:")]
)
def test_page_of_an_exported_lot_shows_what_its_quota_asks(
    exported: tuple[Stall, str], lang: str, word: str
) -> None:
    stall, code = exported
    with stall.client() as client:
        page = client.get(f"/i/{code}", query_string={"lang": lang}).get_data(as_text=True)
        plain = client.get(f"/i/{code}", headers=JSON).get_json()
    assert f"{word} <bdi>belly width &lt;i&gt;stated&lt;/i&gt; for each skin</bdi>" in page
    assert "<code>ZW-2026-NIL</code> 3 / 900" in page
    assert plain["quotas"] == [
        {
            "quota": "ZW-2026-NIL",
            "used": 3,
            "amount": 900,
            "unit": "NAR",
            "conditions": list(QUOTA.conditions),
        }
    ]


def test_page_of_a_lot_that_no_quota_counts_shows_none(exported: tuple[Stall, str]) -> None:
    stall, _ = exported
    with stall.client() as client:
        page = client.get(f"/i/{stall.held}", query_string={"lang": "en"}).get_data(as_text=True)
        plain = client.get(f"/i/{stall.held}", headers=JSON).get_json()
    assert ('id="quotas"' in page, plain["quotas"]) == (False, [])


def test_long_conditions_are_cut_for_a_phone() -> None:
    notes = ("x" * 2_000, *(f"note {n}" for n in range(9)))
    (shown,) = quotas_in_short([CoveringQuota("Q", 1, 9, "NAR", notes)])
    assert [len(note) for note in shown.conditions] == [240, 6, 6, 6, 1]
    assert shown.conditions[0].endswith("…")
    assert quota_shown(CoveringQuota("Q", 1, 9, "NAR", notes)).conditions == notes
    assert len(quotas_in_short([CoveringQuota("Q", 1, 9, "NAR", notes)] * 9)) == 5


def test_entries_are_listed_and_shown(tagged: tuple[Stall, str]) -> None:
    with tagged[0].client() as client:
        listed = client.get("/api/v1/entries/account?prefix=quota/", headers=JSON).get_json()
        shown = client.get("/api/v1/entries/account/quota/ZW-2026-NIL", headers=JSON).get_json()
    assert [entry["name"] for entry in listed["entries"]] == ["quota/ZW-2026-NIL"]
    assert shown["quota"]["conditions"] == list(QUOTA.conditions)


def test_there_are_entries_of_two_kinds_alone(tagged: tuple[Stall, str]) -> None:
    with tagged[0].client() as client:
        answer = client.get("/api/v1/entries/lot?prefix=", headers=JSON)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "entry.kind")
