"""The verdict page: level, reason, goods, timeline, lineage and checks, without JavaScript."""

from __future__ import annotations

import re
import sys

import pytest
from flask.testing import FlaskClient
from stall import HTML, JSON, TAGS, UNKNOWN, Stall, build_stall, codes_of, tell

from ledger.custody.control import LotHeld
from ledger.custody.goods import Part
from ledger.custody.lots import LotDeparted
from ledger.custody.transfers import ContainerPacked
from ledger.wire.label import parse_label_url
from ledger.wire.text import code_symbols, format_code, json_loads, parse_code


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    response = client.get(path, headers=HTML)
    assert response.status_code == status, response.get_data(as_text=True)[:500]
    return response.get_data(as_text=True)


def band(text: str) -> tuple[str, str]:
    found = re.search(r'id="verdict" data-level="([^"]+)" data-reason="([^"]+)"', text)
    assert found is not None
    return found[1], found[2]


def test_a_consistent_lot_says_so_in_word_shape_and_sentence(
    stall: Stall, client: FlaskClient
) -> None:
    text = page(client, f"/i/{stall.finished}")
    assert band(text) == ("consistent", "consistent")
    assert "CONSISTENT" in text
    assert "<svg" in text
    assert "Consistent with the ledger." in text
    assert "just now" in text


def test_the_goods_are_told_in_words(stall: Stall, client: FlaskClient) -> None:
    text = page(client, f"/i/{stall.skins}")
    for words in ("Nile Crocodile", "Crocodylus niloticus", "skin", "12 pieces", "Zimbabwe"):
        assert words in text
    assert "ZW-NIL-26-000009" in text
    assert "ZW-NIL-26-000020" in text


def test_quantities_have_a_unit_and_the_comma_of_the_language(
    stall: Stall, client: FlaskClient
) -> None:
    assert "12.345 m³" in page(client, f"/i/{stall.timber}")
    assert "12,345 m³" in page(client, f"/i/{stall.timber}?lang=fr")


def test_a_hold_is_a_stop(stall: Stall, client: FlaskClient) -> None:
    assert band(page(client, f"/i/{stall.held}")) == ("stop", "control.held")


@pytest.mark.parametrize(
    ("lang", "innocent", "ends"),
    [
        ("en", "A false alarm.", "An officer&#39;s release lifts it."),
        ("fr", "Une fausse alerte.", "Une libération par un agent le lève."),
        ("es", "Una falsa alarma.", "Lo levanta la liberación de un agente."),
    ],
)
def test_a_finding_is_explained_and_names_its_cause_by_role_alone(
    stall: Stall, client: FlaskClient, lang: str, innocent: str, ends: str
) -> None:
    text = page(client, f"/i/{stall.held}?lang={lang}")
    found = text[text.index('<li class="finding"') :]
    found = found[: found.index("</li>")]
    assert innocent in found
    assert ends in found
    cause = {"en": "held by an officer · authority · Zimbabwe"}.get(lang, " · Zimbab")
    assert cause in found
    assert "zw-authority" not in text


def test_what_is_true_of_a_rule_is_said_at_its_first_finding() -> None:
    """Fifty findings of one rule were fifty times the same two paragraphs on a phone."""
    stall = build_stall(seed=23)
    tell(stall.world, "zw-authority", LotHeld({stall.held: Part()}, "and look again"))
    with stall.client() as client:
        page = client.get(f"/i/{stall.held}?lang=en", headers=HTML).get_data(as_text=True)
    assert page.count("<code>control.held</code>") == 2
    assert page.count("A false alarm.") == 1


def test_programs_of_a_closed_ledger_get_no_party_with_a_cause(stall: Stall) -> None:
    for is_open in (True, False):
        with stall.client(is_open=is_open) as client:
            plain = json_loads(client.get(f"/i/{stall.held}", headers=JSON).get_data())
        finding = next(f for f in plain["findings"] if f["rule"] == "control.held")
        assert finding["caused"]["role"] == "authority"
        assert finding["innocent"] == "A false alarm."
        assert ("party" in finding["caused"]) == is_open


