"""Every word of the pages in French and Spanish, and the compiled catalogues as committed."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask.testing import FlaskClient
from stall import HTML, Stall

from ledger.custody.events import EVENTS
from web.words import event_word

LANGUAGES = ("fr", "es")
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}


def catalogue(root: Path, lang: str) -> tuple[Catalog, bytes]:
    folder = root / "web" / "translations" / lang / "LC_MESSAGES"
    with (folder / "messages.po").open("rb") as file:
        return read_po(file, locale=lang), (folder / "messages.mo").read_bytes()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_compiled_catalogues_are_those_of_the_texts(project_root: Path, lang: str) -> None:
    catalog, compiled = catalogue(project_root, lang)
    made = io.BytesIO()
    write_mo(made, catalog)
    assert made.getvalue() == compiled


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_message_is_missing_or_empty(project_root: Path, lang: str) -> None:
    catalog, _ = catalogue(project_root, lang)
    used = {
        message if isinstance(message, str) else message[0]
        for _, _, message, _, _ in extract_from_dir(
            project_root / "web", method_map=METHODS, keywords=KEYWORDS
        )
    }
    missing = [key for key in used if key not in catalog or not catalog[key].string]
    assert missing == []
    assert [message.id for message in catalog if message.fuzzy] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_places_for_facts_are_the_same(project_root: Path, lang: str) -> None:
    catalog, _ = catalogue(project_root, lang)
    wrong = [message.id for message in catalog if message.id and list(message.check(catalog))]
    assert wrong == []


def test_pages_speak_the_language_asked_for(stall: Stall, client: FlaskClient) -> None:
    asked = client.get(f"/i/{stall.finished}?lang=fr", headers=HTML).get_data(as_text=True)
    preferred = client.get(
        f"/i/{stall.finished}", headers={**HTML, "Accept-Language": "es-MX,es;q=0.9,en;q=0.1"}
    ).get_data(as_text=True)
    assert '<html lang="fr">' in asked
    assert "COHÉRENT" in asked
    assert "Crocodile du Nil" in asked
    assert '<html lang="es">' in preferred
    assert "COHERENTE" in preferred


def test_every_event_of_a_lot_has_words(stall: Stall) -> None:
    families = ("Lot", "Transfer", "Container", "Document", "Custody")
    named = [name for name, _ in EVENTS if name.startswith(families)]
    with stall.app().test_request_context("/"):
        assert [name for name in named if event_word(name) == name] == []
