"""The page of a document that its issuer suspended."""

from __future__ import annotations

import pytest
from stall import HTML, PERMIT, build_stall, tell

from ledger.custody.documents import DocumentReinstated, DocumentSuspended


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
