"""The scan page: what is typed, pasted or photographed leads to the right page, or says why not."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from stall import HTML, PERMIT, TAGS, Stall, altered, build_stall, tell

from ledger.custody.documents import DocumentIssued, DocumentRow, Paper
from ledger.printing import PHOTO_SIZE_MAX, draw_png
from ledger.wire.text import format_code, json_loads, parse_code


def find(client: FlaskClient, typed: str) -> tuple[int, str, str]:
    answer = client.get("/find", query_string={"code": typed, "lang": "en"}, headers=HTML)
    error = re.search(r'<p id="codeerr"[^>]*>([^<]*)</p>', answer.get_data(as_text=True))
    return answer.status_code, answer.headers.get("Location", ""), error[1] if error else ""


def send(client: FlaskClient, picture: bytes, accept: str = "text/html") -> Any:
    # Written by hand: for large files Werkzeug's own client leaves a temporary file open.
    head = b'--cut\r\nContent-Disposition: form-data; name="photo"; filename="label.png"\r\n\r\n'
    headers = {"Accept": accept, "Content-Type": "multipart/form-data; boundary=cut"}
    return client.post("/photo?lang=en", data=head + picture + b"\r\n--cut--\r\n", headers=headers)


def test_a_typed_code_mark_or_link_leads_to_its_page(stall: Stall, client: FlaskClient) -> None:
    code = format_code(parse_code(stall.skins))
    lot = f"/i/{stall.skins}?lang=en"
    assert find(client, f" {code.lower()} ") == (303, lot, "")
    assert find(client, f"http://localhost/i/{stall.skins}") == (303, lot, "")
    fragment = stall.label.partition("#")[2]
    assert find(client, stall.label) == (303, f"{lot}#{fragment}", "")
    mark = f"/m/{TAGS.scheme}/ZW-NIL-26-000003?lang=en"
    assert find(client, f"{TAGS.scheme}/ZW-NIL-26-000003") == (303, mark, "")
    assert find(client, "zw-nil-26-000003") == (303, mark, "")
    name = f"https://localhost/d/{PERMIT.replace('/', '%2F')}"
    assert find(client, name) == (303, f"/d/{PERMIT}?lang=en", "")


EN_DASH, NO_BREAK = "\u2013", "\u00a0"


@pytest.mark.parametrize(
    "change",
    [
        lambda code: code.replace("-", EN_DASH),
        lambda code: code.replace("-", "\u2011"),
        lambda code: code.replace("-", NO_BREAK),
        lambda code: code.replace("-", "\t"),
        lambda code: f"{code[:5]}\r\n{code[5:]}\n",
        lambda code: f"\ufeff{code}\u200b",
        lambda code: "".join(chr(ord(sign) + 0xFEE0) for sign in code),
        lambda code: f"Code {code}.",
        lambda code: f"code: {code.lower()}",
        lambda code: f"\u201c{code}\u201d,",
        lambda code: f"localhost/i/{code.replace('-', '')}",
        lambda code: f"https://localhost/i/\n{code.replace('-', '')}",
    ],
    ids=range(12),
)
def test_a_code_is_read_as_people_paste_it(stall: Stall, client: FlaskClient, change: Any) -> None:
    code = format_code(parse_code(stall.skins))
    assert find(client, change(code)) == (303, f"/i/{stall.skins}?lang=en", "")


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("zw nil 26 000003", "m/CITES-TAG/ZW-NIL-26-000003"),
        ("ZW\u2013NIL\u201326\u2013000003", "m/CITES-TAG/ZW-NIL-26-000003"),
        ("ZW-NIL-26-\u00ad000003\n", "m/CITES-TAG/ZW-NIL-26-000003"),
        ("cites-tag / ZW-NIL-26-000003", "m/CITES-TAG/ZW-NIL-26-000003"),
        ("26 zw 000123", f"d/{PERMIT}"),
        ("ZW / EXPORT-PERMIT / 26ZW000123", f"d/{PERMIT}"),
        ("zw export-permit 26ZW000123", f"d/{PERMIT}"),
        ("zw / export-permit / 26ZW000999", "d/ZW/EXPORT-PERMIT/26ZW000999"),
    ],
)
def test_marks_and_numbers_are_read_with_other_blanks(
    client: FlaskClient, typed: str, place: str
) -> None:
    assert find(client, typed) == (303, f"/{place}?lang=en", "")


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("26ZWOOO123", f"d/{PERMIT}"),
        ("ZW/EXPORT-PERMIT/26ZW000I23", f"d/{PERMIT}"),
        ("zw-nil-26-ooooo3", "m/CITES-TAG/ZW-NIL-26-000003"),
    ],
)
def test_letters_for_digits_are_a_question_and_never_taken_for_them(
    client: FlaskClient, typed: str, place: str
) -> None:
    """Goods that really bear an O bear another mark than the ledger's."""
    answer = client.get("/find", query_string={"code": typed, "lang": "en"}, headers=HTML)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 300
    assert 'data-level="cannot-tell" data-reason="mark.near"' in page
    assert f'href="/{place}?lang=en"' in page
    plain = client.get(
        "/find", query_string={"code": typed}, headers={"Accept": "application/json"}
    )
    assert json_loads(plain.get_data())["names"] == [place[2:]]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("51PB-1X9S-FP3K", "One letter or digit is wrong."),
        ("51PB", "A code has 12 letters and digits."),
        ("51PB-1X9S-FP3U", "That letter is never used in a code."),
        ("", "A code has 12 letters and digits."),
        ("https://localhost/elsewhere", "This is not one of our labels."),
        ("<b>?", "That letter is never used in a code."),
    ],
)
def test_what_is_wrong_is_said_at_the_field(client: FlaskClient, typed: str, words: str) -> None:
    status, _, error = find(client, typed)
    assert status == 400
    assert error.startswith(words)
    assert error