def test_an_old_answer_is_never_shown_as_good() -> None:
    stall = build_stall(seed=11)
    client = stall.client()
    path = f"/i/{stall.finished}"
    assert band(page(client, path))[0] == "consistent"
    stall.world.clock.advance(25 * 3_600)
    assert band(page(client, path)) == ("check", "age.old")
    stall.world.clock.advance(7 * 86_400)
    assert band(page(client, path)) == ("cannot-tell", "age.stale")


def test_a_kept_page_gives_way_to_a_new_block() -> None:
    stall = build_stall(seed=12)
    client = stall.client()
    before = page(client, f"/i/{stall.finished}")
    stall.world.ledger.registrar.heartbeat()
    assert page(client, f"/i/{stall.finished}") != before


def test_timeline_tells_role_and_country_but_no_party(stall: Stall, client: FlaskClient) -> None:
    text = page(client, f"/i/{stall.skins}")
    assert "tannery" in text
    assert "harare-tannery" not in text
    assert "kariba-farm" not in text


def test_lineage_is_drawn_and_listed(stall: Stall, client: FlaskClient) -> None:
    text = page(client, f"/i/{stall.finished}")
    mother = format_code(parse_code(stall.skins))
    assert text.count(mother) == 2
    assert f'href="/i/{stall.skins}?lang=en"' in text


def test_a_closed_ledger_shows_no_other_code(stall: Stall) -> None:
    text = page(stall.client(is_open=False), f"/i/{stall.finished}")
    assert band(text)[0] == "consistent"
    assert format_code(parse_code(stall.skins)) not in text
    assert stall.skins not in text


def test_goods_that_left_say_how_in_words() -> None:
    stall = build_stall(seed=14)
    left = LotDeparted({stall.finished: Part()}, "retail")
    tell(stall.world, "harare-tannery", left)
    text = page(stall.client(), f"/i/{stall.finished}")
    assert band(text) == ("consistent", "lot.departed")
    assert "sold to the public." in text
    assert "vendues au public." in page(stall.client(), f"/i/{stall.finished}?lang=fr")


def test_a_mark_of_a_closed_ledger_does_not_give_the_code_away(stall: Stall) -> None:
    client, path = stall.client(is_open=False), f"/m/{TAGS.scheme}/ZW-NIL-26-000003"
    text = page(client, path)
    assert band(text)[0] == "consistent"
    for answer in (text, client.get(path, headers=JSON).get_data(as_text=True)):
        assert stall.finished not in answer
        assert format_code(parse_code(stall.finished)) not in answer


def test_checks_are_named_in_two_kinds_with_their_checkpoint(
    stall: Stall, client: FlaskClient
) -> None:
    text = page(client, f"/i/{stall.finished}")
    proved, stated = text.split("Stated by the closing")
    assert "lot.record" in proved
    assert "findings.open" in stated
    head = stall.stand.reader.moment().head
    assert head.root.hex() in stated
    assert f"<dd>{head.size}</dd>" in stated


def test_the_verdict_in_json_is_the_verdict_of_the_page(stall: Stall, client: FlaskClient) -> None:
    plain = json_loads(client.get(f"/i/{stall.held}", headers=JSON).get_data())
    assert (plain["verdict"], plain["reason"]) == ("stop", "control.held")
    assert plain["outcome"] == "verified"
    assert plain["code"] == format_code(parse_code(stall.held))


def test_a_linkset_names_card_bundle_and_checkpoint(stall: Stall, client: FlaskClient) -> None:
    response = client.get(f"/i/{stall.held}", headers={"Accept": "application/linkset+json"})
    assert response.mimetype == "application/linkset+json"
    (context,) = json_loads(response.get_data())["linkset"]
    assert [link["href"].rsplit("/", 1)[1] for link in context["item"]] == ["card", "bundle"]


