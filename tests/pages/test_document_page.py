"""The page of a document: the verdict on its card, and that its issuer suspended it."""

from __future__ import annotations

import pytest
from stall import HTML, JSON, PERMIT, build_stall, tell

from ledger.custody.documents import DocumentCancelled, DocumentReinstated, DocumentSuspended
from ledger.custody.events import Event
from ledger.custody.parties import PartySuspended
from ledger.wire.text import format_code, parse_code


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "Suspended</dt><dd>{day} – until further notice"),
        ("fr", "Suspendu</dt><dd>{day} – jusqu'à nouvel ordre"),
        ("es", "Suspendido</dt><dd>{day} – hasta nuevo aviso"),
    ],
)
def test_an_inspector_reads_that_a_document_is_suspended(lang: str, words: str) -> None:
    stall = build_stall(seed=17)
    client = stall.client()
    path = f"/d/{PERMIT}?lang={lang}"
    kind = words.partition("<")[0]
    assert kind not in client.get(path, headers=HTML).get_data(as_text=True)
    tell(stall.world, "zw-authority", DocumentSuspended(PERMIT, "audit"))
    suspended = stall.stand.reader.document(PERMIT).state.suspended
    text = client.get(path, headers=HTML).get_data(as_text=True)
    assert words.format(day=suspended[0].from_day) in text
    assert 'data-status="suspended"' in text
    tell(stall.world, "zw-authority", DocumentReinstated(PERMIT, "closed"))
    text = client.get(path, headers=HTML).get_data(as_text=True)
    assert kind not in text
    assert 'data-status="issued"' in text


@pytest.mark.parametrize(
    ("event", "level", "reason", "words"),
    [
        (None, "consistent", "consistent", "CONSISTENT"),
        (
            DocumentCancelled(PERMIT, "in error"),
            "stop",
            "document.not-in-force",
            f"The document {PERMIT} is cancelled.",
        ),
        (DocumentSuspended(PERMIT, "audit"), "stop", "document.not-in-force", "is suspended."),
        (PartySuspended("zw-authority", "audit"), "check", "document.signer-suspended", "CHECK"),
    ],
    ids=["issued", "cancelled", "suspended", "issuer-suspended"],
)
def test_the_page_begins_with_the_verdict_on_the_documents_card(
    event: Event | None, level: str, reason: str, words: str
) -> None:
    stall = build_stall(seed=17)
    client = stall.client()
    if event is not None:
        by = "root" if isinstance(event, PartySuspended) else "zw-authority"
        tell(stall.world, by, event)
    text = client.get(f"/d/{PERMIT}?lang=en", headers=HTML).get_data(as_text=True)
    assert f'id="verdict" data-level="{level}" data-reason="{reason}"' in text
    assert words in text
    link = f"/api/v1/documents/{PERMIT}/card"
    assert f'href="{link}"' in text
    plain = client.get(f"/d/{PERMIT}", headers=JSON).get_json()["verdict"]
    card = client.get(link).get_data()
    posted = client.post("/api/v1/verify", data=card).get_json()
    assert posted["document"] == plain["document"] == PERMIT
    assert (posted["verdict"], posted["reason"]) == (plain["verdict"], plain["reason"])
    assert (plain["verdict"], plain["reason"]) == (level, reason)


def test_pages_tell_how_a_label_is_printed_while_somebody_signs_one() -> None:
    stall = build_stall(seed=19)
    with stall.client() as client:
        lot = client.get(f"/i/{stall.skins}?lang=en", headers=HTML).get_data(as_text=True)
        paper = client.get(f"/d/{PERMIT}?lang=en", headers=HTML).get_data(as_text=True)
        tell(stall.world, "zw-authority", DocumentCancelled(PERMIT, "in error"))
        gone = client.get(f"/d/{PERMIT}?lang=en", headers=HTML).get_data(as_text=True)
    code = format_code(parse_code(stall.skins))
    assert f"<small>ringmark label create {code}</small>" in lot
    assert f"<small>ringmark label create --document {PERMIT}</small>" in paper
    assert "label create" not in gone