def test_a_link_to_another_website_is_a_stop(stall: Stall, client: FlaskClient) -> None:
    answer = client.get(
        "/find", query_string={"code": f"https://checker.example/i/{stall.skins}"}, headers=HTML
    )
    page = answer.get_data(as_text=True)
    assert 'data-level="stop" data-reason="label.foreign-host"' in page
    # It is an answer and no failure: the number 200 would read as "all is well".
    assert (answer.status_code, "200 ·" in page) == (200, False)


def test_damaged_digits_are_a_stop(stall: Stall, client: FlaskClient) -> None:
    answer = client.get("/find", query_string={"code": stall.label[:-1]}, headers=HTML)
    assert 'data-level="stop" data-reason="label.malformed"' in answer.get_data(as_text=True)


def test_a_photo_of_a_label_leads_to_its_lot(stall: Stall, client: FlaskClient) -> None:
    picture = draw_png(url=stall.label, code=format_code(parse_code(stall.skins)))
    place = f"/i/{stall.skins}?lang=en#{stall.label.partition('#')[2]}"
    answer = send(client, picture)
    assert answer.status_code == 303
    assert answer.headers["Location"] == place
    plain = json_loads(send(client, picture, "application/json").get_data())
    assert plain["location"] == place


def test_an_altered_label_is_a_stop_wherever_the_server_sees_it(
    stall: Stall, client: FlaskClient
) -> None:
    label = altered(stall.label)
    stop = 'data-level="stop" data-reason="label.altered"'
    typed = client.get("/find", query_string={"code": label}, headers=HTML)
    assert stop in typed.get_data(as_text=True)
    picture = draw_png(url=label, code="LABEL")
    assert stop in send(client, picture).get_data(as_text=True)
    plain = json_loads(send(client, picture, "application/json").get_data())
    assert plain == {"location": None, "reason": "label.altered"}


def test_a_photo_without_a_symbol_cannot_tell(client: FlaskClient) -> None:
    grey = io.BytesIO()
    Image.new("L", (64, 64), 128).save(grey, "PNG")
    text = send(client, grey.getvalue()).get_data(as_text=True)
    assert 'data-level="cannot-tell" data-reason="photo-unreadable"' in text
    other = draw_png(url="https://example.org/menu", code="MENU")
    text = send(client, other).get_data(as_text=True)
    assert 'data-level="cannot-tell" data-reason="not-a-label"' in text


def test_what_is_no_picture_is_refused(client: FlaskClient) -> None:
    assert send(client, b"GIF89a" + bytes(100)).status_code == 400
    assert client.post("/photo", headers=HTML).status_code == 200
    assert send(client, bytes(PHOTO_SIZE_MAX + 1)).status_code == 413
    assert send(client, bytes(PHOTO_SIZE_MAX + 200_000)).status_code == 413


def test_a_picture_that_unpacks_to_too_much_is_refused(client: FlaskClient) -> None:
    bomb = io.BytesIO()
    Image.new("1", (9_000, 9_000)).save(bomb, "PNG")
    assert len(bomb.getvalue()) < 100_000
    assert send(client, bomb.getvalue()).status_code == 413


def test_a_documents_label_leads_to_its_page_unless_it_is_false() -> None:
    stall, name = build_stall(seed=17), "ZW/EXPORT-PERMIT/26ZW000124"
    paper = Paper(rows=(DocumentRow("Crocodylus niloticus", "SKI", 40, "NAR", "R", "ZW"),))
    link = tell(stall.world, "zw-authority", DocumentIssued(name, paper)).labels[name]
    with stall.client() as client:
        place = f"/d/{name}?lang=en#{link.partition('#')[2]}"
        assert find(client, link) == (303, place, "")
        answer = client.get("/find", query_string={"code": altered(link)}, headers=HTML)
        unknown = link.replace("26ZW000124", "26ZW000999")
        assert find(client, unknown.partition("#")[0])[0] == 303
        moved = client.get("/find", query_string={"code": unknown}, headers=HTML)
    assert 'data-level="stop" data-reason="label.altered"' in answer.get_data(as_text=True)
    assert 'data-level="stop" data-reason="label.other-lot"' in moved.get_data(as_text=True)