def test_one_marked_piece_has_the_verdict_of_the_lot_that_claims_it(
    stall: Stall, client: FlaskClient
) -> None:
    text = page(client, f"/m/{TAGS.scheme}/ZW-NIL-26-000003")
    assert band(text) == ("consistent", "consistent")
    assert f'href="/i/{stall.finished}?lang=en"' in text
    assert band(page(client, f"/m/{TAGS.scheme}/ZW-NIL-26-999999", 404))[0] == "cannot-tell"


def test_unknown_codes_all_look_alike(client: FlaskClient) -> None:
    codes = [UNKNOWN, *(code_symbols(number) for number in (1, 77, 2**49, 2**50 - 1))]
    answers = [client.get(f"/i/{code}", headers=HTML) for code in codes]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.get_data() for answer in answers}) == 1
    assert len({str(answer.headers) for answer in answers}) == 1
    assert band(answers[0].get_data(as_text=True)) == ("cannot-tell", "lot.unknown")


def test_unknown_codes_take_the_same_steps(client: FlaskClient) -> None:
    near = [code_symbols(2**49 + n) for n in range(20)]
    far = [code_symbols(n * 7_919_171_771 % 2**50) for n in range(20)]

    def steps(code: str) -> int:
        """How many calls answering takes: what a stranger could measure as time."""
        made = 0

        def count(_frame: object, event: str, _what: object) -> None:
            nonlocal made
            made += event in ("call", "c_call")

        sys.setprofile(count)
        try:
            client.get(f"/i/{code}", headers=HTML)
        finally:
            sys.setprofile(None)
        return made

    steps(near[0])
    ones, others = ({steps(code) for code in codes} for codes in (near[1:], far[1:]))
    spread = max(ones | others) - min(ones | others)
    # How deep an empty place of the state map lies differs by a few steps.
    assert spread < 0.01 * min(ones)


@pytest.mark.parametrize(
    ("code", "reason"),
    [("51PB1X9SFP3K", "code.check"), ("51PB", "code.length"), ("51PB1X9SFP3U", "code.char")],
)
def test_a_misread_code_says_what_is_wrong(client: FlaskClient, code: str, reason: str) -> None:
    assert band(page(client, f"/i/{code}", 400)) == ("cannot-tell", reason)


def test_a_code_is_read_as_people_write_it(stall: Stall, client: FlaskClient) -> None:
    spelled = format_code(parse_code(stall.skins)).lower().replace("0", "o").replace("1", "l")
    assert band(page(client, f"/i/{spelled}"))[0] == "check"


def test_a_label_opens_the_page_of_its_lot(stall: Stall, client: FlaskClient) -> None:
    label = parse_label_url(stall.label)
    assert label.name == stall.skins
    assert band(page(client, f"/{label.kind}/{label.name}"))[0] == "check"


def test_a_container_sends_on_to_the_lots_inside() -> None:
    stall = build_stall(seed=13)
    packed = tell(stall.world, "harare-tannery", ContainerPacked((stall.skins,)))
    (code,) = codes_of(packed, 1)
    text = page(stall.client(), f"/i/{code}")
    assert band(text) == ("check", "lot.container")
    assert f"/i/{stall.skins}?lang=en" in text
    plain = json_loads(stall.client().get(f"/i/{code}", headers=JSON).get_data())
    assert (plain["verdict"], plain["lots"]) == ("check", [stall.skins])
    assert stall.skins not in page(stall.client(is_open=False), f"/i/{code}")


def test_a_document_is_shown_with_its_rows_and_lots(stall: Stall, client: FlaskClient) -> None:
    text = page(client, "/d/ZW/EXPORT-PERMIT/26ZW000123")
    for words in ("issued by its authority", "500 pieces", "2027-12-31", "Nile Crocodile"):
        assert words in text
    assert f"/i/{stall.skins}" in text
    assert re.search(r"days left: [0-9]+", text)
    assert re.search(r"Still covered</dt><dd>500 pieces", text)
    assert page(client, "/d/ZW/EXPORT-PERMIT/NONE", 404)
