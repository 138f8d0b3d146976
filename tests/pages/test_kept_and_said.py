"""What is kept between readers is nobody's own; what a page says of an error is in its language."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from stall import HTML, JSON, Stall

from ledger.wire.text import json_loads
from web import answers
from web.answers import Kept


def test_a_kept_page_repeats_nothing_of_the_reader_before(
    stall: Stall, client: FlaskClient
) -> None:
    first = client.get(f"/i/{stall.skins}?lang=en&ref=someone-else", headers=HTML)
    second = client.get(f"/i/{stall.skins}?lang=en", headers=HTML)
    assert first.get_data() == second.get_data()
    assert b"someone-else" not in second.get_data()


def test_what_was_typed_stays_when_the_language_changes(client: FlaskClient) -> None:
    text = client.get("/find?code=zz&lang=en", headers=HTML).get_data(as_text=True)
    assert 'href="?code=zz&amp;lang=fr"' in text


def test_kept_pages_have_a_size_in_all(stall: Stall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "KEPT_BYTES_MAX", 10_000)
    kept, made = Kept(), []

    def page(n: int) -> bytes:
        made.append(n)
        return bytes([n]) * 4_000

    with stall.app().test_request_context("/"):
        for n in (1, 2, 3, 1, 1):
            assert kept.get((n,), lambda n=n: page(n)).get_data() == bytes([n]) * 4_000
    assert made == [1, 2, 3, 1]


@pytest.mark.parametrize(
    ("path", "status", "code", "french", "spanish"),
    [
        ("/m/TAG/0", 404, "mark.unknown", "pas de marque TAG/0", "no tiene la marca TAG/0"),
        ("/d/ZW/EXPORT/9", 404, "document.unknown", "pas de document", "no tiene el documento"),
        ("/waiting?country=QQ", 400, "request.country", "code de pays", "código de país"),
        ("/waiting?after=zz", 400, "finding.place", "liste de constats", "lista de hallazgos"),
        ("/waiting?section=x", 400, "request.parameter", "paramètre section", "parámetro section"),
        ("/photo", 405, "http.method-not-allowed", "genre de demande", "tipo de petición"),
    ],
)
def test_errors_on_pages_speak_the_language(
    client: FlaskClient, path: str, status: int, code: str, french: str, spanish: str
) -> None:
    mark = "&" if "?" in path else "?"
    for lang, words in (("fr", french), ("es", spanish)):
        answer = client.get(f"{path}{mark}lang={lang}", headers=HTML)
        text = answer.get_data(as_text=True)
        assert answer.status_code == status
        assert words in text
        assert f'data-reason="{code}"' in text
        assert "This " not in text


def test_details_of_checks_speak_the_language(stall: Stall, client: FlaskClient) -> None:
    text = client.get(f"/i/{stall.skins}?lang=fr", headers=HTML).get_data(as_text=True)
    assert "aucun témoin exigé" in text
    assert "concernent les marchandises" in text
    assert "reach the goods" not in text


def test_a_method_that_is_not_taken_names_those_that_are(client: FlaskClient) -> None:
    answer = client.post("/api/v1/ledger")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert json_loads(answer.get_data())["code"] == "http.method-not-allowed"


@pytest.mark.parametrize("subject", ["cow/x", "lot", "lots/x", ""])
def test_findings_of_a_kind_that_is_none(client: FlaskClient, subject: str) -> None:
    answer = client.get(f"/api/v1/findings?subject={subject}", headers=JSON)
    code = json_loads(answer.get_data()).get("code")
    expected = {"lot": (404, "lot.unknown"), "": (200, None)}
    assert (answer.status_code, code) == expected.get(subject, (400, "request.parameter"))


@pytest.mark.parametrize(
    ("method", "words"), [("GET", "Try again"), ("POST", "never counts twice")]
)
def test_a_fault_promises_no_more_than_is_known(stall: Stall, method: str, words: str) -> None:
    app = stall.app()

    @app.route("/broken", methods=["GET", "POST"])
    def broken() -> str:
        raise ZeroDivisionError

    answer = app.test_client().open("/broken", method=method, headers=HTML)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert words in text
    assert "Nothing was changed" not in text
